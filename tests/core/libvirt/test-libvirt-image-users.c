/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether domains of libvirt need an image: as a volume of a pool, or from their next start on. */

#include <stdlib.h>

#include <glib/gstdio.h>

#include "../local/assert-error.h"
#include "backup/image-users.h"
#include "libvirt-fixture.h"

#define OWN_UUID "11111111-2222-3333-4444-666666666666"

typedef struct
{
  char *folder;
  char *image; /* of the disk vda of `own` */
  VckcDomain *own;
  VckcDomainDef *def;
} Image;

static void
image_init (Image *self, LibvirtFixture *fixture)
{
  VckcError *error = NULL;
  g_autofree char *xml = NULL;

  self->folder = g_dir_make_tmp ("vck-users-XXXXXX", NULL);
  self->image = g_build_filename (self->folder, "image", NULL);
  g_assert_true (g_file_set_contents (self->image, "data", -1, NULL));
  xml = g_strdup_printf ("<domain type='test'><name>own</name><uuid>" OWN_UUID
                         "</uuid><memory>1024</memory>"
                         "<os><type>hvm</type></os><devices><disk type='file'><source file='%s'/>"
                         "<target dev='vda'/></disk></devices></domain>",
                         self->image);
  self->own = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (self->own != NULL, error);
  self->def = vckc_domain_def_parse (xml, &error);
  assert_ok (self->def != NULL, error);
}

static void
image_clear (Image *self)
{
  VckcError *error = NULL;
  bool ok = vckc_domain_undefine (self->own, 0, &error) == 0;

  assert_ok (ok, error);
  vckc_domain_unref (self->own, NULL);
  vckc_domain_def_unref (self->def);
  g_unlink (self->image);
  g_rmdir (self->folder);
  g_free (self->image);
  g_free (self->folder);
}

/* `user`: the only disk that needs the image; NULL for none */
static void
assert_user (const Image *image, const char *user)
{
  g_autofree char *found = NULL;
  VckcError *error = NULL;
  bool ok = vckc_image_users_find (image->own, image->def, "vda", image->image, &found, &error);

  assert_ok (ok, error);
  g_assert_cmpstr (found, ==, user);
}

/* From its next start the domain `t`, which runs, has another disk. */
static void
define_disk (LibvirtFixture *fixture, const char *type, const char *source)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='test'><name>t</name><uuid>" TEST_DOMAIN_UUID "</uuid><memory>1024</memory>"
      "<os><type>hvm</type></os><devices><disk type='%s'><source %s/><target dev='vdc'/></disk>"
      "</devices></domain>",
      type, source);
  virDomainPtr domain = virDomainDefineXML (fixture->conn, xml);

  g_assert_nonnull (domain);
  g_assert_cmpint (virDomainIsActive (domain), ==, 1);
  virDomainFree (domain);
}

static void
test_next_start (LibvirtFixture *fixture, gconstpointer unused)
{
  Image image;
  g_autofree char *source = NULL;

  image_init (&image, fixture);
  assert_user (&image, NULL);
  source = g_strdup_printf ("file='%s'", image.image);
  define_disk (fixture, "file", source);
  assert_user (&image, "disk 'vdc' of domain 't'");
  image_clear (&image);
}

static virStoragePoolPtr
make_pool (LibvirtFixture *fixture, const char *folder)
{
  g_autofree char *xml = g_strdup_printf (
      "<pool type='dir'><name>users</name><target><path>%s</path></target></pool>", folder);
  virStoragePoolPtr pool = virStoragePoolCreateXML (fixture->conn, xml, 0);
  virStorageVolPtr volume =
      virStorageVolCreateXML (pool, "<volume><name>image</name><capacity>1</capacity></volume>", 0);

  g_assert_nonnull (volume);
  virStorageVolFree (volume);
  return pool;
}

static void
test_volume (LibvirtFixture *fixture, gconstpointer unused)
{
  virStoragePoolPtr pool;
  g_autofree char *found = NULL;
  VckcError *error = NULL;
  Image image;

  image_init (&image, fixture);
  define_disk (fixture, "volume", "pool='users' volume='image'");
  g_assert_false (vckc_image_users_find (image.own, image.def, "vda", image.image, &found, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot find out whether the image '");
  pool = make_pool (fixture, image.folder);
  assert_user (&image, "disk 'vdc' of domain 't'");
  define_disk (fixture, "network", "protocol='nbd' name='x'");
  assert_user (&image, NULL);
  g_assert_cmpint (virStoragePoolDestroy (pool), ==, 0);
  virStoragePoolFree (pool);
  image_clear (&image);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-image-users/next-start", test_next_start);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-image-users/volume", test_volume);
  return g_test_run ();
}
