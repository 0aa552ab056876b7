/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcDomainState:
 * @VCKC_DOMAIN_STATE_NOSTATE: not known
 * @VCKC_DOMAIN_STATE_RUNNING: the guest runs
 * @VCKC_DOMAIN_STATE_BLOCKED: the guest waits for a resource
 * @VCKC_DOMAIN_STATE_PAUSED: the guest is paused
 * @VCKC_DOMAIN_STATE_SHUTDOWN: the guest is shutting down
 * @VCKC_DOMAIN_STATE_SHUTOFF: the domain is off
 * @VCKC_DOMAIN_STATE_CRASHED: the guest crashed
 * @VCKC_DOMAIN_STATE_PMSUSPENDED: the guest suspended itself
 *
 * The state of a domain. The values are those of libvirt's `virDomainState`.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_DOMAIN_STATE_NOSTATE = 0,
  VCKC_DOMAIN_STATE_RUNNING = 1,
  VCKC_DOMAIN_STATE_BLOCKED = 2,
  VCKC_DOMAIN_STATE_PAUSED = 3,
  VCKC_DOMAIN_STATE_SHUTDOWN = 4,
  VCKC_DOMAIN_STATE_SHUTOFF = 5,
  VCKC_DOMAIN_STATE_CRASHED = 6,
  VCKC_DOMAIN_STATE_PMSUSPENDED = 7,
} VckcDomainState;

/**
 * VckcDomainXmlFlags:
 * @VCKC_DOMAIN_XML_SECURE: include secrets such as console passwords; refused on
 *   read-only connections. (libvirt: `VIR_DOMAIN_XML_SECURE`)
 *
 * What to include in the XML of a domain.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_DOMAIN_XML_SECURE = 1 << 0,
} VckcDomainXmlFlags;

/**
 * VckcDomainUndefineFlags:
 * @VCKC_DOMAIN_UNDEFINE_MANAGED_SAVE: remove the state that libvirt saved of the domain, if there
 *   is one. (libvirt: `VIR_DOMAIN_UNDEFINE_MANAGED_SAVE`)
 * @VCKC_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA: remove the metadata of the domain's snapshots, if
 *   there are any. (libvirt: `VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA`)
 * @VCKC_DOMAIN_UNDEFINE_NVRAM: remove the file with the variables of the domain's firmware
 *   (UEFI), if there is one. (libvirt: `VIR_DOMAIN_UNDEFINE_NVRAM`)
 * @VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM: keep that file; not together with
 *   %VCKC_DOMAIN_UNDEFINE_NVRAM. (libvirt: `VIR_DOMAIN_UNDEFINE_KEEP_NVRAM`)
 * @VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA: remove the metadata of the domain's checkpoints
 *   too; their bitmaps stay in the disk images. (libvirt:
 *   `VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA`)
 * @VCKC_DOMAIN_UNDEFINE_TPM: remove the state of the domain's TPM, if there is one. (libvirt:
 *   `VIR_DOMAIN_UNDEFINE_TPM`)
 * @VCKC_DOMAIN_UNDEFINE_KEEP_TPM: keep that state; not together with
 *   %VCKC_DOMAIN_UNDEFINE_TPM. (libvirt: `VIR_DOMAIN_UNDEFINE_KEEP_TPM`)
 *
 * How to undefine a domain. The flags other than %VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
 * concern only domains of libvirt; for others they make no difference.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_DOMAIN_UNDEFINE_MANAGED_SAVE = 1 << 0,
  VCKC_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA = 1 << 1,
  VCKC_DOMAIN_UNDEFINE_NVRAM = 1 << 2,
  VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM = 1 << 3,
  VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA = 1 << 4,
  VCKC_DOMAIN_UNDEFINE_TPM = 1 << 5,
  VCKC_DOMAIN_UNDEFINE_KEEP_TPM = 1 << 6,
} VckcDomainUndefineFlags;

/**
 * vckc_domain_lookup_by_name: (attributes bindgen.name=lookup_domain_by_name)
 * @connect: a connection
 * @name: the name of the domain
 * @err: return location for an error
 *
 * Finds a domain by its name.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when there is no domain of that name, and with another error,
 * such as %VCKC_ERROR_SYSTEM_ERROR, when the domain cannot be read, or when a domain of `local:`
 * that cannot be read may have that name.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckcDomain *vckc_domain_lookup_by_name (VckcConnect *connect, const char *name, VckcError **err);

/**
 * vckc_domain_lookup_by_uuid: (attributes bindgen.name=lookup_domain_by_uuid)
 * @connect: a connection
 * @uuid: the UUID of the domain, as 32 hexadecimal digits with or without the
 *   usual hyphens
 * @err: return location for an error
 *
 * Finds a domain by its UUID.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @uuid is not a UUID, and with
 * %VCKC_ERROR_NO_DOMAIN when there is no domain of that UUID. A domain of `local:` that cannot be
 * read fails with the reason: with %VCKC_ERROR_OPERATION_DENIED when its folder belongs to another
 * user, else with %VCKC_ERROR_SYSTEM_ERROR or %VCKC_ERROR_XML_ERROR.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckcDomain *vckc_domain_lookup_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err);

/**
 * vckc_domain_lookup: (attributes bindgen.name=lookup_domain)
 * @connect: a connection
 * @name_or_uuid: the name of the domain, or its UUID as for vckc_domain_lookup_by_uuid()
 * @err: return location for an error
 *
 * Finds a domain by what a user calls it. If one domain has as its name what is the UUID of
 * another one, the name counts. With libvirt, a name takes one call of the host, a UUID two.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when there is no domain of that name and none of that UUID, with
 * %VCKC_ERROR_INVALID_ARG when @name_or_uuid is %NULL, and otherwise as
 * vckc_domain_lookup_by_name() does: while it is not known whether a domain has that name, none is
 * taken by its UUID.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckcDomain *vckc_domain_lookup (VckcConnect *connect, const char *name_or_uuid, VckcError **err);

/**
 * vckc_domain_define_xml: (attributes bindgen.name=define_domain_xml)
 * @connect: a connection
 * @xml: a `<domain>` document in libvirt's format; Vck reads the name, the UUID, the disks and,
 *   in its own namespace, the sockets of QEMU, and keeps the rest
 * @err: return location for an error
 *
 * Defines a domain, or replaces the definition of the domain that has both the name and the UUID
 * of @xml. Without a UUID in @xml, a domain of that name keeps its UUID, and a new domain gets a
 * random one. Checkpoints are kept.
 *
 * A `local:` connection works with a running domain if the document says where QEMU listens:
 *
 * ```xml
 * <metadata>
 *   <vck:machine xmlns:vck='urn:vck:domain:1' qmp='/run/web.qmp' agent='/run/web.qga'/>
 * </metadata>
 * ```
 *
 * `qmp` is a Unix socket that QEMU serves (`-qmp unix:/run/web.qmp,server=on,wait=off`) and that
 * no other program uses, `agent` that of the guest agent, for %VCKC_CHECKPOINT_CREATE_QUIESCE.
 * Both are absolute paths, and each may be left out. Without `qmp` the domain counts as shut off.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with
 * %VCKC_ERROR_XML_ERROR or %VCKC_ERROR_XML_INVALID_SCHEMA when @xml is not a domain
 * document, and with %VCKC_ERROR_DOMAIN_EXISTS when the name is taken by a
 * domain of another UUID or the UUID by a domain of another name.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckcDomain *vckc_domain_define_xml (VckcConnect *connect, const char *xml, VckcError **err);

/**
 * vckc_domain_ref: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_domain_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_ref (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_unref: (attributes bindgen.plumbing=1)
 * @domain: (transfer full): a domain
 * @err: return location for an error
 *
 * Drops a reference. The domain itself is not changed.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is %NULL or not a domain.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_unref (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_get_name: (attributes bindgen.hand=vck_domain_get_name)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets the name of the domain, as it was when the handle was created.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: (transfer none): the name, which lives as long as @domain
 *
 * Since: 1.0
 */
const char *vckc_domain_get_name (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_get_uuid: (attributes bindgen.local=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets the UUID of the domain, as 36 characters with lower-case digits.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: (transfer none): the UUID, which lives as long as @domain
 *
 * Since: 1.0
 */
const char *vckc_domain_get_uuid (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_get_incarnation: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets the incarnation of the domain that the handle refers to, as of the call that returned the
 * handle. A domain that is undefined and defined again gets a new number; one that is redefined
 * or renamed keeps its number. Numbers are valid in this process only, and are unique among its
 * domains and checkpoints.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: the number, or 0 on failure and if it is not known
 *
 * Since: 1.0
 */
uint64_t vckc_domain_get_incarnation (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_get_connect: (attributes bindgen.hand=vck_domain_get_connection)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets the connection that the domain belongs to.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: (transfer none): the connection, which lives as long as @domain
 *
 * Since: 1.0
 */
VckcConnect *vckc_domain_get_connect (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_get_xml_desc:
 * @domain: a domain
 * @flags: (type VckcDomainXmlFlags): what to include
 * @err: return location for an error
 *
 * Gets the description of the domain: the document that defined it, in a
 * normal form and with its UUID.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED when secrets are requested on a read-only connection,
 * with %VCKC_ERROR_INVALID_ARG when @flags are unknown, and with %VCKC_ERROR_NO_DOMAIN when the
 * domain no longer exists.
 *
 * Returns: (transfer full): the XML, in UTF-8, ending in a newline
 *
 * Since: 1.0
 */
char *vckc_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err);

/**
 * vckc_domain_get_state: (attributes bindgen.name=query_state bindgen.return=status)
 * @domain: a domain
 * @ret_state: (out): return location for the state
 * @err: return location for an error
 *
 * Gets the current state of the domain; a running QEMU is queried.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, and with %VCKC_ERROR_BUSY when
 * another program occupies the QMP socket of the domain, or when libvirt is waiting for a command
 * that QEMU does not answer.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err);

/**
 * vckc_domain_peek_state: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets the state of the domain as known from events, without querying QEMU or libvirt: for many
 * domains at once. It is as of the last event that was delivered to subscribers.
 *
 * Fails with %VCKC_ERROR_INVALID_DOMAIN when @domain is not a domain.
 *
 * Returns: the state, or %VCKC_DOMAIN_STATE_NOSTATE if only vckc_domain_get_state() can find it
 * out
 *
 * Since: 1.0
 */
VckcDomainState vckc_domain_peek_state (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_refresh: (attributes bindgen.reader=1 bindgen.return=status)
 * @domain: a domain
 * @err: return location for an error
 *
 * Looks for changes that other programs made to the checkpoints of the domain. Subscribers
 * receive an event for every checkpoint that was added, removed or changed since the domain was
 * last read. A list of its disks looks at them again.
 *
 * libvirt has no events for checkpoints, so this is how to notice changes made by other programs.
 * Changes made by this program are reported at once, and with `local:` and `memory:` those of
 * others too.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, and with
 * %VCKC_ERROR_NO_CONNECT when the connection is closed.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_refresh (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_list_disks: (attributes bindgen.return=count)
 * @domain: a domain
 * @ret_disks: (out) (optional) (array zero-terminated=1) (transfer full): return
 *   location for the disks, in the order of the domain's definition
 * @err: return location for an error
 *
 * Lists the disks of the domain, and says of each whether its changes can be
 * tracked and, if not, why not.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err);

/**
 * vckc_domain_rename: (attributes bindgen.return=status)
 * @domain: a domain that is shut off
 * @new_name: its new name
 * @flags: (attributes bindgen.fixed=0): must be 0
 * @err: return location for an error
 *
 * Renames the domain. Its UUID, its checkpoints and their bitmaps are kept. Existing handles
 * still refer to it, and keep the name they were created with.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags are not 0, with %VCKC_ERROR_XML_INVALID_SCHEMA or %VCKC_ERROR_XML_ERROR when
 * @new_name cannot be a name, with %VCKC_ERROR_DOMAIN_EXISTS when it is taken, with
 * %VCKC_ERROR_OPERATION_INVALID when the domain runs, with %VCKC_ERROR_BUSY when another
 * operation holds the domain, and with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int
vckc_domain_rename (VckcDomain *domain, const char *new_name, unsigned int flags, VckcError **err);

/**
 * vckc_domain_undefine: (attributes bindgen.return=status)
 * @domain: a domain
 * @flags: (type VckcDomainUndefineFlags): how to undefine it
 * @err: return location for an error
 *
 * Removes the definition of the domain. Disk images are never touched. A running domain of
 * libvirt goes on without a definition, and its checkpoints are removed when it stops.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags are unknown or exclude each other, with %VCKC_ERROR_OPERATION_INVALID when the
 * domain has checkpoints and %VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA was not given, or when a
 * domain of libvirt has a saved state, snapshots or variables of its firmware and no flag says
 * what to do with them, with %VCKC_ERROR_BUSY when another operation holds the domain, and with
 * %VCKC_ERROR_NO_DOMAIN when the domain no longer exists. When it fails, no checkpoint is lost.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err);

/**
 * vckc_domain_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_domain_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_disk_ref (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): a disk
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not a disk.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_disk_unref (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_get_target: (attributes bindgen.local=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets the name of the disk inside the domain, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: (transfer none): the target name
 *
 * Since: 1.0
 */
const char *vckc_domain_disk_get_target (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_get_source: (attributes bindgen.local=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets the path of the image file or block device.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: (transfer none) (nullable): the path, or %NULL for an empty drive or
 *   a disk that is not a file
 *
 * Since: 1.0
 */
const char *vckc_domain_disk_get_source (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_get_format: (attributes bindgen.local=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets the format of the image as the domain's definition states it, such as
 * `qcow2` or `raw`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: (transfer none): the format
 *
 * Since: 1.0
 */
const char *vckc_domain_disk_get_format (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_is_trackable: (attributes bindgen.local=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets whether a checkpoint can track this disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: `true` if so; otherwise see vckc_domain_disk_get_reason()
 *
 * Since: 1.0
 */
bool vckc_domain_disk_is_trackable (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_get_reason: (attributes bindgen.local=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets the reason why the disk cannot be tracked, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if the disk can be
 *   tracked
 *
 * Since: 1.0
 */
const char *vckc_domain_disk_get_reason (VckcDomainDisk *disk, VckcError **err);

/**
 * vckc_domain_disk_get_look: (attributes bindgen.plumbing=1)
 * @disk: a disk
 * @err: return location for an error
 *
 * Gets the number of the call of vckc_domain_list_disks() that returned @disk: the later a call
 * began, the greater. So of two handles of one disk the newer one is known. Numbers are valid in
 * this process only.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk.
 *
 * Returns: the number, or 0 on failure
 *
 * Since: 1.0
 */
uint64_t vckc_domain_disk_get_look (VckcDomainDisk *disk, VckcError **err);

#ifdef __cplusplus
}
#endif
