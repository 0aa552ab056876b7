/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is known of the last backup of a domain, under way or ended: a text in the store, from which
 * another process, or this one later, sees what there is to follow, to complete or to undo.
 */

#pragma once

#include "base/error-private.h"
#include "model/image-identity.h"
#include "vckc-backup.h"

typedef enum
{
  VCKC_BACKUP_STARTING, /* its files are made; its checkpoint, if any, is not known yet */
  VCKC_BACKUP_RUNNING,
  VCKC_BACKUP_DONE,
  VCKC_BACKUP_FAILED,
  VCKC_BACKUP_CANCELLED,
  VCKC_BACKUP_LOST,
} VckcBackupPhase;

/* A disk that is copied. */
typedef struct
{
  char *target; /* such as "vda" */
  char *image;
  char *image_format;
  char *file; /* that is written to; scratch of a pull */
  char *format;
  bool made;              /* by us, so that it goes if the backup fails */
  VckcBlockImage made_as; /* which file that is; all 0 if not known */
  char *base;             /* (nullable): checkpoint */
  char *base_bitmap;      /* (nullable) */
  char *export_name;      /* (nullable): not NULL in a pull */
  char *export_bitmap;    /* (nullable) */
  gint64 done;            /* bytes; -1 if not known */
  gint64 total;
  char *error;       /* (nullable) */
  char *note;        /* (nullable): what is special about how it is copied */
  gint64 temp_used;  /* bytes of a temporary file; -1 if there is none; not stored */
  gint64 temp_total; /* that it may take */
} VckcBackupDiskStatus;

typedef struct
{
  char *id;
  VckcBackupMode mode;
  VckcBackupPhase phase;
  bool outlives;         /* goes on without the process that began it */
  char *owner;           /* mark of the process that follows it */
  char *checkpoint;      /* (nullable): name of the one that is made with it */
  char *checkpoint_uuid; /* (nullable) */
  char *xml;             /* the aligned document */
  char *qemu;            /* (nullable): version of the QEMU that copies */
  gint64 begun;          /* microseconds since 1970 */
  gint64 elapsed;        /* microseconds; only once it has ended */
  char *error;           /* (nullable): why it failed */
  bool no_space;         /* that is why; false also if only the text is known */
  bool cancelled;        /* a process that does not follow it has asked for its end */
  gint64 speed;          /* bytes per second of each disk, as was asked for; 0: no limit */
  char *socket;          /* (nullable): path of the one that a pull is offered at */
  bool socket_made;      /* by us, so that it goes in the end */
  VckcBlockImage socket_made_as;
  GPtrArray *disks; /* of VckcBackupDiskStatus, in the order of the document */
} VckcBackupStatus;

VckcBackupStatus *vckc_backup_status_new (void);
void vckc_backup_status_free (VckcBackupStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupStatus, vckc_backup_status_free)
VckcBackupDiskStatus *vckc_backup_status_add_disk (VckcBackupStatus *status);
VckcBackupDiskStatus *vckc_backup_status_get_disk (const VckcBackupStatus *status, guint disk);

/* NULL gives NULL. */
VckcBackupStatus *vckc_backup_status_copy (const VckcBackupStatus *status);

bool vckc_backup_status_has_ended (const VckcBackupStatus *status);
/* How much is copied, in percent; -1 if not known. */
int vckc_backup_status_get_percent (const VckcBackupStatus *status);

char *vckc_backup_status_format (const VckcBackupStatus *status);
VckcBackupStatus *vckc_backup_status_parse (const char *text, VckcError **err);
