/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* One disk of a domain during an inspection, and what is known of it. */

#pragma once

#include "managed/backends/block-backend.h"
#include "managed/engine.h"
#include "model/domain-def.h"

typedef struct
{
  const VckcDomainDiskDef *def;
  VckcBlockImage image; /* that it has */
  char *problem;        /* why its image cannot be looked at; NULL if it can */
  guint64 capacity;     /* bytes */
  VckcBlockLoss loss;
  GHashTable *bitmaps; /* name -> VckcBlockBitmap */
  GHashTable *claimed; /* names of bitmaps that checkpoints speak of */
  GHashTable *good;    /* VckcCheckpointDef -> VckcBlockBitmap: what can be relied on */
  GPtrArray *below;    /* of VckcBackingBitmap; NULL until looked at */
  char *below_problem; /* (nullable): why not all backing files could be examined */
} VckcExaminedDisk;

/* Only the image is identified. `def` is borrowed. */
VckcExaminedDisk *vckc_examined_disk_new (VckcEngine *engine, const VckcDomainDiskDef *def);
void vckc_examined_disk_free (gpointer examined);

/* Finds out what can be known of the disk without opening a session: sets `problem`. */
bool vckc_examined_disk_check (VckcExaminedDisk *examined,
                               VckcEngine *engine,
                               const char *qmp_socket,
                               VckcError **err);

/* Reads the bitmaps and the capacity in a session, in which it is disk `index`. */
bool vckc_examined_disk_read (VckcExaminedDisk *examined,
                              VckcBlockSession *session,
                              guint index,
                              VckcError **err);

/* Looks at the files that the image is based on, unless that was done: sets `below`, and
 * `below_problem`. Fails only for want of descriptors or memory. */
bool
vckc_examined_disk_read_below (VckcExaminedDisk *examined, VckcEngine *engine, VckcError **err);

/* The one with that target in an array of them, or NULL. */
VckcExaminedDisk *vckc_examined_disk_find (const GPtrArray *all, const char *target);
