/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* memrchr() */

#include "qemu/qmp-client.h"

#include <string.h>

#include "qemu/qmp-transport.h"

/* How many commands one client sends at most, so that their numbers are known to be its own. */
#define MAX_COMMANDS (G_GUINT64_CONSTANT (1) << 20)
/* Precedes an answer to guest-sync-delimited, and is in no JSON. */
#define AGENT_MARK '\xff'

struct _VckcQmpClient
{
  VckcQmpTransport *transport; /* owned */
  VckcQmpOptions options;      /* options.peer is not used */
  guint64 first_id;
  guint64 last_id;
  GHashTable *waiting; /* guint64 id -> command: sent, not answered */
  GHashTable *arrived; /* guint64 id -> VckcQmpReply: answered, not asked for yet */
  char *version;       /* (nullable), owned: of QEMU */
  bool broken;
};

static const char *
qmp_client_get_peer (const VckcQmpClient *client)
{
  return vckc_qmp_transport_get_peer (client->transport);
}

static VckcQmpValue *
qmp_client_parse (VckcQmpClient *client,
                  const char *line,
                  gsize length,
                  const char *what,
                  VckcError **err)
{
  g_autofree char *why = NULL;
  VckcQmpValue *message = vckc_qmp_value_parse (line, length, &why);

  if (message == NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "cannot understand the answer of %s to %s: %s",
                    qmp_client_get_peer (client), what, why);
  return message;
}

/* The next message of any kind: always an object. */
static VckcQmpValue *
qmp_client_read (VckcQmpClient *client, gint64 deadline, const char *what, VckcError **err)
{
  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = vckc_qmp_transport_take_line (client->transport, &length);

      if (line == NULL && !vckc_qmp_transport_receive (client->transport, deadline, what, err))
        return NULL;
      if (line != NULL)
        return qmp_client_parse (client, line, length, what, err);
    }
}

static void
qmp_client_report_event (VckcQmpClient *client, const VckcQmpValue *event)
{
  const char *name = vckc_qmp_value_get_string (event, "event", NULL);

  if (name != NULL && client->options.event_cb != NULL)
    client->options.event_cb (name, event, client->options.event_opaque);
}

/* The number of the command that this is the answer to. */
static bool
qmp_client_get_id (VckcQmpClient *client,
                   const VckcQmpValue *message,
                   guint64 *ret_id,
                   VckcError **err)
{
  if (!client->options.agent)
    return vckc_qmp_value_get_uint (message, "id", ret_id, err);
  *ret_id = client->last_id;
  return true;
}

/* Did this client send the command? If not, an earlier one did that is gone. */
static bool
qmp_client_is_own (const VckcQmpClient *client, guint64 id)
{
  return id >= client->first_id && id - client->first_id < MAX_COMMANDS;
}

/* Files an answer under the number of its command, or reports an event. */
static bool
qmp_client_accept (VckcQmpClient *client,
                   VckcQmpValue *message /* (transfer full) */,
                   VckcError **err)
{
  g_autoptr (VckcQmpValue) owned = message;
  VckcQmpReply *reply;
  guint64 id;

  if (vckc_qmp_value_has (message, "event"))
    {
      qmp_client_report_event (client, message);
      return true;
    }
  if (!qmp_client_get_id (client, message, &id, err))
    return false;
  if (!qmp_client_is_own (client, id))
    {
      g_debug ("%s answered a command of an earlier client (number %" G_GUINT64_FORMAT ")",
               qmp_client_get_peer (client), id);
      return true;
    }
  if (!g_hash_table_remove (client->waiting, &id))
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL,
                      "%s answered a command that was not sent (number %" G_GUINT64_FORMAT ")",
                      qmp_client_get_peer (client), id);
      return false;
    }
  reply = vckc_qmp_reply_new (g_steal_pointer (&owned), err);
  if (reply != NULL)
    g_hash_table_insert (client->arrived, g_memdup2 (&id, sizeof id), reply);
  return reply != NULL;
}

static bool
qmp_client_check_usable (VckcQmpClient *client, const char *what, VckcError **err)
{
  if (client->broken)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "cannot send %s: the connection to %s is lost",
                    what, qmp_client_get_peer (client));
  return !client->broken;
}

/* Is that meant for the client before, which has not read it: an answer or an event? */
static bool
qmp_client_is_left_over (const VckcQmpValue *message)
{
  return vckc_qmp_value_has (message, "return") || vckc_qmp_value_has (message, "error")
         || vckc_qmp_value_has (message, "event");
}

/* Reads up to QEMU's greeting, or what is there instead of it. */
static VckcQmpValue *
qmp_client_read_greeting (VckcQmpClient *client, VckcError **err)
{
  gint64 deadline = vckc_qmp_transport_get_deadline (client->transport);
  VckcQmpValue *message;

  while ((message = qmp_client_read (client, deadline, "the connection request", err)) != NULL
         && qmp_client_is_left_over (message))
    {
      g_debug ("%s sent what it still had for an earlier client", qmp_client_get_peer (client));
      vckc_qmp_value_free (message);
    }
  return message;
}

/* Keeps the version in a greeting, which is for humans: anything else may be there instead. */
static void
qmp_client_note_version (VckcQmpClient *client, const VckcQmpValue *greeting)
{
  const VckcQmpValue *body = vckc_qmp_value_get (greeting, "QMP");
  const VckcQmpValue *version = body != NULL ? vckc_qmp_value_get (body, "version") : NULL;
  const VckcQmpValue *qemu = version != NULL ? vckc_qmp_value_get (version, "qemu") : NULL;
  guint64 major, minor, micro;

  if (qemu == NULL || !vckc_qmp_value_get_uint (qemu, "major", &major, NULL)
      || !vckc_qmp_value_get_uint (qemu, "minor", &minor, NULL)
      || !vckc_qmp_value_get_uint (qemu, "micro", &micro, NULL))
    return;
  client->version = g_strdup_printf (
      "%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, major, minor, micro);
}

/* Reads QEMU's greeting and ends the negotiation of capabilities. */
static bool
qmp_client_negotiate (VckcQmpClient *client, VckcError **err)
{
  g_autoptr (VckcQmpValue) greeting = qmp_client_read_greeting (client, err);
  g_autoptr (VckcQmpReply) reply = NULL;
  const char *refusal;

  if (greeting == NULL)
    return false;
  if (!vckc_qmp_value_has (greeting, "QMP"))
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s does not speak QMP",
                      qmp_client_get_peer (client));
      return false;
    }
  qmp_client_note_version (client, greeting);
  reply = vckc_qmp_client_execute (client, "qmp_capabilities", NULL, err);
  if (reply == NULL)
    return false;
  /* QEMU has been seen to say, when clients follow each other fast, that this is over already. */
  refusal = vckc_qmp_reply_is_not_found (reply) ? NULL : vckc_qmp_reply_get_refusal (reply);
  if (refusal != NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s refused 'qmp_capabilities': %s",
                    qmp_client_get_peer (client), refusal);
  return refusal == NULL;
}

/* Is that the answer to guest-sync-delimited with this number? Any other line is an old answer. */
static bool
qmp_client_is_sync_answer (const char *line, gsize length, guint64 number)
{
  const char *mark = memrchr (line, AGENT_MARK, length);
  const char *text = mark != NULL ? mark + 1 : line;
  g_autofree char *why = NULL;
  g_autoptr (VckcQmpValue) message =
      mark != NULL ? vckc_qmp_value_parse (text, length - (gsize) (text - line), &why) : NULL;
  guint64 value;

  return message != NULL && vckc_qmp_value_get_uint (message, "return", &value, NULL)
         && value == number;
}

/* Makes the agent drop the beginnings of commands of earlier clients, and skips its answers to
 * them. */
static bool
qmp_client_sync (VckcQmpClient *client, VckcError **err)
{
  VckcQmpTransport *transport = client->transport;
  const char *what = "'guest-sync-delimited'";
  gint64 deadline = vckc_qmp_transport_get_deadline (transport);
  guint64 number = g_random_int_range (1, G_MAXINT32);
  g_autofree char *text = g_strdup_printf (
      "%c{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%" G_GUINT64_FORMAT "}}\n",
      AGENT_MARK, number);

  if (!vckc_qmp_transport_write (transport, text, -1, what, err))
    return false;
  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = vckc_qmp_transport_take_line (transport, &length);

      if (line != NULL && qmp_client_is_sync_answer (line, length, number))
        return true;
      if (g_get_monotonic_time () >= deadline)
        {
          vckc_qmp_transport_set_late (transport, what, err);
          return false;
        }
      if (line == NULL && !vckc_qmp_transport_receive (transport, deadline, what, err))
        return false;
    }
}

VckcQmpClient *
vckc_qmp_client_new (int fd, const VckcQmpOptions *options, VckcError **err)
{
  g_autoptr (VckcQmpClient) client = g_new0 (VckcQmpClient, 1);
  const VckcQmpLimits limits = { .timeout = options->timeout,
                                 .deadline = options->deadline,
                                 .cancel_fd = options->cancel_fd };

  client->transport = vckc_qmp_transport_new (fd, options->peer, &limits);
  client->options = *options;
  client->first_id =
      options->first_id != 0 ? options->first_id : 1 + g_random_int () * MAX_COMMANDS;
  client->last_id = client->first_id - 1;
  client->waiting = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  client->arrived = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                           (GDestroyNotify) vckc_qmp_reply_free);
  if (options->agent ? !qmp_client_sync (client, err) : !qmp_client_negotiate (client, err))
    return NULL;
  return g_steal_pointer (&client);
}

void
vckc_qmp_client_free (VckcQmpClient *client)
{
  if (client == NULL)
    return;
  vckc_qmp_transport_free (client->transport);
  g_hash_table_unref (client->waiting);
  g_hash_table_unref (client->arrived);
  g_free (client->version);
  g_free (client);
}

const char *
vckc_qmp_client_get_version (const VckcQmpClient *client)
{
  return client->version;
}

bool
vckc_qmp_client_is_broken (const VckcQmpClient *client)
{
  return client->broken;
}

void
vckc_qmp_client_begin_change (VckcQmpClient *client, guint milliseconds)
{
  const VckcQmpLimits limits = {
    .timeout = milliseconds,
    .deadline = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000),
    .cancel_fd = -1,
  };

  vckc_qmp_transport_set_limits (client->transport, &limits);
}

int
vckc_qmp_client_get_pid (const VckcQmpClient *client)
{
  return vckc_qmp_transport_get_pid (client->transport);
}

static guint64
qmp_client_send (VckcQmpClient *client,
                 const char *command,
                 VckcQmpArgs *args,
                 int passed_fd,
                 VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("'%s'", command);
  guint64 id = client->last_id + 1;
  g_autofree char *text =
      vckc_qmp_args_format_command (args, command, client->options.agent ? 0 : id);

  vckc_qmp_args_free (args);
  if (!qmp_client_check_usable (client, what, err))
    return 0;
  if (!vckc_qmp_transport_write (client->transport, text, passed_fd, what, err))
    {
      client->broken = true;
      return 0;
    }
  client->last_id = id;
  g_hash_table_insert (client->waiting, g_memdup2 (&id, sizeof id), g_steal_pointer (&what));
  return id;
}

guint64
vckc_qmp_client_send (VckcQmpClient *client,
                      const char *command,
                      VckcQmpArgs *args,
                      VckcError **err)
{
  return qmp_client_send (client, command, args, -1, err);
}

/* Returns NULL. */
static VckcQmpValue *
qmp_client_set_flooded (VckcQmpClient *client, const char *what, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s sent %d messages, but no answer to %s",
                  qmp_client_get_peer (client), VCKC_QMP_MAX_OTHERS, what);
  return NULL;
}

/* Reads until the answer to `id` is there, past other answers and events. */
static bool
qmp_client_await (VckcQmpClient *client, guint64 id, const char *what, VckcError **err)
{
  gint64 deadline = vckc_qmp_transport_get_deadline (client->transport);

  for (guint n = 0; !g_hash_table_contains (client->arrived, &id); n++)
    {
      VckcQmpValue *message = n <= VCKC_QMP_MAX_OTHERS
                                  ? qmp_client_read (client, deadline, what, err)
                                  : qmp_client_set_flooded (client, what, err);

      if (message == NULL || !qmp_client_accept (client, message, err))
        return false;
      if (g_get_monotonic_time () < deadline || g_hash_table_contains (client->arrived, &id))
        continue;
      vckc_qmp_transport_set_late (client->transport, what, err);
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

  if (!g_hash_table_contains (client->arrived, &id) && !qmp_client_check_usable (client, what, err))
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

VckcQmpReply *
vckc_qmp_client_pass_fd (VckcQmpClient *client, const char *name, int fd, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  guint64 id;

  vckc_qmp_args_add_string (args, "fdname", name);
  id = qmp_client_send (client, "getfd", args, fd, err);
  return id != 0 ? vckc_qmp_client_wait (client, id, err) : NULL;
}

VckcQmpReply *
vckc_qmp_client_add_fd (VckcQmpClient *client, int fd, VckcError **err)
{
  guint64 id = qmp_client_send (client, "add-fd", NULL, fd, err);

  return id != 0 ? vckc_qmp_client_wait (client, id, err) : NULL;
}

/* Reads until an event has come, for which the callback was called, or the time has passed. */
static bool
qmp_client_await_event (VckcQmpClient *client, gint64 deadline, VckcError **err)
{
  const char *what = "being listened to";

  for (;;)
    {
      gsize length = 0;
      g_autofree char *line = vckc_qmp_transport_take_line (client->transport, &length);

      if (line != NULL)
        {
          VckcQmpValue *message = qmp_client_parse (client, line, length, what, err);

          return message != NULL && qmp_client_accept (client, message, err);
        }
      if (!vckc_qmp_transport_await (client->transport, deadline))
        return true;
      if (!vckc_qmp_transport_receive (client->transport, deadline, what, err))
        return false;
    }
}

bool
vckc_qmp_client_listen (VckcQmpClient *client, guint milliseconds, VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  if (!qmp_client_check_usable (client, "nothing", err))
    return false;
  client->broken = !qmp_client_await_event (client, deadline, err);
  return !client->broken;
}
