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
 * for, only the turn.
 */

#pragma once

#include "../../managed/checkpoint-def.h"
#include "libvirt-connection.h"

VckcLibvirtViews *vckc_libvirt_views_new (void);
void vckc_libvirt_views_free (VckcLibvirtViews *views);

/* Waits for our turn to change the checkpoints of a domain: CANCELLED, or BUSY after 30 seconds. */
bool vckc_libvirt_view_begin (VckcDomain *domain, VckcError **err);
void vckc_libvirt_view_end (VckcDomain *domain);

/* A number that changes when we change something: to be read before a list is asked for. */
guint64 vckc_libvirt_view_generation (VckcDomain *domain);

/* All checkpoints that there are, as was listed at that generation: without effect if we changed
 * something since. */
void vckc_libvirt_view_listed (VckcDomain *domain,
                               guint64     generation,
                               GPtrArray  *checkpoints /* of virDomainCheckpointPtr */);

/* What is known of a checkpoint. The copy is the caller's. */
VckcCheckpointDef *vckc_libvirt_view_get (VckcDomainCheckpoint *checkpoint, VckcError **err);

/* With the turn. We made a checkpoint; or, if it was there before, made it another one. */
void vckc_libvirt_view_made (VckcDomain            *domain,
                             virDomainCheckpointPtr checkpoint,
                             VckcCheckpointDef     *def /* (transfer full) */,
                             bool                   was_there);

/* With the turn. We deleted a checkpoint. */
void vckc_libvirt_view_deleted (VckcDomain *domain, virDomainCheckpointPtr checkpoint);

/* Lists and reads all that there is, and tells of what is not as it was known. */
bool vckc_libvirt_view_refresh (VckcDomain *domain, VckcError **err);

/* The domain is gone, and its checkpoints with it. */
void vckc_libvirt_view_forget (VckcDomain *domain);

/* All checkpoints of a domain, in an array that frees them. flags: of
 * virDomainListAllCheckpoints() */
GPtrArray *vckc_libvirt_list_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err);

/* What libvirt says of a checkpoint now. flags: of virDomainCheckpointGetXMLDesc() */
VckcCheckpointDef *vckc_libvirt_read_checkpoint (virDomainCheckpointPtr checkpoint,
                                                 unsigned int           flags,
                                                 VckcError            **err);

/* The same of several, some at a time: an array of VckcCheckpointDef. NULL in it for those that
 * vanished meanwhile; other failures fail all. */
GPtrArray *vckc_libvirt_read_checkpoints (GPtrArray   *checkpoints, /* of virDomainCheckpointPtr */
                                          unsigned int flags,
                                          VckcError  **err);
