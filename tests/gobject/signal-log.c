/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "signal-log.h"

void
signal_log_init (SignalLog *log)
{
  log->words = g_string_new (NULL);
  log->thread = NULL;
}

void
signal_log_clear (SignalLog *log)
{
  g_string_free (log->words, TRUE);
}

void
signal_log_add (SignalLog *log, const char *sign, const char *name)
{
  g_string_append_printf (log->words, "%s%s%s", log->words->len > 0 ? " " : "", sign, name);
  log->thread = g_thread_self ();
}

static void
checkpoint_added_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == domain);
  signal_log_add (data, "+", vck_checkpoint_get_name (checkpoint));
}

static void
checkpoint_removed_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == domain);
  signal_log_add (data, "-", vck_checkpoint_get_name (checkpoint));
}

static void
domain_added_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  g_assert_true (vck_domain_get_connection (domain) == connection);
  signal_log_add (data, "+", vck_domain_get_name (domain));
}

static void
domain_removed_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  g_assert_true (vck_domain_get_connection (domain) == connection);
  signal_log_add (data, "-", vck_domain_get_name (domain));
}

static void
closed_cb (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_assert_cmpint (reason, ==, VCK_CLOSE_REASON_CLIENT);
  signal_log_add (data, "", "closed");
}

void
signal_log_watch_domain (VckDomain *domain, SignalLog *log)
{
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (checkpoint_added_cb), log);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (checkpoint_removed_cb), log);
}

void
signal_log_watch_connection (VckConnection *connection, SignalLog *log)
{
  g_signal_connect (connection, "domain-added", G_CALLBACK (domain_added_cb), log);
  g_signal_connect (connection, "domain-removed", G_CALLBACK (domain_removed_cb), log);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), log);
}
