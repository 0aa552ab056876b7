/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the generated macros of each version need. */

#pragma once

#include <glib.h>

#define SHAPES_VERSION_MIN_REQUIRED (G_ENCODE_VERSION (1, 1))
#define SHAPES_VERSION_MAX_ALLOWED (G_ENCODE_VERSION (1, 2))

#define SHAPES_EXTERN extern
#define SHAPES_DEPRECATED G_DEPRECATED extern
#define SHAPES_DEPRECATED_FOR(f) G_DEPRECATED_FOR (f) extern
#define SHAPES_UNAVAILABLE(major, minor) G_UNAVAILABLE (major, minor) extern
