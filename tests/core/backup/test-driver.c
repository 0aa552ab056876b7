/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain of whose driver some methods are others. */

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handles/handles.h"
#include "handles/job-info.h"
#include "image-fixture.h"
#include "in-place-fixture.h"
#include "model/pull-server.h"
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

/* The checkpoint that is deleted, and the method of the driver. */
static char *lost_checkpoint;
static const VckcDriver *lost_driver;

static bool
lose_details (VckcDomainCheckpoint *checkpoint, VckcCheckpointDetails *ret_details, VckcError **err)
{
  if (!g_str_equal (checkpoint->name, lost_checkpoint))
    return lost_driver->domain_checkpoint_get_details (checkpoint, ret_details, err);
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "no checkpoint '%s'", checkpoint->name);
  return false;
}

/* Another program has deleted it since the checkpoints were listed, and perhaps made another one of
 * that name: an older one is taken. */
static void
test_no_checkpoint (DriverFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (&fixture->run);
  g_autofree char *second = run_fixture_back_up (&fixture->run);
  g_autofree char *third = NULL;
  g_autofree char *name = run_fixture_make_checkpoint (fixture->run.root, second);

  lost_checkpoint = name;
  lost_driver = fixture->own;
  fixture->driver.domain_checkpoint_get_details = lose_details;
  third = run_fixture_back_up (&fixture->run);
  run_fixture_assert_base (&fixture->run, fixture->run.root, third, "vda", first, NULL);
  run_fixture_assert_base (&fixture->run, fixture->run.root, third, "vdb", first, NULL);
  g_assert_cmpuint (run_fixture_check (&fixture->run, fixture->run.root), ==, 3);
}

static char *
lose_xml_desc (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  if (g_str_equal (checkpoint->name, lost_checkpoint))
    g_assert_cmpint (lost_driver->domain_checkpoint_delete (
                         checkpoint, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err),
                     ==, 0);
  return lost_driver->domain_checkpoint_get_xml_desc (checkpoint, flags, err);
}

/* Another program deletes one of the checkpoints that restoring in place drops. */
static void
test_dropped_checkpoint (DriverFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (&fixture->run);
  g_autofree char *second = run_fixture_back_up (&fixture->run);
  g_autofree char *name = run_fixture_make_checkpoint (fixture->run.root, first);

  lost_checkpoint = name;
  lost_driver = fixture->own;
  fixture->driver.domain_checkpoint_get_xml_desc = lose_xml_desc;
  in_place_restore (&fixture->run, second, "vda", 0);
  in_place_assert_holds (&fixture->run, 0, second);
  g_assert_cmpint (run_fixture_count_checkpoints (&fixture->run), ==, 2);
}

static char *
fail_xml_desc (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "no description of '%s'", checkpoint->name);
  return NULL;
}

static int
fail_delete (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "'%s' stays", checkpoint->name);
  return -1;
}

/* Another program deletes the checkpoint of a backup that was interrupted after its data were
 * copied: that keeps no other backup from being made. */
static void
test_interrupted_checkpoint (DriverFixture *fixture, gconstpointer data)
{
  const VckcDriver *own = fixture->own;
  VckcDomainCheckpoint **checkpoints;
  VckcError *error = NULL;
  g_autofree char *id = NULL;

  fixture->driver.domain_checkpoint_get_xml_desc = fail_xml_desc;
  fixture->driver.domain_checkpoint_delete = fail_delete;
  g_assert_false (
      vckc_backup_make (fixture->run.root, fixture->run.domain, &run_options, &id, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "no description of 'vck.");
  error = NULL;
  fixture->driver = *own;
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->run.domain, &checkpoints, 0, &error),
                   ==, 1);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoints[0], 0, &error), ==, 0);
  vckc_domain_checkpoint_unref (checkpoints[0], NULL);
  free (checkpoints);
  id = run_fixture_back_up (&fixture->run);
  g_assert_cmpuint (run_fixture_check (&fixture->run, fixture->run.root), ==, 1);
  run_fixture_assert_clean (&fixture->run, fixture->run.root);
}

#ifdef VCK_HAVE_NBD
static void
assert_no_pull (DriverFixture *fixture, VckcErrorCode code, const char *part)
{
  VckcBackupOptions options = run_options;
  VckcError *error = NULL;
  char *id = NULL;

  options.plan.pull = true;
  g_assert_false (vckc_backup_make (fixture->run.root, fixture->run.domain, &options, &id, &error));
  g_assert_null (id);
  assert_error (error, code, part);
  run_fixture_assert_clean (&fixture->run, fixture->run.root);
}

static int
begin_nothing (VckcDomain *domain,
               const char *backup_xml,
               const char *checkpoint_xml,
               unsigned int flags,
               VckcError **err)
{
  return 0;
}

static int
abort_nothing (VckcDomain *domain, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "no job");
  return -1;
}

static VckcJobInfo *
get_failure (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  VckcJobInfo *info = vckc_job_info_new (VCKC_JOB_STATE_FAILED, VCKC_BACKUP_MODE_PULL);

  info->error = g_strdup ("QEMU cannot write: No space left on device");
  return info;
}

static VckcJobInfo *
get_abortion (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  return vckc_job_info_new (VCKC_JOB_STATE_CANCELLED, VCKC_BACKUP_MODE_PULL);
}

/* The job has ended, so what it offered cannot be read. Its end explains that. */
static void
test_job_failed (DriverFixture *fixture, gconstpointer data)
{
  fixture->driver.domain_backup_begin = begin_nothing;
  fixture->driver.domain_abort_job = abort_nothing;
  fixture->driver.domain_get_job_info = get_failure;
  assert_no_pull (fixture, VCKC_ERROR_NO_SPACE, "the backup of domain 'vm' failed: QEMU cannot");
  fixture->driver.domain_get_job_info = get_abortion;
  assert_no_pull (fixture, VCKC_ERROR_OPERATION_FAILED, "the backup of domain 'vm' was aborted");
}

static VckcPullServer *
make_server (VckcDomain *domain, bool unencrypted, VckcError **err)
{
  VckcPullServer *server = vckc_pull_server_new_unix ("vck-test-", err);

  server->watch_room = true;
  return server;
}

/* The link through which the domain has its first image. */
static char *watched_link;

static VckcPullServer *
make_server_and_unlink (VckcDomain *domain, bool unencrypted, VckcError **err)
{
  g_assert_cmpint (g_unlink (watched_link), ==, 0);
  return make_server (domain, unencrypted, err);
}

/* Where scratch files grow there has to be room, and not only perhaps. */
static void
test_room (DriverFixture *fixture, gconstpointer data)
{
  RunDisk *disk = &fixture->run.disks[0];
  g_autofree char *folder = g_build_filename (fixture->run.folder, "link", NULL);
  g_autofree char *name = g_path_get_basename (disk->image);
  g_autofree char *id = NULL;

  watched_link = folder;
  g_assert_cmpint (symlink (fixture->run.folder, folder), ==, 0);
  g_free (disk->image);
  disk->image = g_build_filename (folder, name, NULL);
  run_fixture_define (&fixture->run);
  fixture->driver.domain_make_pull_server = make_server_and_unlink;
  assert_no_pull (fixture, VCKC_ERROR_SYSTEM_ERROR, "cannot find out how much room '");
  g_assert_cmpint (symlink (fixture->run.folder, folder), ==, 0);
  fixture->driver.domain_make_pull_server = make_server;
  fixture->run.pull = true;
  id = run_fixture_back_up (&fixture->run);
  run_fixture_assert_base (&fixture->run, fixture->run.root, id, "vda", NULL, "no backup");
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/driver/" name, DriverFixture, NULL, set_up, function, tear_down)
  ADD ("no-details", test_no_details);
  ADD ("no-checkpoint", test_no_checkpoint);
  ADD ("dropped-checkpoint", test_dropped_checkpoint);
  ADD ("interrupted-checkpoint", test_interrupted_checkpoint);
#ifdef VCK_HAVE_NBD
  ADD ("job-failed", test_job_failed);
  ADD ("room", test_room);
#endif
  return g_test_run ();
}
