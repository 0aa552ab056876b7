/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Opening and closing. */

#include <string.h>

#include "support.h"

static void
test_open (void)
{
  g_autoptr (GError) error = NULL;
  VckConnection *connection = vck_connection_open ("memory:///open", 0, NULL, &error);
  g_autofree char *uri = NULL;
  VckConnectionFlags flags = VCK_CONNECTION_READ_ONLY;
  gboolean read_only = TRUE;

  g_assert_no_error (error);
  g_assert_cmpstr (vck_connection_get_uri (connection), ==, "memory:///open");
  g_assert_false (vck_connection_is_read_only (connection));
  g_assert_true (vck_connection_is_open (connection));
  g_assert_cmpuint (vck_connection_get_flags (connection), ==, 0);

  g_object_get (connection, "uri", &uri, "flags", &flags, "read-only", &read_only, NULL);
  g_assert_cmpstr (uri, ==, "memory:///open");
  g_assert_cmpuint (flags, ==, 0);
  g_assert_false (read_only);
  support_assert_dies (connection);
}

static void
test_open_async (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  VckConnection *connection;
  GAsyncResult *slot = NULL;

  g_main_context_push_thread_default (context);
  vck_connection_open_async ("memory:///open-async", VCK_CONNECTION_READ_ONLY, NULL,
                             support_result_cb, &slot);
  g_assert_null (slot);
  result = support_wait (&slot);
  g_main_context_pop_thread_default (context);

  connection = vck_connection_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (vck_connection_is_read_only (connection));
  g_clear_object (&result);
  support_assert_dies (connection);
}

/* Through the interfaces that every language knows. */
static void
test_initable (void)
{
  g_autoptr (GError) error = NULL;
  GObject *connection = g_object_new (VCK_TYPE_CONNECTION, "uri", "memory:///initable", "flags",
                                      VCK_CONNECTION_READ_ONLY, NULL);

  g_assert_cmpstr (vck_connection_get_uri (VCK_CONNECTION (connection)), ==, "memory:///initable");
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (vck_connection_get_uri (VCK_CONNECTION (connection)), ==, "memory:///initable");
  g_assert_true (vck_connection_is_read_only (VCK_CONNECTION (connection)));
  support_assert_dies (connection);
}

static gpointer
init_thread (gpointer connection)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  return (gpointer) vck_connection_get_uri (VCK_CONNECTION (connection));
}

/* Several threads open the same object: it is opened once, for all of them. */
static void
test_initable_threads (void)
{
  GObject *connection = g_object_new (VCK_TYPE_CONNECTION, "uri", "memory:///threads", NULL);
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("init", init_thread, connection);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (g_thread_join (threads[i])
                   == vck_connection_get_uri (VCK_CONNECTION (connection)));
  support_assert_dies (connection);
}

static void
test_async_initable (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (GError) error = NULL;
  GObject *connection;
  GAsyncResult *slot = NULL;

  g_async_initable_new_async (VCK_TYPE_CONNECTION, G_PRIORITY_DEFAULT, NULL, support_result_cb,
                              &slot, "uri", "memory:///async-initable", NULL);
  result = support_wait (&slot);
  source = g_async_result_get_source_object (result);
  connection = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);
  g_assert_no_error (error);
  g_assert_true (VCK_IS_CONNECTION (connection));
  g_clear_object (&source);
  g_clear_object (&result);
  support_assert_dies (connection);
}

typedef struct
{
  const char *uri;
  VckConnectionFlags flags;
  VckError code;
} BadOpen;

static const BadOpen bad_opens[] = {
  { "gopher://somewhere", 0, VCK_ERROR_NO_CONNECT },
  { "no colon", 0, VCK_ERROR_INVALID_ARG },
  { "memory:", 0, VCK_ERROR_INVALID_ARG },
  { "memory:///bad", 1u << 20, VCK_ERROR_INVALID_ARG },
};

static void
test_open_fails (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_opens); i++)
    {
      const BadOpen *bad = &bad_opens[i];
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      GAsyncResult *slot = NULL;

      g_assert_null (vck_connection_open (bad->uri, bad->flags, NULL, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, !=, "");
      support_assert_error (error, (int) bad->code);

      vck_connection_open_async (bad->uri, bad->flags, NULL, support_result_cb, &slot);
      result = support_wait (&slot);
      g_assert_null (vck_connection_open_finish (result, &error));
      support_assert_error (error, (int) bad->code);
    }
}

static void
test_default_uri (void)
{
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("VCK_URI", "memory:///from-the-environment", TRUE);
  connection = vck_connection_open (NULL, 0, NULL, &error);
  g_unsetenv ("VCK_URI");
  g_assert_no_error (error);
  g_assert_cmpstr (vck_connection_get_uri (connection), ==, "memory:///from-the-environment");
}

static void
test_read_only (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection =
      vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  checkpoint = vck_domain_create_checkpoint_xml (domain, "<domaincheckpoint/>", 0, NULL, &error);
  g_assert_null (checkpoint);
  support_assert_error (error, VCK_ERROR_OPERATION_DENIED);
}

/* What is held afterwards stays safe to use, and remembers what it knows. */
static void
test_close (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = support_create (domain, "a");
  g_autofree char *xml = NULL;

  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  g_assert_false (vck_connection_is_open (connection));
  g_assert_nonnull (vck_connection_get_uri (connection));

  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  xml = vck_checkpoint_get_xml_desc (checkpoint, 0, NULL, &error);
  g_assert_null (xml);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_null (vck_connection_list_domains (connection, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);

  g_assert_cmpstr (vck_domain_get_name (domain), ==, "test");
  g_assert_cmpstr (vck_checkpoint_get_name (checkpoint), ==, "a");
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
}

static void
note_open_cb (GObject *connection, GParamSpec *pspec, gpointer seen)
{
  gboolean open = FALSE;

  g_object_get (connection, pspec->name, &open, NULL);
  g_string_append (seen, open ? "open " : "not-open ");
}

static void
note_closed_cb (VckConnection *connection, VckCloseReason reason, gpointer seen)
{
  g_string_append (seen, "closed ");
}

static gpointer
read_open_thread (gpointer connection)
{
  gboolean open = FALSE;

  g_object_get (connection, "is-open", &open, NULL);
  return GINT_TO_POINTER (open);
}

static gboolean
is_open_in_thread (VckConnection *connection)
{
  return g_thread_join (g_thread_new ("read", read_open_thread, connection)) != NULL;
}

/* The property is right at once, in any thread; it is notified in the context of the connection. */
static void
test_is_open (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GString) late = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  connection = vck_connection_new ("memory:///is-open", 0);
  g_main_context_pop_thread_default (context);
  g_signal_connect (connection, "notify::is-open", G_CALLBACK (note_open_cb), seen);
  g_signal_connect (connection, "closed", G_CALLBACK (note_closed_cb), seen);
  g_assert_false (is_open_in_thread (connection));

  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (is_open_in_thread (connection));
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, "");
  support_drain (context);
  g_assert_cmpstr (seen->str, ==, "open ");

  g_signal_connect (connection, "notify::is-open", G_CALLBACK (note_open_cb), late);
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  g_assert_false (is_open_in_thread (connection));
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, "open ");
  support_drain (context);
  g_assert_cmpstr (seen->str, ==, "open not-open closed ");
  g_assert_cmpstr (late->str, ==, "not-open ");
}

/* A handler that is connected to an open connection is called at its end only. */
static void
test_is_open_later (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);

  g_signal_connect (connection, "notify::is-open", G_CALLBACK (note_open_cb), seen);
  checkpoint = support_create (domain, "a");
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, "");
  g_assert_true (vck_connection_close (connection, NULL));
  g_assert_true (vck_connection_close (connection, NULL));
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, "not-open ");
}

static gboolean
close_in_background (VckConnection *connection, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  vck_connection_close_async (connection, cancellable, support_result_cb, &slot);
  g_assert_null (slot);
  result = support_wait (&slot);
  return vck_connection_close_finish (connection, result, error);
}

static void
test_close_async (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckConnection) unopened = vck_connection_new (NULL, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_false (close_in_background (connection, cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_true (vck_connection_is_open (connection));

  g_assert_true (close_in_background (connection, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (vck_connection_is_open (connection));
  g_assert_true (close_in_background (connection, NULL, &error));
  g_assert_no_error (error);

  g_assert_false (close_in_background (unopened, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is not open"));
  support_assert_error (error, VCK_ERROR_INVALID_CONNECT);
}

/* Cancelled at any moment: it is closed if and only if the call says so. */
static void
test_close_cancelled (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (VckConnection) connection = support_open ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      GAsyncResult *slot = NULL;

      vck_connection_close_async (connection, cancellable, support_result_cb, &slot);
      g_usleep (i);
      g_cancellable_cancel (cancellable);
      result = support_wait (&slot);
      if (vck_connection_close_finish (connection, result, &error))
        g_assert_false (vck_connection_is_open (connection));
      else
        g_assert_true (vck_connection_is_open (connection));
      if (error != NULL)
        support_assert_cancelled (&error);
    }
}

/* Objects that a script made by itself stand for nothing: errors, never a crash. */
static void
test_bare_objects (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = g_object_new (VCK_TYPE_CONNECTION, NULL);
  g_autoptr (VckDomain) domain = g_object_new (VCK_TYPE_DOMAIN, NULL);
  g_autoptr (VckCheckpoint) checkpoint = g_object_new (VCK_TYPE_CHECKPOINT, NULL);
  g_autoptr (VckDisk) disk = g_object_new (VCK_TYPE_DISK, NULL);
  g_autoptr (VckCheckpointDisk) checkpoint_disk = g_object_new (VCK_TYPE_CHECKPOINT_DISK, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  g_assert_false (vck_connection_close (connection, &error));
  support_assert_error (error, VCK_ERROR_INVALID_CONNECT);
  g_assert_null (vck_connection_list_domains (connection, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, "is not open"));
  support_assert_error (error, VCK_ERROR_INVALID_CONNECT);
  g_assert_null (vck_domain_list_checkpoints (domain, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, "stands for nothing"));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN);
  g_assert_false (vck_checkpoint_delete (checkpoint, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN_CHECKPOINT);

  vck_checkpoint_get_xml_desc_async (checkpoint, 0, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  g_assert_null (vck_checkpoint_get_xml_desc_finish (checkpoint, result, &error));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN_CHECKPOINT);

  g_assert_null (vck_domain_get_name (domain));
  g_assert_null (vck_domain_get_connection (domain));
  g_assert_null (vck_checkpoint_get_name (checkpoint));
  g_assert_null (vck_checkpoint_get_domain (checkpoint));
  g_assert_null (vck_checkpoint_get_connection (checkpoint));
  g_assert_null (vck_checkpoint_get_description (checkpoint));
  g_assert_null (vck_checkpoint_get_creation_time (checkpoint));
  g_assert_null (vck_checkpoint_get_parent_name (checkpoint));
  g_assert_null (vck_disk_get_target (disk));
  g_assert_false (vck_disk_is_trackable (disk));
  g_assert_null (vck_checkpoint_disk_get_name (checkpoint_disk));
  g_assert_null (vck_checkpoint_disk_get_bitmap (checkpoint_disk));
  g_assert_cmpint (vck_checkpoint_disk_get_size (checkpoint_disk), ==, -1);
}

/* Whatever is dropped first: what came from the connection keeps it. */
static void
test_lifetimes (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint = support_create (domain, "a");
  GWeakRef weak;

  g_weak_ref_init (&weak, connection);
  g_object_unref (connection);
  g_object_unref (domain);
  support_drain (NULL);
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == domain);
  g_assert_true (vck_checkpoint_get_connection (checkpoint) == connection);

  support_assert_dies (checkpoint);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

/* As a program may do by mistake: nothing crashes afterwards. */
static void
test_disposed (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  g_object_run_dispose (G_OBJECT (connection));
  checkpoint = support_create (domain, "a");
  support_drain (NULL);
  g_assert_cmpstr (vck_checkpoint_get_name (checkpoint), ==, "a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/connection/open", test_open);
  g_test_add_func ("/vck/connection/open-async", test_open_async);
  g_test_add_func ("/vck/connection/initable", test_initable);
  g_test_add_func ("/vck/connection/initable-threads", test_initable_threads);
  g_test_add_func ("/vck/connection/async-initable", test_async_initable);
  g_test_add_func ("/vck/connection/open-fails", test_open_fails);
  g_test_add_func ("/vck/connection/default-uri", test_default_uri);
  g_test_add_func ("/vck/connection/read-only", test_read_only);
  g_test_add_func ("/vck/connection/close", test_close);
  g_test_add_func ("/vck/connection/is-open", test_is_open);
  g_test_add_func ("/vck/connection/is-open-later", test_is_open_later);
  g_test_add_func ("/vck/connection/close-async", test_close_async);
  g_test_add_func ("/vck/connection/close-cancelled", test_close_cancelled);
  g_test_add_func ("/vck/connection/bare-objects", test_bare_objects);
  g_test_add_func ("/vck/connection/lifetimes", test_lifetimes);
  g_test_add_func ("/vck/connection/disposed", test_disposed);

  return g_test_run ();
}
