/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What several tests of libvck use. */

#pragma once

#include <vck/vck.h>

/* A memory: URI that no other test of the process uses. */
char *support_memory_uri (void);

/* A writable connection to such a URI, and its predefined domain. */
VckConnection *support_open (void);
VckDomain *support_lookup_test (VckConnection *connection);

/* Creates a checkpoint that has nothing but a name. */
VckCheckpoint *support_create (VckDomain *domain, const char *name);

/* A `<domain>` document without disks. */
char *support_domain_xml (const char *name);

/* Deletes a checkpoint, which must work. */
void support_delete (VckCheckpoint *checkpoint, VckCheckpointDeleteFlags flags);

/* Creates and deletes checkpoints of the predefined domain, some with all below them: in each round
 * one of each, out of so many names. */
void support_change_at_random (VckConnection *connection, guint n_rounds, gint n_names);

/* "vda=bitmap vdb=": the disks of a checkpoint, with their bitmaps. */
char *support_describe_disks (VckCheckpoint *checkpoint);

/* A GAsyncReadyCallback for a `GAsyncResult *slot = NULL;`, and waiting for it in the
 * thread-default main context. */
void support_result_cb (GObject *source, GAsyncResult *result, gpointer slot);
GAsyncResult *support_wait (GAsyncResult **slot);

/* Dispatches all that is ready in a context (NULL for the default one). */
void support_drain (GMainContext *context);

/* Flags that one thread sets and another one waits for, all under one lock. */
typedef struct
{
  GMutex lock;
  GCond cond;
} SupportGate;

void support_gate_init (SupportGate *gate);
void support_gate_clear (SupportGate *gate);
void support_gate_set (SupportGate *gate, gboolean *flag);
void support_gate_wait (SupportGate *gate, const gboolean *flag);

/* Asserts that a call was cancelled, and clears the error. */
void support_assert_cancelled (GError **error);

/* Drops a reference and waits until the object is finalized: a thread of the pool may still
 * be about to drop its own. */
void support_assert_dies (gpointer object /* (transfer full) */);

/* Runs the default main context until nothing holds the object, and clears the weak reference. */
void support_await_end (GWeakRef *weak);

/* Cancels in another thread, to be joined, after so many microseconds. */
GThread *support_cancel_after (GCancellable *cancellable, gint64 microseconds);

/* Asserts that `call` fails with that code of VCK_ERROR. For use with a GError *error. */
#define support_assert_error(error, code)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_error (error, VCK_ERROR, code);                                                       \
    g_clear_error (&error);                                                                        \
  }                                                                                                \
  G_STMT_END

/* Defines a domain with the document of support_domain_xml(), renames one, and undefines one with
 * its checkpoints. */
VckDomain *support_define (VckConnection *connection, const char *name);
void support_rename (VckDomain *domain, const char *name);
void support_undefine (VckDomain *domain);
