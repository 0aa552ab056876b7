/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup/backup-names.h"
#include "backup/restore.h"
#include "image-fixture.h"
#include "qemu/qcow2-writer.h"

#define WRITES 6

static void
open_store (BackupFixture *fixture)
{
  VckcError *error = NULL;

  fixture->root = vckc_store_root_open (fixture->path, true, false, &error);
  assert_ok (fixture->root != NULL, error);
  fixture->domain = vckc_domain_folder_open (fixture->root, FIXTURE_DOMAIN, true, &error);
  assert_ok (fixture->domain != NULL, error);
}

void
backup_fixture_set_up (BackupFixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->path = g_build_filename (fixture->folder, "store", NULL);
  fixture->ids = g_ptr_array_new_with_free_func (g_free);
  fixture->hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  fixture->random = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  open_store (fixture);
}

static void
close_store (BackupFixture *fixture)
{
  vckc_domain_folder_free (fixture->domain);
  vckc_store_root_free (fixture->root);
}

void
backup_fixture_reopen (BackupFixture *fixture)
{
  close_store (fixture);
  open_store (fixture);
}

void
backup_fixture_tear_down (BackupFixture *fixture, gconstpointer data)
{
  close_store (fixture);
  g_ptr_array_unref (fixture->ids);
  g_hash_table_unref (fixture->hashes);
  g_rand_free (fixture->random);
  g_free (fixture->path);
  image_fixture_remove (fixture->folder);
}

char *
backup_fixture_make_path (BackupFixture *fixture, const char *id, const char *file)
{
  return g_build_filename (fixture->path, FIXTURE_DOMAIN, id, file, NULL);
}

const char *
backup_fixture_get_id (BackupFixture *fixture, guint i)
{
  return g_ptr_array_index (fixture->ids, i);
}

char *
backup_fixture_hash_image (BackupFixture *fixture, const char *image, const char *format)
{
  g_autofree char *raw = g_build_filename (fixture->folder, "content.raw", NULL);
  const char *const argv[] = { "qemu-img", "convert", "-f", format, "-O", "raw", image, raw, NULL };
  char *hash;

  g_free (image_fixture_run (argv));
  hash = image_fixture_hash (raw);
  g_assert_cmpint (g_unlink (raw), ==, 0);
  return hash;
}

/* A random write within the disk, as a command of qemu-io. */
static char *
make_write (BackupFixture *fixture, guint64 size)
{
  static const char *const commands[] = { "write -P %u", "write -P %u", "write -z", "discard",
                                          "write -z -u" };
  guint kind = (guint) g_rand_int_range (fixture->random, 0, G_N_ELEMENTS (commands));
  guint64 sectors = size / 512;
  guint64 start = (guint64) g_rand_int_range (fixture->random, 0, (gint32) sectors);
  guint64 most = (guint64) g_rand_int_range (fixture->random, 1, 1 + (gint32) sectors / 4);
  guint64 length = MIN (sectors - start, most);
  g_autofree char *command =
      kind < 2 ? g_strdup_printf ("write -P %d", g_rand_int_range (fixture->random, 1, 255))
               : g_strdup (commands[kind]);

  return g_strdup_printf ("%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, command, start * 512,
                          length * 512);
}

static void
write_randomly (BackupFixture *fixture, const char *image, guint64 size)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);

  for (const char *const *word =
           (const char *const[]){ "qemu-io", "-d", "unmap", "-t", "unsafe", "-f", "qcow2", NULL };
       *word != NULL; word++)
    g_ptr_array_add (argv, g_strdup (*word));
  for (guint i = 0; i < WRITES; i++)
    {
      g_ptr_array_add (argv, g_strdup ("-c"));
      g_ptr_array_add (argv, make_write (fixture, size));
    }
  g_ptr_array_add (argv, g_strdup (image));
  g_ptr_array_add (argv, NULL);
  g_free (image_fixture_run ((const char *const *) argv->pdata));
}

static void
create_image (BackupFixture *fixture, const char *id, const FixtureDisk *disk, const char *file)
{
  g_autofree char *folder = backup_fixture_make_path (fixture, id, NULL);
  g_autofree char *backing =
      disk->base != NULL ? g_strdup_printf ("../%s/%s", disk->base, file) : NULL;
  const VckcQcow2Options options = { .virtual_size = disk->size,
                                     .cluster_size = disk->cluster_size,
                                     .backing_file = backing,
                                     .backing_format = "qcow2" };
  VckcError *error = NULL;
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = vckc_qcow2_create (dir_fd, file, file, &options, &error);

  assert_ok (fd >= 0, error);
  close (fd);
  close (dir_fd);
}

static void
add_disk (BackupFixture *fixture, VckcManifest *manifest, const FixtureDisk *disk)
{
  VckcManifestDisk *entry = vckc_manifest_disk_new ();
  g_autofree char *path = NULL;
  struct stat info;

  entry->target = g_strdup (disk->target);
  entry->file = g_strdup_printf ("%s.qcow2", disk->target);
  create_image (fixture, manifest->id, disk, entry->file);
  path = backup_fixture_make_path (fixture, manifest->id, entry->file);
  write_randomly (fixture, path, disk->size);
  g_assert_cmpint (stat (path, &info), ==, 0);
  entry->virtual_size = disk->size;
  entry->cluster_size = disk->cluster_size;
  entry->base = g_strdup (disk->base);
  entry->file_size = (guint64) info.st_size;
  entry->why_full = g_strdup (disk->base == NULL ? "there is no earlier backup" : NULL);
  g_ptr_array_add (manifest->disks, entry);
  if (!fixture->without_hashes)
    g_hash_table_insert (fixture->hashes, g_strdup_printf ("%s/%s", manifest->id, disk->target),
                         backup_fixture_hash_image (fixture, path, "qcow2"));
}

static VckcManifest *
make_manifest (BackupFixture *fixture)
{
  VckcManifest *manifest = vckc_manifest_new ();
  guint n = fixture->backwards ? 900 - fixture->ids->len : fixture->ids->len;

  manifest->id = g_strdup_printf ("202611%02uT075307.%06uZ-1fae9c02", 1 + n / 1000, n % 1000);
  manifest->time = 1795765987 + n;
  manifest->store = g_strdup (fixture->root->uuid);
  manifest->domain_uuid = g_strdup (FIXTURE_DOMAIN);
  manifest->domain_name = g_strdup ("mail");
  manifest->checkpoint_name = vckc_backup_make_checkpoint_name (manifest->store, manifest->id);
  manifest->kind = g_strdup ("push");
  manifest->vck = g_strdup ("1.0.0");
  return manifest;
}

const char *
backup_fixture_add (BackupFixture *fixture, const FixtureDisk *disks, guint n_disks)
{
  g_autoptr (VckcManifest) manifest = make_manifest (fixture);
  g_autofree char *folder = backup_fixture_make_path (fixture, manifest->id, NULL);
  g_autofree char *path = backup_fixture_make_path (fixture, manifest->id, VCKC_MANIFEST_FILE);
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < n_disks; i++)
    add_disk (fixture, manifest, &disks[i]);
  text = vckc_manifest_format (manifest, "{\"color\": \"red\"}");
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_ptr_array_add (fixture->ids, g_strdup (manifest->id));
  return g_ptr_array_index (fixture->ids, fixture->ids->len - 1);
}

void
backup_fixture_add_chain (BackupFixture *fixture, guint n)
{
  const char *base = NULL;

  for (guint i = 0; i < n; i++)
    {
      const FixtureDisk disk = { "vda", 2 * 1024 * 1024 + 512, 65536, base };

      base = backup_fixture_add (fixture, &disk, 1);
    }
}

VckcBackupList *
backup_fixture_load (BackupFixture *fixture)
{
  VckcError *error = NULL;
  VckcBackupList *list = vckc_backup_list_load (fixture->domain, fixture->root, &error);

  assert_ok (list != NULL, error);
  return list;
}

static void
check_disk (BackupFixture *fixture, const char *id, const VckcManifestDisk *disk)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", id, disk->target);
  const char *wanted = g_hash_table_lookup (fixture->hashes, key);
  g_autofree char *image = backup_fixture_make_path (fixture, id, disk->file);
  g_autofree char *by_header = backup_fixture_hash_image (fixture, image, "qcow2");
  g_autofree char *to = g_build_filename (fixture->folder, "restored.qcow2", NULL);
  const VckcRestoreDisk restored = { disk->target, to };
  const char *const check[] = { "qemu-img", "check", "-q", "-f", "qcow2", to, NULL };
  g_autofree char *by_manifest = NULL;
  VckcError *error = NULL;

  g_assert_cmpstr (by_header, ==, wanted);
  assert_ok (vckc_restore (fixture->domain, fixture->root, id, &restored, 1, false, true, &error),
             error);
  by_manifest = backup_fixture_hash_image (fixture, to, "qcow2");
  g_assert_cmpstr (by_manifest, ==, wanted);
  image_fixture_run_quietly (check);
}

guint
backup_fixture_check (BackupFixture *fixture)
{
  g_autoptr (VckcBackupList) list = backup_fixture_load (fixture);

  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);

      if (entry->manifest == NULL)
        g_error ("%s", entry->problem);
      for (guint j = 0; j < entry->manifest->disks->len; j++)
        check_disk (fixture, entry->id, g_ptr_array_index (entry->manifest->disks, j));
    }
  return list->entries->len;
}

void
backup_fixture_edit_manifest (BackupFixture *fixture,
                              const char *id,
                              const char *part,
                              const char *by)
{
  g_autofree char *path = backup_fixture_make_path (fixture, id, VCKC_MANIFEST_FILE);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *old = NULL;

  g_assert_true (g_file_get_contents (path, &old, NULL, NULL));
  g_string_assign (text, old);
  g_assert_cmpuint (g_string_replace (text, part, by, 0), >, 0);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}
