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

/* Writes the text to a new file in `tmp_fd`, stores it, and puts it in the place of `name`
 * in `dir_fd`: whoever looks sees the old text or the new one. It is only certain to stay
 * after vckc_dir_sync(). */
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
