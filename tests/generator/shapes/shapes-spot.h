/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "shapes-enums.h"

G_BEGIN_DECLS

#define SHAPES_TYPE_SPOT (shapes_spot_get_type ())

typedef struct _ShapesSpot ShapesSpot;

/**
 * ShapesSpot:
 * @x: how far to the right
 * @color: its color
 *
 * A spot on the floor of a room.
 */
struct _ShapesSpot
{
  gint64 x;
  ShapesColor color;
};

GType shapes_spot_get_type (void);
ShapesSpot *shapes_spot_copy (const ShapesSpot *self);
void shapes_spot_free (ShapesSpot *self);

G_END_DECLS
