/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of changed blocks: the list and the cursor over a driver's reader. */

#include "api/entry.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "model/extent-reader.h"

/* What a list has at most: 384 MiB. */
#define MAX_LISTED (1u << 24)

struct _VckcExtentCursor
{
  VckcObject object;
  VckcDomainCheckpoint *checkpoint; /* owned reference */
  VckcMutex mutex;                  /* covers the next four */
  bool reading;                     /* a thread is, and has all below for itself */
  guint64 dirty_bytes;
  guint64 zero_bytes;
  VckcError *failure;       /* (nullable), owned: what every further read fails with */
  VckcExtentReader *reader; /* owned; NULL at its end */
  GArray *extents;          /* what was read and not returned; the last one may still grow */
};

static void
extent_cursor_free (gpointer object)
{
  VckcExtentCursor *cursor = object;

  if (!vckc_connect_is_inherited (cursor->checkpoint->domain->connect))
    {
      vckc_extent_reader_free (cursor->reader);
      vckc_mutex_clear (&cursor->mutex);
    }
  vckc_error_free (cursor->failure);
  g_array_unref (cursor->extents);
  vckc_object_unref (cursor->checkpoint);
}

static gpointer
extent_cursor_get_owner (gpointer object)
{
  return ((VckcExtentCursor *) object)->checkpoint;
}

static const VckcObjectClass extent_cursor_class = {
  .name = "cursor of extents",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .owner_class = &vckc_domain_checkpoint_class,
  .get_owner = extent_cursor_get_owner,
  .free = extent_cursor_free,
};

/* What a driver reads the extents with. */
static VckcExtentReader *
extents_open (VckcDomainCheckpoint *checkpoint,
              const char *disk,
              unsigned int flags,
              const char *function,
              VckcError **err)
{
  VckcExtentReader *reader;
  VckcError *error = NULL;
  VckcConnect *connect;

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
      || !vckc_check_not_null (disk, "disk", err))
    return NULL;
  connect = checkpoint->domain->connect;
  if (!vckc_check_callable (connect, connect->driver->domain_checkpoint_open_extents != NULL,
                            "list changed blocks", err)
      || !vckc_check_flags (flags, VCKC_EXTENTS_NO_ZERO, &vckc_flags_extents, err))
    return NULL;

  reader = connect->driver->domain_checkpoint_open_extents (checkpoint, disk, flags, &error);
  return vckc_driver_returned (connect, reader != NULL, error, function, err) ? reader : NULL;
}

/* Takes `count` extents off the front of the list, for free(). */
static VckcExtent *
extents_take (GArray *extents, guint count)
{
  VckcExtent *taken;

  if (count == 0)
    return NULL;
  taken = calloc (count, sizeof *taken);
  if (taken == NULL)
    g_error ("out of memory for a list of %u extents", count);
  memcpy (taken, extents->data, count * sizeof *taken);
  g_array_remove_range (extents, 0, count);
  return taken;
}

/* All extents of the list, which is empty then, for free(), as all memory of GLib is. They are not
 * copied: there may be millions. */
static VckcExtent *
extents_take_all (GArray *extents)
{
  gsize count;
  gpointer data = g_array_steal (extents, &count);

  return g_realloc_n (data, count, sizeof (VckcExtent));
}

int
vckc_domain_checkpoint_list_extents (VckcDomainCheckpoint *checkpoint,
                                     const char *disk,
                                     VckcExtent **ret_extents,
                                     unsigned int flags,
                                     VckcError **err)
{
  g_autoptr (VckcExtentReader) reader = NULL;
  g_autoptr (GArray) extents = vckc_extents_new ();
  bool end = false;
  guint count;

  VCKC_TRACE ("checkpoint=%p disk=%s ret_extents=%p flags=0x%x", (void *) checkpoint,
              VCKC_TRACE_TEXT (disk), (void *) ret_extents, flags);

  if (ret_extents != NULL)
    *ret_extents = NULL;
  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
      || !vckc_check_not_null (ret_extents, "ret_extents", err))
    return -1;
  reader = extents_open (checkpoint, disk, flags, G_STRFUNC, err);
  if (reader == NULL)
    return -1;

  while (!end)
    {
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return -1;
      if (extents->len > MAX_LISTED)
        {
          vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                          "disk '%s' has more than %u changed extents since checkpoint '%s', too "
                          "many for a list; read them piece by piece",
                          disk, MAX_LISTED, checkpoint->name);
          return -1;
        }
    }
  count = extents->len;
  *ret_extents = extents_take_all (extents);
  return (int) count;
}

VckcExtentCursor *
vckc_domain_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                     const char *disk,
                                     unsigned int flags,
                                     VckcError **err)
{
  VckcExtentReader *reader;
  VckcExtentCursor *cursor;

  VCKC_TRACE ("checkpoint=%p disk=%s flags=0x%x", (void *) checkpoint, VCKC_TRACE_TEXT (disk),
              flags);

  reader = extents_open (checkpoint, disk, flags, G_STRFUNC, err);
  if (reader == NULL)
    return NULL;

  cursor = vckc_object_new (&extent_cursor_class, sizeof *cursor);
  cursor->checkpoint = vckc_object_ref (checkpoint);
  vckc_mutex_init (&cursor->mutex);
  cursor->reader = reader;
  cursor->extents = vckc_extents_new ();
  return cursor;
}

/* Makes the cursor this thread's, to read from it. */
static bool
extent_cursor_begin (VckcExtentCursor *cursor, VckcError **err)
{
  bool free_now;

  vckc_mutex_lock (&cursor->mutex);
  free_now = !cursor->reading;
  cursor->reading = true;
  vckc_mutex_unlock (&cursor->mutex);

  if (!free_now)
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another thread is reading from the cursor; read from it in one thread");
  return free_now;
}

static void
extent_cursor_end (VckcExtentCursor *cursor, const VckcExtent *extents, guint count)
{
  vckc_mutex_lock (&cursor->mutex);
  for (guint i = 0; i < count; i++)
    {
      cursor->dirty_bytes += extents[i].length;
      if ((extents[i].flags & VCKC_EXTENT_ZERO) != 0)
        cursor->zero_bytes += extents[i].length;
    }
  cursor->reading = false;
  vckc_mutex_unlock (&cursor->mutex);
}

/* Reads on until there are `max` extents that are complete, or all there are. */
static bool
extent_cursor_fill (VckcExtentCursor *cursor, guint max, VckcError **err)
{
  while (cursor->failure == NULL && cursor->reader != NULL && cursor->extents->len <= max)
    {
      bool end = false;

      if (!vckc_extent_reader_next (cursor->reader, cursor->extents, &end, &cursor->failure) || end)
        g_clear_pointer (&cursor->reader, vckc_extent_reader_free);
    }
  if (cursor->failure == NULL)
    return true;

  vckc_set_error (err, vckc_error_get_code (cursor->failure), "%s",
                  vckc_error_get_message (cursor->failure));
  return false;
}

int
vckc_extent_cursor_read (VckcExtentCursor *cursor,
                         VckcExtent **ret_extents,
                         unsigned int max,
                         VckcError **err)
{
  VckcExtent *taken = NULL;
  guint count = 0;
  bool filled;

  VCKC_TRACE ("cursor=%p ret_extents=%p max=%u", (void *) cursor, (void *) ret_extents, max);

  if (ret_extents != NULL)
    *ret_extents = NULL;
  if (!vckc_check_handle (cursor, &extent_cursor_class, err)
      || !vckc_check_not_null (ret_extents, "ret_extents", err))
    return -1;
  if (max == 0)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "argument 'max' must be 1 or more");
      return -1;
    }
  if (!vckc_check_open (cursor->checkpoint->domain->connect, err)
      || !extent_cursor_begin (cursor, err))
    return -1;

  filled = extent_cursor_fill (cursor, MIN (max, MAX_LISTED), err);
  if (filled)
    {
      count = MIN (MIN (max, MAX_LISTED), cursor->extents->len);
      taken = extents_take (cursor->extents, count);
      *ret_extents = taken;
    }
  extent_cursor_end (cursor, taken, count);
  return filled ? (int) count : -1;
}

/* One of the sums of what was read; 0 for what is not a cursor. */
static uint64_t
extent_cursor_get (VckcExtentCursor *cursor, gsize member, VckcError **err)
{
  uint64_t value;

  if (!vckc_check_handle (cursor, &extent_cursor_class, err)
      || !vckc_check_own (cursor->checkpoint->domain->connect, err))
    return 0;
  vckc_mutex_lock (&cursor->mutex);
  value = G_STRUCT_MEMBER (guint64, cursor, member);
  vckc_mutex_unlock (&cursor->mutex);
  return value;
}

uint64_t
vckc_extent_cursor_get_dirty_bytes (VckcExtentCursor *cursor, VckcError **err)
{
  return extent_cursor_get (cursor, G_STRUCT_OFFSET (VckcExtentCursor, dirty_bytes), err);
}

uint64_t
vckc_extent_cursor_get_zero_bytes (VckcExtentCursor *cursor, VckcError **err)
{
  return extent_cursor_get (cursor, G_STRUCT_OFFSET (VckcExtentCursor, zero_bytes), err);
}

int
vckc_extent_cursor_ref (VckcExtentCursor *cursor, VckcError **err)
{
  VCKC_TRACE ("cursor=%p", (void *) cursor);

  if (!vckc_check_handle (cursor, &extent_cursor_class, err))
    return -1;
  vckc_object_ref (cursor);
  return 0;
}

int
vckc_extent_cursor_unref (VckcExtentCursor *cursor, VckcError **err)
{
  VCKC_TRACE ("cursor=%p", (void *) cursor);

  if (!vckc_check_handle (cursor, &extent_cursor_class, err))
    return -1;
  vckc_object_unref (cursor);
  return 0;
}
