/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backup-status.h"

#include <string.h>

#define VERSION 1
#define MAIN_GROUP "backup"
/* A domain has fewer disks. */
#define MAX_DISKS 10000

static const char *const phase_names[] = {
  [VCKC_BACKUP_STARTING] = "starting",   [VCKC_BACKUP_RUNNING] = "running",
  [VCKC_BACKUP_DONE] = "done",           [VCKC_BACKUP_FAILED] = "failed",
  [VCKC_BACKUP_CANCELLED] = "cancelled", [VCKC_BACKUP_LOST] = "lost",
};

static void
backup_disk_status_free (gpointer data)
{
  VckcBackupDiskStatus *disk = data;

  g_free (disk->target);
  g_free (disk->image);
  g_free (disk->image_format);
  g_free (disk->file);
  g_free (disk->format);
  g_free (disk->base);
  g_free (disk->base_bitmap);
  g_free (disk->export_name);
  g_free (disk->export_bitmap);
  g_free (disk->error);
  g_free (disk->note);
  g_free (disk);
}

VckcBackupStatus *
vckc_backup_status_new (void)
{
  VckcBackupStatus *status = g_new0 (VckcBackupStatus, 1);

  status->mode = VCKC_BACKUP_MODE_PUSH;
  status->disks = g_ptr_array_new_with_free_func (backup_disk_status_free);
  return status;
}

void
vckc_backup_status_free (VckcBackupStatus *status)
{
  if (status == NULL)
    return;
  g_free (status->id);
  g_free (status->owner);
  g_free (status->checkpoint);
  g_free (status->checkpoint_uuid);
  g_free (status->xml);
  g_free (status->qemu);
  g_free (status->error);
  g_free (status->socket);
  g_ptr_array_unref (status->disks);
  g_free (status);
}

VckcBackupDiskStatus *
vckc_backup_status_add_disk (VckcBackupStatus *status)
{
  VckcBackupDiskStatus *disk = g_new0 (VckcBackupDiskStatus, 1);

  disk->done = disk->total = -1;
  disk->temp_used = disk->temp_total = -1;
  g_ptr_array_add (status->disks, disk);
  return disk;
}

VckcBackupDiskStatus *
vckc_backup_status_get_disk (const VckcBackupStatus *status, guint disk)
{
  return g_ptr_array_index (status->disks, disk);
}

bool
vckc_backup_status_has_ended (const VckcBackupStatus *status)
{
  return status->phase > VCKC_BACKUP_RUNNING;
}

int
vckc_backup_status_get_percent (const VckcBackupStatus *status)
{
  double done = 0, total = 0;

  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);

      if (disk->done < 0 || disk->total < 0)
        return -1;
      done += (double) disk->done;
      total += (double) disk->total;
    }
  return total > 0 ? (int) CLAMP (done * 100 / total, 0, 100) : 0;
}

/* A text of the status as a member of a struct, by the name of its key. */
typedef struct
{
  const char *key;
  gsize offset;
  bool optional;
} StatusText;

static const StatusText main_texts[] = {
  { "id", G_STRUCT_OFFSET (VckcBackupStatus, id), false },
  { "owner", G_STRUCT_OFFSET (VckcBackupStatus, owner), true },
  { "checkpoint", G_STRUCT_OFFSET (VckcBackupStatus, checkpoint), true },
  { "checkpoint-uuid", G_STRUCT_OFFSET (VckcBackupStatus, checkpoint_uuid), true },
  { "xml", G_STRUCT_OFFSET (VckcBackupStatus, xml), false },
  { "qemu", G_STRUCT_OFFSET (VckcBackupStatus, qemu), true },
  { "error", G_STRUCT_OFFSET (VckcBackupStatus, error), true },
  { "socket", G_STRUCT_OFFSET (VckcBackupStatus, socket), true },
};

static const StatusText disk_texts[] = {
  { "target", G_STRUCT_OFFSET (VckcBackupDiskStatus, target), false },
  { "image", G_STRUCT_OFFSET (VckcBackupDiskStatus, image), false },
  { "image-format", G_STRUCT_OFFSET (VckcBackupDiskStatus, image_format), false },
  { "file", G_STRUCT_OFFSET (VckcBackupDiskStatus, file), false },
  { "format", G_STRUCT_OFFSET (VckcBackupDiskStatus, format), false },
  { "base", G_STRUCT_OFFSET (VckcBackupDiskStatus, base), true },
  { "base-bitmap", G_STRUCT_OFFSET (VckcBackupDiskStatus, base_bitmap), true },
  { "export-name", G_STRUCT_OFFSET (VckcBackupDiskStatus, export_name), true },
  { "export-bitmap", G_STRUCT_OFFSET (VckcBackupDiskStatus, export_bitmap), true },
  { "error", G_STRUCT_OFFSET (VckcBackupDiskStatus, error), true },
  { "note", G_STRUCT_OFFSET (VckcBackupDiskStatus, note), true },
};

/* In quotes, so that blanks at either end are kept, and a cut shows. */
static void
backup_status_add_texts (GKeyFile *file,
                         const char *group,
                         gconstpointer data,
                         const StatusText *texts,
                         gsize n_texts)
{
  for (gsize i = 0; i < n_texts; i++)
    {
      const char *text = G_STRUCT_MEMBER (char *, data, texts[i].offset);
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

      if (text != NULL)
        g_key_file_set_string (file, group, texts[i].key, quoted);
    }
}

static char *
backup_status_get_disk_group (guint disk)
{
  return g_strdup_printf ("disk %u", disk + 1);
}

/* Whether we made a file, and which that is. */
static void
backup_status_add_made (GKeyFile *file, const char *group, bool made, const VckcBlockImage *as)
{
  g_key_file_set_boolean (file, group, "made", made);
  g_key_file_set_uint64 (file, group, "made-device", as->device);
  g_key_file_set_uint64 (file, group, "made-number", as->number);
  g_key_file_set_int64 (file, group, "made-birth", as->birth);
}

/* Numbers that cannot be read are 0. */
static bool
backup_status_get_made (GKeyFile *file, const char *group, VckcBlockImage *ret_as)
{
  ret_as->device = g_key_file_get_uint64 (file, group, "made-device", NULL);
  ret_as->number = g_key_file_get_uint64 (file, group, "made-number", NULL);
  ret_as->birth = g_key_file_get_int64 (file, group, "made-birth", NULL);
  return g_key_file_get_boolean (file, group, "made", NULL);
}

static void
backup_status_add_disk_group (GKeyFile *file, guint i, const VckcBackupDiskStatus *disk)
{
  g_autofree char *group = backup_status_get_disk_group (i);

  backup_status_add_texts (file, group, disk, disk_texts, G_N_ELEMENTS (disk_texts));
  backup_status_add_made (file, group, disk->made, &disk->made_as);
  g_key_file_set_int64 (file, group, "done", disk->done);
  g_key_file_set_int64 (file, group, "total", disk->total);
}

char *
vckc_backup_status_format (const VckcBackupStatus *status)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_integer (file, MAIN_GROUP, "version", VERSION);
  g_key_file_set_boolean (file, MAIN_GROUP, "pull", status->mode == VCKC_BACKUP_MODE_PULL);
  g_key_file_set_string (file, MAIN_GROUP, "phase", phase_names[status->phase]);
  g_key_file_set_boolean (file, MAIN_GROUP, "outlives", status->outlives);
  g_key_file_set_boolean (file, MAIN_GROUP, "cancelled", status->cancelled);
  g_key_file_set_int64 (file, MAIN_GROUP, "speed", status->speed);
  g_key_file_set_int64 (file, MAIN_GROUP, "begun", status->begun);
  g_key_file_set_int64 (file, MAIN_GROUP, "elapsed", status->elapsed);
  g_key_file_set_boolean (file, MAIN_GROUP, "no-space", status->no_space);
  g_key_file_set_integer (file, MAIN_GROUP, "disks", (int) status->disks->len);
  backup_status_add_texts (file, MAIN_GROUP, status, main_texts, G_N_ELEMENTS (main_texts));
  backup_status_add_made (file, MAIN_GROUP, status->socket_made, &status->socket_made_as);
  for (guint i = 0; i < status->disks->len; i++)
    backup_status_add_disk_group (file, i, vckc_backup_status_get_disk (status, i));
  return g_key_file_to_data (file, NULL, NULL);
}

static bool
backup_status_get_text (GKeyFile *file,
                        const char *group,
                        const StatusText *text,
                        gpointer data,
                        GError **gerror)
{
  g_autofree char *quoted = NULL;
  GError *local = NULL;
  gsize length;

  if (text->optional && !g_key_file_has_key (file, group, text->key, NULL))
    return true;
  quoted = g_key_file_get_string (file, group, text->key, &local);
  length = quoted != NULL ? strlen (quoted) : 0;
  if (local == NULL && (length < 2 || quoted[0] != '"' || quoted[length - 1] != '"'))
    g_set_error (&local, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                 "'%s' in '[%s]' does not stand in quotes", text->key, group);
  if (local != NULL)
    {
      g_propagate_error (gerror, local);
      return false;
    }
  G_STRUCT_MEMBER (char *, data, text->offset) = g_strndup (quoted + 1, length - 2);
  return true;
}

static bool
backup_status_get_texts (GKeyFile *file,
                         const char *group,
                         const StatusText *texts,
                         gsize n_texts,
                         gpointer data,
                         GError **gerror)
{
  for (gsize i = 0; i < n_texts; i++)
    if (!backup_status_get_text (file, group, &texts[i], data, gerror))
      return false;
  return true;
}

static bool
backup_status_get_disk_group_of (GKeyFile *file, guint i, VckcBackupStatus *status, GError **gerror)
{
  g_autofree char *group = backup_status_get_disk_group (i);
  VckcBackupDiskStatus *disk = vckc_backup_status_add_disk (status);

  disk->made = backup_status_get_made (file, group, &disk->made_as);
  disk->done = g_key_file_get_int64 (file, group, "done", NULL);
  disk->total = g_key_file_get_int64 (file, group, "total", NULL);
  return backup_status_get_texts (file, group, disk_texts, G_N_ELEMENTS (disk_texts), disk, gerror);
}

static bool
backup_status_get_main (GKeyFile *file, VckcBackupStatus *status, int *ret_n_disks, GError **gerror)
{
  g_autofree char *phase = g_key_file_get_string (file, MAIN_GROUP, "phase", NULL);
  int version = g_key_file_get_integer (file, MAIN_GROUP, "version", NULL);
  gsize known = 0;

  while (known < G_N_ELEMENTS (phase_names) && g_strcmp0 (phase, phase_names[known]) != 0)
    known++;
  *ret_n_disks = g_key_file_get_integer (file, MAIN_GROUP, "disks", NULL);
  if (version != VERSION || known == G_N_ELEMENTS (phase_names) || *ret_n_disks < 0
      || *ret_n_disks > MAX_DISKS)
    {
      g_set_error (gerror, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   "it is damaged, or of a later version");
      return false;
    }
  status->phase = (VckcBackupPhase) known;
  status->mode = g_key_file_get_boolean (file, MAIN_GROUP, "pull", NULL) ? VCKC_BACKUP_MODE_PULL
                                                                         : VCKC_BACKUP_MODE_PUSH;
  status->socket_made = backup_status_get_made (file, MAIN_GROUP, &status->socket_made_as);
  status->outlives = g_key_file_get_boolean (file, MAIN_GROUP, "outlives", NULL);
  status->cancelled = g_key_file_get_boolean (file, MAIN_GROUP, "cancelled", NULL);
  status->no_space = g_key_file_get_boolean (file, MAIN_GROUP, "no-space", NULL);
  status->speed = MAX (g_key_file_get_int64 (file, MAIN_GROUP, "speed", NULL), 0);
  status->begun = g_key_file_get_int64 (file, MAIN_GROUP, "begun", NULL);
  status->elapsed = g_key_file_get_int64 (file, MAIN_GROUP, "elapsed", NULL);
  return backup_status_get_texts (file, MAIN_GROUP, main_texts, G_N_ELEMENTS (main_texts), status,
                                  gerror);
}

VckcBackupStatus *
vckc_backup_status_parse (const char *text, VckcError **err)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (VckcBackupStatus) status = vckc_backup_status_new ();
  GError *gerror = NULL;
  int n_disks = 0;
  bool ok = g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &gerror)
            && backup_status_get_main (file, status, &n_disks, &gerror);

  for (int i = 0; ok && i < n_disks; i++)
    ok = backup_status_get_disk_group_of (file, (guint) i, status, &gerror);
  if (ok)
    return g_steal_pointer (&status);
  vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror,
                              "cannot read what is known of the last backup");
  return NULL;
}

VckcBackupStatus *
vckc_backup_status_copy (const VckcBackupStatus *status)
{
  g_autofree char *text = status != NULL ? vckc_backup_status_format (status) : NULL;

  return text != NULL ? vckc_backup_status_parse (text, NULL) : NULL;
}
