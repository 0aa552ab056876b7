/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Verifying, pruning and mounting through the public functions. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup-fixture.h"
#include "backup/backup-handles.h"
#include "image-fixture.h"
#include "qemu/qcow2-check.h"
#include "vckc.h"

#define MIB G_GUINT64_CONSTANT (1048576)

typedef struct
{
  BackupFixture base;
  VckcRepository *repository;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  backup_fixture_set_up (&fixture->base, data);
  fixture->repository = vckc_repository_open (fixture->base.path, 0, &error);
  assert_ok (fixture->repository != NULL, error);
  backup_fixture_add_chain (&fixture->base, 3);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_object_unref (fixture->repository);
  backup_fixture_tear_down (&fixture->base, data);
}

/* What is found, as "KIND BACKUP DISK" per line, where a backup is its number. */
static char *
verify (Fixture *fixture, unsigned int flags)
{
  VckcBackupFinding **findings;
  VckcError *error = NULL;
  int n = vckc_repository_verify (fixture->repository, NULL, &findings, flags, &error);
  GString *text = g_string_new (NULL);

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      const char *disk = vckc_backup_finding_get_disk (findings[i], NULL);
      guint number = 0;

      while (!g_str_equal (backup_fixture_get_id (&fixture->base, number),
                           vckc_backup_finding_get_backup (findings[i], NULL)))
        number++;
      g_assert_nonnull (vckc_backup_finding_get_message (findings[i], NULL));
      g_assert_cmpstr (vckc_backup_finding_get_domain_uuid (findings[i], NULL), ==, FIXTURE_DOMAIN);
      g_string_append_printf (text, "%d %u %s\n",
                              (int) vckc_backup_finding_get_kind (findings[i], NULL), number,
                              disk != NULL ? disk : "-");
      vckc_object_unref (findings[i]);
    }
  free (findings);
  return g_string_free (text, FALSE);
}

static void
assert_found (Fixture *fixture, unsigned int flags, const char *wanted)
{
  g_autofree char *found = verify (fixture, flags);

  g_assert_cmpstr (found, ==, wanted);
}

static char *
image_path (Fixture *fixture, guint i)
{
  return backup_fixture_make_path (&fixture->base, backup_fixture_get_id (&fixture->base, i),
                                   "vda.qcow2");
}

static void
patch (const char *path, off_t offset, const void *bytes, gsize size)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, bytes, size, offset), ==, (gssize) size);
  close (fd);
}

/* Checksums are added by the first look, and compared by later ones. */
static void
test_checksum (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = image_path (fixture, 1);
  g_autoptr (VckcBackupList) before = backup_fixture_load (&fixture->base);
  g_autoptr (VckcBackupList) after = NULL;
  struct stat info;

  assert_found (fixture, VCKC_REPOSITORY_VERIFY_FAST, "");
  assert_found (fixture, 0, "");
  after = backup_fixture_load (&fixture->base);
  for (guint i = 0; i < 3; i++)
    {
      const VckcBackupEntry *old = g_ptr_array_index (before->entries, i);
      const VckcBackupEntry *new = g_ptr_array_index (after->entries, i);
      g_autofree char *file = image_path (fixture, i);
      g_autofree char *sum = image_fixture_run ((const char *const[]){ "sha256sum", file, NULL });

      g_assert_null (vckc_manifest_find_disk (old->manifest, "vda")->sha256);
      g_assert_true (
          g_str_has_prefix (sum, vckc_manifest_find_disk (new->manifest, "vda")->sha256));
    }
  g_assert_cmpint (stat (path, &info), ==, 0);
  patch (path, info.st_size - 1, "\x55", 1);
  assert_found (fixture, VCKC_REPOSITORY_VERIFY_FAST, "");
  assert_found (fixture, 0, "4 1 vda\n");
}

static void
test_faults (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = image_path (fixture, 0);
  g_autofree char *last = image_path (fixture, 2);
  g_autofree char *partial =
      g_strdup_printf ("%s/%s/.%s.partial", fixture->base.path, FIXTURE_DOMAIN,
                       backup_fixture_get_id (&fixture->base, 0));

  g_assert_cmpint (g_mkdir (partial, 0700), ==, 0);
  assert_found (fixture, 0, "7 0 -\n");
  g_assert_cmpint (g_rmdir (partial), ==, 0);
  g_assert_cmpint (truncate (last, 70000), ==, 0);
  assert_found (fixture, 0, "3 2 vda\n");
  backup_fixture_edit_manifest (&fixture->base, backup_fixture_get_id (&fixture->base, 1),
                                "\"kind\"", "\"sort\"");
  assert_found (fixture, 0, "1 1 -\n2 2 vda\n");
  g_assert_cmpint (g_unlink (first), ==, 0);
  assert_found (fixture, VCKC_REPOSITORY_VERIFY_FAST, "3 0 vda\n1 1 -\n2 2 vda\n");
}

/* An L2 table that refers to a cluster twice, or behind the end. */
static void
test_content (Fixture *fixture, gconstpointer data)
{
  const guint8 far[8] = { 0x80, 0, 0, 0x10, 0, 0, 0, 0 };
  const FixtureDisk disk = { "vda", MIB, 65536, NULL };
  g_autofree char *path = NULL;
  g_autofree char *fault = NULL;
  guint8 entry[8];
  VckcError *error = NULL;
  off_t l2;
  int fd;
  bool ok;

  backup_fixture_add (&fixture->base, &disk, 1);
  path = image_path (fixture, 3);
  image_fixture_write (path, 0, MIB);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  ok = vckc_qcow2_check (fd, path, &fault, &error);
  assert_ok (ok, error);
  g_assert_null (fault);
  /* The L1 table is the fourth cluster; it has the offset of the L2 table. */
  g_assert_cmpint (pread (fd, entry, sizeof entry, 3 * 65536), ==, sizeof entry);
  patch (path, (off_t) entry[5] << 16, far, sizeof far);
  g_assert_true (vckc_qcow2_check (fd, path, &fault, &error));
  g_assert_nonnull (strstr (fault, "is behind the end of the file"));
  g_clear_pointer (&fault, g_free);
  l2 = (off_t) entry[5] << 16;
  g_assert_cmpint (pread (fd, entry, sizeof entry, l2 + 8), ==, sizeof entry);
  patch (path, l2, entry, sizeof entry);
  g_assert_true (vckc_qcow2_check (fd, path, &fault, &error));
  g_assert_nonnull (strstr (fault, "is used twice"));
  close (fd);
}

static void
test_other_images (Fixture *fixture, gconstpointer data)
{
  static const char *const options[] = { "cluster_size=512",   "cluster_size=2M",
                                         "refcount_bits=64",   "extended_l2=on,cluster_size=64k",
                                         "preallocation=full", "compression_type=zlib" };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autofree char *path =
          image_fixture_make_image (fixture->base.folder, "other.qcow2", options[i]);
      g_autofree char *fault = NULL;
      VckcError *error = NULL;
      int fd;
      bool ok;

      image_fixture_write (path, 3 * MIB + 512, 5 * MIB);
      fd = open (path, O_RDONLY | O_CLOEXEC);
      ok = vckc_qcow2_check (fd, path, &fault, &error);
      assert_ok (ok, error);
      g_assert_cmpstr (fault, ==, NULL);
      close (fd);
    }
}

static void
test_prune (Fixture *fixture, gconstpointer data)
{
  VckcPruneDecision **decisions;
  VckcError *error = NULL;
  int n;

  for (guint dry = 0; dry < 2; dry++)
    {
      n = vckc_repository_prune (fixture->repository, FIXTURE_DOMAIN, 2, 0, 0, &decisions,
                                 dry == 0 ? VCKC_PRUNE_DRY_RUN : 0, &error);
      assert_ok (n == 3, error);
      for (int i = 0; i < n; i++)
        {
          g_assert_cmpstr (vckc_prune_decision_get_backup (decisions[i], NULL), ==,
                           backup_fixture_get_id (&fixture->base, (guint) i));
          g_assert_true (vckc_prune_decision_is_kept (decisions[i], NULL) == (i > 0));
          g_assert_nonnull (vckc_prune_decision_get_reason (decisions[i], NULL));
          vckc_object_unref (decisions[i]);
        }
      free (decisions);
      g_assert_cmpuint (backup_fixture_check (&fixture->base), ==, dry == 0 ? 3 : 2);
    }
  assert_found (fixture, 0, "");
}

static void
test_prune_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) read_only =
      vckc_repository_open (fixture->base.path, VCKC_REPOSITORY_READ_ONLY, NULL);
  VckcPruneDecision **decisions;
  VckcError *error = NULL;

  g_assert_cmpint (
      vckc_repository_prune (fixture->repository, FIXTURE_DOMAIN, 0, 0, 0, &decisions, 0, &error),
      ==, -1);
  assert_error (error, VCKC_ERROR_INVALID_ARG, "no rule says which backups");
  error = NULL;
  g_assert_cmpint (
      vckc_repository_prune (fixture->repository, FIXTURE_DOMAIN, 0, 0, -1, &decisions, 0, &error),
      ==, -1);
  assert_error (error, VCKC_ERROR_INVALID_ARG, "keep_within is negative");
  error = NULL;
  g_assert_cmpint (
      vckc_repository_prune (read_only, FIXTURE_DOMAIN, 1, 0, 0, &decisions, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_DENIED, "was opened to be read only");
}

static VckcMount *
mount (Fixture *fixture, guint i, const char *socket)
{
  VckcError *error = NULL;
  VckcBackup *backup = vckc_repository_lookup_backup (
      fixture->repository, FIXTURE_DOMAIN, backup_fixture_get_id (&fixture->base, i), &error);
  VckcMount *mounted;

  assert_ok (backup != NULL, error);
  mounted = vckc_repository_mount (fixture->repository, backup, socket, &error);
  assert_ok (mounted != NULL, error);
  vckc_object_unref (backup);
  return mounted;
}

static void
assert_served (Fixture *fixture, guint i, const char *socket)
{
  g_autofree char *raw = g_build_filename (fixture->base.folder, "nbd.raw", NULL);
  g_autofree char *uri = g_strdup_printf ("nbd+unix:///vda?socket=%s", socket);
  const char *const argv[] = { "qemu-img", "convert", "-f", "raw", "-O", "raw", uri, raw, NULL };
  g_autofree char *key = g_strdup_printf ("%s/vda", backup_fixture_get_id (&fixture->base, i));
  g_autofree char *hash = NULL;

  g_free (image_fixture_run (argv));
  hash = backup_fixture_hash_image (&fixture->base, raw, "raw");
  g_assert_cmpstr (hash, ==, g_hash_table_lookup (fixture->base.hashes, key));
}

static gpointer
mount_in_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *socket = g_build_filename (fixture->base.folder, "b", NULL);

  return mount (fixture, 2, socket);
}

/* Several at once, also while their images are merged and removed, and of threads that ended. */
static void
test_mount (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = g_build_filename (fixture->base.folder, "a", NULL);
  g_autofree char *second = g_build_filename (fixture->base.folder, "b", NULL);
  VckcMount *a = mount (fixture, 0, first);
  VckcMount *b = g_thread_join (g_thread_new ("mounts", mount_in_thread, fixture));
  VckcPruneDecision **decisions;
  VckcError *error = NULL;
  struct stat info;
  int n;

  g_assert_cmpstr (vckc_mount_get_socket (a, NULL), ==, first);
  g_assert_cmpint (stat (first, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
  n = vckc_repository_prune (fixture->repository, FIXTURE_DOMAIN, 1, 0, 0, &decisions, 0, &error);
  assert_ok (n == 3, error);
  while (n > 0)
    vckc_object_unref (decisions[--n]);
  free (decisions);
  assert_served (fixture, 0, first);
  assert_served (fixture, 2, second);
  g_assert_cmpint (vckc_mount_close (a, &error), ==, 0);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_cmpint (vckc_mount_close (a, &error), ==, 0);
  vckc_object_unref (a);
  assert_served (fixture, 2, second);
  vckc_object_unref (b);
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  image_fixture_assert_no_child ();
}

static void
test_mount_taken (Fixture *fixture, gconstpointer data)
{
  g_autofree char *socket = g_build_filename (fixture->base.folder, "mine", NULL);
  g_autoptr (VckcBackup) backup = vckc_repository_lookup_backup (
      fixture->repository, FIXTURE_DOMAIN, backup_fixture_get_id (&fixture->base, 0), NULL);
  const char *const left[] = { "find", fixture->base.folder, "-name", ".vck-*", NULL };
  VckcError *error = NULL;

  g_assert_true (g_file_set_contents (socket, "mine", -1, NULL));
  g_assert_null (vckc_repository_mount (fixture->repository, backup, socket, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "there is something of that name");
  g_assert_true (g_file_test (socket, G_FILE_TEST_IS_REGULAR));
  image_fixture_run_quietly (left);
  image_fixture_assert_no_child ();
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/backup/keep/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("checksum", test_checksum);
  ADD ("faults", test_faults);
  ADD ("content", test_content);
  ADD ("other-images", test_other_images);
  ADD ("prune", test_prune);
  ADD ("prune-refused", test_prune_refused);
  ADD ("mount", test_mount);
  ADD ("mount-taken", test_mount_taken);
  return g_test_run ();
}
