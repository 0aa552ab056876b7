/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists that follow what happens. */

#include "list-mirror.h"
#include "support.h"

static VckConnection *
open_uri (const char *uri)
{
  g_autoptr (GError) error = NULL;
  VckConnection *connection = vck_connection_open (uri, 0, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static VckConnection *
open_memory (void)
{
  g_autofree char *uri = support_memory_uri ();

  return open_uri (uri);
}

static void
create (VckDomain *domain, const char *names)
{
  g_auto (GStrv) each = g_strsplit (names, " ", -1);

  for (char **name = each; *name != NULL; name++)
    g_object_unref (support_create (domain, *name));
}

static void delete (VckDomain *domain, const char *name, VckCheckpointDeleteFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint = vck_domain_lookup_checkpoint (domain, name, NULL, &error);

  vck_checkpoint_delete (checkpoint, flags, NULL, &error);
  g_assert_no_error (error);
}

static void
wait_for_load (VckCheckpointList *list)
{
  while (vck_checkpoint_list_is_loading (list))
    g_main_context_iteration (NULL, TRUE);
  support_drain (NULL);
}

/* Filled with one change, and then what happens, in order; one change for rows side by side. */
static void
test_follow (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_auto (ListMirror) mirror = { NULL };
  g_autoptr (VckCheckpointList) list = NULL;
  g_autoptr (VckCheckpointList) same = NULL;

  create (domain, "a b c");
  list = vck_domain_get_checkpoints (domain);
  same = vck_domain_get_checkpoints (domain);
  g_assert_true (same == list);
  g_assert_true (vck_checkpoint_list_is_loading (list));
  g_assert_true (vck_checkpoint_list_get_domain (list) == domain);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (list)) == VCK_TYPE_CHECKPOINT);
  list_mirror_start (&mirror, list);
  wait_for_load (list);
  g_assert_null (vck_checkpoint_list_get_error (list));
  list_mirror_assert (&mirror, "a b c", "0-0+3 ");

  create (domain, "d e f");
  list_mirror_assert (&mirror, "a b c", "");
  support_drain (NULL);
  list_mirror_assert (&mirror, "a b c d e f", "3-0+3 ");
  delete (domain, "b", 0);
  support_drain (NULL);
  list_mirror_assert (&mirror, "a c d e f", "1-1+0 ");
  delete (domain, "d", VCK_CHECKPOINT_DELETE_CHILDREN);
  create (domain, "b");
  support_drain (NULL);
  list_mirror_assert (&mirror, "a c b", "2-3+0 2-0+1 ");
}

/* A load is as of now, with no main loop, and changes only what is not as it was. */
static void
test_load (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (VckConnection) connection = open_uri (uri);
  g_autoptr (VckConnection) other = open_uri (uri);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) others = support_lookup_test (other);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ListMirror) mirror = { NULL };

  list_mirror_start (&mirror, list);
  create (others, "a b c d e");
  g_assert_true (vck_checkpoint_list_load (list, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (vck_checkpoint_list_is_loading (list));
  list_mirror_assert_exact (&mirror);
  g_assert_cmpuint (mirror.rows->len, ==, 5);
  g_string_truncate (mirror.log, 0);
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  delete (others, "b", 0);
  delete (others, "d", 0);
  create (others, "f g");
  g_assert_true (vck_checkpoint_list_load (list, NULL, &error));
  list_mirror_assert_exact (&mirror);
  list_mirror_assert (&mirror, "a c e f g", "3-1+0 1-1+0 3-0+2 ");
  found = vck_domain_lookup_checkpoint (domain, "a", NULL, NULL);
  g_assert_true (found == first);
  g_assert_true (vck_domain_refresh (domain, NULL, &error));
  g_assert_true (vck_checkpoint_list_load (list, NULL, &error));
  support_drain (NULL);
  list_mirror_assert (&mirror, "a c e f g", "");
}

static void
note_loading_cb (VckCheckpointList *list, GParamSpec *pspec, GString *seen)
{
  g_string_append (seen, vck_checkpoint_list_is_loading (list) ? "loading " : "done ");
}

/* With no main loop the first load has not begun when a script loads the list, and never does. */
static void
test_loading_before (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GString) seen = g_string_new (NULL);

  create (domain, "a b");
  g_signal_connect (list, "notify::loading", G_CALLBACK (note_loading_cb), seen);
  g_assert_true (vck_checkpoint_list_is_loading (list));
  g_assert_true (vck_checkpoint_list_load (list, NULL, NULL));
  g_assert_false (vck_checkpoint_list_is_loading (list));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, "done ");
  g_string_truncate (seen, 0);
  g_assert_true (vck_checkpoint_list_load (list, NULL, NULL));
  g_assert_cmpstr (seen->str, ==, "loading done ");
}

/* A load that ends is not the end of the one in the background, which runs on. */
static void
test_loading_meanwhile (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GString) seen = g_string_new (NULL);

  g_signal_connect (list, "notify::loading", G_CALLBACK (note_loading_cb), seen);
  g_assert_true (g_main_context_iteration (NULL, FALSE)); /* the first load begins */
  g_assert_true (vck_checkpoint_list_load (list, NULL, NULL));
  g_assert_true (vck_checkpoint_list_is_loading (list));
  g_assert_cmpstr (seen->str, ==, "");
  wait_for_load (list);
  g_assert_cmpstr (seen->str, ==, "done ");
}

static void
loaded_cb (GObject *list, GAsyncResult *result, gpointer data)
{
  GError **error = data;
  gboolean loaded = vck_checkpoint_list_load_finish (VCK_CHECKPOINT_LIST (list), result, error);

  g_assert_true (loaded == (*error == NULL));
  if (loaded)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "it is loaded");
}

typedef struct
{
  VckCheckpointList *list;
  GCancellable *cancellable;
  GError *error;
} Load;

static gpointer
load_cb (gpointer data)
{
  Load *load = data;

  g_assert_false (vck_checkpoint_list_load (load->list, load->cancellable, &load->error));
  return NULL;
}

/* The main context belongs to a thread that does not run it. */
static void
test_load_cancelled (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Load load = { .list = list, .cancellable = cancellable };
  GThread *thread;

  create (domain, "a");
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("loader", load_cb, &load);
  /* It waits for the context by now, or is cancelled before. */
  g_usleep (G_USEC_PER_SEC / 10);
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  support_assert_cancelled (&load.error);
  g_main_context_release (NULL);
  support_drain (NULL);
  g_assert_null (vck_checkpoint_list_get_error (list));
  g_assert_true (vck_checkpoint_list_load (list, NULL, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
}

static void
test_load_async (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  create (domain, "a");
  vck_checkpoint_list_load_async (list, NULL, loaded_cb, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  g_cancellable_cancel (cancelled);
  vck_checkpoint_list_load_async (list, cancelled, loaded_cb, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  support_drain (NULL);
  g_assert_null (vck_checkpoint_list_get_error (list));
}

/* Also of one that is cancelled. */
static void
test_loading_async (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GString) seen = g_string_new (NULL);

  wait_for_load (list);
  g_signal_connect (list, "notify::loading", G_CALLBACK (note_loading_cb), seen);
  g_cancellable_cancel (cancelled);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_string_truncate (seen, 0);
      vck_checkpoint_list_load_async (list, i == 0 ? NULL : cancelled, loaded_cb, &error);
      g_assert_true (vck_checkpoint_list_is_loading (list));
      while (error == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpstr (seen->str, ==, "loading done ");
    }
}

/* In a handler of a signal, the list has that already. */
static void
added_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  GListModel *list = data;
  const guint n = g_list_model_get_n_items (list);
  g_autoptr (VckCheckpoint) last = g_list_model_get_item (list, n - 1);

  g_assert_true (last == checkpoint);
  g_object_set_data (G_OBJECT (list), "seen", checkpoint);
}

static void
removed_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_assert_cmpuint (g_list_model_get_n_items (data), ==, 0);
  g_object_set_data (data, "seen", NULL);
}

static void
test_before_signal (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);

  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (added_cb), list);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (removed_cb), list);
  wait_for_load (list);
  create (domain, "a");
  support_drain (NULL);
  g_assert_nonnull (g_object_get_data (G_OBJECT (list), "seen"));
  delete (domain, "a", 0);
  support_drain (NULL);
  g_assert_null (g_object_get_data (G_OBJECT (list), "seen"));
}

/* A handler that runs the main context. */
static void
recurse_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  support_drain (NULL);
}

static void
test_recursion (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_auto (ListMirror) mirror = { NULL };

  list_mirror_start (&mirror, list);
  g_signal_connect (list, "items-changed", G_CALLBACK (recurse_cb), NULL);
  wait_for_load (list);
  create (domain, "a b c d e");
  support_drain (NULL);
  delete (domain, "b", 0);
  delete (domain, "d", 0);
  create (domain, "f");
  support_drain (NULL);
  list_mirror_assert (&mirror, "a c e f", "0-0+5 3-1+0 1-1+0 3-0+1 ");
}

/* Closed: the rows stay, and the error says why; it is set before the signal. */
static void
closed_cb (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_assert_error (vck_checkpoint_list_get_error (data), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  g_object_set_data (data, "closed", connection);
}

static void
test_closed (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GError) error = NULL;
  g_auto (ListMirror) mirror = { NULL };

  list_mirror_start (&mirror, list);
  create (domain, "a");
  wait_for_load (list);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), list);
  vck_connection_close (connection, NULL);
  support_drain (NULL);
  g_assert_true (g_object_get_data (G_OBJECT (list), "closed") == connection);
  g_assert_false (vck_checkpoint_list_load (list, NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_NO_CONNECT);
  g_assert_error (vck_checkpoint_list_get_error (list), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  list_mirror_assert_exact (&mirror);
  g_assert_cmpuint (mirror.rows->len, ==, 1);
}

/* Domains come and go; with a domain its checkpoints. */
static void
test_domains (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomainList) list = vck_connection_get_domains (connection);
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckDomain) item = NULL;
  g_autoptr (VckCheckpointList) checkpoints = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ListMirror) mirror = { NULL };

  list_mirror_start (&mirror, list);
  g_assert_true (vck_domain_list_get_connection (list) == connection);
  g_assert_true (vck_domain_list_load (list, NULL, &error));
  list_mirror_assert (&mirror, "test", "0-0+1 ");
  domain = vck_connection_define_domain_xml (
      connection,
      "<domain><name>alpha</name><devices><disk type='file'><driver type='qcow2'/>"
      "<source file='/x'/><target dev='vda'/></disk></devices></domain>",
      NULL, &error);
  g_assert_no_error (error);
  support_drain (NULL);
  list_mirror_assert (&mirror, "test alpha", "1-0+1 ");
  item = g_list_model_get_item (G_LIST_MODEL (list), 1);
  g_assert_true (item == domain);
  checkpoints = vck_domain_get_checkpoints (domain);
  create (domain, "a b");
  wait_for_load (checkpoints);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (checkpoints)), ==, 2);
  vck_domain_undefine (domain, VCK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL, &error);
  g_assert_no_error (error);
  support_drain (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (checkpoints)), ==, 0);
  list_mirror_assert (&mirror, "test", "1-1+0 ");
  vck_connection_close (connection, NULL);
  support_drain (NULL);
  g_assert_error (vck_domain_list_get_error (list), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  list_mirror_assert (&mirror, "test", "");
}

/* Without a reference there is no list, also while it loads; and it keeps nothing alive. */
static void
test_lives (void)
{
  g_autofree char *uri = support_memory_uri ();
  VckConnection *connection = open_uri (uri);
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpointList *list = vck_domain_get_checkpoints (domain);
  VckDomainList *domains = vck_connection_get_domains (connection);

  g_object_add_weak_pointer (G_OBJECT (connection), (gpointer *) &connection);
  g_object_add_weak_pointer (G_OBJECT (domain), (gpointer *) &domain);
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  g_object_add_weak_pointer (G_OBJECT (domains), (gpointer *) &domains);
  create (domain, "a");
  g_object_unref (list);
  g_assert_null (list);
  g_object_unref (domains);
  g_assert_null (domains);
  g_object_unref (domain);
  g_object_unref (connection);
  while (connection != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (domain);
}

#define N_THREADS 6
#define N_ROUNDS 300

static gpointer
change_cb (gpointer connection)
{
  support_change_at_random (connection, N_ROUNDS, 9);
  return NULL;
}

/* Six threads change what the list shows, on two connections; it is loaded again and again. */
static void
test_threads (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (VckConnection) connection = open_uri (uri);
  g_autoptr (VckConnection) other = open_uri (uri);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_autoptr (GPtrArray) now = NULL;
  g_auto (ListMirror) mirror = { NULL };
  GThread *threads[N_THREADS];

  list_mirror_start (&mirror, list);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("changes", change_cb, i % 2 == 0 ? connection : other);
  for (guint i = 0; i < 200; i++)
    {
      g_assert_true (i % 10 != 0 || vck_checkpoint_list_load (list, NULL, NULL));
      support_drain (NULL);
      list_mirror_assert_exact (&mirror);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  support_drain (NULL);
  list_mirror_assert_exact (&mirror);
  now = vck_domain_list_checkpoints (domain, 0, NULL, NULL);
  g_assert_cmpuint (now->len, ==, mirror.rows->len);
  for (guint i = 0; i < now->len; i++)
    g_assert_true (g_ptr_array_find (mirror.rows, now->pdata[i], NULL));
}

/* More events than are kept: the list is loaded again. */
static void
test_lost (void)
{
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = vck_domain_get_checkpoints (domain);
  g_auto (ListMirror) mirror = { NULL };

  list_mirror_start (&mirror, list);
  wait_for_load (list);
  for (guint i = 0; i < 5001; i++)
    {
      create (domain, "a");
      delete (domain, "a", 0);
    }
  create (domain, "b");
  support_drain (NULL);
  wait_for_load (list);
  list_mirror_assert (&mirror, "b", "0-0+1 ");
}

/* A long list comes at once. */
static void
test_long (void)
{
  const guint n = 10000;
  g_autoptr (VckConnection) connection = open_memory ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) list = NULL;
  g_auto (ListMirror) mirror = { NULL };
  gint64 start;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%05u", i);

      create (domain, name);
    }
  list = vck_domain_get_checkpoints (domain);
  list_mirror_start (&mirror, list);
  start = g_get_monotonic_time ();
  wait_for_load (list);
  g_test_message ("%u rows in %" G_GINT64_FORMAT " ms", n,
                  (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpstr (mirror.log->str, ==, "0-0+10000 ");
  g_string_truncate (mirror.log, 0);
  delete (domain, "c00000", VCK_CHECKPOINT_DELETE_CHILDREN);
  start = g_get_monotonic_time ();
  support_drain (NULL);
  g_test_message ("removed in %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - start) / 1000);
  list_mirror_assert (&mirror, "", "0-10000+0 ");
}

/* Made by itself: it is empty and stays so. */
static void
test_bare (void)
{
  g_autoptr (GListModel) list = g_object_new (VCK_TYPE_CHECKPOINT_LIST, NULL);
  g_autoptr (GListModel) domains = g_object_new (VCK_TYPE_DOMAIN_LIST, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 0);
  g_assert_null (g_list_model_get_item (domains, 0));
  g_assert_false (vck_checkpoint_list_load (VCK_CHECKPOINT_LIST (list), NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_INVALID_DOMAIN);
  g_clear_error (&error);
  g_assert_false (vck_domain_list_load (VCK_DOMAIN_LIST (domains), NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_INVALID_CONNECT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/lists/follow", test_follow);
  g_test_add_func ("/vck/lists/load", test_load);
  g_test_add_func ("/vck/lists/load-cancelled", test_load_cancelled);
  g_test_add_func ("/vck/lists/load-async", test_load_async);
  g_test_add_func ("/vck/lists/loading-before", test_loading_before);
  g_test_add_func ("/vck/lists/loading-meanwhile", test_loading_meanwhile);
  g_test_add_func ("/vck/lists/loading-async", test_loading_async);
  g_test_add_func ("/vck/lists/before-signal", test_before_signal);
  g_test_add_func ("/vck/lists/recursion", test_recursion);
  g_test_add_func ("/vck/lists/closed", test_closed);
  g_test_add_func ("/vck/lists/domains", test_domains);
  g_test_add_func ("/vck/lists/lives", test_lives);
  g_test_add_func ("/vck/lists/threads", test_threads);
  g_test_add_func ("/vck/lists/lost", test_lost);
  g_test_add_func ("/vck/lists/long", test_long);
  g_test_add_func ("/vck/lists/bare", test_bare);
  return g_test_run ();
}
