/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-end.h"

#include <gio/gio.h>

#include "base/log.h"
#include "handles/handles.h"

VckcJobInfo *
vckc_backup_end_job (VckcDomain *domain, bool *ret_was_running)
{
  g_autoptr (GCancellable) never = g_cancellable_new ();
  g_autoptr (VckcError) error = NULL;
  VckcJobInfo *info = NULL;
  bool aborted;

  g_cancellable_push_current (never);
  aborted = vckc_domain_abort_job (domain, &error) == 0;
  if (aborted || vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    {
      g_clear_pointer (&error, vckc_error_free);
      info = vckc_domain_wait_job (domain, &error);
    }
  g_cancellable_pop_current (never);
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = domain->name, .error = error),
                   "the backup of domain '%s' is not aborted: %s", domain->name,
                   vckc_error_get_message (error));
  if (ret_was_running != NULL)
    *ret_was_running = aborted;
  return info;
}

void
vckc_backup_explain_end (const VckcDomain *domain, const VckcJobInfo *info, VckcError **err)
{
  const VckcErrorCode code = vckc_job_info_get_code (info);

  if (code != 0)
    vckc_set_error (err, code, "the backup of domain '%s' failed: %s", domain->name,
                    info->error != NULL ? info->error : "QEMU gives no reason");
  else
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the backup of domain '%s' was aborted",
                    domain->name);
}
