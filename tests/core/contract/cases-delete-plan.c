/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What deleting would do. That it is done so is checked by each deletion of a script, too. */

#include "../refusal.h"
#include "planned-deletion.h"

#define CHILDREN VCKC_CHECKPOINT_DELETE_CHILDREN
#define CHILDREN_ONLY VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY
#define METADATA_ONLY VCKC_CHECKPOINT_DELETE_METADATA_ONLY

typedef struct
{
  const char *id;
  const char *checkpoint;
  unsigned int flags;
  const char *expect; /* as describe_deletion() has it */
} DeletionCase;

/* Of a chain of checkpoints: `d`, of the second disk only, and below it `a`, `b` and `c`. */
static const DeletionCase cases[] = {
  { "delete-plan-root", "d", 0, "d(vdb/d-)" },
  { "delete-plan-between", "b", 0, "b(vda/b- vdb/b-)" },
  { "delete-plan-leaf", "c", 0, "c(vda/c- vdb/c-)" },
  { "delete-plan-metadata", "b", METADATA_ONLY, "b(vda/b vdb/b)" },
  { "delete-plan-children", "b", CHILDREN, "b(vda/b- vdb/b-) c(vda/c- vdb/c-)" },
  { "delete-plan-all", "d", CHILDREN,
    "d(vdb/d-) a(vda/a- vdb/a-) b(vda/b- vdb/b-) c(vda/c- vdb/c-)" },
  { "delete-plan-children-only", "a", CHILDREN_ONLY, "b(vda/b- vdb/b-) c(vda/c- vdb/c-)" },
  { "delete-plan-metadata-children", "b", CHILDREN | METADATA_ONLY,
    "b(vda/b vdb/b) c(vda/c vdb/c)" },
  { "delete-plan-metadata-children-only", "b", CHILDREN_ONLY | METADATA_ONLY, "c(vda/c vdb/c)" },
  { "delete-plan-no-children", "c", CHILDREN_ONLY, "" },
};

static void
prepare (Fixture *fixture)
{
  VckcCheckpointDiskConfig disk = { (char *) "vdb", true, NULL };
  VckcCheckpointConfig config = { (char *) "d", NULL, VCKC_DISK_POLICY_LISTED, 1, &disk };
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) created =
      vckc_domain_create_checkpoint (fixture->domain, &config, 0, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  fixture_run (fixture, "create a b c");
}

static void
assert_planned (Fixture *fixture, const char *name, unsigned int flags, const char *expected)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, name);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDeletePlan) plan = plan_deletion (fixture, checkpoint, flags, &error);
  g_autofree char *text = NULL;

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  text = describe_deletion (plan);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_done (Fixture *fixture, const char *name, unsigned int flags)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, name);

  delete_with_bitmaps (fixture, checkpoint, flags);
}

static void
run_deletion_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const DeletionCase *self = row;

  prepare (fixture);
  assert_planned (fixture, self->checkpoint, self->flags, self->expect);
  assert_done (fixture, self->checkpoint, self->flags);
}

/* A plan says what would be done now, whatever was planned before. */
static void
run_plan_again (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  prepare (fixture);
  before = fixture_tree (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_planned (fixture, cases[i].checkpoint, cases[i].flags, cases[i].expect);
  after = fixture_tree (fixture);
  g_assert_cmpstr (before, ==, after);
  assert_done (fixture, "b", 0);
  assert_planned (fixture, "a", CHILDREN, "a(vda/a- vdb/a-) c(vda/c- vdb/c-)");
}

/* What other programs made is not planned to go, and stays. */
static void
run_plan_beside_others (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  if (fixture->target.add_bitmap == NULL)
    {
      g_test_message ("there are no images");
      return;
    }
  fixture_run (fixture, "create a b; delete a metadata; add vda other");
  assert_planned (fixture, "b", CHILDREN, "b(vda/b- vdb/b-)");
  assert_done (fixture, "b", CHILDREN);
}

/* The plan outlives the checkpoint, and the connection. */
static void
run_plan_outlives (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) a = NULL;
  g_autoptr (VckcDeletePlan) plan = NULL;
  g_autoptr (VckcError) gone = NULL;
  g_autoptr (VckcError) closed = NULL;
  g_autofree char *text = NULL;

  fixture_run (fixture, "create a");
  a = fixture_lookup (fixture, "a");
  plan = plan_deletion (fixture, a, 0, NULL);
  g_assert_nonnull (plan);
  fixture_run (fixture, "delete a");
  g_assert_cmpint (delete_as_planned (fixture, a, 0, &gone), ==, -1);
  assert_refused (gone, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_null (vckc_domain_checkpoint_plan_delete (a, 0, &closed));
  assert_refused (closed, VCKC_ERROR_NO_CONNECT);
  text = describe_deletion (plan);
  g_assert_cmpstr (text, ==, "a(vda/a- vdb/a-)");
}

static void
assert_refused_alike (VckcDomainCheckpoint *checkpoint, unsigned int flags, int code)
{
  g_autoptr (VckcError) unplanned = NULL;
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_checkpoint_plan_delete (checkpoint, flags, &unplanned));
  assert_refused (unplanned, code);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, flags, &error), ==, -1);
  assert_refused (error, code);
}

static void
run_refusals (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) a = NULL;

  fixture_run (fixture, "create a b");
  a = fixture_lookup (fixture, "a");
  assert_refused_alike (NULL, 0, VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  assert_refused_alike ((VckcDomainCheckpoint *) fixture->domain, 0,
                        VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  assert_refused_alike (a, CHILDREN | CHILDREN_ONLY, VCKC_ERROR_INVALID_ARG);
  assert_refused_alike (a, 1 << 3, VCKC_ERROR_INVALID_ARG);
  /* Another one of that name. */
  fixture_run (fixture, "delete a; create a");
  assert_refused_alike (a, 0, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  fixture_run (fixture, "delete a");
  assert_refused_alike (a, METADATA_ONLY, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
}

#define N_RANDOM 16

/* A checkpoint, of which a bitmap may vanish or become inconsistent. */
static void
create_at_random (Fixture *fixture, guint number)
{
  static const char *const changes[] = { NULL, NULL, "lose vda", "break vdb" };
  const char *change = changes[g_test_rand_int_range (0, G_N_ELEMENTS (changes))];
  g_autofree char *step = g_strdup_printf ("create r%u", number);
  g_autofree char *damage = change != NULL ? g_strdup_printf ("%s r%u", change, number) : NULL;

  fixture_run (fixture, step);
  if (damage != NULL && fixture->target.lose_bitmap != NULL)
    fixture_run (fixture, damage);
}

static void
delete_at_random (Fixture *fixture, guint *n_deleted)
{
  static const unsigned int modes[] = { 0, 0, CHILDREN, CHILDREN_ONLY };
  const unsigned int flags = modes[g_test_rand_int_range (0, G_N_ELEMENTS (modes))]
                             | (g_test_rand_int_range (0, 4) == 0 ? METADATA_ONLY : 0);
  g_autofree char *all = fixture_list (fixture, NULL, 0);
  g_auto (GStrv) names = g_strsplit (all, " ", -1);
  const char *name = names[g_test_rand_int_range (0, (int) g_strv_length (names))];
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, name);
  g_autoptr (VckcError) error = NULL;

  if (delete_as_planned (fixture, checkpoint, flags, &error) == 0)
    *n_deleted += 1;
  g_test_message ("%s, 0x%x: %s", name, flags,
                  error != NULL ? vckc_error_get_message (error) : "deleted");
}

/* Whatever is there, and whatever is asked for. */
static void
run_planned_at_random (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  guint n_deleted = 0;

  for (guint i = 0; i < N_RANDOM; i++)
    {
      create_at_random (fixture, 2 * i);
      create_at_random (fixture, 2 * i + 1);
      delete_at_random (fixture, &n_deleted);
    }
  g_assert_cmpuint (n_deleted, >, 0);
}

/* Once QEMU has ended. */
static void
run_planned_off (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  const bool refuses = g_str_equal (fixture->target.name, "libvirt-embed");

  fixture_run (fixture, "create a b c d");
  fixture_power_off (fixture);
  g_assert_cmpint (fixture_step (fixture, "delete b"), ==,
                   refuses ? VCKC_ERROR_OPERATION_UNSUPPORTED : 0);
  g_assert_cmpint (fixture_step (fixture, "delete c children-only"), ==,
                   refuses ? VCKC_ERROR_OPERATION_UNSUPPORTED : 0);
  g_assert_cmpint (fixture_step (fixture, "delete a metadata children"), ==, 0);
}

static void
run_handles (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcDeletePlan *plan = (VckcDeletePlan *) fixture->domain;
  VckcDeletePlanBitmap *bitmap = (VckcDeletePlanBitmap *) fixture->domain;

  g_assert_cmpint (vckc_delete_plan_list_checkpoints (plan, NULL, NULL), ==, -1);
  g_assert_cmpint (vckc_delete_plan_list_bitmaps (plan, NULL, NULL), ==, -1);
  g_assert_cmpint (vckc_delete_plan_ref (plan, NULL), ==, -1);
  g_assert_cmpint (vckc_delete_plan_unref (NULL, NULL), ==, -1);
  g_assert_null (vckc_delete_plan_bitmap_get_name (bitmap, NULL));
  g_assert_null (vckc_delete_plan_bitmap_get_checkpoint (bitmap, NULL));
  g_assert_null (vckc_delete_plan_bitmap_get_disk (bitmap, NULL));
  g_assert_null (vckc_delete_plan_bitmap_get_source (bitmap, NULL));
  g_assert_null (vckc_delete_plan_bitmap_get_reason (bitmap, NULL));
  g_assert_false (vckc_delete_plan_bitmap_is_removed (bitmap, NULL));
  g_assert_cmpint (vckc_delete_plan_bitmap_ref (bitmap, NULL), ==, -1);
  g_assert_cmpint (vckc_delete_plan_bitmap_unref (NULL, NULL), ==, -1);
}

void
add_delete_plan_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_deletion_case, &cases[i]);
  add_case (target, "delete-plan-again", run_plan_again, NULL);
  add_case (target, "delete-plan-beside-others", run_plan_beside_others, NULL);
  add_case (target, "delete-plan-outlives", run_plan_outlives, NULL);
  add_case (target, "delete-plan-refusals", run_refusals, NULL);
  add_case (target, "delete-plan-at-random", run_planned_at_random, NULL);
  add_case (target, "delete-plan-off", run_planned_off, NULL);
  add_case (target, "delete-plan-handles", run_handles, NULL);
}
