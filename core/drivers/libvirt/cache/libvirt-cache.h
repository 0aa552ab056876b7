/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a connection knows of the checkpoints of each domain. libvirt has no event for
 * checkpoints, so what is known is compared with what is there whenever all of them are listed,
 * and subscribers are told of the difference: exactly once, whoever made the change.
 *
 * What is read of a checkpoint is kept until we change it or a refresh reads it again. The first
 * question about one that was listed reads all that were listed with it, several at a time.
 *
 * Our own changes and refreshes of one domain take turns. No lock is held while libvirt is waited
 * for, only the domain lock.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/checkpoint-def.h"

VckcLibvirtCache *vckc_libvirt_cache_new (void);
void vckc_libvirt_cache_free (VckcLibvirtCache *cache);

/* Waits until no other call changes the checkpoints of the domain: CANCELLED, or BUSY after 30 seconds. */
bool vckc_libvirt_domain_lock (VckcDomain *domain, VckcError **err);
void vckc_libvirt_domain_unlock (VckcDomain *domain);

/* A number that changes when we change something: to be read before a list is asked for. */
guint64 vckc_libvirt_cache_get_generation (VckcDomain *domain);

/* Is it still the domain that the handle was made for, as far as is known? Else sets NO_DOMAIN. */
bool vckc_libvirt_cache_check_domain (VckcDomain *domain, VckcError **err);

/* The number of the life of a domain that is known, see vckc_domain_get_incarnation(). */
guint64 vckc_libvirt_cache_get_incarnation (VckcConnect *connect, const char *uuid);

/* A handle for what libvirt gave, which stands for the life of the domain that is known. */
VckcDomain *vckc_libvirt_domain_new (VckcConnect *connect,
                                     virDomainPtr domain /* (transfer full) */);

/* What an answer of libvirt is. */
typedef enum
{
  VCKC_LIBVIRT_ANSWER_PLAIN = 0,
  VCKC_LIBVIRT_ANSWER_COMPLETE = 1, /* these are all that there are */
  VCKC_LIBVIRT_ANSWER_FINAL = 2,    /* it is not asked for again */
} VckcLibvirtAnswer;

/* Handles for what libvirt answered, which was asked at that generation. NULL if something was
 * changed since: then it is not certain whether what it names is what goes by that name now, and it
 * has to be asked again; one that is final is taken as if it came just now. If the answer is
 * complete, tells what is not as it was known. */
GPtrArray *vckc_libvirt_cache_wrap (VckcDomain *domain,
                                    guint64 generation,
                                    GPtrArray *checkpoints, /* of virDomainCheckpointPtr */
                                    VckcLibvirtAnswer answer);

/* The same for one. */
VckcDomainCheckpoint *vckc_libvirt_cache_wrap_one (VckcDomain *domain,
                                                   guint64 generation,
                                                   virDomainCheckpointPtr checkpoint,
                                                   VckcLibvirtAnswer answer);

/* Is it still the checkpoint that the handle was made for, as far as is known? Else sets
 * NO_DOMAIN_CHECKPOINT. */
bool vckc_libvirt_cache_check_checkpoint (VckcDomainCheckpoint *checkpoint, VckcError **err);

/* What is known of a checkpoint. The copy is the caller's. */
VckcCheckpointDef *vckc_libvirt_cache_get_def (VckcDomainCheckpoint *checkpoint, VckcError **err);

/* With the domain lock. We made a checkpoint; or, if it was there before, made it another one. */
void vckc_libvirt_cache_add (VckcDomain *domain,
                             virDomainCheckpointPtr checkpoint,
                             VckcCheckpointDef *def /* (transfer full) */,
                             bool was_there);

/* With the domain lock. We deleted a checkpoint. */
void vckc_libvirt_cache_remove (VckcDomain *domain, virDomainCheckpointPtr checkpoint);

/* Lists and reads all that there is, and tells of what is not as it was known. */
bool vckc_libvirt_cache_refresh (VckcDomain *domain, VckcError **err);

/* The domain is gone, and its checkpoints with it; what comes by its UUID later is another one. Without
 * effect if that is known of the domain that the handle stands for. */
void vckc_libvirt_cache_forget_domain (VckcDomain *domain);

/* We undefined it. One that still runs is there until it stops. */
void vckc_libvirt_cache_domain_undefined (VckcDomain *domain);
