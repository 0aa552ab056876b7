/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Errors that a call is expected to fail with. */

#pragma once

#include <string.h>

#include <glib.h>

#include "vckc-error.h"

/* A message is for users of every language, so it names no function of core. */
#define assert_message_is_public(error)                                                            \
  g_assert_null (strstr (vckc_error_get_message (error), "vckc_"))

/* A refusal with that code. */
#define assert_refused(error, code)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpint (vckc_error_get_code (error), ==, code);                                       \
    assert_message_is_public (error);                                                              \
  }                                                                                                \
  G_STMT_END
