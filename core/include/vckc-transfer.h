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
 * vckc_domain_import_checkpoints() on another host. It has no secrets and no bitmaps: those
 * are in the disk images.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain is gone.
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
 * Gives the checkpoints of the domain away together with their bitmaps: exports them, as
 * vckc_domain_export_checkpoints() does, and forgets them here. Nothing in the images changes, and
 * nothing is kept here by which a later repair could take the bitmaps for left over: they belong
 * to whoever imports the document. Checkpoints that were forgotten earlier with
 * %VCKC_CHECKPOINT_DELETE_METADATA_ONLY are given away too, though the document does not have them.
 *
 * All of it is done, or nothing. With libvirt, which forgets checkpoints one after the other, they
 * are put back if one cannot be forgotten.
 *
 * The document is the only record of the checkpoints then; export them first if the program could
 * die before it is stored. For a domain without checkpoints it is a document without entries.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with
 * %VCKC_ERROR_INVALID_ARG when @flags are not 0, with %VCKC_ERROR_NO_DOMAIN when the domain is
 * gone, and with %VCKC_ERROR_BUSY when another operation or another program holds the domain.
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
 * @ret_results: (out) (array zero-terminated=1) (transfer full): return
 *   location for what became of each checkpoint, in the order of the import
 * @flags: (type VckcImportFlags): how to import
 * @err: return location for an error
 *
 * Takes over the checkpoints of a document. Parents are imported before their children,
 * whatever their order in the document; what is below a checkpoint that was refused is
 * refused too, the rest goes on.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with
 * %VCKC_ERROR_INVALID_ARG when @flags are unknown or exclude each other, with
 * %VCKC_ERROR_XML_ERROR or %VCKC_ERROR_XML_INVALID_SCHEMA when @document is not such a
 * document, with %VCKC_ERROR_NO_DOMAIN when the domain is gone, and with
 * %VCKC_ERROR_BUSY when another operation or another program holds the domain or an
 * image. A checkpoint that is refused is no failure of the call: see the results.
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
 * Fails with %VCKC_ERROR_INVALID_ARG when @result is not a result; %NULL is none.
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
 * Tells whether the checkpoint was imported.
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
 * Gets why the checkpoint was refused, for people.
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
