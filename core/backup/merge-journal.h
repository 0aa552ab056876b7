/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a merge into a backup still has to do, once the merged image is stored under a temporary
 * name: rename it, and write the manifest. Until then nothing is different, so before that there is
 * no journal, and after that it is removed.
 */

#pragma once

#include "backup/domain-folder.h"
#include "backup/manifest.h"

typedef struct
{
  VckcManifest *manifest; /* as it is to be; the members that others have put there are not in it */
  char *target;           /* of the disk whose image is renamed */
} VckcMergeJournal;

void vckc_merge_journal_free (VckcMergeJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcMergeJournal, vckc_merge_journal_free)

/* The temporary name of the merged image of a file. */
char *vckc_merge_journal_make_temporary (const char *file);
bool vckc_merge_journal_is_temporary (const char *name);
/* The id of the backup of a journal of that name; NULL if it is none. */
char *vckc_merge_journal_find_id (const char *name);

/* Stores the journal: from now on the merge is done. */
bool vckc_merge_journal_write (const VckcDomainFolder *folder,
                               const VckcManifest *manifest,
                               const char *target,
                               VckcError **err);
/* NULL without an error if there is none for the backup. */
VckcMergeJournal *
vckc_merge_journal_read (const VckcDomainFolder *folder, const char *id, VckcError **err);

/* Has the image been renamed already? */
bool vckc_merge_journal_is_renamed (const VckcMergeJournal *journal, int backup_fd);

/* Does what is left, and removes the journal. */
bool vckc_merge_journal_finish (const VckcDomainFolder *folder,
                                const VckcMergeJournal *journal,
                                VckcError **err);
