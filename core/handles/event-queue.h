/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The events of one connection: kept in order, delivered to every subscriber by
 * one thread at a time, with no lock held.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

#include "vckc-event.h"

typedef struct _VckcEventQueue VckcEventQueue;

VckcEventQueue *vckc_event_queue_new (void);
void vckc_event_queue_free (VckcEventQueue *queue);

/* Adds an event at the end, if there are subscribers; never blocks, never calls a subscriber, so
 * it may be called with locks held. References to the handles are taken. */
void vckc_event_queue_push (VckcEventQueue *queue,
                            VckcEventType type,
                            VckcDomain *domain,
                            VckcDomainCheckpoint *checkpoint,
                            int state);

/* The same for a checkpoint that is not as it was, with what it is now. */
void vckc_event_queue_push_changed (VckcEventQueue *queue,
                                    VckcDomain *domain,
                                    VckcDomainCheckpoint *checkpoint,
                                    const char *description /* (nullable) */,
                                    const char *parent_name /* (nullable) */,
                                    VckcDomainCheckpoint *parent /* (nullable) */,
                                    gint64 creation_time);

/* The same for a job, of which a reference is taken. */
void vckc_event_queue_push_job (VckcEventQueue *queue,
                                VckcEventType type,
                                VckcDomain *domain,
                                VckcJobInfo *job);

/* The same for a list of all domains or, of a domain, of all checkpoints. */
void vckc_event_queue_push_list (VckcEventQueue *queue,
                                 VckcDomain *domain /* (nullable): for the list of domains */,
                                 GPtrArray *listed /* (transfer full): of owned references */);

/* The same for what was measured of disks of checkpoints, of which references are taken. */
void vckc_event_queue_push_measured (VckcEventQueue *queue,
                                     VckcDomain *domain,
                                     VckcDomainCheckpointDisk *const *disks,
                                     gsize n_disks,
                                     gint64 measured_at /* in microseconds since 1970 */);

/* The same for all disks of a domain, of which references are taken. */
void vckc_event_queue_push_disks (VckcEventQueue *queue,
                                  VckcDomain *domain,
                                  VckcDomainDisk *const *disks,
                                  gsize n_disks,
                                  guint64 look);

/* Sees to it that all events pushed so far are delivered, in order: here, or by the thread that
 * is at it, which is waited for. So a call that changed something returns when everybody knows.
 * To be called with no lock held; from inside a callback it returns at once. */
void vckc_event_queue_flush (VckcEventQueue *queue);

/* Delivers what is queued, unless another thread is at it: then that one does, and this
 * returns at once. For other connections than the caller's, and where a lock is held that a
 * callback might want. */
void vckc_event_queue_deliver (VckcEventQueue *queue);

int vckc_event_queue_subscribe (VckcEventQueue *queue,
                                VckcEventCallback callback,
                                void *opaque,
                                void (*free_opaque) (void *opaque));
bool vckc_event_queue_unsubscribe (VckcEventQueue *queue, int id);
bool vckc_event_queue_has_subscribers (VckcEventQueue *queue);
