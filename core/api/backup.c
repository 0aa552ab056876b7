/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of backups. */

#include "api/entry.h"

#define BEGIN_FLAGS                                                                                \
  (VCKC_BACKUP_BEGIN_REUSE_EXTERNAL | VCKC_BACKUP_BEGIN_QUIESCE | VCKC_BACKUP_BEGIN_ALL_WORKERS)
#define INFO_FLAGS (VCKC_JOB_INFO_COMPLETED | VCKC_JOB_INFO_KEEP_COMPLETED)

int
vckc_domain_backup_begin (VckcDomain *domain,
                          const char *backup_xml,
                          const char *checkpoint_xml,
                          unsigned int flags,
                          VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p backup_xml=%s checkpoint_xml=%s flags=0x%x", (void *) domain,
              VCKC_TRACE_TEXT (backup_xml), VCKC_TRACE_TEXT (checkpoint_xml), flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (backup_xml, "backup_xml", err)
      || !vckc_check_writable (domain->connect, "back up domains", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_backup_begin != NULL, "back up domains",
                            err)
      || !vckc_check_flags (flags, BEGIN_FLAGS, &vckc_flags_backup_begin, err))
    return -1;

  result = driver->domain_backup_begin (domain, backup_xml, checkpoint_xml, flags, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

char *
vckc_domain_backup_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  char *xml;

  VCKC_TRACE ("domain=%p flags=0x%x", (void *) domain, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_backup_get_xml_desc != NULL,
                            "back up domains", err)
      || !vckc_check_flags (flags, 0, &vckc_flags_backup_xml, err))
    return NULL;

  xml = driver->domain_backup_get_xml_desc (domain, &error);
  return vckc_driver_returned (domain->connect, xml != NULL, error, G_STRFUNC, err) ? xml : NULL;
}

VckcJobInfo *
vckc_domain_get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  VckcJobInfo *info;

  VCKC_TRACE ("domain=%p flags=0x%x", (void *) domain, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_required_flag (flags, VCKC_FLAG (JOB_INFO, KEEP_COMPLETED),
                                    VCKC_FLAG (JOB_INFO, COMPLETED), err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_get_job_info != NULL, "back up domains",
                            err)
      || !vckc_check_flags (flags, INFO_FLAGS, &vckc_flags_job_info, err))
    return NULL;

  info = driver->domain_get_job_info (domain, flags, &error);
  if (info != NULL && flags == 0 && info->mode == VCKC_BACKUP_MODE_PULL)
    vckc_job_figures_apply (domain->connect->figures, domain->uuid, info);
  return vckc_driver_returned (domain->connect, info != NULL, error, G_STRFUNC, err) ? info : NULL;
}

int
vckc_domain_abort_job (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_writable (domain->connect, "abort jobs", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_abort_job != NULL, "back up domains",
                            err))
    return -1;

  result = driver->domain_abort_job (domain, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

int
vckc_domain_set_job_speed (VckcDomain *domain, uint64_t speed, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p speed=%" G_GUINT64_FORMAT, (void *) domain, (guint64) speed);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_writable (domain->connect, "limit jobs", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_set_job_speed != NULL,
                            "back up domains", err))
    return -1;
  if (speed > INT64_MAX)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "the speed of %" G_GUINT64_FORMAT " bytes per second is too large; use 0 for "
                      "no limit",
                      (guint64) speed);
      return -1;
    }

  result = driver->domain_set_job_speed (domain, speed, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

int
vckc_domain_recover_backup (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_writable (domain->connect, "recover backups", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_recover_backup != NULL,
                            "back up domains", err))
    return -1;

  result = driver->domain_recover_backup (domain, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}
