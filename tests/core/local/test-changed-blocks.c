/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changed blocks of a domain that is off, on real images of every kind: after random writes, zeroes
 * and discards, they are what QEMU says, sector by sector.
 */

#include <json-glib/json-glib.h>

#include "extents-fixture.h"

#define SECTOR 512
#define N_WRITES 60
#define N_CHECKPOINTS 3
/* Where compressed clusters are, at the end of the disk, and how large they are. */
#define COMPRESSED (4u << 20)
#define CLUSTER 65536u
/* A cluster with room in the image is zero if it says so, or, to QEMU but not to us, if the image
 * file has a hole there. */
#define ZERO_OR_DATA 8

typedef struct
{
  const char *options; /* of qemu-img create */
  guint64 size;
  bool backing;
  bool compressed; /* some clusters are, near the end of the disk */
} Kind;

typedef struct
{
  ExtentsFixture base;
  GRand *random;
  guint n_compressed;
} Fixture;

static void
make_image (Fixture *fixture, const Kind *kind)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, kind->size);
  g_autofree char *base = g_build_filename (fixture->base.folder, "base.qcow2", NULL);
  const char *const make_base[] = { "qemu-img", "create", "-q", "-f", "qcow2", base, "16M", NULL };
  const char *const make_alone[] = { "qemu-img", "create", "-q",          "-f",
                                     "qcow2",    "-o",     kind->options, fixture->base.image,
                                     size,       NULL };
  const char *const make_over[] = { "qemu-img", "create", "-q",          "-f",
                                    "qcow2",    "-o",     kind->options, "-b",
                                    base,       "-F",     "qcow2",       fixture->base.image,
                                    size,       NULL };

  if (kind->backing)
    {
      g_free (image_fixture_run (make_base));
      image_fixture_write (base, 0, 8 << 20);
    }
  g_free (image_fixture_run (kind->backing ? make_over : make_alone));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  extents_fixture_begin (&fixture->base);
  fixture->random = g_rand_new_with_seed (20261127);
  make_image (fixture, data);
  extents_fixture_define (&fixture->base);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_rand_free (fixture->random);
  extents_fixture_end (&fixture->base);
}

/* A command of qemu-io: near the start, where the backing file has data, or anywhere. */
static char *
make_command (Fixture *fixture, const Kind *kind)
{
  static const char *const commands[] = { "write", "write -z", "write -z -u", "discard" };
  const guint64 n_sectors = kind->size / SECTOR - (kind->compressed ? COMPRESSED / SECTOR : 0);
  const guint64 reach = g_rand_boolean (fixture->random) ? n_sectors / 8 : n_sectors;
  const guint64 offset = (guint64) g_rand_int_range (fixture->random, 0, (gint32) reach);
  const guint64 length = (guint64) g_rand_int_range (fixture->random, 1, 2049);

  return g_strdup_printf ("%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                          commands[g_rand_int_range (fixture->random, 0, 4)], offset * SECTOR,
                          MIN (length, n_sectors - offset) * SECTOR);
}

static void
run_commands (Fixture *fixture, GPtrArray *commands)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "qemu-io");
  g_ptr_array_add (argv, (gpointer) "-d");
  g_ptr_array_add (argv, (gpointer) "unmap");
  for (guint i = 0; i < commands->len; i++)
    {
      g_ptr_array_add (argv, (gpointer) "-c");
      g_ptr_array_add (argv, g_ptr_array_index (commands, i));
    }
  g_ptr_array_add (argv, fixture->base.image);
  g_ptr_array_add (argv, NULL);
  g_free (image_fixture_run ((const char *const *) argv->pdata));
}

static void
write_at_random (Fixture *fixture, const Kind *kind)
{
  g_autoptr (GPtrArray) commands = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_WRITES; i++)
    g_ptr_array_add (commands, make_command (fixture, kind));
  /* Only a cluster that was never written can be written compressed. */
  for (guint i = 0; kind->compressed && i < 4; i++)
    {
      const guint64 offset = kind->size / CLUSTER * CLUSTER - ++fixture->n_compressed * 2 * CLUSTER;

      g_ptr_array_add (commands,
                       g_strdup_printf ("write -c %" G_GUINT64_FORMAT " %u", offset, CLUSTER));
    }
  run_commands (fixture, commands);
}

static JsonNode *
ask_qemu (const char *const *argv)
{
  g_autofree char *text = image_fixture_run (argv);
  GError *error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static void
fill (guint8 *sectors, guint64 size, guint64 offset, guint64 length, guint8 flags)
{
  const guint64 end = MIN (offset + length, size);

  g_assert_cmpuint (offset % SECTOR, ==, 0);
  for (guint64 at = offset; at < end; at += SECTOR)
    sectors[at / SECTOR] |= flags;
}

/* DIRTY as QEMU exports the bitmap over NBD. */
static void
add_dirty (Fixture *fixture, const Kind *kind, const char *bitmap, guint8 *sectors)
{
  g_autofree char *context = g_strconcat ("--map=qemu:dirty-bitmap:", bitmap, NULL);
  const char *const argv[] = { "nbdinfo", "--json", context, "--", "[",    "qemu-nbd",
                               "-r",      "-f",     "qcow2", "-B", bitmap, fixture->base.image,
                               "]",       NULL };
  g_autoptr (JsonNode) map = ask_qemu (argv);
  JsonArray *array = json_node_get_array (map);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *extent = json_array_get_object_element (array, i);

      if (json_object_get_int_member (extent, "type") == 1)
        fill (sectors, kind->size, (guint64) json_object_get_int_member (extent, "offset"),
              (guint64) json_object_get_int_member (extent, "length"), VCKC_EXTENT_DIRTY);
    }
}

/* What is certain of a part of the disk that has these properties. */
static guint8
get_certain (const Kind *kind, JsonObject *extent)
{
  /* It is nowhere in the file as it is. */
  const bool compressed =
      json_object_get_boolean_member (extent, "data") && !json_object_has_member (extent, "offset");
  const bool present = json_object_get_boolean_member (extent, "present");
  const bool below = json_object_get_int_member (extent, "depth") > 0;

  if (compressed || below || (kind->backing && !present))
    return 0;
  if (!json_object_get_boolean_member (extent, "zero"))
    return VCKC_EXTENT_DATA;
  return json_object_has_member (extent, "offset") ? ZERO_OR_DATA : VCKC_EXTENT_ZERO;
}

/* ZERO and DATA by QEMU's map of the image. */
static void
add_map (Fixture *fixture, const Kind *kind, guint8 *sectors)
{
  const char *const argv[] = { "qemu-img",          "map", "--output=json", "-f", "qcow2",
                               fixture->base.image, NULL };
  g_autoptr (JsonNode) map = ask_qemu (argv);
  JsonArray *array = json_node_get_array (map);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *extent = json_array_get_object_element (array, i);

      fill (sectors, kind->size, (guint64) json_object_get_int_member (extent, "start"),
            (guint64) json_object_get_int_member (extent, "length"), get_certain (kind, extent));
    }
}

/* Sorted, apart from each other or different, within the disk; written to the sectors. */
static void
add_listed (const Kind *kind, const VckcExtent *extents, int count, guint8 *sectors)
{
  for (int i = 0; i < count; i++)
    {
      const guint64 end = extents[i].offset + extents[i].length;

      g_assert_cmpuint (extents[i].length, >, 0);
      g_assert_cmpuint (end, <=, kind->size);
      if (i + 1 < count)
        g_assert_cmpuint (end, <=, extents[i + 1].offset);
      if (i + 1 < count && end == extents[i + 1].offset)
        g_assert_cmpuint (extents[i].flags, !=, extents[i + 1].flags);
      fill (sectors, kind->size, extents[i].offset, extents[i].length, (guint8) extents[i].flags);
    }
}

static void
compare (Fixture *fixture, const Kind *kind, VckcDomainCheckpoint *checkpoint, unsigned int flags)
{
  const gsize n_sectors = (gsize) (kind->size / SECTOR);
  g_autofree guint8 *expected = g_malloc0 (n_sectors);
  g_autofree guint8 *listed = g_malloc0 (n_sectors);
  const char *name = vckc_domain_checkpoint_get_name (checkpoint, NULL);
  VckcError *error = NULL;
  VckcExtent *extents = NULL;
  int count = vckc_domain_checkpoint_list_extents (checkpoint, "vda", &extents, flags, &error);

  assert_ok (count > 0, error);
  add_listed (kind, extents, count, listed);
  free (extents);
  add_dirty (fixture, kind, name, expected);
  if ((flags & VCKC_EXTENTS_NO_ZERO) == 0)
    add_map (fixture, kind, expected);
  for (gsize i = 0; i < n_sectors; i++)
    {
      if ((expected[i] & VCKC_EXTENT_DIRTY) == 0)
        expected[i] = 0;
      if ((expected[i] & ZERO_OR_DATA) != 0)
        expected[i] = VCKC_EXTENT_DIRTY
                      | ((listed[i] & VCKC_EXTENT_ZERO) != 0 ? VCKC_EXTENT_ZERO : VCKC_EXTENT_DATA);
      if (listed[i] != expected[i])
        g_error ("%s, %s, since %s: sector %" G_GSIZE_FORMAT " has 0x%x, not 0x%x", kind->options,
                 kind->backing ? "with a backing file" : "alone", name, i, listed[i], expected[i]);
    }
}

static void
test_truth (Fixture *fixture, gconstpointer data)
{
  static const char *const names[N_CHECKPOINTS] = { "k1", "k2", "k3" };
  VckcDomainCheckpoint *checkpoints[N_CHECKPOINTS];

  write_at_random (fixture, data);
  for (guint i = 0; i < N_CHECKPOINTS; i++)
    {
      checkpoints[i] = extents_fixture_create (&fixture->base, names[i]);
      write_at_random (fixture, data);
    }
  for (guint i = 0; i < N_CHECKPOINTS; i++)
    {
      compare (fixture, data, checkpoints[i], 0);
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
}

static const Kind kinds[] = {
  { "cluster_size=64k", (100 << 20) + 3 * SECTOR, false, false },
  { "cluster_size=64k", (100 << 20) + 3 * SECTOR, true, true },
  { "cluster_size=4k", (64 << 20) + 7 * SECTOR, false, false },
  { "cluster_size=4k", (64 << 20) + 7 * SECTOR, true, false },
  { "cluster_size=2M", (200 << 20) + SECTOR, false, false },
  { "cluster_size=2M", (200 << 20) + SECTOR, true, false },
  { "cluster_size=64k,extended_l2=on", (100 << 20) + 5 * SECTOR, false, true },
  { "cluster_size=64k,extended_l2=on", (100 << 20) + 5 * SECTOR, true, true },
  { "cluster_size=512", (16 << 20), false, false },
  { "preallocation=metadata", (32 << 20), false, false },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/changed-blocks/truth/%s%s", kinds[i].options,
                                               kinds[i].backing ? "/with-backing-file" : "/alone");

      g_test_add (path, Fixture, &kinds[i], set_up, test_truth, tear_down);
    }
  return g_test_run ();
}
