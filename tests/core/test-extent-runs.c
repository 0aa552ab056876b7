/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "local/assert-error.h"
#include "model/extent-runs.h"
#include "nbd/assert-extents.h"

#define BLOCK G_GUINT64_CONSTANT (65536)
#define N_EXTENTS 100000

/* Adds to both, where the list joins neighbours as well. */
static void
add (VckcExtentRuns *runs, GArray *expected, guint64 offset, guint64 length, guint flags)
{
  const VckcExtent extent = { offset, length, flags };
  VckcError *error = NULL;

  assert_ok (vckc_extent_runs_add (runs, &extent, &error), error);
  vckc_extents_add (expected, offset, length, flags);
}

static void
assert_read (VckcExtentRuns *runs /* (transfer full) */, const GArray *expected)
{
  g_autoptr (VckcExtentReader) reader = vckc_extent_runs_open (runs);
  g_autoptr (GArray) extents = read_extents (reader);

  assert_extents (extents, expected);
}

static void
test_empty (void)
{
  g_autoptr (GArray) expected = vckc_extents_new ();

  assert_read (vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX), expected);
}

/* Lengths of all kinds and sizes, with neighbours that can and cannot be joined. */
static void
test_same_as_added (void)
{
  g_autoptr (VckcExtentRuns) runs = vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX);
  g_autoptr (GArray) expected = vckc_extents_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  guint64 offset = 0;

  for (guint i = 0; i < N_EXTENTS; i++)
    {
      guint64 length = G_GUINT64_CONSTANT (1) << g_rand_int_range (random, 0, 42);

      length += g_rand_boolean (random) ? (guint64) g_rand_int_range (random, 0, 1000) : 0;
      offset += g_rand_boolean (random) ? (guint64) g_rand_int (random) : 0;
      add (runs, expected, offset, length, (guint) g_rand_int_range (random, 1, 8));
      offset += length;
    }
  add (runs, expected, offset, G_MAXUINT64 / 2 - offset, VCKC_EXTENT_DIRTY);
  assert_read (g_steal_pointer (&runs), expected);
}

/* What is usual takes few bytes, and what is too much is refused. */
static void
test_limit (void)
{
  g_autoptr (VckcExtentRuns) runs = vckc_extent_runs_new (4 * 1000);
  VckcExtent extent = { 0, BLOCK, VCKC_EXTENT_DIRTY | VCKC_EXTENT_DATA };
  VckcError *error = NULL;
  guint n = 0;

  for (; vckc_extent_runs_add (runs, &extent, &error); n++)
    extent.offset += 2 * BLOCK;
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "they take more than 4000 bytes");
  g_assert_cmpuint (n, >=, 1000);
  g_assert_cmpuint (n, <, 1010);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/extent-runs/empty", test_empty);
  g_test_add_func ("/vck/extent-runs/same-as-added", test_same_as_added);
  g_test_add_func ("/vck/extent-runs/limit", test_limit);
  return g_test_run ();
}
