/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stddef.h>

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcEventType: (attributes bindgen.plumbing=1)
 * @VCKC_EVENT_DOMAIN_ADDED: a domain was defined
 * @VCKC_EVENT_DOMAIN_REMOVED: a domain was undefined
 * @VCKC_EVENT_DOMAIN_STATE: the state of a domain changed
 * @VCKC_EVENT_CHECKPOINT_ADDED: a checkpoint was created
 * @VCKC_EVENT_CHECKPOINT_REMOVED: a checkpoint was deleted
 * @VCKC_EVENT_CHECKPOINT_CHANGED: a checkpoint got another parent or was redefined
 * @VCKC_EVENT_DOMAIN_RENAMED: a domain got another name, which the handle has
 * @VCKC_EVENT_JOB_STARTED: a backup of a domain began
 * @VCKC_EVENT_JOB_PROGRESS: a backup has copied more; at most four times a second
 * @VCKC_EVENT_JOB_ENDED: a backup ended, well or not
 * @VCKC_EVENT_DOMAINS_LISTED: all domains, for vckc_connect_announce_domains()
 * @VCKC_EVENT_CHECKPOINTS_LISTED: all checkpoints of a domain, for
 *   vckc_domain_announce_checkpoints()
 * @VCKC_EVENT_CHECKPOINTS_MEASURED: a call of this connection has measured checkpoints of a domain
 * @VCKC_EVENT_CLOSED: the connection was closed or lost; the last event
 * @VCKC_EVENT_DISKS_CHANGED: the disks of a domain may not be what vckc_domain_list_disks() last
 *   said: it was defined anew with others, or refreshed
 * @VCKC_EVENT_DISKS_LISTED: a call of this connection has looked at all disks of a domain
 *
 * What happened.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_EVENT_DOMAIN_ADDED = 1,
  VCKC_EVENT_DOMAIN_REMOVED = 2,
  VCKC_EVENT_DOMAIN_STATE = 3,
  VCKC_EVENT_CHECKPOINT_ADDED = 4,
  VCKC_EVENT_CHECKPOINT_REMOVED = 5,
  VCKC_EVENT_CHECKPOINT_CHANGED = 6,
  VCKC_EVENT_CLOSED = 7,
  VCKC_EVENT_DOMAIN_RENAMED = 8,
  VCKC_EVENT_JOB_STARTED = 9,
  VCKC_EVENT_JOB_PROGRESS = 10,
  VCKC_EVENT_JOB_ENDED = 11,
  VCKC_EVENT_DOMAINS_LISTED = 12,
  VCKC_EVENT_CHECKPOINTS_LISTED = 13,
  VCKC_EVENT_CHECKPOINTS_MEASURED = 14,
  VCKC_EVENT_DISKS_CHANGED = 15,
  VCKC_EVENT_DISKS_LISTED = 16,
} VckcEventType;

/**
 * VckcEvent: (attributes bindgen.plumbing=1)
 * @type: what happened
 * @domain: (nullable): the domain it happened to; %NULL for
 *   %VCKC_EVENT_CLOSED and %VCKC_EVENT_DOMAINS_LISTED
 * @checkpoint: (nullable): the checkpoint it happened to; %NULL unless the event
 *   is about a checkpoint
 * @state: the new state, for %VCKC_EVENT_DOMAIN_STATE; the first one, if it is known, for
 *   %VCKC_EVENT_DOMAIN_ADDED; the reason, a #VckcCloseReason, for %VCKC_EVENT_CLOSED
 * @description: (nullable): its description now, for %VCKC_EVENT_CHECKPOINT_CHANGED
 * @parent_name: (nullable): the name of its parent now, for %VCKC_EVENT_CHECKPOINT_CHANGED
 * @parent: (nullable): its parent now, for %VCKC_EVENT_CHECKPOINT_CHANGED; %NULL for a root, and if
 *   libvirt has named the parent but not listed it yet
 * @creation_time: in seconds since 1970, for %VCKC_EVENT_CHECKPOINT_CHANGED
 * @job: (nullable): the backup as it is now, for %VCKC_EVENT_JOB_STARTED,
 *   %VCKC_EVENT_JOB_PROGRESS and %VCKC_EVENT_JOB_ENDED; else %NULL
 * @domains: (nullable): for %VCKC_EVENT_DOMAINS_LISTED all domains that there are, @n_listed of
 *   them, in the order of their names; else %NULL
 * @checkpoints: (nullable): for %VCKC_EVENT_CHECKPOINTS_LISTED all checkpoints of @domain that
 *   there are, @n_listed of them, by their time of creation and parents before their children where
 *   that is the same; else %NULL
 * @disks: (nullable): for %VCKC_EVENT_CHECKPOINTS_MEASURED what was found of the disks, @n_listed
 *   of them: all tracked ones of a checkpoint, and then those of the next; else %NULL
 * @measured_at: for %VCKC_EVENT_CHECKPOINTS_MEASURED when measuring began, in microseconds since
 *   1970
 * @domain_disks: (nullable): for %VCKC_EVENT_DISKS_LISTED all disks of @domain, @n_listed of them,
 *   in the order of its definition; else %NULL
 * @look: for %VCKC_EVENT_DISKS_LISTED when that was, see vckc_domain_disk_get_look()
 * @n_listed: how many domains, checkpoints or disks are listed
 *
 * One event. The event, its handles and its strings are valid until the callback returns; take a
 * reference to keep a handle. The handles refer to the incarnation of the domain or checkpoint
 * that the event is about, see vckc_domain_get_incarnation(), even if it no longer exists or a
 * newer one does.
 *
 * Since: 1.0
 */
typedef struct
{
  VckcEventType type;
  VckcDomain *domain;
  VckcDomainCheckpoint *checkpoint;
  int state;
  const char *description;
  const char *parent_name;
  VckcDomainCheckpoint *parent;
  int64_t creation_time;
  VckcJobInfo *job;
  VckcDomain *const *domains;
  VckcDomainCheckpoint *const *checkpoints;
  VckcDomainCheckpointDisk *const *disks;
  int64_t measured_at;
  VckcDomainDisk *const *domain_disks;
  uint64_t look;
  size_t n_listed;
} VckcEvent;

/**
 * VckcEventCallback: (attributes bindgen.plumbing=1)
 * @event: what happened
 * @opaque: what was passed to vckc_connect_subscribe()
 *
 * Called for every event of a connection, in the order in which they happened, in the thread that
 * made the change; two events are never delivered at the same time. No lock is held meanwhile,
 * but the callback should return at once: queue the event, do not act on it.
 *
 * Since: 1.0
 */
typedef void (*VckcEventCallback) (const VckcEvent *event, void *opaque);

/**
 * vckc_connect_subscribe: (attributes bindgen.plumbing=1)
 * @connect: a connection
 * @callback: (scope notified): what to call
 * @opaque: (closure callback): passed to @callback
 * @free_opaque: (destroy callback) (nullable): frees @opaque once @callback will not be called
 *   again
 * @err: return location for an error
 *
 * Subscribes to the events of a connection.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: a number greater than 0 for vckc_connect_unsubscribe(), or -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_subscribe (VckcConnect *connect,
                            VckcEventCallback callback,
                            void *opaque,
                            void (*free_opaque) (void *opaque),
                            VckcError **err);

/**
 * vckc_connect_unsubscribe: (attributes bindgen.plumbing=1)
 * @connect: a connection
 * @id: what vckc_connect_subscribe() returned
 * @err: return location for an error
 *
 * Unsubscribes. May be called from inside a callback. When it returns, the callback is not
 * running in another thread and will not be called again.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when there is no such subscription.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_unsubscribe (VckcConnect *connect, int id, VckcError **err);

/**
 * vckc_connect_announce_domains: (attributes bindgen.plumbing=1)
 * @connect: a connection
 * @err: return location for an error
 *
 * Notifies the subscribers of @connect of all domains that there are, with a
 * %VCKC_EVENT_DOMAINS_LISTED. It has its position in the order of all events: it lists each domain
 * that was added before it and not removed, and what happens later is notified after it. So a
 * subscriber that begins with it and follows the events knows the domains exactly. It is delivered
 * when this returns.
 *
 * A domain of `local:` that cannot be read is listed too.
 *
 * Fails as vckc_connect_list_all_domains() does.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_announce_domains (VckcConnect *connect, VckcError **err);

/**
 * vckc_domain_announce_checkpoints: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Notifies the subscribers of the connection of all checkpoints of @domain that there are, with
 * a %VCKC_EVENT_CHECKPOINTS_LISTED, as vckc_connect_announce_domains() does of domains. With
 * libvirt this reads all checkpoints again, as vckc_domain_refresh() does.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain, with %VCKC_ERROR_NO_CONNECT
 * when the connection is closed, with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, and
 * with %VCKC_ERROR_BUSY when with libvirt another call has held the domain for 30 seconds.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_announce_checkpoints (VckcDomain *domain, VckcError **err);

#ifdef __cplusplus
}
#endif
