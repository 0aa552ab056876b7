/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The events of a connection, as text: "+domain state=1 +a ~a -a -domain ". Events
 * of libvirt's own come when they come, so they are waited for. */

#pragma once

#include "handles/handles.h"

typedef struct _EventLog EventLog;

EventLog *event_log_new (VckcConnect *connect);
/* While the connection is still there. */
void event_log_free (EventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EventLog, event_log_free)

/* Fails unless the events since the last call are these, now or after a while. */
void event_log_expect (EventLog *log, const char *text);

/* The same, but in any order; the text is sorted. */
void event_log_expect_any_order (EventLog *log, const char *text);
