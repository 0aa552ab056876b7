/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles behind the opaque types: their structs, classes and makers. */

#pragma once

#include "handles/driver.h"
#include "handles/event-queue.h"
#include "handles/job-figures.h"
#include "handles/object.h"
#include "vckc.h"

struct _VckcConnect
{
  VckcObject object;
  const VckcDriver *driver; /* immutable */
  char *uri;                /* immutable */
  unsigned int flags;       /* VckcConnectionFlags; immutable */
  gint open;                /* atomic; 0 once closed */
  guint process;            /* which one opened it; immutable */
  VckcEventQueue *events;   /* owned; has a lock of its own */
  VckcJobFigures *figures;  /* the same */
  void *driver_data;        /* of the driver, from connect_open to connect_free */
};

struct _VckcDomain
{
  VckcObject object;
  VckcConnect *connect; /* owned reference */
  char *name;           /* immutable */
  char *uuid;           /* immutable; 36 characters, lower case */
  guint64 incarnation;  /* incarnation of the domain; 0 if not known */
  void *driver_data;    /* of the driver, which frees it in domain_free; NULL for none */
};

struct _VckcDomainDisk
{
  VckcObject object;
  char *target;
  char *source; /* (nullable) */
  char *format;
  char *reason; /* why it cannot be tracked; NULL if it can */
  bool idle;    /* nothing is written to it: it is empty or read-only */
  bool unknown; /* it could not be examined; `reason` says why */
  guint64 look; /* the number of the call that looked at it; 0 if not known */
};

struct _VckcDomainCheckpoint
{
  VckcObject object;
  VckcDomain *domain;  /* owned reference: the very handle it was made from */
  guint64 incarnation; /* incarnation of the checkpoint; 0 if not known */
  void *driver_data;   /* of the driver, which frees it in domain_checkpoint_free; NULL for none */
  char name[];         /* immutable; inside, as long lists have many of these */
};

struct _VckcDomainCheckpointDisk
{
  VckcObject object;
  char *checkpoint;
  guint64 incarnation; /* of the checkpoint; 0 if not known */
  char *name;
  char *bitmap;       /* (nullable): NULL if not tracked */
  gint64 size;        /* bytes; -1 if not known */
  gint64 capacity;    /* of the disk when the checkpoint was made, in bytes; -1 if not known */
  gint64 granularity; /* of the bitmap, in bytes; -1 if not known */
  VckcCheckpointState state;
};

struct _VckcBitmap
{
  VckcObject object;
  char *disk;  /* a target */
  char *image; /* (nullable): the path of the file that has it */
  char *name;
  char *checkpoint;   /* (nullable): of the domain */
  gint64 granularity; /* bytes */
  gint64 size;        /* bytes; -1 if not known */
  bool recording;
  bool persistent;
  bool inconsistent;
  bool busy;
  VckcBitmapOwner owner;
};

struct _VckcFinding
{
  VckcObject object;
  VckcFindingKind kind;
  bool untouchable;           /* no repair acts on it, whatever its kind */
  VckcFindingOutcome outcome; /* settled before the caller gets the finding */
  char *checkpoint;           /* (nullable) */
  char *disk;                 /* (nullable): a target */
  char *bitmap;               /* (nullable) */
  bool mends;                 /* a repair opens the image, which makes it one that QEMU opens */
  char *message;
  char *remedy;
};

struct _VckcImportResult
{
  VckcObject object;
  char *checkpoint;
  char *message; /* NULL if imported */
};

extern const VckcObjectClass vckc_connect_class;
extern const VckcObjectClass vckc_domain_class;
extern const VckcObjectClass vckc_domain_disk_class;
extern const VckcObjectClass vckc_domain_checkpoint_class;
extern const VckcObjectClass vckc_domain_checkpoint_disk_class;
extern const VckcObjectClass vckc_bitmap_class;
extern const VckcObjectClass vckc_finding_class;
extern const VckcObjectClass vckc_import_result_class;

/* A number that no domain and no checkpoint of the process has had. What is removed and made again
 * under the same name is another one, with another number. */
guint64 vckc_incarnation_new (void);

/* The number of a call that looks at disks: the later it began, the greater. */
guint64 vckc_look_new (void);

/* Makers. They return one reference. A connection is made closed. */
VckcConnect *vckc_connect_new (const VckcDriver *driver, const char *uri, unsigned int flags);
VckcDomain *vckc_domain_new (VckcConnect *connect, const char *name, const char *uuid);
VckcDomainDisk *vckc_domain_disk_new (const char *target,
                                      const char *source,
                                      const char *format,
                                      const char *reason);
VckcDomainCheckpoint *vckc_domain_checkpoint_new (VckcDomain *domain, const char *name);
VckcDomainCheckpointDisk *vckc_domain_checkpoint_disk_new (const char *checkpoint,
                                                           const char *name,
                                                           const char *bitmap,
                                                           gint64 size,
                                                           VckcCheckpointState state);

/* Its other members are 0. */
VckcBitmap *
vckc_bitmap_new (const char *disk, const char *image, const char *name, const char *checkpoint);

/* Its outcome is LEFT. */
VckcFinding *vckc_finding_new (VckcFindingKind kind,
                               const char *checkpoint,
                               const char *disk,
                               const char *bitmap,
                               char *message /* (transfer full) */,
                               char *remedy /* (transfer full) */);
VckcImportResult *vckc_import_result_new (const char *checkpoint, const char *message);

/* Was it opened by a process that this one is a forked child of? Nothing of it must be used
 * then, no lock of it taken and nothing freed but the handle: the driver's part is the parent's. */
bool vckc_connect_is_inherited (const VckcConnect *connect);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcConnect, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomain, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainDisk, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainCheckpoint, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainCheckpointDisk, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBitmap, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcFinding, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcImportResult, vckc_object_unref)
