/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/in-place-finish.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/image-users.h"
#include "backup/in-place-checkpoints.h"
#include "backup/restored-file.h"
#include "backup/saved-state.h"
#include "base/dir-file.h"
#include "handles/handles.h"
#include "qemu/image-lock.h"

/* What became of a disk. */
typedef enum
{
  IN_PLACE_WAITING, /* the old image is there as it was, and the new one beside it */
  IN_PLACE_DONE,    /* the new image has the name */
  IN_PLACE_LOST,    /* neither */
  IN_PLACE_FAILED,  /* it cannot be found out */
} InPlaceState;

/* --- the images --- */

/* Is it certain that there is no such file? */
static bool
is_no_file (int number)
{
  return number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG;
}

static bool
in_place_has_inode (const char *path, guint64 inode, struct stat *ret_info, bool *ret_known)
{
  *ret_known = lstat (path, ret_info) == 0;
  if (!*ret_known)
    {
      *ret_known = is_no_file (errno);
      return false;
    }
  return S_ISREG (ret_info->st_mode) && vckc_in_place_get_inode (ret_info) == inode;
}

static InPlaceState
in_place_get_state (const VckcInPlaceJournal *journal, const VckcInPlaceDisk *disk, VckcError **err)
{
  g_autofree char *temporary = vckc_in_place_make_temporary (journal, disk);
  struct stat info = { 0 };
  bool known, there, old;

  if (in_place_has_inode (disk->path, disk->new_inode, &info, &known))
    return IN_PLACE_DONE;
  old = known && S_ISREG (info.st_mode) && vckc_in_place_get_inode (&info) == disk->old_inode
        && (guint64) info.st_size == disk->old_size
        && vckc_in_place_get_changed (&info) == disk->old_changed;
  there = known && in_place_has_inode (temporary, disk->new_inode, &info, &known);
  if (known)
    return old && there ? IN_PLACE_WAITING : IN_PLACE_LOST;
  vckc_set_error_errno (err, errno, "cannot examine the image '%s'", disk->path);
  return IN_PLACE_FAILED;
}

static bool
in_place_sync_folder (const char *path, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the folder '%s'", folder);
      return false;
    }
  ok = vckc_dir_sync (fd, folder, err);
  close (fd);
  return ok;
}

/* The state of a disk that has to be restored; IN_PLACE_FAILED if it cannot be. */
static InPlaceState
in_place_require_state (const VckcInPlaceJournal *journal,
                        const VckcInPlaceDisk *disk,
                        VckcError **err)
{
  InPlaceState state = in_place_get_state (journal, disk, err);

  if (state != IN_PLACE_LOST)
    return state;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "the image '%s' of disk '%s', or the new one beside it, was changed meanwhile; "
                  "restore it again, or go on with what there is",
                  disk->path, disk->target);
  return IN_PLACE_FAILED;
}

static bool
in_place_rename (const VckcInPlaceJournal *journal, const VckcInPlaceDisk *disk, VckcError **err)
{
  g_autofree char *temporary = vckc_in_place_make_temporary (journal, disk);
  InPlaceState state = in_place_require_state (journal, disk, err);

  if (state == IN_PLACE_FAILED)
    return false;
  if (state == IN_PLACE_WAITING && rename (temporary, disk->path) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot rename '%s' to '%s'", temporary, disk->path);
      return false;
    }
  return in_place_sync_folder (disk->path, err);
}

/* Has the domain that image, or one of which that cannot be said as it is not there? */
static bool
in_place_may_be_of_domain (const VckcInPlaceDisk *disk, const VckcDomainDef *def)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (def, disk->target);

  return known != NULL && known->source != NULL
         && (access (known->source, F_OK) < 0 || vckc_in_place_disk_is_of_domain (disk, def));
}

/* With no new image there: that is certain only if it cannot be that the storage is not mounted. */
static bool
in_place_check_storage (const VckcInPlaceDisk *disk, const VckcDomainDef *def, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (disk->path);
  struct stat info;

  if (lstat (disk->path, &info) == 0)
    return true;
  if (!is_no_file (errno))
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", disk->path);
      return false;
    }
  if (!in_place_may_be_of_domain (disk, def) && lstat (folder, &info) == 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "a restore in place was interrupted, and now neither the image '%s' of disk '%s' "
                  "nor the new one beside it is there; mount the storage that they are on, or, if "
                  "they were removed, take the disk out of the domain%s",
                  disk->path, disk->target,
                  lstat (folder, &info) == 0 ? "" : " and make their folder");
  return false;
}

static bool
in_place_remove_new (const VckcInPlaceJournal *journal,
                     const VckcInPlaceDisk *disk,
                     const VckcDomainDef *def,
                     VckcError **err)
{
  g_autofree char *temporary = vckc_in_place_make_temporary (journal, disk);
  struct stat info;
  bool there = lstat (temporary, &info) == 0;

  if (!there && is_no_file (errno))
    return in_place_check_storage (disk, def, err);
  if (there && (!S_ISREG (info.st_mode) || unlink (temporary) == 0))
    return true;
  vckc_set_error_errno (err, errno, "cannot remove '%s'", temporary);
  return false;
}

bool
vckc_in_place_take_back (const VckcDomainFolder *folder,
                         const VckcDomainDef *def,
                         const VckcInPlaceJournal *journal,
                         VckcError **err)
{
  for (guint i = 0; i < journal->disks->len; i++)
    if (!in_place_remove_new (journal, g_ptr_array_index (journal->disks, i), def, err))
      return false;
  return vckc_in_place_journal_remove (folder, journal, err);
}

/* --- completing --- */

static bool
in_place_note_restored (const VckcDomainFolder *folder,
                        const VckcInPlaceJournal *journal,
                        VckcError **err)
{
  g_autoptr (VckcRestored) restored = vckc_restored_read (folder, err);

  if (restored == NULL)
    return false;
  for (guint i = 0; i < journal->disks->len; i++)
    {
      const VckcInPlaceDisk *disk = g_ptr_array_index (journal->disks, i);
      const VckcRestoredDisk now = { disk->target, journal->id, journal->backup,
                                     disk->tracked ? journal->checkpoint : NULL };

      vckc_restored_set (restored, &now);
    }
  return vckc_restored_write (folder, restored, err);
}

/* Once an image has its name, that the old checkpoints are dropped is certain, and those that there
 * are now are others. */
static bool
in_place_is_any_done (const VckcInPlaceJournal *journal)
{
  for (guint i = 0; i < journal->disks->len; i++)
    if (in_place_get_state (journal, g_ptr_array_index (journal->disks, i), NULL) == IN_PLACE_DONE)
      return true;
  return false;
}

/* Can all disks be completed, or are they? */
static bool
in_place_check_all (const VckcInPlaceJournal *journal, VckcError **err)
{
  for (guint i = 0; i < journal->disks->len; i++)
    if (in_place_require_state (journal, g_ptr_array_index (journal->disks, i), err)
        == IN_PLACE_FAILED)
      return false;
  return true;
}

bool
vckc_in_place_finish (const VckcDomainFolder *folder,
                      VckcDomain *domain,
                      const VckcDomainDef *def,
                      const VckcInPlaceJournal *journal,
                      const char *store_uuid,
                      VckcError **err)
{
  if (!in_place_check_all (journal, err) || !in_place_note_restored (folder, journal, err)
      || (!in_place_is_any_done (journal)
          && !vckc_in_place_drop_checkpoints (domain, def, journal, store_uuid, err)))
    return false;
  for (guint i = 0; i < journal->disks->len; i++)
    if (!in_place_rename (journal, g_ptr_array_index (journal->disks, i), err))
      return false;
  return vckc_in_place_define_checkpoint (domain, def, journal, err)
         && vckc_in_place_journal_remove (folder, journal, err);
}

/* --- recovering --- */

/* An old image that another one has been based on since, or to which a saved memory belongs, is
 * needed as it is. */
static InPlaceState
in_place_check_needed (VckcDomain *domain,
                       const VckcDomainDef *def,
                       const VckcInPlaceDisk *disk,
                       VckcError **err)
{
  g_autofree char *user = NULL;
  bool saved;

  if (!vckc_saved_state_find (domain, &saved, err)
      || !vckc_image_users_find (domain, def, disk->target, disk->path, &user, err))
    return IN_PLACE_FAILED;
  return saved || user != NULL ? IN_PLACE_LOST : IN_PLACE_WAITING;
}

/* Locks the images of the disk, and finds out what became of it. */
static InPlaceState
in_place_hold (const VckcInPlaceJournal *journal,
               const VckcInPlaceDisk *disk,
               VckcDomain *domain,
               const VckcDomainDef *def,
               GPtrArray *locks,
               VckcError **err)
{
  g_autofree char *temporary = vckc_in_place_make_temporary (journal, disk);
  InPlaceState state = in_place_get_state (journal, disk, err);
  VckcImageLock *lock;

  if (state == IN_PLACE_DONE || state == IN_PLACE_FAILED)
    return state;
  if (state == IN_PLACE_LOST || !vckc_in_place_disk_is_of_domain (disk, def))
    return IN_PLACE_LOST;
  lock = vckc_image_lock_new (disk->path, disk->target, err);
  if (lock == NULL)
    return IN_PLACE_FAILED;
  g_ptr_array_add (locks, lock);
  lock = vckc_image_lock_new (temporary, disk->target, err);
  if (lock == NULL)
    return IN_PLACE_FAILED;
  g_ptr_array_add (locks, lock);
  /* Again, as only now it stays so. */
  state = in_place_get_state (journal, disk, err);
  return state == IN_PLACE_WAITING ? in_place_check_needed (domain, def, disk, err) : state;
}

/* Takes the disks out of the journal that cannot be completed, with their new images. */
static bool
in_place_give_up_lost (VckcInPlaceJournal *journal,
                       VckcDomain *domain,
                       const VckcDomainDef *def,
                       GPtrArray *locks,
                       GString *lost,
                       VckcError **err)
{
  for (guint i = journal->disks->len; i-- > 0;)
    {
      const VckcInPlaceDisk *disk = g_ptr_array_index (journal->disks, i);
      InPlaceState state = in_place_hold (journal, disk, domain, def, locks, err);

      if (state == IN_PLACE_FAILED)
        return false;
      if (state != IN_PLACE_LOST)
        continue;
      g_string_append_printf (lost, "%s'%s'", lost->len > 0 ? ", " : "", disk->target);
      if (!in_place_remove_new (journal, disk, def, err))
        return false;
      g_ptr_array_remove_index (journal->disks, i);
    }
  return true;
}

/* All that was to be restored together is, or nothing, unless one of the new images is in use
 * already. */
static bool
in_place_recover_ready (const VckcStoreRoot *root,
                        const VckcDomainFolder *folder,
                        VckcDomain *domain,
                        const VckcDomainDef *def,
                        VckcInPlaceJournal *journal,
                        VckcError **err)
{
  g_autoptr (GPtrArray) locks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_image_lock_free);
  g_autoptr (GString) lost = g_string_new (NULL);
  bool ok;

  if (!in_place_give_up_lost (journal, domain, def, locks, lost, err))
    return false;
  ok = lost->len > 0 && !in_place_is_any_done (journal)
           ? vckc_in_place_take_back (folder, def, journal, err)
           : vckc_in_place_finish (folder, domain, def, journal, root->uuid, err);
  if (ok && lost->len > 0)
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_FAILED,
        "restoring the backup '%s' in place was interrupted, and before it could be "
        "completed the image of disk %s was changed, or came to be needed as it is, so it is "
        "kept; restore it again, or "
        "go on with what there is",
        journal->backup, lost->str);
  return ok && lost->len == 0;
}

static bool
in_place_recover_one (const VckcStoreRoot *root,
                      const VckcDomainFolder *folder,
                      VckcDomain *domain,
                      const char *id,
                      VckcError **err)
{
  g_autoptr (VckcInPlaceJournal) journal = vckc_in_place_journal_read (folder, id, err);
  g_autofree char *xml = journal != NULL ? vckc_domain_get_xml_desc (domain, 0, err) : NULL;
  g_autoptr (VckcDomainDef) def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;

  if (def == NULL)
    return false;
  return journal->ready ? in_place_recover_ready (root, folder, domain, def, journal, err)
                        : vckc_in_place_take_back (folder, def, journal, err);
}

bool
vckc_in_place_recover (const VckcStoreRoot *root,
                       const VckcDomainFolder *folder,
                       VckcDomain *domain,
                       VckcError **err)
{
  g_autoptr (GPtrArray) ids = vckc_in_place_journal_list (folder, err);

  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!in_place_recover_one (root, folder, domain, g_ptr_array_index (ids, i), err))
      return false;
  return ids != NULL;
}
