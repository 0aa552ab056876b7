/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A VckCall that blocks until the test allows it to continue, for tests of cancelling. */

#pragma once

#include "support.h"
#include "vck-call.h"

typedef struct
{
  SupportGate gate; /* its lock is meant below */
  gboolean started; /* under lock */
  gboolean allowed; /* under lock */
  GThread *cleared; /* under lock: the thread that freed the call; NULL while it exists */
} Blocker;

void blocker_init (Blocker *blocker);

/* For run() and clear() of the call. */
void blocker_block (Blocker *blocker);
void blocker_note_cleared (Blocker *blocker);

void blocker_wait_started (Blocker *blocker);
void blocker_allow (Blocker *blocker);

/* Starts `call` asynchronously, cancels it once it has started, and waits for its callback, which
 * must report that it was cancelled. */
void blocker_cancel_async (Blocker *blocker, VckCall *call, gpointer self);

/* Runs `context` (NULL for the default one) until the call is freed, which must happen in this very
 * thread. */
void blocker_end (Blocker *blocker, GMainContext *context);
