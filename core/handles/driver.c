/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/driver.h"

#include <glib.h>

bool
vckc_check_flags (unsigned int flags, unsigned int supported, const char *function, VckcError **err)
{
  if ((flags & ~supported) == 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "unsupported flags 0x%x given to '%s'",
                  flags & ~supported, function);
  return false;
}

void
vckc_checkpoint_details_clear (VckcCheckpointDetails *details)
{
  g_clear_pointer (&details->description, g_free);
  g_clear_pointer (&details->parent_name, g_free);
}
