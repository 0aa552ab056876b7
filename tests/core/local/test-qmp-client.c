/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A peer that follows the protocol: replies, events, numbers, cancelling and deadlines. */

#include <glib.h>
#include <unistd.h>

#include "assert-error.h"
#include "base/json-parse.h"
#include "qmp-talk.h"

static void
test_brackets_in_text (void)
{
  g_autofree char *brackets = g_strnfill (2 * VCKC_JSON_MAX_DEPTH, '[');
  g_autofree char *says = g_strdup_printf (
      QMP_TALK_GREETING QMP_TALK_AGREED "{\"return\": {\"a\": \"\\\"%s\"}, \"id\": 2}\n", brackets);
  g_autofree char *expected = g_strconcat ("\"", brackets, NULL);
  g_autoptr (VckcQmpReply) reply = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, says, -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpstr (vckc_qmp_value_get_string (vckc_qmp_reply_get_value (reply), "a", NULL), ==,
                   expected);
  qmp_talk_end (&talk);
}

static void
test_refusal (void)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk,
                  QMP_TALK_GREETING QMP_TALK_AGREED
                  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Bitmap 'ä'\"},"
                  " \"id\": 2}\n",
                  -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "transaction", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_null (talk.error);
  g_assert_cmpstr (vckc_qmp_reply_get_refusal (reply), ==, "Bitmap 'ä'");
  g_assert_null (vckc_qmp_reply_get_value (reply));
  g_assert_false (vckc_qmp_client_is_broken (talk.client));
  qmp_talk_end (&talk);
}

#define VALUES                                                                                     \
  "{\"s\": \"a\\nb\", \"b\": true, \"n\": 4294967296, \"l\": [{}, 7], \"null\": null, \"x\": -1}"

/* Starts a talk whose first answer is VALUES. */
static VckcQmpReply *
receive_values (QmpTalk *talk)
{
  VckcQmpReply *reply;

  qmp_talk_start (talk, QMP_TALK_GREETING QMP_TALK_AGREED "{\"return\": " VALUES ", \"id\": 2}\n",
                  -1, true, NULL);
  reply = vckc_qmp_client_execute (talk->client, "query", NULL, &talk->error);
  g_assert_nonnull (reply);
  return reply;
}

static void
test_values (void)
{
  QmpTalk talk;
  g_autoptr (VckcQmpReply) reply = receive_values (&talk);
  const VckcQmpValue *value = vckc_qmp_reply_get_value (reply);
  const VckcQmpValue *list = vckc_qmp_value_get_array (value, "l", NULL);
  guint64 number = 0;
  bool flag = false;

  g_assert_cmpstr (vckc_qmp_value_get_string (value, "s", NULL), ==, "a\nb");
  g_assert_true (vckc_qmp_value_get_bool (value, "b", &flag, NULL) && flag);
  g_assert_true (vckc_qmp_value_get_uint (value, "n", &number, NULL));
  g_assert_cmpuint (number, ==, G_GUINT64_CONSTANT (4294967296));
  g_assert_nonnull (list);
  g_assert_cmpuint (vckc_qmp_array_get_length (list), ==, 2);
  g_assert_false (vckc_qmp_value_has (vckc_qmp_array_get_element (list, 0), "a"));
  g_assert_false (vckc_qmp_value_has (vckc_qmp_array_get_element (list, 1), "a"));
  g_assert_true (vckc_qmp_value_has (value, "null"));
  qmp_talk_end (&talk);
}

/* A value that is missing or of another type is an error of QEMU's. */
static void
test_wrong_types (void)
{
  QmpTalk talk;
  g_autoptr (VckcQmpReply) reply = receive_values (&talk);
  const VckcQmpValue *value = vckc_qmp_reply_get_value (reply);
  const VckcQmpValue *list = vckc_qmp_value_get_array (value, "l", NULL);
  guint64 number;
  bool flag;

#define ASSERT_NOT(call, part)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_false (call);                                                                         \
    assert_error (g_steal_pointer (&talk.error), VCKC_ERROR_INTERNAL, part);                       \
  }                                                                                                \
  G_STMT_END
  ASSERT_NOT (vckc_qmp_value_get_string (value, "b", &talk.error),
              "'b' of an answer of QEMU is not a string");
  ASSERT_NOT (vckc_qmp_value_get_string (value, "zz", &talk.error), "lacks the member 'zz'");
  ASSERT_NOT (vckc_qmp_value_get_string (list, "s", &talk.error), "lacks the member 's'");
  ASSERT_NOT (vckc_qmp_value_get_bool (value, "null", &flag, &talk.error),
              "'null' of an answer of QEMU is not true or false");
  ASSERT_NOT (vckc_qmp_value_get_uint (value, "x", &number, &talk.error),
              "'x' of an answer of QEMU is negative");
  ASSERT_NOT (vckc_qmp_value_get_uint (value, "l", &number, &talk.error),
              "'l' of an answer of QEMU is not a number");
  ASSERT_NOT (vckc_qmp_value_get_array (value, "s", &talk.error) != NULL, "has no list 's'");
  ASSERT_NOT (vckc_qmp_value_get_array (value, NULL, &talk.error) != NULL, "is not a list");
#undef ASSERT_NOT
  qmp_talk_end (&talk);
}

/* Answers may come in any order; each finds its command. */
static void
test_several (void)
{
  g_autoptr (VckcQmpReply) first = NULL;
  g_autoptr (VckcQmpReply) second = NULL;
  guint64 ids[2];
  QmpTalk talk;

  qmp_talk_start (&talk,
                  QMP_TALK_GREETING QMP_TALK_AGREED
                  "{\"return\": [], \"id\": 3}\n{\"return\": {}, \"id\": 2}\n",
                  -1, true, NULL);
  ids[0] = vckc_qmp_client_send (talk.client, "one", NULL, &talk.error);
  ids[1] = vckc_qmp_client_send (talk.client, "two", NULL, &talk.error);
  first = vckc_qmp_client_wait (talk.client, ids[0], &talk.error);
  second = vckc_qmp_client_wait (talk.client, ids[1], &talk.error);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_null (vckc_qmp_value_get_array (vckc_qmp_reply_get_value (first), NULL, NULL));
  g_assert_nonnull (vckc_qmp_value_get_array (vckc_qmp_reply_get_value (second), NULL, NULL));
  qmp_talk_end (&talk);
}

static void
note_event_cb (const char *name, const VckcQmpValue *event, gpointer opaque)
{
  g_string_append_printf (opaque, "%s%s;", name, vckc_qmp_value_has (event, "data") ? "+" : "");
}

static void
test_events (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  VckcQmpOptions options = { .peer = "the peer",
                             .timeout = QMP_TALK_LONG,
                             .cancel_fd = -1,
                             .first_id = 1,
                             .event_cb = note_event_cb,
                             .event_opaque = seen };
  g_autoptr (VckcQmpReply) reply = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk,
                  QMP_TALK_GREETING "{\"event\": \"EARLY\"}\n" QMP_TALK_AGREED
                                    "{\"event\": \"STOP\", \"data\": {}}\n"
                                    "{\"event\": []}\n{\"return\": {}, \"id\": 2}\n",
                  -1, true, &options);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpstr (seen->str, ==, "EARLY;STOP+;");
  qmp_talk_end (&talk);
}

/* QEMU gives the answer to a client that did not wait for it to the next one. */
static void
test_foreign_answer (void)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk,
                  QMP_TALK_GREETING
                  "{\"return\": [], \"id\": 4503599627370496}\n" QMP_TALK_AGREED
                  "{\"error\": {\"class\": \"X\", \"desc\": \"no\"}, \"id\": 1048577}\n"
                  "{\"return\": {\"mine\": 1}, \"id\": 2}\n",
                  -1, true, NULL);
  g_assert_nonnull (talk.client);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_true (vckc_qmp_value_has (vckc_qmp_reply_get_value (reply), "mine"));
  qmp_talk_end (&talk);
}

/* QEMU sends what an earlier client has not read to the next one, before it greets that. */
static void
test_left_over (void)
{
  QmpTalk talk;

  qmp_talk_start (&talk,
                  "{\"return\": {\"QMP\": 1}, \"id\": 77}\r\n"
                  "{\"error\": {\"class\": \"X\", \"desc\": \"no way\"}, \"id\": 78}\r\n"
                  "{\"event\": \"STOP\"}\r\n" QMP_TALK_GREETING QMP_TALK_AGREED
                  "{\"return\": 5, \"id\": 2}\r\n",
                  -1, false, NULL);
  g_assert_nonnull (talk.client);
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (talk.client, "query", NULL, NULL);
  g_assert_nonnull (reply);
  qmp_talk_end (&talk);
}

/* QEMU says that the negotiation is over, as after the command of an earlier client. */
static void
test_agreed_before (void)
{
  QmpTalk talk;

  qmp_talk_start (
      &talk,
      "{\"return\": {}, \"id\": 77}\r\n" QMP_TALK_GREETING
      "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"it is over\"}, \"id\": 1}\r\n"
      "{\"return\": 5, \"id\": 2}\r\n",
      -1, false, NULL);
  g_assert_nonnull (talk.client);
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (talk.client, "query", NULL, NULL);
  g_assert_nonnull (reply);
  g_assert_null (vckc_qmp_reply_get_refusal (reply));
  qmp_talk_end (&talk);
}

/* So two clients do not number alike. */
static void
test_numbers (void)
{
  static const char pattern[] = "{\"execute\":\"qmp_capabilities\",\"id\":";
  VckcQmpOptions options = { .peer = "the peer", .timeout = QMP_TALK_SHORT, .cancel_fd = -1 };
  char heard[2][256] = { "", "" };

  for (int i = 0; i < 2; i++)
    {
      QmpTalk talk;

      qmp_talk_start (&talk, QMP_TALK_GREETING, -1, true, &options);
      g_assert_null (talk.client);
      g_assert_cmpint (read (talk.peer, heard[i], sizeof heard[i] - 1), >, 0);
      g_assert_true (g_str_has_prefix (heard[i], pattern));
      qmp_talk_end (&talk);
    }
  g_assert_cmpstr (heard[0], !=, heard[1]);
}

static void
test_arguments (void)
{
  static const char expected[] = "{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
                                 "{\"execute\":\"go\",\"arguments\":{\"s\":\"a\\\"\\n\\u0001,ä\","
                                 "\"n\":null,\"o\":{\"t\":true},"
                                 "\"l\":[{\"x\":\"y\"},\"z\"]},\"id\":2}\n";
  VckcQmpArgs *args = vckc_qmp_args_new ();
  g_autoptr (VckcQmpReply) reply = NULL;
  char heard[1024] = "";
  QmpTalk talk;

  vckc_qmp_args_add_string (args, "s", "a\"\n\x01,ä");
  vckc_qmp_args_add_null (args, "n");
  vckc_qmp_args_begin_object (args, "o");
  vckc_qmp_args_add_bool (args, "t", true);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_begin_array (args, "l");
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "x", "y");
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_add_string (args, NULL, "z");
  vckc_qmp_args_end_array (args);

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED "{\"return\": {}, \"id\": 2}\n", -1,
                  true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "go", args, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpint (read (talk.peer, heard, sizeof heard - 1), >, 0);
  g_assert_cmpstr (heard, ==, expected);
  qmp_talk_end (&talk);
}

static void
test_cancel (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = QMP_TALK_LONG, .first_id = 1 };
  VckcError *error = NULL;
  int fds[2];
  QmpTalk talk;

  g_assert_cmpint (pipe (fds), ==, 0);
  options.cancel_fd = fds[0];
  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, false, &options);
  g_assert_nonnull (talk.client);
  g_assert_cmpint (write (fds[1], "!", 1), ==, 1);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_CANCELLED,
                "cancelled while waiting for the peer to answer 'query'; nothing was changed");
  close (fds[0]);
  close (fds[1]);
  qmp_talk_end (&talk);
}

/* But what has begun goes on. */
static void
test_cancel_too_late (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = QMP_TALK_LONG, .first_id = 1 };
  g_autoptr (VckcQmpReply) reply = NULL;
  int fds[2];
  QmpTalk talk;

  g_assert_cmpint (pipe (fds), ==, 0);
  options.cancel_fd = fds[0];
  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED "{\"return\": {}, \"id\": 2}\n", -1,
                  false, &options);
  g_assert_nonnull (talk.client);
  g_assert_cmpint (write (fds[1], "!", 1), ==, 1);
  vckc_qmp_client_begin_change (talk.client, QMP_TALK_LONG);
  reply = vckc_qmp_client_execute (talk.client, "transaction", NULL, &talk.error);
  g_assert_nonnull (reply);
  close (fds[0]);
  close (fds[1]);
  qmp_talk_end (&talk);
}

/* However long each answer may take, all of them have a time to be there. */
static void
test_deadline (void)
{
  VckcQmpOptions options = { .peer = "the peer",
                             .timeout = QMP_TALK_LONG,
                             .deadline = g_get_monotonic_time () + QMP_TALK_SHORT * 1000,
                             .cancel_fd = -1,
                             .first_id = 1 };
  VckcError *error = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, false, &options);
  g_assert_nonnull (talk.client);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the peer did not answer 'query'");
  g_assert_cmpint (g_get_monotonic_time (), >=, options.deadline);
  qmp_talk_end (&talk);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/qmp-client/brackets-in-text", test_brackets_in_text);
  g_test_add_func ("/vck/qmp-client/refusal", test_refusal);
  g_test_add_func ("/vck/qmp-client/values", test_values);
  g_test_add_func ("/vck/qmp-client/wrong-types", test_wrong_types);
  g_test_add_func ("/vck/qmp-client/several", test_several);
  g_test_add_func ("/vck/qmp-client/events", test_events);
  g_test_add_func ("/vck/qmp-client/foreign-answer", test_foreign_answer);
  g_test_add_func ("/vck/qmp-client/left-over", test_left_over);
  g_test_add_func ("/vck/qmp-client/agreed-before", test_agreed_before);
  g_test_add_func ("/vck/qmp-client/numbers", test_numbers);
  g_test_add_func ("/vck/qmp-client/arguments", test_arguments);
  g_test_add_func ("/vck/qmp-client/cancel", test_cancel);
  g_test_add_func ("/vck/qmp-client/cancel/too-late", test_cancel_too_late);
  g_test_add_func ("/vck/qmp-client/deadline", test_deadline);
  return g_test_run ();
}
