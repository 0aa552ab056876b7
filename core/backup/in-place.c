/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/in-place.h"

#include <gio/gio.h>

#include "backup/backup-names.h"
#include "backup/backup-recover.h"
#include "backup/chain-data.h"
#include "backup/image-users.h"
#include "backup/in-place-finish.h"
#include "backup/in-place-image.h"
#include "backup/saved-state.h"
#include "backup/source-image.h"
#include "base/clock.h"
#include "base/log.h"
#include "handles/handles.h"
#include "qemu/qcow2-bitmap-change.h"

/* Of an image, with its bitmap, for tables and what else is not data. */
#define ROOM_OF_IMAGE ((guint64) 1024 * 1024)

/* A restore in place that is being made. All is owned but what is said to be borrowed. */
typedef struct
{
  const VckcStoreRoot *root; /* borrowed */
  VckcDomainFolder *folder;
  VckcDomain *domain; /* borrowed */
  VckcDomainDef *def;
  VckcInPlaceJournal *journal;
  GPtrArray *images; /* of VckcInPlaceImage, in the order of the journal */
  VckcRestoreCopy *copy;
} InPlace;

static void
in_place_clear (InPlace *self)
{
  g_clear_pointer (&self->copy, vckc_restore_copy_free);
  g_clear_pointer (&self->images, g_ptr_array_unref);
  g_clear_pointer (&self->journal, vckc_in_place_journal_free);
  g_clear_pointer (&self->def, vckc_domain_def_unref);
  g_clear_pointer (&self->folder, vckc_domain_folder_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InPlace, in_place_clear)

/* --- may it be done? --- */

static bool
in_place_check_host (VckcDomain *domain, VckcError **err)
{
  const char *uri = domain->connect->uri;
  g_autofree char *host = NULL;
  const char *where = NULL;

  if (!g_uri_split (uri, G_URI_FLAGS_NONE, NULL, NULL, &host, NULL, NULL, NULL, NULL, NULL))
    where = "where a malformed URI says";
  else if (vckc_source_images_are_simulated (uri))
    where = "simulated";
  else if (host != NULL && host[0] != '\0')
    where = "on another host";
  if (where != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "cannot restore domain '%s' in place: the images of the connection '%s' are "
                    "%s; restore to new images instead",
                    domain->name, uri, where);
  return where == NULL;
}

static bool
in_place_check_not_saved (VckcDomain *domain, VckcError **err)
{
  bool saved;

  if (!vckc_saved_state_find (domain, &saved, err))
    return false;
  if (saved)
    vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                    "cannot restore domain '%s' in place: it has a saved state, whose memory does "
                    "not fit the restored disks; start it and shut it down, or remove the state "
                    "with 'virsh managedsave-remove'",
                    domain->name);
  return !saved;
}

static bool
in_place_check_off (VckcDomain *domain, VckcError **err)
{
  VckcDomainState state;

  if (vckc_domain_get_state (domain, &state, err) < 0)
    return false;
  if (state == VCKC_DOMAIN_STATE_SHUTOFF)
    return in_place_check_not_saved (domain, err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "cannot restore domain '%s' in place: it is not off; shut it down first",
                  domain->name);
  return false;
}

/* The disk as the domain has it, if it can have another content. */
static const VckcDomainDiskDef *
in_place_find_disk (const InPlace *self, const char *target, VckcError **err)
{
  const VckcDomainDiskDef *disk = vckc_domain_def_find_disk (self->def, target);
  const char *why = NULL;

  if (disk == NULL)
    why = "the domain no longer has it";
  else if (disk->empty || disk->source == NULL)
    why = "it has no image on this host";
  else if (disk->read_only || disk->transient)
    why = "it cannot be written to";
  else if (!g_str_equal (disk->format, "qcow2") && !g_str_equal (disk->format, "raw"))
    why = "its image is neither qcow2 nor raw";
  if (why == NULL)
    return disk;
  vckc_set_error (
      err, VCKC_ERROR_CONFIG_UNSUPPORTED,
      "cannot restore disk '%s' of domain '%s' in place: %s; restore it to a new image, "
      "and name the other disks one by one",
      target, self->domain->name, why);
  return NULL;
}

/* --- what there is --- */

/* Opens what the disks of the backup are made of. */
static bool
in_place_open_backup (InPlace *self, const char *backup, const char *target, VckcError **err)
{
  g_autoptr (VckcBackupList) list = NULL;
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  const VckcManifest *manifest = NULL;

  list = vckc_backup_list_load (self->folder, self->root, err);
  manifest = list != NULL ? vckc_backup_list_get (list, backup, err) : NULL;
  if (manifest == NULL)
    return false;
  for (guint i = 0; i < manifest->disks->len; i++)
    if (target == NULL)
      g_ptr_array_add (targets, ((VckcManifestDisk *) manifest->disks->pdata[i])->target);
  if (target != NULL)
    g_ptr_array_add (targets, (gpointer) target);
  self->copy = vckc_restore_copy_open (self->folder, self->root, backup,
                                       (const char *const *) targets->pdata, targets->len, err);
  for (guint i = 0; self->copy != NULL && i < targets->len; i++)
    vckc_in_place_journal_add (self->journal, g_ptr_array_index (targets, i));
  return self->copy != NULL;
}

static const VckcManifestDisk *
in_place_get_backup (const InPlace *self, guint i)
{
  return vckc_chain_get_top (vckc_restore_copy_get_chain (self->copy, i))->disk;
}

static bool
in_place_check_users (const InPlace *self, const VckcInPlaceDisk *disk, VckcError **err)
{
  if (vckc_image_users_check (self->domain, self->def, disk->target, disk->path, err))
    return true;
  vckc_prefix_error (err, "cannot restore disk '%s' in place", disk->target);
  return false;
}

/* Locks the images that are to be replaced. */
static bool
in_place_open_images (InPlace *self, VckcError **err)
{
  for (guint i = 0; i < self->journal->disks->len; i++)
    {
      VckcInPlaceDisk *disk = g_ptr_array_index (self->journal->disks, i);
      const VckcDomainDiskDef *def = in_place_find_disk (self, disk->target, err);
      VckcInPlaceImage *image = def != NULL ? vckc_in_place_image_open (disk, def, err) : NULL;

      if (image == NULL)
        return false;
      g_ptr_array_add (self->images, image);
      if (!in_place_check_users (self, disk, err))
        return false;
    }
  return true;
}

/* Which disks get the bitmap of a new checkpoint: those of a size for which there can be one. */
static void
in_place_choose_checkpoint (InPlace *self, bool without)
{
  bool any = false;

  for (guint i = 0; i < self->images->len; i++)
    {
      const VckcInPlaceImage *image = g_ptr_array_index (self->images, i);

      image->disk->tracked =
          !without && !image->raw
          && vckc_qcow2_bitmap_check_disk (in_place_get_backup (self, i)->virtual_size,
                                           image->cluster_size, image->disk->path, NULL);
      any = any || image->disk->tracked;
    }
  if (any)
    self->journal->checkpoint =
        vckc_backup_make_checkpoint_name (self->root->uuid, self->journal->id);
}

/* --- making the new images --- */

/* What the new image takes at most. */
static bool
in_place_count_room (const InPlace *self, guint i, guint64 *ret_room, VckcError **err)
{
  const VckcInPlaceImage *image = g_ptr_array_index (self->images, i);
  guint64 size = in_place_get_backup (self, i)->virtual_size;
  guint64 cluster = image->raw ? 4096 : image->cluster_size;
  guint64 reach = cluster * cluster / 8;
  guint64 data, tables;

  if (!vckc_chain_data_count (vckc_restore_copy_get_chain (self->copy, i), cluster, &data, err))
    return false;
  tables = image->raw ? 0 : MIN (size / reach, data / cluster) + 1;
  *ret_room = data + tables * cluster + (data / cluster + tables) * 2 + 8 * (size / reach)
              + 4 * cluster + ROOM_OF_IMAGE;
  return true;
}

static bool
in_place_create_images (InPlace *self, VckcError **err)
{
  for (guint i = 0; i < self->images->len; i++)
    {
      VckcInPlaceImage *image = g_ptr_array_index (self->images, i);
      guint64 room;

      if (!in_place_count_room (self, i, &room, err)
          || !vckc_in_place_image_create (image, self->journal, in_place_get_backup (self, i), err)
          || !vckc_in_place_image_reserve (image, self->images, room, err))
        return false;
    }
  return true;
}

static bool
in_place_copy (InPlace *self, VckcError **err)
{
  g_autofree VckcRestoreTarget *targets = g_new0 (VckcRestoreTarget, self->images->len);

  for (guint i = 0; i < self->images->len; i++)
    {
      const VckcInPlaceImage *image = g_ptr_array_index (self->images, i);

      targets[i] = (VckcRestoreTarget){ .fd = image->fd,
                                        .path = image->temporary,
                                        .raw = image->raw,
                                        .cluster_size = image->cluster_size };
    }
  return vckc_restore_copy_run (self->copy, targets, err);
}

static bool
in_place_complete_images (InPlace *self, VckcError **err)
{
  for (guint i = 0; i < self->images->len; i++)
    if (!vckc_in_place_image_complete (g_ptr_array_index (self->images, i), self->journal, err))
      return false;
  return true;
}

/* May it still be done? Copying takes long. */
static bool
in_place_check_again (const InPlace *self, VckcError **err)
{
  for (guint i = 0; i < self->journal->disks->len; i++)
    if (!in_place_check_users (self, g_ptr_array_index (self->journal->disks, i), err))
      return false;
  return in_place_check_off (self->domain, err);
}

static bool
in_place_prepare (InPlace *self, VckcError **err)
{
  return in_place_create_images (self, err) && in_place_copy (self, err)
         && in_place_complete_images (self, err) && in_place_check_again (self, err);
}

/* --- the end --- */

static void
in_place_abandon (InPlace *self)
{
  g_autoptr (VckcError) error = NULL;

  if (!vckc_in_place_take_back (self->folder, self->def, self->journal, &error))
    vckc_log_info (VCKC_ABOUT (.error = error), "what was begun is left until the next backup: %s",
                   vckc_error_get_message (error));
}

static bool
in_place_finish (InPlace *self, VckcError **err)
{
  if (vckc_in_place_finish (self->folder, self->domain, self->def, self->journal, self->root->uuid,
                            err))
    return true;
  vckc_prefix_error (
      err,
      "restoring domain '%s' in place has begun, and is brought to an end before its "
      "next backup",
      self->domain->name);
  return false;
}

/* With the images locked. From when the journal is ready the call is not cancelled. */
static bool
in_place_run (InPlace *self, VckcError **err)
{
  g_autoptr (GCancellable) never = NULL;
  bool ready, ok = false;

  self->journal->time = vckc_clock_now () / G_USEC_PER_SEC;
  ready = vckc_in_place_journal_write (self->folder, self->journal, err)
          && in_place_prepare (self, err);
  never = g_cancellable_new ();
  g_cancellable_push_current (never);
  if (ready)
    {
      self->journal->time = vckc_clock_now () / G_USEC_PER_SEC;
      self->journal->ready = true;
      ready = vckc_in_place_journal_write (self->folder, self->journal, err);
      ok = ready && in_place_finish (self, err);
    }
  if (!ready)
    in_place_abandon (self);
  g_cancellable_pop_current (never);
  return ok;
}

bool
vckc_in_place_restore (const VckcStoreRoot *root,
                       VckcDomain *domain,
                       const char *backup,
                       const char *target,
                       bool without_checkpoint,
                       VckcError **err)
{
  g_auto (InPlace) self = { .root = root, .domain = domain };
  g_autofree char *xml = NULL;

  self.images = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_in_place_image_free);
  self.journal = vckc_in_place_journal_new (backup);
  self.folder = vckc_domain_folder_open (root, domain->uuid, false, err);
  if (self.folder == NULL || !in_place_check_host (domain, err)
      || !vckc_domain_folder_lock (self.folder, VCKC_FOLDER_LOCK_WRITER, true, err)
      || !vckc_backups_recover (root, self.folder, domain, err)
      || !in_place_check_off (domain, err))
    return false;
  xml = vckc_domain_get_xml_desc (domain, 0, err);
  self.def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  if (self.def == NULL || !in_place_open_backup (&self, backup, target, err)
      || !in_place_open_images (&self, err))
    return false;
  in_place_choose_checkpoint (&self, without_checkpoint);
  return in_place_run (&self, err);
}
