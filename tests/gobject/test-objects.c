/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Properties and types: what the objects say of themselves. */

#include <string.h>

#include "support.h"

#define XML                                                                                        \
  "<domaincheckpoint><name>a</name><description>first</description>"                               \
  "<disks><disk name='vda' checkpoint='bitmap' bitmap='b'/>"                                       \
  "<disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>"

#define MIXED_DISKS                                                                                \
  "<domain type='kvm'><name>mixed</name><devices>"                                                 \
  "<disk type='file' device='disk'><driver type='qcow2'/><source file='/a.qcow2'/>"                \
  "<target dev='vda'/></disk>"                                                                     \
  "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>"                         \
  "</devices></domain>"

static void
test_domain (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckConnection) of_property = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *uuid = NULL;
  VckDomainState state = VCK_DOMAIN_STATE_NOSTATE;

  g_object_get (domain, "name", &name, "uuid", &uuid, "connection", &of_property, "state", &state,
                NULL);
  g_assert_cmpstr (name, ==, "test");
  g_assert_cmpstr (name, ==, vck_domain_get_name (domain));
  g_assert_true (g_uuid_string_is_valid (uuid));
  g_assert_cmpstr (uuid, ==, vck_domain_get_uuid (domain));
  g_assert_true (of_property == connection);
  g_assert_true (vck_domain_get_connection (domain) == connection);
  g_assert_cmpint (state, ==, VCK_DOMAIN_STATE_RUNNING);
  g_assert_cmpint (vck_domain_get_state (domain), ==, VCK_DOMAIN_STATE_RUNNING);
  g_assert_cmpint (vck_domain_query_state (domain, NULL, &error), ==, VCK_DOMAIN_STATE_RUNNING);
  g_assert_no_error (error);
}

static void
test_checkpoint (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint_xml (domain, XML, 0, NULL, &error);
  g_autoptr (VckDomain) its_domain = NULL;
  g_autoptr (VckConnection) its_connection = NULL;
  g_autoptr (GDateTime) before = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *name = NULL;
  g_autofree char *description = NULL;
  g_autofree char *parent_name = NULL;

  g_assert_no_error (error);
  g_object_get (checkpoint, "name", &name, "domain", &its_domain, "connection", &its_connection,
                "description", &description, "creation-time", &time, "parent-name", &parent_name,
                NULL);
  g_assert_cmpstr (name, ==, "a");
  g_assert_true (its_domain == domain);
  g_assert_true (its_connection == connection);
  g_assert_cmpstr (description, ==, "first");
  g_assert_null (parent_name);
  before = g_date_time_add_days (time, -1);
  g_assert_cmpint (g_date_time_compare (before, time), <, 0);
  g_assert_cmpint (g_date_time_get_utc_offset (time), ==, 0);
}

static void
test_checkpoint_disks (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint_xml (domain, XML, 0, NULL, &error);
  g_autoptr (GPtrArray) disks = NULL;
  g_autofree char *name = NULL;
  g_autofree char *bitmap = NULL;
  gboolean tracked = FALSE;
  gint64 size = -2;
  VckCheckpointDisk *untracked;

  g_assert_no_error (error);
  disks = vck_checkpoint_list_disks (checkpoint, VCK_CHECKPOINT_XML_SIZE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, 2);
  g_assert_cmpint (vck_checkpoint_count_disks (checkpoint, 0, NULL, &error), ==, 2);
  g_assert_no_error (error);

  g_object_get (g_ptr_array_index (disks, 0), "name", &name, "tracked", &tracked, "bitmap", &bitmap,
                "size", &size, NULL);
  g_assert_cmpstr (name, ==, "vda");
  g_assert_true (tracked);
  g_assert_cmpstr (bitmap, ==, "b");
  g_assert_cmpint (size, ==, 0);

  untracked = g_ptr_array_index (disks, 1);
  g_assert_cmpstr (vck_checkpoint_disk_get_name (untracked), ==, "vdb");
  g_assert_false (vck_checkpoint_disk_is_tracked (untracked));
  g_assert_null (vck_checkpoint_disk_get_bitmap (untracked));
  g_assert_cmpint (vck_checkpoint_disk_get_size (untracked), ==, -1);
}

static void
test_disks (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) domain =
      vck_connection_define_domain_xml (connection, MIXED_DISKS, NULL, &error);
  g_autoptr (GPtrArray) disks = NULL;
  g_autofree char *target = NULL;
  g_autofree char *source = NULL;
  g_autofree char *format = NULL;
  g_autofree char *reason = NULL;
  gboolean trackable = FALSE;
  VckDisk *drive;

  g_assert_no_error (error);
  disks = vck_domain_list_disks (domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, 2);

  g_object_get (g_ptr_array_index (disks, 0), "target", &target, "source", &source, "format",
                &format, "trackable", &trackable, "reason", &reason, NULL);
  g_assert_cmpstr (target, ==, "vda");
  g_assert_cmpstr (source, ==, "/a.qcow2");
  g_assert_cmpstr (format, ==, "qcow2");
  g_assert_true (trackable);
  g_assert_null (reason);

  drive = g_ptr_array_index (disks, 1);
  g_assert_cmpstr (vck_disk_get_target (drive), ==, "sda");
  g_assert_null (vck_disk_get_source (drive));
  g_assert_false (vck_disk_is_trackable (drive));
  g_assert_nonnull (vck_disk_get_reason (drive));
}

/* All checkpoints at once; each disk says of which it is. */
static void
test_measure (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) first = support_create (domain, "first");
  g_autoptr (VckCheckpoint) second = support_create (domain, "second");
  g_autoptr (GPtrArray) disks = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *checkpoint = NULL;
  VckCheckpointDisk *last;

  disks = vck_domain_measure_checkpoints (domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, >=, 2);
  g_object_get (g_ptr_array_index (disks, 0), "checkpoint", &checkpoint, NULL);
  g_assert_cmpstr (checkpoint, ==, "first");
  last = g_ptr_array_index (disks, disks->len - 1);
  g_assert_cmpstr (vck_checkpoint_disk_get_checkpoint (last), ==, "second");
  g_assert_cmpint (vck_checkpoint_disk_get_size (last), ==, 0);
  g_assert_cmpint (vck_checkpoint_disk_get_state (last), ==, VCK_CHECKPOINT_STATE_READY);
}

/* An empty list is a list. */
static void
test_empty_lists (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (GError) error = NULL;

  checkpoints = vck_domain_list_checkpoints (domain, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (checkpoints);
  g_assert_cmpuint (checkpoints->len, ==, 0);

  domains = vck_connection_list_domains (connection, VCK_DOMAIN_LIST_HAS_CHECKPOINT, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (domains->len, ==, 0);
  g_assert_cmpint (vck_connection_count_domains (connection, 0, NULL, &error), ==, 1);
  g_assert_no_error (error);
}

/* What only stands for something can be set only when the object is made, or not at all. */
static void
test_property_flags (void)
{
  const GType types[] = { VCK_TYPE_CONNECTION, VCK_TYPE_DOMAIN, VCK_TYPE_DISK, VCK_TYPE_CHECKPOINT,
                          VCK_TYPE_CHECKPOINT_DISK };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GTypeClass) klass = g_type_class_ref (types[i]);
      g_autofree GParamSpec **pspecs = NULL;
      guint n_pspecs;

      g_assert_true (G_TYPE_IS_FINAL (types[i]));
      pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_pspecs);
      g_assert_cmpuint (n_pspecs, >, 0);
      for (guint k = 0; k < n_pspecs; k++)
        {
          GParamFlags flags = pspecs[k]->flags;

          g_assert_true (flags & G_PARAM_READABLE);
          g_assert_true (flags & G_PARAM_EXPLICIT_NOTIFY);
          /* The one thing that programs set. */
          if (!g_str_equal (pspecs[k]->name, "refresh-interval"))
            g_assert_true (!(flags & G_PARAM_WRITABLE) || (flags & G_PARAM_CONSTRUCT_ONLY));
        }
    }
}

static void
test_errors (void)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (VCK_TYPE_ERROR);
  GEnumValue *value = g_enum_get_value_by_nick (klass, "no-domain-checkpoint");

  g_assert_cmpstr (g_quark_to_string (VCK_ERROR), ==, "vck-error-quark");
  g_assert_nonnull (value);
  g_assert_cmpint (value->value, ==, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_null (g_enum_get_value (klass, 0));
}

static void
test_version (void)
{
  g_assert_true (VCK_CHECK_VERSION (1, 0, 0));
  g_assert_true (VCK_CHECK_VERSION (VCK_MAJOR_VERSION, VCK_MINOR_VERSION, VCK_MICRO_VERSION));
  g_assert_false (VCK_CHECK_VERSION (VCK_MAJOR_VERSION, VCK_MINOR_VERSION, VCK_MICRO_VERSION + 1));
  g_assert_false (VCK_CHECK_VERSION (VCK_MAJOR_VERSION + 1, 0, 0));
  g_assert_true (g_str_has_prefix (VCK_VERSION_S, "1."));
}

static VckDriver *
find_driver (const char *name)
{
  g_autoptr (GPtrArray) drivers = vck_list_drivers ();

  g_assert_cmpuint (drivers->len, ==, 3);
  for (guint i = 0; i < drivers->len; i++)
    {
      VckDriver *driver = g_ptr_array_index (drivers, i);

      if (g_str_equal (vck_driver_get_name (driver), name))
        return g_object_ref (driver);
    }
  return NULL;
}

static void
test_drivers (void)
{
  g_autoptr (VckDriver) memory = find_driver ("memory");
  g_autoptr (VckDriver) local = NULL;
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *name = NULL;
  g_autofree char *reason = NULL;
  g_auto (GStrv) schemes = NULL;
  g_auto (GStrv) tools = NULL;
  gboolean available = FALSE;

  g_object_get (memory, "name", &name, "schemes", &schemes, "tools", &tools, "available",
                &available, "reason", &reason, NULL);
  g_assert_cmpstr (name, ==, "memory");
  g_assert_cmpstr (schemes[0], ==, "memory");
  g_assert_null (schemes[1]);
  g_assert_null (tools[0]);
  g_assert_true (available);
  g_assert_null (reason);

  g_setenv ("PATH", "/nonexistent", TRUE);
  local = find_driver ("local");
  g_setenv ("PATH", path, TRUE);
  g_assert_false (vck_driver_is_available (local));
  g_assert_nonnull (strstr (vck_driver_get_reason (local), "'qemu-storage-daemon'"));
  g_assert_null (vck_driver_get_tools (local)[0]);
  g_assert_cmpstr (vck_driver_get_schemes (local)[0], ==, "local");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/objects/domain", test_domain);
  g_test_add_func ("/vck/objects/checkpoint", test_checkpoint);
  g_test_add_func ("/vck/objects/checkpoint-disks", test_checkpoint_disks);
  g_test_add_func ("/vck/objects/disks", test_disks);
  g_test_add_func ("/vck/objects/measure", test_measure);
  g_test_add_func ("/vck/objects/empty-lists", test_empty_lists);
  g_test_add_func ("/vck/objects/property-flags", test_property_flags);
  g_test_add_func ("/vck/objects/errors", test_errors);
  g_test_add_func ("/vck/objects/version", test_version);
  g_test_add_func ("/vck/objects/drivers", test_drivers);

  return g_test_run ();
}
