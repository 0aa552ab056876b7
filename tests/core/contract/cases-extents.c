/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Changed blocks: what was written since a checkpoint, and when that is not known. */

#include "contract.h"

#include <stdlib.h>

#define GRANULE 65536

/* A script, and what was written to a disk since a checkpoint then. */
typedef struct
{
  const char *id;
  const char *prepare;
  const char *checkpoint;
  const char *disk;
  int code;           /* a VckcErrorCode; 0 for success */
  const char *expect; /* "0+2 7+1": extents, in granules of 64 KiB */
} ExtentsCase;

static const ExtentsCase cases[] = {
  { "extents-none", "create k1", "k1", "vda", 0, "" },
  { "extents-written", "create k1; write vda 0 2; write vda 7 1", "k1", "vda", 0, "0+2 7+1" },
  { "extents-joined", "create k1; write vda 5 2; write vda 3 2", "k1", "vda", 0, "3+4" },
  { "extents-last", "create k1; write vda 127 1", "k1", "vda", 0, "127+1" },
  { "extents-before", "write vda 0 2; create k1; write vda 4 1", "k1", "vda", 0, "4+1" },
  { "extents-other-disk", "create k1; write vda 0 2", "k1", "vdb", 0, "" },
  /* Each checkpoint's bitmap records on its own: it has what all later ones have. */
  { "extents-of-parent", "create k1; write vda 0 1; create k2; write vda 5 1", "k1", "vda", 0,
    "0+1 5+1" },
  { "extents-of-child", "create k1; write vda 0 1; create k2; write vda 5 1", "k2", "vda", 0,
    "5+1" },
  { "extents-parent-deleted",
    "create k1; write vda 0 1; create k2; write vda 5 1; delete k1; write vda 9 1", "k2", "vda", 0,
    "5+1 9+1" },
  { "extents-child-deleted", "create k1; write vda 0 1; create k2; write vda 5 1; delete k2", "k1",
    "vda", 0, "0+1 5+1" },
  { "extents-redefined", "create k1; write vda 2 1; delete k1 metadata; redefine k1", "k1", "vda",
    0, "2+1" },
  { "extents-missing", "create k1; write vda 0 1; lose vda k1", "k1", "vda",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, NULL },
  { "extents-other-missing", "create k1; write vdb 1 1; lose vda k1", "k1", "vdb", 0, "1+1" },
  { "extents-inconsistent", "create k1; write vda 0 1; break vda k1", "k1", "vda",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, NULL },
  { "extents-cleared",
    "create k1; write vda 0 2; create k2; write vda 5 1; lose vda k1; add vda k1", "k1", "vda",
    VCKC_ERROR_CHECKPOINT_INCONSISTENT, NULL },
  { "extents-untracked", "create k1", "k1", "vdc", VCKC_ERROR_INVALID_ARG, NULL },
  { "extents-no-disk", "create k1", "k1", "vdz", VCKC_ERROR_INVALID_ARG, NULL },
};

/* The result of a call as the target is expected to give it. */
static int
expected_code (const Fixture *fixture, int code)
{
  const Target *target = &fixture->target;

  return target->no_extents == NULL || (target->no_extents_late && code != 0)
             ? code
             : VCKC_ERROR_NO_SUPPORT;
}

static char *
describe (const VckcExtent *extents, int count)
{
  GString *out = g_string_new (NULL);

  for (int i = 0; i < count; i++)
    {
      g_assert_cmpuint (extents[i].offset % GRANULE, ==, 0);
      g_assert_cmpuint (extents[i].length % GRANULE, ==, 0);
      g_string_append_printf (out, "%s%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                              extents[i].offset / GRANULE, extents[i].length / GRANULE);
    }
  return g_string_free (out, FALSE);
}

/* What is listed, which is what a cursor reads one by one. NULL if that failed as expected. */
static char *
list (Fixture *fixture, const char *name, const char *disk, unsigned int flags, int code)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, name);
  g_autoptr (VckcError) error = NULL;
  g_autofree VckcExtent *extents = NULL;
  VckcExtentCursor *cursor;
  int count = vckc_domain_checkpoint_list_extents (checkpoint, disk, &extents, flags, &error);

  g_assert_cmpint (error != NULL ? (int) vckc_error_get_code (error) : 0, ==,
                   expected_code (fixture, code));
  g_assert_true ((count < 0) == (error != NULL));
  cursor = vckc_domain_checkpoint_open_extents (checkpoint, disk, flags, NULL);
  g_assert_true ((cursor == NULL) == (error != NULL));
  if (cursor == NULL)
    return NULL;
  for (int i = 0; i <= count; i++)
    {
      g_autofree VckcExtent *read = NULL;

      g_assert_cmpint (vckc_extent_cursor_read (cursor, &read, 1, NULL), ==, i < count ? 1 : 0);
      if (i == count)
        break;
      g_assert_cmpuint (read->offset, ==, extents[i].offset);
      g_assert_cmpuint (read->length, ==, extents[i].length);
      g_assert_cmpuint (read->flags, ==, extents[i].flags);
      g_assert_cmpuint (read->flags & VCKC_EXTENT_DIRTY, ==, VCKC_EXTENT_DIRTY);
    }
  g_assert_cmpint (vckc_extent_cursor_unref (cursor, NULL), ==, 0);
  return describe (extents, count);
}

static void
run_extents_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const ExtentsCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  g_autofree char *listed = NULL;

  fixture_run (fixture, self->prepare);
  listed = list (fixture, self->checkpoint, self->disk, VCKC_EXTENTS_NO_ZERO,
                 difference != NULL ? difference->code : self->code);
  if (fixture->target.no_extents == NULL)
    g_assert_cmpstr (listed, ==, difference != NULL ? difference->expect : self->expect);
}

/* A disk is also known by its image; what was written is stored there; reading needs no more than
 * the right to read, unless the target says otherwise. */
static void
run_by_path (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  const Difference *difference = find_difference (&fixture->target, "extents-by-path");
  g_autofree char *path = fixture_path (fixture, "vdb");
  g_autofree char *listed = NULL;
  g_autofree VckcExtent *extents = NULL;
  g_autoptr (VckcDomain) domain = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  g_autoptr (VckcError) error = NULL;
  int count;

  fixture_run (fixture, "create k1; write vdb 3 2");
  listed = list (fixture, "k1", path, 0, 0);
  if (listed == NULL)
    return;
  g_assert_cmpstr (listed, ==, "3+2");
  domain = vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, "k1", 0, NULL);
  count = vckc_domain_checkpoint_list_extents (checkpoint, "vdb", &extents, 0, &error);
  g_assert_cmpint (error != NULL ? (int) vckc_error_get_code (error) : 0, ==,
                   difference != NULL ? difference->code : 0);
  g_assert_cmpint (count, ==, error != NULL ? -1 : 1);
  if (count == 1)
    g_assert_cmpuint (extents[0].flags, ==, VCKC_EXTENT_DIRTY | VCKC_EXTENT_DATA);
}

/* More than one chunk of any reader. */
static void
run_many (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (GString) script = g_string_new ("create k1");
  g_autoptr (GString) expect = g_string_new (NULL);
  g_autofree char *listed = NULL;

  for (guint i = 0; i < 40; i++)
    {
      g_string_append_printf (script, "; write vda %u 1", 3 * i);
      g_string_append_printf (expect, "%s%u+1", i > 0 ? " " : "", 3 * i);
    }
  fixture_run (fixture, script->str);
  listed = list (fixture, "k1", "vda", 0, 0);
  if (listed != NULL)
    g_assert_cmpstr (listed, ==, expect->str);
}

static void
run_deleted (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  g_autoptr (VckcError) error = NULL;

  fixture_run (fixture, "create k1");
  checkpoint = fixture_lookup (fixture, "k1");
  fixture_run (fixture, "delete k1");
  g_assert_null (vckc_domain_checkpoint_open_extents (checkpoint, "vda", 0, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==,
                   expected_code (fixture, VCKC_ERROR_NO_DOMAIN_CHECKPOINT));
}

/* What holds an image for a cursor is given back with it, also before its end. */
static void
run_given_back (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  VckcExtentCursor *cursor;

  fixture_run (fixture, "create k1; write vda 0 1");
  checkpoint = fixture_lookup (fixture, "k1");
  cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vda", 0, NULL);
  g_assert_true ((cursor == NULL) == (fixture->target.no_extents != NULL));
  if (cursor != NULL)
    g_assert_cmpint (vckc_extent_cursor_unref (cursor, NULL), ==, 0);
  fixture_run (fixture, "write vda 1 1; create k2; delete k1; delete k2");
}

void
add_extents_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_extents_case, &cases[i]);
  add_case (target, "extents-by-path", run_by_path, NULL);
  add_case (target, "extents-many", run_many, NULL);
  add_case (target, "extents-deleted", run_deleted, NULL);
  add_case (target, "extents-given-back", run_given_back, NULL);
}
