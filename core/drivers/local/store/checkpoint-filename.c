/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/checkpoint-filename.h"

#include <glib.h>
#include <string.h>

bool
vckc_store_is_uuid (const char *name)
{
  return g_uuid_string_is_valid (name) && strpbrk (name, "ABCDEF") == NULL;
}

bool
vckc_store_name_is_valid (const char *name)
{
  static const char letters[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.";
  gsize length = strlen (name);

  return length > 0 && length <= VCKC_STORE_MAX_NAME && name[0] != '.'
         && strspn (name, letters) == length;
}

bool
vckc_store_is_checkpoint_file (const char *file)
{
  return g_str_has_suffix (file, VCKC_STORE_CHECKPOINT_SUFFIX);
}
