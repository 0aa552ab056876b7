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
 * VckcCheckpointCreateFlags:
 * @VCKC_CHECKPOINT_CREATE_REDEFINE: restore the metadata of a checkpoint that exists in the disk
 *   images, instead of creating a new one. (libvirt: `VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE`)
 * @VCKC_CHECKPOINT_CREATE_QUIESCE: freeze the guest's file systems meanwhile,
 *   through the QEMU guest agent; excludes REDEFINE.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_CREATE_QUIESCE`)
 * @VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE: refuse to redefine when a bitmap is
 *   missing or broken; requires REDEFINE.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE`)
 *
 * How to create a checkpoint.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CHECKPOINT_CREATE_REDEFINE = 1 << 0,
  VCKC_CHECKPOINT_CREATE_QUIESCE = 1 << 1,
  VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE = 1 << 2,
} VckcCheckpointCreateFlags;

/**
 * VckcDiskPolicy:
 * @VCKC_DISK_POLICY_TRACKABLE: the disks that can be tracked
 * @VCKC_DISK_POLICY_LISTED: none
 * @VCKC_DISK_POLICY_ALL: all but empty and read-only disks; a checkpoint is refused if one of them
 *   cannot be tracked
 *
 * Which disks of a domain a new checkpoint tracks, of those that are not listed.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_DISK_POLICY_TRACKABLE = 0,
  VCKC_DISK_POLICY_LISTED = 1,
  VCKC_DISK_POLICY_ALL = 2,
} VckcDiskPolicy;

/**
 * VckcCheckpointXmlFlags:
 * @VCKC_CHECKPOINT_XML_SECURE: include secrets of the domain's description; refused
 *   on read-only connections. (libvirt: `VIR_DOMAIN_CHECKPOINT_XML_SECURE`)
 * @VCKC_CHECKPOINT_XML_NO_DOMAIN: leave out the description of the domain.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN`)
 * @VCKC_CHECKPOINT_XML_SIZE: measure how many bytes were written to each disk since the
 *   checkpoint; may be slow. (libvirt: `VIR_DOMAIN_CHECKPOINT_XML_SIZE`)
 *
 * What to include in the XML of a checkpoint.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CHECKPOINT_XML_SECURE = 1 << 0,
  VCKC_CHECKPOINT_XML_NO_DOMAIN = 1 << 1,
  VCKC_CHECKPOINT_XML_SIZE = 1 << 2,
} VckcCheckpointXmlFlags;

/**
 * VckcCheckpointListFlags:
 * @VCKC_CHECKPOINT_LIST_ROOTS: only checkpoints without a parent; for the checkpoints of a
 *   domain. (libvirt: `VIR_DOMAIN_CHECKPOINT_LIST_ROOTS`)
 * @VCKC_CHECKPOINT_LIST_DESCENDANTS: all descendants instead of only the children; for the
 *   children of a checkpoint. The same bit as ROOTS. (libvirt:
 *   `VIR_DOMAIN_CHECKPOINT_LIST_DESCENDANTS`)
 * @VCKC_CHECKPOINT_LIST_TOPOLOGICAL: parents come before their children.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL`)
 * @VCKC_CHECKPOINT_LIST_LEAVES: only checkpoints without children.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_LIST_LEAVES`)
 * @VCKC_CHECKPOINT_LIST_NO_LEAVES: only checkpoints with children.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_LIST_NO_LEAVES`)
 *
 * Which checkpoints to list. Every flag narrows the list, except DESCENDANTS,
 * which widens it, and TOPOLOGICAL, which orders it; LEAVES together with
 * NO_LEAVES therefore lists nothing.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CHECKPOINT_LIST_ROOTS = 1 << 0,
  VCKC_CHECKPOINT_LIST_DESCENDANTS = 1 << 0,
  VCKC_CHECKPOINT_LIST_TOPOLOGICAL = 1 << 1,
  VCKC_CHECKPOINT_LIST_LEAVES = 1 << 2,
  VCKC_CHECKPOINT_LIST_NO_LEAVES = 1 << 3,
} VckcCheckpointListFlags;

/**
 * VckcCheckpointDeleteFlags:
 * @VCKC_CHECKPOINT_DELETE_CHILDREN: delete all descendants too.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN`)
 * @VCKC_CHECKPOINT_DELETE_METADATA_ONLY: remove the metadata of the checkpoint but leave its
 *   bitmaps in the disk images. (libvirt: `VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY`)
 * @VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY: delete all descendants but keep the
 *   checkpoint itself; excludes CHILDREN.
 *   (libvirt: `VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN_ONLY`)
 *
 * How to delete a checkpoint.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CHECKPOINT_DELETE_CHILDREN = 1 << 0,
  VCKC_CHECKPOINT_DELETE_METADATA_ONLY = 1 << 1,
  VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY = 1 << 2,
} VckcCheckpointDeleteFlags;

/**
 * VckcCheckpointState:
 * @VCKC_CHECKPOINT_STATE_UNTRACKED: the checkpoint does not track the disk; only of a disk
 * @VCKC_CHECKPOINT_STATE_UNKNOWN: not examined, or the disk cannot be examined now
 * @VCKC_CHECKPOINT_STATE_READY: an incremental backup can be made from it
 * @VCKC_CHECKPOINT_STATE_BUSY: a job, such as a backup, holds the bitmap; not a fault
 * @VCKC_CHECKPOINT_STATE_RESIZED: the disk has another size than when the checkpoint was
 *   made; the next backup should be a full one
 * @VCKC_CHECKPOINT_STATE_NOT_RECORDING: the bitmap was switched off and misses writes
 * @VCKC_CHECKPOINT_STATE_REPLACED: the image or the bitmap is not that of the checkpoint
 * @VCKC_CHECKPOINT_STATE_INCONSISTENT: the bitmap was in use when its writer died
 * @VCKC_CHECKPOINT_STATE_MISSING: the bitmap is not in the image
 * @VCKC_CHECKPOINT_STATE_GONE: the disk is no longer part of the domain
 *
 * Whether a checkpoint, or its bitmap of one disk, can be used. The greater the value, the worse
 * the state.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CHECKPOINT_STATE_UNTRACKED = -1,
  VCKC_CHECKPOINT_STATE_UNKNOWN = 0,
  VCKC_CHECKPOINT_STATE_READY = 1,
  VCKC_CHECKPOINT_STATE_BUSY = 2,
  VCKC_CHECKPOINT_STATE_RESIZED = 3,
  VCKC_CHECKPOINT_STATE_NOT_RECORDING = 4,
  VCKC_CHECKPOINT_STATE_REPLACED = 5,
  VCKC_CHECKPOINT_STATE_INCONSISTENT = 6,
  VCKC_CHECKPOINT_STATE_MISSING = 7,
  VCKC_CHECKPOINT_STATE_GONE = 8,
} VckcCheckpointState;

/**
 * vckc_domain_checkpoint_create_xml: (attributes bindgen.name=create_checkpoint_xml)
 * @domain: a domain
 * @xml_desc: a `<domaincheckpoint>` document
 * @flags: (type VckcCheckpointCreateFlags): how to create it
 * @err: return location for an error
 *
 * Creates a checkpoint: from now on the blocks written to the domain's disks are tracked in a
 * dirty bitmap per disk, all started at the same point in time. The new checkpoint becomes the
 * child of the current one, and the current one itself.
 *
 * In @xml_desc, `<name>` may be left out for a unique, sortable name, and `<disks>` to track
 * every disk that is neither empty nor read-only. `<parent>`, `<creationTime>` and `<domain>` are
 * used only with %VCKC_CHECKPOINT_CREATE_REDEFINE.
 *
 * A checkpoint is the base of incremental backups; it is useful only with a backup that is made
 * at the same point in time.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags contradict each other or the parent does not exist, with %VCKC_ERROR_XML_ERROR or
 * %VCKC_ERROR_XML_INVALID_SCHEMA when @xml_desc cannot be understood, with
 * %VCKC_ERROR_CONFIG_UNSUPPORTED when a disk cannot be tracked or none would be, with
 * %VCKC_ERROR_CHECKPOINT_EXISTS when the name is taken, with %VCKC_ERROR_CHECKPOINT_INCONSISTENT
 * when validation finds a bitmap missing or broken, with %VCKC_ERROR_BUSY when another operation
 * or another program holds the domain or an image, and with %VCKC_ERROR_NO_DOMAIN when the domain
 * no longer exists. It fails with %VCKC_ERROR_OPERATION_INVALID when the domain is being saved or
 * migrated, so that no bitmap would be stored. %VCKC_CHECKPOINT_CREATE_QUIESCE fails with
 * %VCKC_ERROR_OPERATION_INVALID when the domain is not running, and with
 * %VCKC_ERROR_OPERATION_UNSUPPORTED when no guest agent of it is known. On failure, nothing is
 * changed.
 *
 * Returns: (transfer full): the checkpoint
 *
 * Since: 1.0
 */
VckcDomainCheckpoint *vckc_domain_checkpoint_create_xml (VckcDomain *domain,
                                                         const char *xml_desc,
                                                         unsigned int flags,
                                                         VckcError **err);

/**
 * vckc_domain_checkpoint_lookup_by_name: (attributes bindgen.name=lookup_checkpoint)
 * @domain: a domain
 * @name: the name of the checkpoint
 * @flags: (attributes bindgen.fixed=0): must be 0
 * @err: return location for an error
 *
 * Finds a checkpoint of the domain by its name.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when there is none of that name, and with
 * %VCKC_ERROR_NO_DOMAIN when the domain no longer exists.
 *
 * Returns: (transfer full): the checkpoint
 *
 * Since: 1.0
 */
VckcDomainCheckpoint *vckc_domain_checkpoint_lookup_by_name (VckcDomain *domain,
                                                             const char *name,
                                                             unsigned int flags,
                                                             VckcError **err);

/**
 * vckc_domain_list_all_checkpoints: (attributes bindgen.name=list_checkpoints bindgen.return=count)
 * @domain: a domain
 * @ret_checkpoints: (out) (optional) (array zero-terminated=1) (transfer full): return
 *   location for the checkpoints
 * @flags: (type VckcCheckpointListFlags): which checkpoints to list, and in which
 *   order; 0 for all in no particular order
 * @err: return location for an error
 *
 * Lists the checkpoints of the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, and with %VCKC_ERROR_NO_DOMAIN when
 * the domain no longer exists.
 *
 * Returns: how many checkpoints there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_list_all_checkpoints (VckcDomain *domain,
                                      VckcDomainCheckpoint ***ret_checkpoints,
                                      unsigned int flags,
                                      VckcError **err);

/**
 * vckc_domain_checkpoint_ref: (attributes bindgen.plumbing=1)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_domain_checkpoint_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_ref (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_unref: (attributes bindgen.plumbing=1)
 * @checkpoint: (transfer full): a checkpoint
 * @err: return location for an error
 *
 * Drops a reference. The checkpoint itself is not changed.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is %NULL or not a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_unref (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_name: (attributes bindgen.local=1)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the name of the checkpoint, which is unique in its domain. Works for
 * checkpoints that no longer exist.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: (transfer none): the name, which lives as long as @checkpoint
 *
 * Since: 1.0
 */
const char *vckc_domain_checkpoint_get_name (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_incarnation: (attributes bindgen.plumbing=1)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the incarnation of the checkpoint that the handle refers to, as of the call that returned
 * the handle. A checkpoint that is deleted and created again under the same name gets a new
 * number; one that is redefined keeps its number. Calls on a handle of an earlier incarnation
 * fail with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT. Numbers are valid in this process only, and are
 * unique among its checkpoints and domains.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: the number, or 0 on failure and if it is not known
 *
 * Since: 1.0
 */
uint64_t vckc_domain_checkpoint_get_incarnation (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_domain: (attributes bindgen.hand=vck_checkpoint_get_domain)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the domain that the checkpoint belongs to: the same handle that the checkpoint was
 * obtained from.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: (transfer none): the domain, which lives as long as @checkpoint
 *
 * Since: 1.0
 */
VckcDomain *vckc_domain_checkpoint_get_domain (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_connect: (attributes bindgen.hand=vck_checkpoint_get_connection)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the connection that the checkpoint belongs to.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: (transfer none): the connection, which lives as long as @checkpoint
 *
 * Since: 1.0
 */
VckcConnect *vckc_domain_checkpoint_get_connect (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_xml_desc:
 * @checkpoint: a checkpoint
 * @flags: (type VckcCheckpointXmlFlags): what to include
 * @err: return location for an error
 *
 * Gets the XML of the checkpoint as a `<domaincheckpoint>` document.
 *
 * With %VCKC_CHECKPOINT_XML_SIZE each tracked disk has the attribute `size`: the number of bytes
 * written since the checkpoint, rounded up to the granularity of the bitmap, unless its bitmap is
 * missing or broken. For a running domain it is an estimate.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED when secrets are requested on a read-only connection,
 * with %VCKC_ERROR_INVALID_ARG when @flags are unknown, with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT
 * when the checkpoint no longer exists, and, if sizes are requested, with %VCKC_ERROR_BUSY when
 * an image to be measured is held by another program or the domain by another operation, and with
 * %VCKC_ERROR_OPERATION_INVALID when a domain of libvirt is off.
 *
 * Returns: (transfer full): the XML, in UTF-8, ending in a newline
 *
 * Since: 1.0
 */
char *vckc_domain_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                           unsigned int flags,
                                           VckcError **err);

/**
 * vckc_domain_checkpoint_get_parent: (attributes bindgen.name=query_parent)
 * @checkpoint: a checkpoint
 * @flags: (attributes bindgen.fixed=0): must be 0
 * @err: return location for an error
 *
 * Gets the parent: the checkpoint that was created before this one.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint has no parent or no longer
 * exists.
 *
 * Returns: (transfer full): the parent
 *
 * Since: 1.0
 */
VckcDomainCheckpoint *vckc_domain_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                                         unsigned int flags,
                                                         VckcError **err);

/**
 * vckc_domain_checkpoint_list_all_children: (attributes bindgen.name=list_children bindgen.return=count)
 * @checkpoint: a checkpoint
 * @ret_children: (out) (optional) (array zero-terminated=1) (transfer full): return
 *   location for the checkpoints
 * @flags: (type VckcCheckpointListFlags): which checkpoints to list, and in which
 *   order; 0 for all children in no particular order
 * @err: return location for an error
 *
 * Lists the children of the checkpoint.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, and with
 * %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: how many checkpoints there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                              VckcDomainCheckpoint ***ret_children,
                                              unsigned int flags,
                                              VckcError **err);

/**
 * vckc_domain_checkpoint_delete: (attributes bindgen.return=status)
 * @checkpoint: a checkpoint
 * @flags: (type VckcCheckpointDeleteFlags): what to delete
 * @err: return location for an error
 *
 * Deletes the checkpoint. Its children become children of its parent. Every checkpoint has
 * bitmaps of its own, so those of the others are not changed.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags contradict each other, with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no
 * longer exists, with %VCKC_ERROR_CHECKPOINT_INCONSISTENT when a bitmap to be removed is missing
 * (then %VCKC_CHECKPOINT_DELETE_METADATA_ONLY still works), and with %VCKC_ERROR_BUSY when
 * another operation or another program holds the domain or an image. On failure, nothing is
 * changed.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                   unsigned int flags,
                                   VckcError **err);

/**
 * vckc_domain_checkpoint_get_description: (attributes bindgen.hand=vck_checkpoint_get_description)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the description given when the checkpoint was created.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: (transfer full) (nullable): the description, or %NULL if there is none
 *
 * Since: 1.0
 */
char *vckc_domain_checkpoint_get_description (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_creation_time: (attributes bindgen.hand=vck_checkpoint_get_creation_time)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets when the checkpoint was created.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: seconds since 1970-01-01 00:00 UTC, at least 1, or -1 on failure
 *
 * Since: 1.0
 */
int64_t vckc_domain_checkpoint_get_creation_time (VckcDomainCheckpoint *checkpoint,
                                                  VckcError **err);

/**
 * vckc_domain_checkpoint_get_parent_name: (attributes bindgen.hand=vck_checkpoint_get_parent_name)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets the name of the parent.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: (transfer full) (nullable): the name, or %NULL if the checkpoint is a
 *   root
 *
 * Since: 1.0
 */
char *vckc_domain_checkpoint_get_parent_name (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_uuid: (attributes bindgen.hand=vck_checkpoint_get_uuid)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets what sets the checkpoint apart from others that had or will have its name. It stays when the
 * checkpoint is redefined. libvirt has nothing like it.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: (transfer full) (nullable): 36 characters in lower case, or %NULL if the driver has none
 *
 * Since: 1.0
 */
char *vckc_domain_checkpoint_get_uuid (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_owner: (attributes bindgen.local=1)
 * @checkpoint: a checkpoint
 * @err: return location for an error
 *
 * Gets for which repository the checkpoint was made, which is known by its name: a repository makes
 * one with each of its backups, and deletes those that it needs no longer. Works for checkpoints
 * that no longer exist.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT when @checkpoint is not a
 * checkpoint.
 *
 * Returns: (transfer full) (nullable): the first eight characters of the UUID of the repository, or
 *   %NULL if the checkpoint was not made for one
 *
 * Since: 1.0
 */
char *vckc_domain_checkpoint_get_owner (VckcDomainCheckpoint *checkpoint, VckcError **err);

/**
 * vckc_domain_checkpoint_get_details: (attributes bindgen.plumbing=1)
 * @checkpoint: a checkpoint
 * @ret_description: (out) (optional) (nullable) (transfer full): return location for the
 *   description, or %NULL if it has none
 * @ret_parent_name: (out) (optional) (nullable) (transfer full): return location for the name of
 *   the parent, or %NULL if the checkpoint is a root
 * @ret_parent: (out) (optional) (nullable) (transfer full): return location for the parent, or
 *   %NULL if the checkpoint is a root, and if libvirt has named the parent but cannot list it
 * @ret_creation_time: (out) (optional): return location for the creation time, in seconds since
 *   1970 in UTC
 * @ret_uuid: (out) (optional) (nullable) (transfer full): return location for the UUID, or %NULL if
 *   the driver has none
 * @err: return location for an error
 *
 * Gets the description, the parent, the creation time and the UUID as they are at one moment.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint no longer exists.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                        char **ret_description,
                                        char **ret_parent_name,
                                        VckcDomainCheckpoint **ret_parent,
                                        int64_t *ret_creation_time,
                                        char **ret_uuid,
                                        VckcError **err);

/**
 * vckc_domain_checkpoint_list_disks: (attributes bindgen.return=count)
 * @checkpoint: a checkpoint
 * @ret_disks: (out) (optional) (array zero-terminated=1) (transfer full): return
 *   location for the disks, in the order of the domain's definition
 * @flags: (type VckcCheckpointXmlFlags): %VCKC_CHECKPOINT_XML_SIZE to measure the
 *   disks and find out their state; the others of the type make no difference
 * @err: return location for an error
 *
 * Lists what the checkpoint does with each disk of the domain, without XML.
 *
 * Fails as vckc_domain_checkpoint_get_xml_desc() does.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                       VckcDomainCheckpointDisk ***ret_disks,
                                       unsigned int flags,
                                       VckcError **err);

/**
 * vckc_domain_measure_checkpoints: (attributes bindgen.return=count)
 * @domain: a domain
 * @ret_disks: (out) (array zero-terminated=1) (transfer full): return location for the disks
 *   that are tracked, of one checkpoint after the other, parents first
 * @err: return location for an error
 *
 * Measures all checkpoints of the domain at once: how much was written since each of them, and in
 * which state it is. With `local:` it opens the images once, whatever the number of checkpoints.
 * Each disk has what vckc_domain_checkpoint_list_disks() reports, and the name of its checkpoint:
 * see vckc_domain_checkpoint_disk_get_checkpoint(). A disk that cannot be examined has the state
 * %VCKC_CHECKPOINT_STATE_UNKNOWN and no size; the others are still measured.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_BUSY when
 * an image is held by another program or the domain by another operation, and with
 * %VCKC_ERROR_OPERATION_INVALID when a domain of libvirt is off, or the domain is being saved or
 * migrated.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_measure_checkpoints (VckcDomain *domain,
                                     VckcDomainCheckpointDisk ***ret_disks,
                                     VckcError **err);

/**
 * vckc_domain_checkpoint_get_state: (attributes bindgen.name=query_state bindgen.return=status)
 * @checkpoint: a checkpoint
 * @ret_state: (out): return location for the worst state of its disks; if none has a fault but
 *   one could not be examined, %VCKC_CHECKPOINT_STATE_UNKNOWN
 * @err: return location for an error
 *
 * Finds out whether an incremental backup can be made from the checkpoint. A fault of one of its
 * disks, which is %VCKC_CHECKPOINT_STATE_NOT_RECORDING or worse, is reported even if another disk
 * cannot be examined; without a fault, a disk that cannot be examined makes the result
 * %VCKC_CHECKPOINT_STATE_UNKNOWN, and vckc_domain_verify_checkpoints() reports the cause.
 *
 * Fails as vckc_domain_checkpoint_get_xml_desc() does.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_get_state (VckcDomainCheckpoint *checkpoint,
                                      VckcCheckpointState *ret_state,
                                      VckcError **err);

/**
 * vckc_domain_checkpoint_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_domain_checkpoint_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_disk_ref (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): a disk of a checkpoint
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not a disk of a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_disk_unref (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_checkpoint: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets the name of the checkpoint.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: (transfer none): the name, which lives as long as @disk
 *
 * Since: 1.0
 */
const char *vckc_domain_checkpoint_disk_get_checkpoint (VckcDomainCheckpointDisk *disk,
                                                        VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_name: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets the name of the disk inside the domain, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: (transfer none): the name, which lives as long as @disk
 *
 * Since: 1.0
 */
const char *vckc_domain_checkpoint_disk_get_name (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_is_tracked: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets whether the checkpoint tracks this disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_domain_checkpoint_disk_is_tracked (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_bitmap: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets the name of the dirty bitmap in the disk's image.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if the disk is not
 *   tracked
 *
 * Since: 1.0
 */
const char *vckc_domain_checkpoint_disk_get_bitmap (VckcDomainCheckpointDisk *disk,
                                                    VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_size: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets the number of bytes written to the disk since the checkpoint, rounded up to the
 * granularity of the bitmap.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: a size in bytes, or -1 if it was not requested, the disk is not tracked, or its bitmap
 * is missing or broken
 *
 * Since: 1.0
 */
int64_t vckc_domain_checkpoint_disk_get_size (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_state: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets whether the bitmap of the disk can be used.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: the state, or %VCKC_CHECKPOINT_STATE_UNKNOWN if it was not requested: see
 * vckc_domain_checkpoint_list_disks(); %VCKC_CHECKPOINT_STATE_UNTRACKED of a disk that is not
 * tracked, requested or not
 *
 * Since: 1.0
 */
VckcCheckpointState vckc_domain_checkpoint_disk_get_state (VckcDomainCheckpointDisk *disk,
                                                           VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_capacity: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets how large the disk was when the checkpoint was made or last redefined. If it has another
 * size now, measuring finds it %VCKC_CHECKPOINT_STATE_RESIZED.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: a size in bytes, or -1 if the disk is not tracked or it is not known, as with libvirt
 *
 * Since: 1.0
 */
int64_t vckc_domain_checkpoint_disk_get_capacity (VckcDomainCheckpointDisk *disk, VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_granularity: (attributes bindgen.local=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets how many bytes of the disk one bit of the bitmap stands for.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: a number of bytes, a power of two, or -1 if the disk is not tracked or it is not known,
 *   as with libvirt
 *
 * Since: 1.0
 */
int64_t vckc_domain_checkpoint_disk_get_granularity (VckcDomainCheckpointDisk *disk,
                                                     VckcError **err);

/**
 * vckc_domain_checkpoint_disk_get_incarnation: (attributes bindgen.plumbing=1)
 * @disk: a disk of a checkpoint
 * @err: return location for an error
 *
 * Gets the incarnation of the checkpoint: see vckc_domain_checkpoint_get_incarnation().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a checkpoint.
 *
 * Returns: the number, or 0 on failure and if it is not known
 *
 * Since: 1.0
 */
uint64_t vckc_domain_checkpoint_disk_get_incarnation (VckcDomainCheckpointDisk *disk,
                                                      VckcError **err);

/**
 * vckc_checkpoint_disks_sum_up: (attributes bindgen.plumbing=1)
 * @disks: (array length=n_disks): disks of one checkpoint
 * @n_disks: how many there are
 * @ret_size: (out) (optional): return location for how much was written to all tracked disks since
 *   the checkpoint, in bytes; -1 if that is not known of one of them, or there is none
 * @ret_state: (out) (optional): return location for the state of the checkpoint: see
 *   vckc_domain_checkpoint_get_state()
 * @err: return location for an error
 *
 * Sums up what was found of the disks of a checkpoint.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when one of @disks is not a disk of a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_disks_sum_up (VckcDomainCheckpointDisk *const *disks,
                                  size_t n_disks,
                                  int64_t *ret_size,
                                  VckcCheckpointState *ret_state,
                                  VckcError **err);

#ifdef __cplusplus
}
#endif
