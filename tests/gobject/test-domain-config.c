/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of domains: what they say in XML, and what is defined of them. */

#include "support.h"

static void
assert_disk (VckDomainConfig *config,
             guint number,
             const char *target,
             const char *source,
             const char *format)
{
  g_autoptr (VckDomainDiskConfig) disk =
      g_list_model_get_item (vck_domain_config_get_disks (config), number);

  g_assert_cmpstr (vck_domain_disk_config_get_target (disk), ==, target);
  g_assert_cmpstr (vck_domain_disk_config_get_source (disk), ==, source);
  g_assert_cmpstr (vck_domain_disk_config_get_format (disk), ==, format);
}

static void
test_images (void)
{
  static const char *const images[] = { "/vm/web.server.qcow2", "data.qcow2", NULL };
  static const char *const none[] = { NULL };
  g_autoptr (VckDomainConfig) config = vck_domain_config_new_from_images (images);
  g_autoptr (VckDomainConfig) empty = vck_domain_config_new_from_images (none);
  g_autofree char *path = g_canonicalize_filename ("data.qcow2", NULL);

  g_assert_cmpstr (vck_domain_config_get_name (config), ==, "web.server");
  g_assert_cmpuint (g_list_model_get_n_items (vck_domain_config_get_disks (config)), ==, 2);
  assert_disk (config, 0, "vda", "/vm/web.server.qcow2", "qcow2");
  assert_disk (config, 1, "vdb", path, "qcow2");
  g_assert_null (vck_domain_config_get_name (empty));
  g_assert_cmpuint (g_list_model_get_n_items (vck_domain_config_get_disks (empty)), ==, 0);
}

static void
test_many_images (void)
{
  static const char *const targets[] = { "vda", "vdz", "vdaa", "vdzz", "vdaaa" };
  static const guint numbers[] = { 0, 25, 26, 26 + 26 * 26 - 1, 26 + 26 * 26 };
  g_autoptr (GPtrArray) images = g_ptr_array_new ();
  g_autoptr (VckDomainConfig) config = NULL;

  for (guint i = 0; i <= 26 + 26 * 26; i++)
    g_ptr_array_add (images, (gpointer) "/.hidden");
  g_ptr_array_add (images, NULL);
  config = vck_domain_config_new_from_images ((const char *const *) images->pdata);
  g_assert_cmpstr (vck_domain_config_get_name (config), ==, ".hidden");
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    assert_disk (config, numbers[i], targets[i], "/.hidden", "qcow2");
}

static void
count_cb (gpointer object, gpointer detail, gpointer count)
{
  *(guint *) count += 1;
}

static void
test_properties (void)
{
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("a");
  g_autoptr (GListModel) disks = NULL;
  g_autofree char *qmp = NULL;
  g_autofree char *agent = NULL;
  g_autofree char *uuid = NULL;
  guint n_notified = 0;

  g_signal_connect (config, "notify", G_CALLBACK (count_cb), &n_notified);
  for (guint i = 0; i < 2; i++)
    g_object_set (config, "name", "b", "uuid", "u", "qmp-socket", "/q", "agent-socket", "/a", NULL);
  g_assert_cmpuint (n_notified, ==, 4);
  g_object_get (config, "disks", &disks, "qmp-socket", &qmp, "agent-socket", &agent, "uuid", &uuid,
                NULL);
  g_assert_true (disks == vck_domain_config_get_disks (config));
  g_assert_cmpstr (qmp, ==, vck_domain_config_get_qmp_socket (config));
  g_assert_cmpstr (agent, ==, vck_domain_config_get_agent_socket (config));
  g_assert_cmpstr (uuid, ==, vck_domain_config_get_uuid (config));
  g_assert_cmpstr (vck_domain_config_get_name (config), ==, "b");
  vck_domain_config_set_name (config, NULL);
  vck_domain_config_set_uuid (config, NULL);
  vck_domain_config_set_qmp_socket (config, NULL);
  vck_domain_config_set_agent_socket (config, NULL);
  g_assert_cmpuint (n_notified, ==, 8);
}

static void
test_xml (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("web");
  g_autoptr (VckDomainConfig) again = NULL;
  g_autofree char *xml = NULL;
  g_autofree char *copy = NULL;

  vck_domain_config_set_qmp_socket (config, "/q'1");
  vck_domain_config_add_disk (config, "vda", "/a", "raw");
  xml = vck_domain_config_to_xml (config, &error);
  g_assert_no_error (error);
  again = vck_domain_config_new_from_xml (xml, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_domain_config_get_qmp_socket (again), ==, "/q'1");
  assert_disk (again, 0, "vda", "/a", "raw");
  copy = vck_domain_config_to_xml (again, &error);
  g_assert_cmpstr (copy, ==, xml);

  g_assert_null (vck_domain_config_new_from_xml ("<domain>", &error));
  support_assert_error (error, VCK_ERROR_XML_ERROR);
  g_clear_error (&error);
  vck_domain_config_add_disk (config, "vda", "/b", NULL);
  g_assert_null (vck_domain_config_to_xml (config, &error));
  support_assert_error (error, VCK_ERROR_XML_ERROR);
}

/* No path is none, not the current directory. */
static void
test_no_source (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("web");

  vck_domain_config_add_disk (config, "vda", "", NULL);
  assert_disk (config, 0, "vda", "", "qcow2");
  g_assert_null (vck_domain_config_to_xml (config, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
}

/* A call takes the configuration as it is when it begins. */
static void
test_define (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("first");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) first = NULL;
  g_autoptr (VckDomain) again = NULL;
  GAsyncResult *slot = NULL;
  GAsyncResult *result = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vck_connection_define_domain (connection, config, cancellable, &error));
  support_assert_cancelled (&error);

  vck_domain_config_add_disk (config, "vda", "/a.qcow2", NULL);
  vck_connection_define_domain_async (connection, config, NULL, support_result_cb, &slot);
  vck_domain_config_set_name (config, "later");
  result = support_wait (&slot);
  first = vck_connection_define_domain_finish (connection, result, &error);
  g_assert_no_error (error);
  g_object_unref (result);
  g_assert_cmpstr (vck_domain_get_name (first), ==, "first");
  g_assert_cmpint (vck_domain_count_disks (first, NULL, NULL), ==, 1);

  vck_domain_config_set_name (config, "first");
  again = vck_connection_define_domain (connection, config, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (again == first);
  vck_domain_config_set_name (config, NULL);
  g_assert_null (vck_connection_define_domain (connection, config, NULL, &error));
  support_assert_error (error, VCK_ERROR_XML_INVALID_SCHEMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/domain-config/images", test_images);
  g_test_add_func ("/domain-config/many-images", test_many_images);
  g_test_add_func ("/domain-config/properties", test_properties);
  g_test_add_func ("/domain-config/xml", test_xml);
  g_test_add_func ("/domain-config/no-source", test_no_source);
  g_test_add_func ("/domain-config/define", test_define);
  return g_test_run ();
}
