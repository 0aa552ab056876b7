/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "assert-error.h"

#include <string.h>

void
assert_error (VckcError *error, VckcErrorCode code, const char *part)
{
  g_assert_nonnull (error);
  if (strstr (vckc_error_get_message (error), part) == NULL)
    g_error ("no '%s' in '%s'", part, vckc_error_get_message (error));
  g_assert_cmpint (vckc_error_get_code (error), ==, code);
  vckc_error_free (error);
}

void
assert_ok (bool ok, VckcError *error)
{
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_true (ok);
}
