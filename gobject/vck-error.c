/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * vck_error_quark:
 *
 * Gets the error domain of Vck.
 *
 * In C, write `VCK_ERROR`. In Python, match an error with
 * `error.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN)`, in JavaScript with
 * `error.matches(Vck.Error, Vck.Error.NO_DOMAIN)`.
 *
 * Returns: the quark of `vck-error-quark`
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (vck-error-quark, vck_error)

GError *
vck_error_take (VckcError *error)
{
  GError *result = g_error_new_literal (VCK_ERROR, (int) vckc_error_get_code (error),
                                        vckc_error_get_message (error));

  vckc_error_free (error);
  return result;
}
