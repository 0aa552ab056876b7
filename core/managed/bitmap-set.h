/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps an operation is about, on the disks they are on, and a session for them. */

#pragma once

#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"
#include "model/checkpoint-def.h"
#include "model/domain-def.h"

typedef struct _VckcBitmapPlan VckcBitmapSet;

VckcBitmapSet *vckc_bitmap_set_new (void);
void vckc_bitmap_set_free (VckcBitmapSet *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBitmapSet, vckc_bitmap_set_free)

/* Adds a bitmap, unless it is there already. The strings must live as long as the plan. */
void vckc_bitmap_set_add (VckcBitmapSet *plan,
                          const char *target,
                          const char *path,
                          const char *format,
                          const char *bitmap);

/* Adds the bitmaps of a checkpoint, without those of disks that the domain does not have any
 * more. */
void vckc_bitmap_set_add_checkpoint (VckcBitmapSet *plan,
                                     const VckcCheckpointDef *def,
                                     const VckcDomainDef *domain);

/* Adds a disk, unless it is there already, to open it and see what is on it; or to copy it, which
 * can be done with a disk that can have no bitmaps, too. */
void vckc_bitmap_set_add_disk (VckcBitmapSet *plan,
                               const char *target,
                               const char *path,
                               const char *format);
void vckc_bitmap_set_add_copied_disk (VckcBitmapSet *plan,
                                      const char *target,
                                      const char *path,
                                      const char *format);
guint vckc_bitmap_set_n_disks (const VckcBitmapSet *plan);
const char *vckc_bitmap_set_disk_target (const VckcBitmapSet *plan, guint disk);

/* A plan with one bitmap of another one, whose strings it shares. */
VckcBitmapSet *vckc_bitmap_set_new_of_one (const VckcBitmapSet *all, guint i);

guint vckc_bitmap_set_size (const VckcBitmapSet *plan);
bool vckc_bitmap_set_contains (const VckcBitmapSet *plan, const char *target, const char *bitmap);

/* Opens a session on the disks of the plan and finds its bitmaps. */
bool vckc_bitmap_set_open (VckcBitmapSet *plan,
                           VckcBlockBackend *backend,
                           const VckcBlockMachine *machine,
                           VckcBlockSessionMode mode,
                           VckcError **err);

/* The session, whose disks are in the order of the plan's; NULL unless open. */
VckcBlockSession *vckc_bitmap_set_get_session (VckcBitmapSet *plan);

/* Looks for the bitmaps again. */
bool vckc_bitmap_set_find (VckcBitmapSet *plan, VckcError **err);

/* The size of the disk that bitmap number `i` is on, in bytes. */
bool
vckc_bitmap_set_capacity (VckcBitmapSet *plan, guint i, guint64 *ret_capacity, VckcError **err);

/* The bitmap number `i` of the plan as it was found, or NULL if it was not there. */
const VckcBlockBitmap *vckc_bitmap_set_found (const VckcBitmapSet *plan, guint i);
const char *vckc_bitmap_set_target (const VckcBitmapSet *plan, guint i);
const char *vckc_bitmap_set_path (const VckcBitmapSet *plan, guint i);
const char *vckc_bitmap_set_bitmap (const VckcBitmapSet *plan, guint i);

/* All bitmaps of the plan, by the number of their disk. */
const VckcBlockBitmapRef *vckc_bitmap_set_get_refs (const VckcBitmapSet *plan);

bool vckc_bitmap_set_add_all (VckcBitmapSet *plan, VckcError **err);
/* Removes the bitmaps that were found. */
bool vckc_bitmap_set_remove_found (VckcBitmapSet *plan, VckcError **err);

/* Ends the session, if one is open. */
bool vckc_bitmap_set_close (VckcBitmapSet *plan, VckcError **err);

/* Copies the bitmaps of the plan into a journal. */
void vckc_bitmap_set_add_to_journal (const VckcBitmapSet *plan, VckcJournal *journal);
