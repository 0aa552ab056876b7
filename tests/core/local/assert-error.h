/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdbool.h>

#include "base/error-private.h"

/* Fails the test unless there is an error of that code with that in its message; frees it. */
void assert_error (VckcError *error, VckcErrorCode code, const char *part);

/* Fails the test if there is an error, which is shown, or if `ok` is false. */
void assert_ok (bool ok, VckcError *error);
