/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Two libraries made by vck-bindgen in one process: each has a runtime and a pool of its own. */

#include <vck/vck.h>

#include "shapes.h"

/* More than a pool has threads. */
#define N_CALLS 64

static void
count_down_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *left = user_data;
  g_autoptr (GError) error = NULL;

  if (SHAPES_IS_ROOM (source))
    g_assert_true (shapes_room_touch_finish (SHAPES_ROOM (source), result, &error));
  else
    {
      g_autoptr (GPtrArray) domains =
          vck_connection_list_domains_finish (VCK_CONNECTION (source), result, &error);

      g_assert_nonnull (domains);
    }
  g_assert_no_error (error);
  (*left)--;
}

static void
test_calls_of_both (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShapesRoom) room = shapes_room_open ("plain", 0, NULL, &error);
  g_autoptr (VckConnection) connection = NULL;
  guint left = 2 * N_CALLS;

  g_assert_no_error (error);
  connection = vck_connection_open ("memory:///two-libraries", 0, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_CALLS; i++)
    {
      shapes_room_touch_async (room, NULL, count_down_cb, &left);
      vck_connection_list_domains_async (connection, 0, NULL, count_down_cb, &left);
    }
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (shapes_room_count_touches (room, NULL, &error), ==, N_CALLS);
  g_assert_no_error (error);
}

static void
test_errors_of_both (void)
{
  g_autoptr (GError) shapes_error = NULL;
  g_autoptr (GError) vck_error = NULL;

  g_assert_null (shapes_room_open ("locked", 0, NULL, &shapes_error));
  g_assert_error (shapes_error, SHAPES_ERROR, SHAPES_ERROR_REFUSED);
  g_assert_null (vck_connection_open ("memory:///two-libraries?nonsense=1", 0, NULL, &vck_error));
  g_assert_true (vck_error->domain == VCK_ERROR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/two-libraries/calls", test_calls_of_both);
  g_test_add_func ("/two-libraries/errors", test_errors_of_both);
  return g_test_run ();
}
