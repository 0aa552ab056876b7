/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "shapes-enums.h"

G_BEGIN_DECLS

#define SHAPES_ERROR (shapes_error_quark ())

GQuark shapes_error_quark (void);

G_END_DECLS
