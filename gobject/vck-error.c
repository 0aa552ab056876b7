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
  const VckcErrorCode code = vckc_error_get_code (error);
  const char *message = vckc_error_get_message (error);
  GError *result = code == VCKC_ERROR_CANCELLED
                       ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, message)
                       : g_error_new_literal (VCK_ERROR, (int) code, message);

  vckc_error_free (error);
  return result;
}
