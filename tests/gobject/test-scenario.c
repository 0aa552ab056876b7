/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The eleven-step scenario of tests/languages/scenario.md, in C: on memory: and on local:, and then
 * its calls in their asynchronous form. */

#include "support.h"

#include "../core/local/image-fixture.h"

#include <locale.h>
#include <string.h>

#define NAME "Bücher"
#define UUID "5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1"
#define DESCRIPTION "Erster Stand – 最初"
#define KIB G_GUINT64_CONSTANT (1024)
#define MIB (1024 * KIB)
#define GRANULARITY (64 * KIB)

#define CHECKPOINT(name, more) "<domaincheckpoint><name>" name "</name>" more "</domaincheckpoint>"
#define FIRST CHECKPOINT ("first", "<description>" DESCRIPTION "</description>")

typedef struct
{
  char *uri;
  char *folder;    /* of the images; NULL on memory:, where nothing is written */
  char *images[2]; /* of vda and vdb */
  VckConnection *connection;
  VckDomain *domain;
  VckCheckpoint *first;
  VckCheckpoint *second;
  VckCheckpoint *third;
} Scenario;

static void
scenario_set_up (Scenario *self, gconstpointer with_images)
{
  if (with_images == NULL)
    {
      self->uri = support_memory_uri ();
      self->images[0] = g_strdup ("/nonexistent/vda.qcow2");
      self->images[1] = g_strdup ("/nonexistent/vdb.qcow2");
      return;
    }

  self->folder = image_fixture_new ();
  self->uri = g_strdup_printf ("local://%s/domains", self->folder);
  self->images[0] = image_fixture_make_image (self->folder, "vda.qcow2", NULL);
  self->images[1] = image_fixture_make_image (self->folder, "vdb.qcow2", NULL);
}

static void
scenario_tear_down (Scenario *self, gconstpointer with_images)
{
  g_clear_object (&self->third);
  g_clear_object (&self->second);
  g_clear_object (&self->first);
  g_clear_object (&self->domain);
  g_clear_object (&self->connection);
  g_free (self->images[0]);
  g_free (self->images[1]);
  g_free (self->uri);
  if (self->folder != NULL)
    image_fixture_remove (self->folder);
}

static void
scenario_write (Scenario *self, guint disk, guint64 offset, guint64 length)
{
  if (self->folder != NULL)
    image_fixture_write (self->images[disk], offset, length);
}

static char *
make_domain_xml (Scenario *self)
{
  return g_strdup_printf (
      "<domain type='qemu'><name>" NAME "</name><uuid>" UUID "</uuid><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vdb'/></disk>"
      "</devices></domain>",
      self->images[0], self->images[1]);
}

/* The names of checkpoints, in their order. */
static char *
join_names (GPtrArray *checkpoints)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < checkpoints->len; i++)
    g_strv_builder_add (builder, vck_checkpoint_get_name (g_ptr_array_index (checkpoints, i)));
  names = g_strv_builder_end (builder);
  return g_strjoinv (" ", names);
}

static void
assert_names (GPtrArray *checkpoints, const char *expected)
{
  g_autofree char *names = join_names (checkpoints);

  g_assert_cmpstr (names, ==, expected);
}

static void
assert_listed (Scenario *self, VckCheckpointListFlags flags, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = vck_domain_list_checkpoints (self->domain, flags, NULL, &error);

  g_assert_no_error (error);
  assert_names (list, expected);
  g_assert_cmpint (vck_domain_count_checkpoints (self->domain, flags, NULL, NULL), ==, list->len);
}

static void
assert_children (VckCheckpoint *checkpoint, VckCheckpointListFlags flags, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = vck_checkpoint_list_children (checkpoint, flags, NULL, &error);

  g_assert_no_error (error);
  assert_names (list, expected);
  g_assert_cmpint (vck_checkpoint_count_children (checkpoint, flags, NULL, NULL), ==, list->len);
}

static void
assert_parent (VckCheckpoint *checkpoint, VckCheckpoint *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) parent = vck_checkpoint_query_parent (checkpoint, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (parent == expected);
}

static void
assert_parent_name (VckCheckpoint *checkpoint, const char *expected)
{
  g_autofree char *name = vck_checkpoint_get_parent_name (checkpoint);

  g_assert_cmpstr (name, ==, expected);
}

static void
assert_sizes (Scenario *self, VckCheckpoint *checkpoint, guint64 vda, guint64 vdb)
{
  const guint64 expected[] = { vda, vdb };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks =
      vck_checkpoint_list_disks (checkpoint, VCK_CHECKPOINT_XML_SIZE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < disks->len; i++)
    g_assert_cmpint (vck_checkpoint_disk_get_size (g_ptr_array_index (disks, i)), ==,
                     self->folder != NULL ? expected[i] : 0);
}

static void
step_1_open (Scenario *self)
{
  g_autoptr (GError) error = NULL;

  self->connection = vck_connection_open (self->uri, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (vck_connection_is_open (self->connection));
  g_assert_false (vck_connection_is_read_only (self->connection));
  g_assert_cmpstr (vck_connection_get_uri (self->connection), ==, self->uri);
}

static void
step_2_define (Scenario *self)
{
  static const char *const targets[] = { "vda", "vdb" };
  g_autofree char *xml = make_domain_xml (self);
  g_autoptr (GPtrArray) disks = NULL;
  g_autoptr (GError) error = NULL;

  self->domain = vck_connection_define_domain_xml (self->connection, xml, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_domain_get_name (self->domain), ==, NAME);
  g_assert_cmpstr (vck_domain_get_uuid (self->domain), ==, UUID);
  g_assert_cmpint (vck_domain_query_state (self->domain, NULL, &error), ==,
                   VCK_DOMAIN_STATE_SHUTOFF);
  g_assert_no_error (error);

  disks = vck_domain_list_disks (self->domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, G_N_ELEMENTS (targets));
  for (guint i = 0; i < disks->len; i++)
    {
      VckDisk *disk = g_ptr_array_index (disks, i);

      g_assert_cmpstr (vck_disk_get_target (disk), ==, targets[i]);
      g_assert_true (vck_disk_is_trackable (disk));
      g_assert_null (vck_disk_get_reason (disk));
    }
  assert_listed (self, 0, "");
}

static VckCheckpoint *
create (Scenario *self, const char *xml)
{
  g_autoptr (GError) error = NULL;
  VckCheckpoint *checkpoint = vck_domain_create_checkpoint_xml (self->domain, xml, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == self->domain);
  g_assert_true (vck_checkpoint_get_connection (checkpoint) == self->connection);
  return checkpoint;
}

static void
step_3_create (Scenario *self)
{
  g_autofree char *description = NULL;
  g_autofree char *none = NULL;

  self->first = create (self, FIRST);
  scenario_write (self, 0, 0, MIB);
  self->second = create (self, CHECKPOINT ("second", ""));
  scenario_write (self, 1, 5 * MIB + 17, 1);
  self->third = create (self, CHECKPOINT ("third", ""));
  scenario_write (self, 0, 8 * MIB, 3 * GRANULARITY);

  g_assert_cmpstr (vck_checkpoint_get_name (self->first), ==, "first");
  g_assert_cmpstr (vck_checkpoint_get_name (self->second), ==, "second");
  g_assert_cmpstr (vck_checkpoint_get_name (self->third), ==, "third");
  description = vck_checkpoint_get_description (self->first);
  g_assert_cmpstr (description, ==, DESCRIPTION);
  none = vck_checkpoint_get_description (self->second);
  g_assert_null (none);
}

static void
step_4_list (Scenario *self)
{
  assert_listed (self, VCK_CHECKPOINT_LIST_TOPOLOGICAL, "first second third");
  assert_listed (self, VCK_CHECKPOINT_LIST_ROOTS, "first");
  assert_listed (self, VCK_CHECKPOINT_LIST_LEAVES, "third");
}

static void
step_5_look_up (Scenario *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) found =
      vck_domain_lookup_checkpoint (self->domain, "second", NULL, &error);

  g_assert_no_error (error);
  g_assert_true (found == self->second);
}

static void
step_6_parent (Scenario *self)
{
  g_autoptr (GError) error = NULL;

  assert_parent (self->third, self->second);
  assert_parent_name (self->third, "second");
  g_assert_null (vck_checkpoint_query_parent (self->first, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
  assert_parent_name (self->first, NULL);
}

static void
step_7_children (Scenario *self)
{
  const VckCheckpointListFlags below =
      VCK_CHECKPOINT_LIST_DESCENDANTS | VCK_CHECKPOINT_LIST_TOPOLOGICAL;

  assert_children (self->first, 0, "second");
  assert_children (self->first, below, "second third");
  assert_children (self->third, 0, "");
}

static void
step_8_xml (Scenario *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = vck_checkpoint_get_xml_desc (self->third, 0, NULL, &error);
  g_autofree char *brief = vck_checkpoint_get_xml_desc (
      self->third, VCK_CHECKPOINT_XML_SIZE | VCK_CHECKPOINT_XML_NO_DOMAIN, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (whole, "<name>third</name>"));
  g_assert_nonnull (strstr (whole, "<name>second</name>"));
  g_assert_nonnull (strstr (whole, "<disk name='vda' checkpoint='bitmap' bitmap='third'/>"));
  g_assert_nonnull (strstr (whole, "<disk name='vdb' checkpoint='bitmap' bitmap='third'/>"));
  g_assert_nonnull (strstr (whole, "<name>" NAME "</name>"));
  g_assert_null (strstr (brief, "<domain "));
  g_assert_nonnull (strstr (brief, self->folder != NULL ? "size='196608'" : "size='0'"));
}

/* The property follows in the main loop. */
static void
wait_for_parent_name (VckCheckpoint *checkpoint, const char *expected)
{
  for (;;)
    {
      g_autofree char *name = vck_checkpoint_get_parent_name (checkpoint);

      if (g_strcmp0 (name, expected) == 0)
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

/* "0+1048576:5 ": offset, length and flags of each. */
static void
append_extents (GString *out, GPtrArray *extents)
{
  for (guint i = 0; i < extents->len; i++)
    {
      const VckExtent *extent = g_ptr_array_index (extents, i);

      g_string_append_printf (out, "%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT ":%u ",
                              extent->offset, extent->length, extent->flags);
    }
}

static void
assert_extents (VckCheckpoint *checkpoint,
                const char *disk,
                VckExtentsFlags flags,
                const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) extents =
      vck_checkpoint_list_extents (checkpoint, disk, flags, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  append_extents (text, extents);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_cursor (Scenario *self, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckExtentCursor) cursor =
      vck_checkpoint_open_extents (self->first, "vda", 0, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean more = TRUE;

  g_assert_no_error (error);
  while (more)
    {
      g_autoptr (GPtrArray) part = vck_extent_cursor_read (cursor, 1, NULL, &error);

      g_assert_no_error (error);
      append_extents (text, part);
      more = part->len > 0;
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpuint (vck_extent_cursor_get_dirty_bytes (cursor), ==,
                    self->folder != NULL ? MIB + 3 * GRANULARITY : 0);
  g_assert_cmpuint (vck_extent_cursor_get_zero_bytes (cursor), ==, 0);
}

static void
step_9_changed_blocks (Scenario *self)
{
  const gboolean written = self->folder != NULL;
  g_autoptr (GError) error = NULL;

  assert_extents (self->first, "vda", 0, written ? "0+1048576:5 8388608+196608:5 " : "");
  assert_extents (self->third, "vda", 0, written ? "8388608+196608:5 " : "");
  assert_extents (self->third, "vdb", 0, "");
  assert_extents (self->third, "vda", VCK_EXTENTS_NO_ZERO, written ? "8388608+196608:1 " : "");
  assert_cursor (self, written ? "0+1048576:5 8388608+196608:5 " : "");
  g_assert_null (vck_checkpoint_list_extents (self->first, "vdz", 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
}

static void
step_10_delete (Scenario *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (vck_checkpoint_delete (self->second, 0, NULL, &error));
  g_assert_no_error (error);
  assert_children (self->first, 0, "third");
  assert_parent (self->third, self->first);
  wait_for_parent_name (self->third, "first");
  assert_sizes (self, self->first, MIB + 3 * GRANULARITY, GRANULARITY);
  assert_sizes (self, self->third, 3 * GRANULARITY, 0);
}

static void
step_11_error (Scenario *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_domain_lookup_checkpoint (self->domain, "second", NULL, &error));
  g_assert_nonnull (strstr (error->message, "'second'"));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);

  g_assert_null (vck_domain_create_checkpoint_xml (self->domain, FIRST, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, "'first'"));
  support_assert_error (error, VCK_ERROR_CHECKPOINT_EXISTS);

  g_assert_false (vck_domain_undefine (self->domain, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, NAME));
  support_assert_error (error, VCK_ERROR_OPERATION_INVALID);

  g_assert_true (
      vck_domain_undefine (self->domain, VCK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (vck_connection_lookup_domain_by_name (self->connection, NAME, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
}

static void
test_scenario (Scenario *self, gconstpointer with_images)
{
  step_1_open (self);
  step_2_define (self);
  step_3_create (self);
  step_4_list (self);
  step_5_look_up (self);
  step_6_parent (self);
  step_7_children (self);
  step_8_xml (self);
  step_9_changed_blocks (self);
  step_10_delete (self);
  step_11_error (self);
}

/* Waits for the call that was started last, and finishes it; that must work. */
#define FINISH(call)                                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GAsyncResult) result = support_wait (&slot);                                        \
    call;                                                                                          \
    g_assert_no_error (error);                                                                     \
  }                                                                                                \
  G_STMT_END

static void
async_open_to_create (Scenario *self)
{
  g_autofree char *xml = make_domain_xml (self);
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_connection_open_async (self->uri, 0, NULL, support_result_cb, &slot);
  FINISH (self->connection = vck_connection_open_finish (result, &error));
  vck_connection_define_domain_xml_async (self->connection, xml, NULL, support_result_cb, &slot);
  FINISH (self->domain =
              vck_connection_define_domain_xml_finish (self->connection, result, &error));
  vck_domain_create_checkpoint_xml_async (self->domain, FIRST, 0, NULL, support_result_cb, &slot);
  FINISH (self->first = vck_domain_create_checkpoint_xml_finish (self->domain, result, &error));
  vck_domain_create_checkpoint_xml_async (self->domain, CHECKPOINT ("second", ""), 0, NULL,
                                          support_result_cb, &slot);
  FINISH (self->second = vck_domain_create_checkpoint_xml_finish (self->domain, result, &error));
}

static void
async_list_to_xml (Scenario *self)
{
  g_autofree char *xml = NULL;
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) children = NULL;
  g_autoptr (GPtrArray) extents = NULL;
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (VckCheckpoint) parent = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_domain_list_checkpoints_async (self->domain, VCK_CHECKPOINT_LIST_TOPOLOGICAL, NULL,
                                     support_result_cb, &slot);
  FINISH (checkpoints = vck_domain_list_checkpoints_finish (self->domain, result, &error));
  assert_names (checkpoints, "first second");
  vck_domain_lookup_checkpoint_async (self->domain, "second", NULL, support_result_cb, &slot);
  FINISH (found = vck_domain_lookup_checkpoint_finish (self->domain, result, &error));
  g_assert_true (found == self->second);
  vck_checkpoint_query_parent_async (self->second, NULL, support_result_cb, &slot);
  FINISH (parent = vck_checkpoint_query_parent_finish (self->second, result, &error));
  g_assert_true (parent == self->first);
  vck_checkpoint_list_children_async (self->first, 0, NULL, support_result_cb, &slot);
  FINISH (children = vck_checkpoint_list_children_finish (self->first, result, &error));
  assert_names (children, "second");
  vck_checkpoint_get_xml_desc_async (self->second, VCK_CHECKPOINT_XML_NO_DOMAIN, NULL,
                                     support_result_cb, &slot);
  FINISH (xml = vck_checkpoint_get_xml_desc_finish (self->second, result, &error));
  g_assert_true (g_str_has_prefix (xml, "<domaincheckpoint>\n  <name>second</name>\n"));
  vck_checkpoint_list_extents_async (self->first, "vda", 0, NULL, support_result_cb, &slot);
  FINISH (extents = vck_checkpoint_list_extents_finish (self->first, result, &error));
  g_assert_cmpuint (extents->len, ==, 0);
}

static void
async_delete_and_error (Scenario *self)
{
  g_autoptr (GAsyncResult) failed = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  gboolean deleted;

  vck_checkpoint_delete_async (self->first, 0, NULL, support_result_cb, &slot);
  FINISH (deleted = vck_checkpoint_delete_finish (self->first, result, &error));
  g_assert_true (deleted);
  vck_domain_lookup_checkpoint_async (self->domain, "first", NULL, support_result_cb, &slot);
  failed = support_wait (&slot);
  g_assert_null (vck_domain_lookup_checkpoint_finish (self->domain, failed, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
}

static void
test_async (Scenario *self, gconstpointer with_images)
{
  async_open_to_create (self);
  async_list_to_xml (self);
  async_delete_and_error (self);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);

#define ADD(path, with_images, run)                                                                \
  g_test_add (path, Scenario, with_images, scenario_set_up, run, scenario_tear_down)
  ADD ("/vck/scenario/memory", NULL, test_scenario);
  ADD ("/vck/scenario/local", "images", test_scenario);
  ADD ("/vck/scenario/async", NULL, test_async);
#undef ADD

  return g_test_run ();
}
