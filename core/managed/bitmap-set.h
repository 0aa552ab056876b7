/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps an operation is about, on the disks they are on, and a session for them. */

#pragma once

#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"
#include "model/checkpoint-def.h"
#include "model/domain-def.h"

typedef struct _VckcBitmapPlan VckcBitmapPlan;

VckcBitmapPlan *vckc_bitmap_plan_new (void);
void vckc_bitmap_plan_free (VckcBitmapPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBitmapPlan, vckc_bitmap_plan_free)

/* Adds a bitmap, unless it is there already. The strings must live as long as the plan. */
void vckc_bitmap_plan_add (VckcBitmapPlan *plan,
                           const char *target,
                           const char *path,
                           const char *format,
                           const char *bitmap);

/* Adds the bitmaps of a checkpoint, without those of disks that the domain does not have any
 * more. */
void vckc_bitmap_plan_add_checkpoint (VckcBitmapPlan *plan,
                                      const VckcCheckpointDef *def,
                                      const VckcDomainDef *domain);

/* Adds a disk, unless it is there already, to open it and see what is on it. */
void vckc_bitmap_plan_add_disk (VckcBitmapPlan *plan,
                                const char *target,
                                const char *path,
                                const char *format);
guint vckc_bitmap_plan_n_disks (const VckcBitmapPlan *plan);
const char *vckc_bitmap_plan_disk_target (const VckcBitmapPlan *plan, guint disk);

/* A plan with one bitmap of another one, whose strings it shares. */
VckcBitmapPlan *vckc_bitmap_plan_new_of_one (const VckcBitmapPlan *all, guint i);

guint vckc_bitmap_plan_size (const VckcBitmapPlan *plan);

/* Opens a session on the disks of the plan and finds its bitmaps. */
bool vckc_bitmap_plan_open (VckcBitmapPlan *plan,
                            VckcBlockBackend *backend,
                            const VckcBlockMachine *machine,
                            VckcBlockSessionMode mode,
                            VckcError **err);

/* The session, whose disks are in the order of the plan's; NULL unless open. */
VckcBlockSession *vckc_bitmap_plan_get_session (VckcBitmapPlan *plan);

/* Looks for the bitmaps again. */
bool vckc_bitmap_plan_find (VckcBitmapPlan *plan, VckcError **err);

/* The size of the disk that bitmap number `i` is on, in bytes. */
bool
vckc_bitmap_plan_capacity (VckcBitmapPlan *plan, guint i, guint64 *ret_capacity, VckcError **err);

/* The bitmap number `i` of the plan as it was found, or NULL if it was not there. */
const VckcBlockBitmap *vckc_bitmap_plan_found (const VckcBitmapPlan *plan, guint i);
const char *vckc_bitmap_plan_target (const VckcBitmapPlan *plan, guint i);
const char *vckc_bitmap_plan_path (const VckcBitmapPlan *plan, guint i);
const char *vckc_bitmap_plan_bitmap (const VckcBitmapPlan *plan, guint i);

bool vckc_bitmap_plan_add_all (VckcBitmapPlan *plan, VckcError **err);
/* Removes the bitmaps that were found. */
bool vckc_bitmap_plan_remove_found (VckcBitmapPlan *plan, VckcError **err);

/* Ends the session, if one is open. */
bool vckc_bitmap_plan_close (VckcBitmapPlan *plan, VckcError **err);

/* Copies the bitmaps of the plan into a journal. */
void vckc_bitmap_plan_add_to_journal (const VckcBitmapPlan *plan, VckcJournal *journal);
