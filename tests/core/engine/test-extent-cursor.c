/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The list and the cursor over the reader of a driver that is made up. */

#include <stdlib.h>
#include <string.h>

#include "../refusal.h"
#include "handles/handles.h"
#include "model/extent-reader.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* What the driver's next reader does. */
static struct
{
  guint n_chunks;
  guint per_chunk; /* extents in each, 1 MiB apart; the last of a chunk touches the next one */
  gint fail_at;    /* this chunk cannot be read; -1: all can */
  VckcExtentCursor *nested; /* read while a chunk is being read */
} script;
static guint n_readers; /* that are not freed */

typedef struct
{
  VckcExtentReader reader;
  guint chunk;
} ScriptReader;

static bool
script_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  ScriptReader *self = (ScriptReader *) reader;
  const guint64 start = (guint64) self->chunk * script.per_chunk * 2 * MIB;

  if (script.nested != NULL)
    {
      VckcExtent *read;
      VckcError *error = NULL;

      g_assert_cmpint (vckc_extent_cursor_read (script.nested, &read, 1, &error), ==, -1);
      assert_refused (error, VCKC_ERROR_BUSY);
      vckc_error_free (error);
    }
  if ((gint) self->chunk == script.fail_at)
    {
      vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "image 'x' cannot be read");
      return false;
    }
  for (guint i = 0; i < script.per_chunk; i++)
    vckc_extents_add (extents, start + (i == 0 ? 0 : 2 * i * MIB),
                      i + 1 == script.per_chunk ? 2 * MIB : MIB,
                      VCKC_EXTENT_DIRTY | (i == 1 ? VCKC_EXTENT_ZERO : 0));
  *ret_end = ++self->chunk == script.n_chunks;
  return true;
}

static void
script_free (VckcExtentReader *reader)
{
  n_readers--;
  g_free (reader);
}

static const VckcExtentReaderClass script_class = { .next = script_next, .free = script_free };

static VckcExtentReader *
script_open (VckcDomainCheckpoint *checkpoint,
             const char *disk,
             unsigned int flags,
             VckcError **err)
{
  ScriptReader *self = g_new0 (ScriptReader, 1);

  self->reader.klass = &script_class;
  n_readers++;
  return &self->reader;
}

static void
connect_close (VckcConnect *connect)
{
}

static VckcSupportTable support;
static const VckcDriver able = {
  .name = "script",
  .support = &support,
  .connect_close = connect_close,
  .domain_checkpoint_open_extents = script_open,
};
static const VckcDriver unable = {
  .name = "unable",
  .support = &support,
  .connect_close = connect_close,
};

static VckcDomainCheckpoint *
make_checkpoint (const VckcDriver *driver)
{
  g_autoptr (VckcConnect) connect = vckc_connect_new (driver, "script:", 0);
  g_autoptr (VckcDomain) domain =
      vckc_domain_new (connect, "d", "7b4f2a52-3f0e-4d7c-9a61-0c1d5f6e8a90");

  g_atomic_int_set (&connect->open, 1);
  return vckc_domain_checkpoint_new (domain, "c");
}

static void
set_script (guint n_chunks, guint per_chunk, gint fail_at)
{
  script.n_chunks = n_chunks;
  script.per_chunk = per_chunk;
  script.fail_at = fail_at;
  script.nested = NULL;
}

static void
assert_same (const VckcExtent *read, const VckcExtent *listed, int n)
{
  g_assert_true ((read == NULL) == (n == 0));
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpuint (read[i].offset, ==, listed[i].offset);
      g_assert_cmpuint (read[i].length, ==, listed[i].length);
      g_assert_cmpuint (read[i].flags, ==, listed[i].flags);
    }
}

/* However few are asked for at a time, what comes is the list. */
static void
test_same_as_list (void)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = make_checkpoint (&able);
  g_autofree VckcExtent *list = NULL;
  int n_listed;

  set_script (5, 4, -1);
  n_listed = vckc_domain_checkpoint_list_extents (checkpoint, "vda", &list, 0, NULL);
  /* The last extent of a chunk and the first of the next are one. */
  g_assert_cmpint (n_listed, ==, 5 * 4 - 4);
  for (unsigned int max = 1; max < 25; max++)
    {
      VckcExtentCursor *cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vda", 0, NULL);
      int n_read = 0;
      int n;

      do
        {
          g_autofree VckcExtent *read = NULL;

          n = vckc_extent_cursor_read (cursor, &read, max, NULL);
          g_assert_cmpint (n, >=, 0);
          g_assert_cmpint (n, <=, (int) max);
          g_assert_cmpint (n_read + n, <=, n_listed);
          assert_same (read, list + n_read, n);
          n_read += n;
        }
      while (n > 0);
      g_assert_cmpint (n_read, ==, n_listed);
      g_assert_cmpuint (vckc_extent_cursor_get_dirty_bytes (cursor, NULL), ==, 5 * 5 * MIB);
      g_assert_cmpuint (vckc_extent_cursor_get_zero_bytes (cursor, NULL), ==, 5 * MIB);
      g_assert_cmpint (vckc_extent_cursor_unref (cursor, NULL), ==, 0);
      g_assert_cmpuint (n_readers, ==, 0);
    }
}

static void
assert_read_fails (VckcExtentCursor *cursor, unsigned int max, VckcErrorCode code)
{
  VckcExtent *read = (VckcExtent *) &script;
  VckcError *error = NULL;

  g_assert_cmpint (vckc_extent_cursor_read (cursor, &read, max, &error), ==, -1);
  g_assert_null (read);
  assert_refused (error, code);
  vckc_error_free (error);
}

/* What was read before the failure was returned, and what comes after is the failure, again. */
static void
test_failure (void)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = make_checkpoint (&able);
  VckcExtentCursor *cursor;
  VckcExtent *read;
  VckcError *error = NULL;

  set_script (5, 4, 2);
  cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vda", 0, NULL);
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &read, 2, NULL), ==, 2);
  free (read);
  assert_read_fails (cursor, 10, VCKC_ERROR_SYSTEM_ERROR);
  assert_read_fails (cursor, 1, VCKC_ERROR_SYSTEM_ERROR);
  g_assert_cmpuint (vckc_extent_cursor_get_dirty_bytes (cursor, NULL), ==, 2 * MIB);
  /* The image is not held any more. */
  g_assert_cmpuint (n_readers, ==, 0);
  vckc_extent_cursor_unref (cursor, NULL);

  g_assert_cmpint (vckc_domain_checkpoint_list_extents (checkpoint, "vda", &read, 0, &error), ==,
                   -1);
  assert_refused (error, VCKC_ERROR_SYSTEM_ERROR);
  vckc_error_free (error);
  g_assert_cmpuint (n_readers, ==, 0);
}

static void
test_one_at_a_time (void)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = make_checkpoint (&able);
  VckcExtentCursor *cursor;
  VckcExtent *read;

  set_script (2, 4, -1);
  cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vda", 0, NULL);
  script.nested = cursor;
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &read, 1, NULL), ==, 1);
  free (read);
  script.nested = NULL;
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &read, 10, NULL), ==, 6);
  free (read);
  vckc_extent_cursor_unref (cursor, NULL);
}

static void
test_refusals (void)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = make_checkpoint (&able);
  g_autoptr (VckcDomainCheckpoint) other = make_checkpoint (&unable);
  VckcExtentCursor *cursor;
  VckcExtent *read;
  VckcError *error = NULL;

  set_script (1, 4, -1);
  g_assert_null (vckc_domain_checkpoint_open_extents (checkpoint, "vda", 2, &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_checkpoint_open_extents (checkpoint, NULL, 0, &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_cmpint (vckc_domain_checkpoint_list_extents (checkpoint, "vda", NULL, 0, &error), ==,
                   -1);
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_cmpint (vckc_domain_checkpoint_list_extents (other, "vda", &read, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_NO_SUPPORT);
  g_clear_pointer (&error, vckc_error_free);

  cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vda", VCKC_EXTENTS_NO_ZERO, NULL);
  assert_read_fails (cursor, 0, VCKC_ERROR_INVALID_ARG);
  assert_read_fails ((VckcExtentCursor *) checkpoint, 1, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (vckc_connect_close (checkpoint->domain->connect, NULL), ==, 0);
  assert_read_fails (cursor, 1, VCKC_ERROR_NO_CONNECT);
  g_assert_cmpint (vckc_extent_cursor_ref (cursor, NULL), ==, 0);
  g_assert_cmpint (vckc_extent_cursor_unref (cursor, NULL), ==, 0);
  g_assert_cmpuint (n_readers, ==, 1);
  g_assert_cmpint (vckc_extent_cursor_unref (cursor, NULL), ==, 0);
  g_assert_cmpuint (n_readers, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/extent-cursor/same-as-list", test_same_as_list);
  g_test_add_func ("/vck/extent-cursor/failure", test_failure);
  g_test_add_func ("/vck/extent-cursor/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/vck/extent-cursor/refusals", test_refusals);
  return g_test_run ();
}
