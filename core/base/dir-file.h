/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Small files in an open folder: read whole, replaced whole. Names are single path components and
 * never followed if they are links. `where` names the folder in messages.
 *
 * Folders and files are trusted if they belong to the effective user or to root. Those of other
 * users are refused, and so is anything but a regular file.
 */

#pragma once

#include "base/error-private.h"

/* What was found under a name. */
typedef enum
{
  VCKC_DIR_FOUND,
  VCKC_DIR_MISSING, /* nothing, for certain */
  VCKC_DIR_REFUSED, /* something that is never read */
  VCKC_DIR_FAILED,  /* not known: it cannot be read now */
} VckcDirFound;

/* Opens the folder `name` of `parent_fd` (or AT_FDCWD), or with `create` makes one for the owner
 * alone. `where` is its path. -1 on failure; with MISSING no error is set. */
int vckc_dir_open (int parent_fd,
                   const char *where,
                   const char *name,
                   bool create,
                   VckcDirFound *ret_found,
                   VckcError **err);

/* Opens a regular file, at once: a FIFO there is REFUSED. -1 on failure, with errno. */
int vckc_dir_open_file (int dir_fd, const char *name, int flags, VckcDirFound *ret_found);

/* True in doubt. */
bool vckc_dir_has (int dir_fd, const char *name);

/* Reads a file of at most `max_size` bytes of UTF-8 text without NUL. That it is not there is an
 * error only without `ret_found`. */
char *vckc_dir_read (int dir_fd,
                     const char *where,
                     const char *name,
                     gsize max_size,
                     VckcDirFound *ret_found,
                     VckcError **err);

/* Files to be replaced together: all are stored before the first is renamed into position, which
 * costs much less than one after the other. Each is written to a new file in `tmp_fd` first, so
 * a reader gets the old text or the new one. The replacement is only certain to be stored after
 * vckc_dir_sync(). */
typedef struct _VckcDirBatch VckcDirBatch;
VckcDirBatch *vckc_dir_batch_new (int tmp_fd);
bool vckc_dir_batch_add (VckcDirBatch *batch,
                         int dir_fd,
                         const char *where,
                         const char *name,
                         const char *text,
                         VckcError **err);
bool vckc_dir_batch_commit (VckcDirBatch *batch, VckcError **err);
/* Removes what was not committed. */
void vckc_dir_batch_free (VckcDirBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDirBatch, vckc_dir_batch_free)

/* A batch of one. */
bool vckc_dir_replace (int dir_fd,
                       const char *where,
                       const char *name,
                       const char *text,
                       int tmp_fd,
                       VckcError **err);

/* Removes a file, unless there is none. Only certain to be stored after vckc_dir_sync(), too. */
bool vckc_dir_remove (int dir_fd, const char *where, const char *name, VckcError **err);

/* Stores what was made, replaced and removed in the folder. */
bool vckc_dir_sync (int dir_fd, const char *where, VckcError **err);

/* The names in the folder, but "." and "..", in no order. */
GPtrArray *vckc_dir_list (int dir_fd, const char *where, VckcError **err);
