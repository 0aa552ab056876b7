/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Many threads on everything that is shared: a domain, an engine, a connection, its subscribers.
 * Meant for ThreadSanitizer above all (./dev test --tsan), so threads and what they wait
 * with are POSIX ones, which it sees; but what must hold at the end is checked everywhere.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "../refusal.h"
#include "handles/handles.h"

#define N_THREADS 6
#define N_ROUNDS 12

/* --- threads --- */

typedef struct
{
  pthread_barrier_t *start;
  guint number;
  void (*work) (guint number, gpointer data);
  gpointer data;
} Worker;

static void *
worker_main (void *data)
{
  Worker *self = data;

  pthread_barrier_wait (self->start);
  self->work (self->number, self->data);
  return NULL;
}

/* Does this in all threads at once. */
static void
in_threads (void (*work) (guint number, gpointer data), gpointer data)
{
  pthread_barrier_t start;
  pthread_t threads[N_THREADS];
  Worker workers[N_THREADS];

  g_assert_cmpint (pthread_barrier_init (&start, NULL, N_THREADS), ==, 0);
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ .start = &start, .number = i, .work = work, .data = data };
      g_assert_cmpint (pthread_create (&threads[i], NULL, worker_main, &workers[i]), ==, 0);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpint (pthread_join (threads[i], NULL), ==, 0);
  pthread_barrier_destroy (&start);
}

/* --- calls --- */

/* If a call failed, then because others took away what it was about. */
static void
assert_gone (VckcError *error)
{
  G_GNUC_UNUSED g_autoptr (VckcError) owned = error;
  VckcErrorCode code = error != NULL ? vckc_error_get_code (error) : VCKC_ERROR_NO_DOMAIN;

  if (code != VCKC_ERROR_NO_DOMAIN && code != VCKC_ERROR_NO_DOMAIN_CHECKPOINT
      && code != VCKC_ERROR_NO_CONNECT)
    g_error ("%s", vckc_error_get_message (error));
}

static void
assert_fine (VckcError *error)
{
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
}

static VckcConnect *
open_uri (const char *uri)
{
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);

  assert_fine (error);
  return connect;
}

static VckcDomainCheckpoint *
create (VckcDomain *domain, const char *name, VckcError **err)
{
  char xml[160];

  snprintf (xml, sizeof xml,
            "<domaincheckpoint><name>%s</name><description>made by a thread</description>"
            "</domaincheckpoint>",
            name);
  return vckc_domain_checkpoint_create_xml (domain, xml, 0, err);
}

/* Others may delete what is listed at any time. */
static void
look_at_all (VckcDomain *domain)
{
  VckcDomainCheckpoint **list = NULL;
  VckcError *error = NULL;
  int count =
      vckc_domain_list_all_checkpoints (domain, &list, VCKC_CHECKPOINT_LIST_TOPOLOGICAL, &error);

  assert_gone (error);
  for (int i = 0; i < count; i++)
    {
      VckcError *xml_error = NULL;
      VckcError *parent_error = NULL;

      free (vckc_domain_checkpoint_get_xml_desc (list[i], VCKC_CHECKPOINT_XML_SIZE, &xml_error));
      assert_gone (xml_error);
      free (vckc_domain_checkpoint_get_parent_name (list[i], &parent_error));
      assert_gone (parent_error);
      vckc_domain_checkpoint_unref (list[i], NULL);
    }
  free (list);
}

static int
verify (VckcDomain *domain)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int count = vckc_domain_verify_checkpoints (domain, &findings, &error);

  assert_gone (error);
  for (int i = 0; i < count; i++)
    vckc_finding_unref (findings[i], NULL);
  free (findings);
  return count;
}

/* --- one domain --- */

static void
churn (guint number, gpointer data)
{
  VckcDomain *domain = data;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (VckcDomainCheckpoint) made = NULL;
      g_autoptr (VckcDomainCheckpoint) found = NULL;
      VckcError *error = NULL;
      char name[32];

      snprintf (name, sizeof name, "t%u-%u", number, round);
      made = create (domain, name, &error);
      assert_fine (error);
      found = vckc_domain_checkpoint_lookup_by_name (domain, name, 0, &error);
      assert_fine (error);
      look_at_all (domain);
      g_assert_cmpint (verify (domain), ==, 0);
      if (round % 3 == 0)
        continue;
      vckc_domain_checkpoint_delete (found, 0, &error);
      assert_fine (error);
    }
}

/* As many as were not deleted, in one chain. */
static void
assert_chain (VckcDomain *domain, int length)
{
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, length);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, NULL, VCKC_CHECKPOINT_LIST_ROOTS, NULL), ==, 1);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, NULL, VCKC_CHECKPOINT_LIST_LEAVES, NULL), ==, 1);
  g_assert_cmpint (verify (domain), ==, 0);
}

static void
test_one_domain (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///threads-one");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  in_threads (churn, domain);
  assert_chain (domain, N_THREADS * N_ROUNDS / 3);
}

/* The same, with a connection and a handle for every thread. */
static void
churn_connected (guint number, gpointer data)
{
  g_autoptr (VckcConnect) connect = open_uri (data);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  churn (number, domain);
}

static void
test_connections (void)
{
  static char uri[] = "memory:///threads-connections";
  g_autoptr (VckcConnect) connect = open_uri (uri);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  in_threads (churn_connected, uri);
  assert_chain (domain, N_THREADS * N_ROUNDS / 3);
}

/* --- many domains --- */

static VckcDomain *
define (VckcConnect *connect, const char *name, guint number)
{
  char xml[400];
  VckcError *error = NULL;
  VckcDomain *domain;

  snprintf (xml, sizeof xml,
            "<domain type='test'><name>%s</name>"
            "<uuid>00000000-0000-4000-8000-%012u</uuid><devices>"
            "<disk type='file'><driver type='qcow2'/><source file='/thread/%u'/>"
            "<target dev='vda'/></disk></devices></domain>",
            name, number, number);
  domain = vckc_domain_define_xml (connect, xml, &error);
  assert_fine (error);
  return domain;
}

static void
look_at_domains (VckcConnect *connect)
{
  VckcDomain **list = NULL;
  VckcError *error = NULL;
  int count = vckc_connect_list_all_domains (connect, &list, 0, &error);

  assert_fine (error);
  for (int i = 0; i < count; i++)
    {
      VckcError *xml_error = NULL;

      free (vckc_domain_get_xml_desc (list[i], 0, &xml_error));
      assert_gone (xml_error);
      look_at_all (list[i]);
      vckc_domain_unref (list[i], NULL);
    }
  free (list);
}

/* Opens, defines, lists, undefines and closes, over and over; in memory, the last to close
 * takes everything with it. */
static void
come_and_go (guint number, gpointer data)
{
  const char *uri = data;
  bool in_memory = g_str_has_prefix (uri, "memory:");

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (VckcConnect) connect = open_uri (uri);
      g_autoptr (VckcDomain) domain = NULL;
      VckcError *error = NULL;
      char name[32];

      snprintf (name, sizeof name, "vm%u", number);
      domain = define (connect, name, number);
      /* Of another name each time: undefining leaves bitmaps behind. */
      snprintf (name, sizeof name, "c%u", round);
      if (in_memory)
        vckc_object_unref (create (domain, name, &error));
      assert_fine (error);
      look_at_domains (connect);
      vckc_domain_undefine (domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, &error);
      assert_fine (error);
    }
}

static void
test_come_and_go (void)
{
  static char uri[] = "memory:///threads-come-and-go";

  in_threads (come_and_go, uri);
}

static void
test_come_and_go_local (void)
{
  g_autofree char *folder = g_dir_make_tmp ("vck-threads-XXXXXX", NULL);
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", folder);
  g_autofree char *root = g_build_filename (folder, "domains", NULL);
  g_autoptr (VckcConnect) connect = NULL;

  in_threads (come_and_go, uri);
  connect = open_uri (uri);
  g_assert_cmpint (vckc_connect_list_all_domains (connect, NULL, 0, NULL), ==, 0);
  /* Nothing is left in the folder. */
  g_assert_cmpint (remove (root), ==, 0);
  g_assert_cmpint (remove (folder), ==, 0);
}

/* --- closing --- */

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
} Closing;

static void
use_or_close (guint number, gpointer data)
{
  Closing *shared = data;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      VckcError *error = NULL;
      char name[32];

      snprintf (name, sizeof name, "c%u-%u", number, round);
      vckc_object_unref (create (shared->domain, name, &error));
      assert_gone (error);
      look_at_all (shared->domain);
      if (number == 0 && round == N_ROUNDS / 4)
        g_assert_cmpint (vckc_connect_close (shared->connect, NULL), ==, 0);
    }
}

/* Calls under way end as they would have; later ones say that the connection is closed. */
static void
test_close_during_use (void)
{
  g_autoptr (VckcConnect) other = open_uri ("memory:///threads-close");
  g_autoptr (VckcConnect) connect = open_uri ("memory:///threads-close");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  g_autoptr (VckcDomain) other_domain = vckc_domain_lookup_by_name (other, "test", NULL);
  Closing shared = { connect, domain };
  VckcError *error = NULL;

  in_threads (use_or_close, &shared);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_NO_CONNECT);
  vckc_error_free (error);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (other_domain, NULL, 0, NULL), >, 0);
  g_assert_cmpint (verify (other_domain), ==, 0);
}

/* --- subscribers --- */

/* Freed with the subscription: a callback after that is a use of freed memory. */
typedef struct
{
  int n_events;
} Listener;

static void
count_cb (const VckcEvent *event, void *opaque)
{
  Listener *self = opaque;

  self->n_events++;
  if (event->checkpoint != NULL)
    g_assert_nonnull (vckc_domain_checkpoint_get_name (event->checkpoint, NULL));
}

static void
subscribe_or_change (guint number, gpointer data)
{
  VckcDomain *domain = data;
  VckcConnect *connect = vckc_domain_get_connect (domain, NULL);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      VckcError *error = NULL;
      int id = vckc_connect_subscribe (connect, count_cb, g_new0 (Listener, 1), g_free, &error);
      g_autoptr (VckcDomainCheckpoint) made = NULL;
      char name[32];

      assert_fine (error);
      snprintf (name, sizeof name, "s%u-%u", number, round);
      made = create (domain, name, &error);
      assert_fine (error);
      g_assert_cmpint (vckc_connect_unsubscribe (connect, id, NULL), ==, 0);
      vckc_domain_checkpoint_delete (made, 0, &error);
      assert_fine (error);
    }
}

static void
test_subscribers (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///threads-subscribers");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  Listener *stays = g_new0 (Listener, 1);
  int id = vckc_connect_subscribe (connect, count_cb, stays, NULL, NULL);

  in_threads (subscribe_or_change, domain);
  g_assert_cmpint (vckc_connect_unsubscribe (connect, id, NULL), ==, 0);
  /* Each checkpoint came and went, and children that lost a parent changed. */
  g_assert_cmpint (stays->n_events, >=, 2 * N_THREADS * N_ROUNDS);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 0);
  g_free (stays);
}

/* --- everything at once --- */

static void
export_and_import (VckcDomain *domain)
{
  VckcImportResult **results = NULL;
  VckcError *error = NULL;
  char *document = vckc_domain_export_checkpoints (domain, &error);
  int count;

  assert_fine (error);
  count = vckc_domain_import_checkpoints (domain, document, &results, VCKC_IMPORT_REPLACE, &error);
  assert_fine (error);
  for (int i = 0; i < count; i++)
    vckc_import_result_unref (results[i], NULL);
  free (results);
  free (document);
}

static void
repair (VckcDomain *domain, unsigned int flags)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int count = vckc_domain_repair_checkpoints (domain, &findings, flags, &error);

  assert_fine (error);
  for (int i = 0; i < count; i++)
    vckc_finding_unref (findings[i], NULL);
  free (findings);
}

static void
do_everything (guint number, gpointer data)
{
  VckcDomain *domain = data;

  for (guint round = 0; round < N_ROUNDS; round++)
    switch ((number + round) % 4)
      {
      case 0:
        export_and_import (domain);
        break;
      case 1:
        repair (domain, 0);
        break;
      case 2:
        vckc_object_unref (create (domain, number < 3 ? "x" : "y", NULL));
        break;
      default:
        {
          g_autoptr (VckcDomainCheckpoint) found =
              vckc_domain_checkpoint_lookup_by_name (domain, number < 3 ? "x" : "y", 0, NULL);
          VckcError *error = NULL;

          if (found != NULL)
            vckc_domain_checkpoint_delete (found, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, &error);
          assert_gone (error);
        }
      }
}

/* Whatever happened, in whatever order: a repair at the end makes all well. */
static void
test_everything (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///threads-everything");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  in_threads (do_everything, domain);
  repair (domain, 0);
  repair (domain, VCKC_REPAIR_ORPHANS);
  g_assert_cmpint (verify (domain), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/threads/one-domain", test_one_domain);
  g_test_add_func ("/vck/threads/connections", test_connections);
  g_test_add_func ("/vck/threads/come-and-go", test_come_and_go);
  g_test_add_func ("/vck/threads/come-and-go-local", test_come_and_go_local);
  g_test_add_func ("/vck/threads/close-during-use", test_close_during_use);
  g_test_add_func ("/vck/threads/subscribers", test_subscribers);
  g_test_add_func ("/vck/threads/everything", test_everything);
  return g_test_run ();
}
