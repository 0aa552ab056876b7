/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup-fixture.h"
#include "backup/merge-journal.h"
#include "backup/merge.h"
#include "backup/prune.h"
#include "base/clock.h"
#include "image-fixture.h"

#define MIB G_GUINT64_CONSTANT (1048576)
#define DAY (24 * 60 * 60)

static VckcPrunePlan *
prune (BackupFixture *fixture, const VckcPrunePolicy *policy, bool dry_run)
{
  VckcError *error = NULL;
  VckcPrunePlan *plan = vckc_prune (fixture->domain, fixture->root, policy, dry_run, &error);

  assert_ok (plan != NULL, error);
  return plan;
}

/* What is kept, as a text of + and -, oldest first. */
static char *
describe (const VckcPrunePlan *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < plan->choices->len; i++)
    {
      const VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);

      g_assert_nonnull (choice->reason);
      g_string_append_c (text, choice->keep ? '+' : '-');
    }
  return g_string_free (text, FALSE);
}

static void
assert_no_leftovers (BackupFixture *fixture)
{
  const char *const argv[] = { "find", fixture->path, "-name", ".*", NULL };

  image_fixture_run_quietly (argv);
}

static void
assert_checks (BackupFixture *fixture)
{
  g_autoptr (VckcBackupList) list = backup_fixture_load (fixture);

  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);
      g_autofree char *path = backup_fixture_make_path (fixture, entry->id, "vda.qcow2");
      const char *const argv[] = { "qemu-img", "check", "-q", "-f", "qcow2", path, NULL };

      image_fixture_run_quietly (argv);
    }
}

/* Dropping the oldest ones, again and again: what is kept keeps its content. */
static void
test_oldest (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy four = { .keep_last = 4 };
  const VckcPrunePolicy one = { .keep_last = 1 };
  g_autoptr (VckcPrunePlan) plan = NULL;
  g_autofree char *kept = NULL;

  backup_fixture_add_chain (fixture, 6);
  g_clear_pointer (&plan, vckc_prune_plan_free);
  plan = prune (fixture, &four, true);
  kept = describe (plan);
  g_assert_cmpstr (kept, ==, "--++++");
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 6);
  g_clear_pointer (&plan, vckc_prune_plan_free);
  plan = prune (fixture, &four, false);
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 4);
  assert_no_leftovers (fixture);
  assert_checks (fixture);
  g_clear_pointer (&plan, vckc_prune_plan_free);
  plan = prune (fixture, &one, false);
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 1);
  assert_no_leftovers (fixture);
  assert_checks (fixture);
  g_clear_pointer (&plan, vckc_prune_plan_free);
  plan = prune (fixture, &one, false);
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 1);
}

/* From the middle, with disks that grow, of different clusters, and of which one has a full backup
 * in between: and what others have put into the manifest stays. */
static void
test_middle (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy daily = { .keep_daily = 10 };
  const char *base = NULL;
  g_autoptr (VckcPrunePlan) plan = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 7; i++)
    {
      const FixtureDisk disks[] = {
        { "vda", (1 + i / 2) * MIB + 512, 65536, base },
        { "vdb", MIB, i % 2 == 0 ? 4096 : 65536, i == 3 ? NULL : base },
      };
      g_autofree char *old = NULL;
      g_autofree char *new = NULL;

      base = backup_fixture_add (fixture, disks, G_N_ELEMENTS (disks));
      /* Days: 0 0 0 1 1 2 2 */
      old = g_strdup_printf ("\"time\" : %u", 1795765987 + i);
      new = g_strdup_printf ("\"time\" : %u", 1795765987 + i + (i < 3 ? 0 : i < 5 ? 1 : 2) * DAY);
      backup_fixture_edit_manifest (fixture, base, old, new);
    }
  plan = prune (fixture, &daily, false);
  kept = describe (plan);
  g_assert_cmpstr (kept, ==, "--+-+-+");
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 3);
  assert_no_leftovers (fixture);
  path = backup_fixture_make_path (fixture, base, VCKC_MANIFEST_FILE);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"color\" : \"red\""));
  g_assert_null (strstr (text, "vck_merge"));
}

/* A backup that two are based on is kept until one of them is left. */
static void
test_fork (BackupFixture *fixture, gconstpointer data)
{
  const FixtureDisk first = { "vda", MIB, 65536, NULL };
  FixtureDisk next = { "vda", MIB, 65536, NULL };
  const VckcPrunePolicy two = { .keep_last = 2 };
  const VckcPrunePolicy one = { .keep_last = 1 };
  g_autoptr (VckcPrunePlan) plan = NULL;
  const VckcPruneChoice *choice;
  g_autofree char *kept = NULL;

  next.base = backup_fixture_add (fixture, &first, 1);
  next.base = backup_fixture_add (fixture, &next, 1);
  backup_fixture_add (fixture, &next, 1);
  backup_fixture_add (fixture, &next, 1);
  plan = prune (fixture, &two, false);
  kept = describe (plan);
  g_assert_cmpstr (kept, ==, "-+++");
  choice = g_ptr_array_index (plan->choices, 1);
  g_assert_cmpstr (choice->reason, ==, "more than one backup is based on its disk 'vda'");
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 3);
  vckc_prune_plan_free (g_steal_pointer (&plan));
  plan = prune (fixture, &one, false);
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 1);
}

/* The clock was put back before each backup: what is based on another one is later than that. */
static void
test_clock_put_back (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy two = { .keep_last = 2 };
  g_autoptr (VckcBackupList) list = NULL;
  g_autoptr (VckcPrunePlan) plan = NULL;

  fixture->backwards = true;
  backup_fixture_add_chain (fixture, 4);
  list = backup_fixture_load (fixture);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (((VckcBackupEntry *) g_ptr_array_index (list->entries, i))->id, ==,
                     backup_fixture_get_id (fixture, i));
  plan = prune (fixture, &two, false);
  g_clear_pointer (&list, vckc_backup_list_free);
  list = backup_fixture_load (fixture);
  g_assert_cmpuint (list->entries->len, ==, 2);
  g_assert_nonnull (vckc_backup_list_find (list, backup_fixture_get_id (fixture, 2)));
  g_assert_nonnull (vckc_backup_list_find (list, backup_fixture_get_id (fixture, 3)));
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 2);
}

static void
test_within (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy policy = { .keep_within = 3 };
  g_autoptr (VckcPrunePlan) plan = NULL;
  g_autofree char *kept = NULL;

  fixture->without_hashes = true;
  backup_fixture_add_chain (fixture, 6);
  vckc_clock_freeze ((gint64) (1795765987 + 5) * G_USEC_PER_SEC);
  plan = prune (fixture, &policy, true);
  vckc_clock_freeze (0);
  kept = describe (plan);
  g_assert_cmpstr (kept, ==, "---+++");
}

/* A damaged backup may be based on any other: nothing is removed. */
static void
test_damaged (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy one = { .keep_last = 1 };
  VckcError *error = NULL;

  fixture->without_hashes = true;
  backup_fixture_add_chain (fixture, 3);
  backup_fixture_edit_manifest (fixture, backup_fixture_get_id (fixture, 1), "\"kind\"",
                                "\"sort\"");
  g_assert_null (vckc_prune (fixture->domain, fixture->root, &one, false, &error));
  assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "a damaged backup may be based on any");
}

/* An image that is not what its manifest says is not merged, and nothing is removed. */
static void
test_hostile (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy one = { .keep_last = 1 };
  g_autoptr (VckcBackupList) list = NULL;
  g_autofree char *image = NULL;
  VckcError *error = NULL;

  fixture->without_hashes = true;
  backup_fixture_add_chain (fixture, 3);
  image = backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 0), "vda.qcow2");
  g_assert_cmpint (truncate (image, 70000), ==, 0);
  g_assert_null (vckc_prune (fixture->domain, fixture->root, &one, false, &error));
  assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "is not what its manifest says");
  list = backup_fixture_load (fixture);
  g_assert_cmpuint (list->entries->len, ==, 3);
  assert_no_leftovers (fixture);
}

static void
test_busy (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy one = { .keep_last = 1 };
  g_autoptr (VckcDomainFolder) other =
      vckc_domain_folder_open (fixture->root, FIXTURE_DOMAIN, false, NULL);
  g_autoptr (VckcPrunePlan) plan = NULL;
  VckcError *error = NULL;
  bool locked = vckc_domain_folder_lock (other, VCKC_FOLDER_LOCK_WRITER, true, &error);

  assert_ok (locked, error);
  g_assert_null (vckc_prune (fixture->domain, fixture->root, &one, false, &error));
  assert_error (error, VCKC_ERROR_BUSY, "another process is changing the backups");
  plan = prune (fixture, &one, true);
}

/* The checksum of an image that is merged is that of the new one, if there was one. */
static void
test_checksum (BackupFixture *fixture, gconstpointer data)
{
  const VckcPrunePolicy one = { .keep_last = 1 };
  g_autofree char *member = g_strdup_printf ("\"sha256\" : \"%064d\"", 7);
  g_autoptr (VckcPrunePlan) plan = NULL;
  g_autoptr (VckcBackupList) list = NULL;
  const VckcManifestDisk *disk;
  g_autofree char *path = NULL;
  g_autofree char *output = NULL;
  const char *id;

  backup_fixture_add_chain (fixture, 2);
  id = backup_fixture_get_id (fixture, 1);
  backup_fixture_edit_manifest (fixture, id, "\"sha256\" : null", member);
  plan = prune (fixture, &one, false);
  list = backup_fixture_load (fixture);
  disk = vckc_manifest_find_disk (vckc_backup_list_find (list, id)->manifest, "vda");
  path = backup_fixture_make_path (fixture, id, "vda.qcow2");
  output = image_fixture_run ((const char *const[]){ "sha256sum", path, NULL });
  g_assert_true (g_str_has_prefix (output, disk->sha256));
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/backup/prune/" name, BackupFixture, NULL, backup_fixture_set_up, test,         \
              backup_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("oldest", test_oldest);
  ADD ("middle", test_middle);
  ADD ("fork", test_fork);
  ADD ("clock-put-back", test_clock_put_back);
  ADD ("within", test_within);
  ADD ("damaged", test_damaged);
  ADD ("hostile", test_hostile);
  ADD ("busy", test_busy);
  ADD ("checksum", test_checksum);
  return g_test_run ();
}
