/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * One connection to libvirt: what is behind the handles of its connection, domains and
 * checkpoints. A handle's own driver_data is libvirt's pointer for the same thing, so that a
 * call of ours is a call of libvirt's.
 */

#pragma once

#include <libvirt/libvirt.h>

#include "base/lock.h"
#include "handles/handles.h"

typedef struct _VckcLibvirtDomainStates VckcLibvirtDomainStates;
typedef struct _VckcLibvirtCache VckcLibvirtCache;

typedef struct
{
  gint ref_count;          /* atomic: the handle's, and one for each thread and callback */
  virConnectPtr conn;      /* owned reference; immutable */
  bool has_bitmaps;        /* does libvirt's driver keep bitmaps in images? immutable */
  gint has_close_callback; /* atomic: libvirt's close callback has a reference */
  VckcLibvirtCache *cache; /* owned; has a lock of its own: what is known of checkpoints */

  VckcCond changed;                /* when the connection is closed, or what a thread waits for */
  VckcMutex mutex;                 /* covers all below */
  VckcConnect *connect;            /* borrowed; NULL once it dies */
  VckcLibvirtDomainStates *states; /* (nullable), owned: NULL until there is a subscriber */
  GHashTable *backups;             /* owned: UUID of a domain -> VckcLibvirtBackup */
  GQueue queued_events;            /* that came before the domains were listed */
  bool watching;                   /* there is a subscriber */
  int event_id;                    /* of libvirt's life-cycle events; -1 for none */
  guint n_threads;                 /* that work for it */
  GThread *left_thread;            /* (nullable), owned: the last one that left, to be joined */
} VckcLibvirtConnection;

VckcLibvirtConnection *vckc_libvirt_get_connection (VckcConnect *connect);
VckcLibvirtConnection *vckc_libvirt_connection_ref (VckcLibvirtConnection *connection);
void vckc_libvirt_connection_unref (void *connection);

/* The handle of the connection, with a reference; NULL if it is being freed. */
VckcConnect *vckc_libvirt_connection_ref_connect (VckcLibvirtConnection *connection);

/* libvirt's pointer for a handle, borrowed. */
virDomainPtr vckc_libvirt_get_domain (VckcDomain *domain);
virDomainCheckpointPtr vckc_libvirt_get_checkpoint (VckcDomainCheckpoint *checkpoint);

/* A handle for what libvirt gave. */
VckcDomainCheckpoint *
vckc_libvirt_checkpoint_new (VckcDomain *domain,
                             virDomainCheckpointPtr checkpoint /* (transfer full) */);

void vckc_libvirt_domain_free (VckcDomain *domain);
void vckc_libvirt_checkpoint_free (VckcDomainCheckpoint *checkpoint);

/* For arrays of virDomainCheckpointPtr. */
static inline void
vckc_libvirt_checkpoint_ptr_destroy (gpointer checkpoint)
{
  virDomainCheckpointFree (checkpoint);
}

static inline void
vckc_libvirt_domain_ptr_free (virDomainPtr *domain)
{
  if (*domain != NULL)
    virDomainFree (*domain);
}

static inline void
vckc_libvirt_checkpoint_ptr_free (virDomainCheckpointPtr *checkpoint)
{
  if (*checkpoint != NULL)
    virDomainCheckpointFree (*checkpoint);
}

/* Variables that free libvirt's pointers. */
#define VCKC_AUTO_DOMAIN __attribute__ ((cleanup (vckc_libvirt_domain_ptr_free))) virDomainPtr
#define VCKC_AUTO_CHECKPOINT                                                                       \
  __attribute__ ((cleanup (vckc_libvirt_checkpoint_ptr_free))) virDomainCheckpointPtr
