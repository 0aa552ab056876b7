/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A restore in place that is under way: the file ".ID.restore" in the folder of the domain. It is
 * written before the new images are made, and once more, as ready, when they are stored with
 * everything that they are to have. Until then the restore is taken back, from then on it is
 * completed.
 *
 * It is not trusted: images are known again by what is noted of their files, and only those that
 * the domain has are replaced.
 */

#pragma once

#include <sys/stat.h>

#include "backup/domain-folder.h"
#include "model/domain-def.h"

typedef struct
{
  char *target;
  char *path;         /* of the image, without links */
  bool tracked;       /* the new image has the bitmap of the new checkpoint */
  guint64 old_inode;  /* number of the file that is replaced */
  guint64 old_size;   /* and its size in bytes */
  gint64 old_changed; /* and when it was last written, in nanoseconds since 1970 */
  guint64 new_inode;  /* number of the file that replaces it; 0 until it is ready */
} VckcInPlaceDisk;

typedef struct
{
  char *id;
  char *backup;     /* id of the backup that is restored */
  char *checkpoint; /* (nullable): name of the new checkpoint */
  gint64 time;      /* of it, in seconds since 1970 */
  bool ready;
  GPtrArray *disks; /* of VckcInPlaceDisk */
} VckcInPlaceJournal;

VckcInPlaceJournal *vckc_in_place_journal_new (const char *backup);
void vckc_in_place_journal_free (VckcInPlaceJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcInPlaceJournal, vckc_in_place_journal_free)

VckcInPlaceDisk *vckc_in_place_journal_add (VckcInPlaceJournal *journal, const char *target);

/* Is the image the one of the disk that the domain has? */
bool vckc_in_place_disk_is_of_domain (const VckcInPlaceDisk *disk, const VckcDomainDef *def);

/* Of what is noted of a file: numbers as a journal can hold them. */
guint64 vckc_in_place_get_inode (const struct stat *info);
gint64 vckc_in_place_get_changed (const struct stat *info);

/* The path of the new image of a disk until it replaces the old one: beside it. */
char *vckc_in_place_make_temporary (const VckcInPlaceJournal *journal, const VckcInPlaceDisk *disk);

/* The ids of the journals in the folder, oldest first. */
GPtrArray *vckc_in_place_journal_list (const VckcDomainFolder *folder, VckcError **err);
/* BACKUP_INCONSISTENT if it is damaged. */
VckcInPlaceJournal *
vckc_in_place_journal_read (const VckcDomainFolder *folder, const char *id, VckcError **err);
/* Stores the journal. */
bool vckc_in_place_journal_write (const VckcDomainFolder *folder,
                                  const VckcInPlaceJournal *journal,
                                  VckcError **err);
bool vckc_in_place_journal_remove (const VckcDomainFolder *folder,
                                   const VckcInPlaceJournal *journal,
                                   VckcError **err);
