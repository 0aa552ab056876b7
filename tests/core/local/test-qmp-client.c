/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The client against peers whose whole part is written beforehand: a socket holds what they
 * say until the client reads it.
 */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "assert-error.h"
#include "qemu/qmp-client.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define AGREED "{\"return\": {}, \"id\": 1}\r\n"
#define SHORT 50
#define LONG 60000

typedef struct
{
  VckcQmpClient *client;
  VckcError *error;
  int peer; /* the other end */
} Talk;

/* Lets a peer say all this, and then hang up or stay. */
static void
talk_start (Talk *talk, const char *says, gssize length, bool hang_up, VckcQmpOptions *options)
{
  VckcQmpOptions usual = {
    .peer = "the peer", .timeout = hang_up ? LONG : SHORT, .cancel_fd = -1, .first_id = 1
  };
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  length = length < 0 ? (gssize) strlen (says) : length;
  g_assert_cmpint (write (fds[1], says, (gsize) length), ==, length);
  if (hang_up)
    g_assert_cmpint (shutdown (fds[1], SHUT_WR), ==, 0);
  talk->peer = fds[1];
  talk->error = NULL;
  talk->client = vckc_qmp_client_new (fds[0], options != NULL ? options : &usual, &talk->error);
}

static void
talk_end (Talk *talk)
{
  vckc_qmp_client_free (talk->client);
  vckc_error_free (talk->error);
  close (talk->peer);
}

/* One peer that cannot be talked to: with the first answers in order or not. */
typedef struct
{
  const char *name;
  const char *says;
  bool stays;
  VckcErrorCode code;
  const char *message;
} BadPeer;

static const BadPeer bad_greetings[] = {
  { "nothing", "", true, VCKC_ERROR_SYSTEM_ERROR,
    "the peer did not answer the connection request within 50 ms" },
  { "closed", "", false, VCKC_ERROR_SYSTEM_ERROR,
    "the peer closed the connection without an answer to the connection request" },
  { "half-a-line", "{\"QMP\": {", false, VCKC_ERROR_SYSTEM_ERROR, "closed the connection" },
  { "half-a-line-open", "{\"QMP\": {", true, VCKC_ERROR_SYSTEM_ERROR, "did not answer" },
  { "garbage", "SSH-2.0-OpenSSH\r\n", false, VCKC_ERROR_INTERNAL,
    "cannot understand the answer of the peer to the connection request" },
  { "not-utf8", "{\"QMP\": \"\xff\"}\n", false, VCKC_ERROR_INTERNAL, "it is not UTF-8" },
  { "not-an-object", "[1, 2]\n", false, VCKC_ERROR_INTERNAL, "it is not an object" },
  { "only-a-comment", "/* QMP */\n", false, VCKC_ERROR_INTERNAL, "it is not an object" },
  { "another-greeting", "{\"hello\": 1}\n", false, VCKC_ERROR_INTERNAL,
    "the peer does not speak QMP" },
  { "refused", GREETING "{\"error\": {\"class\": \"X\", \"desc\": \"no way\"}, \"id\": 1}\n", false,
    VCKC_ERROR_INTERNAL, "the peer refused 'qmp_capabilities': no way" },
};

static void
test_bad_greeting (gconstpointer data)
{
  const BadPeer *peer = data;
  Talk talk;

  talk_start (&talk, peer->says, -1, !peer->stays, NULL);
  g_assert_null (talk.client);
  assert_error (g_steal_pointer (&talk.error), peer->code, peer->message);
  talk_end (&talk);
}

static const BadPeer bad_answers[] = {
  { "nothing", "", true, VCKC_ERROR_SYSTEM_ERROR, "the peer did not answer 'query' within 50 ms" },
  { "only-events", "{\"event\": \"A\"}\n{\"event\": 7}\n{\"event\": \"B\"}\n", true,
    VCKC_ERROR_SYSTEM_ERROR, "did not answer 'query'" },
  { "closed", "", false, VCKC_ERROR_SYSTEM_ERROR,
    "the peer closed the connection without an answer to 'query'" },
  { "half-a-line", "{\"return\": {}, \"id\": 2}", false, VCKC_ERROR_SYSTEM_ERROR,
    "closed the connection" },
  { "garbage", "{]\n", false, VCKC_ERROR_INTERNAL, "cannot understand the answer" },
  { "two-values", "{\"return\": {}, \"id\": 2}{}\n", false, VCKC_ERROR_INTERNAL,
    "it goes on after its end" },
  { "open-end", "{\"return\": {}, \"id\": 2\n", false, VCKC_ERROR_INTERNAL,
    "cannot understand the answer" },
  { "not-utf8", "{\"return\": \"\xc3\", \"id\": 2}\n", false, VCKC_ERROR_INTERNAL,
    "it is not UTF-8" },
  { "blank", "\r\n", false, VCKC_ERROR_INTERNAL, "it is not an object" },
  { "another-id", "{\"return\": {}, \"id\": 3}\n", false, VCKC_ERROR_INTERNAL,
    "answered a command that was not sent (number 3)" },
  { "id-again", "{\"return\": {}, \"id\": 1}\n", false, VCKC_ERROR_INTERNAL,
    "answered a command that was not sent (number 1)" },
  { "no-id", "{\"return\": {}}\n", false, VCKC_ERROR_INTERNAL, "lacks the member 'id'" },
  { "text-id", "{\"return\": {}, \"id\": \"2\"}\n", false, VCKC_ERROR_INTERNAL,
    "the member 'id' of an answer of QEMU is not a number" },
  { "negative-id", "{\"return\": {}, \"id\": -2}\n", false, VCKC_ERROR_INTERNAL, "is negative" },
  { "neither", "{\"id\": 2}\n", false, VCKC_ERROR_INTERNAL, "neither 'return' nor 'error'" },
  { "error-text", "{\"error\": \"oh\", \"id\": 2}\n", false, VCKC_ERROR_INTERNAL,
    "lacks the member 'desc'" },
};

static void
test_bad_answer (gconstpointer data)
{
  const BadPeer *peer = data;
  g_autofree char *says = g_strconcat (GREETING AGREED, peer->says, NULL);
  VckcError *error = NULL;
  Talk talk;

  talk_start (&talk, says, -1, !peer->stays, NULL);
  g_assert_nonnull (talk.client);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, peer->code, peer->message);
  error = NULL;

  /* And it stays broken. */
  g_assert_true (vckc_qmp_client_is_broken (talk.client));
  g_assert_null (vckc_qmp_client_execute (talk.client, "quit", NULL, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR,
                "cannot send 'quit': the connection to the peer is lost");
  talk_end (&talk);
}

static void
test_too_deep (void)
{
  g_autofree char *opening = g_strnfill (VCKC_QMP_MAX_DEPTH, '[');
  g_autofree char *closing = g_strnfill (VCKC_QMP_MAX_DEPTH, ']');
  g_autofree char *says =
      g_strdup_printf (GREETING AGREED "{\"return\": %s%s, \"id\": 2}\n", opening, closing);
  VckcError *error = NULL;
  Talk talk;

  talk_start (&talk, says, -1, true, NULL);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "it is nested too deeply");
  talk_end (&talk);
}

static void
test_brackets_in_text (void)
{
  g_autofree char *brackets = g_strnfill (2 * VCKC_QMP_MAX_DEPTH, '[');
  g_autofree char *says =
      g_strdup_printf (GREETING AGREED "{\"return\": {\"a\": \"\\\"%s\"}, \"id\": 2}\n", brackets);
  g_autofree char *expected = g_strconcat ("\"", brackets, NULL);
  g_autoptr (VckcQmpReply) reply = NULL;
  Talk talk;

  talk_start (&talk, says, -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpstr (vckc_qmp_value_get_string (vckc_qmp_reply_get_value (reply), "a", NULL), ==,
                   expected);
  talk_end (&talk);
}

/* Sends without end, as the socket takes it. */
static gpointer
flood_cb (gpointer data)
{
  g_autofree char *chunk = g_strnfill (1 << 20, 'x');
  int fd = GPOINTER_TO_INT (data);

  while (send (fd, chunk, strlen (chunk), MSG_NOSIGNAL) > 0)
    continue;
  return NULL;
}

static void
test_too_long (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = LONG, .cancel_fd = -1, .first_id = 1 };
  VckcError *error = NULL;
  GThread *thread;
  Talk talk;

  talk_start (&talk, GREETING AGREED, -1, false, &options);
  thread = g_thread_new ("flood", flood_cb, GINT_TO_POINTER (talk.peer));
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "is longer than 67108864 bytes");
  vckc_qmp_client_free (g_steal_pointer (&talk.client));
  g_thread_join (thread);
  talk_end (&talk);
}

static void
test_refusal (void)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  Talk talk;

  talk_start (&talk,
              GREETING AGREED "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Bitmap 'ä'\"},"
                              " \"id\": 2}\n",
              -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "transaction", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_null (talk.error);
  g_assert_cmpstr (vckc_qmp_reply_get_refusal (reply), ==, "Bitmap 'ä'");
  g_assert_null (vckc_qmp_reply_get_value (reply));
  g_assert_false (vckc_qmp_client_is_broken (talk.client));
  talk_end (&talk);
}

static void
test_values (void)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  const VckcQmpValue *value;
  const VckcQmpValue *list;
  guint64 number = 0;
  bool flag = false;
  Talk talk;

  talk_start (&talk,
              GREETING AGREED "{\"return\": {\"s\": \"a\\nb\", \"b\": true, \"n\": 4294967296,"
                              " \"l\": [{}, 7], \"null\": null, \"x\": -1}, \"id\": 2}\n",
              -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  value = vckc_qmp_reply_get_value (reply);
  g_assert_cmpstr (vckc_qmp_value_get_string (value, "s", NULL), ==, "a\nb");
  g_assert_true (vckc_qmp_value_get_bool (value, "b", &flag, NULL) && flag);
  g_assert_true (vckc_qmp_value_get_uint (value, "n", &number, NULL));
  g_assert_cmpuint (number, ==, G_GUINT64_CONSTANT (4294967296));
  list = vckc_qmp_value_get_array (value, "l", NULL);
  g_assert_nonnull (list);
  g_assert_cmpuint (vckc_qmp_array_get_length (list), ==, 2);
  g_assert_false (vckc_qmp_value_has (vckc_qmp_array_get_element (list, 0), "a"));
  g_assert_false (vckc_qmp_value_has (vckc_qmp_array_get_element (list, 1), "a"));
  g_assert_true (vckc_qmp_value_has (value, "null"));

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
  talk_end (&talk);
}

/* Answers may come in any order; each finds its command. */
static void
test_several (void)
{
  g_autoptr (VckcQmpReply) first = NULL;
  g_autoptr (VckcQmpReply) second = NULL;
  guint64 ids[2];
  Talk talk;

  talk_start (&talk, GREETING AGREED "{\"return\": [], \"id\": 3}\n{\"return\": {}, \"id\": 2}\n",
              -1, true, NULL);
  ids[0] = vckc_qmp_client_send (talk.client, "one", NULL, &talk.error);
  ids[1] = vckc_qmp_client_send (talk.client, "two", NULL, &talk.error);
  first = vckc_qmp_client_wait (talk.client, ids[0], &talk.error);
  second = vckc_qmp_client_wait (talk.client, ids[1], &talk.error);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_null (vckc_qmp_value_get_array (vckc_qmp_reply_get_value (first), NULL, NULL));
  g_assert_nonnull (vckc_qmp_value_get_array (vckc_qmp_reply_get_value (second), NULL, NULL));
  talk_end (&talk);
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
                             .timeout = LONG,
                             .cancel_fd = -1,
                             .first_id = 1,
                             .event_cb = note_event_cb,
                             .event_opaque = seen };
  g_autoptr (VckcQmpReply) reply = NULL;
  Talk talk;

  talk_start (&talk,
              GREETING "{\"event\": \"EARLY\"}\n" AGREED "{\"event\": \"STOP\", \"data\": {}}\n"
                       "{\"event\": []}\n{\"return\": {}, \"id\": 2}\n",
              -1, true, &options);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpstr (seen->str, ==, "EARLY;STOP+;");
  talk_end (&talk);
}

/* QEMU gives the answer to a client that did not wait for it to the next one. */
static void
test_foreign_answer (void)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  Talk talk;

  talk_start (&talk,
              GREETING "{\"return\": [], \"id\": 4503599627370496}\n" AGREED
                       "{\"error\": {\"class\": \"X\", \"desc\": \"no\"}, \"id\": 1048577}\n"
                       "{\"return\": {\"mine\": 1}, \"id\": 2}\n",
              -1, true, NULL);
  g_assert_nonnull (talk.client);
  reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
  g_assert_nonnull (reply);
  g_assert_true (vckc_qmp_value_has (vckc_qmp_reply_get_value (reply), "mine"));
  talk_end (&talk);
}

/* So two clients do not number alike. */
static void
test_numbers (void)
{
  static const char pattern[] = "{\"execute\":\"qmp_capabilities\",\"id\":";
  VckcQmpOptions options = { .peer = "the peer", .timeout = SHORT, .cancel_fd = -1 };
  char heard[2][256] = { "", "" };

  for (int i = 0; i < 2; i++)
    {
      Talk talk;

      talk_start (&talk, GREETING, -1, true, &options);
      g_assert_null (talk.client);
      g_assert_cmpint (read (talk.peer, heard[i], sizeof heard[i] - 1), >, 0);
      g_assert_true (g_str_has_prefix (heard[i], pattern));
      talk_end (&talk);
    }
  g_assert_cmpstr (heard[0], !=, heard[1]);
}

static void
test_cancel (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = LONG, .first_id = 1 };
  VckcError *error = NULL;
  int fds[2];
  Talk talk;

  g_assert_cmpint (pipe (fds), ==, 0);
  options.cancel_fd = fds[0];
  talk_start (&talk, GREETING AGREED, -1, false, &options);
  g_assert_nonnull (talk.client);
  g_assert_cmpint (write (fds[1], "!", 1), ==, 1);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_CANCELLED,
                "cancelled while waiting for the peer to answer 'query'; nothing was changed");
  close (fds[0]);
  close (fds[1]);
  talk_end (&talk);
}

/* But what has begun goes on. */
static void
test_cancel_too_late (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = LONG, .first_id = 1 };
  g_autoptr (VckcQmpReply) reply = NULL;
  int fds[2];
  Talk talk;

  g_assert_cmpint (pipe (fds), ==, 0);
  options.cancel_fd = fds[0];
  talk_start (&talk, GREETING AGREED "{\"return\": {}, \"id\": 2}\n", -1, false, &options);
  g_assert_nonnull (talk.client);
  g_assert_cmpint (write (fds[1], "!", 1), ==, 1);
  vckc_qmp_client_begin_change (talk.client, LONG);
  reply = vckc_qmp_client_execute (talk.client, "transaction", NULL, &talk.error);
  g_assert_nonnull (reply);
  close (fds[0]);
  close (fds[1]);
  talk_end (&talk);
}

/* However long each answer may take, all of them have a time to be there. */
static void
test_deadline (void)
{
  VckcQmpOptions options = { .peer = "the peer",
                             .timeout = LONG,
                             .deadline = g_get_monotonic_time () + SHORT * 1000,
                             .cancel_fd = -1,
                             .first_id = 1 };
  VckcError *error = NULL;
  Talk talk;

  talk_start (&talk, GREETING AGREED, -1, false, &options);
  g_assert_nonnull (talk.client);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the peer did not answer 'query'");
  g_assert_cmpint (g_get_monotonic_time (), >=, options.deadline);
  talk_end (&talk);
}

static gpointer
send_cb (gpointer data)
{
  Talk *talk = data;
  g_autofree char *zeros = g_strnfill (2 * VCKC_QMP_MAX_VALUES, '0');
  g_autofree char *line = NULL;
  gsize done = 0;

  for (gsize i = 1; i < 2 * VCKC_QMP_MAX_VALUES; i += 2)
    zeros[i] = ',';
  line = g_strdup_printf ("{\"return\": [%s0], \"id\": 2}\n", zeros);
  for (gssize n = 1; n > 0; done += (gsize) MAX (n, 0))
    n = line[done] != '\0' ? send (talk->peer, line + done, strlen (line + done), MSG_NOSIGNAL) : 0;
  return NULL;
}

static void
test_too_many_values (void)
{
  VckcQmpOptions options = { .peer = "the peer", .timeout = LONG, .cancel_fd = -1, .first_id = 1 };
  VckcError *error = NULL;
  GThread *thread;
  Talk talk;

  talk_start (&talk, GREETING AGREED, -1, false, &options);
  thread = g_thread_new ("send", send_cb, &talk);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  g_thread_join (thread);
  assert_error (error, VCKC_ERROR_INTERNAL, "it has too many values");
  talk_end (&talk);
}

/* A peer that sends anything but the answer is not listened to for long. */
static void
test_flood (void)
{
  static const char event[] = "{\"event\": \"A\"}\n";
  g_autoptr (GString) says = g_string_new (GREETING AGREED);
  VckcError *error = NULL;
  Talk talk;

  for (guint i = 0; i <= VCKC_QMP_MAX_OTHERS; i++)
    g_string_append (says, event);
  talk_start (&talk, says->str, -1, true, NULL);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL,
                "the peer sent 4096 messages, but no answer to 'query'");
  talk_end (&talk);
}

/* A peer that is gone is an error, not a signal. */
static void
test_gone (void)
{
  VckcError *error = NULL;
  Talk talk;

  talk_start (&talk, GREETING AGREED, -1, true, NULL);
  g_assert_cmpint (shutdown (talk.peer, SHUT_RDWR), ==, 0);
  g_assert_cmpuint (vckc_qmp_client_send (talk.client, "query", NULL, &error), ==, 0);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot send 'query' to the peer: Broken pipe");
  talk_end (&talk);
}

/* A peer that takes nothing blocks us no longer than agreed. */
static void
test_deaf (void)
{
  g_autofree char *long_text = g_strnfill (8 << 20, 'x');
  VckcQmpArgs *args = vckc_qmp_args_new ();
  VckcError *error = NULL;
  Talk talk;

  talk_start (&talk, GREETING AGREED, -1, false, NULL);
  vckc_qmp_args_add_string (args, "a", long_text);
  g_assert_cmpuint (vckc_qmp_client_send (talk.client, "query", args, &error), ==, 0);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'query' within 50 ms");
  talk_end (&talk);
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
  Talk talk;

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

  talk_start (&talk, GREETING AGREED "{\"return\": {}, \"id\": 2}\n", -1, true, NULL);
  reply = vckc_qmp_client_execute (talk.client, "go", args, &talk.error);
  g_assert_nonnull (reply);
  g_assert_cmpint (read (talk.peer, heard, sizeof heard - 1), >, 0);
  g_assert_cmpstr (heard, ==, expected);
  talk_end (&talk);
}

/* Any change of bytes gives a reply or an error, and neither crash nor hang. */
static void
test_mutations (void)
{
  static const char good[] = GREETING AGREED
      "{\"return\": [{\"node-name\": \"a\", \"dirty-bitmaps\": [{\"count\": 1, \"busy\": false}]}],"
      " \"id\": 2}\n";
  g_autoptr (GRand) random = g_rand_new_with_seed (20240607);
  guint replies = 0;
  guint errors = 0;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *says = g_memdup2 (good, sizeof good);
      gsize length = sizeof good - 1;
      VckcQmpReply *reply = NULL;
      Talk talk;

      for (int n = g_rand_int_range (random, 0, 4); n > 0; n--)
        says[g_rand_int_range (random, 0, (int) length)] = (char) g_rand_int_range (random, 0, 256);
      talk_start (&talk, says, (gssize) length, true, NULL);
      if (talk.client != NULL)
        reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
      g_assert_true ((reply == NULL) == (talk.error != NULL));
      *(reply != NULL ? &replies : &errors) += 1;
      vckc_qmp_reply_free (reply);
      talk_end (&talk);
    }
  g_assert_cmpuint (replies, >, 100);
  g_assert_cmpuint (errors, >, 100);
}

static void
add_bad_peers (const char *path, const BadPeer *peers, gsize n_peers, GTestDataFunc test)
{
  for (gsize i = 0; i < n_peers; i++)
    {
      g_autofree char *full = g_strconcat (path, peers[i].name, NULL);

      g_test_add_data_func (full, &peers[i], test);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_bad_peers ("/vck/qmp-client/greeting/", bad_greetings, G_N_ELEMENTS (bad_greetings),
                 test_bad_greeting);
  add_bad_peers ("/vck/qmp-client/answer/", bad_answers, G_N_ELEMENTS (bad_answers),
                 test_bad_answer);
  g_test_add_func ("/vck/qmp-client/too-deep", test_too_deep);
  g_test_add_func ("/vck/qmp-client/too-long", test_too_long);
  g_test_add_func ("/vck/qmp-client/brackets-in-text", test_brackets_in_text);
  g_test_add_func ("/vck/qmp-client/refusal", test_refusal);
  g_test_add_func ("/vck/qmp-client/values", test_values);
  g_test_add_func ("/vck/qmp-client/several", test_several);
  g_test_add_func ("/vck/qmp-client/events", test_events);
  g_test_add_func ("/vck/qmp-client/foreign-answer", test_foreign_answer);
  g_test_add_func ("/vck/qmp-client/numbers", test_numbers);
  g_test_add_func ("/vck/qmp-client/cancel", test_cancel);
  g_test_add_func ("/vck/qmp-client/cancel/too-late", test_cancel_too_late);
  g_test_add_func ("/vck/qmp-client/deadline", test_deadline);
  g_test_add_func ("/vck/qmp-client/too-many-values", test_too_many_values);
  g_test_add_func ("/vck/qmp-client/flood", test_flood);
  g_test_add_func ("/vck/qmp-client/gone", test_gone);
  g_test_add_func ("/vck/qmp-client/deaf", test_deaf);
  g_test_add_func ("/vck/qmp-client/arguments", test_arguments);
  g_test_add_func ("/vck/qmp-client/mutations", test_mutations);
  return g_test_run ();
}
