/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Small files in an open folder: read whole, replaced whole. Names are single path components
 * and never followed if they are links. `where` names the folder in messages.
 */

#pragma once

#include "../../error-private.h"

/* Opens a folder in `parent_fd` (or AT_FDCWD), or with `create` makes one for the owner alone:
 * -1 on failure, with errno. */
int vckc_dir_open (int parent_fd, const char *name, bool create);

/* In doubt there is one. */
bool vckc_dir_has (int dir_fd, const char *name);

/* Reads a file of at most `max_size` bytes of UTF-8 text without NUL. With `ret_missing`, a
 * file that is not there is no error: *ret_missing is set and NULL returned. */
char *vckc_dir_read (int         dir_fd,
                     const char *where,
                     const char *name,
                     gsize       max_size,
                     bool       *ret_missing,
                     VckcError **err);

/* Files to be replaced together: all are stored before the first is put in its place, which costs
 * much less than one after the other. Each is written to a new file in `tmp_fd` first, so whoever
 * looks sees the old text or the new one. That they were replaced is only certain to stay after
 * vckc_dir_sync(). */
typedef struct _VckcDirBatch VckcDirBatch;
VckcDirBatch *vckc_dir_batch_new (int tmp_fd);
bool vckc_dir_batch_add (VckcDirBatch *batch,
                         int           dir_fd,
                         const char   *where,
                         const char   *name,
                         const char   *text,
                         VckcError   **err);
bool vckc_dir_batch_commit (VckcDirBatch *batch, VckcError **err);
/* What was not committed leaves nothing. */
void vckc_dir_batch_free (VckcDirBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDirBatch, vckc_dir_batch_free)

/* A batch of one. */
bool vckc_dir_replace (int         dir_fd,
                       const char *where,
                       const char *name,
                       const char *text,
                       int         tmp_fd,
                       VckcError **err);

/* Removes a file, unless there is none. The same holds. */
bool vckc_dir_remove (int dir_fd, const char *where, const char *name, VckcError **err);

/* Stores what was made, replaced and removed in the folder. */
bool vckc_dir_sync (int dir_fd, const char *where, VckcError **err);

/* The names in the folder, but "." and "..", in no order. */
GPtrArray *vckc_dir_list (int dir_fd, const char *where, VckcError **err);
