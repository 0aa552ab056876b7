/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Follows a domain (a virtual machine) by its signals, while asynchronous calls change it. */

#include <locale.h>
#include <vck/vck.h>

static GMainLoop *loop;
static GError *failure;

static void
on_changed (VckDomain *domain, VckCheckpoint *checkpoint, const char *sign)
{
  g_print ("%s: %s %s\n", vck_domain_get_name (domain), sign, vck_checkpoint_get_name (checkpoint));
}

static void
on_closed (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_print ("%s\n", reason == VCK_CLOSE_REASON_CLIENT ? "closed" : "lost");
  g_main_loop_quit (loop);
}

static void
when_deleted (GObject *source, GAsyncResult *result, gpointer connection)
{
  if (!vck_checkpoint_delete_finish (VCK_CHECKPOINT (source), result, &failure)
      || !vck_connection_close (connection, &failure))
    g_main_loop_quit (loop);
}

static void
when_created (GObject *source, GAsyncResult *result, gpointer connection)
{
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint_finish (VCK_DOMAIN (source), result, &failure);

  if (checkpoint == NULL)
    g_main_loop_quit (loop);
  else
    vck_checkpoint_delete_async (checkpoint, 0, NULL, when_deleted, connection);
}

static void
watch (const char *uri)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &failure);
  g_autoptr (VckDomain) domain = NULL;

  if (connection != NULL)
    domain = vck_connection_lookup_domain_by_name (connection, "test", NULL, &failure);
  if (domain == NULL)
    return;
  loop = g_main_loop_new (NULL, FALSE);
  vck_checkpoint_config_set_name (config, "first");
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), NULL);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (on_changed), (gpointer) "+");
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (on_changed), (gpointer) "-");
  vck_domain_create_checkpoint_async (domain, config, 0, NULL, when_created, connection);
  g_main_loop_run (loop);
}

int
main (int argc, char **argv)
{
  const char *uri = argc == 2 ? argv[1] : "memory:///default";
  const gboolean wrong = argc > 2 || *uri == '-', help = g_str_equal (uri, "--help");

  setlocale (LC_ALL, "");
  if (wrong)
    (help ? g_print : g_printerr) ("usage: %s [URI]\n", argv[0]);
  else
    watch (uri);
  if (failure != NULL)
    g_printerr ("watch: %s\n", failure->message);
  return help || (!wrong && failure == NULL) ? 0 : 1;
}
