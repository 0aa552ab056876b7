/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The signal that requests credentials. */

#include "support.h"
#include "vck-authenticate.h"

/* As if a host asked for a password while a connection is opened, and then for nothing more. */
typedef struct
{
  VckCall base;
  const char *suggestion;
  char *answer; /* owned */
} OpenCall;

static gboolean
open_run (VckCall *base, GError **error)
{
  OpenCall *call = (OpenCall *) base;

  call->answer =
      vck_authenticate_cb (VCKC_CREDENTIAL_PASSPHRASE, "Password", call->suggestion, call);
  return TRUE;
}

static void
open_clear (VckCall *call)
{
  g_free (((OpenCall *) call)->answer);
}

static const VckCallInfo open_info = {
  .name = "open",
  .size = sizeof (OpenCall),
  .kind = VCK_CALL_READER,
  .run = open_run,
  .clear = open_clear,
};

static VckCall *
open_call_new (VckConnection *connection, const char *suggestion)
{
  OpenCall *call = vck_call_new (&open_info, connection, NULL);

  call->suggestion = suggestion;
  return &call->base;
}

static char *
take_answer (VckCall *call)
{
  char *answer = g_steal_pointer (&((OpenCall *) call)->answer);

  vck_call_free (call);
  return answer;
}

/* What the connection gets as an answer. */
static char *
ask (VckConnection *connection, const char *suggestion)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  VckCall *call = vck_call_sync (open_call_new (connection, suggestion), cancellable, &error);

  g_assert_no_error (error);
  return take_answer (call);
}

typedef struct
{
  const char *answer;
  GString *order;
  GThread *thread;
} Handler;

static char *
authenticate_cb (VckConnection *connection,
                 VckCredential credential,
                 const char *prompt,
                 const char *suggestion,
                 gpointer data)
{
  Handler *handler = data;

  g_assert_cmpint (credential, ==, VCK_CREDENTIAL_PASSPHRASE);
  g_assert_cmpstr (prompt, ==, "Password");
  g_string_append_printf (handler->order, "%s(%s) ",
                          handler->answer != NULL ? handler->answer : "-",
                          suggestion != NULL ? suggestion : "-");
  handler->thread = g_thread_self ();
  return g_strdup (handler->answer);
}

static void
test_no_handler (void)
{
  g_autoptr (VckConnection) connection = vck_connection_new ("memory:///no-handler", 0);

  g_assert_null (ask (connection, NULL));
}

/* Handlers are asked in their order, until one gives an answer. */
static void
test_first_answer (void)
{
  g_autoptr (VckConnection) connection = vck_connection_new ("memory:///first", 0);
  g_autoptr (GString) order = g_string_new (NULL);
  Handler handlers[] = { { NULL, order }, { "secret", order }, { "other", order } };
  g_autofree char *answer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), &handlers[i]);
  answer = ask (connection, "suggested");
  g_assert_cmpstr (answer, ==, "secret");
  g_assert_cmpstr (order->str, ==, "-(suggested) secret(suggested) ");
  g_assert_true (handlers[1].thread == g_thread_self ());
}

/* An empty answer is one, too. */
static void
test_empty_answer (void)
{
  g_autoptr (VckConnection) connection = vck_connection_new ("memory:///empty", 0);
  g_autoptr (GString) order = g_string_new (NULL);
  Handler handlers[] = { { "", order }, { "other", order } };
  g_autofree char *answer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), &handlers[i]);
  answer = ask (connection, NULL);
  g_assert_cmpstr (answer, ==, "");
  g_assert_cmpstr (order->str, ==, "(-) ");
}

static void
test_all_give_up (void)
{
  g_autoptr (VckConnection) connection = vck_connection_new ("memory:///give-up", 0);
  g_autoptr (GString) order = g_string_new (NULL);
  Handler handlers[] = { { NULL, order }, { NULL, order } };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), &handlers[i]);
  g_assert_null (ask (connection, NULL));
  g_assert_cmpstr (order->str, ==, "-(-) -(-) ");
}

/* In the context of the caller, not in that of the connection. */
static void
test_async (void)
{
  g_autoptr (VckConnection) connection = vck_connection_new ("memory:///async", 0);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  Handler handler = { "secret", order };
  GAsyncResult *slot = NULL;

  g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), &handler);
  g_main_context_push_thread_default (context);
  vck_call_async (open_call_new (connection, NULL), NULL, support_result_cb, &slot, test_async);
  result = support_wait (&slot);
  g_main_context_pop_thread_default (context);
  answer = take_answer (vck_call_finish (result, connection, test_async, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, "secret");
  g_assert_true (handler.thread == g_thread_self ());
}

/* A driver that needs no credentials requests none. */
static void
test_not_asked (void)
{
  g_autoptr (VckConnection) connection =
      vck_connection_new ("memory:///all", VCK_CONNECTION_READ_ONLY);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Handler handler = { "secret", order };

  g_assert_false (vck_connection_is_open (connection));
  g_assert_cmpuint (vck_connection_get_flags (connection), ==, VCK_CONNECTION_READ_ONLY);
  g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), &handler);
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (vck_connection_is_open (connection));
  g_assert_true (vck_connection_is_read_only (connection));
  g_assert_cmpstr (order->str, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/authenticate/no-handler", test_no_handler);
  g_test_add_func ("/vck/authenticate/first-answer", test_first_answer);
  g_test_add_func ("/vck/authenticate/empty-answer", test_empty_answer);
  g_test_add_func ("/vck/authenticate/all-give-up", test_all_give_up);
  g_test_add_func ("/vck/authenticate/async", test_async);
  g_test_add_func ("/vck/authenticate/not-asked", test_not_asked);

  return g_test_run ();
}
