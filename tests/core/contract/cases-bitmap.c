/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoints and their bitmaps: the rows Q of semantics.md that are not about libvirt's own
 * files. */

#include "contract.h"

#include <string.h>

/* A script, one command that may fail, and what a checkpoint then says of its disks. */
typedef struct
{
  const char *id;
  const char *prepare;
  const char *action;     /* one command */
  int code;               /* of the action */
  const char *checkpoint; /* to be described; NULL for none */
  const char *expect;     /* fixture_disks() with sizes, without the untracked disks */
  const char *tree;       /* fixture_tree() afterwards; NULL not to look */
  const char *differs;
} BitmapCase;

static const char refused_early[] = "the deletion is refused before anything is changed";
static const char one_rule[] = "the entry's bitmap name counts everywhere";

static const BitmapCase cases[] = {
  { "Q20", "create k1; add vdb taken", "create taken", VCKC_ERROR_OPERATION_FAILED, "k1",
    "vda=bitmap:k1:0 vdb=bitmap:k1:0", "k1 cur=k1", NULL },
  { "Q21-k1", "create k1; write vda 0 2; write vdb 0 1", "write vda 7 1", 0, "k1",
    "vda=bitmap:k1:196608 vdb=bitmap:k1:65536", "k1 cur=k1", NULL },
  { "Q21-k2", "create k1; write vda 0 3; create k2", "write vdb 5 1", 0, "k2",
    "vda=bitmap:k2:0 vdb=bitmap:k2:65536", "k1 k2<k1 cur=k2", NULL },
  { "Q21-same-granule", "create k1; write vda 3 1", "write vda 3 1", 0, "k1",
    "vda=bitmap:k1:65536 vdb=bitmap:k1:0", NULL, NULL },
  { "Q23-size", "create k1 k2", "lose vda k1", 0, "k1", "vda=bitmap:k1 vdb=bitmap:k1:0", NULL,
    NULL },
  { "Q23-delete", "create k1 k2; lose vda k1", "delete k1", VCKC_ERROR_CHECKPOINT_INCONSISTENT,
    "k1", "vda=bitmap:k1 vdb=bitmap:k1:0", "k1 k2<k1 cur=k2", NULL },
  { "Q24", "create a1 a2 a3", "delete a2", 0, "a3", "vda=bitmap:a3:0 vdb=bitmap:a3:0",
    "a1 a3<a1 cur=a3", NULL },
  { "Q19", "create a1 a2", "create a1", VCKC_ERROR_CHECKPOINT_EXISTS, "a1",
    "vda=bitmap:a1:0 vdb=bitmap:a1:0", "a1 a2<a1 cur=a2", NULL },
  { "Q25", "create a1 a2 a3", "delete a3", 0, "a2", "vda=bitmap:a2:0 vdb=bitmap:a2:0",
    "a1 a2<a1 cur=a2", NULL },
  { "Q29", "create a1 a2 a3; delete a2 metadata children", "redefine a3", 0, "a3",
    "vda=bitmap:a3:0 vdb=bitmap:a3:0", "a1 a3 cur=a1", NULL },
  { "Q26", "create a1 a2 a3", "delete a2 children", 0, NULL, NULL, "a1 cur=a1", NULL },
  { "Q27", "create a1 a2 a3", "delete a1 children-only", 0, NULL, NULL, "a1 cur=a1", NULL },
  { "Q28", "create a1 a2; delete a2 metadata", "create a2", VCKC_ERROR_OPERATION_FAILED, NULL, NULL,
    "a1 cur=a1", NULL },
  { "Q30", "create k1; write vda 0 1; create k2; write vda 4 1", "delete k2", 0, "k1",
    "vda=bitmap:k1:131072 vdb=bitmap:k1:0", "k1 cur=k1", NULL },
  { "Q30-parent-gone", "create k1; write vda 0 1; create k2; write vda 4 1", "delete k1", 0, "k2",
    "vda=bitmap:k2:65536 vdb=bitmap:k2:0", "k2 cur=k2", NULL },
  { "Q38", "create k1; delete k1 metadata", "redefine k1", 0, "k1",
    "vda=bitmap:k1:0 vdb=bitmap:k1:0", "k1 cur=k1", NULL },
  { "Q41-size", "create k1; write vda 0 1; break vda k1", "write vdb 0 1", 0, "k1",
    "vda=bitmap:k1 vdb=bitmap:k1:65536", NULL, NULL },
  { "Q41-delete", "create k1; break vda k1; break vdb k1", "delete k1", 0, NULL, NULL, "cur=-",
    NULL },
  { "Q64", "create a1 a2 a3 a4; lose vda a3", "delete a1 children",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, "a4", "vda=bitmap:a4:0 vdb=bitmap:a4:0",
    "a1 a2<a1 a3<a2 a4<a3 cur=a4", refused_early },
  { "Q69", "create k1; lose vda k1", "delete k1 metadata", 0, NULL, NULL, "cur=-", NULL },
  { "Q71", "create a1 a2 a3; lose vda a2", "delete a2", VCKC_ERROR_CHECKPOINT_INCONSISTENT, "a3",
    "vda=bitmap:a3:0 vdb=bitmap:a3:0", "a1 a2<a1 a3<a2 cur=a3", refused_early },
};

/* Leaves out the disks that no case tracks. */
static char *
describe (Fixture *fixture, const char *checkpoint)
{
  g_autofree char *all = fixture_disks (fixture, checkpoint, VCKC_CHECKPOINT_XML_SIZE);
  g_auto (GStrv) words = g_strsplit (all, " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (!g_str_has_suffix (words[i], "=no"))
      g_strv_builder_add (builder, words[i]);
  g_auto (GStrv) tracked = g_strv_builder_end (builder);
  return g_strjoinv (" ", tracked);
}

static void
run_bitmap_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const BitmapCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  const char *expect = difference != NULL ? difference->expect : self->expect;
  const char *expected_tree =
      difference != NULL && difference->tree != NULL ? difference->tree : self->tree;

  fixture_run (fixture, self->prepare);
  g_assert_cmpint (fixture_step (fixture, self->action), ==,
                   difference != NULL ? difference->code : self->code);
  if (self->checkpoint != NULL && expect != NULL)
    {
      g_autofree char *disks = describe (fixture, self->checkpoint);

      g_assert_cmpstr (disks, ==, expect);
    }
  if (expected_tree != NULL)
    {
      g_autofree char *tree = fixture_tree (fixture);

      g_assert_cmpstr (tree, ==, expected_tree);
    }
}

/* Redefining with validation. */
typedef struct
{
  const char *id;
  const char *prepare;
  const char *disks; /* in <disks> */
  const char *name;
  int code;
  const char *differs;
} ValidateCase;

static const ValidateCase validate_cases[] = {
  { "Q31", "create k1; delete k1 metadata", "<disk name='vda'/><disk name='vdb'/>", "k1", 0, NULL },
  { "Q32", "", "<disk name='vda'/>", "nope", VCKC_ERROR_CHECKPOINT_INCONSISTENT, NULL },
  { "Q33", "create k1; delete k1 metadata", "<disk name='vda'/><disk name='vdz'/>", "k1", 0, NULL },
  { "Q34", "create k1; delete k1 metadata", "<disk name='vda' bitmap='k1'/>", "nope", 0, one_rule },
  { "Q34-other", "create k1; delete k1 metadata", "<disk name='vda' bitmap='nope'/>", "k1",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, one_rule },
  { "Q36", "", "<disk name='vda' checkpoint='no'/>", "nope", 0, NULL },
  { "Q41-validate", "create k1; break vda k1; delete k1 metadata", "<disk name='vda'/>", "k1",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, NULL },
};

static void
run_validate_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const ValidateCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  const int code = difference != NULL ? difference->code : self->code;
  g_autofree char *xml = g_strdup_printf (
      "<domaincheckpoint><name>%s</name><creationTime>5</creationTime><disks>%s</disks>"
      "</domaincheckpoint>",
      self->name, self->disks);
  g_autoptr (VckcError) error = NULL;

  fixture_run (fixture, self->prepare);
  g_autoptr (VckcDomainCheckpoint) checkpoint = vckc_domain_checkpoint_create_xml (
      fixture->domain, xml,
      VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE, &error);
  g_assert_cmpint (error != NULL ? (int) vckc_error_get_code (error) : 0, ==, code);
  g_assert_true ((checkpoint != NULL) == (code == 0));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==,
                   code == 0 ? 1 : 0);
}

/* Q16, Q39: a bitmap name of its own is allowed and counts everywhere. */
static void
run_own_bitmap_name (gpointer data, gconstpointer unused)
{
  static const char xml[] = "<domaincheckpoint><name>k</name><disks>"
                            "<disk name='vda' bitmap='own'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);

  g_assert_nonnull (checkpoint);
  fixture_run (fixture, "write vda 0 2");
  g_autofree char *disks = describe (fixture, "k");
  g_assert_cmpstr (disks, ==, "vda=bitmap:own:131072");
  fixture_run (fixture, "delete k");
  /* It is really gone: the name is free again. */
  g_autoptr (VckcDomainCheckpoint) again =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_assert_nonnull (again);
}

/* Redefined without <domain>, a disk may be listed twice: its bitmap is still one. */
static void
run_disk_listed_twice (gpointer data, gconstpointer unused)
{
  static const char xml[] = "<domaincheckpoint><name>k</name><creationTime>5</creationTime><disks>"
                            "<disk name='vda'/><disk name='vda'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  g_autofree char *disks = NULL;

  fixture_run (fixture, "create k; delete k metadata; lose vdb k");
  g_autoptr (VckcDomainCheckpoint) checkpoint = vckc_domain_checkpoint_create_xml (
      fixture->domain, xml,
      VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE, NULL);
  g_assert_nonnull (checkpoint);
  disks = describe (fixture, "k");
  g_assert_cmpstr (disks, ==, "vda=bitmap:k:0 vda=bitmap:k:0");
  fixture_run (fixture, "delete k; create k");
}

#define N_AT_ONCE 4

static gpointer
measure_in_thread (gpointer data)
{
  return describe (data, "k1");
}

/* Q72: sizes asked for by several at once. */
static void
run_sizes_at_once (gpointer data, gconstpointer unused)
{
  GThread *threads[N_AT_ONCE];

  fixture_run (data, "create k1; write vda 0 3");
  for (guint i = 0; i < N_AT_ONCE; i++)
    threads[i] = g_thread_new ("measure", measure_in_thread, data);
  for (guint i = 0; i < N_AT_ONCE; i++)
    {
      g_autofree char *disks = g_thread_join (threads[i]);

      g_assert_cmpstr (disks, ==, "vda=bitmap:k1:196608 vdb=bitmap:k1:0");
    }
}

/* Q65, Q66: the longest name works; one more is refused before anything is made. */
static void
run_long_name (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *longest = g_strnfill (247, 'n');
  g_autofree char *create = g_strconcat ("create ", longest, NULL);
  g_autofree char *delete = g_strconcat ("delete ", longest, NULL);
  g_autofree char *too_long = g_strconcat ("create ", longest, "n", NULL);

  fixture_run (fixture, create);
  fixture_run (fixture, delete);
  g_assert_cmpint (fixture_step (fixture, too_long), ==, VCKC_ERROR_XML_ERROR);
  g_autofree char *tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "cur=-");
}

static char *
create_bitmap_named (Fixture *fixture, gsize length)
{
  g_autofree char *bitmap = g_strnfill (length, 'n');
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>k1</name><disks><disk name='vda' bitmap='%s'/>"
                       "<disk name='vdb'/></disks></domaincheckpoint>",
                       bitmap);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);

  if (checkpoint != NULL)
    return NULL;
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_CONFIG_UNSUPPORTED);
  return g_strdup (vckc_error_get_message (error));
}

/* An image keeps names of up to 1023 bytes; one more is refused before anything is made, by a
 * driver without images too. */
static void
run_long_bitmap_name (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *too_long = create_bitmap_named (fixture, 1024);
  g_autofree char *longest = NULL;
  g_autofree char *tree = fixture_tree (fixture);

  g_assert_nonnull (too_long);
  g_assert_nonnull (strstr (too_long, "has a name of 1024 bytes; use at most 1023"));
  g_assert_cmpstr (tree, ==, "cur=-");
  longest = create_bitmap_named (fixture, 1023);
  g_assert_null (longest);
  fixture_run (fixture, "write vda 0 1; delete k1");
}

/* A foreign bitmap of the new checkpoint's name survives the refused creation. */
static void
run_foreign_bitmap_survives (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "add vdb x; write vdb 0 1");
  g_assert_cmpint (fixture_step (fixture, "create x"), ==, VCKC_ERROR_OPERATION_FAILED);
  fixture_run (fixture, "redefine x");
  g_autofree char *disks = describe (fixture, "x");
  g_assert_cmpstr (disks, ==, "vda=bitmap:x vdb=bitmap:x:65536");
}

/* "a/vda:65536:1 ", or "error 7": the tracked disks of a checkpoint. */
static void
append_listed (GString *out, VckcDomainCheckpoint *checkpoint)
{
  g_autoptr (VckcError) error = NULL;
  VckcDomainCheckpointDisk **disks = NULL;
  int count =
      vckc_domain_checkpoint_list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, &error);

  if (count < 0)
    g_string_printf (out, "error %d", (int) vckc_error_get_code (error));
  for (int i = 0; i < count; i++)
    {
      if (vckc_domain_checkpoint_disk_is_tracked (disks[i], NULL))
        g_string_append_printf (out, "%s/%s:%" G_GINT64_FORMAT ":%d ",
                                vckc_domain_checkpoint_disk_get_checkpoint (disks[i], NULL),
                                vckc_domain_checkpoint_disk_get_name (disks[i], NULL),
                                (gint64) vckc_domain_checkpoint_disk_get_size (disks[i], NULL),
                                (int) vckc_domain_checkpoint_disk_get_state (disks[i], NULL));
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
}

static char *
measure_all (Fixture *fixture)
{
  g_autoptr (VckcError) error = NULL;
  GString *out = g_string_new (NULL);
  VckcDomainCheckpointDisk **disks = NULL;
  int count = vckc_domain_measure_checkpoints (fixture->domain, &disks, &error);

  if (count < 0)
    g_string_printf (out, "error %d", (int) vckc_error_get_code (error));
  for (int i = 0; i < count; i++)
    {
      g_string_append_printf (out, "%s/%s:%" G_GINT64_FORMAT ":%d ",
                              vckc_domain_checkpoint_disk_get_checkpoint (disks[i], NULL),
                              vckc_domain_checkpoint_disk_get_name (disks[i], NULL),
                              (gint64) vckc_domain_checkpoint_disk_get_size (disks[i], NULL),
                              (int) vckc_domain_checkpoint_disk_get_state (disks[i], NULL));
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
  return g_string_free (out, FALSE);
}

/* All at once says what one after the other says, of what is good and of what is not. */
static void
run_measure (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (GString) listed = g_string_new (NULL);
  g_autofree char *nothing = measure_all (fixture);
  g_autofree char *measured = NULL;
  VckcDomainCheckpoint **list = NULL;
  int count;

  g_assert_cmpstr (nothing, ==, "");
  fixture_run (fixture, "create a; write vda 1 1; create b; write vda 2 1; create c; lose vda b");
  count = vckc_domain_list_all_checkpoints (fixture->domain, &list,
                                            VCKC_CHECKPOINT_LIST_TOPOLOGICAL, NULL);
  g_assert_cmpint (count, ==, 3);
  for (int i = 0; i < count; i++)
    {
      append_listed (listed, list[i]);
      vckc_domain_checkpoint_unref (list[i], NULL);
    }
  free (list);
  measured = measure_all (fixture);
  g_assert_cmpstr (measured, ==, listed->str);
}

/* What the subscriber was notified of. */
typedef struct
{
  GString *measured; /* "a/vda:65536", of each disk */
  guint n_events;
  gint64 measured_at;
  guint64 incarnation; /* of the checkpoint of the first disk */
} MeasureLog;

static void
log_measured_cb (const VckcEvent *event, void *opaque)
{
  MeasureLog *log = opaque;

  if (event->type != VCKC_EVENT_CHECKPOINTS_MEASURED)
    return;
  log->n_events++;
  log->measured_at = event->measured_at;
  log->incarnation = vckc_domain_checkpoint_disk_get_incarnation (event->disks[0], NULL);
  g_string_truncate (log->measured, 0);
  for (gsize i = 0; i < event->n_listed; i++)
    g_string_append_printf (log->measured, "%s/%s:%" G_GINT64_FORMAT ":%d ",
                            vckc_domain_checkpoint_disk_get_checkpoint (event->disks[i], NULL),
                            vckc_domain_checkpoint_disk_get_name (event->disks[i], NULL),
                            (gint64) vckc_domain_checkpoint_disk_get_size (event->disks[i], NULL),
                            (int) vckc_domain_checkpoint_disk_get_state (event->disks[i], NULL));
}

/* A subscriber knows what was measured, and of which life of the checkpoint, when the call
 * returns. */
static void
run_measured_event (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  MeasureLog log = { .measured = g_string_new (NULL) };
  const gint64 before = g_get_real_time ();
  g_autoptr (VckcDomainCheckpoint) first = NULL;
  g_autoptr (VckcDomainCheckpoint) second = NULL;
  g_autofree char *measured = NULL;
  VckcCheckpointState state;
  int id = vckc_connect_subscribe (vckc_domain_get_connect (fixture->domain, NULL), log_measured_cb,
                                   &log, NULL, NULL);

  fixture_run (fixture, "create a; write vda 1 1");
  first = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "a", 0, NULL);
  measured = measure_all (fixture);
  g_assert_cmpuint (log.n_events, ==, 1);
  g_assert_cmpstr (log.measured->str, ==, measured);
  g_assert_cmpint (log.measured_at, >=, before);
  g_assert_cmpint (log.measured_at, <=, g_get_real_time ());
  g_assert_cmpuint (log.incarnation, ==, vckc_domain_checkpoint_get_incarnation (first, NULL));

  fixture_run (fixture, "delete a; create a");
  second = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "a", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_get_state (second, &state, NULL), ==, 0);
  g_assert_cmpuint (log.n_events, ==, 2);
  g_assert_cmpuint (log.incarnation, ==, vckc_domain_checkpoint_get_incarnation (second, NULL));
  g_assert_cmpuint (log.incarnation, !=, vckc_domain_checkpoint_get_incarnation (first, NULL));
  vckc_connect_unsubscribe (vckc_domain_get_connect (fixture->domain, NULL), id, NULL);
  g_string_free (log.measured, TRUE);
}

void
add_bitmap_cases (const Target *target)
{
  add_case (target, "measured-event", run_measured_event, NULL);
  add_case (target, "measure", run_measure, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_bitmap_case, &cases[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (validate_cases); i++)
    add_case (target, validate_cases[i].id, run_validate_case, &validate_cases[i]);
  add_case (target, "Q39", run_own_bitmap_name, NULL);
  add_case (target, "Q65-Q66", run_long_name, NULL);
  add_case (target, "long-bitmap-name", run_long_bitmap_name, NULL);
  add_case (target, "Q72", run_sizes_at_once, NULL);
  add_case (target, "disk-listed-twice", run_disk_listed_twice, NULL);
  add_case (target, "foreign-bitmap-survives", run_foreign_bitmap_survives, NULL);
}
