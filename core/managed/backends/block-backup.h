/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Copying disks of a domain to files (push), or offering them over NBD (pull), all as they are at
 * one point in time, at which bitmaps are added, too. It goes on after the session in which it was
 * begun.
 *
 * Life cycle: vckc_block_session_open_backup() opens the files; _start() fixes the point in time,
 * and needs the session still; _wait() follows, _cancel() ends it early; after all disks have
 * ended, _finish() makes certain that the files are stored, and _forget() has QEMU drop what it
 * keeps of the jobs. A backup belongs to one thread, which must be the one that opened it.
 * A pull copies until it is cancelled, after which its disks are COPIED.
 *
 * While the domain is off the backup holds the images of the session: they can be read, and
 * nothing can write to them. Freeing the backup ends it. While the domain runs its QEMU copies,
 * and goes on when the backup is freed.
 */

#pragma once

#include "managed/backends/block-backend.h"

/* How many characters the id of a backup has. */
#define VCKC_BLOCK_BACKUP_ID_LENGTH 8

/* Instead of a disk of the session, which need not have any for a backup that is to be ended. */
#define VCKC_BLOCK_BACKUP_NO_DISK G_MAXUINT

/* A disk that is copied. Strings are borrowed for the call. */
typedef struct
{
  guint disk;               /* of the session; VCKC_BLOCK_BACKUP_NO_DISK: that has it not open */
  const char *file;         /* for messages: that is written to */
  int fd;                   /* of that, to read and write; borrowed for the call; -1: not open */
  const char *format;       /* of the file: "qcow2" or "raw" */
  const char *base;         /* (nullable): bitmap of the disk; only what it marks is copied */
  guint64 base_granularity; /* bytes */
  /* Of a pull: the file, if there is one, is scratch, and what the base marks is offered too. */
  const char *export_name;
  const char *export_bitmap; /* (nullable): not NULL if there is a base */
} VckcBlockBackupDisk;

/* Where a pull is offered. Strings are borrowed for the call. */
typedef struct
{
  int fd;           /* a bound Unix socket, borrowed for the call; -1: TCP */
  const char *path; /* of the socket, for messages */
  const char *host; /* TCP */
  guint port;
} VckcBlockBackupServer;

struct _VckcBlockBackupPlan
{
  const char *id; /* of VCKC_BLOCK_BACKUP_ID_LENGTH letters and digits: no other backup has it */
  const VckcBlockBackupDisk *disks;
  guint n_disks;
  const VckcBlockBitmapRef *bitmaps; /* to be added at the point in time */
  guint n_bitmaps;
  bool all_workers;                    /* as fast as can be, even if that slows the guest */
  const VckcBlockBackupServer *server; /* (nullable): not NULL for a pull */
};

typedef enum
{
  VCKC_BLOCK_BACKUP_COPYING,
  VCKC_BLOCK_BACKUP_COPIED,
  VCKC_BLOCK_BACKUP_FAILED,
  VCKC_BLOCK_BACKUP_LOST, /* whatever copied is gone */
} VckcBlockBackupState;

/* Where one disk is. */
typedef struct
{
  VckcBlockBackupState state;
  guint64 done; /* bytes */
  guint64 total;
  char *error;        /* (nullable), owned: why it failed or was lost */
  bool no_space;      /* that is why; false also if only the text is known */
  bool cancelled;     /* it failed since it was cancelled */
  bool has_temp;      /* there is a temporary file */
  guint64 temp_used;  /* bytes of it */
  guint64 temp_total; /* bytes it may take, apart from tables */
} VckcBlockBackupProgress;

void vckc_block_backup_progress_clear (VckcBlockBackupProgress *progress);
/* Sets why it failed or was lost. */
void vckc_block_backup_progress_set_error (VckcBlockBackupProgress *progress,
                                           const VckcError *error);

typedef struct
{
  /* All or none; NO_SPACE if the room that the files may need cannot be reserved. On failure
   * bitmaps may have been added. */
  bool (*start) (VckcBlockBackup *backup, VckcError **err);
  /* Returns when something has happened, or the time has passed. `progress` is of each disk of the
   * plan, in its order. Fails if it is not known what the backup is doing, for now. */
  bool (*wait) (VckcBlockBackup *backup,
                guint milliseconds,
                VckcBlockBackupProgress *progress,
                VckcError **err);
  bool (*cancel) (VckcBlockBackup *backup, VckcError **err);
  /* May be NULL. Bytes per second of each disk; 0: no limit. */
  bool (*set_speed) (VckcBlockBackup *backup, guint64 speed, VckcError **err);
  bool (*finish) (VckcBlockBackup *backup, VckcError **err);
  bool (*forget) (VckcBlockBackup *backup, VckcError **err);
  /* May be NULL. What is special about how a disk is copied, for the user; NULL if nothing is. */
  const char *(*get_note) (VckcBlockBackup *backup, guint disk);
  void (*free) (VckcBlockBackup *backup);
} VckcBlockBackupClass;

/* The first member of the implementation's own struct. */
struct _VckcBlockBackup
{
  const VckcBlockBackupClass *klass;
  bool outlives; /* the program: it goes on without */
  char qemu[32]; /* version of the QEMU that copies; "" if not known */
};

/* A file to be made. Strings are borrowed for the call. */
struct _VckcBlockBackupFile
{
  const char *path;
  const char *target;       /* for messages: the disk */
  const char *format;       /* "qcow2" or "raw" */
  guint64 capacity;         /* of the disk, in bytes */
  const char *backing_file; /* (nullable): that it names as what it is based on */
  const char *backing_format;
};

/* Has the backend backups? */
bool vckc_block_has_backups (const VckcBlockBackend *backend);

bool vckc_block_make_backup_file (VckcBlockBackend *backend,
                                  const VckcBlockBackupFile *file,
                                  int *ret_fd,
                                  VckcBlockImage *ret_made_as,
                                  VckcError **err);
bool vckc_block_name_backup_file (VckcBlockBackend *backend,
                                  const VckcBlockBackupFile *file,
                                  int fd,
                                  VckcError **err);
/* `made_as`: the file that was made, for which no other is taken; else NULL. */
bool vckc_block_open_backup_file (VckcBlockBackend *backend,
                                  const char *path,
                                  const VckcBlockImage *made_as,
                                  int *ret_fd,
                                  VckcError **err);
bool vckc_block_make_backup_socket (VckcBlockBackend *backend,
                                    const char *path,
                                    int *ret_fd,
                                    VckcError **err);
bool vckc_block_remove_backup_file (VckcBlockBackend *backend,
                                    const char *path,
                                    const VckcBlockImage *made_as,
                                    VckcError **err);

/* Does a pull need scratch files, since the guest may write meanwhile? */
bool vckc_block_session_needs_scratch (VckcBlockSession *session);

/* The methods of any backup, which are called by no other way. They assert that a call fails if and
 * only if it sets an error. */
bool vckc_block_session_drop_backup (VckcBlockSession *session, const char *id, VckcError **err);
VckcBlockBackup *vckc_block_session_open_backup (VckcBlockSession *session,
                                                 const VckcBlockBackupPlan *plan,
                                                 VckcError **err);
bool vckc_block_session_attach_backup (VckcBlockSession *session,
                                       const VckcBlockBackupPlan *plan,
                                       VckcBlockBackup **ret_backup,
                                       VckcError **err);
bool vckc_block_backup_start (VckcBlockBackup *backup, VckcError **err);
bool vckc_block_backup_wait (VckcBlockBackup *backup,
                             guint milliseconds,
                             VckcBlockBackupProgress *progress,
                             VckcError **err);
bool vckc_block_backup_cancel (VckcBlockBackup *backup, VckcError **err);
bool vckc_block_backup_set_speed (VckcBlockBackup *backup, guint64 speed, VckcError **err);
bool vckc_block_backup_finish (VckcBlockBackup *backup, VckcError **err);
bool vckc_block_backup_forget (VckcBlockBackup *backup, VckcError **err);
const char *vckc_block_backup_get_note (VckcBlockBackup *backup, guint disk);
void vckc_block_backup_free (VckcBlockBackup *backup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBlockBackup, vckc_block_backup_free)
