/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Bitmaps that forgotten checkpoints left behind: the engine's notes on a domain. They tell
 * a bitmap that Vck made from one of another program, which it must not touch.
 */

#pragma once

#include "bitmap-plan.h"

typedef struct _VckcOrphans VckcOrphans;

/* Reads notes; lines that make no sense are passed over. NULL gives an empty set. */
VckcOrphans *vckc_orphans_new (const char *notes);
VckcOrphans *vckc_orphans_copy (const VckcOrphans *orphans);
void vckc_orphans_free (VckcOrphans *orphans);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcOrphans, vckc_orphans_free)

/* As notes; NULL if there are none. */
char *vckc_orphans_format (const VckcOrphans *orphans);

bool vckc_orphans_contain (const VckcOrphans *orphans, const char *path, const char *bitmap);

/* Notes, or strikes out, every bitmap of a plan. */
void vckc_orphans_add_plan (VckcOrphans *orphans, const VckcBitmapPlan *plan);
void vckc_orphans_remove_plan (VckcOrphans *orphans, const VckcBitmapPlan *plan);
