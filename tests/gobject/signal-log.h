/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <vck/vck.h>

/* Notes what is emitted, as words such as "+monday". */
typedef struct
{
  GString *words;
  GThread *thread; /* the thread of the last signal */
} SignalLog;

void signal_log_init (SignalLog *log);
void signal_log_clear (SignalLog *log);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SignalLog, signal_log_clear)

/* Adds a word, such as "+" and a name. */
void signal_log_add (SignalLog *log, const char *sign, const char *name);

/* Connects the log to all signals of a domain or a connection about what comes and goes. */
void signal_log_watch_domain (VckDomain *domain, SignalLog *log);
void signal_log_watch_connection (VckConnection *connection, SignalLog *log);
