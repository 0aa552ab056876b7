/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A change to the checkpoints of one domain, which is also what a journal holds: how an operation
 * that was interrupted is rolled forward or back. Both have the same shape for every operation:
 * bitmaps to remove if they are there, and texts to write and remove.
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

/* A bitmap in an image, to be removed when a journal is replayed. */
typedef struct
{
  char *target; /* the disk, for messages */
  char *path;
  char *format;
  char *bitmap;
} VckcJournalBitmap;

/* Counted by reference; not changed any more once it was given to a store. */
typedef struct
{
  gint ref_count;     /* atomic */
  char *operation;    /* such as "create": for the log */
  GPtrArray *bitmaps; /* of VckcJournalBitmap; only in a journal that is written */
  GHashTable *write;  /* checkpoint name -> XML text */
  GPtrArray *remove;  /* checkpoint names; one that is not there is no error */
  bool set_current;   /* whether `current` counts */
  char *current;      /* the current checkpoint, NULL for none */
  bool set_notes;     /* whether `notes` counts */
  char *notes;        /* the engine's own notes on the domain, NULL for none */
  bool set_backup;    /* whether `backup` counts */
  char *backup;       /* what is known of the last backup, NULL for nothing */
} VckcJournal;

VckcJournal *vckc_journal_new (const char *operation);
VckcJournal *vckc_journal_ref (VckcJournal *journal);
void vckc_journal_unref (VckcJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcJournal, vckc_journal_unref)

void vckc_journal_add_bitmap (VckcJournal *journal,
                              const char *target,
                              const char *path,
                              const char *format,
                              const char *bitmap);
