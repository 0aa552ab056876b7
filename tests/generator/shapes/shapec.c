/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "shapec.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

struct _ShapecError
{
  ShapecErrorCode code;
  char *message;
};

struct _ShapecRoom
{
  gint ref_count;
  char *name;
  unsigned int sides;
  pthread_mutex_t lock; /* for the rest */
  pthread_cond_t changed;
  GPtrArray *things; /* of ShapecRoomThing, with a reference */
  gboolean refuse;
  gboolean gate_open;
  guint waiting;
  gint64 passed;
  gint touches; /* atomic */
};

struct _ShapecRoomThing
{
  gint ref_count;
  ShapecRoom *room; /* borrowed; NULL once the room is freed */
  char *name;
};

struct _ShapecKey
{
  unsigned int teeth;
};

static gint live_handles = 0; /* atomic */

ShapecErrorCode
shapec_error_get_code (const ShapecError *error)
{
  return error->code;
}

const char *
shapec_error_get_message (const ShapecError *error)
{
  return error->message;
}

void
shapec_error_free (ShapecError *error)
{
  g_free (error->message);
  g_free (error);
}

int
shapec_count_live (void)
{
  return g_atomic_int_get (&live_handles);
}

static void
set_error (ShapecError **err, ShapecErrorCode code, const char *message)
{
  if (err == NULL)
    return;
  *err = g_new0 (ShapecError, 1);
  (*err)->code = code;
  (*err)->message = g_strdup (message);
}

/* Every call that can fail begins so. */
static bool
enter (ShapecRoom *room, ShapecError **err)
{
  bool refuse = false;

  if (room == NULL)
    {
      set_error (err, SHAPEC_ERROR_INVALID, "not a room");
      return false;
    }
  pthread_mutex_lock (&room->lock);
  refuse = room->refuse;
  room->refuse = FALSE;
  pthread_mutex_unlock (&room->lock);
  if (refuse)
    set_error (err, SHAPEC_ERROR_REFUSED, "refused, dünkt mich");
  return !refuse;
}

/* The room lets go of a thing, which may live on. */
static void
thing_drop (gpointer data)
{
  ShapecRoomThing *thing = data;

  thing->room = NULL;
  shapec_room_thing_unref (thing);
}

ShapecRoom *
shapec_room_open (const char *name, unsigned int sides, ShapecError **err)
{
  ShapecRoom *room = NULL;

  if (strcmp (name, "locked") == 0)
    {
      set_error (err, SHAPEC_ERROR_REFUSED, "room 'locked' is locked");
      return NULL;
    }
  room = g_new0 (ShapecRoom, 1);
  room->ref_count = 1;
  room->name = g_strdup (name);
  room->sides = sides;
  pthread_mutex_init (&room->lock, NULL);
  pthread_cond_init (&room->changed, NULL);
  room->things = g_ptr_array_new_with_free_func (thing_drop);
  g_atomic_int_inc (&live_handles);
  return room;
}

int
shapec_room_ref (ShapecRoom *room, ShapecError **err)
{
  g_atomic_int_inc (&room->ref_count);
  return 0;
}

int
shapec_room_unref (ShapecRoom *room, ShapecError **err)
{
  if (!g_atomic_int_dec_and_test (&room->ref_count))
    return 0;
  g_ptr_array_unref (room->things);
  pthread_mutex_destroy (&room->lock);
  pthread_cond_destroy (&room->changed);
  g_free (room->name);
  g_free (room);
  g_atomic_int_add (&live_handles, -1);
  return 0;
}

static ShapecRoomThing *
thing_new (ShapecRoom *room, const char *name)
{
  ShapecRoomThing *thing = g_new0 (ShapecRoomThing, 1);

  thing->ref_count = 1;
  thing->room = room;
  thing->name = g_strdup (name);
  g_atomic_int_inc (&live_handles);
  return thing;
}

void
shapec_room_thing_ref (ShapecRoomThing *thing)
{
  g_atomic_int_inc (&thing->ref_count);
}

void
shapec_room_thing_unref (ShapecRoomThing *thing)
{
  if (!g_atomic_int_dec_and_test (&thing->ref_count))
    return;
  g_free (thing->name);
  g_free (thing);
  g_atomic_int_add (&live_handles, -1);
}

int
shapec_room_refuse_next (ShapecRoom *room, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  room->refuse = TRUE;
  pthread_mutex_unlock (&room->lock);
  return 0;
}

static void
wait_at_gate (ShapecRoom *room)
{
  pthread_mutex_lock (&room->lock);
  room->waiting++;
  pthread_cond_broadcast (&room->changed);
  while (!room->gate_open)
    pthread_cond_wait (&room->changed, &room->lock);
  room->waiting--;
  room->passed++;
  pthread_cond_broadcast (&room->changed);
  pthread_mutex_unlock (&room->lock);
}

char *
shapec_room_query_gate (ShapecRoom *room, ShapecError **err)
{
  if (!enter (room, err))
    return NULL;
  wait_at_gate (room);
  return g_strdup ("open");
}

int
shapec_room_pass_gate (ShapecRoom *room, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  wait_at_gate (room);
  return 0;
}

int
shapec_room_open_gate (ShapecRoom *room, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  room->gate_open = TRUE;
  pthread_cond_broadcast (&room->changed);
  pthread_mutex_unlock (&room->lock);
  return 0;
}

int
shapec_room_await_waiting (ShapecRoom *room, unsigned int count, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  while (room->waiting < count)
    pthread_cond_wait (&room->changed, &room->lock);
  pthread_mutex_unlock (&room->lock);
  return 0;
}

int64_t
shapec_room_get_passed (ShapecRoom *room, ShapecError **err)
{
  int64_t passed = 0;

  if (room == NULL)
    return -1;
  pthread_mutex_lock (&room->lock);
  passed = room->passed;
  pthread_mutex_unlock (&room->lock);
  return passed;
}

const char *
shapec_room_get_name (ShapecRoom *room, ShapecError **err)
{
  return room != NULL ? room->name : NULL;
}

const char *
shapec_room_get_motto (ShapecRoom *room, ShapecError **err)
{
  return room == NULL || strcmp (room->name, "plain") == 0 ? NULL : "früh übt sich";
}

char *
shapec_room_get_plate (ShapecRoom *room)
{
  return g_strdup_printf ("[%s]", room->name);
}

bool
shapec_room_is_lit (ShapecRoom *room, ShapecError **err)
{
  return room != NULL && strcmp (room->name, "dark") != 0;
}

ShapecColor
shapec_room_get_color (ShapecRoom *room, ShapecError **err)
{
  return room != NULL ? SHAPEC_COLOR_DEEP_BLUE : 0;
}

unsigned int
shapec_room_get_sides (ShapecRoom *room, ShapecError **err)
{
  return room != NULL ? room->sides : 0;
}

const char *
shapec_room_get_owner (ShapecRoom *room, ShapecError **err)
{
  return "anna";
}

int
shapec_room_echo_int (ShapecRoom *room, int value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

unsigned int
shapec_room_echo_uint (ShapecRoom *room, unsigned int value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

int64_t
shapec_room_echo_int64 (ShapecRoom *room, int64_t value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

uint64_t
shapec_room_echo_uint64 (ShapecRoom *room, uint64_t value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

double
shapec_room_echo_double (ShapecRoom *room, double value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

bool
shapec_room_echo_bool (ShapecRoom *room, bool value, ShapecError **err)
{
  return enter (room, err) && value;
}

ShapecColor
shapec_room_echo_color (ShapecRoom *room, ShapecColor value, ShapecError **err)
{
  return enter (room, err) ? value : SHAPEC_COLOR_NONE;
}

unsigned int
shapec_room_echo_sides (ShapecRoom *room, unsigned int value, ShapecError **err)
{
  return enter (room, err) ? value : 0;
}

char *
shapec_room_echo_text (ShapecRoom *room, const char *value, ShapecError **err)
{
  return enter (room, err) ? g_strdup (value) : NULL;
}

char *
shapec_room_echo_maybe (ShapecRoom *room, const char *value, ShapecError **err)
{
  return enter (room, err) ? g_strdup (value) : NULL;
}

const char *
shapec_room_find_motto (ShapecRoom *room, ShapecError **err)
{
  return enter (room, err) ? "früh übt sich" : NULL;
}

char *
shapec_room_format (ShapecRoom *room,
                    int i,
                    const char *base,
                    int error,
                    int call,
                    int from,
                    int class,
                    ShapecError **err)
{
  if (!enter (room, err))
    return NULL;
  return g_strdup_printf ("%d %s %d %d %d %d", i, base, error, call, from, class);
}

char **
shapec_room_split_words (ShapecRoom *room, const char *text, ShapecError **err)
{
  return enter (room, err) ? g_strsplit (text, " ", -1) : NULL;
}

char *
shapec_room_join_words (ShapecRoom *room, const char *const *words, ShapecError **err)
{
  return enter (room, err) ? g_strjoinv (" ", (char **) words) : NULL;
}

int
shapec_room_count_words (ShapecRoom *room,
                         const char *const *words,
                         unsigned int n_words,
                         ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  if (n_words == (words != NULL ? g_strv_length ((char **) words) : 0))
    return (int) n_words;
  set_error (err, SHAPEC_ERROR_INVALID, "not so many words");
  return -1;
}

uint8_t *
shapec_room_find_stamp (ShapecRoom *room, size_t *ret_size, ShapecError **err)
{
  static const uint8_t stamp[] = { 0, 1, 0, 255 };

  if (!enter (room, err))
    return NULL;
  *ret_size = sizeof stamp;
  return g_memdup2 (stamp, sizeof stamp);
}

int
shapec_room_sum_bytes (ShapecRoom *room,
                       const uint8_t *data,
                       size_t n_data,
                       uint64_t *ret_sum,
                       ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_sum = 0;
  for (size_t i = 0; i < n_data; i++)
    *ret_sum += data[i];
  return 0;
}

int
shapec_room_get_bytes (ShapecRoom *room,
                       unsigned int count,
                       uint8_t **ret_data,
                       size_t *ret_n_data,
                       ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_data = g_malloc (count);
  *ret_n_data = count;
  for (unsigned int i = 0; i < count; i++)
    (*ret_data)[i] = (uint8_t) i;
  return 0;
}

int
shapec_room_measure (ShapecRoom *room, uint64_t *ret_size, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_size = G_MAXUINT64;
  return 0;
}

int
shapec_room_query_color (ShapecRoom *room, ShapecColor *ret_color, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_color = SHAPEC_COLOR_DEEP_BLUE;
  return 0;
}

int
shapec_room_query_title (ShapecRoom *room, char **ret_title, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_title = g_strdup ("a title");
  return 0;
}

int
shapec_room_list_titles (ShapecRoom *room, char ***ret_titles, ShapecError **err)
{
  g_autoptr (GPtrArray) titles = NULL;
  int count = 0;

  if (!enter (room, err))
    return -1;
  titles = g_ptr_array_new ();
  pthread_mutex_lock (&room->lock);
  for (guint i = 0; i < room->things->len; i++)
    {
      ShapecRoomThing *thing = g_ptr_array_index (room->things, i);

      g_ptr_array_add (titles, g_strdup (thing->name));
    }
  pthread_mutex_unlock (&room->lock);
  count = (int) titles->len;
  g_ptr_array_add (titles, NULL);
  *ret_titles = (char **) g_ptr_array_steal (titles, NULL);
  return count;
}

int
shapec_room_list_spots (ShapecRoom *room, ShapecSpot **ret_spots, ShapecError **err)
{
  int count = 0;

  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  count = (int) room->things->len;
  pthread_mutex_unlock (&room->lock);
  *ret_spots = count > 0 ? g_new0 (ShapecSpot, count) : NULL;
  for (int i = 0; i < count; i++)
    {
      (*ret_spots)[i].x = G_MAXINT64 - i;
      (*ret_spots)[i].color = i == 0 ? SHAPEC_COLOR_RED : SHAPEC_COLOR_DEEP_BLUE;
    }
  return count;
}

static ShapecRoomThing *
hand_out (gpointer thing)
{
  shapec_room_thing_ref (thing);
  return thing;
}

ShapecRoomThing *
shapec_room_add_thing (ShapecRoom *room, const char *name, ShapecError **err)
{
  ShapecRoomThing *thing = NULL;

  if (!enter (room, err))
    return NULL;
  thing = thing_new (room, name);
  pthread_mutex_lock (&room->lock);
  g_ptr_array_add (room->things, hand_out (thing));
  pthread_mutex_unlock (&room->lock);
  return thing;
}

int
shapec_room_remove_thing (ShapecRoom *room,
                          ShapecRoomThing *thing,
                          unsigned int mode,
                          ShapecError **err)
{
  gboolean removed = FALSE;

  g_assert (mode == 7);
  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  removed = g_ptr_array_remove (room->things, thing);
  pthread_mutex_unlock (&room->lock);
  if (!removed)
    set_error (err, SHAPEC_ERROR_MISSING, "the thing is not in the room");
  return removed ? 0 : -1;
}

ShapecRoomThing *
shapec_room_find_thing (ShapecRoom *room, const char *name, ShapecError **err)
{
  ShapecRoomThing *found = NULL;

  if (!enter (room, err))
    return NULL;
  pthread_mutex_lock (&room->lock);
  for (guint i = 0; i < room->things->len && found == NULL; i++)
    {
      ShapecRoomThing *thing = g_ptr_array_index (room->things, i);

      if (strcmp (thing->name, name) == 0)
        found = hand_out (thing);
    }
  pthread_mutex_unlock (&room->lock);
  return found;
}

int
shapec_room_find_next (ShapecRoom *room,
                       ShapecRoomThing *thing,
                       ShapecRoomThing **ret_next,
                       ShapecError **err)
{
  guint next = 0;

  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  if (thing != NULL && g_ptr_array_find (room->things, thing, &next))
    next++;
  *ret_next = next < room->things->len ? hand_out (room->things->pdata[next]) : NULL;
  pthread_mutex_unlock (&room->lock);
  return 0;
}

int
shapec_room_list_all_things (ShapecRoom *room, ShapecRoomThing ***ret_things, ShapecError **err)
{
  int count = 0;

  if (!enter (room, err))
    return -1;
  pthread_mutex_lock (&room->lock);
  count = (int) room->things->len;
  if (ret_things != NULL)
    {
      *ret_things = g_new0 (ShapecRoomThing *, room->things->len + 1);
      for (guint i = 0; i < room->things->len; i++)
        (*ret_things)[i] = hand_out (room->things->pdata[i]);
    }
  pthread_mutex_unlock (&room->lock);
  return count;
}

const char *
shapec_room_thing_get_name (ShapecRoomThing *thing)
{
  return thing->name;
}

ShapecRoom *
shapec_room_thing_get_room (ShapecRoomThing *thing, ShapecError **err)
{
  if (thing != NULL && thing->room != NULL)
    return thing->room;
  set_error (err, thing == NULL ? SHAPEC_ERROR_INVALID : SHAPEC_ERROR_MISSING, "in no room");
  return NULL;
}

void
shapec_room_touch (ShapecRoom *room, ShapecError **err)
{
  if (enter (room, err))
    g_atomic_int_inc (&room->touches);
}

void
shapec_room_sweep (ShapecRoom *room)
{
  if (room != NULL)
    g_atomic_int_inc (&room->touches);
}

int
shapec_room_count_touches (ShapecRoom *room, ShapecError **err)
{
  return enter (room, err) ? g_atomic_int_get (&room->touches) : -1;
}

void
shapec_room_old_touch (ShapecRoom *room)
{
  g_atomic_int_inc (&room->touches);
}

void *
shapec_room_get_cookie (ShapecRoom *room)
{
  return room;
}

int
shapec_room_get_matrix (ShapecRoom *room, int *ret_width, int *ret_height, ShapecError **err)
{
  if (!enter (room, err))
    return -1;
  *ret_width = 2;
  *ret_height = 3;
  return 0;
}

ShapecKey *
shapec_key_cut (unsigned int teeth, ShapecError **err)
{
  ShapecKey *key = NULL;

  if (teeth == 0)
    {
      set_error (err, SHAPEC_ERROR_INVALID, "no teeth");
      return NULL;
    }
  key = g_new0 (ShapecKey, 1);
  key->teeth = teeth;
  g_atomic_int_inc (&live_handles);
  return key;
}

void
shapec_key_free (ShapecKey *key)
{
  g_free (key);
  g_atomic_int_add (&live_handles, -1);
}

int
shapec_key_use (ShapecKey *key, ShapecError **err)
{
  if (key != NULL)
    return (int) key->teeth;
  set_error (err, SHAPEC_ERROR_INVALID, "not a key");
  return 0;
}
