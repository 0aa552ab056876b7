/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-backup-starts.h"

#include "base/process.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* Milliseconds by which libvirt's clock may differ. */
#define SLACK 5

typedef struct
{
  char *content; /* what is backed up: another backup has another */
  gint64 begun;  /* g_get_monotonic_time() */
} BackupStart;

static VckcMutex backup_starts_mutex = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *backup_starts; /* (nullable): URI and UUID -> BackupStart; under the mutex */

/* The table of the parent stays as its threads left it. */
VCKC_IN_CHILD static void
backup_starts_forget (void)
{
  backup_starts_mutex = (VckcMutex) PTHREAD_MUTEX_INITIALIZER;
  backup_starts = NULL;
}

static void
backup_starts_forget_on_fork (void)
{
  vckc_process_on_fork (backup_starts_forget);
}

static void
backup_start_free (gpointer data)
{
  BackupStart *start = data;

  g_free (start->content);
  g_free (start);
}

static char *
backup_starts_make_key (const VckcDomain *domain)
{
  return g_strdup_printf ("%s %s", domain->uuid, domain->connect->uri);
}

/* libvirt numbers the runs of domains, and keeps the number when libvirtd is restarted. A pointer
 * has the number of when it was made. */
static unsigned int
backup_starts_find_run (VckcDomain *domain)
{
  virConnectPtr conn = vckc_libvirt_get_connection (domain->connect)->conn;
  VCKC_AUTO_DOMAIN found = virDomainLookupByUUIDString (conn, domain->uuid);
  const unsigned int run = found != NULL ? virDomainGetID (found) : 0;

  if (found == NULL)
    virResetLastError ();
  return run;
}

static char *
backup_starts_describe (VckcDomain *domain, const VckcLibvirtBackup *backup)
{
  GString *content = g_string_new (NULL);

  g_string_printf (content, "%u %u", backup_starts_find_run (domain), backup->mode);
  for (guint i = 0; i < backup->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (backup->disks, i);

      g_string_append_printf (content, "\n%s\n%s\n%s", disk->name,
                              disk->file != NULL ? disk->file : "",
                              disk->base != NULL ? disk->base : "");
    }
  return g_string_free (content, FALSE);
}

static void
backup_starts_lock (void)
{
  static VckcOnce once = VCKC_ONCE_INIT;

  vckc_once (&once, backup_starts_forget_on_fork);
  vckc_mutex_lock (&backup_starts_mutex);
}

void
vckc_libvirt_backup_starts_find (VckcDomain *domain, VckcLibvirtBackup *backup, gint64 time_elapsed)
{
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *key = backup_starts_make_key (domain);
  g_autofree char *content = backup_starts_describe (domain, backup);
  const BackupStart *start;

  backup_starts_lock ();
  start = backup_starts != NULL ? g_hash_table_lookup (backup_starts, key) : NULL;
  if (start != NULL && time_elapsed >= 0 && g_str_equal (start->content, content))
    backup->earlier = (now - start->begun) / G_TIME_SPAN_MILLISECOND - time_elapsed;
  vckc_mutex_unlock (&backup_starts_mutex);
  if (backup->earlier < SLACK)
    backup->earlier = 0;
}

void
vckc_libvirt_backup_starts_add (VckcDomain *domain,
                                const VckcLibvirtBackup *backup,
                                gint64 time_elapsed)
{
  const gint64 elapsed = backup->earlier + MAX (time_elapsed, 0);
  BackupStart *start = g_new0 (BackupStart, 1);

  start->content = backup_starts_describe (domain, backup);
  start->begun = g_get_monotonic_time () - elapsed * G_TIME_SPAN_MILLISECOND;
  backup_starts_lock ();
  if (backup_starts == NULL)
    backup_starts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, backup_start_free);
  g_hash_table_replace (backup_starts, backup_starts_make_key (domain), start);
  vckc_mutex_unlock (&backup_starts_mutex);
}

void
vckc_libvirt_backup_starts_remove (VckcDomain *domain)
{
  g_autofree char *key = backup_starts_make_key (domain);

  backup_starts_lock ();
  if (backup_starts != NULL)
    g_hash_table_remove (backup_starts, key);
  if (backup_starts != NULL && g_hash_table_size (backup_starts) == 0)
    g_clear_pointer (&backup_starts, g_hash_table_unref);
  vckc_mutex_unlock (&backup_starts_mutex);
}
