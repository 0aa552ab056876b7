/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The scenario of backups into a repository of tests/languages/scenario.md, in C. */

#include "support.h"

#include "../core/local/image-fixture.h"

#include <string.h>

#define UUID "5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1"
#define MIB (1024 * 1024)
#define WRITTEN (2 * 65536)
#define EMPTY_DRIVE                                                                                \
  "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>"

typedef struct
{
  char *folder;
  char *images[2]; /* of vda and vdb */
  VckConnection *connection;
  VckDomain *domain;
  VckRepository *repository;
} Fixture;

static VckDomain *
define (Fixture *fixture, const char *drive)
{
  g_autoptr (GString) xml =
      g_string_new ("<domain type='qemu'><name>guest</name><uuid>" UUID "</uuid>"
                    "<memory>1</memory><os><type>hvm</type></os><devices>");
  GError *error = NULL;
  VckDomain *domain;

  for (guint i = 0; i < 2; i++)
    g_string_append_printf (xml,
                            "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                            "<source file='%s'/><target dev='vd%c'/></disk>",
                            fixture->images[i], (int) ('a' + i));
  g_string_append_printf (xml, "%s</devices></domain>", drive);
  domain = vck_connection_define_domain_xml (fixture->connection, xml->str, NULL, &error);
  g_assert_no_error (error);
  return domain;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uri = NULL;
  g_autofree char *store = NULL;
  GError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->images[0] = image_fixture_make_image (fixture->folder, "vda.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "vdb.qcow2", NULL);
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  store = g_build_filename (fixture->folder, "store", NULL);
  fixture->connection = vck_connection_open (uri, 0, NULL, &error);
  g_assert_no_error (error);
  fixture->domain = define (fixture, data);
  fixture->repository = vck_repository_open (store, VCK_REPOSITORY_CREATE, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->repository);
  g_clear_object (&fixture->domain);
  vck_connection_close (fixture->connection, NULL);
  g_clear_object (&fixture->connection);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_remove (fixture->folder);
}

/* Adds what a disk is based on, and how much of it is copied; without a base, why not. */
static void
describe (GString *text, const char *target, const char *base, const char *why, gint64 bytes)
{
  g_assert_true ((base == NULL) == (why != NULL));
  if (base != NULL)
    g_string_append_printf (text, "%s %s %" G_GINT64_FORMAT "; ", target, base, bytes);
  else
    g_string_append_printf (text, "%s %s; ", target,
                            strstr (why, "no backup") != NULL ? "no backup" : why);
}

static VckBackupPlan *
plan (Fixture *fixture)
{
  GError *error = NULL;
  VckBackupPlan *plan =
      vck_repository_plan_backup (fixture->repository, fixture->domain, 0, 0, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (vck_backup_plan_is_needed (plan));
  return plan;
}

static void
assert_plan (Fixture *fixture, const char *expected)
{
  g_autoptr (VckBackupPlan) planned = plan (fixture);
  g_autoptr (GPtrArray) disks = vck_backup_plan_list_disks (planned);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      VckBackupPlanDisk *disk = g_ptr_array_index (disks, i);

      describe (text, vck_backup_plan_disk_get_target (disk), vck_backup_plan_disk_get_base (disk),
                vck_backup_plan_disk_get_why_full (disk), vck_backup_plan_disk_get_bytes (disk));
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_backup (VckBackup *backup, const char *expected)
{
  g_autoptr (GPtrArray) disks = vck_backup_list_disks (backup);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      VckBackupDisk *disk = g_ptr_array_index (disks, i);

      describe (text, vck_backup_disk_get_target (disk), vck_backup_disk_get_base (disk),
                vck_backup_disk_get_why_full (disk), vck_backup_disk_get_bytes (disk));
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_null (vck_backup_get_problem (backup));
}

static VckBackup *
back_up (Fixture *fixture, const char *label)
{
  GError *error = NULL;
  VckBackup *backup =
      vck_repository_backup (fixture->repository, fixture->domain, label, 0, 0, 0, NULL, &error);

  g_assert_no_error (error);
  return backup;
}

static VckBackup *
back_up_async (Fixture *fixture, const char *label)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;
  GError *error = NULL;
  VckBackup *backup;

  vck_repository_backup_async (fixture->repository, fixture->domain, label, 0, 0, 0, NULL,
                               support_result_cb, &slot);
  result = support_wait (&slot);
  backup = vck_repository_backup_finish (fixture->repository, result, &error);
  g_assert_no_error (error);
  return backup;
}

static void
assert_restored (Fixture *fixture, VckBackup *backup, const char *image)
{
  g_autofree char *to = g_build_filename (fixture->folder, "restored.qcow2", NULL);
  const char *const compare[] = { "qemu-img", "compare", to, image, NULL };
  GError *error = NULL;

  vck_repository_restore (fixture->repository, backup, "vda", to, VCK_RESTORE_REPLACE, NULL,
                          &error);
  g_assert_no_error (error);
  g_free (image_fixture_run (compare));
}

static int
count_checkpoints (Fixture *fixture)
{
  return vck_domain_count_checkpoints (fixture->domain, 0, NULL, NULL);
}

/* The ids of the backups that there are. */
static void
assert_listed (Fixture *fixture, const char *expected)
{
  g_autoptr (GPtrArray) backups =
      vck_repository_list_backups (fixture->repository, UUID, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < backups->len; i++)
    g_string_append_printf (text, "%s ", vck_backup_get_id (g_ptr_array_index (backups, i)));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_prune (Fixture *fixture, VckPruneFlags flags, VckBackup *removed, VckBackup *kept)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) decisions =
      vck_repository_prune (fixture->repository, UUID, 1, 0, 0, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (decisions->len, ==, 2);
  g_assert_cmpstr (vck_prune_decision_get_backup (decisions->pdata[0]), ==,
                   vck_backup_get_id (removed));
  g_assert_false (vck_prune_decision_is_kept (decisions->pdata[0]));
  g_assert_cmpstr (vck_prune_decision_get_backup (decisions->pdata[1]), ==,
                   vck_backup_get_id (kept));
  g_assert_true (vck_prune_decision_is_kept (decisions->pdata[1]));
}

static void
test_prune (Fixture *fixture, VckBackup *first, VckBackup *second)
{
  g_autofree char *both =
      g_strdup_printf ("%s %s ", vck_backup_get_id (first), vck_backup_get_id (second));
  g_autofree char *last = g_strdup_printf ("%s ", vck_backup_get_id (second));

  assert_listed (fixture, both);
  assert_prune (fixture, VCK_PRUNE_DRY_RUN, first, second);
  assert_listed (fixture, both);
  assert_prune (fixture, 0, first, second);
  assert_listed (fixture, last);
  assert_restored (fixture, second, fixture->images[0]);
}

static void
test_scenario (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (fixture->folder, "copy.qcow2", NULL);
  const char *const copying[] = { "cp", fixture->images[0], copy, NULL };
  g_autoptr (VckBackup) first = NULL;
  g_autoptr (VckBackup) second = NULL;
  g_autoptr (VckBackup) found = NULL;
  g_autofree char *expected = NULL;

  image_fixture_write (fixture->images[0], 0, WRITTEN);
  assert_plan (fixture, "vda no backup; vdb no backup; ");
  assert_listed (fixture, "");
  first = back_up (fixture, "night 1");
  g_assert_null (vck_backup_get_left_out (first));
  g_assert_cmpstr (vck_backup_get_label (first), ==, "night 1");
  assert_backup (first, "vda no backup; vdb no backup; ");
  g_assert_cmpint (count_checkpoints (fixture), ==, 1);

  g_free (image_fixture_run (copying));
  image_fixture_write (fixture->images[0], MIB, WRITTEN);
  expected = g_strdup_printf ("vda %s %d; vdb %s 0; ", vck_backup_get_id (first), WRITTEN,
                              vck_backup_get_id (first));
  assert_plan (fixture, expected);
  second = back_up_async (fixture, "night 2");
  assert_backup (second, expected);
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);

  found = vck_repository_lookup_backup (fixture->repository, UUID, vck_backup_get_id (second), NULL,
                                        NULL);
  g_assert_cmpstr (vck_backup_get_label (found), ==, "night 2");
  assert_restored (fixture, first, copy);
  assert_restored (fixture, second, fixture->images[0]);
  test_prune (fixture, first, second);
}

static void
test_left_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckBackupPlan) planned = plan (fixture);
  g_autoptr (VckBackup) backup = back_up (fixture, NULL);

  g_assert_cmpstr (vck_backup_plan_get_left_out (planned), ==, "disk 'hdc': it is empty");
  g_assert_cmpstr (vck_backup_get_left_out (backup), ==, "disk 'hdc': it is empty");
  assert_backup (backup, "vda no backup; vdb no backup; ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/repository/scenario", Fixture, "", set_up, test_scenario, tear_down);
  g_test_add ("/vck/repository/left-out", Fixture, EMPTY_DRIVE, set_up, test_left_out, tear_down);
  return g_test_run ();
}
