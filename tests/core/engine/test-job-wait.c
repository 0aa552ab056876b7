/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Waiting for the end of a backup: until when, and what ends it besides. */

#include <gio/gio.h>

#include "drivers/memory/testing/memory-hooks.h"
#include "handles/handles.h"
#include "handles/job-info.h"

#include "../refusal.h"

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
  VckcDomain *other;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static guint n_uris;
  g_autofree char *uri = g_strdup_printf ("memory:///job-wait%u", ++n_uris);

  fixture->connect = vckc_connect_open (uri, 0, NULL);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  fixture->other = vckc_domain_define_xml (
      fixture->connect,
      "<domain><name>other</name><devices><disk type='file' device='disk'>"
      "<driver name='qemu' type='qcow2'/><source file='/nonexistent/other.qcow2'/>"
      "<target dev='vda'/></disk></devices></domain>",
      NULL);
  g_assert_nonnull (fixture->domain);
  g_assert_nonnull (fixture->other);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_memory_hold_backups (fixture->connect, false);
  vckc_connect_close (fixture->connect, NULL);
  g_clear_pointer (&fixture->other, vckc_object_unref);
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
}

static void
begin (VckcDomain *domain)
{
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup><disks><disk name='vda' type='file'><target file='/memory/%s'/></disk>"
      "</disks></domainbackup>",
      domain->name);

  g_assert_cmpint (vckc_domain_backup_begin (domain, xml, NULL, 0, NULL), ==, 0);
}

static void
assert_waits_until_done (VckcDomain *domain)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcJobInfo) info = vckc_domain_wait_job (domain, &error);

  g_assert_null (error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_DONE);
}

static gpointer
wait_cb (gpointer domain)
{
  assert_waits_until_done (domain);
  return NULL;
}

static gpointer
release_cb (gpointer connect)
{
  g_usleep (50000);
  vckc_memory_hold_backups (connect, false);
  return NULL;
}

static gpointer
close_cb (gpointer connect)
{
  g_usleep (50000);
  vckc_connect_close (connect, NULL);
  return NULL;
}

static gpointer
cancel_cb (gpointer cancellable)
{
  g_usleep (50000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_wait_job (fixture->domain, &error));
  assert_refused (error, VCKC_ERROR_NO_BACKUP);
}

/* Several threads wait; those that come too late get the result as well. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  GThread *threads[4];

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture->domain);
  threads[0] = g_thread_new ("release", release_cb, fixture->connect);
  for (gsize i = 1; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_cb, fixture->domain);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_waits_until_done (fixture->domain);
  assert_waits_until_done (fixture->domain);
}

/* The end of another domain's backup is not that of this one. */
static void
test_other (Fixture *fixture, gconstpointer data)
{
  GThread *thread;

  begin (fixture->other);
  assert_waits_until_done (fixture->other);
  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture->domain);
  thread = g_thread_new ("release", release_cb, fixture->connect);
  assert_waits_until_done (fixture->other);
  assert_waits_until_done (fixture->domain);
  g_thread_join (thread);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcError) error = NULL;
  GThread *thread;

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture->domain);
  thread = g_thread_new ("close", close_cb, fixture->connect);
  g_assert_null (vckc_domain_wait_job (fixture->domain, &error));
  assert_refused (error, VCKC_ERROR_NO_CONNECT);
  g_thread_join (thread);
}

/* The backup goes on when a wait is cancelled. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VckcError) error = NULL;
  GThread *thread;

  vckc_memory_hold_backups (fixture->connect, true);
  begin (fixture->domain);
  thread = g_thread_new ("cancel", cancel_cb, cancellable);
  g_cancellable_push_current (cancellable);
  g_assert_null (vckc_domain_wait_job (fixture->domain, &error));
  g_cancellable_pop_current (cancellable);
  assert_refused (error, VCKC_ERROR_CANCELLED);
  g_thread_join (thread);
  vckc_memory_hold_backups (fixture->connect, false);
  assert_waits_until_done (fixture->domain);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/job-wait/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("none", test_none);
  ADD ("many", test_many);
  ADD ("other", test_other);
  ADD ("closed", test_closed);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
