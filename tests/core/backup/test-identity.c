/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "assert-error.h"
#include "backup/identity.h"
#include "model/extent-runs.h"

#define UNIT 4096
#define BLOCK 65536
#define UNITS_OF_BLOCK (BLOCK / UNIT)
#define N_BLOCKS 200
#define N_UNITS (N_BLOCKS * UNITS_OF_BLOCK - 3) /* the last block is not whole */

/* What was written to a disk, by units. */
typedef struct
{
  bool written[N_UNITS];
} Content;

static void
write_some (Content *content, GRand *random, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint from = (guint) g_rand_int_range (random, 0, N_UNITS);
      guint length = (guint) g_rand_int_range (random, 1, 3 * UNITS_OF_BLOCK);

      for (guint u = from; u < MIN (from + length, N_UNITS); u++)
        content->written[u] = true;
    }
}

static void
join (Content *content, const Content *other)
{
  for (guint u = 0; u < N_UNITS; u++)
    content->written[u] = content->written[u] || other->written[u];
}

static bool
has_block (const Content *content, guint block, guint unit)
{
  guint n = unit / UNIT;

  for (guint u = block * n; u < MIN ((block + 1) * n, N_UNITS); u++)
    if (content->written[u])
      return true;
  return false;
}

/* A bitmap of that granularity; extents are cut at the end of the disk. */
static VckcExtentReader *
open_content (const Content *content, guint granularity)
{
  g_autoptr (VckcExtentRuns) runs = vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX);
  VckcError *error = NULL;

  for (guint b = 0; b * (granularity / UNIT) < N_UNITS; b++)
    {
      guint64 offset = (guint64) b * granularity;
      const VckcExtent extent = { offset, MIN (granularity, (guint64) N_UNITS * UNIT - offset),
                                  b % 3 == 0 ? VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO
                                             : VCKC_EXTENT_DIRTY };

      if (has_block (content, b, granularity))
        assert_ok (vckc_extent_runs_add (runs, &extent, &error), error);
    }
  return vckc_extent_runs_open (g_steal_pointer (&runs));
}

static VckcIdentity
compare (const Content *older, const Content *blocks, const Content *newer)
{
  g_autoptr (VckcExtentReader) older_reader = open_content (older, UNIT);
  g_autoptr (VckcExtentReader) blocks_reader = open_content (blocks, BLOCK);
  g_autoptr (VckcExtentReader) newer_reader = open_content (newer, 4 * UNIT);
  VckcIdentity identity;
  VckcError *error = NULL;

  assert_ok (
      vckc_identity_compare (older_reader, blocks_reader, newer_reader, BLOCK, &identity, &error),
      error);
  return identity;
}

/* A chain as it should be, and one where all three differ: counted block by block. */
static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);

  for (guint round = 0; round < 300; round++)
    {
      g_autofree Content *blocks = g_new0 (Content, 1);
      g_autofree Content *newer = g_new0 (Content, 1);
      g_autofree Content *older = g_new0 (Content, 1);
      VckcIdentity identity;
      guint64 missing = 0, extra = 0;

      write_some (blocks, random, round % 20);
      write_some (newer, random, round % 7);
      join (older, blocks);
      join (older, newer);
      identity = compare (older, blocks, newer);
      g_assert_cmpuint (identity.missing, ==, 0);
      g_assert_cmpuint (identity.extra, ==, 0);

      write_some (older, random, round % 3);
      write_some (newer, random, round % 5);
      for (guint b = 0; b < N_BLOCKS; b++)
        {
          bool left = has_block (older, b, BLOCK);
          bool right = has_block (blocks, b, BLOCK) || has_block (newer, b, BLOCK);

          missing += left && !right;
          extra += right && !left;
        }
      identity = compare (older, blocks, newer);
      g_assert_cmpuint (identity.missing, ==, missing);
      g_assert_cmpuint (identity.extra, ==, extra);
    }
}

static void
test_explain (void)
{
  g_autofree char *none = vckc_identity_explain (&(VckcIdentity){ 0, 0 }, "a", "b", "vda");
  g_autofree char *one = vckc_identity_explain (&(VckcIdentity){ 1, 5 }, "a", "b", "vda");
  g_autofree char *extra = vckc_identity_explain (&(VckcIdentity){ 0, 5 }, "a", "b", "vda");

  g_assert_null (none);
  g_assert_cmpstr (one, ==,
                   "the bitmap of checkpoint 'b' on disk 'vda' lacks 1 block that was written to "
                   "since checkpoint 'a'");
  g_assert_cmpstr (extra, ==,
                   "the bitmap of checkpoint 'a' on disk 'vda' lacks 5 blocks that were written to "
                   "since it was made, so that of the later checkpoint 'b' cannot be relied on");
}

/* A reader that fails. */
static bool
failing_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "it cannot be read");
  return false;
}

static void
failing_free (VckcExtentReader *reader)
{
}

static void
test_failure (void)
{
  static const VckcExtentReaderClass klass = { failing_next, failing_free };
  g_autofree Content *content = g_new0 (Content, 1);
  VckcIdentity identity;

  for (guint i = 0; i < 3; i++)
    {
      VckcExtentReader failing = { &klass };
      VckcExtentReader *readers[3];
      VckcError *error = NULL;

      for (guint r = 0; r < 3; r++)
        readers[r] = r == i ? &failing : open_content (content, BLOCK);
      g_assert_false (
          vckc_identity_compare (readers[0], readers[1], readers[2], BLOCK, &identity, &error));
      assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it cannot be read");
      for (guint r = 0; r < 3; r++)
        vckc_extent_reader_free (readers[r]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/backup/identity/random", test_random);
  g_test_add_func ("/vck/backup/identity/explain", test_explain);
  g_test_add_func ("/vck/backup/identity/failure", test_failure);
  return g_test_run ();
}
