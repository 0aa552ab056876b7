/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of checkpoints: what they say in XML, and what is created of them. */

#include "support.h"

#include <string.h>

#include "../core/local/image-fixture.h"

#define DISK(target, source, more)                                                                 \
  "<disk type='file'><driver type='qcow2'/><source file='" source "'/><target dev='" target        \
  "'/>" more "</disk>"
#define DOMAIN(disks) "<domain type='qemu'><name>guest</name><devices>" disks "</devices></domain>"
#define EMPTY_DRIVE "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
#define TWO_DISKS DISK ("vda", "/a.qcow2", "") DISK ("vdb", "/b.qcow2", "")
#define TRANSIENT_DISK DISK ("vdc", "/c.qcow2", "<transient/>")

static VckDomain *
define (VckConnection *connection, const char *xml)
{
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_define_domain_xml (connection, xml, NULL, &error);

  g_assert_no_error (error);
  return domain;
}

static void
assert_created (VckDomain *domain, VckCheckpointConfig *config, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint (domain, config, 0, NULL, &error);
  g_autofree char *disks = NULL;

  g_assert_no_error (error);
  disks = support_describe_disks (checkpoint);
  g_assert_cmpstr (disks, ==, expected);
  support_delete (checkpoint, 0);
}

static void
assert_refused (VckDomain *domain, VckCheckpointConfig *config, VckError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint (domain, config, 0, NULL, &error);

  g_assert_null (checkpoint);
  g_assert_error (error, VCK_ERROR, (gint) code);
  if (strstr (error->message, message) == NULL)
    g_error ("'%s' does not have '%s'", error->message, message);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, NULL), ==, 0);

  g_clear_error (&error);
  g_assert_null (vck_domain_plan_checkpoint (domain, config, 0, NULL, &error));
  g_assert_error (error, VCK_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, message));
}

/* "vda=c vdb=(why not)" */
static char *
describe_plan (VckCheckpointPlan *plan)
{
  g_autoptr (GPtrArray) disks = vck_checkpoint_plan_list_disks (plan);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      VckCheckpointPlanDisk *disk = g_ptr_array_index (disks, i);
      g_autofree char *target = NULL;
      g_autofree char *bitmap = NULL;
      g_autofree char *reason = NULL;
      gboolean tracked = FALSE;

      g_object_get (disk, "target", &target, "bitmap", &bitmap, "reason", &reason, "tracked",
                    &tracked, NULL);
      g_assert_true (tracked == vck_checkpoint_plan_disk_is_tracked (disk));
      g_assert_cmpstr (bitmap, ==, vck_checkpoint_plan_disk_get_bitmap (disk));
      g_string_append_printf (text, "%s%s=", i > 0 ? " " : "", target);
      if (tracked)
        g_string_append (text, bitmap != NULL ? bitmap : "?");
      else
        g_string_append_printf (text, "(%s)", reason);
    }
  return g_string_free (text, FALSE);
}

static void
assert_planned (VckDomain *domain, VckCheckpointConfig *config, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpointPlan) plan = vck_domain_plan_checkpoint (domain, config, 0, NULL, &error);
  g_autofree char *disks = NULL;

  g_assert_no_error (error);
  disks = describe_plan (plan);
  g_assert_cmpstr (disks, ==, expected);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, NULL), ==, 0);
}

static void
test_plan (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (EMPTY_DRIVE TWO_DISKS));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  GAsyncResult *slot = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (VckCheckpointPlan) plan = NULL;
  g_autofree char *disks = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  assert_planned (domain, NULL, "sda=(the drive is empty) vda=? vdb=?");
  vck_checkpoint_config_set_name (config, "c");
  vck_checkpoint_config_track (config, "vda", "other");
  vck_checkpoint_config_skip (config, "/b.qcow2");
  assert_planned (domain, config,
                  "sda=(the drive is empty) vda=other vdb=(the configuration leaves it out)");
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_LISTED);

  vck_domain_plan_checkpoint_async (domain, config, 0, NULL, support_result_cb, &slot);
  vck_checkpoint_config_set_name (config, "later");
  result = support_wait (&slot);
  plan = vck_domain_plan_checkpoint_finish (domain, result, &error);
  g_assert_no_error (error);
  g_object_get (plan, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "c");
  disks = describe_plan (plan);
  g_assert_cmpstr (disks, ==,
                   "sda=(the configuration does not list it, and its policy is to track the listed "
                   "ones only) vda=other vdb=(the configuration leaves it out)");
}

static void
test_nothing (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (TWO_DISKS EMPTY_DRIVE));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (VckCheckpoint) second = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *disks = NULL;

  first = vck_domain_create_checkpoint (domain, NULL, 0, NULL, &error);
  g_assert_no_error (error);
  second = vck_domain_create_checkpoint (domain, config, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_checkpoint_get_name (first), <, vck_checkpoint_get_name (second));
  disks = support_describe_disks (second);
  expected = g_strdup_printf ("vda=%1$s vdb=%1$s sda=", vck_checkpoint_get_name (second));
  g_assert_cmpstr (disks, ==, expected);
}

static void
test_policies (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (EMPTY_DRIVE TWO_DISKS TRANSIENT_DISK));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_name (config, "c");
  assert_created (domain, config, "sda= vda=c vdb=c vdc=");
  vck_checkpoint_config_track (config, "vda", "other");
  assert_created (domain, config, "sda= vda=other vdb=c vdc=");
  vck_checkpoint_config_skip (config, "/b.qcow2");
  assert_created (domain, config, "sda= vda=other vdb= vdc=");

  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_ALL);
  assert_refused (domain, config, VCK_ERROR_CONFIG_UNSUPPORTED, "transient");
  vck_checkpoint_config_skip (config, "vdc");
  assert_created (domain, config, "sda= vda=other vdb= vdc=");
  vck_checkpoint_config_track (config, "/b.qcow2", NULL);
  assert_created (domain, config, "sda= vda=other vdb=c vdc=");

  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_LISTED);
  vck_checkpoint_config_skip (config, "vda");
  assert_created (domain, config, "sda= vda= vdb=c vdc=");
}

static void
test_all (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (EMPTY_DRIVE TWO_DISKS));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_name (config, "c");
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_ALL);
  assert_created (domain, config, "sda= vda=c vdb=c");
}

static void
test_refusals (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (EMPTY_DRIVE TRANSIENT_DISK));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  assert_refused (domain, NULL, VCK_ERROR_CONFIG_UNSUPPORTED,
                  "no disk of domain 'guest' can be tracked: 'sda' (the drive is empty), 'vdc' (");
  vck_checkpoint_config_track (config, "vdc", NULL);
  assert_refused (domain, config, VCK_ERROR_CONFIG_UNSUPPORTED, "transient");
  vck_checkpoint_config_track (config, "vdz", NULL);
  assert_refused (domain, config, VCK_ERROR_CONFIG_UNSUPPORTED, "no disk 'vdz'");
  vck_checkpoint_config_skip (config, "vdc");
  vck_checkpoint_config_skip (config, "vdz");
  assert_refused (domain, config, VCK_ERROR_CONFIG_UNSUPPORTED, "");
  vck_checkpoint_config_track (config, "no target", NULL);
  assert_refused (domain, config, VCK_ERROR_XML_INVALID_SCHEMA, "no target");
}

static void
test_refused_texts (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (TWO_DISKS));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_name (config, "größer");
  assert_refused (domain, config, VCK_ERROR_XML_INVALID_SCHEMA, "größer");
  vck_checkpoint_config_set_name (config, "");
  assert_refused (domain, config, VCK_ERROR_XML_INVALID_SCHEMA, "name");
  vck_checkpoint_config_set_name (config, NULL);
  vck_checkpoint_config_set_description (config, "\001");
  assert_refused (domain, config, VCK_ERROR_XML_ERROR, "");
  vck_checkpoint_config_set_description (config, "a");
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_LISTED);
  assert_refused (domain, config, VCK_ERROR_CONFIG_UNSUPPORTED, "lists no disk");
}

/* An image that cannot be examined is not passed over. */
static void
test_unknown (void)
{
  g_autofree char *folder = image_fixture_new ();
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", folder);
  g_autofree char *image = image_fixture_make_image (folder, "vda.qcow2", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing.qcow2", NULL);
  g_autofree char *xml =
      g_strdup_printf (DOMAIN (DISK ("vda", "%s", "") DISK ("vdb", "%s", "")), image, missing);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  g_assert_no_error (error);
  domain = define (connection, xml);
  assert_refused (domain, config, VCK_ERROR_SYSTEM_ERROR, "whether disk 'vdb' of domain 'guest'");
  vck_checkpoint_config_skip (config, "vdb");
  vck_checkpoint_config_set_name (config, "c");
  assert_created (domain, config, "vda=c vdb=");
  image_fixture_remove (g_steal_pointer (&folder));
}

static void
assert_xml (VckCheckpointConfig *config, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = vck_checkpoint_config_to_xml (config, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (xml, ==, expected);
}

static void
assert_no_xml (VckCheckpointConfig *config, VckError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_checkpoint_config_to_xml (config, &error));
  g_assert_error (error, VCK_ERROR, (gint) code);
}

static void
test_to_xml (void)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  assert_no_xml (config, VCK_ERROR_OPERATION_INVALID);
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_ALL);
  assert_xml (config, "<domaincheckpoint>\n</domaincheckpoint>\n");
  vck_checkpoint_config_set_name (config, "c");
  vck_checkpoint_config_set_description (config, "a < b & c");
  vck_checkpoint_config_track (config, "vda", "b'1");
  assert_no_xml (config, VCK_ERROR_OPERATION_INVALID);
  vck_checkpoint_config_skip (config, "/x y");
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_LISTED);
  assert_xml (config, "<domaincheckpoint>\n"
                      "  <name>c</name>\n"
                      "  <description>a &lt; b &amp; c</description>\n"
                      "  <disks>\n"
                      "    <disk name='vda' checkpoint='bitmap' bitmap='b&apos;1'/>\n"
                      "    <disk name='/x y' checkpoint='no'/>\n"
                      "  </disks>\n"
                      "</domaincheckpoint>\n");
  vck_checkpoint_config_set_name (config, ".c");
  assert_no_xml (config, VCK_ERROR_XML_INVALID_SCHEMA);
}

static void
test_from_xml (void)
{
  static const char *const texts[] = {
    "<domaincheckpoint>\n</domaincheckpoint>\n",
    "<domaincheckpoint>\n  <name>c</name>\n  <description> a \n&#9;b&lt;</description>\n  <disks>\n"
    "    <disk name='vdb' checkpoint='no'/>\n    <disk name='vda' checkpoint='bitmap'/>\n"
    "  </disks>\n</domaincheckpoint>\n",
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (VckCheckpointConfig) config =
          vck_checkpoint_config_new_from_xml (texts[i], &error);
      g_autoptr (VckCheckpointConfig) again = NULL;
      g_autofree char *xml = NULL;

      g_assert_no_error (error);
      xml = vck_checkpoint_config_to_xml (config, &error);
      g_assert_no_error (error);
      again = vck_checkpoint_config_new_from_xml (xml, &error);
      g_assert_no_error (error);
      assert_xml (again, xml);
      g_assert_cmpstr (vck_checkpoint_config_get_description (again), ==,
                       i == 0 ? NULL : " a \n\tb<");
      g_assert_cmpint (vck_checkpoint_config_get_disk_policy (again), ==,
                       i == 0 ? VCK_DISK_POLICY_ALL : VCK_DISK_POLICY_LISTED);
    }
  g_assert_null (vck_checkpoint_config_new_from_xml ("<domaincheckpoint>", &error));
  support_assert_error (error, VCK_ERROR_XML_ERROR);
  g_assert_null (vck_checkpoint_config_new_from_xml (
      "<domaincheckpoint><name>.</name></domaincheckpoint>", &error));
  support_assert_error (error, VCK_ERROR_XML_INVALID_SCHEMA);
}

static void
count_cb (gpointer object, gpointer detail, gpointer count)
{
  *(guint *) count += 1;
}

static void
items_changed_cb (GListModel *model, guint at, guint removed, guint added, gpointer text)
{
  g_string_append_printf (text, "%u-%u+%u ", at, removed, added);
}

static void
test_properties (void)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (GListModel) disks = NULL;
  g_autoptr (VckCheckpointDiskConfig) disk = NULL;
  g_autoptr (GString) changes = g_string_new (NULL);
  guint n_notified = 0;

  g_object_get (config, "disks", &disks, NULL);
  g_assert_true (disks == vck_checkpoint_config_get_disks (config));
  g_signal_connect (config, "notify", G_CALLBACK (count_cb), &n_notified);
  g_signal_connect (disks, "items-changed", G_CALLBACK (items_changed_cb), changes);
  g_object_set (config, "name", "c", "description", "d", "disk-policy", VCK_DISK_POLICY_ALL, NULL);
  g_object_set (config, "name", "c", "description", "d", "disk-policy", VCK_DISK_POLICY_ALL, NULL);
  vck_checkpoint_config_set_name (config, vck_checkpoint_config_get_name (config));
  g_assert_cmpuint (n_notified, ==, 3);

  vck_checkpoint_config_track (config, "vda", NULL);
  vck_checkpoint_config_skip (config, "vdb");
  vck_checkpoint_config_track (config, "vda", "b");
  g_assert_cmpstr (changes->str, ==, "0-0+1 1-0+1 0-1+1 ");
  g_assert_cmpuint (n_notified, ==, 3);
  disk = g_list_model_get_item (disks, 0);
  g_assert_cmpstr (vck_checkpoint_disk_config_get_target (disk), ==, "vda");
  g_assert_cmpstr (vck_checkpoint_disk_config_get_bitmap (disk), ==, "b");
  g_assert_true (vck_checkpoint_disk_config_is_tracked (disk));
  g_clear_object (&config);
  g_assert_cmpuint (g_list_model_get_n_items (disks), ==, 2);
}

/* A call takes the configuration as it is when it begins. */
static void
test_async (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (TWO_DISKS));
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  GAsyncResult *slot = NULL;
  GAsyncResult *result = NULL;
  g_autofree char *disks = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vck_domain_create_checkpoint (domain, config, 0, cancellable, &error));
  support_assert_cancelled (&error);

  vck_checkpoint_config_set_name (config, "c");
  vck_checkpoint_config_skip (config, "vdb");
  vck_domain_create_checkpoint_async (domain, config, 0, NULL, support_result_cb, &slot);
  vck_checkpoint_config_set_name (config, "later");
  vck_checkpoint_config_track (config, "vdb", NULL);
  g_clear_object (&config);
  result = support_wait (&slot);
  checkpoint = vck_domain_create_checkpoint_finish (domain, result, &error);
  g_assert_no_error (error);
  g_object_unref (result);
  disks = support_describe_disks (checkpoint);
  g_assert_cmpstr (disks, ==, "vda=c vdb=");
}

static void
test_ends (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = define (connection, DOMAIN (TWO_DISKS));
  g_autoptr (VckDomain) bare = g_object_new (VCK_TYPE_DOMAIN, NULL);
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (VckConnection) reader = vck_connection_open (vck_connection_get_uri (connection),
                                                          VCK_CONNECTION_READ_ONLY, NULL, NULL);
  g_autoptr (VckDomain) read_only =
      vck_connection_lookup_domain_by_name (reader, "guest", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_domain_create_checkpoint (read_only, NULL, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_OPERATION_DENIED);
  g_assert_null (vck_domain_create_checkpoint (domain, NULL, 1 << 20, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  g_assert_null (
      vck_domain_create_checkpoint (domain, config, VCK_CHECKPOINT_CREATE_REDEFINE, NULL, &error));
  support_assert_error (error, VCK_ERROR_XML_ERROR);
  g_assert_null (vck_domain_create_checkpoint (bare, config, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN);
  support_undefine (domain);
  g_assert_null (vck_domain_create_checkpoint (domain, NULL, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
  vck_connection_close (connection, NULL);
  g_assert_null (vck_domain_create_checkpoint (domain, config, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoint-config/nothing", test_nothing);
  g_test_add_func ("/checkpoint-config/plan", test_plan);
  g_test_add_func ("/checkpoint-config/policies", test_policies);
  g_test_add_func ("/checkpoint-config/all", test_all);
  g_test_add_func ("/checkpoint-config/refusals", test_refusals);
  g_test_add_func ("/checkpoint-config/refused-texts", test_refused_texts);
  g_test_add_func ("/checkpoint-config/unknown", test_unknown);
  g_test_add_func ("/checkpoint-config/to-xml", test_to_xml);
  g_test_add_func ("/checkpoint-config/from-xml", test_from_xml);
  g_test_add_func ("/checkpoint-config/properties", test_properties);
  g_test_add_func ("/checkpoint-config/async", test_async);
  g_test_add_func ("/checkpoint-config/ends", test_ends);
  return g_test_run ();
}
