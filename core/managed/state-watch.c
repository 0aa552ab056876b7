/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/state-watch.h"

#include "base/log.h"

#include <sys/eventfd.h>
#include <unistd.h>

struct _VckcStateWatch
{
  gint ref_count;     /* atomic: the domain's, and the thread's */
  VckcEngine *engine; /* which the thread has a reference to */
  char *uuid;
  VckcDomainDef *def; /* owned reference: names the QMP socket */
  int stop_fd;        /* owned; readable once the thread is to end */
};

static void
state_watch_unref (VckcStateWatch *watch)
{
  if (!g_atomic_int_dec_and_test (&watch->ref_count))
    return;
  close (watch->stop_fd);
  vckc_domain_def_unref (watch->def);
  g_free (watch->uuid);
  g_free (watch);
}

static bool
is_stopped (const VckcStateWatch *watch)
{
  eventfd_t unused;
  bool stopped = eventfd_read (watch->stop_fd, &unused) == 0;

  if (stopped)
    eventfd_write (watch->stop_fd, 1);
  return stopped;
}

static void
state_watch_changed_cb (VckcDomainState state, gpointer data)
{
  VckcStateWatch *watch = data;

  if (!is_stopped (watch))
    vckc_engine_set_state (watch->engine, watch->uuid, state);
}

static gpointer
state_watch_run_cb (gpointer data)
{
  VckcStateWatch *watch = data;
  VckcEngine *engine = watch->engine;
  VckcBlockMachine machine = { .uuid = watch->uuid,
                               .qmp_socket = watch->def->qmp_socket,
                               .agent_socket = watch->def->agent_socket };

  vckc_engine_enter_thread (engine);
  vckc_block_follow (engine->backend, &machine, watch->stop_fd, state_watch_changed_cb, watch);
  state_watch_unref (watch);
  vckc_engine_leave_watch (engine);
  return NULL;
}

static VckcStateWatch *
state_watch_start_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  VckcStateWatch *watch = g_new0 (VckcStateWatch, 1);
  g_autoptr (GError) error = NULL;
  GThread *thread;

  watch->ref_count = 2;
  watch->engine = engine;
  watch->uuid = g_strdup (domain->uuid);
  watch->def = vckc_domain_def_ref (domain->def);
  watch->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread = watch->stop_fd >= 0 ? g_thread_try_new ("vck-watch", state_watch_run_cb, watch, &error)
                               : NULL;
  if (thread != NULL)
    {
      g_thread_unref (thread);
      engine->ref_count++;
      engine->n_watches++;
      return watch;
    }
  vckc_log_info (VCKC_ABOUT (.domain = domain->uuid),
                 "domain '%s': its state cannot be watched: %s", domain->uuid,
                 error != NULL ? error->message : "no file descriptor is left");
  watch->ref_count = 1;
  state_watch_unref (watch);
  return NULL;
}

/* A domain whose QEMU cannot be reached any more counts as off. */
static void
state_watch_forget_state_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  if (domain->state == VCKC_DOMAIN_STATE_SHUTOFF)
    return;
  domain->state = VCKC_DOMAIN_STATE_SHUTOFF;
  vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_STATE, domain);
}

void
vckc_state_watch_update_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  bool wanted = engine->watching && !domain->gone && domain->def != NULL
                && domain->def->qmp_socket != NULL && vckc_block_has_states (engine->backend);

  if (domain->watch != NULL
      && (!wanted || g_strcmp0 (domain->watch->def->qmp_socket, domain->def->qmp_socket) != 0))
    {
      eventfd_write (domain->watch->stop_fd, 1);
      g_clear_pointer (&domain->watch, state_watch_unref);
    }
  if (wanted && domain->watch == NULL)
    domain->watch = state_watch_start_locked (engine, domain);
  if (vckc_block_has_states (engine->backend) && domain->def != NULL
      && domain->def->qmp_socket == NULL && !domain->gone)
    state_watch_forget_state_locked (engine, domain);
}

void
vckc_state_watch_update_all_locked (VckcEngine *engine)
{
  GHashTableIter iter;
  gpointer domain;

  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &domain))
    vckc_state_watch_update_locked (engine, domain);
}
