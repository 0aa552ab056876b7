/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A thread may end before the call has returned that creates it. GLib makes what it needs to join a
 * thread after it has created it, so nothing may join it before. */

#define _GNU_SOURCE
#include "handles/handles.h"

#include <dlfcn.h>
#include <pthread.h>

#include "drivers/memory/testing/memory-hooks.h"

#define OTHER_DOMAIN                                                                               \
  "<domain type='qemu'><name>other</name><devices><disk type='file'><driver type='qcow2'/>"        \
  "<source file='/memory/other.qcow2'/><target dev='vda'/></disk></devices></domain>"
#define BACKUP(file)                                                                               \
  "<domainbackup><disks><disk name='vda' type='file'><target file='" file "'/></disk></disks>"     \
  "</domainbackup>"
/* In milliseconds. A thread on its way to its end gets there meanwhile, or is kept from it. */
#define DELAY 300

/* Atomic: what has become of the thread that is created. */
static gint delayed;
static gint created;
static gint joining;

static bool
await (const gint *flag, guint milliseconds)
{
  for (guint i = 0; i < milliseconds && g_atomic_int_get (flag) == 0; i++)
    g_usleep (1000);
  return g_atomic_int_get (flag) != 0;
}

/* Instead of the functions of the C library, which have these names in this program. */

int
pthread_create (pthread_t *thread, const pthread_attr_t *attr, void *(*run) (void *), void *data)
{
  int (*create) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *) =
      dlsym (RTLD_NEXT, "pthread_create");
  int result = create (thread, attr, run, data);

  if (g_atomic_int_compare_and_exchange (&delayed, 1, 2))
    {
      await (&joining, DELAY);
      g_atomic_int_set (&created, 1);
    }
  return result;
}

int
pthread_join (pthread_t thread, void **value)
{
  int (*join) (pthread_t, void **) = dlsym (RTLD_NEXT, "pthread_join");

  if (g_atomic_int_get (&delayed) == 2)
    {
      g_atomic_int_set (&joining, 1);
      await (&created, 10 * DELAY);
      /* The creator goes on meanwhile. */
      g_usleep (DELAY * 1000);
    }
  return join (thread, value);
}

static guint
count_backup_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;
  guint n = 0;

  while ((thread = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_equal (name, "vck-backup\n"))
        n++;
    }
  return n;
}

static gpointer
back_up_cb (gpointer domain)
{
  g_atomic_int_set (&delayed, 1);
  g_assert_cmpint (vckc_domain_backup_begin (domain, BACKUP ("/memory/two"), NULL, 0, NULL), ==, 0);
  return NULL;
}

/* The thread of a backup joins the one that has left before it, and that still is created. */
static void
test_joined_at_once (void)
{
  VckcConnect *connect = vckc_connect_open ("memory:///thread-start", 0, NULL);
  VckcDomain *domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcDomain *other = vckc_domain_define_xml (connect, OTHER_DOMAIN, NULL);
  GThread *creator;

  vckc_memory_hold_backups (connect, true);
  g_assert_cmpint (vckc_domain_backup_begin (domain, BACKUP ("/memory/one"), NULL, 0, NULL), ==, 0);
  creator = g_thread_new ("creator", back_up_cb, other);
  while (vckc_domain_abort_job (other, NULL) != 0)
    g_usleep (1000);
  while (count_backup_threads () > 1)
    g_usleep (1000);
  vckc_memory_hold_backups (connect, false);
  while (g_atomic_int_get (&created) == 0)
    g_usleep (1000);
  g_thread_join (creator);
  vckc_object_unref (other);
  vckc_object_unref (domain);
  vckc_object_unref (connect);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/thread-start/joined-at-once", test_joined_at_once);
  return g_test_run ();
}
