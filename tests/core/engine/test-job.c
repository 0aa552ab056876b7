/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* One operation at a time on a domain; waiting has an end. */

#include <gio/gio.h>
#include <string.h>

#include "handles/handles.h"

#include "../refusal.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"

static VckcConnect *
open_uri (const char *uri)
{
  VckcConnect *connect = vckc_connect_open (uri, 0, NULL);

  g_assert_nonnull (connect);
  return connect;
}

static bool
create (VckcDomain *domain, const char *name, VckcError **err)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (domain, xml, 0, err);

  return checkpoint != NULL;
}

/* While one job is held, changes fail with BUSY after the wait, and reading works. */
static void
test_busy (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///busy");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcEngine *engine = connect->driver_data;
  g_autoptr (VckcManagedDomain) managed = vckc_engine_get_domain (domain, NULL);
  g_autoptr (VckcError) error = NULL;

  g_assert_true (create (domain, "a", NULL));
  vckc_engine_set_job_timeout (engine, 20);
  g_assert_true (vckc_job_begin (engine, managed, NULL));
  g_assert_false (create (domain, "b", &error));
  assert_refused (error, VCKC_ERROR_BUSY);
  g_assert_nonnull (strstr (vckc_error_get_message (error), "domain 'test'"));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 1);
  vckc_job_end (engine, managed);
  g_assert_true (create (domain, "b", NULL));
}

static gpointer
create_in_thread (gpointer data)
{
  return GINT_TO_POINTER (create (data, "late", NULL));
}

/* A waiting operation goes on when the job ends. */
static void
test_wait (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///wait");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcEngine *engine = connect->driver_data;
  g_autoptr (VckcManagedDomain) managed = vckc_engine_get_domain (domain, NULL);
  GThread *thread;

  g_assert_true (vckc_job_begin (engine, managed, NULL));
  thread = g_thread_new ("late", create_in_thread, domain);
  g_thread_yield ();
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 0);
  vckc_job_end (engine, managed);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (thread)));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 1);
}

typedef struct
{
  VckcDomain *domain;
  GCancellable *cancellable;
} Cancelled;

static gpointer
create_cancelled (gpointer data)
{
  Cancelled *self = data;
  VckcError *error = NULL;

  g_cancellable_push_current (self->cancellable);
  g_assert_false (create (self->domain, "never", &error));
  g_cancellable_pop_current (self->cancellable);
  return error;
}

/* Who waits can be cancelled: at once, and nothing was changed. */
static void
test_cancel_waiting (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///cancel");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcEngine *engine = connect->driver_data;
  g_autoptr (VckcManagedDomain) managed = vckc_engine_get_domain (domain, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Cancelled cancelled = { domain, cancellable };

  g_assert_true (vckc_job_begin (engine, managed, NULL));
  for (guint i = 0; i < 2; i++)
    {
      /* The second time it is cancelled before it waits. */
      GThread *thread = g_thread_new ("cancel", create_cancelled, &cancelled);

      g_thread_yield ();
      g_cancellable_cancel (cancellable);
      g_autoptr (VckcError) error = g_thread_join (thread);
      assert_refused (error, VCKC_ERROR_CANCELLED);
    }
  vckc_job_end (engine, managed);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 0);
}

/* A domain that goes while a call waits for it. */
static gpointer
create_and_fail (gpointer data)
{
  VckcError *error = NULL;

  g_assert_false (create (data, "never", &error));
  return error;
}

static void
test_gone_while_waiting (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///gone");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcEngine *engine = connect->driver_data;
  g_autoptr (VckcManagedDomain) managed = vckc_engine_get_domain (domain, NULL);
  g_autoptr (VckcError) error = NULL;
  GThread *thread;

  g_assert_true (vckc_job_begin (engine, managed, NULL));
  thread = g_thread_new ("wait", create_and_fail, domain);
  g_assert_true (vckc_store_domain_remove (engine->store, managed->uuid, NULL));
  vckc_job_end (engine, managed);
  error = g_thread_join (thread);
  assert_refused (error, VCKC_ERROR_NO_DOMAIN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/job/busy", test_busy);
  g_test_add_func ("/vck/job/wait", test_wait);
  g_test_add_func ("/vck/job/cancel-waiting", test_cancel_waiting);
  g_test_add_func ("/vck/job/gone-while-waiting", test_gone_while_waiting);
  return g_test_run ();
}
