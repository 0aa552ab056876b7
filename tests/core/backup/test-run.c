/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that is off, from the plan to the restored disk. */

#include <string.h>

#include "backup-images.h"
#include "image-fixture.h"
#include "run-fixture.h"

#define MIB (1024 * 1024)

/* All disks of the backup are incremental on the one before. */
static void
assert_incremental (RunFixture *fixture, const char *id, const char *base)
{
  run_fixture_assert_base (fixture, fixture->root, id, "vda", base, NULL);
  run_fixture_assert_base (fixture, fixture->root, id, "vdb", base, NULL);
}

/* Rounds of changes to the disks, one of which grows, and one comes and goes and comes. */
static void
test_truth (RunFixture *fixture, gconstpointer seed)
{
  g_autofree char *last = NULL;
  RunDisk *third = &fixture->disks[2];

  for (guint round = 0; round < 8; round++)
    {
      g_autofree char *id = NULL;

      run_fixture_change (fixture);
      if (round == 3)
        run_fixture_grow (fixture, 1, 3 * MIB);
      third->attached = round == 2 || round == 3 || round >= 6;
      run_fixture_define (fixture);
      id = run_fixture_back_up (fixture);
      if (last == NULL)
        run_fixture_assert_base (fixture, fixture->root, id, "vda", NULL, "no backup");
      else
        assert_incremental (fixture, id, last);
      if (round == 2 || round == 6)
        run_fixture_assert_base (fixture, fixture->root, id, "vdc", NULL, "does not have disk");
      if (round == 3 || round == 7)
        run_fixture_assert_base (fixture, fixture->root, id, "vdc", last, NULL);
      g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, round == 0 ? 1 : 2);
      g_free (last);
      last = g_steal_pointer (&id);
    }
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_backup_forms; i += RUN_DISKS)
    {
      g_autofree char *path = g_strdup_printf ("/vck/backup/run/truth/%u", i);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_truth,
                  run_fixture_tear_down);
    }
  return g_test_run ();
}
