/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The second story of tests/languages/scenario.md, when metadata and images become inconsistent: on
 * real images, whose bitmaps qemu-img removes. */

#include "support.h"

#include "../core/local/image-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *images[2]; /* of vda and vdb */
  VckConnection *connection;
  VckDomain *domain;
  VckCheckpoint *first;
  VckCheckpoint *second;
} Fixture;

static VckDomain *
define (Fixture *fixture)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain><name>guest</name><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vdb'/></disk>"
      "</devices></domain>",
      fixture->images[0], fixture->images[1]);
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_define_domain_xml (fixture->connection, xml, NULL, &error);

  g_assert_no_error (error);
  return domain;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->images[0] = image_fixture_make_image (fixture->folder, "vda.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "vdb.qcow2", NULL);
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->connection = vck_connection_open (uri, 0, NULL, &error);
  g_assert_no_error (error);
  fixture->domain = define (fixture);
  fixture->first = support_create (fixture->domain, "first");
  fixture->second = support_create (fixture->domain, "second");
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_clear_object (&fixture->second);
  g_clear_object (&fixture->first);
  g_clear_object (&fixture->domain);
  g_clear_object (&fixture->connection);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_remove (fixture->folder);
}

static void
remove_bitmap (const char *image, const char *bitmap)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--remove", image, bitmap, NULL };

  g_free (image_fixture_run (argv));
}

/* One checkpoint loses a bitmap, the other one is forgotten. */
static void
drift (Fixture *fixture)
{
  remove_bitmap (fixture->images[0], "first");
  support_delete (fixture->second, VCK_CHECKPOINT_DELETE_METADATA_ONLY);
}

/* A call has either WOULD or DONE, besides LEFT. */
static gboolean
is_left (VckFinding *finding, VckFindingOutcome other)
{
  const VckFindingOutcome outcome = vck_finding_get_outcome (finding);

  g_assert_true (outcome == other || outcome == VCK_FINDING_OUTCOME_LEFT);
  return outcome == VCK_FINDING_OUTCOME_LEFT;
}

/* "kind:checkpoint/disk/bitmap", with blanks between; what is left by a repair has "(left)". */
static char *
describe (GPtrArray *findings, VckFindingOutcome other)
{
  GString *text = g_string_new (NULL);

  g_assert_nonnull (findings);
  for (guint i = 0; i < findings->len; i++)
    {
      VckFinding *finding = g_ptr_array_index (findings, i);
      const char *checkpoint = vck_finding_get_checkpoint (finding);

      g_assert_nonnull (vck_finding_get_message (finding));
      g_assert_nonnull (vck_finding_get_remedy (finding));
      g_string_append_printf (
          text, "%s%u:%s/%s/%s%s", i > 0 ? " " : "", (guint) vck_finding_get_kind (finding),
          checkpoint != NULL ? checkpoint : "-", vck_finding_get_disk (finding),
          vck_finding_get_bitmap (finding), is_left (finding, other) ? "(left)" : "");
    }
  return g_string_free (text, FALSE);
}

#define MISSING "1:first/vda/first"
#define ORPHANS "8:-/vda/second 8:-/vdb/second"
#define ORPHANS_LEFT "8:-/vda/second(left) 8:-/vdb/second(left)"

static void
assert_verified (Fixture *fixture, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings = vck_domain_verify_checkpoints (fixture->domain, NULL, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  found = describe (findings, VCK_FINDING_OUTCOME_WOULD);
  g_assert_cmpstr (found, ==, expected);
}

static void
assert_repaired (Fixture *fixture, VckRepairFlags flags, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings =
      vck_domain_repair_checkpoints (fixture->domain, flags, NULL, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  found = describe (findings, (flags & VCK_REPAIR_DRY_RUN) != 0 ? VCK_FINDING_OUTCOME_WOULD
                                                                : VCK_FINDING_OUTCOME_DONE);
  g_assert_cmpstr (found, ==, expected);
}

static void
assert_state (Fixture *fixture, VckCheckpointState vda, VckCheckpointState whole)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks =
      vck_checkpoint_list_disks (fixture->first, VCK_CHECKPOINT_XML_SIZE, NULL, &error);
  VckCheckpointState state = VCK_CHECKPOINT_STATE_UNKNOWN;

  g_assert_no_error (error);
  g_assert_cmpint (vck_checkpoint_disk_get_state (g_ptr_array_index (disks, 0)), ==, vda);
  g_object_get (g_ptr_array_index (disks, 1), "state", &state, NULL);
  g_assert_cmpint (state, ==, VCK_CHECKPOINT_STATE_READY);
  g_assert_cmpint (vck_checkpoint_query_state (fixture->first, NULL, &error), ==, whole);
  g_assert_no_error (error);
}

static void
test_healthy (Fixture *fixture, gconstpointer unused)
{
  assert_verified (fixture, "");
  assert_repaired (fixture, 0, "");
  assert_state (fixture, VCK_CHECKPOINT_STATE_READY, VCK_CHECKPOINT_STATE_READY);
}

static void
test_repair (Fixture *fixture, gconstpointer unused)
{
  drift (fixture);
  assert_verified (fixture, MISSING " " ORPHANS_LEFT);
  assert_state (fixture, VCK_CHECKPOINT_STATE_MISSING, VCK_CHECKPOINT_STATE_MISSING);
  assert_repaired (fixture, VCK_REPAIR_DRY_RUN, MISSING " " ORPHANS_LEFT);
  assert_verified (fixture, MISSING " " ORPHANS_LEFT);
  assert_repaired (fixture, 0, MISSING " " ORPHANS_LEFT);
  assert_verified (fixture, ORPHANS_LEFT);
  assert_repaired (fixture, VCK_REPAIR_ORPHANS, ORPHANS);
  assert_verified (fixture, "");
  assert_state (fixture, VCK_CHECKPOINT_STATE_UNTRACKED, VCK_CHECKPOINT_STATE_READY);
}

#define AWAY "12:first/vda/first(left) 12:second/vda/second(left)"

static void
test_reach (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *away = g_strconcat (fixture->images[0], ".away", NULL);

  g_assert_cmpint (g_rename (fixture->images[0], away), ==, 0);
  assert_verified (fixture, AWAY);
  assert_repaired (fixture, 0, AWAY);
  assert_repaired (fixture, VCK_REPAIR_BROKEN, AWAY);
  assert_state (fixture, VCK_CHECKPOINT_STATE_UNKNOWN, VCK_CHECKPOINT_STATE_UNKNOWN);
  g_assert_cmpint (g_rename (away, fixture->images[0]), ==, 0);
  assert_verified (fixture, "");
  assert_state (fixture, VCK_CHECKPOINT_STATE_READY, VCK_CHECKPOINT_STATE_READY);
}

static void
test_async (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) verified = NULL;
  g_autoptr (GAsyncResult) repaired = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GPtrArray) done = NULL;
  g_autofree char *found = NULL;
  g_autofree char *mended = NULL;
  GAsyncResult *slot = NULL;

  drift (fixture);
  vck_domain_verify_checkpoints_async (fixture->domain, NULL, support_result_cb, &slot);
  verified = support_wait (&slot);
  findings = vck_domain_verify_checkpoints_finish (fixture->domain, verified, &error);
  g_assert_no_error (error);
  found = describe (findings, VCK_FINDING_OUTCOME_WOULD);
  g_assert_cmpstr (found, ==, MISSING " " ORPHANS_LEFT);

  vck_domain_repair_checkpoints_async (fixture->domain, 0, NULL, support_result_cb, &slot);
  repaired = support_wait (&slot);
  done = vck_domain_repair_checkpoints_finish (fixture->domain, repaired, &error);
  g_assert_no_error (error);
  mended = describe (done, VCK_FINDING_OUTCOME_DONE);
  g_assert_cmpstr (mended, ==, found);
}

/* "first second:refused" */
static void
assert_imported (Fixture *fixture, const char *document, VckImportFlags flags, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) results =
      vck_domain_import_checkpoints (fixture->domain, document, flags, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < results->len; i++)
    {
      VckImportResult *result = g_ptr_array_index (results, i);
      const gboolean imported = vck_import_result_is_imported (result);

      g_assert_true (imported == (vck_import_result_get_message (result) == NULL));
      g_string_append_printf (text, "%s%s%s", i > 0 ? " " : "",
                              vck_import_result_get_checkpoint (result),
                              imported ? "" : ":refused");
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_import (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *document = vck_domain_export_checkpoints (fixture->domain, NULL, &error);

  g_assert_no_error (error);
  support_delete (fixture->first,
                  VCK_CHECKPOINT_DELETE_METADATA_ONLY | VCK_CHECKPOINT_DELETE_CHILDREN);
  remove_bitmap (fixture->images[1], "second");
  assert_imported (fixture, document, VCK_IMPORT_VERIFY, "first second:refused");
  assert_imported (fixture, document, 0, "first:refused second");
  assert_imported (fixture, document, VCK_IMPORT_REPLACE, "first second");
  assert_verified (fixture, "1:second/vdb/second");
}

static void
test_hand_over (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *uri = g_strdup_printf ("local://%s/elsewhere", fixture->folder);
  g_autoptr (GError) error = NULL;
  g_autofree char *document = vck_domain_hand_over_checkpoints (fixture->domain, NULL, &error);
  VckConnection *connection = fixture->connection;

  g_assert_no_error (error);
  assert_repaired (fixture, VCK_REPAIR_ORPHANS,
                   "9:-/vda/first(left) 9:-/vda/second(left) 9:-/vdb/first(left) "
                   "9:-/vdb/second(left)");
  fixture->connection = vck_connection_open (uri, 0, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->domain);
  g_object_unref (connection);
  fixture->domain = define (fixture);
  assert_imported (fixture, document, VCK_IMPORT_VERIFY, "first second");
  assert_verified (fixture, "");
}

static void
notify_cb (VckDomain *domain, GParamSpec *pspec, gpointer data)
{
  char **name = data;

  g_assert_null (*name);
  *name = g_strdup (vck_domain_get_name (domain));
}

static void
test_rename (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) again = NULL;
  g_autoptr (VckDomain) none = NULL;
  g_autofree char *name = NULL;
  gboolean renamed;

  g_signal_connect (fixture->domain, "notify::name", G_CALLBACK (notify_cb), &name);
  renamed = vck_domain_rename (fixture->domain, "Bücher", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (renamed);
  while (name == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (name, ==, "Bücher");

  again = vck_connection_lookup_domain_by_name (fixture->connection, "Bücher", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (again == fixture->domain);
  none = vck_connection_lookup_domain_by_name (fixture->connection, "guest", NULL, &error);
  g_assert_null (none);
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
}

static void
test_errors (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *document = vck_domain_export_checkpoints (fixture->domain, NULL, &error);
  g_autofree char *xml = support_domain_xml ("other");
  g_autoptr (VckDomain) other =
      vck_connection_define_domain_xml (fixture->connection, xml, NULL, &error);

  g_assert_no_error (error);
  g_assert_false (vck_domain_rename (fixture->domain, "other", NULL, &error));
  support_assert_error (error, VCK_ERROR_DOMAIN_EXISTS);
  g_assert_null (vck_domain_import_checkpoints (fixture->domain, "<x/>", 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_XML_ERROR);
  g_assert_null (vck_domain_import_checkpoints (
      fixture->domain, document, VCK_IMPORT_VERIFY | VCK_IMPORT_METADATA_ONLY, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  g_assert_null (vck_domain_repair_checkpoints (fixture->domain, 1 << 10, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
}

static void
test_death (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autofree char *document = NULL;
  VckFinding *finding;
  VckImportResult *result;

  drift (fixture);
  findings = vck_domain_verify_checkpoints (fixture->domain, NULL, &error);
  g_assert_no_error (error);
  document = vck_domain_export_checkpoints (fixture->domain, NULL, &error);
  g_assert_no_error (error);
  results = vck_domain_import_checkpoints (fixture->domain, document, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (findings->len, ==, 3);
  g_assert_cmpuint (results->len, ==, 1);

  finding = g_object_ref (g_ptr_array_index (findings, 0));
  result = g_object_ref (g_ptr_array_index (results, 0));
  g_clear_pointer (&findings, g_ptr_array_unref);
  g_clear_pointer (&results, g_ptr_array_unref);
  g_assert_finalize_object (finding);
  g_assert_finalize_object (result);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/repair/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("healthy", test_healthy);
  ADD ("repair", test_repair);
  ADD ("reach", test_reach);
  ADD ("async", test_async);
  ADD ("import", test_import);
  ADD ("hand-over", test_hand_over);
  ADD ("rename", test_rename);
  ADD ("errors", test_errors);
  ADD ("death", test_death);

  return g_test_run ();
}
