/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The folder of one domain in a local store; see local-store.h for what is in it. Functions that
 * change something are called with the place locked.
 */

#pragma once

#include "managed/backends/store.h"

#define VCKC_STORE_DOMAIN_FILE "domain.xml"
#define VCKC_STORE_GENERATION_FILE "generation"
#define VCKC_STORE_LOCK_FILE "lock"
#define VCKC_STORE_PENDING_FILE "pending"
#define VCKC_STORE_REMOVED_FILE "removed"

/* The largest domain or checkpoint description, and the largest journal of an unfinished change,
 * in bytes. The latter is enough for about 90,000 checkpoints that are rewritten at once. */
#define VCKC_STORE_MAX_TEXT ((gsize) 4 * 1024 * 1024)
#define VCKC_STORE_MAX_JOURNAL ((gsize) 64 * 1024 * 1024)

typedef struct
{
  char *where;       /* its path */
  char *checkpoints; /* and that of the folder inside */
  int dir_fd;
  int checkpoints_fd; /* -1 if there is none */
  int tmp_fd;         /* -1 unless opened for changes */
  int lock_fd;        /* -1 if only looked at */
  bool shared;        /* the lock only keeps away who changes the domain */
} VckcStorePlace;

/* Nothing is opened yet. */
VckcStorePlace *vckc_store_place_new (const char *root, const char *uuid);
void vckc_store_place_free (VckcStorePlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStorePlace, vckc_store_place_free)

/* Opens the folder. False without an error if there is none. */
bool vckc_store_place_open (VckcStorePlace *place, VckcError **err);
/* The folder with the checkpoints, if there is one. */
bool vckc_store_place_open_checkpoints (VckcStorePlace *place, VckcError **err);
/* Opens the folder and its lock file, and makes what is missing. False without an error if somebody
 * removed it meanwhile. */
bool vckc_store_place_open_lock (VckcStorePlace *place, VckcError **err);
/* The same for who only reads, and makes nothing. A lock file that cannot be opened is none: then
 * nobody can change the domain. */
void vckc_store_place_open_lock_shared (VckcStorePlace *place);
/* Once it is locked, opens all folders for a change, and makes those that are missing. */
bool vckc_store_place_open_all (VckcStorePlace *place, VckcError **err);

/* Takes the lock, at the latest at `deadline`; then BUSY with the name of the holder. It is let
 * go by vckc_store_place_unlock(). */
bool
vckc_store_place_lock (VckcStorePlace *place, const char *uuid, gint64 deadline, VckcError **err);
void vckc_store_place_unlock (VckcStorePlace *place);
/* Is what we have locked still what others would lock? */
bool vckc_store_place_is_there (VckcStorePlace *place);

/* Removes what an interrupted removal or write has left. */
void vckc_store_place_sweep (VckcStorePlace *place);
/* Removes a place that holds nothing. Who waits for its lock will find that it is gone. */
void vckc_store_place_remove_if_unused (VckcStorePlace *place);

/* A number that is new after each change; 0 if there is no domain. */
bool
vckc_store_place_get_generation (VckcStorePlace *place, guint64 *ret_generation, VckcError **err);
/* Renews it, so that others see that something has changed. If that fails, the times of the folders
 * still tell them. */
void vckc_store_place_touch (VckcStorePlace *place);

/* Reads everything once; what others change meanwhile may be missed. What is not read as it is, such
 * as a link, is listed as unreadable; what could not be looked at makes the whole fail. */
VckcStoredDomain *vckc_store_place_load (VckcStorePlace *place, const char *uuid, VckcError **err);

/* Removes the journal of a change, if there is one; when that fails, the journal still stands. */
bool vckc_store_place_clear_journal (VckcStorePlace *place, VckcError **err);

/* Writes and removes what the change says. Its names must have been checked. Only once the journal
 * of the change is removed and the folder synced, all is certain to stay; until then the journal is. */
bool vckc_store_place_apply (VckcStorePlace *place, const VckcJournal *change, VckcError **err);
