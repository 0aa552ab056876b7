/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SHAPES_TYPE_ROOM (shapes_room_get_type ())
G_DECLARE_FINAL_TYPE (ShapesRoom, shapes_room, SHAPES, ROOM, GObject)

const char *shapes_room_get_owner (ShapesRoom *self);

int shapes_count_live (void);

G_END_DECLS
