/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The ten steps that every language repeats: open, define, create, list, look up, parent,
 * children, XML, delete, error. */

#include "support.h"

#define DOMAIN_XML                                                                                 \
  "<domain type='kvm'><name>guest</name>"                                                          \
  "<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"                                              \
  "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"                    \
  "<source file='/guest.qcow2'/><target dev='vda'/></disk></devices></domain>"
#define MONDAY "<domaincheckpoint><name>monday</name></domaincheckpoint>"
#define TUESDAY                                                                                    \
  "<domaincheckpoint><name>tuesday</name><description>after the update</description>"              \
  "</domaincheckpoint>"

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (vck_checkpoint_get_name (*(VckCheckpoint *const *) a),
                    vck_checkpoint_get_name (*(VckCheckpoint *const *) b));
}

static char *
join_names (GPtrArray *checkpoints)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  g_ptr_array_sort (checkpoints, compare_names);
  for (guint i = 0; i < checkpoints->len; i++)
    g_strv_builder_add (builder, vck_checkpoint_get_name (g_ptr_array_index (checkpoints, i)));
  names = g_strv_builder_end (builder);
  return g_strjoinv (" ", names);
}

/* What the steps of both variants must have in hand. */
static void
check_domain (VckDomain *domain)
{
  g_assert_cmpstr (vck_domain_get_name (domain), ==, "guest");
  g_assert_cmpstr (vck_domain_get_uuid (domain), ==, "c7a5fdbd-edaf-9455-926a-d65c16db1809");
  g_assert_cmpint (vck_domain_get_state (domain), ==, VCK_DOMAIN_STATE_SHUTOFF);
}

static void
check_tuesday (VckCheckpoint *tuesday, VckDomain *domain)
{
  g_autofree char *description = vck_checkpoint_get_description (tuesday);
  g_autofree char *parent_name = vck_checkpoint_get_parent_name (tuesday);
  g_autoptr (GDateTime) time = vck_checkpoint_get_creation_time (tuesday);

  g_assert_cmpstr (vck_checkpoint_get_name (tuesday), ==, "tuesday");
  g_assert_cmpstr (description, ==, "after the update");
  g_assert_cmpstr (parent_name, ==, "monday");
  g_assert_nonnull (time);
  g_assert_cmpint (g_date_time_get_utc_offset (time), ==, 0);
  g_assert_cmpint (g_date_time_to_unix (time), >, 0);
  g_assert_true (vck_checkpoint_get_domain (tuesday) == domain);
  g_assert_true (vck_checkpoint_get_connection (tuesday) == vck_domain_get_connection (domain));
}

static void
check_list (GPtrArray *checkpoints, const char *expected)
{
  g_autofree char *names = join_names (checkpoints);

  g_assert_cmpstr (names, ==, expected);
}

static void
check_xml (const char *xml)
{
  g_assert_nonnull (xml);
  g_assert_true (g_str_has_prefix (xml, "<domaincheckpoint>\n  <name>tuesday</name>\n"));
  g_assert_true (g_str_has_suffix (xml, "</domaincheckpoint>\n"));
}

static void
test_sync (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpoint) monday = NULL;
  g_autoptr (VckCheckpoint) tuesday = NULL;
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (VckCheckpoint) parent = NULL;
  g_autoptr (VckCheckpoint) none = NULL;
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) children = NULL;
  gboolean deleted;

  connection = vck_connection_open (uri, 0, NULL, &error);
  g_assert_no_error (error);

  domain = vck_connection_define_domain_xml (connection, DOMAIN_XML, NULL, &error);
  g_assert_no_error (error);
  check_domain (domain);

  monday = vck_domain_create_checkpoint_xml (domain, MONDAY, 0, NULL, &error);
  g_assert_no_error (error);
  tuesday = vck_domain_create_checkpoint_xml (domain, TUESDAY, 0, NULL, &error);
  g_assert_no_error (error);
  check_tuesday (tuesday, domain);

  checkpoints = vck_domain_list_checkpoints (domain, VCK_CHECKPOINT_LIST_TOPOLOGICAL, NULL, &error);
  g_assert_no_error (error);
  check_list (checkpoints, "monday tuesday");
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, 2);
  g_assert_no_error (error);

  found = vck_domain_lookup_checkpoint (domain, "tuesday", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (found == tuesday);

  parent = vck_checkpoint_get_parent (tuesday, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (parent == monday);

  children = vck_checkpoint_list_children (monday, 0, NULL, &error);
  g_assert_no_error (error);
  check_list (children, "tuesday");

  xml = vck_checkpoint_get_xml_desc (tuesday, VCK_CHECKPOINT_XML_NO_DOMAIN, NULL, &error);
  g_assert_no_error (error);
  check_xml (xml);

  deleted = vck_checkpoint_delete (monday, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (deleted);

  none = vck_domain_lookup_checkpoint (domain, "monday", NULL, &error);
  g_assert_null (none);
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
}

static void
test_async (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpoint) monday = NULL;
  g_autoptr (VckCheckpoint) tuesday = NULL;
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (VckCheckpoint) parent = NULL;
  g_autoptr (VckCheckpoint) none = NULL;
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) children = NULL;
  GAsyncResult *slot = NULL;
  gboolean deleted;

#define FINISH(call)                                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GAsyncResult) result = support_wait (&slot);                                        \
    call;                                                                                          \
  }                                                                                                \
  G_STMT_END

  vck_connection_open_async (uri, 0, NULL, support_result_cb, &slot);
  FINISH (connection = vck_connection_open_finish (result, &error));
  g_assert_no_error (error);

  vck_connection_define_domain_xml_async (connection, DOMAIN_XML, NULL, support_result_cb, &slot);
  FINISH (domain = vck_connection_define_domain_xml_finish (connection, result, &error));
  g_assert_no_error (error);
  check_domain (domain);

  vck_domain_create_checkpoint_xml_async (domain, MONDAY, 0, NULL, support_result_cb, &slot);
  FINISH (monday = vck_domain_create_checkpoint_xml_finish (domain, result, &error));
  g_assert_no_error (error);
  vck_domain_create_checkpoint_xml_async (domain, TUESDAY, 0, NULL, support_result_cb, &slot);
  FINISH (tuesday = vck_domain_create_checkpoint_xml_finish (domain, result, &error));
  g_assert_no_error (error);
  check_tuesday (tuesday, domain);

  vck_domain_list_checkpoints_async (domain, 0, NULL, support_result_cb, &slot);
  FINISH (checkpoints = vck_domain_list_checkpoints_finish (domain, result, &error));
  g_assert_no_error (error);
  check_list (checkpoints, "monday tuesday");

  vck_domain_lookup_checkpoint_async (domain, "tuesday", NULL, support_result_cb, &slot);
  FINISH (found = vck_domain_lookup_checkpoint_finish (domain, result, &error));
  g_assert_no_error (error);
  g_assert_true (found == tuesday);

  vck_checkpoint_get_parent_async (tuesday, NULL, support_result_cb, &slot);
  FINISH (parent = vck_checkpoint_get_parent_finish (tuesday, result, &error));
  g_assert_no_error (error);
  g_assert_true (parent == monday);

  vck_checkpoint_list_children_async (monday, 0, NULL, support_result_cb, &slot);
  FINISH (children = vck_checkpoint_list_children_finish (monday, result, &error));
  g_assert_no_error (error);
  check_list (children, "tuesday");

  vck_checkpoint_get_xml_desc_async (tuesday, VCK_CHECKPOINT_XML_NO_DOMAIN, NULL, support_result_cb,
                                     &slot);
  FINISH (xml = vck_checkpoint_get_xml_desc_finish (tuesday, result, &error));
  g_assert_no_error (error);
  check_xml (xml);

  vck_checkpoint_delete_async (monday, 0, NULL, support_result_cb, &slot);
  FINISH (deleted = vck_checkpoint_delete_finish (monday, result, &error));
  g_assert_no_error (error);
  g_assert_true (deleted);

  vck_domain_lookup_checkpoint_async (domain, "monday", NULL, support_result_cb, &slot);
  FINISH (none = vck_domain_lookup_checkpoint_finish (domain, result, &error));
  g_assert_null (none);
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);

#undef FINISH
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/scenario/sync", test_sync);
  g_test_add_func ("/vck/scenario/async", test_async);

  return g_test_run ();
}
