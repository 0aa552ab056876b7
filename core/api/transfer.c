/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of exporting and importing. */

#include "api/entry.h"

#define IMPORT_FLAGS (VCKC_IMPORT_VERIFY | VCKC_IMPORT_METADATA_ONLY | VCKC_IMPORT_REPLACE)

char *
vckc_domain_export_checkpoints (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  char *document;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_export_checkpoints != NULL,
                            "export checkpoints", err))
    return NULL;

  document = driver->domain_export_checkpoints (domain, &error);
  return vckc_driver_returned (domain->connect, document != NULL, error, G_STRFUNC, err) ? document
                                                                                         : NULL;
}

char *
vckc_domain_hand_over_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  char *document;

  VCKC_TRACE ("domain=%p flags=0x%x", (void *) domain, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_writable (domain->connect, "hand over checkpoints", err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_hand_over_checkpoints != NULL,
                            "hand over checkpoints", err)
      || !vckc_check_flags (flags, 0, &vckc_flags_hand_over, err))
    return NULL;

  document = driver->domain_hand_over_checkpoints (domain, &error);
  return vckc_driver_returned (domain->connect, document != NULL, error, G_STRFUNC, err) ? document
                                                                                         : NULL;
}

int
vckc_domain_import_checkpoints (VckcDomain *domain,
                                const char *document,
                                VckcImportResult ***ret_results,
                                unsigned int flags,
                                VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p document=%s ret_results=%p flags=0x%x", (void *) domain,
              VCKC_TRACE_TEXT (document), (void *) ret_results, flags);

  if (ret_results != NULL)
    *ret_results = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (document, "document", err)
      || !vckc_check_not_null (ret_results, "ret_results", err)
      || !vckc_check_writable (domain->connect, "import checkpoints", err)
      || !vckc_check_exclusive_flags (flags, VCKC_FLAG (IMPORT, VERIFY),
                                      VCKC_FLAG (IMPORT, METADATA_ONLY), err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_import_checkpoints != NULL,
                            "import checkpoints", err)
      || !vckc_check_flags (flags, IMPORT_FLAGS, &vckc_flags_import, err))
    return -1;

  count = driver->domain_import_checkpoints (domain, document, ret_results, flags, &error);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_import_result_ref (VckcImportResult *result, VckcError **err)
{
  if (!vckc_check_handle (result, &vckc_import_result_class, err))
    return -1;
  vckc_object_ref (result);
  return 0;
}

int
vckc_import_result_unref (VckcImportResult *result, VckcError **err)
{
  if (!vckc_check_handle (result, &vckc_import_result_class, err))
    return -1;
  vckc_object_unref (result);
  return 0;
}

const char *
vckc_import_result_get_checkpoint (VckcImportResult *result, VckcError **err)
{
  return vckc_check_handle (result, &vckc_import_result_class, err) ? result->checkpoint : NULL;
}

bool
vckc_import_result_is_imported (VckcImportResult *result, VckcError **err)
{
  return vckc_check_handle (result, &vckc_import_result_class, err) && result->message == NULL;
}

const char *
vckc_import_result_get_message (VckcImportResult *result, VckcError **err)
{
  return vckc_check_handle (result, &vckc_import_result_class, err) ? result->message : NULL;
}
