/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The flags of each call by name, and how unknown ones are refused. */

#pragma once

#include "base/error-private.h"

typedef struct
{
  unsigned int flag;
  const char *name; /* without the prefix of its type */
} VckcFlagName;

/* A flag such as (CHECKPOINT_CREATE, QUIESCE) with its name. */
#define VCKC_FLAG(prefix, name) ((VckcFlagName){ VCKC_##prefix##_##name, #name })

typedef struct
{
  const char *call;       /* as a method is called, such as "create_checkpoint_xml" */
  VckcFlagName flags[12]; /* up to the first without a name */
} VckcCallFlags;

extern const VckcCallFlags vckc_flags_open;
extern const VckcCallFlags vckc_flags_open_repository;
extern const VckcCallFlags vckc_flags_verify_repository;
extern const VckcCallFlags vckc_flags_prune;
extern const VckcCallFlags vckc_flags_restore;
extern const VckcCallFlags vckc_flags_restore_in_place;
extern const VckcCallFlags vckc_flags_backup;
extern const VckcCallFlags vckc_flags_list_domains;
extern const VckcCallFlags vckc_flags_domain_xml;
extern const VckcCallFlags vckc_flags_list_bitmaps;
extern const VckcCallFlags vckc_flags_rename;
extern const VckcCallFlags vckc_flags_undefine;
extern const VckcCallFlags vckc_flags_create_checkpoint;
extern const VckcCallFlags vckc_flags_lookup_checkpoint;
extern const VckcCallFlags vckc_flags_list_checkpoints;
extern const VckcCallFlags vckc_flags_list_children;
extern const VckcCallFlags vckc_flags_get_parent;
extern const VckcCallFlags vckc_flags_checkpoint_xml;
extern const VckcCallFlags vckc_flags_list_disks;
extern const VckcCallFlags vckc_flags_delete;
extern const VckcCallFlags vckc_flags_extents;
extern const VckcCallFlags vckc_flags_repair;
extern const VckcCallFlags vckc_flags_hand_over;
extern const VckcCallFlags vckc_flags_import;
extern const VckcCallFlags vckc_flags_backup_begin;
extern const VckcCallFlags vckc_flags_backup_xml;
extern const VckcCallFlags vckc_flags_job_info;

/* Refuses bits of `flags` that are not in `supported`, naming those that are. */
bool vckc_check_flags (unsigned int flags,
                       unsigned int supported,
                       const VckcCallFlags *call,
                       VckcError **err);
