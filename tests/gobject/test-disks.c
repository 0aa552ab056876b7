/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The list of the disks of a domain, and its rows; the disks of a checkpoint. */

#include "backend.h"
#include "list-mirror.h"
#include "vck-private.h"

#define UUID "0c7dbb3f-9a30-4c3c-9ae1-2d84ad5ea8e3"

typedef struct
{
  char *uri;
  VckConnection *connection; /* owned reference */
  VckDomain *domain;         /* owned reference: with vda and vdb */
  ListMirror mirror;         /* of what a test follows */
  int subscription;
  guint n_looks; /* atomic: how often all disks were looked at */
} Fixture;

/* Each disk is "target" or "target:format". */
static VckDomain *
define (VckConnection *connection, const char *disks)
{
  g_auto (GStrv) each = g_strsplit (disks, " ", -1);
  g_autoptr (GString) xml =
      g_string_new ("<domain><name>guest</name><uuid>" UUID "</uuid><devices>");
  g_autoptr (GError) error = NULL;
  VckDomain *domain;

  for (char **disk = each; *disk != NULL; disk++)
    {
      g_auto (GStrv) parts = g_strsplit (*disk, ":", 2);

      g_string_append_printf (xml,
                              "<disk type='file'><driver type='%s'/><source file='/%s'/>"
                              "<target dev='%s'/></disk>",
                              parts[1] != NULL ? parts[1] : "qcow2", parts[0], parts[0]);
    }
  g_string_append (xml, "</devices></domain>");
  domain = vck_connection_define_domain_xml (connection, xml->str, NULL, &error);
  g_assert_no_error (error);
  return domain;
}

static void
redefine (Fixture *self, const char *disks)
{
  g_autoptr (VckDomain) domain = define (self->connection, disks);

  g_assert_true (domain == self->domain);
}

static void
count_cb (const VckcEvent *event, void *opaque)
{
  Fixture *self = opaque;

  if (event->type == VCKC_EVENT_DISKS_LISTED)
    g_atomic_int_inc (&self->n_looks);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->uri = support_memory_uri ();
  self->connection = vck_connection_open (self->uri, 0, NULL, &error);
  g_assert_no_error (error);
  self->domain = define (self->connection, "vda vdb");
  self->subscription = vckc_connect_subscribe (vck_connection_get_handle (self->connection),
                                               count_cb, self, NULL, NULL);
  g_assert_cmpint (self->subscription, >, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  vckc_connect_unsubscribe (vck_connection_get_handle (self->connection), self->subscription, NULL);
  list_mirror_clear (&self->mirror);
  g_clear_object (&self->domain);
  g_clear_object (&self->connection);
  g_free (self->uri);
}

/* All that is queued has led to a load, and that has ended. */
static void
wait_for_list (VckDiskList *list)
{
  support_drain (NULL);
  while (vck_disk_list_is_loading (list))
    g_main_context_iteration (NULL, TRUE);
  support_drain (NULL);
}

static VckDiskList *
follow (Fixture *self)
{
  VckDiskList *list = vck_domain_get_disks (self->domain);

  list_mirror_start (&self->mirror, list);
  wait_for_list (list);
  return list;
}

static void
assert_listed (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = vck_domain_list_disks (self->domain, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, self->mirror.rows->len);
  for (guint i = 0; i < disks->len; i++)
    g_assert_true (disks->pdata[i] == self->mirror.rows->pdata[i]);
}

/* Filled with one change, then what the domain is defined with, in that order. The rows are what
 * calls return. */
static void
test_follow (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = vck_domain_get_disks (self->domain);
  g_autoptr (VckDiskList) same = NULL;
  g_autoptr (VckDomain) domain = NULL;

  g_object_get (self->domain, "disks", &same, NULL);
  g_assert_true (same == list);
  g_object_get (list, "domain", &domain, NULL);
  g_assert_true (domain == self->domain);
  g_assert_true (vck_disk_list_get_domain (list) == domain);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (list)) == VCK_TYPE_DISK);
  g_assert_true (vck_disk_list_is_loading (list));
  list_mirror_start (&self->mirror, list);
  wait_for_list (list);
  g_assert_null (vck_disk_list_get_error (list));
  list_mirror_assert (&self->mirror, "vda vdb", "0-0+2 ");
  assert_listed (self);

  redefine (self, "vda vdb vdc vdd");
  list_mirror_assert (&self->mirror, "vda vdb", "");
  wait_for_list (list);
  list_mirror_assert (&self->mirror, "vda vdb vdc vdd", "2-0+2 ");
  redefine (self, "sda vda vdd vdc");
  wait_for_list (list);
  list_mirror_assert (&self->mirror, "sda vda vdd vdc", "3-1+0 1-1+0 1-0+1 0-0+1 ");
  assert_listed (self);
}

/* A load that the program asks for has looked at the disks when the domain gets another definition:
 * the list looks again. */
static void
test_outdated (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;
  const int n_looks = g_atomic_int_get (&self->n_looks);

  vck_disk_list_load_async (list, NULL, support_result_cb, &slot);
  while (g_atomic_int_get (&self->n_looks) == n_looks)
    g_thread_yield ();
  redefine (self, "vda vdb vdc");
  result = support_wait (&slot);
  g_assert_true (vck_disk_list_load_finish (list, result, NULL));
  wait_for_list (list);
  list_mirror_assert (&self->mirror, "vda vdb vdc", "0-0+2 2-0+1 ");
}

/* The position of each disk is that of the definition, whatever it was before. */
static void
test_orders (Fixture *self, gconstpointer data)
{
  static const char *const orders[] = {
    "sda sdb sdc sdd sde sdf", "sdf sde sdd sdc sdb sda", "sdc sda", "sdb",
    "sde sdd sdb sda",         "sda sdb sdd sde",         "",        "sdx sda sdy sdb sdz"
  };
  g_autoptr (VckDiskList) list = follow (self);

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      redefine (self, orders[i]);
      wait_for_list (list);
      g_string_truncate (self->mirror.log, 0);
      list_mirror_assert (&self->mirror, orders[i], "");
      assert_listed (self);
    }
}

static void
notified_cb (VckDisk *disk, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

/* A disk that stays is the same object. It is as it is now when the call returns that found it out,
 * and says so in the context. What its getters returned earlier still is there. */
static void
test_changed (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  VckDisk *disk = self->mirror.rows->pdata[0];
  const char *format = vck_disk_get_format (disk);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (disk, "notify", G_CALLBACK (notified_cb), log);
  g_assert_cmpstr (format, ==, "qcow2");
  g_assert_true (vck_disk_is_trackable (disk));
  redefine (self, "vda:raw vdb");
  g_assert_true (vck_disk_is_trackable (disk));
  assert_listed (self);
  g_assert_cmpstr (vck_disk_get_format (disk), ==, "raw");
  g_assert_false (vck_disk_is_trackable (disk));
  g_assert_nonnull (vck_disk_get_reason (disk));
  g_assert_cmpstr (format, ==, "qcow2");
  g_assert_cmpstr (log->str, ==, "");
  wait_for_list (list);
  g_assert_cmpstr (log->str, ==, "reason trackable format ");
  redefine (self, "vda vdb");
  wait_for_list (list);
  g_assert_cmpstr (log->str, ==, "reason trackable format reason trackable format ");
  g_assert_true (vck_disk_is_trackable (disk));
  g_string_truncate (self->mirror.log, 0);
  list_mirror_assert (&self->mirror, "vda vdb", "");
}

/* A definition with the same disks, and one of another domain, are no reason to look. */
static void
test_unchanged (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  const guint n_looks = (guint) g_atomic_int_get (&self->n_looks);

  redefine (self, "vda vdb");
  g_object_unref (support_define (self->connection, "other"));
  support_drain (NULL);
  g_assert_false (vck_disk_list_is_loading (list));
  g_assert_cmpuint ((guint) g_atomic_int_get (&self->n_looks), ==, n_looks);
}

/* Refreshed, the disks are looked at again. */
static void
test_refreshed (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  const guint n_looks = (guint) g_atomic_int_get (&self->n_looks);
  g_autoptr (GError) error = NULL;

  vck_domain_refresh (self->domain, NULL, &error);
  g_assert_no_error (error);
  wait_for_list (list);
  g_assert_cmpuint ((guint) g_atomic_int_get (&self->n_looks), ==, n_looks + 1);
  list_mirror_assert (&self->mirror, "vda vdb", "0-0+2 ");
}

/* Without a reference to the list nothing is looked at, and it keeps nothing alive. */
static void
test_lives (Fixture *self, gconstpointer data)
{
  VckDiskList *list = vck_domain_get_disks (self->domain);
  g_autoptr (VckConnection) connection = vck_connection_open (self->uri, 0, NULL, NULL);
  VckDomain *other = vck_connection_lookup_domain (connection, "guest", NULL, NULL);
  VckDiskList *others = vck_domain_get_disks (other);
  guint n_looks;

  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  wait_for_list (list);
  g_object_unref (list);
  g_assert_null (list);
  n_looks = (guint) g_atomic_int_get (&self->n_looks);
  redefine (self, "vda");
  g_assert_true (vck_domain_refresh (self->domain, NULL, NULL));
  support_drain (NULL);
  g_assert_cmpuint ((guint) g_atomic_int_get (&self->n_looks), ==, n_looks);
  g_object_add_weak_pointer (G_OBJECT (other), (gpointer *) &other);
  g_object_unref (others);
  g_object_unref (other);
  while (other != NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* A disk is another object once there is no reference to it. */
static void
test_rows_die (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) disks = vck_domain_list_disks (self->domain, NULL, NULL);
  VckDisk *first = g_object_ref (disks->pdata[0]);

  g_clear_pointer (&disks, g_ptr_array_unref);
  disks = vck_domain_list_disks (self->domain, NULL, NULL);
  g_assert_true (disks->pdata[0] == first);
  g_clear_pointer (&disks, g_ptr_array_unref);
  support_assert_dies (first);
}

static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  g_autoptr (GError) error = NULL;

  vck_connection_close (self->connection, NULL);
  support_drain (NULL);
  g_assert_error (vck_disk_list_get_error (list), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  g_assert_false (vck_disk_list_load (list, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  list_mirror_assert (&self->mirror, "vda vdb", "0-0+2 ");
}

static void
test_undefined (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  g_autoptr (VckDisk) disk = g_object_ref (self->mirror.rows->pdata[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) again = NULL;

  vck_domain_undefine (self->domain, 0, NULL, &error);
  g_assert_no_error (error);
  wait_for_list (list);
  list_mirror_assert (&self->mirror, "", "0-0+2 0-2+0 ");
  g_assert_cmpstr (vck_disk_get_source (disk), ==, "/vda");
  g_assert_false (vck_disk_list_load (list, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
  again = define (self->connection, "vda");
  support_drain (NULL);
  g_assert_true (again != self->domain);
  list_mirror_assert (&self->mirror, "", "");
}

#define N_THREADS 4
#define N_ROUNDS 150

static gpointer
change_cb (gpointer uri)
{
  static const char *const disks[] = { "sda sdb sdc", "sdc sdb sda",         "",
                                       "sdb sdd:raw", "sda sdb:raw sdc sdd", "sdd" };
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, NULL);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (VckDomain) domain =
          define (connection, disks[g_random_int_range (0, G_N_ELEMENTS (disks))]);
      g_autoptr (GPtrArray) listed = vck_domain_list_disks (domain, NULL, NULL);

      g_assert_nonnull (listed);
    }
  return NULL;
}

/* Whatever happens in other threads, what `items-changed` has reported is what is there; at last it
 * is what the definition has. */
static void
test_threads (Fixture *self, gconstpointer data)
{
  g_autoptr (VckDiskList) list = follow (self);
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("changes", change_cb, self->uri);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_true (i % 10 != 0 || vck_disk_list_load (list, NULL, NULL));
      support_drain (NULL);
      list_mirror_assert_exact (&self->mirror);
      g_usleep (1000);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  wait_for_list (list);
  list_mirror_assert_exact (&self->mirror);
  assert_listed (self);
}

/* The definition of the domain with the second disk in that format. */
static char *
read_with_format (Backend *self, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = vck_domain_get_xml_desc (self->domain, 0, NULL, &error);
  char *at;

  g_assert_no_error (error);
  at = g_strrstr (xml, "type='qcow2'");
  g_assert_nonnull (at);
  at += strlen ("type='");
  *at = '\0';
  return g_strconcat (xml, format, at + strlen ("qcow2"), NULL);
}

static void
define_as (const char *uri, const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);

  g_assert_no_error (error);
  g_object_unref (vck_connection_define_domain_xml (other, xml, NULL, &error));
  g_assert_no_error (error);
}

/* With no main loop; what another program defines counts too. */
static void
test_load (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckDiskList) list = vck_domain_get_disks (self->domain);
  g_autoptr (VckDisk) row = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ListMirror) mirror = { NULL };
  g_autofree char *raw = read_with_format (self, "raw");
  g_autofree char *renamed = read_with_format (self, "qcow2");

  list_mirror_start (&mirror, list);
  g_assert_true (vck_disk_list_load (list, NULL, &error));
  g_assert_no_error (error);
  list_mirror_assert (&mirror, "vda vdb", "0-0+2 ");
  row = g_list_model_get_item (G_LIST_MODEL (list), 1);
  g_assert_true (vck_disk_is_trackable (row));

  define_as (self->uri, raw);
  g_assert_true (vck_disk_list_load (list, NULL, &error));
  g_assert_false (vck_disk_is_trackable (row));
  g_assert_nonnull (vck_disk_get_reason (row));
  list_mirror_assert (&mirror, "vda vdb", "");

  memcpy (strstr (strstr (renamed, "<target"), "vda"), "sda", 3);
  define_as (self->uri, renamed);
  g_assert_true (vck_disk_list_load (list, NULL, &error));
  g_assert_true (vck_disk_is_trackable (row));
  list_mirror_assert (&mirror, "sda vdb", "0-1+0 0-0+1 ");

  vck_connection_close (self->connection, NULL);
  g_assert_false (vck_disk_list_load (list, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  list_mirror_assert (&mirror, "sda vdb", "");
}

static void
assert_checkpoint_disk (VckCheckpointDisk *disk, gint64 size, VckCheckpointState state)
{
  gint64 capacity;
  gint64 granularity;

  g_object_get (disk, "capacity", &capacity, "granularity", &granularity, NULL);
  g_assert_cmpint (vck_checkpoint_disk_get_capacity (disk), ==, capacity);
  g_assert_cmpint (vck_checkpoint_disk_get_granularity (disk), ==, granularity);
  g_assert_cmpint (vck_checkpoint_disk_get_size (disk), ==, size);
  g_assert_cmpint (vck_checkpoint_disk_get_state (disk), ==, state);
  if (state == VCK_CHECKPOINT_STATE_UNTRACKED)
    {
      g_assert_false (vck_checkpoint_disk_is_tracked (disk));
      g_assert_cmpint (capacity, ==, -1);
      g_assert_cmpint (granularity, ==, -1);
      return;
    }
  g_assert_true (vck_checkpoint_disk_is_tracked (disk));
  g_assert_cmpint (capacity, >, 0);
  g_assert_cmpint (granularity, ==, 65536);
}

/* Each disk that the domain had is there, be it tracked or not, which is known without looking. */
static void
test_checkpoint (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GPtrArray) unasked = NULL;
  g_autoptr (GPtrArray) looked_at = NULL;
  g_autoptr (GPtrArray) measured = NULL;
  g_autoptr (GError) error = NULL;

  vck_checkpoint_config_skip (config, "vdb");
  checkpoint = vck_domain_create_checkpoint (self->domain, config, 0, NULL, &error);
  g_assert_no_error (error);
  unasked = vck_checkpoint_list_disks (checkpoint, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unasked->len, ==, 2);
  assert_checkpoint_disk (unasked->pdata[0], -1, VCK_CHECKPOINT_STATE_UNKNOWN);
  assert_checkpoint_disk (unasked->pdata[1], -1, VCK_CHECKPOINT_STATE_UNTRACKED);

  looked_at = vck_checkpoint_list_disks (checkpoint, VCK_CHECKPOINT_XML_SIZE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (looked_at->len, ==, 2);
  assert_checkpoint_disk (looked_at->pdata[0], 0, VCK_CHECKPOINT_STATE_READY);
  assert_checkpoint_disk (looked_at->pdata[1], -1, VCK_CHECKPOINT_STATE_UNTRACKED);
  g_assert_cmpint (vck_checkpoint_get_state (checkpoint), ==, VCK_CHECKPOINT_STATE_READY);
  g_assert_cmpint (vck_checkpoint_get_size (checkpoint), ==, 0);

  measured = vck_domain_measure_checkpoints (self->domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (measured->len, ==, 1);
  assert_checkpoint_disk (measured->pdata[0], 0, VCK_CHECKPOINT_STATE_READY);
}

static void
test_bare (void)
{
  g_autoptr (VckDiskList) list = g_object_new (VCK_TYPE_DISK_LIST, NULL);
  g_autoptr (VckDisk) disk = g_object_new (VCK_TYPE_DISK, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_disk_list_get_domain (list));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_false (vck_disk_list_load (list, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN);
  g_assert_null (vck_disk_get_target (disk));
}

#define ADD(name, function) g_test_add ("/disks/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("follow", test_follow);
  ADD ("outdated", test_outdated);
  ADD ("orders", test_orders);
  ADD ("changed", test_changed);
  ADD ("unchanged", test_unchanged);
  ADD ("refreshed", test_refreshed);
  ADD ("lives", test_lives);
  ADD ("rows-die", test_rows_die);
  ADD ("closed", test_closed);
  ADD ("undefined", test_undefined);
  ADD ("threads", test_threads);
  ADD_BOTH ("/disks/", "load", test_load);
  ADD_BOTH ("/disks/", "checkpoint", test_checkpoint);
  g_test_add_func ("/disks/bare", test_bare);
  return g_test_run ();
}
