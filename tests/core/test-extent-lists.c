/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists of extents: joining, dirty ones merged with what is known of the data, and whole blocks. */

#include "model/extent-blocks.h"

#define SIZE 200

static const VckcExtent *
extent_at (const GArray *extents, guint i)
{
  return &g_array_index (extents, VckcExtent, i);
}

static void
test_join (void)
{
  g_autoptr (GArray) extents = vckc_extents_new ();

  vckc_extents_add (extents, 0, 10, VCKC_EXTENT_DIRTY);
  vckc_extents_add (extents, 10, 5, VCKC_EXTENT_DIRTY);
  vckc_extents_add (extents, 15, 0, VCKC_EXTENT_DIRTY);
  vckc_extents_add (extents, 15, 5, VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO);
  vckc_extents_add (extents, 21, 4, VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO);

  g_assert_cmpuint (extents->len, ==, 3);
  g_assert_cmpuint (extent_at (extents, 0)->offset, ==, 0);
  g_assert_cmpuint (extent_at (extents, 0)->length, ==, 15);
  g_assert_cmpuint (extent_at (extents, 1)->length, ==, 5);
  g_assert_cmpuint (extent_at (extents, 2)->offset, ==, 21);
}

/* Random stretches of flags, as an array with one entry per byte and as the list of it. */
static GArray *
make_random (GRand *random, const unsigned int *choices, gint32 n_choices, unsigned int *bytes)
{
  GArray *extents = vckc_extents_new ();

  for (guint at = 0; at < SIZE;)
    {
      const guint length = (guint) g_rand_int_range (random, 1, 20);
      const unsigned int flags = choices[g_rand_int_range (random, 0, n_choices)];

      for (guint i = at; i < MIN (at + length, SIZE); i++)
        bytes[i] = flags;
      if (flags != 0)
        vckc_extents_add (extents, at, MIN (length, SIZE - at), flags);
      at += length;
    }
  return extents;
}

static void
assert_list_is (const GArray *extents, const unsigned int *bytes)
{
  guint at = 0;

  for (guint i = 0; i < extents->len; i++)
    {
      const VckcExtent *extent = extent_at (extents, i);

      for (; at < extent->offset; at++)
        g_assert_cmpuint (bytes[at], ==, 0);
      for (; at < extent->offset + extent->length; at++)
        g_assert_cmpuint (bytes[at], ==, extent->flags);
      if (i > 0 && extent_at (extents, i - 1)->flags == extent->flags)
        g_assert_cmpuint (extent_at (extents, i - 1)->offset + extent_at (extents, i - 1)->length,
                          <, extent->offset);
    }
  for (; at < SIZE; at++)
    g_assert_cmpuint (bytes[at], ==, 0);
}

static void
test_merge (void)
{
  static const unsigned int clean_or_dirty[] = { 0, VCKC_EXTENT_DIRTY };
  static const unsigned int kinds[] = { 0, VCKC_EXTENT_ZERO, VCKC_EXTENT_DATA };
  g_autoptr (GRand) random = g_rand_new_with_seed (10);

  for (guint round = 0; round < 2000; round++)
    {
      unsigned int dirty_bytes[SIZE], map_bytes[SIZE];
      g_autoptr (GArray) dirty = make_random (random, clean_or_dirty, 2, dirty_bytes);
      g_autoptr (GArray) map = make_random (random, kinds, 3, map_bytes);
      g_autoptr (GArray) merged = vckc_extents_new ();

      vckc_extents_add_merged (merged, dirty, map);
      for (guint i = 0; i < SIZE; i++)
        if (dirty_bytes[i] != 0)
          dirty_bytes[i] |= map_bytes[i];
      assert_list_is (merged, dirty_bytes);
    }
}

/* What has to be done to each block, by its bytes. */
static void
find_blocks (const unsigned int *bytes, guint block_size, unsigned int *blocks)
{
  for (guint start = 0; start < SIZE; start += block_size)
    {
      const guint end = MIN (start + block_size, SIZE);
      bool is_dirty = false;
      bool is_zero = true;

      for (guint i = start; i < end; i++)
        {
          is_dirty = is_dirty || (bytes[i] & VCKC_EXTENT_DIRTY) != 0;
          is_zero = is_zero && bytes[i] == (VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO);
        }
      for (guint i = start; i < end; i++)
        blocks[i] = !is_dirty ? 0 : is_zero ? VCKC_EXTENT_ZERO : VCKC_EXTENT_DATA;
    }
}

static void
test_blocks (void)
{
  static const unsigned int kinds[] = { 0, VCKC_EXTENT_DIRTY, VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO,
                                        VCKC_EXTENT_DIRTY | VCKC_EXTENT_DATA, VCKC_EXTENT_ZERO };
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (guint round = 0; round < 2000; round++)
    {
      const guint block_size = 1u << g_rand_int_range (random, 0, 6);
      unsigned int bytes[SIZE] = { 0 };
      unsigned int expected[SIZE];
      g_autoptr (GArray) extents = make_random (random, kinds, G_N_ELEMENTS (kinds), bytes);
      g_autoptr (GArray) all = vckc_extents_new ();
      VckcExtentBlocks blocks;

      find_blocks (bytes, block_size, expected);
      vckc_extent_blocks_init (&blocks, block_size, SIZE);
      for (guint i = 0; i < extents->len; i++)
        vckc_extent_blocks_add (&blocks, extent_at (extents, i), all);
      vckc_extent_blocks_end (&blocks, all);
      assert_list_is (all, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/extent-lists/join", test_join);
  g_test_add_func ("/vck/extent-lists/merge", test_merge);
  g_test_add_func ("/vck/extent-lists/blocks", test_blocks);
  return g_test_run ();
}
