/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-floor.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "../core/local/image-fixture.h"

#define BUFFER (1024 * 1024)

typedef struct
{
  guint64 offset; /* in the file */
  guint64 length;
} Piece;

struct _BenchFloor
{
  int fd;
  GArray *pieces; /* of Piece, in the order of the disk */
};

static void
add_piece (JsonArray *array, guint index, JsonNode *node, gpointer floor)
{
  JsonObject *object = json_node_get_object (node);
  Piece piece;

  if (!json_object_get_boolean_member (object, "data")
      || !json_object_has_member (object, "offset"))
    return;
  piece = (Piece){ (guint64) json_object_get_int_member (object, "offset"),
                   (guint64) json_object_get_int_member (object, "length") };
  g_array_append_val (((BenchFloor *) floor)->pieces, piece);
}

BenchFloor *
bench_floor_new (const char *image)
{
  BenchFloor *floor = g_new0 (BenchFloor, 1);
  const char *const argv[] = { "qemu-img", "map", "--output=json", "-f", "qcow2", image, NULL };
  g_autofree char *text = image_fixture_run (argv);
  g_autoptr (JsonNode) root = json_from_string (text, NULL);

  floor->fd = open (image, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (floor->fd, >=, 0);
  floor->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  json_array_foreach_element (json_node_get_array (root), add_piece, floor);
  return floor;
}

void
bench_floor_free (BenchFloor *floor)
{
  close (floor->fd);
  g_array_unref (floor->pieces);
  g_free (floor);
}

guint64
bench_floor_get_bytes (const BenchFloor *floor)
{
  guint64 bytes = 0;

  for (guint i = 0; i < floor->pieces->len; i++)
    bytes += g_array_index (floor->pieces, Piece, i).length;
  return bytes;
}

/* Writes at *at and moves that on. */
static void
copy_piece (int from, int to, const Piece *piece, char *buffer, guint64 *at)
{
  for (guint64 done = 0; done < piece->length;)
    {
      gsize part = (gsize) MIN (piece->length - done, BUFFER);

      g_assert_cmpint (pread (from, buffer, part, (off_t) (piece->offset + done)), ==, part);
      g_assert_cmpint (pwrite (to, buffer, part, (off_t) *at), ==, part);
      done += part;
      *at += part;
    }
}

gint64
bench_floor_copy (const BenchFloor *floor, const char *folder)
{
  g_autofree char *file = g_build_filename (folder, "floor", NULL);
  g_autofree char *buffer = g_malloc (BUFFER);
  guint64 at = 0;
  gint64 start = g_get_monotonic_time ();
  gint64 took;
  int fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < floor->pieces->len; i++)
    copy_piece (floor->fd, fd, &g_array_index (floor->pieces, Piece, i), buffer, &at);
  g_assert_cmpint (fdatasync (fd), ==, 0);
  took = g_get_monotonic_time () - start;
  close (fd);
  g_unlink (file);
  return took;
}

gint64
bench_floor_cp (const char *image, const char *folder)
{
  g_autofree char *file = g_build_filename (folder, "cp", NULL);
  const char *const argv[] = { "cp", "--", image, file, NULL };
  gint64 start = g_get_monotonic_time ();
  gint64 took;
  int fd;

  g_free (image_fixture_run (argv));
  fd = open (file, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fdatasync (fd), ==, 0);
  took = g_get_monotonic_time () - start;
  close (fd);
  g_unlink (file);
  return took;
}

/* --- a bitmap, as docs/interop/qcow2.txt of QEMU describes it --- */

#define BITMAPS_EXTENSION 0x23852875
#define CLUSTER (G_GUINT64_CONSTANT (65536)) /* of the image, and a block of the bitmap */

static void
read_at (int fd, gpointer buffer, gsize length, guint64 offset)
{
  g_assert_cmpint (pread (fd, buffer, length, (off_t) offset), ==, length);
}

static guint32
get_u32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static guint64
get_u64 (const guint8 *bytes)
{
  return (guint64) get_u32 (bytes) << 32 | get_u32 (bytes + 4);
}

/* Where the directory of bitmaps is. */
static guint64
find_directory (const guint8 *header)
{
  gsize at = get_u32 (header + 100);

  while (get_u32 (header + at) != BITMAPS_EXTENSION)
    {
      g_assert_cmpuint (get_u32 (header + at), !=, 0);
      at += 8 + (get_u32 (header + at + 4) + 7) / 8 * 8;
    }
  return get_u64 (header + at + 8 + 16);
}

/* Adds the runs of bits; the last run is extended if it ends where they begin. */
static void
add_runs (const guint8 *bits, guint64 first, guint64 count, GArray *runs)
{
  for (guint64 i = 0; i < count; i++)
    {
      Piece *last = runs->len > 0 ? &g_array_index (runs, Piece, runs->len - 1) : NULL;
      Piece run = { first + i, 1 };

      if ((bits[i / 8] >> i % 8 & 1) == 0)
        continue;
      if (last != NULL && last->offset + last->length == run.offset)
        last->length++;
      else
        g_array_append_val (runs, run);
    }
}

/* An entry of the table is where a cluster of bits is, or 1 if all are set, or 0 if none are. */
static void
read_bitmap (int fd, GArray *runs)
{
  g_autofree guint8 *cluster = g_malloc (CLUSTER);
  g_autofree guint8 *table = NULL;
  guint64 n_bits;
  guint32 table_size;
  guint64 table_offset;

  read_at (fd, cluster, CLUSTER, 0);
  g_assert_cmpuint (get_u32 (cluster + 20), ==, 16); /* bits of the size of a cluster */
  n_bits = get_u64 (cluster + 24) / CLUSTER;
  read_at (fd, cluster, 24, find_directory (cluster));
  table_offset = get_u64 (cluster);
  table_size = get_u32 (cluster + 8);
  table = g_malloc (table_size * 8);
  read_at (fd, table, table_size * 8, table_offset);
  for (guint64 i = 0; i < table_size; i++)
    {
      guint64 entry = get_u64 (table + i * 8);
      guint64 first = i * CLUSTER * 8;

      if (entry > 1)
        read_at (fd, cluster, CLUSTER, entry);
      else
        memset (cluster, entry == 1 ? 0xff : 0, CLUSTER);
      add_runs (cluster, first, MIN (n_bits - first, CLUSTER * 8), runs);
    }
}

gint64
bench_floor_read_bitmap (const char *image, guint *ret_count)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Piece));
  int fd = open (image, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  read_bitmap (fd, runs);
  close (fd);
  *ret_count = runs->len;
  return g_get_monotonic_time () - start;
}
