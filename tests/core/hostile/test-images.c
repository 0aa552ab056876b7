/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Images that are not what they were, or never were what they should be: what cannot work says
 * which disk and why and loses nothing; what can, works.
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../local/image-fixture.h"
#include "hostile-fixture.h"

static void
overwrite (const char *path, goffset offset, const char *bytes, gsize size)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, bytes, size, offset), ==, (gssize) size);
  close (fd);
}

static void
run (const char *const *argv)
{
  g_free (image_fixture_run (argv));
}

/* --- what becomes of the second disk's image --- */

static void
cut_to (const char *path, goffset size)
{
  g_assert_cmpint (truncate (path, size), ==, 0);
}

static void
make_empty (const char *path)
{
  cut_to (path, 0);
}

static void
cut_header (const char *path)
{
  cut_to (path, 50);
}

static void
cut_tables (const char *path)
{
  cut_to (path, 65536);
}

static void
break_magic (const char *path)
{
  overwrite (path, 0, "X", 1);
}

static void
break_cluster_size (const char *path)
{
  overwrite (path, 20, "\xff\xff\xff\xff", 4);
}

/* The tables of the image begin beyond its end. */
static void
break_table_offset (const char *path)
{
  overwrite (path, 40, "\x7f\xff\xff\xff\xff\xff\x00\x00", 8);
}

/* The list of bitmaps is somewhere else. */
static void
break_everything_behind_header (const char *path)
{
  g_autofree char *noise = g_malloc (4 << 20);
  g_autoptr (GRand) random = g_rand_new_with_seed (20240607);

  for (gsize i = 0; i < 4 << 20; i++)
    noise[i] = (char) g_rand_int (random);
  overwrite (path, 512, noise, 4 << 20);
}

static void
mark_corrupt (const char *path)
{
  overwrite (path, 79, "\x02", 1);
}

static void
make_raw (const char *path)
{
  const char *const argv[] = { "qemu-img", "create", "-q", "-f", "raw", "--", path, "64M", NULL };

  run (argv);
}

static void
make_other_format (const char *path)
{
  const char *const argv[] = { "qemu-img", "create", "-q", "-f", "vmdk", "--", path, "64M", NULL };

  g_unlink (path);
  run (argv);
}

static void
make_version_2 (const char *path)
{
  const char *const argv[] = { "qemu-img",    "create", "-q", "-f",  "qcow2", "-o",
                               "compat=0.10", "--",     path, "64M", NULL };

  run (argv);
}

static void
make_encrypted (const char *path)
{
  image_fixture_make_encrypted (path, "64M");
}

static void
make_folder (const char *path)
{
  g_unlink (path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
make_fifo (const char *path)
{
  g_unlink (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
make_loop (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  g_unlink (path);
  g_assert_cmpint (symlink (name, path), ==, 0);
}

static void
take_away (const char *path)
{
  g_unlink (path);
}

typedef struct
{
  const char *name;
  void (*spoil) (const char *path);
} BadImage;

static const BadImage bad_images[] = {
  { "empty", make_empty },
  { "cut-header", cut_header },
  { "cut-tables", cut_tables },
  { "magic", break_magic },
  { "cluster-size", break_cluster_size },
  { "table-offset", break_table_offset },
  { "noise", break_everything_behind_header },
  { "marked-corrupt", mark_corrupt },
  { "raw", make_raw },
  { "other-format", make_other_format },
  { "version-2", make_version_2 },
  { "encrypted", make_encrypted },
  { "folder", make_folder },
  { "fifo", make_fifo },
  { "loop", make_loop },
  { "gone", take_away },
};

/* --- what must hold --- */

static bool
image_has_bitmap (const char *image, const char *name)
{
  const char *const argv[] = { "qemu-img", "info", "--", image, NULL };
  g_autofree char *info = image_fixture_run (argv);
  g_autofree char *line = g_strdup_printf ("name: %s\n", name);

  return strstr (info, line) != NULL;
}

/* The error names the disk or its image, and everything stays as it was. */
static void
assert_cannot_create (HostileFixture *fixture)
{
  g_autofree char *xml = hostile_checkpoint_xml ("after");
  g_autofree char *list = NULL;
  VckcError *error = NULL;

  g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error));
  g_assert_nonnull (error);
  assert_refused (error, vckc_error_get_code (error), 0, "'vdb'");
  list = hostile_list (fixture->domain);
  g_assert_cmpstr (list, ==, "before");
  g_assert_true (image_has_bitmap (fixture->images[0], "before"));
  g_assert_false (image_has_bitmap (fixture->images[0], "after"));
}

/* Deleting for good cannot be done to the last; forgetting can. */
static void
assert_can_be_left (HostileFixture *fixture)
{
  g_autoptr (VckcDomainCheckpoint) before =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "before", 0, NULL);
  g_autofree char *list = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_checkpoint_delete (before, 0, &error), ==, -1);
  g_assert_nonnull (error);
  assert_refused (error, vckc_error_get_code (error), 0, "'vdb'");
  g_assert_true (image_has_bitmap (fixture->images[0], "before"));
  list = hostile_list (fixture->domain);
  g_assert_cmpstr (list, ==, "before");
  g_assert_cmpint (
      vckc_domain_checkpoint_delete (before, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, NULL), ==, 0);
}

/* The other disk goes on being tracked. */
static void
assert_other_disk_works (HostileFixture *fixture)
{
  VckcError *error = NULL;

  vckc_object_unref (vckc_domain_checkpoint_create_xml (
      fixture->domain,
      "<domaincheckpoint><name>other</name><disks><disk name='vda'/></disks></domaincheckpoint>", 0,
      &error));
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_true (image_has_bitmap (fixture->images[0], "other"));
}

static void
test_bad_image (HostileFixture *fixture, gconstpointer data)
{
  const BadImage *image = data;
  g_autofree char *findings = NULL;

  hostile_create (fixture, "before");
  image->spoil (fixture->images[1]);
  assert_cannot_create (fixture);
  findings = hostile_verify (fixture->domain);
  g_test_message ("findings '%s'", findings);
  g_assert_nonnull (strstr (findings, ":before:vdb"));
  g_assert_null (strstr (findings, ":vda"));
  assert_can_be_left (fixture);
  assert_other_disk_works (fixture);
}

/* --- odd, but good --- */

static void
assert_works (HostileFixture *fixture)
{
  g_autofree char *findings = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;

  hostile_create (fixture, "one");
  hostile_create (fixture, "two");
  findings = hostile_verify (fixture->domain);
  g_assert_cmpstr (findings, ==, "");
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, NULL), ==, 0);
  g_assert_false (image_has_bitmap (fixture->images[1], "one"));
  g_assert_true (image_has_bitmap (fixture->images[1], "two"));
}

static void
test_sparse (HostileFixture *fixture, gconstpointer data)
{
  const char *const argv[] = { "qemu-img", "create",           "-q", "-f", "qcow2",
                               "--",       fixture->images[1], "8T", NULL };

  run (argv);
  assert_works (fixture);
}

static void
test_backing_file (HostileFixture *fixture, gconstpointer data)
{
  g_autofree char *base = image_fixture_make_image (fixture->folder, "base.qcow2", NULL);
  const char *const argv[] = {
    "qemu-img", "create",           "-q", "-f", "qcow2", "-F", "qcow2", "-b", base,
    "--",       fixture->images[1], NULL
  };

  run (argv);
  assert_works (fixture);
}

/* Whose backing file is gone: that is about what the guest reads, not about its bitmaps. */
static void
test_backing_file_gone (HostileFixture *fixture, gconstpointer data)
{
  const char *const argv[] = { "qemu-img", "create",
                               "-q",       "-u",
                               "-f",       "qcow2",
                               "-F",       "qcow2",
                               "-b",       "/nonexistent/base",
                               "--",       fixture->images[1],
                               "64M",      NULL };

  run (argv);
  hostile_create (fixture, "one");
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
}

/* A name that other programs would take for options, a protocol or JSON. */
static void
test_odd_paths (HostileFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "json:{}", "nbd:x,y", "-f raw", "a b\"'\\,=%.qcow2", "ä" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);
      g_autofree char *escaped = g_markup_escape_text (path, -1);
      g_autofree char *xml = g_strdup_printf (
          "<domain><name>odd%u</name><devices><disk type='file'><driver type='qcow2'/>"
          "<source file='%s'/><target dev='vda'/></disk></devices></domain>",
          (guint) i, escaped);
      g_autoptr (VckcDomain) domain = NULL;
      VckcError *error = NULL;

      g_assert_cmpint (g_rename (fixture->images[1], path), ==, 0);
      domain = vckc_domain_define_xml (fixture->connect, xml, &error);
      vckc_object_unref (
          vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint/>", 0, &error));
      if (error != NULL)
        g_error ("%s", vckc_error_get_message (error));
      g_assert_cmpint (g_rename (path, fixture->images[1]), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_images); i++)
    {
      g_autofree char *path = g_strconcat ("images/", bad_images[i].name, NULL);

      hostile_add_local_test (path, test_bad_image, &bad_images[i]);
    }
  hostile_add_local_test ("images/sparse", test_sparse, NULL);
  hostile_add_local_test ("images/backing-file", test_backing_file, NULL);
  hostile_add_local_test ("images/backing-file-gone", test_backing_file_gone, NULL);
  hostile_add_local_test ("images/odd-paths", test_odd_paths, NULL);
  return g_test_run ();
}
