/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-job-end.h"

#include <string.h>

#include <libvirt/virterror.h>

#include "drivers/libvirt/link/libvirt-threads.h"

/* What libvirt says of a job that was aborted. */
#define CANCELED "Operation canceled"

typedef struct
{
  gint ref_count;                    /* atomic: the owner's, and libvirt's */
  VckcLibvirtConnection *connection; /* owned reference; its mutex covers all below */
  bool ended;         /* an event has come; signalled as a change of the connection */
  VckcLibvirtJob job; /* of the first event */
} JobEndState;

struct _VckcLibvirtJobEnd
{
  JobEndState *state;
  virConnectPtr conn; /* owned reference */
  int id;             /* of the subscription */
};

static void
job_end_state_unref (void *data)
{
  JobEndState *state = data;

  if (!g_atomic_int_dec_and_test (&state->ref_count))
    return;
  vckc_libvirt_job_clear (&state->job);
  vckc_libvirt_connection_unref (state->connection);
  g_free (state);
}

/* In the thread of the event loop. */
static void
job_end_completed_cb (virConnectPtr conn,
                      virDomainPtr domain,
                      virTypedParameterPtr params,
                      int n_params,
                      void *data)
{
  JobEndState *state = data;
  g_auto (VckcLibvirtJob) job = { .type = VIR_DOMAIN_JOB_COMPLETED };
  int success = 0;

  vckc_libvirt_job_read (&job, params, n_params);
  virTypedParamsGetBoolean (params, n_params, VIR_DOMAIN_JOB_SUCCESS, &success);
  if (success == 0)
    job.type = job.error != NULL && strcmp (job.error, CANCELED) != 0 ? VIR_DOMAIN_JOB_FAILED
                                                                      : VIR_DOMAIN_JOB_CANCELLED;
  vckc_mutex_lock (&state->connection->mutex);
  if (job.is_backup && !state->ended)
    {
      state->ended = true;
      state->job = job;
      job.error = NULL;
      vckc_cond_broadcast (&state->connection->changed);
    }
  vckc_mutex_unlock (&state->connection->mutex);
}

VckcLibvirtJobEnd *
vckc_libvirt_job_end_new (VckcDomain *domain)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);
  virConnectPtr conn = connection->conn;
  JobEndState *state = g_new0 (JobEndState, 1);
  VckcLibvirtJobEnd *end;
  int id;

  state->ref_count = 2;
  state->connection = vckc_libvirt_connection_ref (connection);
  id = virConnectDomainEventRegisterAny (
      conn, vckc_libvirt_get_domain (domain), VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
      VIR_DOMAIN_EVENT_CALLBACK (job_end_completed_cb), state, job_end_state_unref);
  if (id < 0)
    {
      virResetLastError ();
      state->ref_count = 1;
      job_end_state_unref (state);
      return NULL;
    }
  end = g_new0 (VckcLibvirtJobEnd, 1);
  end->state = state;
  end->conn = conn;
  virConnectRef (conn);
  end->id = id;
  return end;
}

void
vckc_libvirt_job_end_free (VckcLibvirtJobEnd *end)
{
  if (end == NULL)
    return;
  virConnectDomainEventDeregisterAny (end->conn, end->id);
  virConnectClose (end->conn);
  job_end_state_unref (end->state);
  g_free (end);
}

bool
vckc_libvirt_job_end_await (VckcLibvirtJobEnd *end, gint64 deadline)
{
  bool ended;

  vckc_mutex_lock (&end->state->connection->mutex);
  while (!end->state->ended && vckc_libvirt_threads_wait_locked (end->state->connection, deadline))
    ;
  ended = end->state->ended;
  vckc_mutex_unlock (&end->state->connection->mutex);
  return ended;
}

bool
vckc_libvirt_job_end_take (VckcLibvirtJobEnd *end, VckcLibvirtJob *ret_job)
{
  bool ended;

  vckc_mutex_lock (&end->state->connection->mutex);
  ended = end->state->ended;
  if (ended)
    {
      end->state->ended = false;
      *ret_job = end->state->job;
      end->state->job.error = NULL;
    }
  vckc_mutex_unlock (&end->state->connection->mutex);
  return ended;
}
