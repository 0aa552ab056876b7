/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Plans of deletions on memory: and on local:, as in every language: see
 * tests/languages/scenario.md. */

#include "backend.h"

#include <string.h>

/* The checkpoints of the domain. */
typedef struct
{
  VckCheckpoint *first;
  VckCheckpoint *second;
  VckCheckpoint *third;
} Chain;

static void
chain_init (Chain *chain, VckDomain *domain)
{
  chain->first = support_create (domain, "first");
  chain->second = support_create (domain, "second");
  chain->third = support_create (domain, "third");
}

static void
chain_clear (Chain *chain)
{
  g_clear_object (&chain->first);
  g_clear_object (&chain->second);
  g_clear_object (&chain->third);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

/* "first second": the checkpoints that would go */
static char *
describe_checkpoints (VckDeletePlan *plan)
{
  g_autoptr (GPtrArray) checkpoints = vck_delete_plan_list_checkpoints (plan);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < checkpoints->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            vck_checkpoint_get_name (g_ptr_array_index (checkpoints, i)));
  return g_string_free (text, FALSE);
}

/* "first:vda-first second:vda+second": the bitmaps, with "-" those that would be removed */
static char *
describe_bitmaps (VckDeletePlan *plan)
{
  g_autoptr (GPtrArray) bitmaps = vck_delete_plan_list_bitmaps (plan);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < bitmaps->len; i++)
    {
      VckDeletePlanBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      g_autofree char *name = NULL;
      g_autofree char *checkpoint = NULL;
      g_autofree char *disk = NULL;
      g_autofree char *source = NULL;
      g_autofree char *reason = NULL;
      gboolean removed = FALSE;

      g_object_get (bitmap, "name", &name, "checkpoint", &checkpoint, "disk", &disk, "source",
                    &source, "removed", &removed, "reason", &reason, NULL);
      g_assert_cmpstr (name, ==, vck_delete_plan_bitmap_get_name (bitmap));
      g_assert_cmpstr (checkpoint, ==, vck_delete_plan_bitmap_get_checkpoint (bitmap));
      g_assert_cmpstr (disk, ==, vck_delete_plan_bitmap_get_disk (bitmap));
      g_assert_cmpstr (source, ==, vck_delete_plan_bitmap_get_source (bitmap));
      g_assert_cmpint (removed, ==, vck_delete_plan_bitmap_is_removed (bitmap));
      g_assert_cmpstr (reason, ==, vck_delete_plan_bitmap_get_reason (bitmap));
      g_string_append_printf (text, "%s%s:%s%c%s", i > 0 ? " " : "", checkpoint, disk,
                              removed ? '-' : '+', name);
      if (reason != NULL)
        g_assert_cmpstr (reason, ==, "only the metadata is deleted");
    }
  return g_string_free (text, FALSE);
}

static void
assert_plan (VckDeletePlan *plan, const char *checkpoints, const char *bitmaps)
{
  g_autofree char *described = describe_checkpoints (plan);
  g_autofree char *described_bitmaps = describe_bitmaps (plan);

  g_assert_cmpstr (described, ==, checkpoints);
  g_assert_cmpstr (described_bitmaps, ==, bitmaps);
}

static VckDeletePlan *
make_plan (VckCheckpoint *checkpoint, VckCheckpointDeleteFlags flags)
{
  g_autoptr (GError) error = NULL;
  VckDeletePlan *plan = vck_checkpoint_plan_delete (checkpoint, flags, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static int
count (Backend *self)
{
  return vck_domain_count_checkpoints (self->domain, 0, NULL, NULL);
}

static void
test_between (Backend *self, gconstpointer with_images)
{
  g_auto (Chain) chain = { NULL };
  g_autoptr (VckDeletePlan) plan = NULL;
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) bitmaps = NULL;

  chain_init (&chain, self->domain);
  plan = make_plan (chain.second, 0);
  checkpoints = vck_delete_plan_list_checkpoints (plan);
  bitmaps = vck_delete_plan_list_bitmaps (plan);
  assert_plan (plan, "second", "second:vda-second second:vdb-second");
  g_assert_true (g_ptr_array_index (checkpoints, 0) == chain.second);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (vck_delete_plan_bitmap_get_source (g_ptr_array_index (bitmaps, i)), ==,
                     self->images[i]);
  g_assert_cmpint (count (self), ==, 3);
  support_delete (chain.second, 0);
  g_assert_cmpint (count (self), ==, 2);
  assert_plan (plan, "second", "second:vda-second second:vdb-second");
}

static void
test_children (Backend *self, gconstpointer with_images)
{
  g_auto (Chain) chain = { NULL };
  g_autoptr (VckDeletePlan) all = NULL;
  g_autoptr (VckDeletePlan) children = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  chain_init (&chain, self->domain);
  all = make_plan (chain.first, VCK_CHECKPOINT_DELETE_CHILDREN);
  assert_plan (all, "first second third",
               "first:vda-first first:vdb-first second:vda-second second:vdb-second "
               "third:vda-third third:vdb-third");
  vck_checkpoint_plan_delete_async (chain.first, VCK_CHECKPOINT_DELETE_CHILDREN_ONLY, NULL,
                                    support_result_cb, &slot);
  result = support_wait (&slot);
  children = vck_checkpoint_plan_delete_finish (chain.first, result, &error);
  g_assert_no_error (error);
  assert_plan (children, "second third",
               "second:vda-second second:vdb-second third:vda-third third:vdb-third");
  g_assert_cmpint (count (self), ==, 3);
}

static void
test_metadata (Backend *self, gconstpointer with_images)
{
  g_auto (Chain) chain = { NULL };
  g_autoptr (VckDeletePlan) plan = NULL;
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (GError) error = NULL;

  chain_init (&chain, self->domain);
  plan = make_plan (chain.third, VCK_CHECKPOINT_DELETE_METADATA_ONLY);
  assert_plan (plan, "third", "third:vda+third third:vdb+third");
  support_delete (chain.third, VCK_CHECKPOINT_DELETE_METADATA_ONLY);
  vck_checkpoint_config_set_name (config, "third");
  g_assert_null (vck_domain_plan_checkpoint (self->domain, config, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_OPERATION_FAILED);
}

static void
test_read_only (Backend *self, gconstpointer with_images)
{
  g_auto (Chain) chain = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) reader = NULL;
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpoint) second = NULL;
  g_autoptr (VckDeletePlan) plan = NULL;
  g_autoptr (GPtrArray) checkpoints = NULL;

  chain_init (&chain, self->domain);
  reader = vck_connection_open (self->uri, VCK_CONNECTION_READ_ONLY, NULL, &error);
  g_assert_no_error (error);
  domain = vck_connection_lookup_domain (reader, "guest", NULL, &error);
  g_assert_no_error (error);
  second = vck_domain_lookup_checkpoint (domain, "second", NULL, &error);
  g_assert_no_error (error);
  plan = make_plan (second, 0);
  checkpoints = vck_delete_plan_list_checkpoints (plan);
  assert_plan (plan, "second", "second:vda-second second:vdb-second");
  g_assert_true (g_ptr_array_index (checkpoints, 0) == second);
  g_assert_false (vck_checkpoint_delete (second, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_OPERATION_DENIED);
}

static void
test_errors (Backend *self, gconstpointer with_images)
{
  const VckCheckpointDeleteFlags both =
      VCK_CHECKPOINT_DELETE_CHILDREN | VCK_CHECKPOINT_DELETE_CHILDREN_ONLY;
  g_auto (Chain) chain = { NULL };
  g_autoptr (VckDeletePlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  chain_init (&chain, self->domain);
  plan = make_plan (chain.first, 0);
  g_assert_null (vck_checkpoint_plan_delete (chain.first, both, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  support_delete (chain.second, 0);
  g_assert_null (vck_checkpoint_plan_delete (chain.second, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, "second"));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_true (vck_connection_close (self->connection, &error));
  g_assert_null (vck_checkpoint_plan_delete (chain.first, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  assert_plan (plan, "first", "first:vda-first first:vdb-first");
}

/* An object that no call has made lists nothing. */
static void
test_bare (void)
{
  g_autoptr (VckDeletePlan) plan = g_object_new (VCK_TYPE_DELETE_PLAN, NULL);
  g_autoptr (VckDeletePlanBitmap) bitmap = g_object_new (VCK_TYPE_DELETE_PLAN_BITMAP, NULL);

  assert_plan (plan, "", "");
  g_assert_null (vck_delete_plan_bitmap_get_name (bitmap));
  g_assert_false (vck_delete_plan_bitmap_is_removed (bitmap));
}

/* The plan has the last references to what it lists. */
static void
test_last_reference (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint = support_create (domain, "first");
  VckDeletePlan *plan = make_plan (checkpoint, 0);

  g_object_unref (domain);
  g_object_unref (checkpoint);
  assert_plan (plan, "first", "first:vda-first first:vdb-first");
  g_object_unref (plan);
  support_assert_dies (g_steal_pointer (&connection));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_BOTH ("/delete-plan/", "between", test_between);
  ADD_BOTH ("/delete-plan/", "children", test_children);
  ADD_BOTH ("/delete-plan/", "metadata", test_metadata);
  ADD_BOTH ("/delete-plan/", "read-only", test_read_only);
  ADD_BOTH ("/delete-plan/", "errors", test_errors);
  g_test_add_func ("/delete-plan/bare", test_bare);
  g_test_add_func ("/delete-plan/last-reference", test_last_reference);

  return g_test_run ();
}
