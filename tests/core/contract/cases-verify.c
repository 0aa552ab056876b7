/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Verifying, repairing, exporting and importing. */

#include "../refusal.h"
#include "contract.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
  [VCKC_FINDING_BITMAP_MISSING] = "missing",
  [VCKC_FINDING_BITMAP_INCONSISTENT] = "inconsistent",
  [VCKC_FINDING_BITMAP_NOT_RECORDING] = "not-recording",
  [VCKC_FINDING_BITMAP_BUSY] = "busy",
  [VCKC_FINDING_BITMAP_GRANULARITY] = "granularity",
  [VCKC_FINDING_DISK_RESIZED] = "resized",
  [VCKC_FINDING_DISK_GONE] = "gone",
  [VCKC_FINDING_BITMAP_ORPHAN] = "orphan",
  [VCKC_FINDING_BITMAP_FOREIGN] = "foreign",
  [VCKC_FINDING_METADATA_UNREADABLE] = "unreadable",
  [VCKC_FINDING_OPERATION_INTERRUPTED] = "interrupted",
  [VCKC_FINDING_DISK_UNREACHABLE] = "unreachable",
  [VCKC_FINDING_IMAGE_REPLACED] = "image-replaced",
  [VCKC_FINDING_BITMAP_REPLACED] = "bitmap-replaced",
  [VCKC_FINDING_BITMAP_IN_BACKING] = "in-backing",
  [VCKC_FINDING_MANY_BITMAPS] = "many",
};

/* Each finding has one of two outcomes: `other`, or that it is left. */
static bool
has_outcome (VckcFinding *finding, VckcFindingOutcome other)
{
  const VckcFindingOutcome outcome = vckc_finding_get_outcome (finding, NULL);

  g_assert_true (outcome == other || outcome == VCKC_FINDING_OUTCOME_LEFT);
  return outcome == other;
}

/* "missing:a/vda/a foreign:-/vdb/x": kind, checkpoint, disk, bitmap of those with that outcome. */
static char *
take_findings (VckcFinding **findings, int count, VckcFindingOutcome other, bool all)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (int i = 0; i < count; i++)
    {
      const char *checkpoint = vckc_finding_get_checkpoint (findings[i], NULL);
      const char *disk = vckc_finding_get_disk (findings[i], NULL);
      const char *bitmap = vckc_finding_get_bitmap (findings[i], NULL);
      g_autofree char *text =
          g_strdup_printf ("%s:%s/%s/%s", kind_names[vckc_finding_get_kind (findings[i], NULL)],
                           checkpoint != NULL ? checkpoint : "-", disk != NULL ? disk : "-",
                           bitmap != NULL ? bitmap : "-");

      g_assert_nonnull (vckc_finding_get_message (findings[i], NULL));
      g_assert_nonnull (vckc_finding_get_remedy (findings[i], NULL));
      if (has_outcome (findings[i], other) || all)
        g_strv_builder_add (builder, text);
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  g_auto (GStrv) words = g_strv_builder_end (builder);
  return g_strjoinv (" ", words);
}

static char *
verify (Fixture *fixture)
{
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;
  int count = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  return take_findings (findings, count, VCKC_FINDING_OUTCOME_WOULD, true);
}

/* What is repaired, or would be. */
static char *
repair (Fixture *fixture, unsigned int flags)
{
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;
  int count = vckc_domain_repair_checkpoints (fixture->domain, &findings, flags, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  return take_findings (findings, count,
                        (flags & VCKC_REPAIR_DRY_RUN) != 0 ? VCKC_FINDING_OUTCOME_WOULD
                                                           : VCKC_FINDING_OUTCOME_DONE,
                        false);
}

typedef struct
{
  const char *id;
  const char *prepare;
  const char *found;
  unsigned int flags; /* of the repair */
  const char *repaired;
  const char *left; /* found afterwards */
  const char *tree; /* afterwards */
} VerifyCase;

static const VerifyCase cases[] = {
  { "verify-healthy", "create a; write vda 0 1; create b", "", 0, "", "", "a b<a cur=b" },
  { "verify-missing", "create a b; lose vda a", "missing:a/vda/a", 0, "missing:a/vda/a", "",
    "a b<a cur=b" },
  { "verify-missing-all", "create a b c; lose vda b; lose vdb b", "missing:b/vda/b missing:b/vdb/b",
    0, "missing:b/vda/b missing:b/vdb/b", "", "a c<a cur=c" },
  { "verify-current-goes", "create a b; lose vda b; lose vdb b", "missing:b/vda/b missing:b/vdb/b",
    0, "missing:b/vda/b missing:b/vdb/b", "", "a cur=a" },
  { "verify-inconsistent", "create a; break vdb a", "inconsistent:a/vdb/a", 0,
    "inconsistent:a/vdb/a", "", "a cur=a" },
  { "verify-inconsistent-all", "create a; break vda a; break vdb a",
    "inconsistent:a/vda/a inconsistent:a/vdb/a", 0, "inconsistent:a/vda/a inconsistent:a/vdb/a", "",
    "cur=-" },
  { "verify-orphan", "create a b; delete b metadata", "orphan:-/vda/b orphan:-/vdb/b",
    VCKC_REPAIR_ORPHANS, "orphan:-/vda/b orphan:-/vdb/b", "", "a cur=a" },
  { "verify-orphan-kept", "create a b; delete b metadata", "orphan:-/vda/b orphan:-/vdb/b", 0, "",
    "orphan:-/vda/b orphan:-/vdb/b", "a cur=a" },
  { "verify-orphan-adopted", "create a; delete a metadata; redefine a", "", 0, "", "", "a cur=a" },
  { "verify-foreign-kept", "create a; add vda x", "foreign:-/vda/x", 0, "", "foreign:-/vda/x",
    "a cur=a" },
  { "verify-foreign-removed", "create a; add vda x", "foreign:-/vda/x", VCKC_REPAIR_FOREIGN,
    "foreign:-/vda/x", "", "a cur=a" },
  { "verify-only-orphans", "create a b; delete b metadata; lose vda a",
    "missing:a/vda/a orphan:-/vda/b orphan:-/vdb/b", VCKC_REPAIR_ORPHANS,
    "orphan:-/vda/b orphan:-/vdb/b", "missing:a/vda/a", NULL },
  { "verify-redefined-disk-gone", "create a; redefine r", "missing:r/vda/r missing:r/vdb/r", 0,
    "missing:r/vda/r missing:r/vdb/r", "", "a cur=a" },
};

static void
check_verify_case (Fixture *fixture, const VerifyCase *self)
{
  fixture_run (fixture, self->prepare);
  g_autofree char *found = verify (fixture);
  g_assert_cmpstr (found, ==, self->found);
  g_autofree char *planned = repair (fixture, self->flags | VCKC_REPAIR_DRY_RUN);
  g_assert_cmpstr (planned, ==, self->repaired);
  g_autofree char *unchanged = verify (fixture);
  g_assert_cmpstr (unchanged, ==, self->found);
  g_autofree char *repaired = repair (fixture, self->flags);
  g_assert_cmpstr (repaired, ==, self->repaired);
  g_autofree char *left = verify (fixture);
  g_assert_cmpstr (left, ==, self->left);
  if (self->tree != NULL)
    {
      g_autofree char *tree = fixture_tree (fixture);

      g_assert_cmpstr (tree, ==, self->tree);
    }
}

/* Where the driver cannot look, both calls fail and change nothing. */
static void
refuses_to_look (Fixture *fixture, const VerifyCase *self, int code)
{
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) verify_error = NULL;
  g_autoptr (VckcError) repair_error = NULL;

  fixture_run (fixture, self->prepare);
  g_autofree char *before = fixture_list (fixture, NULL, 0);
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, &verify_error), ==,
                   -1);
  assert_refused (verify_error, code);
  g_assert_cmpint (
      vckc_domain_repair_checkpoints (fixture->domain, &findings, self->flags, &repair_error), ==,
      -1);
  assert_refused (repair_error, code);
  g_autofree char *after = fixture_list (fixture, NULL, 0);
  g_assert_cmpstr (after, ==, before);
}

static void
run_verify_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  VerifyCase self = *(const VerifyCase *) row;
  const Difference *difference = find_difference (&fixture->target, self.id);

  if (difference != NULL && difference->code != 0)
    {
      refuses_to_look (fixture, &self, difference->code);
      return;
    }
  if (difference != NULL)
    {
      self.found = difference->expect;
      self.repaired = difference->repaired;
      self.left = difference->left;
      self.tree = difference->tree != NULL ? difference->tree : self.tree;
    }
  check_verify_case (fixture, &self);
}

/* A checkpoint that lost one disk still counts what the other one did, and can be deleted. */
static void
run_partial_is_useful (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a; lose vda a");
  g_free (repair (fixture, 0));
  fixture_run (fixture, "write vdb 0 2");
  g_autofree char *disks = fixture_disks (fixture, "a", VCKC_CHECKPOINT_XML_SIZE);
  g_assert_true (g_str_has_prefix (disks, "vda=no vdb=bitmap:a:131072"));
  fixture_run (fixture, "delete a; create a");
}

static VckcCheckpointState
get_state (Fixture *fixture, const char *name)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, name);
  VckcCheckpointState state = VCKC_CHECKPOINT_STATE_UNKNOWN;

  g_assert_cmpint (vckc_domain_checkpoint_get_state (checkpoint, &state, NULL), ==, 0);
  return state;
}

static void
run_states (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcDomainCheckpointDisk **disks = NULL;

  fixture_run (fixture, "create a b c; lose vda b; break vdb c");
  g_assert_cmpint (get_state (fixture, "a"), ==, VCKC_CHECKPOINT_STATE_READY);
  g_assert_cmpint (get_state (fixture, "b"), ==, VCKC_CHECKPOINT_STATE_MISSING);
  g_assert_cmpint (get_state (fixture, "c"), ==, VCKC_CHECKPOINT_STATE_INCONSISTENT);

  g_autoptr (VckcDomainCheckpoint) b = fixture_lookup (fixture, "b");
  for (unsigned int flags = 0; flags <= VCKC_CHECKPOINT_XML_SIZE; flags += VCKC_CHECKPOINT_XML_SIZE)
    {
      int count = vckc_domain_checkpoint_list_disks (b, &disks, flags, NULL);

      g_assert_cmpint (count, >=, 3);
      g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[0], NULL), ==,
                       flags != 0 ? VCKC_CHECKPOINT_STATE_MISSING : VCKC_CHECKPOINT_STATE_UNKNOWN);
      g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[1], NULL), ==,
                       flags != 0 ? VCKC_CHECKPOINT_STATE_READY : VCKC_CHECKPOINT_STATE_UNKNOWN);
      g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[2], NULL), ==,
                       VCKC_CHECKPOINT_STATE_UNTRACKED);
      for (int i = 0; i < count; i++)
        vckc_domain_checkpoint_disk_unref (disks[i], NULL);
      free (disks);
    }
}

/* A disk that is no longer part of the domain. */
static void
run_disk_gone (gpointer data, gconstpointer unused)
{
  static const char one_disk[] =
      "<domain type='@TYPE@'><name>t</name><uuid>@UUID@</uuid>@METADATA@"
      "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices><disk type='file'>"
      "<driver type='qcow2'/><source file='@DIR@/a.qcow2'/><target dev='vda'/></disk></devices>"
      "</domain>";
  Fixture *fixture = data;
  g_autofree char *xml = fixture_expand (fixture, one_disk);

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (fixture->connect, xml, NULL);
  g_assert_nonnull (domain);
  g_assert_cmpint (get_state (fixture, "a"), ==, VCKC_CHECKPOINT_STATE_GONE);
  g_autofree char *found = verify (fixture);
  g_assert_cmpstr (found, ==, "gone:a/vdb/a");
  g_autofree char *repaired = repair (fixture, 0);
  g_assert_cmpstr (repaired, ==, "gone:a/vdb/a");
  g_autofree char *left = verify (fixture);
  g_assert_cmpstr (left, ==, "");
}

/* From a number on that a guest notices, and not with one less. */
static void
run_many (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  GString *script = g_string_new ("create");

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (script, " c%u", i);
  fixture_run (fixture, script->str);
  g_string_free (script, TRUE);
  g_autofree char *found = verify (fixture);
  g_assert_cmpstr (found, ==, "many:-/vda/- many:-/vdb/-");
  g_autofree char *repaired = repair (fixture, 0);
  g_assert_cmpstr (repaired, ==, "");
  fixture_run (fixture, "delete c50");
  g_autofree char *left = verify (fixture);
  g_assert_cmpstr (left, ==, "");
}

static void
run_repair_refuses (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);

  g_assert_cmpint (vckc_domain_repair_checkpoints (reader, &findings, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_OPERATION_DENIED);
  g_assert_cmpint (vckc_domain_repair_checkpoints (reader, &findings, VCKC_REPAIR_DRY_RUN, NULL),
                   ==, 0);
  free (findings);
  g_assert_cmpint (vckc_domain_verify_checkpoints (reader, &findings, NULL), ==, 0);
  free (findings);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 1 << 10, &error), ==,
                   -1);
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
}

/* "a b:refused" */
static char *
import (Fixture *fixture, const char *document, unsigned int flags)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  VckcImportResult **results = NULL;
  g_autoptr (VckcError) error = NULL;
  int count = vckc_domain_import_checkpoints (fixture->domain, document, &results, flags, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  for (int i = 0; i < count; i++)
    {
      const bool imported = vckc_import_result_is_imported (results[i], NULL);
      g_autofree char *text = g_strconcat (vckc_import_result_get_checkpoint (results[i], NULL),
                                           imported ? "" : ":refused", NULL);

      g_assert_true (imported == (vckc_import_result_get_message (results[i], NULL) == NULL));
      if (!imported)
        g_test_message ("%s", vckc_import_result_get_message (results[i], NULL));
      g_strv_builder_add (builder, text);
      vckc_import_result_unref (results[i], NULL);
    }
  free (results);
  g_auto (GStrv) words = g_strv_builder_end (builder);
  return g_strjoinv (" ", words);
}

static char *export(Fixture *fixture)
{
  g_autoptr (VckcError) error = NULL;
  char *document = vckc_domain_export_checkpoints (fixture->domain, &error);

  g_assert_null (error);
  return document;
}

/* Everything is forgotten and comes back, with its disk info and its current checkpoint. */
static void
run_round_trip (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a b; redefine x under a; create c; write vda 0 1");
  g_autofree char *before = export(fixture);
  g_autofree char *tree = fixture_tree (fixture);
  g_assert_null (strstr (before, "<domain "));
  fixture_run (fixture, "delete a metadata children");
  g_autofree char *verified = import (fixture, before, VCKC_IMPORT_VERIFY);
  /* x was redefined without bitmaps. */
  g_assert_true (strstr (verified, "x:refused") != NULL);
  g_autofree char *rest = import (fixture, before, 0);
  g_assert_true (strstr (rest, "a:refused") != NULL && strstr (rest, "x:refused") == NULL);
  g_autofree char *after = export(fixture);
  g_autofree char *tree_after = fixture_tree (fixture);
  g_assert_cmpstr (tree_after, ==, tree);
  g_autofree char *disks = fixture_disks (fixture, "a", VCKC_CHECKPOINT_XML_SIZE);
  g_assert_true (g_str_has_prefix (disks, "vda=bitmap:a:65536 vdb=bitmap:a:0"));
  g_assert_cmpuint (strlen (after), ==, strlen (before));
}

/* Given away, the checkpoints are gone here and known to the document; they come back from it. */
static void
run_hand_over (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcError) error = NULL;

  fixture_run (fixture, "create a b; redefine x under a; create c; write vda 0 1");
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  g_assert_null (vckc_domain_hand_over_checkpoints (reader, 0, &error));
  assert_refused (error, VCKC_ERROR_OPERATION_DENIED);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_hand_over_checkpoints (fixture->domain, 1, &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);

  g_autofree char *before = export(fixture);
  g_autofree char *tree = fixture_tree (fixture);
  g_autofree char *document = vckc_domain_hand_over_checkpoints (fixture->domain, 0, NULL);
  g_assert_nonnull (document);
  g_assert_cmpuint (strlen (document), ==, strlen (before));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
  g_autofree char *nothing = vckc_domain_hand_over_checkpoints (fixture->domain, 0, NULL);
  g_assert_null (strstr (nothing, "<entry"));

  g_autofree char *results = import (fixture, document, 0);
  g_assert_null (strstr (results, "refused"));
  g_autofree char *tree_after = fixture_tree (fixture);
  g_assert_cmpstr (tree_after, ==, tree);
}

/* Nothing here takes the bitmaps for left over, also not those of checkpoints forgotten before. */
static void
run_hand_over_forgets (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a b; delete a metadata");
  g_autofree char *document = vckc_domain_hand_over_checkpoints (fixture->domain, 0, NULL);
  g_assert_nonnull (document);
  g_autofree char *found = verify (fixture);
  g_assert_cmpstr (found, ==, "foreign:-/vda/a foreign:-/vda/b foreign:-/vdb/a foreign:-/vdb/b");
}

/* A description is text: it comes back as it was, line breaks and all. */
static void
run_export_text (gpointer data, gconstpointer unused)
{
  static const char xml[] =
      "<domaincheckpoint><name>a</name><description>two\n  lines, &lt;&amp;&gt;\n</description>"
      "<disks><disk name='vda'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) a =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_assert_nonnull (a);
  g_autofree char *document = export(fixture);
  char *description;

  fixture_run (fixture, "delete a metadata");
  g_autofree char *results = import (fixture, document, VCKC_IMPORT_VERIFY);
  g_assert_cmpstr (results, ==, "a");
  g_autoptr (VckcDomainCheckpoint) again =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "a", 0, NULL);
  description = vckc_domain_checkpoint_get_description (again, NULL);
  g_assert_cmpstr (description, ==, "two\n  lines, <&>\n");
  free (description);
}

#define ENTRY(name, parent)                                                                        \
  "<entry><domaincheckpoint><name>" name "</name>" parent "<creationTime>5</creationTime>"         \
  "<disks><disk name='vda'/></disks></domaincheckpoint></entry>"
#define PARENT(name) "<parent><name>" name "</name></parent>"
#define DOCUMENT(entries) "<vckcheckpoints version='1' domain='t'>" entries "</vckcheckpoints>"

static void
run_import_order (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  /* Children before parents, a circle, and an unknown parent. */
  static const char document[] = DOCUMENT (
      ENTRY ("c", PARENT ("b")) ENTRY ("b", PARENT ("a")) ENTRY ("a", "") ENTRY ("r", PARENT ("s"))
          ENTRY ("s", PARENT ("r")) ENTRY ("u", PARENT ("unknown")) ENTRY ("v", PARENT ("u")));
  g_autofree char *results = import (fixture, document, 0);

  g_assert_cmpstr (results, ==, "a b c s:refused r:refused u:refused v:refused");
  g_autofree char *names = fixture_list (fixture, NULL, 0);
  g_assert_cmpstr (names, ==, "a b c");
}

/* What was current is so again, whatever comes before and after it in the document. */
static void
run_import_current (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  static const char document[] =
      "<vckcheckpoints version='1' domain='t' current='c'>" ENTRY ("a", "")
          ENTRY ("b", PARENT ("a")) ENTRY ("c", PARENT ("a"))
              ENTRY ("d", PARENT ("a")) "</vckcheckpoints>";
  g_autofree char *results = import (fixture, document, 0);
  g_autofree char *tree = fixture_tree (fixture);

  g_assert_cmpstr (results, ==, "a b c d");
  g_assert_cmpstr (tree, ==, "a b<a c<a d<a cur=c");
}

static void
run_import_disks (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  static const char document[] =
      DOCUMENT ("<entry><domaincheckpoint><name>z</name><creationTime>5</creationTime>"
                "<disks><disk name='vdz'/></disks></domaincheckpoint></entry>");
  g_autofree char *refused = import (fixture, document, 0);
  g_autofree char *imported = import (fixture, document, VCKC_IMPORT_METADATA_ONLY);
  g_autofree char *again = import (fixture, document, VCKC_IMPORT_METADATA_ONLY);
  g_autofree char *replaced =
      import (fixture, document, VCKC_IMPORT_METADATA_ONLY | VCKC_IMPORT_REPLACE);

  g_assert_cmpstr (refused, ==, "z:refused");
  g_assert_cmpstr (imported, ==, "z");
  g_assert_cmpstr (again, ==, "z:refused");
  g_assert_cmpstr (replaced, ==, "z");
}

static void
run_import_refuses (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  static const struct
  {
    const char *document;
    unsigned int flags;
    int code;
  } rows[] = {
    { "", 0, VCKC_ERROR_XML_ERROR },
    { "<domaincheckpoint/>", 0, VCKC_ERROR_XML_ERROR },
    { "<vckcheckpoints version='2' domain='t'/>", 0, VCKC_ERROR_XML_INVALID_SCHEMA },
    { DOCUMENT ("<entry/>"), 0, VCKC_ERROR_XML_INVALID_SCHEMA },
    { DOCUMENT (ENTRY ("../x", "")), 0, VCKC_ERROR_XML_INVALID_SCHEMA },
    { DOCUMENT (ENTRY ("a", "") ENTRY ("a", "")), 0, VCKC_ERROR_XML_ERROR },
    { DOCUMENT (""), VCKC_IMPORT_VERIFY | VCKC_IMPORT_METADATA_ONLY, VCKC_ERROR_INVALID_ARG },
    { DOCUMENT (""), 1 << 10, VCKC_ERROR_INVALID_ARG },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      VckcImportResult **results = (VckcImportResult **) &results;
      g_autoptr (VckcError) error = NULL;

      g_assert_cmpint (vckc_domain_import_checkpoints (fixture->domain, rows[i].document, &results,
                                                       rows[i].flags, &error),
                       ==, -1);
      g_assert_null (results);
      g_test_message ("%s", vckc_error_get_message (error));
      assert_refused (error, rows[i].code);
    }
  g_autofree char *nothing = import (fixture, DOCUMENT (""), 0);
  g_assert_cmpstr (nothing, ==, "");
}

void
add_verify_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_verify_case, &cases[i]);
  add_case (target, "repair-partial-is-useful", run_partial_is_useful, NULL);
  add_case (target, "states", run_states, NULL);
  add_case (target, "verify-disk-gone", run_disk_gone, NULL);
  add_case (target, "verify-many", run_many, NULL);
  add_case (target, "repair-refuses", run_repair_refuses, NULL);
  add_case (target, "export-round-trip", run_round_trip, NULL);
  add_case (target, "export-text", run_export_text, NULL);
  add_case (target, "hand-over", run_hand_over, NULL);
  add_case (target, "hand-over-forgets", run_hand_over_forgets, NULL);
  add_case (target, "import-order", run_import_order, NULL);
  add_case (target, "import-current", run_import_current, NULL);
  add_case (target, "import-disks", run_import_disks, NULL);
  add_case (target, "import-refuses", run_import_refuses, NULL);
}
