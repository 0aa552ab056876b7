/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/saved-state.h"

#include "handles/handles.h"

bool
vckc_saved_state_find (VckcDomain *domain, bool *ret_saved, VckcError **err)
{
  const VckcDriver *driver = domain->connect->driver;

  *ret_saved = false;
  return driver->domain_has_managed_save == NULL
         || driver->domain_has_managed_save (domain, ret_saved, err);
}
