/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup-steps.h"

#include <string.h>

static void
event_cb (const VckcEvent *event, void *opaque)
{
  JobEvents *events = opaque;

  if (event->job == NULL)
    return;
  vckc_mutex_lock (&events->mutex);
  if (event->type == VCKC_EVENT_JOB_STARTED)
    g_string_append (events->types, "started ");
  else if (event->type == VCKC_EVENT_JOB_ENDED)
    g_string_append_printf (events->types, "ended:%d ",
                            (int) vckc_job_info_get_state (event->job, NULL));
  else
    events->n_progress++;
  vckc_cond_broadcast (&events->changed);
  vckc_mutex_unlock (&events->mutex);
}

int
job_events_subscribe (JobEvents *events, Fixture *fixture)
{
  vckc_mutex_init (&events->mutex);
  vckc_cond_init (&events->changed);
  events->types = g_string_new (NULL);
  return vckc_connect_subscribe (fixture->connect, event_cb, events, NULL, NULL);
}

/* Waits until all of them have come, and so many of progress. */
void
job_events_assert (JobEvents *events, const char *expected, guint n_progress)
{
  const gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  bool in_time = true;

  vckc_mutex_lock (&events->mutex);
  while (in_time
         && (!g_str_equal (events->types->str, expected) || events->n_progress < n_progress))
    in_time = vckc_cond_wait_until (&events->changed, &events->mutex, deadline);
  g_assert_cmpstr (events->types->str, ==, expected);
  g_assert_cmpuint (events->n_progress, >=, n_progress);
  vckc_mutex_unlock (&events->mutex);
}

void
job_events_unsubscribe (JobEvents *events, Fixture *fixture, int id)
{
  g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, id, NULL), ==, 0);
  vckc_cond_clear (&events->changed);
  vckc_mutex_clear (&events->mutex);
  g_string_free (events->types, TRUE);
}

bool
backup_try_begin (Fixture *fixture,
                  const char *backup,
                  const char *checkpoint,
                  unsigned int flags,
                  VckcError **err)
{
  g_autofree char *backup_xml = fixture_expand (fixture, backup);

  return vckc_domain_backup_begin (fixture->domain, backup_xml, checkpoint, flags, err) == 0;
}

void
backup_begin (Fixture *fixture, const char *backup, const char *checkpoint, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;

  if (!backup_try_begin (fixture, backup, checkpoint, flags, &error))
    g_error ("%s", vckc_error_get_message (error));
}

void
backup_assert_begin_fails (Fixture *fixture,
                           const char *backup,
                           const char *checkpoint,
                           unsigned int flags,
                           int code,
                           const char *part)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_false (backup_try_begin (fixture, backup, checkpoint, flags, &error));
  if ((int) vckc_error_get_code (error) != code
      || strstr (vckc_error_get_message (error), part) == NULL)
    g_error ("%d, '%s' expected: %d, %s", code, part, (int) vckc_error_get_code (error),
             vckc_error_get_message (error));
}

/* Waits for the end, which must be this. */
VckcJobInfo *
backup_await_end (Fixture *fixture, VckcJobState state)
{
  g_autoptr (VckcError) error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (fixture->domain, &error);

  if (info == NULL)
    g_error ("%s", vckc_error_get_message (error));
  if (vckc_job_info_get_state (info, NULL) != state)
    g_error ("state %d: %s", (int) vckc_job_info_get_state (info, NULL),
             vckc_job_info_get_error (info, NULL));
  return info;
}

void
backup_assert_ends (Fixture *fixture, VckcJobState state)
{
  vckc_job_info_unref (backup_await_end (fixture, state), NULL);
}

int
backup_get_info_code (Fixture *fixture, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  VckcJobInfo *info = vckc_domain_get_job_info (fixture->domain, flags, &error);

  if (info == NULL)
    return (int) vckc_error_get_code (error);
  vckc_job_info_unref (info, NULL);
  return 0;
}

bool
backup_has_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->target.dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}
