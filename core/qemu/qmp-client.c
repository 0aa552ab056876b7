/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* struct ucred */

#include "qemu/qmp-client.h"

#include <json-glib/json-glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)
/* How many commands one client sends at most, so that their numbers are known to be its own. */
#define MAX_COMMANDS (G_GUINT64_CONSTANT (1) << 20)
/* What stands before an answer to guest-sync-delimited, and is in no JSON. */
#define AGENT_MARK '\xff'

struct _VckcQmpClient
{
  int fd;                 /* owned */
  char *peer;             /* for messages */
  VckcQmpOptions options; /* options.peer is not used */
  guint64 first_id;
  guint64 last_id;
  GByteArray *input; /* received; used up until `start` */
  gsize start;
  gsize scanned;       /* from `start` to here there is no newline */
  GHashTable *waiting; /* guint64 id -> command: sent, not answered */
  GHashTable *arrived; /* guint64 id -> VckcQmpReply: answered, not asked for yet */
  bool broken;
};

struct _VckcQmpReply
{
  JsonNode *root; /* owned; holds all else */
  JsonNode *value;
  char *refusal; /* (nullable), owned */
};

struct _VckcQmpArgs
{
  JsonBuilder *builder;
};

static void
qmp_client_set_late (VckcQmpClient *client, const char *what, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "%s did not answer %s within %u ms", client->peer,
                  what, client->options.timeout);
}

/* Until when the next answer must have come. */
static gint64
qmp_client_get_deadline (const VckcQmpClient *client)
{
  gint64 deadline = g_get_monotonic_time () + client->options.timeout * G_GINT64_CONSTANT (1000);

  return client->options.deadline != 0 ? MIN (deadline, client->options.deadline) : deadline;
}

/* Waits to read or to write, or to be cancelled. Returns what poll() does. What can be done at
 * once is never too late. */
static int
qmp_client_await_socket (VckcQmpClient *client, short events, gint64 deadline, bool *ret_cancelled)
{
  struct pollfd fds[] = { { client->fd, events, 0 }, { client->options.cancel_fd, POLLIN, 0 } };
  int n;

  do
    {
      gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

      n = poll (fds, G_N_ELEMENTS (fds), (int) MIN ((left + 999) / 1000, G_MAXINT));
    }
  while (n < 0 && errno == EINTR);
  *ret_cancelled = n > 0 && fds[1].revents != 0;
  return n;
}

static bool
qmp_client_poll (VckcQmpClient *client,
                 short events,
                 gint64 deadline,
                 const char *what,
                 VckcError **err)
{
  bool cancelled;
  int n = qmp_client_await_socket (client, events, deadline, &cancelled);

  if (n < 0)
    vckc_set_error_errno (err, errno, "cannot wait for %s to answer %s", client->peer, what);
  else if (n == 0)
    qmp_client_set_late (client, what, err);
  else if (cancelled)
    vckc_set_error (err, VCKC_ERROR_CANCELLED,
                    "cancelled while waiting for %s to answer %s; nothing was changed",
                    client->peer, what);
  return n > 0 && !cancelled;
}

static bool
qmp_client_write (VckcQmpClient *client, const char *text, const char *what, VckcError **err)
{
  gint64 deadline = qmp_client_get_deadline (client);
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n;

      if (!qmp_client_poll (client, POLLOUT, deadline, what, err))
        return false;
      n = send (client->fd, text, left, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        {
          vckc_set_error_errno (err, errno, "cannot send %s to %s", what, client->peer);
          return false;
        }
      text += MAX (n, 0);
      left -= (gsize) MAX (n, 0);
    }
  return true;
}

/* Takes the next line out of what was received, or returns NULL. */
static char *
qmp_client_take_line (VckcQmpClient *client, gsize *ret_length)
{
  const guint8 *data = client->input->data;
  const guint8 *newline = NULL;
  char *line;

  if (client->scanned < client->input->len)
    newline = memchr (data + client->scanned, '\n', client->input->len - client->scanned);
  if (newline == NULL)
    {
      client->scanned = client->input->len;
      return NULL;
    }
  *ret_length = (gsize) (newline - data) - client->start;
  line = g_strndup ((const char *) data + client->start, *ret_length);
  client->start = client->scanned = (gsize) (newline - data) + 1;
  return line;
}

static bool
qmp_client_receive (VckcQmpClient *client, gint64 deadline, const char *what, VckcError **err)
{
  guint8 chunk[READ_SIZE];
  gssize n;

  if (!qmp_client_poll (client, POLLIN, deadline, what, err))
    return false;
  n = recv (client->fd, chunk, sizeof chunk, MSG_DONTWAIT);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return true;
  if (n < 0)
    {
      vckc_set_error_errno (err, errno, "cannot read the answer of %s to %s", client->peer, what);
      return false;
    }
  if (n == 0)
    {
      vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                      "%s closed the connection without an answer to %s", client->peer, what);
      return false;
    }
  g_byte_array_remove_range (client->input, 0, client->start);
  client->scanned -= client->start;
  client->start = 0;
  g_byte_array_append (client->input, chunk, (guint) n);
  if (client->input->len > VCKC_QMP_MAX_ANSWER)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "the answer of %s to %s is longer than %d bytes",
                      client->peer, what, VCKC_QMP_MAX_ANSWER);
      return false;
    }
  return true;
}

/* What is wrong with the shape of a text that should be one object; NULL if nothing is. The
 * JSON parser would follow it to any depth, make values of it until there is no memory, and accept a
 * second value behind the first. */
static const char *
qmp_find_misshape (const char *text, gsize length)
{
  bool in_string = false;
  gsize n_values = 0;
  int depth = 0;

  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  if (length == 0 || text[0] != '{')
    return "it is not an object";
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (in_string && c == '\\')
        i++;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && (c == '{' || c == '['))
        {
          depth++;
          n_values += VCKC_QMP_CONTAINER;
        }
      else if (!in_string && (c == '}' || c == ']'))
        depth--;
      else if (!in_string && c == ',')
        n_values++;
      if (depth > VCKC_QMP_MAX_DEPTH)
        return "it is nested too deeply";
      if (n_values > VCKC_QMP_MAX_VALUES)
        return "it has too many values";
      if (depth == 0 && i + 1 < length)
        return "it goes on after its end";
    }
  return NULL;
}

/* An object; NULL if the text is none, and why. */
static JsonNode *
qmp_parse (const char *text, gsize length, char **ret_why)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) gerror = NULL;
  const char *why = qmp_find_misshape (text, length);

  if (!g_utf8_validate (text, (gssize) length, NULL))
    why = "it is not UTF-8";
  else if (why == NULL && !json_parser_load_from_data (parser, text, (gssize) length, &gerror))
    why = gerror->message;
  else if (why == NULL && !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    why = "it is not an object";
  if (why == NULL)
    return json_node_copy (json_parser_get_root (parser));
  *ret_why = g_strdup (why);
  return NULL;
}

static JsonNode *
qmp_client_parse (VckcQmpClient *client,
                  const char *line,
                  gsize length,
                  const char *what,
                  VckcError **err)
{
  g_autofree char *why = NULL;
  JsonNode *root = qmp_parse (line, length, &why);

  if (root == NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "cannot understand the answer of %s to %s: %s",
                    client->peer, what, why);
  return root;
}

/* The next message, be it what it may: always an object. */
static JsonNode *
qmp_client_read (VckcQmpClient *client, gint64 deadline, const char *what, VckcError **err)
{
  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = qmp_client_take_line (client, &length);

      if (line == NULL && !qmp_client_receive (client, deadline, what, err))
        return NULL;
      if (line != NULL)
        return qmp_client_parse (client, line, length, what, err);
    }
}

static JsonNode *
qmp_member (const VckcQmpValue *value, const char *name)
{
  JsonNode *node = (JsonNode *) value;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return json_object_get_member (json_node_get_object (node), name);
}

static void
qmp_client_tell_event (VckcQmpClient *client, JsonNode *root)
{
  const VckcQmpValue *event = (const VckcQmpValue *) root;
  const char *name = vckc_qmp_value_get_string (event, "event", NULL);

  if (name != NULL && client->options.event_cb != NULL)
    client->options.event_cb (name, event, client->options.event_opaque);
}

static VckcQmpReply *
qmp_reply_new (JsonNode *root /* (transfer full) */, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = g_new0 (VckcQmpReply, 1);
  const char *why;
  JsonNode *error;

  reply->root = root;
  reply->value = qmp_member ((VckcQmpValue *) root, "return");
  error = qmp_member ((VckcQmpValue *) root, "error");
  if (error != NULL)
    {
      reply->value = NULL;
      why = vckc_qmp_value_get_string ((VckcQmpValue *) error, "desc", err);
      reply->refusal =
          why != NULL
              ? g_utf8_substring (why, 0, MIN (g_utf8_strlen (why, -1), VCKC_QMP_MAX_REASON))
              : NULL;
      return reply->refusal != NULL ? g_steal_pointer (&reply) : NULL;
    }
  if (reply->value == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL,
                      "an answer of QEMU has neither 'return' nor 'error'");
      return NULL;
    }
  return g_steal_pointer (&reply);
}

/* The number of the command that this is the answer to. */
static bool
qmp_client_get_id (VckcQmpClient *client, JsonNode *root, guint64 *ret_id, VckcError **err)
{
  if (!client->options.agent)
    return vckc_qmp_value_get_uint ((VckcQmpValue *) root, "id", ret_id, err);
  *ret_id = client->last_id;
  return true;
}

/* Was it this client that asked? If not, it was one that did not wait for the answer. */
static bool
qmp_client_is_own (const VckcQmpClient *client, guint64 id)
{
  return id >= client->first_id && id - client->first_id < MAX_COMMANDS;
}

/* Files an answer under the number of its command. */
static bool
qmp_client_accept (VckcQmpClient *client, JsonNode *root /* (transfer full) */, VckcError **err)
{
  g_autoptr (JsonNode) owned = root;
  VckcQmpReply *reply;
  guint64 id;

  if (vckc_qmp_value_has ((VckcQmpValue *) root, "event"))
    {
      qmp_client_tell_event (client, root);
      return true;
    }
  if (!qmp_client_get_id (client, root, &id, err))
    return false;
  if (!qmp_client_is_own (client, id))
    {
      g_debug ("%s answered somebody else who is gone (number %" G_GUINT64_FORMAT ")", client->peer,
               id);
      return true;
    }
  if (!g_hash_table_remove (client->waiting, &id))
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL,
                      "%s answered a command that was not sent (number %" G_GUINT64_FORMAT ")",
                      client->peer, id);
      return false;
    }
  reply = qmp_reply_new (g_steal_pointer (&owned), err);
  if (reply != NULL)
    g_hash_table_insert (client->arrived, g_memdup2 (&id, sizeof id), reply);
  return reply != NULL;
}

static bool
qmp_client_check (VckcQmpClient *client, const char *what, VckcError **err)
{
  if (client->broken)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "cannot send %s: the connection to %s is lost",
                    what, client->peer);
  return !client->broken;
}

static bool
qmp_client_greet (VckcQmpClient *client, VckcError **err)
{
  gint64 deadline = qmp_client_get_deadline (client);
  g_autoptr (JsonNode) greeting = qmp_client_read (client, deadline, "the greeting", err);
  g_autoptr (VckcQmpReply) reply = NULL;

  if (greeting == NULL)
    return false;
  if (!vckc_qmp_value_has ((VckcQmpValue *) greeting, "QMP"))
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s does not greet as QEMU does", client->peer);
      return false;
    }
  reply = vckc_qmp_client_execute (client, "qmp_capabilities", NULL, err);
  if (reply != NULL && reply->refusal != NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s refused 'qmp_capabilities': %s", client->peer,
                    reply->refusal);
  return reply != NULL && reply->refusal == NULL;
}

/* The number in an answer to guest-sync-delimited; whatever else the line is, it is old. */
static bool
is_sync_answer (const char *line, gsize length, guint64 number)
{
  const char *mark = memrchr (line, AGENT_MARK, length);
  const char *text = mark != NULL ? mark + 1 : line;
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root =
      mark != NULL ? qmp_parse (text, length - (gsize) (text - line), &why) : NULL;
  guint64 value;

  return root != NULL && vckc_qmp_value_get_uint ((VckcQmpValue *) root, "return", &value, NULL)
         && value == number;
}

/* Makes the agent forget what others have begun to send, and passes over what it still has to say
 * to them. */
static bool
qmp_client_sync (VckcQmpClient *client, VckcError **err)
{
  gint64 deadline = qmp_client_get_deadline (client);
  guint64 number = g_random_int_range (1, G_MAXINT32);
  g_autofree char *text = g_strdup_printf (
      "%c{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%" G_GUINT64_FORMAT "}}\n",
      AGENT_MARK, number);

  if (!qmp_client_write (client, text, "'guest-sync-delimited'", err))
    return false;
  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = qmp_client_take_line (client, &length);

      if (line != NULL && is_sync_answer (line, length, number))
        return true;
      if (g_get_monotonic_time () >= deadline)
        {
          qmp_client_set_late (client, "'guest-sync-delimited'", err);
          return false;
        }
      if (line == NULL && !qmp_client_receive (client, deadline, "'guest-sync-delimited'", err))
        return false;
    }
}

VckcQmpClient *
vckc_qmp_client_new (int fd, const VckcQmpOptions *options, VckcError **err)
{
  g_autoptr (VckcQmpClient) client = g_new0 (VckcQmpClient, 1);

  client->fd = fd;
  client->peer = g_strdup (options->peer);
  client->options = *options;
  client->first_id =
      options->first_id != 0 ? options->first_id : 1 + g_random_int () * MAX_COMMANDS;
  client->last_id = client->first_id - 1;
  client->input = g_byte_array_new ();
  client->waiting = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  client->arrived = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                           (GDestroyNotify) vckc_qmp_reply_free);
  if (options->agent ? !qmp_client_sync (client, err) : !qmp_client_greet (client, err))
    return NULL;
  return g_steal_pointer (&client);
}

void
vckc_qmp_client_free (VckcQmpClient *client)
{
  if (client == NULL)
    return;
  close (client->fd);
  g_byte_array_unref (client->input);
  g_hash_table_unref (client->waiting);
  g_hash_table_unref (client->arrived);
  g_free (client->peer);
  g_free (client);
}

bool
vckc_qmp_client_is_broken (const VckcQmpClient *client)
{
  return client->broken;
}

void
vckc_qmp_client_begin_change (VckcQmpClient *client, guint milliseconds)
{
  client->options.timeout = milliseconds;
  client->options.deadline = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);
  client->options.cancel_fd = -1;
}

int
vckc_qmp_client_get_pid (const VckcQmpClient *client)
{
  struct ucred peer = { 0 };
  socklen_t size = sizeof peer;

  return getsockopt (client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

/* One command as a line of JSON. */
static char *
qmp_client_format (VckcQmpClient *client, const char *command, VckcQmpArgs *args, guint64 id)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "execute", command);
  if (args != NULL)
    {
      json_builder_end_object (args->builder);
      json_object_set_member (object, "arguments", json_builder_get_root (args->builder));
    }
  if (!client->options.agent)
    json_object_set_int_member (object, "id", (gint64) id);
  json_node_set_object (root, object);
  text = json_to_string (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

guint64
vckc_qmp_client_send (VckcQmpClient *client,
                      const char *command,
                      VckcQmpArgs *args,
                      VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("'%s'", command);
  guint64 id = client->last_id + 1;
  g_autofree char *text = qmp_client_format (client, command, args, id);

  vckc_qmp_args_free (args);
  if (!qmp_client_check (client, what, err))
    return 0;
  if (!qmp_client_write (client, text, what, err))
    {
      client->broken = true;
      return 0;
    }
  client->last_id = id;
  g_hash_table_insert (client->waiting, g_memdup2 (&id, sizeof id), g_steal_pointer (&what));
  return id;
}

/* Returns NULL. */
static JsonNode *
qmp_client_set_flooded (VckcQmpClient *client, const char *what, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s sent %d messages, but no answer to %s",
                  client->peer, VCKC_QMP_MAX_OTHERS, what);
  return NULL;
}

/* Reads until the answer to `id` is there, past other answers and events. */
static bool
qmp_client_await (VckcQmpClient *client, guint64 id, const char *what, VckcError **err)
{
  gint64 deadline = qmp_client_get_deadline (client);

  for (guint n = 0; !g_hash_table_contains (client->arrived, &id); n++)
    {
      JsonNode *root = n <= VCKC_QMP_MAX_OTHERS ? qmp_client_read (client, deadline, what, err)
                                                : qmp_client_set_flooded (client, what, err);

      if (root == NULL || !qmp_client_accept (client, root, err))
        return false;
      if (g_get_monotonic_time () < deadline || g_hash_table_contains (client->arrived, &id))
        continue;
      qmp_client_set_late (client, what, err);
      return false;
    }
  return true;
}

VckcQmpReply *
vckc_qmp_client_wait (VckcQmpClient *client, guint64 id, VckcError **err)
{
  const char *waiting = g_hash_table_lookup (client->waiting, &id);
  g_autofree char *what = g_strdup (waiting != NULL ? waiting : "a command");
  g_autofree gpointer key = NULL;
  gpointer reply = NULL;

  if (!g_hash_table_contains (client->arrived, &id) && !qmp_client_check (client, what, err))
    return NULL;
  if (!qmp_client_await (client, id, what, err))
    {
      client->broken = true;
      return NULL;
    }
  g_hash_table_steal_extended (client->arrived, &id, &key, &reply);
  return reply;
}

VckcQmpReply *
vckc_qmp_client_execute (VckcQmpClient *client,
                         const char *command,
                         VckcQmpArgs *args,
                         VckcError **err)
{
  guint64 id = vckc_qmp_client_send (client, command, args, err);

  return id != 0 ? vckc_qmp_client_wait (client, id, err) : NULL;
}

/* Reads what comes until that was an event, for which the callback was called. */
static bool
qmp_client_await_event (VckcQmpClient *client, gint64 deadline, VckcError **err)
{
  const char *what = "being listened to";

  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = qmp_client_take_line (client, &length);
      JsonNode *root;
      bool cancelled;

      if (line != NULL)
        {
          root = qmp_client_parse (client, line, length, what, err);
          return root != NULL && qmp_client_accept (client, root, err);
        }
      if (qmp_client_await_socket (client, POLLIN, deadline, &cancelled) == 0)
        return true;
      if (!qmp_client_receive (client, deadline, what, err))
        return false;
    }
}

bool
vckc_qmp_client_listen (VckcQmpClient *client, guint milliseconds, VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  if (!qmp_client_check (client, "nothing", err))
    return false;
  client->broken = !qmp_client_await_event (client, deadline, err);
  return !client->broken;
}

VckcQmpArgs *
vckc_qmp_args_new (void)
{
  VckcQmpArgs *args = g_new0 (VckcQmpArgs, 1);

  args->builder = json_builder_new ();
  json_builder_begin_object (args->builder);
  return args;
}

void
vckc_qmp_args_free (VckcQmpArgs *args)
{
  if (args == NULL)
    return;
  g_object_unref (args->builder);
  g_free (args);
}

static void
qmp_args_add_name (VckcQmpArgs *args, const char *name)
{
  if (name != NULL)
    json_builder_set_member_name (args->builder, name);
}

void
vckc_qmp_args_add_string (VckcQmpArgs *args, const char *name, const char *value)
{
  qmp_args_add_name (args, name);
  json_builder_add_string_value (args->builder, value);
}

void
vckc_qmp_args_add_bool (VckcQmpArgs *args, const char *name, bool value)
{
  qmp_args_add_name (args, name);
  json_builder_add_boolean_value (args->builder, value);
}

void
vckc_qmp_args_add_null (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_add_null_value (args->builder);
}

void
vckc_qmp_args_begin_object (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_begin_object (args->builder);
}

void
vckc_qmp_args_end_object (VckcQmpArgs *args)
{
  json_builder_end_object (args->builder);
}

void
vckc_qmp_args_begin_array (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_begin_array (args->builder);
}

void
vckc_qmp_args_end_array (VckcQmpArgs *args)
{
  json_builder_end_array (args->builder);
}

VckcQmpReply *
vckc_qmp_reply_new_from_text (const char *text, VckcError **err)
{
  g_autofree char *why = NULL;
  JsonNode *root = qmp_parse (text, strlen (text), &why);
  VckcQmpReply *reply;

  if (root == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "cannot understand a description by QEMU: %s", why);
      return NULL;
    }
  reply = g_new0 (VckcQmpReply, 1);
  reply->root = reply->value = root;
  return reply;
}

void
vckc_qmp_reply_free (VckcQmpReply *reply)
{
  if (reply == NULL)
    return;
  g_clear_pointer (&reply->root, json_node_unref);
  g_free (reply->refusal);
  g_free (reply);
}

const char *
vckc_qmp_reply_get_refusal (const VckcQmpReply *reply)
{
  return reply->refusal;
}

const char *
vckc_qmp_reply_get_text (const VckcQmpReply *reply)
{
  return reply->value != NULL && JSON_NODE_HOLDS_VALUE (reply->value)
             ? json_node_get_string (reply->value)
             : NULL;
}

const VckcQmpValue *
vckc_qmp_reply_get_value (const VckcQmpReply *reply)
{
  return (const VckcQmpValue *) reply->value;
}

bool
vckc_qmp_value_has (const VckcQmpValue *object, const char *name)
{
  return qmp_member (object, name) != NULL;
}

/* The member of that name if it is a plain value of that type. */
static JsonNode *
qmp_value_get_scalar (const VckcQmpValue *object,
                      const char *name,
                      GType type,
                      const char *type_name,
                      VckcError **err)
{
  JsonNode *node = qmp_member (object, name);

  if (node == NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU lacks the member '%s'", name);
  else if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "the member '%s' of an answer of QEMU is not %s",
                    name, type_name);
  else
    return node;
  return NULL;
}

const char *
vckc_qmp_value_get_string (const VckcQmpValue *object, const char *name, VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_STRING, "a string", err);

  return node != NULL ? json_node_get_string (node) : NULL;
}

bool
vckc_qmp_value_get_bool (const VckcQmpValue *object,
                         const char *name,
                         bool *ret_value,
                         VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_BOOLEAN, "true or false", err);

  if (node != NULL)
    *ret_value = json_node_get_boolean (node);
  return node != NULL;
}

bool
vckc_qmp_value_get_uint (const VckcQmpValue *object,
                         const char *name,
                         guint64 *ret_value,
                         VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_INT64, "a number", err);

  if (node != NULL && json_node_get_int (node) < 0)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "the member '%s' of an answer of QEMU is negative",
                      name);
      return false;
    }
  if (node != NULL)
    *ret_value = (guint64) json_node_get_int (node);
  return node != NULL;
}

const VckcQmpValue *
vckc_qmp_value_get_object (const VckcQmpValue *object, const char *name, VckcError **err)
{
  JsonNode *node = qmp_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return (const VckcQmpValue *) node;
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU has no object '%s'", name);
  return NULL;
}

const VckcQmpValue *
vckc_qmp_value_get_array (const VckcQmpValue *value, const char *name, VckcError **err)
{
  JsonNode *node = name != NULL ? qmp_member (value, name) : (JsonNode *) value;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return (const VckcQmpValue *) node;
  if (name != NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU has no list '%s'", name);
  else
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU is not a list");
  return NULL;
}

guint
vckc_qmp_array_get_length (const VckcQmpValue *array)
{
  return json_array_get_length (json_node_get_array ((JsonNode *) array));
}

const VckcQmpValue *
vckc_qmp_array_get_element (const VckcQmpValue *array, guint index)
{
  return (const VckcQmpValue *) json_array_get_element (json_node_get_array ((JsonNode *) array),
                                                        index);
}
