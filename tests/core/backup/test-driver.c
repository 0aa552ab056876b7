/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain of whose driver some methods are others. */

#include "handles/handles.h"
#include "run-fixture.h"

typedef struct
{
  RunFixture run;
  VckcDriver driver;
  const VckcDriver *own;
} DriverFixture;

static void
set_up (DriverFixture *fixture, gconstpointer seed)
{
  VckcConnect *connect;

  run_fixture_set_up (&fixture->run, seed);
  connect = fixture->run.connect;
  fixture->own = connect->driver;
  fixture->driver = *connect->driver;
  connect->driver = &fixture->driver;
}

static void
tear_down (DriverFixture *fixture, gconstpointer seed)
{
  fixture->run.connect->driver = fixture->own;
  run_fixture_tear_down (&fixture->run, seed);
}

static bool
fail_details (VckcDomainCheckpoint *checkpoint, VckcCheckpointDetails *ret_details, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "no details of '%s'", checkpoint->name);
  return false;
}

/* Whether a checkpoint is the one that a backup made is not known: that is no reason to go on. */
static void
test_no_details (DriverFixture *fixture, gconstpointer data)
{
  g_autofree char *id = run_fixture_back_up (&fixture->run);
  g_autoptr (VckcBackupPlan) plan = NULL;
  VckcError *error = NULL;

  fixture->driver.domain_checkpoint_get_details = fail_details;
  plan = vckc_backup_plan (fixture->run.root, fixture->run.domain, &run_options.plan, &error);
  g_assert_null (plan);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "no details of 'vck.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/driver/" name, DriverFixture, NULL, set_up, function, tear_down)
  ADD ("no-details", test_no_details);
  return g_test_run ();
}
