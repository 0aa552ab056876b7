/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SHAPES_TYPE_THING (shapes_thing_get_type ())
G_DECLARE_FINAL_TYPE (ShapesThing, shapes_thing, SHAPES, THING, GObject)

G_END_DECLS
