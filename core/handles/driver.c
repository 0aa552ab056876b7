/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/driver.h"

#include <glib.h>

#include "handles/object.h"

void
vckc_checkpoint_details_clear (VckcCheckpointDetails *details)
{
  g_clear_pointer (&details->description, g_free);
  g_clear_pointer (&details->parent_name, g_free);
  g_clear_pointer (&details->uuid, g_free);
  g_clear_pointer (&details->parent, vckc_object_unref);
}
