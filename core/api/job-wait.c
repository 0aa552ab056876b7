/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Waiting for the end of a job, the same with every driver: by its events. */

#include <string.h>

#include "api/entry.h"
#include "base/cancel.h"
#include "base/lock.h"
#include "handles/job-info.h"

/* Should an event be lost, the driver is asked again after so many microseconds. */
#define ASK_AGAIN (2 * G_TIME_SPAN_SECOND)

typedef struct
{
  VckcMutex mutex; /* covers what follows but the UUID */
  VckcCond changed;
  const char *uuid; /* borrowed, immutable */
  bool ended;       /* since it was last looked at */
  bool closed;
} Wait;

static void
wait_init (Wait *wait, const char *uuid)
{
  *wait = (Wait){ .uuid = uuid };
  vckc_mutex_init (&wait->mutex);
  vckc_cond_init (&wait->changed);
}

static void
wait_clear (Wait *wait)
{
  vckc_cond_clear (&wait->changed);
  vckc_mutex_clear (&wait->mutex);
}

static void
event_cb (const VckcEvent *event, void *opaque)
{
  Wait *wait = opaque;
  const bool is_closed = event->type == VCKC_EVENT_CLOSED;
  const bool is_end =
      event->type == VCKC_EVENT_JOB_ENDED && strcmp (event->domain->uuid, wait->uuid) == 0;

  if (!is_closed && !is_end)
    return;
  vckc_mutex_lock (&wait->mutex);
  wait->closed |= is_closed;
  wait->ended |= is_end;
  vckc_cond_broadcast (&wait->changed);
  vckc_mutex_unlock (&wait->mutex);
}

/* Waits until the driver should be asked again. False if nothing can be waited for any more. */
static bool
wait_for_change (Wait *wait, VckcError **err)
{
  g_autoptr (VckcCancelWatch) watch = vckc_cancel_watch_open (&wait->changed, &wait->mutex);
  const gint64 deadline = g_get_monotonic_time () + ASK_AGAIN;
  bool closed;

  vckc_mutex_lock (&wait->mutex);
  while (!wait->ended && !wait->closed && !vckc_cancel_watch_is_cancelled (watch)
         && vckc_cond_wait_until (&wait->changed, &wait->mutex, deadline))
    ;
  wait->ended = false;
  closed = wait->closed;
  vckc_mutex_unlock (&wait->mutex);

  if (closed)
    vckc_set_error (err, VCKC_ERROR_NO_CONNECT,
                    "cannot wait for the backup: the connection was closed meanwhile");
  return !closed && !vckc_cancel_check ("the end of the backup", err);
}

/* The job while it runs, else its result. */
static VckcJobInfo *
get_info (VckcDomain *domain, VckcError **err)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_get_job_info (domain, 0, &error);

  if (info != NULL)
    return info;
  if (vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    {
      vckc_propagate_error (err, error);
      return NULL;
    }
  vckc_error_free (error);
  return vckc_domain_get_job_info (domain, VCKC_JOB_INFO_COMPLETED | VCKC_JOB_INFO_KEEP_COMPLETED,
                                   err);
}

static VckcJobInfo *
wait_for_end (Wait *wait, VckcDomain *domain, VckcError **err)
{
  for (;;)
    {
      g_autoptr (VckcJobInfo) info = get_info (domain, err);

      if (info == NULL)
        return NULL;
      if (vckc_job_state_is_end (info->state))
        return g_steal_pointer (&info);
      if (!wait_for_change (wait, err))
        return NULL;
    }
}

VckcJobInfo *
vckc_domain_wait_job (VckcDomain *domain, VckcError **err)
{
  VckcJobInfo *info;
  Wait wait;
  int id;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_callable (domain->connect,
                               domain->connect->driver->domain_get_job_info != NULL,
                               "back up domains", err))
    return NULL;

  wait_init (&wait, domain->uuid);
  id = vckc_connect_subscribe (domain->connect, event_cb, &wait, NULL, err);
  if (id < 0)
    {
      wait_clear (&wait);
      return NULL;
    }
  info = wait_for_end (&wait, domain, err);
  vckc_connect_unsubscribe (domain->connect, id, NULL);
  wait_clear (&wait);
  return info;
}
