/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether an image is needed by another domain, and what is not known of that. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/image-users.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "run-fixture.h"

/* Looks for other users of the image of vda. */
static bool
check (RunFixture *fixture, VckcError **err)
{
  VckcError *error = NULL;
  char *xml = vckc_domain_get_xml_desc (fixture->domain, 0, &error);
  g_autoptr (VckcDomainDef) def = xml != NULL ? vckc_domain_def_parse (xml, &error) : NULL;

  assert_ok (def != NULL, error);
  free (xml);
  return vckc_image_users_check (fixture->domain, def, "vda", fixture->disks[0].image, err);
}

static void
assert_free (RunFixture *fixture)
{
  VckcError *error = NULL;
  bool ok = check (fixture, &error);

  assert_ok (ok, error);
}

static void
assert_refused (RunFixture *fixture, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_false (check (fixture, &error));
  assert_error (error, code, part);
}

/* Another domain with that image. */
static void
define_other (RunFixture *fixture, const char *image, const char *format)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>other</name><uuid>8a6e0f4e-0000-4000-8000-000000000002</uuid>"
      "<memory>1</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'>"
      "<driver name='qemu' type='%s'/><source file='%s'/><target dev='sda'/></disk></devices>"
      "</domain>",
      format, image);
  VckcError *error = NULL;
  VckcDomain *other = vckc_domain_define_xml (fixture->connect, xml, &error);

  assert_ok (other != NULL, error);
  vckc_domain_unref (other, NULL);
}

/* Another domain whose disk is a volume of a pool. */
static void
define_volume (RunFixture *fixture)
{
  static const char xml[] =
      "<domain type='kvm'><name>other</name><uuid>8a6e0f4e-0000-4000-8000-000000000002</uuid>"
      "<memory>1</memory><os><type>hvm</type></os><devices><disk type='volume' device='disk'>"
      "<driver name='qemu' type='qcow2'/><source pool='p' volume='v'/><target dev='sda'/></disk>"
      "</devices></domain>";
  VckcError *error = NULL;
  VckcDomain *other = vckc_domain_define_xml (fixture->connect, xml, &error);

  assert_ok (other != NULL, error);
  vckc_domain_unref (other, NULL);
}

/* An image that is based on what has that name, which is not looked for. */
static char *
make_overlay (RunFixture *fixture, const char *name)
{
  char *overlay = g_build_filename (fixture->folder, "overlay.qcow2", NULL);
  const char *const create[] = { "qemu-img", "create", "-q",    "-u",    "-f", "qcow2", "-b",
                                 name,       "-F",     "qcow2", overlay, "1M", NULL };

  g_free (image_fixture_run (create));
  return overlay;
}

/* Each text has %s where the path of the image is. */
static void
test_needed (RunFixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "%s",
    "file:%s",
    "json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"file\", \"filename\": \"%s\"}}",
    ("json:{\"driver\": \"raw\", \"file\": {\"driver\": \"qcow2\", \"file\": {\"filename\": "
     "\"%s\"}}}"),
    "json:{\"driver\": \"qcow2\", \"file.driver\": \"file\", \"file.filename\": \"%s\"}",
    "json:{\"file\": {\"driver\": \"host_device\", \"filename\": \"%s\"}}",
  };
  g_autofree char *colon = g_build_filename (fixture->folder, "with:colon", NULL);
  g_autofree char *relative = g_path_get_basename (fixture->disks[0].image);
  const char *const others[] = { colon, relative };

  g_assert_cmpint (symlink (fixture->disks[0].image, colon), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names) + G_N_ELEMENTS (others); i++)
    {
      g_auto (GStrv) parts = i < G_N_ELEMENTS (names) ? g_strsplit (names[i], "%s", 2) : NULL;
      g_autofree char *name = parts != NULL ? g_strjoinv (fixture->disks[0].image, parts)
                                            : g_strdup (others[i - G_N_ELEMENTS (names)]);
      g_autofree char *overlay = make_overlay (fixture, name);

      define_other (fixture, overlay, "qcow2");
      assert_refused (fixture, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "also needed by disk 'sda' of domain 'other'");
    }
}

/* What is not there, on the network, or data of a guest. */
static void
test_free (RunFixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "/does/not/exist",
    "nbd://localhost/vda",
    "nbd:unix:/does/not/exist",
    ("json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"file\", \"filename\": "
     "\"/does/not/exist\"}}"),
    /* As libvirt writes it. */
    ("json:{\"driver\":\"raw\",\"file\":{\"driver\":\"rbd\",\"pool\":\"vms\",\"image\":\"base\","
     "\"server\":[{\"host\":\"ceph.example\",\"port\":\"6789\"}],\"user\":\"libvirt\"}}"),
    ("json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"nbd\",\"export\":\"vda\",\"server\":{"
     "\"type\":\"inet\",\"host\":\"localhost\",\"port\":\"10809\"}}}"),
    "json:{\"file.driver\": \"https\", \"file.url\": \"https://example.org/base.qcow2\"}",
    "json:{\"driver\": \"iscsi\", \"portal\": \"example.org:3260\", \"target\": \"iqn.x\", "
    "\"lun\": 0}",
  };
  g_autofree char *guest = NULL;

  assert_free (fixture);
  define_other (fixture, "/does/not/exist", "qcow2");
  assert_free (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *overlay = make_overlay (fixture, names[i]);

      define_other (fixture, overlay, "qcow2");
      assert_free (fixture);
    }
  guest = make_overlay (fixture, fixture->disks[0].image);
  define_other (fixture, guest, "raw");
  assert_free (fixture);
}

static void
test_unknown_name (RunFixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "blkdebug::/some/file",
    "json:{",
    "json:{\"driver\": \"qcow2\"}",
    "json:{\"driver\": \"qcow2\", \"file\": \"node\"}",
    "json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"file\", \"filename\": \"relative\"}}",
    "json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"vvfat\", \"filename\": \"/some/file\"}}",
    "json:{\"driver\": \"qcow2\", \"file.filename\": \"/some/file\", \"backing.driver\": \"raw\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *overlay = make_overlay (fixture, names[i]);

      define_other (fixture, overlay, "qcow2");
      assert_refused (fixture, VCKC_ERROR_CONFIG_UNSUPPORTED, "cannot find out whether the image");
    }
}

/* Images that are there, and cannot be read, at the top of a chain and in it. */
static void
test_unreadable (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *loop = g_build_filename (fixture->folder, "loop", NULL);
  g_autofree char *overlay = NULL;
  g_autofree char *content = NULL;
  gsize length;

  g_assert_cmpint (symlink (loop, loop), ==, 0);
  define_other (fixture, loop, "raw");
  assert_refused (fixture, VCKC_ERROR_SYSTEM_ERROR, "is needed by disk 'sda' of domain 'other'");
  overlay = make_overlay (fixture, loop);
  define_other (fixture, overlay, "qcow2");
  assert_refused (fixture, VCKC_ERROR_SYSTEM_ERROR, "is needed by disk 'sda' of domain 'other'");
  /* The length of the name that it is based on. */
  g_assert_true (g_file_get_contents (overlay, &content, &length, NULL));
  memset (content + 16, 0xff, 4);
  g_assert_true (g_file_set_contents (overlay, content, (gssize) length, NULL));
  assert_refused (fixture, VCKC_ERROR_OPERATION_FAILED, "does not say on what file");
}

/* --- volumes --- */

static const char *volume_path; /* (nullable) */

static bool
find_volume_cb (VckcConnect *connect,
                const char *pool,
                const char *volume,
                char **ret_path,
                VckcError **err)
{
  g_assert_cmpstr (pool, ==, "p");
  g_assert_cmpstr (volume, ==, "v");
  *ret_path = g_strdup (volume_path);
  return true;
}

static bool
find_no_volume_cb (VckcConnect *connect,
                   const char *pool,
                   const char *volume,
                   char **ret_path,
                   VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "no volume");
  return false;
}

static void
test_volume (RunFixture *fixture, gconstpointer data)
{
  const VckcDriver *usual = fixture->connect->driver;
  VckcDriver driver = *usual;
  g_autofree char *overlay = make_overlay (fixture, fixture->disks[0].image);

  define_volume (fixture);
  assert_refused (fixture, VCKC_ERROR_CONFIG_UNSUPPORTED, "the storage pool 'p', which is not");
  fixture->connect->driver = &driver;
  driver.connect_find_volume = find_no_volume_cb;
  assert_refused (fixture, VCKC_ERROR_SYSTEM_ERROR, "disk 'sda' of domain 'other': no volume");
  driver.connect_find_volume = find_volume_cb;
  volume_path = NULL;
  assert_free (fixture);
  volume_path = fixture->disks[0].image;
  assert_refused (fixture, VCKC_ERROR_CONFIG_UNSUPPORTED, "also needed by disk 'sda'");
  volume_path = overlay;
  assert_refused (fixture, VCKC_ERROR_CONFIG_UNSUPPORTED, "also needed by disk 'sda'");
  fixture->connect->driver = usual;
}

/* --- definitions that cannot be read --- */

static char *
get_broken_cb (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "broken");
  return NULL;
}

static char *
get_gone_cb (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "gone");
  return NULL;
}

static char *
get_malformed_cb (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  return strdup ("<domain>");
}

static void
test_definition (RunFixture *fixture, gconstpointer data)
{
  const VckcDriver *usual = fixture->connect->driver;
  VckcDriver driver = *usual;
  VckcError *error = NULL;
  char *xml = vckc_domain_get_xml_desc (fixture->domain, 0, &error);
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (xml, &error);
  const char *image = fixture->disks[0].image;
  bool ok;

  free (xml);
  define_other (fixture, "/does/not/exist", "qcow2");
  fixture->connect->driver = &driver;
  driver.domain_get_xml_desc = get_broken_cb;
  g_assert_false (vckc_image_users_check (fixture->domain, def, "vda", image, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "is needed by domain 'other': broken");
  error = NULL;
  driver.domain_get_xml_desc = get_malformed_cb;
  g_assert_false (vckc_image_users_check (fixture->domain, def, "vda", image, &error));
  assert_error (error, VCKC_ERROR_XML_ERROR, "is needed by domain 'other': ");
  error = NULL;
  driver.domain_get_xml_desc = get_gone_cb;
  ok = vckc_image_users_check (fixture->domain, def, "vda", image, &error);
  assert_ok (ok, error);
  fixture->connect->driver = usual;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/image-users/" name, RunFixture, GUINT_TO_POINTER (4),                   \
              run_fixture_set_up, function, run_fixture_tear_down)
  ADD ("needed", test_needed);
  ADD ("free", test_free);
  ADD ("unknown-name", test_unknown_name);
  ADD ("unreadable", test_unreadable);
  ADD ("volume", test_volume);
  ADD ("definition", test_definition);
  return g_test_run ();
}
