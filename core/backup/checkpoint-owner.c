/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry point that says for which store a checkpoint was made. */

#include "backup/backup-names.h"

#include "api/entry.h"

char *
vckc_domain_checkpoint_get_owner (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
             ? vckc_backup_find_store (checkpoint->name)
             : NULL;
}
