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
 * VckcImportFlags:
 * @VCKC_IMPORT_VERIFY: refuse a checkpoint whose bitmaps are missing or broken
 * @VCKC_IMPORT_METADATA_ONLY: do not compare the disks with the domain's; for
 *   checkpoints that are imported only to be deleted
 * @VCKC_IMPORT_REPLACE: a checkpoint that exists is replaced; otherwise it is refused
 *
 * How to import. %VCKC_IMPORT_VERIFY and %VCKC_IMPORT_METADATA_ONLY exclude each other.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_IMPORT_VERIFY = 1 << 0,
  VCKC_IMPORT_METADATA_ONLY = 1 << 1,
  VCKC_IMPORT_REPLACE = 1 << 2,
} VckcImportFlags;

/**
 * vckc_domain_export_checkpoints: (attributes bindgen.reader=1)
 * @domain: a domain
 * @err: return location for an error
 *
 * Gets one document with all checkpoints of the domain, parents before children, for
 * vckc_domain_import_checkpoints() on another host. It contains no secrets and no bitmaps: the
 * bitmaps are in the disk images.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists.
 *
 * Returns: (transfer full): the document, XML in UTF-8, ending in a newline
 *
 * Since: 1.0
 */
char *vckc_domain_export_checkpoints (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_hand_over_checkpoints:
 * @domain: a domain
 * @flags: (attributes bindgen.fixed=0): must be 0
 * @err: return location for an error
 *
 * Hands over the checkpoints of the domain together with their bitmaps: exports them, as
 * vckc_domain_export_checkpoints() does, and removes their metadata here. The images are not
 * changed, and no note of the bitmaps is kept, so a later repair does not treat them as left
 * behind: from now on they belong to the importer of the document. The bitmaps of checkpoints
 * that were deleted earlier with %VCKC_CHECKPOINT_DELETE_METADATA_ONLY are handed over too,
 * although the document does not contain those checkpoints.
 *
 * Either all of it is done or nothing. libvirt removes the metadata of one checkpoint after the
 * other, so that of earlier ones is restored if one fails.
 *
 * Afterwards the document is the only copy of the metadata; export it first if the program could
 * die before the document is stored. For a domain without checkpoints the document has no
 * entries.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags are not 0, with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, and with
 * %VCKC_ERROR_BUSY when another operation or another program holds the domain.
 *
 * Returns: (transfer full): the document, XML in UTF-8, ending in a newline
 *
 * Since: 1.0
 */
char *vckc_domain_hand_over_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err);

/**
 * vckc_domain_import_checkpoints: (attributes bindgen.return=count)
 * @domain: a domain; its UUID need not be that of the exported one
 * @document: a document of vckc_domain_export_checkpoints()
 * @ret_results: (out) (array zero-terminated=1) (transfer full): return location for the result
 *   of each checkpoint, in the order of the import
 * @flags: (type VckcImportFlags): how to import
 * @err: return location for an error
 *
 * Imports the checkpoints of a document. Parents are imported before their children, whatever
 * their order in the document; descendants of a checkpoint that was refused are refused too, all
 * others are imported.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_INVALID_ARG
 * when @flags are unknown or exclude each other, with %VCKC_ERROR_XML_ERROR or
 * %VCKC_ERROR_XML_INVALID_SCHEMA when @document is not such a document, with
 * %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, and with %VCKC_ERROR_BUSY when another
 * operation or another program holds the domain or an image. A refused checkpoint does not make
 * the call fail: see the results.
 *
 * Returns: how many results there are, one for each checkpoint of @document, or -1 on
 *   failure
 *
 * Since: 1.0
 */
int vckc_domain_import_checkpoints (VckcDomain *domain,
                                    const char *document,
                                    VckcImportResult ***ret_results,
                                    unsigned int flags,
                                    VckcError **err);

/**
 * vckc_import_result_ref: (attributes bindgen.plumbing=1)
 * @result: a result
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_import_result_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is not a result.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_import_result_ref (VckcImportResult *result, VckcError **err);

/**
 * vckc_import_result_unref: (attributes bindgen.plumbing=1)
 * @result: (transfer full): a result
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is %NULL or not a result.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_import_result_unref (VckcImportResult *result, VckcError **err);

/**
 * vckc_import_result_get_checkpoint: (attributes bindgen.local=1)
 * @result: a result
 * @err: return location for an error
 *
 * Gets the name of the checkpoint.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is not a result.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *vckc_import_result_get_checkpoint (VckcImportResult *result, VckcError **err);

/**
 * vckc_import_result_is_imported: (attributes bindgen.local=1)
 * @result: a result
 * @err: return location for an error
 *
 * Gets whether the checkpoint was imported.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is not a result.
 *
 * Returns: `true` if so; otherwise see vckc_import_result_get_message()
 *
 * Since: 1.0
 */
bool vckc_import_result_is_imported (VckcImportResult *result, VckcError **err);

/**
 * vckc_import_result_get_message: (attributes bindgen.local=1)
 * @result: a result
 * @err: return location for an error
 *
 * Gets why the checkpoint was refused, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is not a result.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if it was imported
 *
 * Since: 1.0
 */
const char *vckc_import_result_get_message (VckcImportResult *result, VckcError **err);

#ifdef __cplusplus
}
#endif
