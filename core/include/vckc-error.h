/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Errors of the core. A function that can fail takes `VckcError **err` as its last argument. On
 * failure it stores one new error there, which the caller frees; on success it leaves `*err`
 * alone. Passing NULL for `err` discards the error; the return value still shows whether the call
 * failed.
 */

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcErrorCode: (attributes bindgen.error=1 bindgen.cancelled=VCKC_ERROR_CANCELLED)
 * @VCKC_ERROR_INTERNAL: something happened that should not: a defect of Vck or an invalid reply
 *   of QEMU. Please report it. (libvirt: 1)
 * @VCKC_ERROR_NO_SUPPORT: the driver of this connection does not have the
 *   call. (libvirt: 3)
 * @VCKC_ERROR_NO_CONNECT: the connection is closed, was lost or is that of the parent process, or
 *   no driver claims the URI. (libvirt: 5, 38 on a socket)
 * @VCKC_ERROR_INVALID_CONNECT: the handle given is not a connection.
 *   (libvirt: 6)
 * @VCKC_ERROR_INVALID_DOMAIN: the handle given is not a domain. (libvirt: 7)
 * @VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT: the handle given is not a checkpoint.
 *   (libvirt: 102)
 * @VCKC_ERROR_INVALID_ARG: an argument is missing, a flag is unknown or
 *   excludes another one, or a value contradicts the domain. (libvirt: 8)
 * @VCKC_ERROR_OPERATION_FAILED: the request was sound, but what it requests
 *   is not possible. (libvirt: 9)
 * @VCKC_ERROR_OPERATION_DENIED: the connection is read-only, or the rights to
 *   do this are missing. (libvirt: 29, 45, 88)
 * @VCKC_ERROR_OPERATION_INVALID: the domain is not in a state in which this
 *   can be done. (libvirt: 55)
 * @VCKC_ERROR_OPERATION_UNSUPPORTED: the driver has the call but not for this
 *   domain, disk or flag. (libvirt: 84)
 * @VCKC_ERROR_BUSY: another operation holds the domain, or another process
 *   holds one of its images. Nothing was changed; try again. (libvirt: 68)
 * @VCKC_ERROR_CONFIG_UNSUPPORTED: the description requests what this domain's
 *   disks cannot do. (libvirt: 67)
 * @VCKC_ERROR_XML_ERROR: the XML is not well formed, too large, of another
 *   kind, or lacks what this call needs. (libvirt: 27, 35)
 * @VCKC_ERROR_XML_INVALID_SCHEMA: the XML is well formed but not valid against
 *   its grammar. (libvirt: 92)
 * @VCKC_ERROR_SYSTEM_ERROR: the operating system refused: a file, a socket or a
 *   program. (libvirt: 38)
 * @VCKC_ERROR_NO_DOMAIN: there is no such domain, or no longer. (libvirt: 42)
 * @VCKC_ERROR_NO_DOMAIN_CHECKPOINT: there is no such checkpoint, or no longer.
 *   (libvirt: 103)
 * @VCKC_ERROR_CHECKPOINT_INCONSISTENT: metadata and disk images disagree: a
 *   bitmap is missing or broken. (libvirt: 109)
 * @VCKC_ERROR_CANCELLED: the call was cancelled while it waited for the domain lock or for a
 *   running QEMU. Nothing was changed. The GObject API has %G_IO_ERROR_CANCELLED for it.
 * @VCKC_ERROR_NO_BACKUP: there is no such backup job or backup, or no longer. (libvirt: 104)
 * @VCKC_ERROR_NO_SPACE: the room that a backup needs could not be reserved, or ran out.
 * @VCKC_ERROR_BACKUP_INCONSISTENT: a store of backups contradicts itself or cannot be read as
 *   one: a file is missing, damaged or not what the manifest says.
 * @VCKC_ERROR_DOMAIN_EXISTS: the name or the UUID is taken by another domain.
 *   (libvirt: 9, 28, 55)
 * @VCKC_ERROR_CHECKPOINT_EXISTS: the domain already has a checkpoint of this name. (libvirt: 9)
 *
 * Why a call failed. The set is closed; the numbers are Vck's own.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_ERROR_INTERNAL = 1,
  VCKC_ERROR_NO_SUPPORT = 2,
  VCKC_ERROR_NO_CONNECT = 3,
  VCKC_ERROR_INVALID_CONNECT = 4,
  VCKC_ERROR_INVALID_DOMAIN = 5,
  VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT = 6,
  VCKC_ERROR_INVALID_ARG = 7,
  VCKC_ERROR_OPERATION_FAILED = 8,
  VCKC_ERROR_OPERATION_DENIED = 9,
  VCKC_ERROR_OPERATION_INVALID = 10,
  VCKC_ERROR_OPERATION_UNSUPPORTED = 11,
  VCKC_ERROR_BUSY = 12,
  VCKC_ERROR_CONFIG_UNSUPPORTED = 13,
  VCKC_ERROR_XML_ERROR = 14,
  VCKC_ERROR_XML_INVALID_SCHEMA = 15,
  VCKC_ERROR_SYSTEM_ERROR = 16,
  VCKC_ERROR_NO_DOMAIN = 17,
  VCKC_ERROR_NO_DOMAIN_CHECKPOINT = 18,
  VCKC_ERROR_CHECKPOINT_INCONSISTENT = 19,
  VCKC_ERROR_CANCELLED = 20,
  VCKC_ERROR_NO_BACKUP = 21,
  VCKC_ERROR_NO_SPACE = 22,
  VCKC_ERROR_BACKUP_INCONSISTENT = 23,
  VCKC_ERROR_DOMAIN_EXISTS = 24,
  VCKC_ERROR_CHECKPOINT_EXISTS = 25,
} VckcErrorCode;

/**
 * VckcError: (attributes bindgen.plumbing=1)
 *
 * One failure: a code and a human-readable message. The message says what failed, names the
 * object in quotes, and says what to do; it has no full stop.
 *
 * Since: 1.0
 */
typedef struct _VckcError VckcError;

/**
 * vckc_error_get_code: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets why the call failed.
 *
 * Returns: the code
 *
 * Since: 1.0
 */
VckcErrorCode vckc_error_get_code (const VckcError *error);

/**
 * vckc_error_get_message: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets the human-readable message, in UTF-8.
 *
 * Returns: (transfer none): the message, which lives as long as @error
 *
 * Since: 1.0
 */
const char *vckc_error_get_message (const VckcError *error);

/**
 * vckc_error_get_libvirt_code: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets the number that libvirt gave the failure, one of `virErrorNumber`.
 *
 * Returns: the number, or 0 if the failure did not come from libvirt
 *
 * Since: 1.0
 */
int vckc_error_get_libvirt_code (const VckcError *error);

/**
 * vckc_error_get_libvirt_domain: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets the error domain of libvirt: the component that raised the failure, one of
 * `virErrorDomain`.
 *
 * Returns: the number, or 0 if the failure did not come from libvirt
 *
 * Since: 1.0
 */
int vckc_error_get_libvirt_domain (const VckcError *error);

/**
 * vckc_error_get_libvirt_message: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets libvirt's own message, unchanged, in the language of the process.
 *
 * Returns: (transfer none) (nullable): the message, which lives as long as @error, or
 *   %NULL if the failure did not come from libvirt
 *
 * Since: 1.0
 */
const char *vckc_error_get_libvirt_message (const VckcError *error);

/**
 * vckc_error_free: (attributes bindgen.plumbing=1)
 * @error: (transfer full) (nullable): an error, or %NULL to do nothing
 *
 * Frees an error.
 *
 * Since: 1.0
 */
void vckc_error_free (VckcError *error);

#ifdef __cplusplus
}
#endif
