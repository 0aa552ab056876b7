/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the generated methods need of the classes. */

#pragma once

#include "shapec.h"
#include "shapes-error.h"
#include "shapes-key.h"
#include "shapes-room.h"
#include "shapes-spot.h"
#include "shapes-thing.h"

GError *shapes_error_take (ShapecError *error);

ShapecKey *shapes_key_get_handle (ShapesKey *self);
ShapesKey *shapes_key_wrap (gpointer origin, ShapecKey *handle);

ShapecRoom *shapes_room_get_handle (ShapesRoom *self);
ShapesRoom *shapes_room_wrap (gpointer origin, ShapecRoom *handle);

ShapesSpot *shapes_spot_wrap (const ShapecSpot *plain);

ShapecRoomThing *shapes_thing_get_handle (ShapesThing *self);
ShapesThing *shapes_thing_wrap (gpointer origin, ShapecRoomThing *handle);
