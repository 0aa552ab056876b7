/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A backup as a job: what is seen of it while it goes on, and what is refused meanwhile. */

#include "drivers/memory/testing/memory-hooks.h"
#include "handles/handles.h"
#include "handles/job-info.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-recover.h"

#include "../refusal.h"

#define CHECKPOINT "<domaincheckpoint><name>one</name></domaincheckpoint>"
#define FILE_OF(disk) "/memory/" disk ".backup"
#define BACKUP                                                                                     \
  "<domainbackup><disks><disk name='vda' type='file'><target file='" FILE_OF (                     \
      "vda") "'/></disk>"                                                                          \
             "<disk name='vdb' type='file'><target file='" FILE_OF (                               \
                 "vdb") "'/></disk></disks></domainbackup>"

#define LIMIT (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
  int n_events[VCKC_EVENT_JOB_ENDED + 1];
  VckcJobState last_state;
} Fixture;

static void
event_cb (const VckcEvent *event, void *opaque)
{
  Fixture *fixture = opaque;

  if (event->type > VCKC_EVENT_JOB_ENDED)
    return;
  g_assert_true ((event->job != NULL) == (event->type >= VCKC_EVENT_JOB_STARTED));
  g_atomic_int_inc (&fixture->n_events[event->type]);
  if (event->job != NULL)
    fixture->last_state = vckc_job_info_get_state (event->job, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static guint n_uris;
  g_autofree char *uri = g_strdup_printf ("memory:///backup-job%u", ++n_uris);

  fixture->connect = vckc_connect_open (uri, 0, NULL);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  g_assert_nonnull (fixture->domain);
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_cb, fixture, NULL, NULL), >=, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, false);
  vckc_connect_close (fixture->connect, NULL);
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
}

static void
begin (Fixture *fixture, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  int result = vckc_domain_backup_begin (fixture->domain, BACKUP, CHECKPOINT, flags, &error);

  if (result < 0)
    g_error ("%s", vckc_error_get_message (error));
}

static void
wait_for (Fixture *fixture, VckcJobState state)
{
  g_autoptr (VckcJobInfo) info = vckc_domain_wait_job (fixture->domain, NULL);

  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, state);
}

static void
assert_has_checkpoint (Fixture *fixture, bool expected)
{
  g_autoptr (VckcDomainCheckpoint) one =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);

  g_assert_true ((one != NULL) == expected);
}

static void
test_done (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJobInfo) info = NULL;
  g_autofree char *xml = NULL;

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, VCKC_BACKUP_BEGIN_QUIESCE);
  g_assert_cmpuint (vckc_memory_count_freezes (fixture->connect), ==, 1);
  g_assert_cmpuint (vckc_memory_count_frozen (fixture->connect), ==, 0);
  assert_has_checkpoint (fixture, true);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_events[VCKC_EVENT_JOB_STARTED]), ==, 1);
  info = vckc_domain_get_job_info (fixture->domain, 0, NULL);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_RUNNING);
  xml = vckc_domain_backup_get_xml_desc (fixture->domain, 0, NULL);
  g_assert_nonnull (strstr (xml, FILE_OF ("vdb")));

  vckc_memory_hold_backups (fixture->connect, false);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
  assert_has_checkpoint (fixture, true);
  g_assert_true (vckc_memory_has_backup_file (fixture->connect, FILE_OF ("vda")));
  g_assert_cmpint (g_atomic_int_get (&fixture->n_events[VCKC_EVENT_JOB_ENDED]), ==, 1);
  g_assert_cmpint (fixture->last_state, ==, VCKC_JOB_STATE_DONE);
}

static void
test_aborted (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  wait_for (fixture, VCKC_JOB_STATE_CANCELLED);
  assert_has_checkpoint (fixture, false);
  g_assert_false (vckc_memory_has_backup_file (fixture->connect, FILE_OF ("vda")));
  g_assert_cmpint (g_atomic_int_get (&fixture->n_events[VCKC_EVENT_CHECKPOINT_REMOVED]), ==, 1);
  g_assert_cmpint (fixture->last_state, ==, VCKC_JOB_STATE_CANCELLED);
  vckc_memory_hold_backups (fixture->connect, false);
  begin (fixture, 0);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
}

/* Nor is anything planned that is refused now. */
static void
assert_not_planned (Fixture *fixture, VckcDomainCheckpoint *checkpoint)
{
  VckcCheckpointConfig config = { .policy = VCKC_DISK_POLICY_TRACKABLE };
  g_autoptr (VckcError) creation = NULL;
  g_autoptr (VckcError) deletion = NULL;
  g_autoptr (VckcError) deleted = NULL;

  g_assert_null (vckc_domain_plan_checkpoint (fixture->domain, &config, 0, &creation));
  g_assert_cmpint (vckc_error_get_code (creation), ==, VCKC_ERROR_BUSY);
  g_assert_null (vckc_domain_checkpoint_plan_delete (checkpoint, 0, &deletion));
  g_assert_cmpint (vckc_error_get_code (deletion), ==, VCKC_ERROR_BUSY);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, &deleted), ==, -1);
  g_assert_cmpint (vckc_error_get_code (deleted), ==, VCKC_ERROR_BUSY);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcError) second = NULL;
  g_autoptr (VckcError) undefined = NULL;
  g_autoptr (VckcError) pull = NULL;
  g_autoptr (VckcDomainCheckpoint) earlier = vckc_domain_checkpoint_create_xml (
      fixture->domain, "<domaincheckpoint><name>earlier</name></domaincheckpoint>", 0, NULL);

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
  assert_not_planned (fixture, earlier);
  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain, BACKUP, NULL, 0, &second), ==, -1);
  g_assert_cmpint (vckc_error_get_code (second), ==, VCKC_ERROR_BUSY);
  g_assert_cmpint (
      vckc_domain_undefine (fixture->domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, &undefined),
      ==, -1);
  g_assert_cmpint (vckc_error_get_code (undefined), ==, VCKC_ERROR_BUSY);
  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain,
                                             "<domainbackup mode='pull'><server transport='unix' "
                                             "socket='/run/s'/></domainbackup>",
                                             NULL, 0, &pull),
                   ==, -1);
  g_assert_cmpint (vckc_error_get_code (pull), ==, VCKC_ERROR_BUSY);
  vckc_memory_hold_backups (fixture->connect, false);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
}

/* What an incremental backup copies is what was written since. */
static void
test_incremental (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJobInfo) info = NULL;

  begin (fixture, 0);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
  g_assert_true (vckc_memory_write (fixture->domain, "vda", 0, 65536));
  g_assert_cmpint (
      vckc_domain_backup_begin (fixture->domain,
                                "<domainbackup><incremental>one</incremental><disks>"
                                "<disk name='vda' type='file'><target file='/memory/two'/></disk>"
                                "</disks></domainbackup>",
                                NULL, 0, NULL),
      ==, 0);
  info = vckc_domain_wait_job (fixture->domain, NULL);
  g_assert_cmpint (vckc_job_info_get_bytes_total (info, NULL), ==, 65536);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, 65536);
}

/* All is copied or aborted, but the end cannot be stored yet, as another operation holds the
 * domain: it has not ended. */
static void
test_end_is_last (Fixture *fixture, gconstpointer data)
{
  VckcEngine *engine = vckc_engine_of (fixture->connect);
  VckcManagedDomain *domain = vckc_engine_get_domain (fixture->domain, NULL);

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
  g_assert_true (vckc_job_begin (engine, domain, NULL));
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (VckcJobInfo) info = vckc_domain_get_job_info (fixture->domain, 0, NULL);

      g_assert_cmpint (vckc_job_info_get_state (info, NULL), <=, VCKC_JOB_STATE_FINISHING);
      g_assert_null (vckc_job_info_get_error (info, NULL));
      g_usleep (10000);
    }
  vckc_job_end (engine, domain);
  wait_for (fixture, VCKC_JOB_STATE_CANCELLED);
  assert_has_checkpoint (fixture, false);
  vckc_managed_domain_unref (domain);
}

static bool
is_finishing (Fixture *fixture)
{
  g_autoptr (VckcJobInfo) info = vckc_domain_get_job_info (fixture->domain, 0, NULL);

  return vckc_job_info_get_state (info, NULL) == VCKC_JOB_STATE_FINISHING;
}

static bool
has_progress (Fixture *fixture)
{
  return g_atomic_int_get (&fixture->n_events[VCKC_EVENT_JOB_PROGRESS]) > 0;
}

static void
wait_until (Fixture *fixture, bool (*is_reached) (Fixture *fixture))
{
  const gint64 deadline = g_get_monotonic_time () + LIMIT;

  while (!is_reached (fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}

static void
assert_speed (Fixture *fixture, unsigned int flags, gint64 expected)
{
  g_autoptr (VckcJobInfo) info = vckc_domain_get_job_info (fixture->domain, flags, NULL);

  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_speed (info, NULL), ==, expected);
}

/* A limit is seen at once, and in the result, although nothing is copied meanwhile. */
static void
test_limited (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
  for (guint64 speed = 1; speed <= 100; speed++)
    {
      g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, speed, NULL), ==, 0);
      assert_speed (fixture, 0, (gint64) speed);
    }
  wait_until (fixture, has_progress);
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, G_MAXINT64, NULL), ==, 0);
  vckc_memory_hold_backups (fixture->connect, false);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
  assert_speed (fixture, VCKC_JOB_INFO_COMPLETED, G_MAXINT64);
}

/* Asks as another process does, when all is copied and the backup has not ended yet. */
static void
ask_last (Fixture *fixture, bool cancel, guint64 speed)
{
  VckcEngine *engine = vckc_engine_of (fixture->connect);
  VckcManagedDomain *domain = vckc_engine_get_domain (fixture->domain, NULL);
  bool left = true;

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
  g_assert_true (vckc_job_begin (engine, domain, NULL));
  vckc_memory_hold_backups (fixture->connect, false);
  wait_until (fixture, is_finishing);
  g_assert_true (vckc_backup_ask (engine, domain, cancel, speed, &left, NULL));
  g_assert_false (left);
  vckc_job_end (engine, domain);
  vckc_managed_domain_unref (domain);
}

/* A limit set last is in the result. */
static void
test_limited_last (Fixture *fixture, gconstpointer data)
{
  ask_last (fixture, false, 1024);
  wait_for (fixture, VCKC_JOB_STATE_DONE);
  assert_speed (fixture, VCKC_JOB_INFO_COMPLETED, 1024);
}

/* One that is cancelled last is cancelled. */
static void
test_cancelled_last (Fixture *fixture, gconstpointer data)
{
  ask_last (fixture, true, 0);
  wait_for (fixture, VCKC_JOB_STATE_CANCELLED);
  assert_has_checkpoint (fixture, false);
  g_assert_false (vckc_memory_has_backup_file (fixture->connect, FILE_OF ("vda")));
  g_assert_cmpint (fixture->last_state, ==, VCKC_JOB_STATE_CANCELLED);
}

static bool
has_no_limit (Fixture *fixture)
{
  return vckc_memory_get_backup_speed (fixture->connect) == 0;
}

static bool
has_limit (Fixture *fixture)
{
  return vckc_memory_get_backup_speed (fixture->connect) == 1024;
}

/* It is not taken for granted that there is no limit, and one that cannot be set is tried again. */
static void
test_limited_again (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, true);
  g_assert_cmpint (vckc_memory_get_backup_speed (fixture->connect), ==, -1);
  begin (fixture, 0);
  wait_until (fixture, has_no_limit);
  vckc_memory_refuse_backup_speed (fixture->connect, 2);
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, 1024, NULL), ==, 0);
  wait_until (fixture, has_limit);
}

/* The last connection goes while a backup is held. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture, 0);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/backup-job/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("done", test_done);
  ADD ("aborted", test_aborted);
  ADD ("refused", test_refused);
  ADD ("incremental", test_incremental);
  ADD ("end-is-last", test_end_is_last);
  ADD ("limited", test_limited);
  ADD ("limited-last", test_limited_last);
  ADD ("limited-again", test_limited_again);
  ADD ("cancelled-last", test_cancelled_last);
  ADD ("closed", test_closed);
  return g_test_run ();
}
