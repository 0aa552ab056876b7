/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The definition of a checkpoint: what a `<domaincheckpoint>` document says. */

#pragma once

#include "model/domain-def.h"
#include "model/image-identity.h"
#include "vckc-domain-checkpoint.h"

/* The longest name: as a file name it gets a suffix, ".xml.new" at most. */
#define VCKC_CHECKPOINT_NAME_MAX 247

typedef struct
{
  char *name;                /* target; as written in the document until aligned */
  bool tracked;              /* checkpoint='bitmap' */
  char *bitmap;              /* name of the bitmap; NULL if not tracked or not given yet */
  gint64 size;               /* bytes; -1 if not known; never kept */
  VckcCheckpointState state; /* as far as it was looked at; never kept */
  gint64 capacity;         /* of the disk when the checkpoint was made, in bytes; -1 if not known */
  gint64 granularity;      /* of the bitmap when it was made, in bytes; -1 if not known */
  VckcImageIdentity image; /* that it was made of */
} VckcCheckpointDiskDef;

VckcCheckpointDiskDef *
vckc_checkpoint_disk_def_new (const char *name, bool tracked, const char *bitmap);
void vckc_checkpoint_disk_def_free (VckcCheckpointDiskDef *disk);

typedef struct
{
  char *name;            /* NULL until given one */
  char *uuid;            /* NULL until given one; of checkpoints of one name one is another */
  char *description;     /* (nullable); never "" */
  char *parent_name;     /* (nullable) */
  gint64 creation_time;  /* seconds since 1970 UTC; 0 until set */
  bool has_disks;        /* whether the document had <disks> */
  GPtrArray *disks;      /* of VckcCheckpointDiskDef */
  VckcDomainDef *domain; /* (nullable), owned reference */
} VckcCheckpointDef;

VckcCheckpointDef *vckc_checkpoint_def_new (void);
VckcCheckpointDef *vckc_checkpoint_def_copy (const VckcCheckpointDef *def);
void vckc_checkpoint_def_free (VckcCheckpointDef *def);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCheckpointDef, vckc_checkpoint_def_free)

/* The disk of that name that the checkpoint tracks, or NULL. */
VckcCheckpointDiskDef *vckc_checkpoint_def_find_disk (const VckcCheckpointDef *def,
                                                      const char *name);

bool vckc_checkpoint_def_tracks_any_disk (const VckcCheckpointDef *def);

/* Lines the disks up with the domain's: one entry per disk of the domain in its
 * order. Empty and read-only disks are not tracked, nor, if <disks> was given, those it
 * does not name. CONFIG_UNSUPPORTED if a disk does not exist, is named twice or cannot
 * be tracked. */
bool
vckc_checkpoint_def_align (VckcCheckpointDef *def, const VckcDomainDef *domain, VckcError **err);

/* Names the bitmap of every tracked disk that has none yet after the checkpoint. */
void vckc_checkpoint_def_name_bitmaps (VckcCheckpointDef *def);

/* What calls hand out of a disk. */
VckcDomainCheckpointDisk *vckc_checkpoint_def_new_disk (const VckcCheckpointDef *def,
                                                        const VckcCheckpointDiskDef *disk,
                                                        gint64 size,
                                                        VckcCheckpointState state);
/* The same of all disks, with their sizes and states. */
GPtrArray *vckc_checkpoint_def_list_disks (const VckcCheckpointDef *def);
