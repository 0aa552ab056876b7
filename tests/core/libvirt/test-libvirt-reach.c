/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is found out of a domain and its images: the user that QEMU runs as, and how large a disk
 * is. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "drivers/libvirt/methods/libvirt-route.h"
#include "drivers/libvirt/probe/libvirt-reach.h"
#include "libvirt-fixture.h"

/* --- the user --- */

#define LABEL "<seclabel type='dynamic' model='dac'><label>+64055:+108</label></seclabel>"

/* Who owns the files a (of a cdrom), b and c (of disks). */
#define USER_A 1
#define USER_B 2
#define USER_C 3

/* The user that the program seems to run as. */
static uid_t program_user;

/* Replaces the C library's. */
uid_t
geteuid (void)
{
  return program_user;
}

/* Replaces the C library's: files have the owners above, which only root could give them. */
int
stat (const char *restrict path, struct stat *restrict status)
{
  const int result = fstatat (AT_FDCWD, path, status, 0);

  if (g_str_has_suffix (path, "/a"))
    status->st_uid = USER_A;
  else if (g_str_has_suffix (path, "/b"))
    status->st_uid = USER_B;
  else if (g_str_has_suffix (path, "/c"))
    status->st_uid = USER_C;
  return result;
}

/* With a label anyone finds the user, without one only root: else it is not known. */
typedef struct
{
  const char *label;
  const char *target;
  gint64 expected;
} UserCase;

static const UserCase users[] = {
  { LABEL, NULL, 64055 }, { LABEL, "vdc", 64055 }, { "", NULL, USER_B },  { "", "vdb", USER_B },
  { "", "vdc", USER_C },  { "", "sda", USER_B },   { "", "vdd", USER_B }, { "", "none", USER_B },
};

static void
make_file (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_true (g_file_set_contents (path, "1234", -1, NULL));
}

static VckcDomainDef *
make_domain (const char *dir, const char *label)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='qemu'><name>t</name><memory>1024</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='cdrom'><source file='%s/a'/><target dev='sda'/></disk>"
      "<disk type='file'><source file='%s/b'/><target dev='vdb'/></disk>"
      "<disk type='file'><source file='%s/c'/><target dev='vdc'/></disk>"
      "<disk type='block'><source dev='/dev/null'/><target dev='vdd'/></disk>"
      "</devices>%s</domain>",
      dir, dir, dir, label);
  VckcDomainDef *def = vckc_domain_def_parse (xml, NULL);

  g_assert_nonnull (def);
  return def;
}

static void
remove_file (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
assert_users (const char *dir, bool is_root)
{
  for (gsize i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_autoptr (VckcDomainDef) def = make_domain (dir, users[i].label);
      const bool is_known = is_root || users[i].label[0] != '\0';

      g_test_message ("%s, %s", users[i].label, users[i].target);
      g_assert_cmpint (vckc_libvirt_find_user (def, users[i].target), ==,
                       is_known ? users[i].expected : -1);
    }
}

/* The owner of a read-only image is not QEMU's user, and each disk may have another owner. */
static void
test_user (gconstpointer user)
{
  static const char *const files[] = { "a", "b", "c" };
  const uid_t before = program_user;
  g_autofree char *dir = g_dir_make_tmp ("vck-reach-XXXXXX", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    make_file (dir, files[i]);
  program_user = GPOINTER_TO_UINT (user);
  assert_users (dir, program_user == 0);
  program_user = before;
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    remove_file (dir, files[i]);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

/* --- the size --- */

#define CAPACITY ((guint64) 1 << 40)

/* Replaces libvirt's function: a large disk in an image that holds tables only, as with a data file
 * or compressed clusters. */
int
virDomainGetBlockInfo (virDomainPtr domain,
                       const char *disk,
                       virDomainBlockInfoPtr info,
                       unsigned int flags)
{
  g_assert_cmpstr (disk, ==, "vda");
  *info = (virDomainBlockInfo){ .capacity = CAPACITY, .allocation = 65536, .physical = 196616 };
  return 0;
}

/* No less than a full copy can have. */
static void
test_size (LibvirtFixture *fixture, gconstpointer unused)
{
  guint64 virtual_size = 0;
  guint64 allocated = 0;

  g_assert_true (
      vckc_libvirt_domain_measure_disk (fixture->domain, "vda", &virtual_size, &allocated, NULL));
  g_assert_cmpuint (virtual_size, ==, CAPACITY);
  g_assert_cmpuint (allocated, ==, CAPACITY);
}

int
main (int argc, char **argv)
{
  program_user = getuid ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/vck/libvirt-reach/user/root", GUINT_TO_POINTER (0), test_user);
  g_test_add_data_func ("/vck/libvirt-reach/user/other", GUINT_TO_POINTER (1000), test_user);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-reach/size", test_size);
  return g_test_run ();
}
