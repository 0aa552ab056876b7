/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The checkpoints of each domain as libvirt last reported them. libvirt has no event for
 * checkpoints: whenever all of a domain are listed, the list is compared with the cache, and
 * subscribers are notified of the differences.
 *
 * What is read of a checkpoint is kept until Vck changes it or a refresh reads it again. The first
 * question about a listed checkpoint reads all that were listed with it, several at a time.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/checkpoint-def.h"

/* A handle of the domain's present incarnation. */
VckcDomain *vckc_libvirt_domain_new (VckcConnect *connect,
                                     virDomainPtr domain /* (transfer full) */);

/* The incarnation that new handles of the domain get, see vckc_domain_get_incarnation(). */
guint64 vckc_libvirt_cache_get_incarnation (VckcConnect *connect, const char *uuid);

/* NO_DOMAIN if the domain that the handle was made for is known not to exist any more. */
bool vckc_libvirt_cache_check_domain (VckcDomain *domain, VckcError **err);

/* NO_DOMAIN_CHECKPOINT if the checkpoint that the handle was made for is known not to exist any
 * more. */
bool vckc_libvirt_cache_check_checkpoint (VckcDomainCheckpoint *checkpoint, VckcError **err);

/* A number that changes when Vck changes something; to be read before libvirt is asked. */
guint64 vckc_libvirt_cache_get_generation (VckcDomain *domain);

/* What a reply of libvirt is. */
typedef enum
{
  VCKC_LIBVIRT_REPLY_PLAIN = 0,
  VCKC_LIBVIRT_REPLY_COMPLETE = 1, /* it lists all checkpoints of the domain */
  VCKC_LIBVIRT_REPLY_FINAL = 2,    /* libvirt will not be asked again */
} VckcLibvirtReply;

/* Makes handles for what libvirt replied when it was asked at that generation. NULL if something
 * has changed since, and libvirt must be asked again: a name of the reply may belong to another
 * checkpoint now. A final reply is taken as if it came just now. A complete one updates the
 * cache. */
GPtrArray *vckc_libvirt_cache_wrap (VckcDomain *domain,
                                    guint64 generation,
                                    GPtrArray *checkpoints, /* of virDomainCheckpointPtr */
                                    VckcLibvirtReply reply);

/* The same for a single checkpoint. */
VckcDomainCheckpoint *vckc_libvirt_cache_wrap_one (VckcDomain *domain,
                                                   guint64 generation,
                                                   virDomainCheckpointPtr checkpoint,
                                                   VckcLibvirtReply reply);

/* A copy of what is known of a checkpoint, which is read from libvirt if necessary. */
VckcCheckpointDef *vckc_libvirt_cache_get_def (VckcDomainCheckpoint *checkpoint, VckcError **err);

/* A handle of the checkpoint that has been read and is called so, or NULL. Does not ask libvirt. */
VckcDomainCheckpoint *vckc_libvirt_cache_find_read (VckcDomain *domain, const char *name);

/* Reads all checkpoints of the domain again and notifies of the differences. With the domain lock
 * held. */
bool vckc_libvirt_cache_reload (VckcDomain *domain, VckcError **err);
