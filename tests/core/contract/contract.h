/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The driver contract test: one table of cases, run unchanged against every target.
 *
 * Cases carry the id of their row in docs/internals/semantics.md, where they have one. What a
 * target or Vck as a whole does differently from libvirt is data: see Case.differs and
 * Target.differences.
 */

#pragma once

#include <glib.h>

#include "handles/handles.h"

typedef struct _Target Target;
typedef struct _Fixture Fixture;

/* What is checked of a case that is no row of a table. */
typedef void (*CaseFunc) (Fixture *fixture);

/* A row that a target answers differently, and why. */
typedef struct
{
  const char *id;
  const char *reason;
  int code;             /* what the target answers instead: a VckcErrorCode, 0 for success */
  const char *expect;   /* and the result */
  const char *tree;     /* fixture_tree() afterwards; NULL if that is as in the row */
  const char *repaired; /* of a repair: what it did, */
  const char *left;     /* and what is found afterwards */
  CaseFunc run;         /* of a case that is no row: what is checked instead */
} Difference;

/* Something to run cases against. Every case gets a fresh one. */
struct _Target
{
  const char *name;
  const Difference *differences; /* ends with a NULL id; NULL for none */
  const char *type;              /* of the domain; NULL if anything will do */
  const char *no_extents;        /* why it lists no changed blocks; NULL if it does */
  const char *no_backups;        /* why it has no backups; NULL if it does */
  bool no_extents_late;          /* it finds other reasons to refuse first */

  /* Runs a case, all of it, in a process of its own; NULL to run it in this one. */
  bool (*isolate) (void (*run) (gpointer data), gpointer data);
  void (*start) (Target *self);
  void (*stop) (Target *self);
  /* Starts the domain, and ends it in order; NULL if there is nothing to do. */
  void (*power_on) (Target *self);
  void (*power_off) (Target *self);
  void (*write) (Target *self, const char *path, guint64 offset, guint64 length);
  void (*lose_bitmap) (Target *self, const char *path, const char *bitmap);
  void (*break_bitmap) (Target *self, const char *path, const char *bitmap);
  /* A bitmap that no checkpoint knows of. */
  void (*add_bitmap) (Target *self, const char *path, const char *bitmap);

  /* Set by start: */
  char *uri;
  char *dir;            /* where the images are */
  VckcConnect *connect; /* used by the hooks above */
  char *metadata;       /* of the domain; NULL for none */
  gpointer domain;      /* the target's own */
};

extern const Target target_memory;
extern const Target target_local;
extern const Target target_running;
extern const Target target_libvirt_test;
extern const Target target_libvirt_embed;

/* What a case works with: the domain `t` of its own target. */
struct _Fixture
{
  Target target;
  VckcConnect *connect;
  VckcConnect *read_only;
  VckcDomain *domain;
};

#define DOMAIN_UUID "11111111-2222-3333-4444-555555555555"

void fixture_start (Fixture *fixture, const Target *target);
void fixture_stop (Fixture *fixture);

/* Is the domain running? */
bool fixture_is_running (const Fixture *fixture);

/* The path of one of the domain's images. */
char *fixture_path (const Fixture *fixture, const char *disk);

/* What is in that image; NULL if it is simulated. */
GBytes *fixture_read_image (const Fixture *fixture, const char *disk);

/* The document with @DIR@, @TYPE@ and @UUID@ replaced, and @DOMAIN@ by the domain's own XML. */
char *fixture_expand (const Fixture *fixture, const char *xml);

/*
 * Runs a script: commands separated by "; ", all of which must succeed.
 *
 *   create NAME...                 each as a child of the current checkpoint
 *   redefine NAME [under PARENT]
 *   delete NAME [metadata] [children | children-only]
 *                                  as planned
 *   write DISK OFFSET LENGTH       in granules of 64 KiB
 *   lose DISK BITMAP               the bitmap vanishes
 *   break DISK BITMAP              the bitmap becomes inconsistent
 *   add DISK BITMAP                a bitmap appears that no checkpoint has
 */
void fixture_run (Fixture *fixture, const char *script);

/* Runs one command, which may fail. Returns a VckcErrorCode, 0 for success. */
int fixture_step (Fixture *fixture, const char *step);

/* "a b<a c<b cur=c": all checkpoints by name with their parents, and the current one,
 * found by creating a checkpoint and deleting it again. */
char *fixture_tree (Fixture *fixture);

/* "a c": names a list call gives, sorted. */
char *fixture_list (Fixture *fixture, const char *checkpoint, unsigned int flags);

/* "vda=bitmap:a:65536 vdb=no": what the checkpoint says of each disk; sizes with SIZE. */
char *fixture_disks (Fixture *fixture, const char *checkpoint, unsigned int flags);

VckcDomainCheckpoint *fixture_lookup (Fixture *fixture, const char *name);

/* Stops the domain, if the target has one. */
void fixture_power_off (Fixture *fixture);

/* Registers the cases of one file for a target. */
typedef struct
{
  const char *id;
  const char *prepare; /* script */
  const char *action;  /* one command */
  int code;            /* expected VckcErrorCode; 0 for success */
  const char *expect;  /* fixture_tree() afterwards */
  const char *differs; /* why this is not what libvirt answers; NULL if it is */
} TreeCase;

typedef struct
{
  const char *id;
  unsigned int flags; /* of create */
  const char *xml;
  int code;
  const char *expect; /* fixture_disks() afterwards */
  const char *differs;
} XmlCase;

void add_announce_cases (const Target *target);
void add_tree_cases (const Target *target);
void add_delete_plan_cases (const Target *target);
void add_list_cases (const Target *target);
void add_lookup_cases (const Target *target);
void add_xml_cases (const Target *target);
void add_config_cases (const Target *target);
void add_entry_cases (const Target *target);
void add_bitmap_cases (const Target *target);
void add_bitmap_list_cases (const Target *target);
void add_verify_cases (const Target *target);
void add_extents_cases (const Target *target);
void add_backup_cases (const Target *target);

/* The cases of all files. */
void add_target (const Target *target);

void add_case (const Target *target, const char *id, GTestFixtureFunc run, gconstpointer row);

/* What the target is expected to answer: its own difference, or the row's. */
const Difference *find_difference (const Target *target, const char *id);
