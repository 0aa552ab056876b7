/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A peer that breaks the protocol, hangs, sends too much or hangs up. */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>

#include "assert-error.h"
#include "base/json-parse.h"
#include "qmp-talk.h"

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
  { "refused",
    QMP_TALK_GREETING "{\"error\": {\"class\": \"X\", \"desc\": \"no way\"}, \"id\": 1}\n", false,
    VCKC_ERROR_INTERNAL, "the peer refused 'qmp_capabilities': no way" },
};

static void
test_bad_greeting (gconstpointer data)
{
  const BadPeer *peer = data;
  QmpTalk talk;

  qmp_talk_start (&talk, peer->says, -1, !peer->stays, NULL);
  g_assert_null (talk.client);
  assert_error (g_steal_pointer (&talk.error), peer->code, peer->message);
  qmp_talk_end (&talk);
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
  g_autofree char *says = g_strconcat (QMP_TALK_GREETING QMP_TALK_AGREED, peer->says, NULL);
  VckcError *error = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, says, -1, !peer->stays, NULL);
  g_assert_nonnull (talk.client);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, peer->code, peer->message);
  error = NULL;

  /* And it stays broken. */
  g_assert_true (vckc_qmp_client_is_broken (talk.client));
  g_assert_null (vckc_qmp_client_execute (talk.client, "quit", NULL, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR,
                "cannot send 'quit': the connection to the peer is lost");
  qmp_talk_end (&talk);
}

static void
test_too_deep (void)
{
  g_autofree char *opening = g_strnfill (VCKC_JSON_MAX_DEPTH, '[');
  g_autofree char *closing = g_strnfill (VCKC_JSON_MAX_DEPTH, ']');
  g_autofree char *says = g_strdup_printf (
      QMP_TALK_GREETING QMP_TALK_AGREED "{\"return\": %s%s, \"id\": 2}\n", opening, closing);
  VckcError *error = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, says, -1, true, NULL);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "it is nested too deeply");
  qmp_talk_end (&talk);
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
  VckcQmpOptions options = {
    .peer = "the peer", .timeout = QMP_TALK_LONG, .cancel_fd = -1, .first_id = 1
  };
  VckcError *error = NULL;
  GThread *thread;
  QmpTalk talk;

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, false, &options);
  thread = g_thread_new ("flood", flood_cb, GINT_TO_POINTER (talk.peer));
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "is longer than 67108864 bytes");
  vckc_qmp_client_free (g_steal_pointer (&talk.client));
  g_thread_join (thread);
  qmp_talk_end (&talk);
}

static gpointer
send_cb (gpointer data)
{
  QmpTalk *talk = data;
  g_autofree char *zeros = g_strnfill (2 * VCKC_JSON_MAX_VALUES, '0');
  g_autofree char *line = NULL;
  gsize done = 0;

  for (gsize i = 1; i < 2 * VCKC_JSON_MAX_VALUES; i += 2)
    zeros[i] = ',';
  line = g_strdup_printf ("{\"return\": [%s0], \"id\": 2}\n", zeros);
  for (gssize n = 1; n > 0; done += (gsize) MAX (n, 0))
    n = line[done] != '\0' ? send (talk->peer, line + done, strlen (line + done), MSG_NOSIGNAL) : 0;
  return NULL;
}

static void
test_too_many_values (void)
{
  VckcQmpOptions options = {
    .peer = "the peer", .timeout = QMP_TALK_LONG, .cancel_fd = -1, .first_id = 1
  };
  VckcError *error = NULL;
  GThread *thread;
  QmpTalk talk;

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, false, &options);
  thread = g_thread_new ("send", send_cb, &talk);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  g_thread_join (thread);
  assert_error (error, VCKC_ERROR_INTERNAL, "it has too many values");
  qmp_talk_end (&talk);
}

/* A peer that sends anything but the answer is not listened to for long. */
static void
test_flood (void)
{
  static const char event[] = "{\"event\": \"A\"}\n";
  g_autoptr (GString) says = g_string_new (QMP_TALK_GREETING QMP_TALK_AGREED);
  VckcError *error = NULL;
  QmpTalk talk;

  for (guint i = 0; i <= VCKC_QMP_MAX_OTHERS; i++)
    g_string_append (says, event);
  qmp_talk_start (&talk, says->str, -1, true, NULL);
  g_assert_null (vckc_qmp_client_execute (talk.client, "query", NULL, &error));
  assert_error (error, VCKC_ERROR_INTERNAL,
                "the peer sent 4096 messages, but no answer to 'query'");
  qmp_talk_end (&talk);
}

/* A peer that is gone is an error, not a signal. */
static void
test_gone (void)
{
  VckcError *error = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, true, NULL);
  g_assert_cmpint (shutdown (talk.peer, SHUT_RDWR), ==, 0);
  g_assert_cmpuint (vckc_qmp_client_send (talk.client, "query", NULL, &error), ==, 0);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot send 'query' to the peer: Broken pipe");
  qmp_talk_end (&talk);
}

/* A peer that takes nothing blocks us no longer than agreed. */
static void
test_deaf (void)
{
  g_autofree char *long_text = g_strnfill (8 << 20, 'x');
  VckcQmpArgs *args = vckc_qmp_args_new ();
  VckcError *error = NULL;
  QmpTalk talk;

  qmp_talk_start (&talk, QMP_TALK_GREETING QMP_TALK_AGREED, -1, false, NULL);
  vckc_qmp_args_add_string (args, "a", long_text);
  g_assert_cmpuint (vckc_qmp_client_send (talk.client, "query", args, &error), ==, 0);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'query' within 50 ms");
  qmp_talk_end (&talk);
}

/* Any change of bytes gives a reply or an error, and neither crash nor hang. */
static void
test_mutations (void)
{
  static const char good[] = QMP_TALK_GREETING QMP_TALK_AGREED
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
      QmpTalk talk;

      for (int n = g_rand_int_range (random, 0, 4); n > 0; n--)
        says[g_rand_int_range (random, 0, (int) length)] = (char) g_rand_int_range (random, 0, 256);
      qmp_talk_start (&talk, says, (gssize) length, true, NULL);
      if (talk.client != NULL)
        reply = vckc_qmp_client_execute (talk.client, "query", NULL, &talk.error);
      g_assert_true ((reply == NULL) == (talk.error != NULL));
      *(reply != NULL ? &replies : &errors) += 1;
      vckc_qmp_reply_free (reply);
      qmp_talk_end (&talk);
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
  add_bad_peers ("/vck/qmp-bad-peer/greeting/", bad_greetings, G_N_ELEMENTS (bad_greetings),
                 test_bad_greeting);
  add_bad_peers ("/vck/qmp-bad-peer/answer/", bad_answers, G_N_ELEMENTS (bad_answers),
                 test_bad_answer);
  g_test_add_func ("/vck/qmp-bad-peer/too-deep", test_too_deep);
  g_test_add_func ("/vck/qmp-bad-peer/too-long", test_too_long);
  g_test_add_func ("/vck/qmp-bad-peer/too-many-values", test_too_many_values);
  g_test_add_func ("/vck/qmp-bad-peer/flood", test_flood);
  g_test_add_func ("/vck/qmp-bad-peer/gone", test_gone);
  g_test_add_func ("/vck/qmp-bad-peer/deaf", test_deaf);
  g_test_add_func ("/vck/qmp-bad-peer/mutations", test_mutations);
  return g_test_run ();
}
