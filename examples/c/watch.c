/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Follows a domain (a virtual machine) by its signals, while asynchronous calls change it.
 *
 * Usage: watch [URI]
 */

#include <locale.h>
#include <vck/vck.h>

typedef struct
{
  GMainLoop *loop;
  VckConnection *connection;
  GError *error;
} Watch;

static void
on_added (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_print ("%s: + %s\n", vck_domain_get_name (domain), vck_checkpoint_get_name (checkpoint));
}

static void
on_removed (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_print ("%s: - %s\n", vck_domain_get_name (domain), vck_checkpoint_get_name (checkpoint));
}

static void
on_closed (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  Watch *watch = data;

  g_print ("%s\n", reason == VCK_CLOSE_REASON_CLIENT ? "closed" : "lost");
  g_main_loop_quit (watch->loop);
}

static void
when_deleted (GObject *source, GAsyncResult *result, gpointer data)
{
  Watch *watch = data;

  if (!vck_checkpoint_delete_finish (VCK_CHECKPOINT (source), result, &watch->error)
      || !vck_connection_close (watch->connection, &watch->error))
    g_main_loop_quit (watch->loop);
}

static void
when_created (GObject *source, GAsyncResult *result, gpointer data)
{
  Watch *watch = data;
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  checkpoint = vck_domain_create_checkpoint_xml_finish (VCK_DOMAIN (source), result, &watch->error);
  if (checkpoint == NULL)
    g_main_loop_quit (watch->loop);
  else
    vck_checkpoint_delete_async (checkpoint, 0, NULL, when_deleted, watch);
}

static void
follow (Watch *watch, VckDomain *domain)
{
  const char *xml = "<domaincheckpoint><name>first</name></domaincheckpoint>";

  g_signal_connect (watch->connection, "closed", G_CALLBACK (on_closed), watch);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (on_added), watch);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (on_removed), watch);

  vck_domain_create_checkpoint_xml_async (domain, xml, 0, NULL, when_created, watch);
  g_main_loop_run (watch->loop);
}

static gboolean
run (const char *uri, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomain) domain = NULL;
  Watch watch = { .loop = loop };

  connection = vck_connection_open (uri, 0, NULL, error);
  if (connection == NULL)
    return FALSE;
  domain = vck_connection_lookup_domain_by_name (connection, "test", NULL, error);
  if (domain == NULL)
    return FALSE;

  watch.connection = connection;
  follow (&watch, domain);
  if (watch.error == NULL)
    return TRUE;
  g_propagate_error (error, watch.error);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
    {
      g_printerr ("usage: %s [URI]\n", argv[0]);
      return 1;
    }
  if (!run (argc > 1 ? argv[1] : "memory:///default", &error))
    {
      g_printerr ("watch: %s\n", error->message);
      return 1;
    }
  return 0;
}
