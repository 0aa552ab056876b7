/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Where the dirty bitmaps of a domain's disks live. A backend knows disks by the
 * path of their image and bitmaps by their name; it knows no XML, no checkpoint
 * and no connection.
 *
 * Life cycle: a backend is shared by all domains of a driver instance and used
 * from any thread. An operation opens a session on the disks it needs, works on
 * it, and closes it. While a session is open the images are held: another program
 * cannot change them, and a session on an image that another program holds fails
 * with BUSY and a message that names the file. Changes are only certain to be
 * stored once vckc_block_session_close() has returned true. A session belongs to one
 * thread at a time and holds no lock of ours. vckc_block_session_close() always ends
 * the session and releases everything, also when it fails.
 */

#pragma once

#include "base/error-private.h"
#include "model/backing-bitmap.h"
#include "model/extent-reader.h"
#include "model/image-identity.h"
#include "vckc-domain.h"

typedef struct _VckcBlockBackend VckcBlockBackend;
typedef struct _VckcBlockSession VckcBlockSession;
typedef struct _VckcBlockBackup VckcBlockBackup;         /* see block-backup.h */
typedef struct _VckcBlockBackupPlan VckcBlockBackupPlan; /* see block-backup.h */
typedef struct _VckcBlockBackupFile VckcBlockBackupFile; /* see block-backup.h */

/* The QEMU process of the domain whose disks these are, running or not. Strings are borrowed from
 * the caller for the call. */
typedef struct
{
  const char *uuid;         /* of the domain */
  const char *qmp_socket;   /* (nullable): where QEMU listens while it runs */
  const char *agent_socket; /* (nullable): where the guest's agent listens */
  /* g_get_monotonic_time() when the call began: waiting is limited from then on; 0: now */
  gint64 since;
} VckcBlockMachine;

/* A disk to work on. Strings are borrowed from the caller for the session. */
typedef struct
{
  const char *target; /* such as "vda": for messages */
  const char *path;   /* the image; NULL if the disk is not a file */
  const char *format; /* such as "qcow2" */
  bool is_copied;     /* it is only to be read: it may be one that can have no bitmaps */
} VckcBlockDisk;

typedef void (*VckcBlockStateFunc) (VckcDomainState state, gpointer opaque);

typedef enum
{
  VCKC_BLOCK_SESSION_READ, /* look only: the images are not written */
  /* look only, with the images held as long, to read the extents of one bitmap */
  VCKC_BLOCK_SESSION_EXTENTS,
  /* look only, and fail if bitmaps could not be added or removed: the images are not held */
  VCKC_BLOCK_SESSION_PLAN,
  VCKC_BLOCK_SESSION_WRITE, /* to add or remove bitmaps */
  /* the same, at once: how many bytes the bitmaps mark may be unknown, and 0, and what only shows
   * when QEMU opens the images may not be found */
  VCKC_BLOCK_SESSION_DIRECT,
  VCKC_BLOCK_SESSION_PLAN_DIRECT, /* as PLAN: what DIRECT would find */
  /* the same; an image that cannot be opened since its list of bitmaps is damaged becomes one
   * without bitmaps: for repairs */
  VCKC_BLOCK_SESSION_MEND,
} VckcBlockSessionMode;

typedef struct
{
  /* Can bitmaps be kept on this disk? Fails with CONFIG_UNSUPPORTED if not, with another code if
   * that cannot be found out. Cheap: starts no process. `qmp_socket` (nullable) is that of the
   * domain: a running QEMU may do what cannot be done without it. */
  bool (*check_disk) (VckcBlockBackend *backend,
                      const char *qmp_socket,
                      const VckcBlockDisk *disk,
                      VckcError **err);

  /* May be NULL. False if there is nothing at the path, or that cannot be found out. Cheap: opens
   * nothing. */
  bool (*identify) (VckcBlockBackend *backend, const char *path, VckcBlockImage *ret_image);

  /* What prevents it may concern one disk only: its image cannot be opened or is held, or the
   * running QEMU does not have it. See vckc_block_error_is_of_disk(); a session on the other
   * disks may do then. */
  VckcBlockSession *(*session_open) (VckcBlockBackend *backend,
                                     const VckcBlockMachine *machine,
                                     const VckcBlockDisk *disks,
                                     guint n_disks,
                                     VckcBlockSessionMode mode,
                                     VckcError **err);

  /* All bitmaps of one disk: an array of VckcBlockBitmap. */
  bool (*session_list_bitmaps) (VckcBlockSession *session,
                                guint disk,
                                GPtrArray **ret_bitmaps,
                                VckcError **err);

  /* One bitmap, or NULL in *ret_bitmap if there is none of that name. Only called for sessions with
   * can_find set, for which it is faster than listing. */
  bool (*session_find_bitmap) (VckcBlockSession *session,
                               const VckcBlockBitmapRef *bitmap,
                               VckcBlockBitmap **ret_bitmap,
                               VckcError **err);

  /* What is marked in a bitmap that was found and is usable, for sessions of that
   * mode. `with_zero`: with ZERO and DATA, where they are certain. The reader is freed before the
   * session. */
  VckcExtentReader *(*session_open_extents) (VckcBlockSession *session,
                                             const VckcBlockBitmapRef *bitmap,
                                             bool with_zero,
                                             VckcError **err);

  /* May be NULL if that never happens. A session that looks only opens damaged images, too: without
   * bitmaps. */
  VckcBlockLoss (*session_get_loss) (VckcBlockSession *session, guint disk);

  /* The size of a disk as the guest sees it, in bytes. */
  bool (*session_get_capacity) (VckcBlockSession *session,
                                guint disk,
                                guint64 *ret_capacity,
                                VckcError **err);

  /* Adds empty, persistent, recording bitmaps at one point in time: all or none.
   * A name that exists already is an error. */
  bool (*session_add_bitmaps) (VckcBlockSession *session,
                               const VckcBlockBitmapRef *bitmaps,
                               guint n_bitmaps,
                               VckcError **err);

  /* Removes bitmaps: all or none. A name that does not exist is an error. */
  bool (*session_remove_bitmaps) (VckcBlockSession *session,
                                  const VckcBlockBitmapRef *bitmaps,
                                  guint n_bitmaps,
                                  VckcError **err);

  /* All of these or none: backups, see block-backup.h. The files that a backup writes: made new,
   * open for reading and writing, which gives them their name only in a second step, if that can
   * be; opened as they are; removed, if it is certainly that file. Of a backend that has no files
   * *ret_fd is -1. */
  bool (*make_backup_file) (VckcBlockBackend *backend,
                            const VckcBlockBackupFile *file,
                            int *ret_fd,
                            VckcBlockImage *ret_made_as,
                            VckcError **err);
  bool (*name_backup_file) (VckcBlockBackend *backend,
                            const VckcBlockBackupFile *file,
                            int fd,
                            VckcError **err);
  bool (*open_backup_file) (VckcBlockBackend *backend,
                            const char *path,
                            const VckcBlockImage *made_as,
                            int *ret_fd,
                            VckcError **err);
  bool (*remove_backup_file) (VckcBlockBackend *backend,
                              const char *path,
                              const VckcBlockImage *made_as,
                              VckcError **err);

  /* For backups that are pulled. A Unix socket at a new path, bound, which only this user can
   * reach, and which is identified and removed as a file is. */
  bool (*make_backup_socket) (VckcBlockBackend *backend,
                              const char *path,
                              int *ret_fd,
                              VckcError **err);
  bool (*session_needs_scratch) (VckcBlockSession *session);

  /* Drops what is left of a backup with that id, which has ended. May be NULL: nothing ever is. */
  bool (*session_drop_backup) (VckcBlockSession *session, const char *id, VckcError **err);

  /* A backup of disks of the session, which is open for writing: ready to start, or
   * one with the id of the plan that a program left that has ended; NULL if nothing is known of
   * that any more. See block-backup.h. */
  VckcBlockBackup *(*session_open_backup) (VckcBlockSession *session,
                                           const VckcBlockBackupPlan *plan,
                                           VckcError **err);
  bool (*session_attach_backup) (VckcBlockSession *session,
                                 const VckcBlockBackupPlan *plan,
                                 VckcBlockBackup **ret_backup,
                                 VckcError **err);

  bool (*session_close) (VckcBlockSession *session /* (transfer full) */, VckcError **err);

  /* May be NULL. Adds the bitmaps of the files that the image of the disk is based on to an array
   * of VckcBackingBitmap. Fails if one of these cannot be examined; the array has what is above it
   * then. Cheap: starts no process. */
  bool (*list_backing_bitmaps) (VckcBlockBackend *backend,
                                const VckcBlockDisk *disk,
                                GPtrArray *bitmaps,
                                VckcError **err);

  /* Both or none. The state of the domain now. */
  bool (*machine_get_state) (VckcBlockBackend *backend,
                             const VckcBlockMachine *machine,
                             VckcDomainState *ret_state,
                             VckcError **err);
  /* Reports the state of the domain, which has a QMP socket: now, and whenever that changes or
   * may have, until `stop_fd` is readable. For a thread of its own. */
  void (*machine_follow) (VckcBlockBackend *backend,
                          const VckcBlockMachine *machine,
                          int stop_fd,
                          VckcBlockStateFunc changed,
                          gpointer opaque);

  /* Both or none: freezes and thaws the file systems of a running guest. What fails to freeze is
   * thawed. */
  bool (*freeze) (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
  bool (*thaw) (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
  bool needs_agent_socket; /* for both, in the definition of the domain */

  void (*free) (VckcBlockBackend *backend);
} VckcBlockBackendClass;

/* Both are the first member of the implementation's own struct. */
struct _VckcBlockBackend
{
  const VckcBlockBackendClass *klass;
};

struct _VckcBlockSession
{
  VckcBlockBackend *backend; /* borrowed: outlives the session */
  bool can_find;             /* has session_find_bitmap */
};

/* Is it one of the disks that a session cannot be opened for? */
bool vckc_block_error_is_of_disk (const VckcError *error);

/* The same of any backend. *ret_problem: why not all of them could be examined; NULL if they were.
 * Fails only for want of descriptors or memory. */
bool vckc_block_list_backing_bitmaps (VckcBlockBackend *backend,
                                      const VckcBlockDisk *disk,
                                      GPtrArray **ret_bitmaps,
                                      char **ret_problem,
                                      VckcError **err);

/* What is at a path now; all 0 if that is not known. */
VckcBlockImage vckc_block_image_at (VckcBlockBackend *backend, const char *path);

/* Why bitmaps cannot be kept on this disk: CONFIG_UNSUPPORTED, or another code if that cannot be
 * found out; NULL if they can. Fails only for want of descriptors or memory. */
bool vckc_block_check_disk (VckcBlockBackend *backend,
                            const char *qmp_socket,
                            const VckcBlockDisk *disk,
                            VckcError **ret_problem,
                            VckcError **err);

/* The methods of any backend, which are called by no other way. They assert that a call fails if
 * and only if it sets an error. */
bool vckc_block_session_list_bitmaps (VckcBlockSession *session,
                                      guint disk,
                                      GPtrArray **ret_bitmaps,
                                      VckcError **err);
bool vckc_block_session_find_bitmap (VckcBlockSession *session,
                                     const VckcBlockBitmapRef *bitmap,
                                     VckcBlockBitmap **ret_bitmap,
                                     VckcError **err);
VckcExtentReader *vckc_block_session_open_extents (VckcBlockSession *session,
                                                   const VckcBlockBitmapRef *bitmap,
                                                   bool with_zero,
                                                   VckcError **err);
bool vckc_block_session_get_capacity (VckcBlockSession *session,
                                      guint disk,
                                      guint64 *ret_capacity,
                                      VckcError **err);
bool vckc_block_session_add_bitmaps (VckcBlockSession *session,
                                     const VckcBlockBitmapRef *bitmaps,
                                     guint n_bitmaps,
                                     VckcError **err);
bool vckc_block_session_remove_bitmaps (VckcBlockSession *session,
                                        const VckcBlockBitmapRef *bitmaps,
                                        guint n_bitmaps,
                                        VckcError **err);
bool vckc_block_session_close (VckcBlockSession *session /* (transfer full) */, VckcError **err);
bool vckc_block_get_state (VckcBlockBackend *backend,
                           const VckcBlockMachine *machine,
                           VckcDomainState *ret_state,
                           VckcError **err);
bool
vckc_block_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
bool vckc_block_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
VckcBlockSession *vckc_block_session_open (VckcBlockBackend *backend,
                                           const VckcBlockMachine *machine,
                                           const VckcBlockDisk *disks,
                                           guint n_disks,
                                           VckcBlockSessionMode mode,
                                           VckcError **err);
/* Is it to change images, or to find out whether they could be changed? */
bool vckc_block_session_mode_changes (VckcBlockSessionMode mode);
/* Is it to change images? */
bool vckc_block_session_mode_writes (VckcBlockSessionMode mode);
/* Can single bitmaps be looked for? Else they are listed. */
bool vckc_block_session_can_find (const VckcBlockSession *session);
VckcBlockLoss vckc_block_session_get_loss (VckcBlockSession *session, guint disk);
/* Is there get_state and follow? */
bool vckc_block_has_states (const VckcBlockBackend *backend);
void vckc_block_follow (VckcBlockBackend *backend,
                        const VckcBlockMachine *machine,
                        int stop_fd,
                        VckcBlockStateFunc changed,
                        gpointer opaque);
/* Is there freeze and thaw? */
bool vckc_block_can_freeze (const VckcBlockBackend *backend);
bool vckc_block_needs_agent_socket (const VckcBlockBackend *backend);
void vckc_block_backend_free (VckcBlockBackend *backend);
