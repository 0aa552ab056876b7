/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists in the order of all events: a subscriber that starts with one and follows knows exactly
 * what there is, whatever changes meanwhile. */

#include "handles/handles.h"

#define N_THREADS 6
#define N_ROUNDS 200
#define N_LISTS 100

/* What the events say that there is: the incarnations of domains and checkpoints. */
typedef struct
{
  GHashTable *known; /* of guint64 */
  guint n_lists;
  guint n_changes;
} Mirror;

static gboolean
is_domain_event (VckcEventType type)
{
  return type == VCKC_EVENT_DOMAIN_ADDED || type == VCKC_EVENT_DOMAIN_REMOVED;
}

static gint64
event_get_incarnation (const VckcEvent *event)
{
  return (gint64) (is_domain_event (event->type)
                       ? vckc_domain_get_incarnation (event->domain, NULL)
                       : vckc_domain_checkpoint_get_incarnation (event->checkpoint, NULL));
}

static gint64
listed_get_incarnation (const VckcEvent *event, gsize i)
{
  return (gint64) (event->domains != NULL
                       ? vckc_domain_get_incarnation (event->domains[i], NULL)
                       : vckc_domain_checkpoint_get_incarnation (event->checkpoints[i], NULL));
}

static void
mirror_add (Mirror *self, gint64 incarnation)
{
  g_assert_true (g_hash_table_add (self->known, g_memdup2 (&incarnation, sizeof incarnation)));
}

/* A list has what is known already, and nothing else; only the first one says something new. */
static void
mirror_take_list (Mirror *self, const VckcEvent *event)
{
  for (gsize i = 0; i < event->n_listed; i++)
    {
      gint64 incarnation = listed_get_incarnation (event, i);

      if (self->n_lists == 0)
        mirror_add (self, incarnation);
      g_assert_true (g_hash_table_contains (self->known, &incarnation));
    }
  g_assert_cmpuint (event->n_listed, ==, g_hash_table_size (self->known));
  self->n_lists++;
}

static void
mirror_change (Mirror *self, const VckcEvent *event, gboolean added)
{
  gint64 incarnation = event_get_incarnation (event);

  if (self->n_lists == 0)
    return;
  self->n_changes++;
  if (added)
    mirror_add (self, incarnation);
  else
    g_assert_true (g_hash_table_remove (self->known, &incarnation));
}

static void
checkpoint_event_cb (const VckcEvent *event, void *opaque)
{
  if (event->type == VCKC_EVENT_CHECKPOINTS_LISTED)
    mirror_take_list (opaque, event);
  else if (event->type == VCKC_EVENT_CHECKPOINT_ADDED
           || event->type == VCKC_EVENT_CHECKPOINT_REMOVED)
    mirror_change (opaque, event, event->type == VCKC_EVENT_CHECKPOINT_ADDED);
}

static void
domain_event_cb (const VckcEvent *event, void *opaque)
{
  if (event->type == VCKC_EVENT_DOMAINS_LISTED)
    mirror_take_list (opaque, event);
  else if (is_domain_event (event->type))
    mirror_change (opaque, event, event->type == VCKC_EVENT_DOMAIN_ADDED);
}

static VckcDomain *
define (VckcConnect *connect, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domain><name>%s</name><devices><disk type='file'><driver type='qcow2'/>"
                       "<source file='/x'/><target dev='vda'/></disk></devices></domain>",
                       name);
  VckcDomain *domain = vckc_domain_define_xml (connect, xml, NULL);

  g_assert_nonnull (domain);
  return domain;
}

/* In each thread: names of its own, and names that all threads use. */
static void
change_checkpoints (VckcConnect *connect, guint round)
{
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "d", NULL);
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>c%u</name></domaincheckpoint>", round % 7);
  G_GNUC_UNUSED g_autoptr (VckcDomainCheckpoint) created =
      vckc_domain_checkpoint_create_xml (domain, xml, 0, NULL);
  g_autofree char *name = g_strdup_printf ("c%u", (round * 3) % 7);
  g_autoptr (VckcDomainCheckpoint) found =
      vckc_domain_checkpoint_lookup_by_name (domain, name, 0, NULL);

  if (found != NULL)
    vckc_domain_checkpoint_delete (found, round % 5 == 0 ? VCKC_CHECKPOINT_DELETE_CHILDREN : 0,
                                   NULL);
}

static void
change_domains (VckcConnect *connect, guint round)
{
  g_autofree char *xml = g_strdup_printf ("<domain><name>d%u</name></domain>", round % 7);
  G_GNUC_UNUSED g_autoptr (VckcDomain) defined = vckc_domain_define_xml (connect, xml, NULL);
  g_autofree char *name = g_strdup_printf ("d%u", (round * 3) % 7);
  g_autoptr (VckcDomain) found = vckc_domain_lookup_by_name (connect, name, NULL);

  if (found != NULL)
    vckc_domain_undefine (found, 0, NULL);
}

typedef struct
{
  const char *uri;
  void (*change) (VckcConnect *connect, guint round);
  guint number;
} Worker;

/* Half of the threads have a connection of their own to the same domains. */
static gpointer
worker_run_cb (gpointer data)
{
  const Worker *worker = data;
  g_autoptr (VckcConnect) connect = vckc_connect_open (worker->uri, 0, NULL);

  for (guint i = 0; i < N_ROUNDS; i++)
    worker->change (connect, i + worker->number);
  return NULL;
}

static void
run_workers (const char *uri,
             void (*change) (VckcConnect *connect, guint round),
             int (*announce) (gpointer handle),
             gpointer handle)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ uri, change, i * 11 };
      threads[i] = g_thread_new ("worker", worker_run_cb, &workers[i]);
    }
  for (guint i = 0; i < N_LISTS; i++)
    {
      g_assert_cmpint (announce (handle), ==, 0);
      g_usleep (100);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (announce (handle), ==, 0);
}

static int
announce_checkpoints (gpointer domain)
{
  return vckc_domain_announce_checkpoints (domain, NULL);
}

static int
announce_domains (gpointer connect)
{
  return vckc_connect_announce_domains (connect, NULL);
}

static void
assert_mirror (const Mirror *mirror, int n_now)
{
  g_assert_cmpuint (mirror->n_lists, ==, N_LISTS + 1);
  g_assert_cmpuint (mirror->n_changes, >, N_ROUNDS);
  g_assert_cmpint ((int) g_hash_table_size (mirror->known), ==, n_now);
}

static void
test_checkpoint_threads (void)
{
  const char *uri = "memory:///announce-checkpoints";
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Mirror mirror = { known, 0, 0 };
  g_autoptr (VckcConnect) connect = vckc_connect_open (uri, 0, NULL);
  g_autoptr (VckcDomain) domain = define (connect, "d");
  int id = vckc_connect_subscribe (connect, checkpoint_event_cb, &mirror, NULL, NULL);

  run_workers (uri, change_checkpoints, announce_checkpoints, domain);
  assert_mirror (&mirror, vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL));
  vckc_connect_unsubscribe (connect, id, NULL);
}

static void
test_domain_threads (void)
{
  const char *uri = "memory:///announce-domains";
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Mirror mirror = { known, 0, 0 };
  g_autoptr (VckcConnect) connect = vckc_connect_open (uri, 0, NULL);
  int id = vckc_connect_subscribe (connect, domain_event_cb, &mirror, NULL, NULL);

  run_workers (uri, change_domains, announce_domains, connect);
  assert_mirror (&mirror, vckc_connect_list_all_domains (connect, NULL, 0, NULL));
  vckc_connect_unsubscribe (connect, id, NULL);
}

/* What the events say of the disks of a domain. */
typedef struct
{
  guint n_changes;
  guint n_lists;
  gsize n_disks;
  guint64 last_look;
} DiskMirror;

static void
disk_event_cb (const VckcEvent *event, void *opaque)
{
  DiskMirror *self = opaque;

  if (event->type == VCKC_EVENT_DISKS_CHANGED)
    self->n_changes++;
  if (event->type != VCKC_EVENT_DISKS_LISTED)
    return;
  self->n_lists++;
  self->n_disks = event->n_listed;
  g_assert_cmpuint (event->look, >, self->last_look);
  self->last_look = event->look;
  for (gsize i = 0; i < event->n_listed; i++)
    g_assert_cmpuint (vckc_domain_disk_get_look (event->domain_disks[i], NULL), ==, event->look);
}

static void
define_disks (VckcConnect *connect, const char *source, const char *more)
{
  g_autofree char *xml =
      g_strdup_printf ("<domain><name>d</name>%s<devices><disk type='file'><driver type='qcow2'/>"
                       "<source file='%s'/><target dev='vda'/></disk></devices></domain>",
                       more, source);
  G_GNUC_UNUSED g_autoptr (VckcDomain) domain = vckc_domain_define_xml (connect, xml, NULL);

  g_assert_nonnull (domain);
}

/* Definitions with other disks, of any connection, and refreshing say that they may have changed;
 * each call that lists them has notified of what it found when it returns. */
static void
test_disks (void)
{
  DiskMirror mirror = { 0 };
  g_autoptr (VckcConnect) connect = vckc_connect_open ("memory:///announce-disks", 0, NULL);
  g_autoptr (VckcConnect) other = vckc_connect_open ("memory:///announce-disks", 0, NULL);
  g_autoptr (VckcDomain) domain = define (connect, "d");
  int id = vckc_connect_subscribe (connect, disk_event_cb, &mirror, NULL, NULL);
  VckcDomainDisk **disks = NULL;

  g_assert_cmpint (vckc_domain_list_disks (domain, &disks, NULL), ==, 1);
  g_assert_cmpuint (mirror.n_lists, ==, 1);
  g_assert_cmpuint (mirror.n_disks, ==, 1);
  g_assert_cmpuint (vckc_domain_disk_get_look (disks[0], NULL), ==, mirror.last_look);
  vckc_domain_disk_unref (disks[0], NULL);
  free (disks);
  g_assert_cmpuint (mirror.n_changes, ==, 0);

  define_disks (connect, "/x", "<title>x</title>");
  g_assert_cmpuint (mirror.n_changes, ==, 0);
  define_disks (connect, "/y", "");
  g_assert_cmpuint (mirror.n_changes, ==, 1);
  define_disks (other, "/z", "");
  g_assert_cmpuint (mirror.n_changes, ==, 2);
  g_assert_cmpint (vckc_domain_refresh (domain, NULL), ==, 0);
  g_assert_cmpuint (mirror.n_changes, ==, 3);
  g_assert_cmpuint (mirror.n_lists, ==, 1);
  g_assert_cmpuint (vckc_domain_disk_get_look (NULL, NULL), ==, 0);
  vckc_connect_unsubscribe (connect, id, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/announce/checkpoint-threads", test_checkpoint_threads);
  g_test_add_func ("/announce/domain-threads", test_domain_threads);
  g_test_add_func ("/announce/disks", test_disks);
  return g_test_run ();
}
