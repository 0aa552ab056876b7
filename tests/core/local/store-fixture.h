/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A local store for a test, and short ways to use it: what fails here fails the test. */

#pragma once

#include "assert-error.h"
#include "drivers/local/store/local-store.h"

#define STORE_UUID "8a6e0f4e-0000-4000-8000-000000000001"
#define STORE_OTHER_UUID "8a6e0f4e-0000-4000-8000-000000000002"
#define STORE_DOMAIN_XML "<domain>\n  <name>ä &amp; ö</name>\n</domain>\n"

typedef struct
{
  char *folder;
  char *root; /* does not exist at first */
  char *dir;  /* of the domain STORE_UUID */
  VckcStore *store;
  guint n_files; /* open before the test */
} StoreFixture;

void store_fixture_set_up (StoreFixture *fixture, gconstpointer data);
void store_fixture_tear_down (StoreFixture *fixture, gconstpointer data);
gint64 store_in_a_minute (void);
void store_lock (VckcStore *store, const char *uuid);

/* Writes a domain in a lock of its own. */
void store_save (VckcStore *store, const char *uuid, const char *xml);
guint64 store_get_generation (VckcStore *store, const char *uuid);
VckcStoredDomain *store_load (VckcStore *store, const char *uuid);

/* All three steps of a change, in a lock of their own. */
void store_change (VckcStore *store, const char *uuid, const VckcJournal *what);
VckcJournal *store_new_write (const char *name, const char *text);

/* Writes a file behind the store's back. */
void store_put_file (StoreFixture *fixture, const char *name, const char *text);
bool store_has_file (StoreFixture *fixture, const char *name);

/* An array of strings as one text. */
char *store_join (GPtrArray *strings);
void store_assert_list (StoreFixture *fixture, const char *expected);

/* Waits for a child process, which must succeed. */
void store_wait_for_child (pid_t child);
