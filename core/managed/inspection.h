/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A look at a domain as it is on disk: its stored checkpoints compared with the bitmaps in its
 * images. With the job held, if nothing else is said. */

#pragma once

#include "managed/bitmap-set.h"
#include "managed/engine.h"

typedef struct
{
  VckcManagedDomain *domain;  /* borrowed */
  VckcStoredDomain *stored;   /* owned */
  VckcDomainDef *def;         /* owned reference: the domain as recorded */
  VckcCheckpointTree *tree;   /* owned: a copy to work on */
  VckcOrphanBitmaps *orphans; /* owned */
  GPtrArray *examined;        /* of VckcExaminedDisk */
  GPtrArray *findings;        /* of VckcFinding */
  GHashTable *sizes;          /* VckcCheckpointDiskDef of the tree -> owned gint64: bytes */
} VckcInspection;

/* Reads what is stored; finds what can be seen without opening an image. */
bool vckc_inspection_init (VckcInspection *inspection,
                           VckcEngine *engine,
                           VckcManagedDomain *domain,
                           VckcError **err);

/* Compares them with the images. */
bool vckc_inspection_look (VckcInspection *inspection, VckcEngine *engine, VckcError **err);

/* Reads what is in the images of all disks, also of those that no checkpoint tracks and that are
 * only read, and compares nothing. */
bool vckc_inspection_read (VckcInspection *inspection, VckcEngine *engine, VckcError **err);

/* Compares them for the disks of a plan only, with the session that the plan has open. */
bool vckc_inspection_look_at (VckcInspection *inspection,
                              VckcEngine *engine,
                              VckcBitmapSet *plan,
                              VckcError **err);

/* Both, for a caller without the job, which is begun for reading meanwhile. The inspection's
 * domain is NULL afterwards. */
bool vckc_inspection_of_domain (VckcInspection *inspection, VckcDomain *handle, VckcError **err);

void vckc_inspection_clear (VckcInspection *inspection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcInspection, vckc_inspection_clear)
