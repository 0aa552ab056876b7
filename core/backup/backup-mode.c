/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-mode.h"

#include "handles/handles.h"

bool
vckc_backup_mode_choose (VckcDomain *domain, bool pull, VckcBackupPlan *plan, VckcError **err)
{
  const VckcDriver *driver = domain->connect->driver;

  plan->mode = pull ? VCKC_BACKUP_MODE_PULL : VCKC_BACKUP_MODE_PUSH;
  if (pull)
    plan->why_pull = g_strdup ("that was asked for");
  return pull || driver->domain_choose_backup_mode == NULL
         || driver->domain_choose_backup_mode (domain, &plan->mode, &plan->why_pull, err);
}

bool
vckc_backup_mode_is_out_of_reach (VckcDomain *domain, const VckcError *error)
{
  return domain->connect->driver->domain_choose_backup_mode != NULL
         && vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR;
}
