/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz-input.h"

#include <string.h>

#define MAX_CHANGES 6
#define MAX_SIZE ((guint) 64 * 1024)
#define MAX_CHUNK 64

/* --- seeds --- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_file (GPtrArray *seeds, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  if (size <= MAX_SIZE)
    g_ptr_array_add (seeds, g_bytes_new (text, size));
  g_free (text);
}

/* In the order of their names, so that it is the same everywhere. */
static void
add_folder (GPtrArray *seeds, const char *folder)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".xml") || g_str_has_suffix (name, ".out"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_file (seeds, folder, g_ptr_array_index (names, i));
}

GPtrArray *
fuzz_input_list_seeds (const FuzzTarget *target, const char *data)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; target->seeds[i] != NULL; i++)
    g_ptr_array_add (seeds, g_bytes_new (target->seeds[i], strlen (target->seeds[i])));
  if (target->folder != NULL)
    {
      g_autofree char *folder = g_build_filename (data, target->folder, NULL);

      add_folder (seeds, folder);
    }
  if (target->add_seeds != NULL)
    target->add_seeds (seeds);
  return seeds;
}

/* --- changes --- */

static guint
pick (GRand *random, guint n)
{
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

/* How much to take of what is left. */
static guint
pick_size (GRand *random, gsize left)
{
  guint size = pick (random, MAX_CHUNK) + 1;

  return (guint) MIN (size, left);
}

static void
insert (GByteArray *input, guint at, const guint8 *bytes, guint size)
{
  guint before = input->len;

  if (size == 0)
    return;
  g_byte_array_set_size (input, before + size);
  memmove (input->data + at + size, input->data + at, before - at);
  memcpy (input->data + at, bytes, size);
}

static void
change_byte (GByteArray *input, GRand *random)
{
  if (input->len > 0)
    input->data[pick (random, input->len)] = (guint8) pick (random, 256);
}

static void
flip_bit (GByteArray *input, GRand *random)
{
  if (input->len > 0)
    input->data[pick (random, input->len)] ^= (guint8) (1u << pick (random, 8));
}

static void
remove_chunk (GByteArray *input, GRand *random)
{
  guint at = pick (random, input->len + 1);
  guint size = pick_size (random, input->len - at);

  if (size > 0)
    g_byte_array_remove_range (input, at, size);
}

static void
cut (GByteArray *input, GRand *random)
{
  g_byte_array_set_size (input, pick (random, input->len + 1));
}

/* Some bytes of `from`, put elsewhere. */
static void
copy_chunk (GByteArray *input, const guint8 *from, gsize from_size, GRand *random)
{
  guint at = pick (random, (guint) from_size + 1);
  guint size = pick_size (random, from_size - at);
  g_autofree guint8 *chunk = g_memdup2 (from + at, size);

  insert (input, pick (random, input->len + 1), chunk, size);
}

static void
insert_word (GByteArray *input, const FuzzTarget *target, GRand *random)
{
  guint n = (guint) g_strv_length ((char **) target->words);
  const char *word = target->words[pick (random, n)];

  insert (input, pick (random, input->len + 1), (const guint8 *) word, (guint) strlen (word));
}

static void
change (GByteArray *input, const FuzzTarget *target, GBytes *other, GRand *random)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (other, &size);

  switch (pick (random, 8))
    {
    case 0:
      change_byte (input, random);
      break;
    case 1:
      flip_bit (input, random);
      break;
    case 2:
      remove_chunk (input, random);
      break;
    case 3:
      copy_chunk (input, input->data, input->len, random);
      break;
    case 4:
      copy_chunk (input, bytes, size, random);
      break;
    case 5:
      cut (input, random);
      break;
    default:
      insert_word (input, target, random);
      break;
    }
}

GByteArray *
fuzz_input_mutate (const FuzzTarget *target, const GPtrArray *seeds, GRand *random)
{
  GByteArray *input = g_byte_array_new ();
  guint n_changes = 1 + pick (random, MAX_CHANGES);
  gsize size;
  const guint8 *bytes =
      g_bytes_get_data (g_ptr_array_index (seeds, pick (random, seeds->len)), &size);

  g_byte_array_append (input, bytes, (guint) size);
  for (guint i = 0; i < n_changes; i++)
    change (input, target, g_ptr_array_index (seeds, pick (random, seeds->len)), random);
  return input;
}
