/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "run-fixture.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "backup-images.h"
#include "backup/backup-names.h"
#include "backup/restore.h"
#include "image-fixture.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000001"

const VckcBackupOptions run_options = { .plan = { .max_chain = 100 } };

VckcStoreRoot *
run_fixture_open_store (RunFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  VckcError *error = NULL;
  VckcStoreRoot *root = vckc_store_root_open (path, true, false, &error);

  assert_ok (root != NULL, error);
  return root;
}

void
run_fixture_define (RunFixture *fixture)
{
  g_autoptr (GString) xml =
      g_string_new ("<domain type='kvm'><name>vm</name><uuid>" UUID "</uuid><memory>1</memory>"
                    "<os><type>hvm</type></os><devices>");
  VckcError *error = NULL;

  for (guint i = 0; i < RUN_DISKS; i++)
    if (fixture->disks[i].attached)
      g_string_append_printf (xml,
                              "<disk type='file' device='disk'>"
                              "<driver name='qemu' type='qcow2'/><source file='%s'/>"
                              "<target dev='%s'/></disk>",
                              fixture->disks[i].image, fixture->disks[i].target);
  g_string_append (xml, "</devices></domain>");
  if (fixture->domain != NULL)
    vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml->str, &error);
  assert_ok (fixture->domain != NULL, error);
}

void
run_fixture_set_up (RunFixture *fixture, gconstpointer seed)
{
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->n_files = image_fixture_count_files ();
  fixture->random = g_rand_new_with_seed (GPOINTER_TO_UINT (seed) + 1);
  fixture->hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  fixture->root = run_fixture_open_store (fixture, "store");
  for (guint i = 0; i < RUN_DISKS; i++)
    {
      const BackupForm *form = &backup_forms[(GPOINTER_TO_UINT (seed) + i) % n_backup_forms];
      RunDisk *disk = &fixture->disks[i];

      disk->target = g_strdup_printf ("vd%c", (int) ('a' + i));
      disk->image = backup_images_make (fixture->folder, disk->target, form);
      disk->size = form->size;
      disk->attached = i < RUN_DISKS - 1;
    }
  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  run_fixture_define (fixture);
}

void
run_fixture_tear_down (RunFixture *fixture, gconstpointer seed)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  vckc_store_root_free (fixture->root);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  for (guint i = 0; i < RUN_DISKS; i++)
    {
      g_free (fixture->disks[i].target);
      g_free (fixture->disks[i].image);
    }
  g_hash_table_unref (fixture->hashes);
  g_rand_free (fixture->random);
  g_free (fixture->uri);
  image_fixture_remove (fixture->folder);
}

void
run_fixture_change (RunFixture *fixture)
{
  for (guint i = 0; i < RUN_DISKS; i++)
    backup_images_change (fixture->disks[i].image, fixture->disks[i].size, fixture->random);
}

void
run_fixture_resize (RunFixture *fixture, guint disk, guint64 size)
{
  RunDisk *resized = &fixture->disks[disk];
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  const char *const argv[] = { "qemu-img", "resize",       "-q",  "--shrink", "-f",
                               "qcow2",    resized->image, bytes, NULL };

  g_free (image_fixture_run (argv));
  resized->size = size;
}

void
run_fixture_grow (RunFixture *fixture, guint disk, guint64 bytes)
{
  run_fixture_resize (fixture, disk, fixture->disks[disk].size + bytes);
}

static void
note_hashes (RunFixture *fixture, const char *id)
{
  for (guint i = 0; i < RUN_DISKS; i++)
    if (fixture->disks[i].attached)
      g_hash_table_insert (fixture->hashes, g_strdup_printf ("%s/%s", id, fixture->disks[i].target),
                           backup_images_hash (fixture->disks[i].image, "qcow2"));
}

char *
run_fixture_back_up_to (RunFixture *fixture,
                        const VckcStoreRoot *root,
                        const VckcBackupOptions *options)
{
  char *id = NULL;
  VckcError *error = NULL;
  bool ok = vckc_backup_make (root, fixture->domain, options, &id, &error);

  assert_ok (ok, error);
  if (id != NULL)
    note_hashes (fixture, id);
  run_fixture_assert_clean (fixture, root);
  return id;
}

char *
run_fixture_back_up (RunFixture *fixture)
{
  VckcBackupOptions options = run_options;
  char *id;

  options.plan.pull = fixture->pull;
  id = run_fixture_back_up_to (fixture, fixture->root, &options);
  g_assert_nonnull (id);
  return id;
}

static VckcDomainFolder *
open_folder (RunFixture *fixture, const VckcStoreRoot *root)
{
  VckcError *error = NULL;
  VckcDomainFolder *folder = vckc_domain_folder_open (root, UUID, false, &error);

  assert_ok (folder != NULL, error);
  return folder;
}

VckcBackupList *
run_fixture_load (RunFixture *fixture, const VckcStoreRoot *root)
{
  g_autoptr (VckcDomainFolder) folder = open_folder (fixture, root);
  VckcError *error = NULL;
  VckcBackupList *list = vckc_backup_list_load (folder, root, &error);

  assert_ok (list != NULL, error);
  return list;
}

void
run_fixture_assert_base (RunFixture *fixture,
                         const VckcStoreRoot *root,
                         const char *id,
                         const char *target,
                         const char *base,
                         const char *why_full)
{
  g_autoptr (VckcBackupList) list = run_fixture_load (fixture, root);
  VckcError *error = NULL;
  const VckcManifest *manifest = vckc_backup_list_get (list, id, &error);
  const VckcManifestDisk *disk;

  assert_ok (manifest != NULL, error);
  disk = vckc_manifest_find_disk (manifest, target);
  g_assert_nonnull (disk);
  if (g_strcmp0 (disk->base, base) != 0 || (why_full != NULL && disk->why_full == NULL)
      || (why_full != NULL && strstr (disk->why_full, why_full) == NULL))
    g_error ("disk '%s' of '%s' has the base '%s' and not '%s': %s", target, id, disk->base, base,
             disk->why_full);
  g_assert_true ((disk->why_full == NULL) == (base != NULL));
}

static void
check_hash (RunFixture *fixture, const char *id, const char *target, const char *image)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", id, target);
  g_autofree char *hash = backup_images_hash (image, "qcow2");
  const char *expected = g_hash_table_lookup (fixture->hashes, key);

  if (g_strcmp0 (hash, expected) != 0)
    g_error ("'%s' is not what '%s' was", image, key);
}

static void
check_disk (RunFixture *fixture,
            VckcDomainFolder *folder,
            const VckcStoreRoot *root,
            const VckcManifest *manifest,
            const VckcManifestDisk *disk)
{
  g_autofree char *image = g_build_filename (folder->where, manifest->id, disk->file, NULL);
  g_autofree char *restored = g_build_filename (fixture->folder, "restored.qcow2", NULL);
  const VckcRestoreDisk to = { disk->target, restored };
  VckcError *error = NULL;
  bool ok;

  check_hash (fixture, manifest->id, disk->target, image);
  ok = vckc_restore (folder, root, manifest->id, &to, 1, false, false, &error);
  assert_ok (ok, error);
  check_hash (fixture, manifest->id, disk->target, restored);
  g_assert_cmpint (g_unlink (restored), ==, 0);
}

guint
run_fixture_check (RunFixture *fixture, const VckcStoreRoot *root)
{
  g_autoptr (VckcDomainFolder) folder = open_folder (fixture, root);
  g_autoptr (VckcBackupList) list = run_fixture_load (fixture, root);

  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);

      g_assert_cmpstr (entry->problem, ==, NULL);
      for (guint j = 0; j < entry->manifest->disks->len; j++)
        check_disk (fixture, folder, root, entry->manifest,
                    g_ptr_array_index (entry->manifest->disks, j));
    }
  return list->entries->len;
}

void
run_fixture_assert_clean (RunFixture *fixture, const VckcStoreRoot *root)
{
  g_autofree char *path = g_build_filename (root->path, UUID, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (name, VCKC_FOLDER_LOCK_FILE) && !g_str_equal (name, "restored.json")
        && !vckc_backup_id_is_valid (name))
      g_error ("'%s' is left in '%s'", name, path);
}

int
run_fixture_count_checkpoints (RunFixture *fixture)
{
  VckcError *error = NULL;
  int n = vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, &error);

  assert_ok (n >= 0, error);
  return n;
}

char *
run_fixture_make_checkpoint (const VckcStoreRoot *root, const char *id)
{
  return vckc_backup_make_checkpoint_name (root->uuid, id);
}

bool
run_fixture_has_bitmap (const RunDisk *disk, const char *name)
{
  const char *const info[] = { "qemu-img", "info", "--output=json", disk->image, NULL };
  g_autofree char *text = image_fixture_run (info);

  return strstr (text, name) != NULL;
}
