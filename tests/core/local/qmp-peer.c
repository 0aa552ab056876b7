/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qmp-peer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/lock.h"

struct _QmpPeer
{
  char *path;
  char *greeting;
  bool agent;
  const QmpPeerAnswer *answers;
  int listen_fd; /* the thread's; -1 once it listens no more */
  int stop_fd;   /* readable when the thread is to end */
  bool stalls;   /* the thread's */
  GThread *thread;
  VckcMutex mutex;   /* covers: */
  GString *commands; /* so far */
  VckcCond noted;    /* signalled when there is one more */
};

/* Waits until there is something to read; false when it is time to end. */
static bool
await (QmpPeer *peer, int fd)
{
  struct pollfd fds[] = { { fd, POLLIN, 0 }, { peer->stop_fd, POLLIN, 0 } };

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  return fds[1].revents == 0;
}

/* False if the client is gone. */
static bool
say (int fd, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize n = send (fd, text, length, MSG_NOSIGNAL);

      if (n < 0)
        return false;
      text += n;
      length -= (gsize) n;
    }
  return true;
}

/* The part of a line that the pattern has in parentheses. */
static char *
find_part (const char *line, const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, line, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

/* How often it was given so far. */
static guint
count_command (QmpPeer *peer, const char *command)
{
  g_auto (GStrv) commands = NULL;
  guint n = 0;

  vckc_mutex_lock (&peer->mutex);
  commands = g_strsplit (peer->commands->str, " ", -1);
  vckc_mutex_unlock (&peer->mutex);
  for (guint i = 0; commands[i] != NULL; i++)
    n += g_str_equal (commands[i], command);
  return n;
}

static const char *
find_answer (QmpPeer *peer, const char *command)
{
  guint n_before = count_command (peer, command);
  const char *answer = NULL;

  for (const QmpPeerAnswer *row = peer->answers; row->command != NULL; row++)
    if (g_str_equal (row->command, command))
      {
        answer = row->answer;
        if (n_before-- == 0)
          break;
      }
  if (answer != NULL)
    return answer;
  if (g_str_equal (command, "query-status"))
    return "{\"status\": \"running\"}";
  return g_str_equal (command, "query-blockstats") ? "[]" : NULL;
}

static void
note_command (QmpPeer *peer, const char *command)
{
  if (g_str_equal (command, "qmp_capabilities") || g_str_equal (command, "guest-sync-delimited"))
    return;
  vckc_mutex_lock (&peer->mutex);
  g_string_append_printf (peer->commands, "%s%s", peer->commands->len > 0 ? " " : "", command);
  vckc_cond_broadcast (&peer->noted);
  vckc_mutex_unlock (&peer->mutex);
}

/* Answers that the domain runs, and then sends events until the connection ends. */
static void
flood (QmpPeer *peer, int fd, const char *id)
{
  static const char event[] = "{\"event\": \"RTC_CHANGE\"}\n";
  g_autofree char *answer =
      g_strdup_printf ("{\"return\": {\"status\": \"running\"}, \"id\": %s}\n", id);
  guint n = 0;

  say (fd, answer, strlen (answer));
  while (say (fd, event, strlen (event)))
    n++;
  note_command (peer, n < 20000 ? "few-events" : "many-events");
}

/* One command. False if the connection is to end. */
static bool
serve_line (QmpPeer *peer, int fd, const char *line)
{
  g_autofree char *command = find_part (line, "\"execute\"\\s*:\\s*\"([a-z0-9_-]+)");
  g_autofree char *id = find_part (line, "\"id\"\\s*:\\s*([0-9]+)");
  const char *answer = find_answer (peer, command);
  g_autofree char *member = peer->agent ? g_strdup ("") : g_strdup_printf (", \"id\": %s", id);
  g_autofree char *text = NULL;

  note_command (peer, command);
  peer->stalls = peer->stalls || g_strcmp0 (answer, QMP_PEER_STALLS) == 0;
  if (g_strcmp0 (answer, QMP_PEER_IS_SILENT) == 0 || peer->stalls)
    return true;
  if (g_strcmp0 (answer, QMP_PEER_FLOODS) == 0)
    flood (peer, fd, id);
  if (g_strcmp0 (answer, QMP_PEER_DIES) == 0 || g_strcmp0 (answer, QMP_PEER_FLOODS) == 0)
    {
      close (peer->listen_fd);
      peer->listen_fd = -1;
    }
  if (g_strcmp0 (answer, QMP_PEER_HANGS_UP) == 0 || peer->listen_fd < 0)
    return false;
  if (answer == NULL && g_str_equal (command, "guest-sync-delimited"))
    text = g_strdup_printf ("\xff{\"return\": %s}\n", id);
  else if (answer != NULL && g_str_has_prefix (answer, "\"error\""))
    text = g_strdup_printf ("{%s%s}\n", answer, member);
  else
    text = g_strdup_printf ("{\"return\": %s%s}\n", answer != NULL ? answer : "{}", member);
  say (fd, text, strlen (text));
  return true;
}

static void
serve (QmpPeer *peer, int fd)
{
  g_autoptr (GString) input = g_string_new (NULL);
  bool goes_on = true;

  if (!peer->stalls)
    say (fd, peer->greeting, strlen (peer->greeting));
  while (goes_on && await (peer, fd))
    {
      char chunk[4096];
      gssize n = recv (fd, chunk, sizeof chunk, 0);
      char *end;

      if (n <= 0)
        return;
      g_string_append_len (input, chunk, n);
      while (goes_on && (end = strchr (input->str, '\n')) != NULL)
        {
          *end = '\0';
          goes_on = serve_line (peer, fd, input->str);
          g_string_erase (input, 0, end + 1 - input->str);
        }
    }
}

static gpointer
run_cb (gpointer data)
{
  QmpPeer *peer = data;

  while (peer->listen_fd >= 0 && await (peer, peer->listen_fd))
    {
      int fd = accept (peer->listen_fd, NULL, NULL);

      g_assert_cmpint (fd, >=, 0);
      serve (peer, fd);
      close (fd);
    }
  return NULL;
}

static QmpPeer *
peer_new (const char *path, const char *greeting, bool agent, const QmpPeerAnswer *answers)
{
  QmpPeer *peer = g_new0 (QmpPeer, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  peer->path = g_strdup (path);
  peer->greeting = g_strdup (greeting);
  peer->agent = agent;
  peer->answers = answers;
  peer->commands = g_string_new (NULL);
  vckc_mutex_init (&peer->mutex);
  vckc_cond_init (&peer->noted);
  peer->stop_fd = eventfd (0, EFD_CLOEXEC);
  peer->listen_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (peer->listen_fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (peer->listen_fd, 1), ==, 0);
  peer->thread = g_thread_new ("peer", run_cb, peer);
  return peer;
}

QmpPeer *
qmp_peer_new (const char *path, const char *greeting, const QmpPeerAnswer *answers)
{
  return peer_new (path, greeting, false, answers);
}

QmpPeer *
qmp_peer_new_agent (const char *path, const char *stale, const QmpPeerAnswer *answers)
{
  return peer_new (path, stale, true, answers);
}

void
qmp_peer_free (QmpPeer *peer)
{
  if (peer == NULL)
    return;
  eventfd_write (peer->stop_fd, 1);
  g_thread_join (peer->thread);
  if (peer->listen_fd >= 0)
    close (peer->listen_fd);
  close (peer->stop_fd);
  unlink (peer->path);
  vckc_cond_clear (&peer->noted);
  vckc_mutex_clear (&peer->mutex);
  g_string_free (peer->commands, TRUE);
  g_free (peer->greeting);
  g_free (peer->path);
  g_free (peer);
}

void
qmp_peer_assert_commands (QmpPeer *peer, const char *expected)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  bool in_time = true;

  vckc_mutex_lock (&peer->mutex);
  while (in_time && !g_str_equal (peer->commands->str, expected))
    in_time = vckc_cond_wait_until (&peer->noted, &peer->mutex, deadline);
  g_assert_cmpstr (peer->commands->str, ==, expected);
  vckc_mutex_unlock (&peer->mutex);
}
