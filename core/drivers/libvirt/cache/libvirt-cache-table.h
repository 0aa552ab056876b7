/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The table behind libvirt-cache: for each domain of a connection its checkpoints as they were when
 * libvirt last reported them. Only the files of this folder use it. Functions in `_locked` need the
 * mutex of the cache.
 */

#pragma once

#include "base/domain-lock.h"
#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/checkpoint-def.h"

/* A checkpoint that exists, as far as is known. */
typedef struct
{
  virDomainCheckpointPtr checkpoint; /* owned reference */
  VckcCheckpointDef *def;            /* (nullable), owned: NULL until read */
  guint64 incarnation;               /* the one that handles of it get */
  bool announced;                    /* subscribers know of it */
  guint depth;                       /* while sorting: the number of its ancestors, plus 1 */
} VckcCachedCheckpoint;

/* The checkpoints of one domain. */
typedef struct
{
  VckcDomainLock lock;     /* one change or refresh at a time */
  bool listed;             /* all checkpoints have been listed once */
  guint64 generation;      /* grows when Vck changes something, or finds a checkpoint deleted */
  guint64 incarnation;     /* the one that handles of the domain get */
  GHashTable *checkpoints; /* name -> VckcCachedCheckpoint; the name is the checkpoint's */
} VckcCachedDomain;

struct _VckcLibvirtCache
{
  VckcMutex mutex;     /* covers all below */
  VckcCond unlocked;   /* signalled when a domain lock is released */
  GHashTable *domains; /* UUID -> VckcCachedDomain; entries are never removed */
};

VckcLibvirtCache *vckc_libvirt_cache_new (void);
void vckc_libvirt_cache_free (VckcLibvirtCache *cache);

/* The cache of the domain's connection. */
VckcLibvirtCache *vckc_libvirt_get_cache (VckcDomain *domain);

/* Finds the entry of a domain, or adds one. */
VckcCachedDomain *vckc_libvirt_cache_get_domain_locked (VckcLibvirtCache *cache, const char *uuid);

/* NULL if it is not known. */
VckcCachedCheckpoint *vckc_cached_domain_find_locked (VckcCachedDomain *cached, const char *name);

/* Adds a checkpoint, or replaces the one of its name. */
VckcCachedCheckpoint *vckc_cached_domain_add_locked (VckcCachedDomain *cached,
                                                     virDomainCheckpointPtr checkpoint);

/* Removes a checkpoint that is there. */
void vckc_cached_domain_remove_locked (VckcCachedDomain *cached, const char *name);

/* Those that are not in the list, children first as far as they have been read; borrowed. */
GPtrArray *vckc_cached_domain_list_missing_locked (VckcCachedDomain *cached,
                                                   GPtrArray *checkpoints /* (nullable) */);
