/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SHAPES_TYPE_KEY (shapes_key_get_type ())
G_DECLARE_FINAL_TYPE (ShapesKey, shapes_key, SHAPES, KEY, GObject)

G_END_DECLS
