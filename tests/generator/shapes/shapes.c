/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is written by hand of the shape library: two classes, a boxed type and the error. */

#include "shapes-call.h"
#include "shapes-private.h"

G_DEFINE_QUARK (shapes - error - quark, shapes_error)

GError *
shapes_error_take (ShapecError *error)
{
  GError *taken = NULL;

  if (error == NULL)
    return g_error_new_literal (SHAPES_ERROR, SHAPES_ERROR_INVALID, "no reason given");
  taken = g_error_new_literal (SHAPES_ERROR, (int) shapec_error_get_code (error),
                               shapec_error_get_message (error));
  shapec_error_free (error);
  return taken;
}

/* What is kept for bindings: nothing more than the error has. */
void
shapes_error_keep_last (GError *const *error)
{
}

/**
 * ShapesRoom:
 *
 * A room, which holds things.
 */
struct _ShapesRoom
{
  GObject parent_instance;
  ShapecRoom *handle; /* owned */
};

G_DEFINE_FINAL_TYPE (ShapesRoom, shapes_room, G_TYPE_OBJECT)

static void
shapes_room_finalize (GObject *object)
{
  ShapesRoom *self = SHAPES_ROOM (object);

  if (self->handle != NULL)
    shapec_room_unref (self->handle, NULL);
  G_OBJECT_CLASS (shapes_room_parent_class)->finalize (object);
}

static void
shapes_room_class_init (ShapesRoomClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = shapes_room_finalize;
}

static void
shapes_room_init (ShapesRoom *self)
{
}

ShapecRoom *
shapes_room_get_handle (ShapesRoom *self)
{
  return self->handle;
}

ShapesRoom *
shapes_room_wrap (gpointer origin, ShapecRoom *handle)
{
  ShapesRoom *self = g_object_new (SHAPES_TYPE_ROOM, NULL);

  self->handle = handle;
  return self;
}

/**
 * shapes_room_get_owner:
 * @self: a room
 *
 * Gets the owner of the room.
 *
 * Returns: (nullable): the owner
 */
const char *
shapes_room_get_owner (ShapesRoom *self)
{
  return self->handle != NULL ? shapec_room_get_owner (self->handle, NULL) : NULL;
}

/**
 * shapes_count_live:
 *
 * For tests: how many handles live.
 *
 * Returns: the number of handles
 */
int
shapes_count_live (void)
{
  return shapec_count_live ();
}

G_DEFINE_BOXED_TYPE (ShapesSpot, shapes_spot, shapes_spot_copy, shapes_spot_free)

/**
 * shapes_spot_copy: (skip)
 * @self: a spot
 *
 * Copies a spot.
 *
 * Returns: (transfer full): the copy
 */
ShapesSpot *
shapes_spot_copy (const ShapesSpot *self)
{
  return g_memdup2 (self, sizeof *self);
}

/**
 * shapes_spot_free: (skip)
 * @self: (transfer full): a spot
 *
 * Frees a spot.
 */
void
shapes_spot_free (ShapesSpot *self)
{
  g_free (self);
}

ShapesSpot *
shapes_spot_wrap (const ShapecSpot *plain)
{
  ShapesSpot *self = g_new0 (ShapesSpot, 1);

  self->x = plain->x;
  self->color = (ShapesColor) plain->color;
  return self;
}

/**
 * ShapesThing:
 *
 * A thing in a room.
 */
struct _ShapesThing
{
  GObject parent_instance;
  ShapecRoomThing *handle; /* owned */
};

G_DEFINE_FINAL_TYPE (ShapesThing, shapes_thing, G_TYPE_OBJECT)

static void
shapes_thing_finalize (GObject *object)
{
  ShapesThing *self = SHAPES_THING (object);

  if (self->handle != NULL)
    shapec_room_thing_unref (self->handle);
  G_OBJECT_CLASS (shapes_thing_parent_class)->finalize (object);
}

static void
shapes_thing_class_init (ShapesThingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = shapes_thing_finalize;
}

static void
shapes_thing_init (ShapesThing *self)
{
}

ShapecRoomThing *
shapes_thing_get_handle (ShapesThing *self)
{
  return self->handle;
}

ShapesThing *
shapes_thing_wrap (gpointer origin, ShapecRoomThing *handle)
{
  ShapesThing *self = g_object_new (SHAPES_TYPE_THING, NULL);

  self->handle = handle;
  return self;
}

/**
 * ShapesKey:
 *
 * A key.
 */
struct _ShapesKey
{
  GObject parent_instance;
  ShapecKey *handle; /* owned */
};

G_DEFINE_FINAL_TYPE (ShapesKey, shapes_key, G_TYPE_OBJECT)

static void
shapes_key_finalize (GObject *object)
{
  ShapesKey *self = SHAPES_KEY (object);

  if (self->handle != NULL)
    shapec_key_free (self->handle);
  G_OBJECT_CLASS (shapes_key_parent_class)->finalize (object);
}

static void
shapes_key_class_init (ShapesKeyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = shapes_key_finalize;
}

static void
shapes_key_init (ShapesKey *self)
{
}

ShapecKey *
shapes_key_get_handle (ShapesKey *self)
{
  return self->handle;
}

ShapesKey *
shapes_key_wrap (gpointer origin, ShapecKey *handle)
{
  ShapesKey *self = g_object_new (SHAPES_TYPE_KEY, NULL);

  self->handle = handle;
  return self;
}
