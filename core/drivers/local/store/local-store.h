/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The store of `local:` connections: a folder with a folder for each domain, named by its UUID, of
 * human-readable text files.
 *
 *   domain.xml              the domain exists while this does
 *   checkpoints/NAME.xml
 *   current                 name of the current checkpoint
 *   notes                   the engine's own notes on the domain
 *   backup                  what is known of the last backup
 *   pending                 journal of an unfinished change
 *   lock                    locked (OFD) to change the domain; holds the process id
 *   generation              a number that is new after each change
 *   tmp/                    files being written; emptied when the domain is locked
 *   removed                 what domain.xml becomes while the domain is being removed
 *
 * Folders are made for the owner alone, as are files. Files of other names are left alone.
 *
 * What is in the folder is not trusted: below the root no link is followed, and what does not
 * belong to this user or to root, or is no regular file, is refused. Reading needs neither the lock
 * nor the right to write, and writes nothing.
 */

#pragma once

#include "managed/backends/store.h"

/* `root`: an absolute path, of a folder that is made when the first domain is defined. */
VckcStore *vckc_local_store_new (const char *root);

/* The open file with the lock of a domain that this process has locked. A child process that
 * inherits it keeps the domain locked until it has ended, too. -1 if the domain is not locked. */
int vckc_local_store_get_lock_fd (VckcStore *store, const char *uuid);
