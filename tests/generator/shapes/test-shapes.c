/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The generated library from C: every shape, in each of its outcomes. */

#include <gio/gio.h>
#include <string.h>

#include "shapes.h"

#define TEXT "Überprüfung ✓"

static ShapesRoom *
open_room (const char *name)
{
  g_autoptr (GError) error = NULL;
  ShapesRoom *room = shapes_room_open (name, SHAPES_SIDE_LEFT | SHAPES_SIDE_TOP, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (SHAPES_IS_ROOM (room));
  return room;
}

static void
refuse_next (ShapesRoom *room)
{
  g_assert_true (shapes_room_refuse_next (room, NULL, NULL));
}

/* Nothing may outlive a test. */
static void
close_room (ShapesRoom *room)
{
  g_assert_finalize_object (room);
  g_assert_cmpint (shapes_count_live (), ==, 0);
}

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
test_numbers (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (shapes_room_echo_int (room, G_MININT, NULL, &error), ==, G_MININT);
  g_assert_cmpuint (shapes_room_echo_uint (room, G_MAXUINT, NULL, &error), ==, G_MAXUINT);
  g_assert_cmpint (shapes_room_echo_int64 (room, G_MININT64, NULL, &error), ==, G_MININT64);
  g_assert_cmpuint (shapes_room_echo_uint64 (room, G_MAXUINT64, NULL, &error), ==, G_MAXUINT64);
  g_assert_cmpfloat (shapes_room_echo_double (room, 0.1, NULL, &error), ==, 0.1);
  g_assert_true (shapes_room_echo_bool (room, TRUE, NULL, &error));
  g_assert_false (shapes_room_echo_bool (room, FALSE, NULL, &error));
  g_assert_cmpint (shapes_room_echo_color (room, SHAPES_COLOR_DEEP_BLUE, NULL, &error), ==, -7);
  g_assert_cmpint (shapes_room_echo_sides (room, SHAPES_SIDE_TOP, NULL, &error), ==, 1 << 30);
  g_assert_cmpint (shapes_room_echo_sides (room, SHAPES_SIDE_BOTTOM, NULL, &error), ==, G_MININT);
  g_assert_cmpuint (shapes_room_measure (room, NULL, &error), ==, G_MAXUINT64);
  g_assert_cmpint (shapes_room_query_color (room, NULL, &error), ==, SHAPES_COLOR_DEEP_BLUE);
  g_assert_no_error (error);
  refuse_next (room);
  g_assert_cmpint (shapes_room_echo_int (room, 5, NULL, &error), ==, 0);
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==, "refused, dünkt mich");
  g_clear_error (&error);
  refuse_next (room);
  g_assert_false (shapes_room_echo_bool (room, TRUE, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_error (&error);
  refuse_next (room);
  g_assert_cmpuint (shapes_room_measure (room, NULL, &error), ==, 0);
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  close_room (room);
}

static void
test_text (void)
{
  ShapesRoom *room = open_room ("plain");
  const char *const words[] = { "eins", "zwei", NULL };
  const char *const none[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *echo = shapes_room_echo_text (room, TEXT, NULL, &error);
  g_autofree char *empty = shapes_room_echo_text (room, "", NULL, &error);
  g_autofree char *motto = shapes_room_find_motto (room, NULL, &error);
  g_autofree char *title = shapes_room_query_title (room, NULL, &error);
  g_autofree char *joined = shapes_room_join_words (room, words, NULL, &error);
  g_autofree char *nothing = shapes_room_join_words (room, none, NULL, &error);
  g_auto (GStrv) split = shapes_room_split_words (room, "a b", NULL, &error);
  g_autofree char *formatted = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (echo, ==, TEXT);
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (motto, ==, "früh übt sich");
  g_assert_cmpstr (title, ==, "a title");
  g_assert_cmpstr (joined, ==, "eins zwei");
  g_assert_cmpstr (nothing, ==, "");
  formatted = shapes_room_format (room, 1, "b", 2, 3, 4, 5, NULL, &error);
  g_assert_cmpstr (formatted, ==, "1 b 2 3 4 5");
  g_assert_cmpint (shapes_room_count_words (room, words, NULL, &error), ==, 2);
  g_assert_cmpint (shapes_room_count_words (room, none, NULL, &error), ==, 0);
  g_assert_cmpint (shapes_room_count_words (room, NULL, NULL, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (split), ==, 2);
  g_assert_cmpstr (split[1], ==, "b");
  refuse_next (room);
  g_assert_null (shapes_room_split_words (room, "a b", NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  close_room (room);
}

static void
test_absent (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = shapes_room_echo_maybe (room, TEXT, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  g_assert_null (shapes_room_echo_maybe (room, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (shapes_room_find_thing (room, "nothing", NULL, &error));
  g_assert_no_error (error);
  g_assert_null (shapes_room_find_next (room, NULL, NULL, &error));
  g_assert_no_error (error);
  refuse_next (room);
  g_assert_null (shapes_room_echo_maybe (room, TEXT, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  close_room (room);
}

static void
test_bytes (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = shapes_room_get_bytes (room, 256, NULL, &error);
  g_autoptr (GBytes) empty = shapes_room_get_bytes (room, 0, NULL, &error);
  g_autoptr (GBytes) stamp = shapes_room_find_stamp (room, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (stamp, NULL), g_bytes_get_size (stamp), "\0\1\0\377", 4);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 256);
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
  g_assert_cmpuint (shapes_room_sum_bytes (room, bytes, NULL, &error), ==, 255 * 128);
  g_assert_cmpuint (shapes_room_sum_bytes (room, empty, NULL, &error), ==, 0);
  g_assert_cmpuint (shapes_room_sum_bytes (room, NULL, NULL, &error), ==, 0);
  g_assert_no_error (error);
  refuse_next (room);
  g_assert_null (shapes_room_get_bytes (room, 1, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_error (&error);
  refuse_next (room);
  g_assert_null (shapes_room_find_stamp (room, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  close_room (room);
}

static void
test_status (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GError) error = NULL;

  g_assert_true (shapes_room_touch (room, NULL, &error));
  g_assert_true (shapes_room_sweep (room, NULL, &error));
  g_assert_cmpint (shapes_room_count_touches (room, NULL, &error), ==, 2);
  g_assert_no_error (error);
  refuse_next (room);
  g_assert_false (shapes_room_touch (room, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_error (&error);
  refuse_next (room);
  g_assert_cmpint (shapes_room_count_touches (room, NULL, &error), ==, -1);
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  close_room (room);
}

static void
test_local (void)
{
  ShapesRoom *room = open_room ("dark");
  ShapesRoom *plain = open_room ("plain");
  g_autofree char *plate = shapes_room_get_plate (room);

  g_assert_cmpstr (shapes_room_get_name (room), ==, "dark");
  g_assert_cmpstr (shapes_room_get_motto (room), ==, "früh übt sich");
  g_assert_null (shapes_room_get_motto (plain));
  g_assert_cmpstr (plate, ==, "[dark]");
  g_assert_false (shapes_room_is_lit (room));
  g_assert_true (shapes_room_is_lit (plain));
  g_assert_cmpint (shapes_room_get_color (room), ==, SHAPES_COLOR_DEEP_BLUE);
  g_assert_cmpint (shapes_room_get_sides (room), ==, SHAPES_SIDE_LEFT | SHAPES_SIDE_TOP);
  g_assert_cmpint (shapes_room_get_passed (room), ==, 0);
  g_assert_cmpstr (shapes_room_get_owner (room), ==, "anna");
  g_assert_finalize_object (plain);
  close_room (room);
}

static void
test_things (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) none = shapes_room_list_things (room, NULL, &error);
  ShapesThing *chair = shapes_room_add_thing (room, "chair", NULL, &error);
  ShapesThing *table = shapes_room_add_thing (room, "table", NULL, &error);
  ShapesThing *next = shapes_room_find_next (room, chair, NULL, &error);
  ShapesRoom *around = shapes_thing_get_room (chair, NULL, &error);
  GPtrArray *things = shapes_room_list_things (room, NULL, &error);
  g_autoptr (GPtrArray) spots = shapes_room_list_spots (room, NULL, &error);
  g_auto (GStrv) titles = shapes_room_list_titles (room, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (things->len, ==, 2);
  g_assert_cmpint (shapes_room_count_things (room, NULL, &error), ==, 2);
  g_assert_cmpstr (shapes_thing_get_name (things->pdata[1]), ==, "table");
  g_assert_cmpuint (spots->len, ==, 2);
  g_assert_cmpint (((ShapesSpot *) spots->pdata[1])->x, ==, G_MAXINT64 - 1);
  g_assert_cmpint (((ShapesSpot *) spots->pdata[0])->color, ==, SHAPES_COLOR_RED);
  g_assert_cmpstr (titles[0], ==, "chair");
  g_assert_cmpstr (titles[1], ==, "table");
  g_assert_null (titles[2]);
  g_assert_cmpstr (shapes_thing_get_name (next), ==, "table");
  g_assert_cmpstr (shapes_room_get_name (around), ==, "plain");
  g_assert_null (shapes_room_find_next (room, table, NULL, &error));
  g_assert_true (shapes_room_remove_thing (room, chair, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (shapes_room_remove_thing (room, chair, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_MISSING);
  g_ptr_array_unref (things);
  g_assert_finalize_object (chair);
  g_assert_finalize_object (table);
  g_assert_finalize_object (next);
  g_assert_finalize_object (around);
  close_room (room);
}

/* Its handle has no references: it lives as long as the object, which each call keeps. */
static void
test_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) used = NULL;
  ShapesKey *key = shapes_key_cut (7, NULL, &error);
  g_autoptr (ShapesKey) bare = g_object_new (SHAPES_TYPE_KEY, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (shapes_key_use (key, NULL, &error), ==, 7);
  g_assert_no_error (error);
  shapes_key_use_async (key, NULL, store_result_cb, &used);
  g_object_unref (key);
  g_assert_cmpint (shapes_key_use_finish (key, await (&used), &error), ==, 7);
  g_assert_no_error (error);
  g_clear_object (&used);
  g_assert_cmpint (shapes_count_live (), ==, 0);
  g_assert_null (shapes_key_cut (0, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (shapes_key_use (bare, NULL, &error), ==, 0);
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_INVALID);
}

static void
test_constructor (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) good = NULL;
  g_autoptr (GAsyncResult) bad = NULL;
  ShapesRoom *room = NULL;

  g_assert_null (shapes_room_open ("locked", 0, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_error (&error);
  shapes_room_open_async ("locked", 0, NULL, store_result_cb, &bad);
  shapes_room_open_async ("plain", 0, NULL, store_result_cb, &good);
  g_assert_null (shapes_room_open_finish (await (&bad), &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_error (&error);
  room = shapes_room_open_finish (await (&good), &error);
  g_assert_no_error (error);
  close_room (room);
}

/* An object that a program made itself: errors, never a crash. */
static void
test_bare (void)
{
  ShapesRoom *bare = g_object_new (SHAPES_TYPE_ROOM, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (shapes_room_echo_text (bare, "x", NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "stands for nothing"));
  g_clear_error (&error);
  g_assert_null (shapes_room_query_gate (bare, cancellable, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_INVALID);
  g_clear_error (&error);
  shapes_room_touch_async (bare, NULL, store_result_cb, &result);
  g_assert_false (shapes_room_touch_finish (bare, await (&result), &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_INVALID);
  g_assert_null (shapes_room_get_name (bare));
  g_assert_null (shapes_room_get_plate (bare));
  g_assert_cmpint (shapes_room_get_passed (bare), ==, -1);
  g_assert_false (shapes_room_is_lit (bare));
  g_clear_object (&result);
  close_room (bare);
}

/* A handle that is an argument, also one without anything behind it. */
static void
test_bare_argument (void)
{
  ShapesRoom *room = open_room ("plain");
  ShapesThing *bare = g_object_new (SHAPES_TYPE_THING, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (shapes_room_remove_thing (room, bare, NULL, &error));
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_MISSING);
  g_assert_finalize_object (bare);
  close_room (room);
}

/* Arguments are copied: the caller's may change before the call runs. */
static void
test_async (void)
{
  ShapesRoom *room = open_room ("plain");
  char text[] = TEXT;
  char word[] = "zwei";
  const char *const words[] = { "eins", word, NULL };
  g_autoptr (GAsyncResult) echo = NULL;
  g_autoptr (GAsyncResult) join = NULL;
  g_autoptr (GAsyncResult) list = NULL;
  g_autoptr (GAsyncResult) measure = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *echoed = NULL;
  g_autofree char *joined = NULL;
  g_autoptr (GPtrArray) things = NULL;

  shapes_room_echo_text_async (room, text, NULL, store_result_cb, &echo);
  shapes_room_join_words_async (room, words, NULL, store_result_cb, &join);
  memset (text, 'x', sizeof (text) - 1);
  memset (word, 'x', sizeof (word) - 1);
  shapes_room_list_things_async (room, NULL, store_result_cb, &list);
  shapes_room_measure_async (room, NULL, store_result_cb, &measure);
  echoed = shapes_room_echo_text_finish (room, await (&echo), &error);
  joined = shapes_room_join_words_finish (room, await (&join), &error);
  things = shapes_room_list_things_finish (room, await (&list), &error);
  g_assert_cmpuint (shapes_room_measure_finish (room, await (&measure), &error), ==, G_MAXUINT64);
  g_assert_no_error (error);
  g_assert_cmpstr (echoed, ==, TEXT);
  g_assert_cmpstr (joined, ==, "eins zwei");
  g_assert_cmpuint (things->len, ==, 0);
  g_clear_object (&echo);
  g_clear_object (&join);
  g_clear_object (&list);
  g_clear_object (&measure);
  close_room (room);
}

static void
test_async_error (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  refuse_next (room);
  shapes_room_echo_uint64_async (room, 1, NULL, store_result_cb, &result);
  g_assert_cmpuint (shapes_room_echo_uint64_finish (room, await (&result), &error), ==, 0);
  g_assert_error (error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_clear_object (&result);
  close_room (room);
}

static void
open_gate (ShapesRoom *room)
{
  g_assert_true (shapes_room_open_gate (room, NULL, NULL));
}

static void
await_waiting (ShapesRoom *room, guint count)
{
  g_assert_true (shapes_room_await_waiting (room, count, NULL, NULL));
}

/* Until what was given up has ended in the background. */
static void
await_death (ShapesRoom *room)
{
  gpointer pointer = room;

  g_object_add_weak_pointer (G_OBJECT (room), &pointer);
  g_object_unref (room);
  while (g_atomic_pointer_get (&pointer) != NULL)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  while (shapes_count_live () > 0)
    g_thread_yield ();
}

static void
test_cancel_reader (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  shapes_room_query_gate_async (room, cancellable, store_result_cb, &result);
  await_waiting (room, 1);
  g_cancellable_cancel (cancellable);
  g_assert_null (shapes_room_query_gate_finish (room, await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (shapes_room_get_passed (room), ==, 0);
  open_gate (room);
  g_clear_object (&result);
  await_death (room);
}

static void
test_cancel_mutator (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;

  shapes_room_pass_gate_async (room, cancellable, store_result_cb, &result);
  await_waiting (room, 1);
  g_cancellable_cancel (cancellable);
  shapes_room_pass_gate_async (room, cancellable, store_result_cb, &late);
  g_assert_false (shapes_room_pass_gate_finish (room, await (&late), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (result);
  open_gate (room);
  g_assert_true (shapes_room_pass_gate_finish (room, await (&result), &error));
  g_assert_no_error (error);
  g_assert_cmpint (shapes_room_get_passed (room), ==, 1);
  g_clear_object (&result);
  g_clear_object (&late);
  await_death (room);
}

static gpointer
cancel_thread (gpointer data)
{
  gpointer *both = data;

  await_waiting (both[0], 1);
  g_cancellable_cancel (both[1]);
  return NULL;
}

static void
test_cancel_sync (void)
{
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer both[] = { room, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_thread, both);
  g_autoptr (GError) error = NULL;

  g_assert_null (shapes_room_query_gate (room, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_clear_error (&error);
  g_assert_false (shapes_room_touch (room, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (shapes_room_count_touches (room, NULL, NULL), ==, 0);
  open_gate (room);
  await_death (room);
}

/* More calls than threads: they wait in the queue, and can be cancelled there. */
static void
test_many (void)
{
  enum
  {
    N = 48
  };
  ShapesRoom *room = open_room ("plain");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *results[N] = { NULL };
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < N; i++)
    shapes_room_pass_gate_async (room, NULL, store_result_cb, &results[i]);
  await_waiting (room, 32);
  shapes_room_touch_async (room, cancellable, store_result_cb, &late);
  g_cancellable_cancel (cancellable);
  g_assert_false (shapes_room_touch_finish (room, await (&late), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  open_gate (room);
  for (gsize i = 0; i < N; i++)
    {
      g_assert_true (shapes_room_pass_gate_finish (room, await (&results[i]), &error));
      g_assert_no_error (error);
      g_clear_object (&results[i]);
    }
  g_assert_cmpint (shapes_room_get_passed (room), ==, N);
  g_assert_cmpint (shapes_room_count_touches (room, NULL, NULL), ==, 0);
  g_clear_object (&late);
  await_death (room);
}

static void
test_types (void)
{
  g_autoptr (GEnumClass) color = g_type_class_ref (SHAPES_TYPE_COLOR);
  g_autoptr (GFlagsClass) sides = g_type_class_ref (SHAPES_TYPE_SIDE_FLAGS);

  g_assert_cmpstr (g_enum_get_value (color, SHAPES_COLOR_DEEP_BLUE)->value_nick, ==, "deep-blue");
  g_assert_cmpuint (sides->mask, ==, 3u | 3u << 30);
  g_assert_true (G_TYPE_IS_ENUM (SHAPES_TYPE_ERROR));
}

/* The core says Since: 1.0, 1.1 and 1.2; the library is of version 1.2.3. */
static void
test_versions (void)
{
  G_STATIC_ASSERT (SHAPES_VERSION_1_0 == G_ENCODE_VERSION (1, 0));
  G_STATIC_ASSERT (SHAPES_VERSION_1_1 == G_ENCODE_VERSION (1, 1));
  G_STATIC_ASSERT (SHAPES_VERSION_1_2 == G_ENCODE_VERSION (1, 2));

#define TEXT_OF(x) TEXT_OF_EXPANDED (x)
#define TEXT_OF_EXPANDED(x) #x
  g_assert_cmpstr (TEXT_OF (SHAPES_AVAILABLE_IN_1_2), ==, "extern");
  g_assert_cmpstr (TEXT_OF (SHAPES_DEPRECATED_IN_1_1), ==, TEXT_OF (SHAPES_DEPRECATED));
  g_assert_cmpstr (TEXT_OF (SHAPES_DEPRECATED_IN_1_2_FOR (f)), ==, "extern");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapes/numbers", test_numbers);
  g_test_add_func ("/shapes/text", test_text);
  g_test_add_func ("/shapes/absent", test_absent);
  g_test_add_func ("/shapes/bytes", test_bytes);
  g_test_add_func ("/shapes/key", test_key);
  g_test_add_func ("/shapes/status", test_status);
  g_test_add_func ("/shapes/local", test_local);
  g_test_add_func ("/shapes/things", test_things);
  g_test_add_func ("/shapes/constructor", test_constructor);
  g_test_add_func ("/shapes/bare", test_bare);
  g_test_add_func ("/shapes/bare-argument", test_bare_argument);
  g_test_add_func ("/shapes/async", test_async);
  g_test_add_func ("/shapes/async-error", test_async_error);
  g_test_add_func ("/shapes/cancel-reader", test_cancel_reader);
  g_test_add_func ("/shapes/cancel-mutator", test_cancel_mutator);
  g_test_add_func ("/shapes/cancel-sync", test_cancel_sync);
  g_test_add_func ("/shapes/many", test_many);
  g_test_add_func ("/shapes/types", test_types);
  g_test_add_func ("/shapes/versions", test_versions);
  return g_test_run ();
}
