/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The journal of interrupted changes: what is understood is the same when written and read
 * again. */

#include "fuzz.h"

#include "drivers/local/store/journal-file.h"

static const char *const seeds[] = { "", "[change]\nversion=1\n", NULL };

static const char *const words[] = {
  "[change]\n",
  "[remove bitmap 1]\n",
  "[write checkpoint 1]\n",
  "[remove checkpoint 1]\n",
  "version=1\n",
  "operation=x\n",
  "set-current=true\n",
  "current=a\n",
  "set-notes=true\n",
  "notes=n\n",
  "remove-bitmaps=2147483647\n",
  "write-checkpoints=-1\n",
  "remove-checkpoints=2\n",
  "name=../x\n",
  "name=.hidden\n",
  "name=\n",
  "disk=vda\n",
  "image=/a\n",
  "format=qcow2\n",
  "bitmap=a\n",
  "xml=<a/>\n",
  "\\n",
  "\\s",
  "\\",
  "#",
  "=",
  "\n",
  "\xff",
  "\xc3\xa9",
  NULL,
};

/* A journal with everything in it. */
static VckcJournal *
make_change (void)
{
  VckcJournal *change = vckc_journal_new ("create");

  vckc_journal_add_bitmap (change, "vda", "/a b/ä.qcow2", "qcow2", "a");
  vckc_journal_add_bitmap (change, "vdb", "/b.qcow2", "qcow2", "a;b\n");
  g_hash_table_insert (change->write, g_strdup ("a"), g_strdup ("<a>\n\t ä\\</a>\n"));
  g_hash_table_insert (change->write, g_strdup ("b"), g_strdup (" <b/>"));
  g_ptr_array_add (change->remove, g_strdup ("c"));
  change->set_current = true;
  change->current = g_strdup ("a");
  change->set_notes = true;
  change->notes = g_strdup ("orphan\n");
  return change;
}

static void
add_journal (GPtrArray *inputs)
{
  g_autoptr (VckcJournal) change = make_change ();
  char *text = vckc_journal_format (change);

  g_ptr_array_add (inputs, g_bytes_new_take (text, strlen (text)));
}

const FuzzTarget fuzz_target = {
  .name = "journal",
  .seeds = seeds,
  .words = words,
  .add_seeds = add_journal,
};

static void
assert_same_bitmaps (const GPtrArray *a, const GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const VckcJournalBitmap *one = g_ptr_array_index (a, i);
      const VckcJournalBitmap *other = g_ptr_array_index (b, i);

      g_assert_cmpstr (one->target, ==, other->target);
      g_assert_cmpstr (one->path, ==, other->path);
      g_assert_cmpstr (one->format, ==, other->format);
      g_assert_cmpstr (one->bitmap, ==, other->bitmap);
    }
}

static void
assert_same_texts (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer name, text;

  g_assert_cmpuint (g_hash_table_size (a), ==, g_hash_table_size (b));
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &name, &text))
    g_assert_cmpstr (text, ==, g_hash_table_lookup (b, name));
}

static void
assert_same (const VckcJournal *a, const VckcJournal *b)
{
  g_assert_cmpstr (a->operation, ==, b->operation);
  assert_same_bitmaps (a->bitmaps, b->bitmaps);
  assert_same_texts (a->write, b->write);
  g_assert_cmpuint (a->remove->len, ==, b->remove->len);
  for (guint i = 0; i < a->remove->len; i++)
    g_assert_cmpstr (g_ptr_array_index (a->remove, i), ==, g_ptr_array_index (b->remove, i));
  g_assert_true (a->set_current == b->set_current);
  g_assert_cmpstr (a->current, ==, b->current);
  g_assert_true (a->set_notes == b->set_notes);
  g_assert_cmpstr (a->notes, ==, b->notes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcJournal) change = vckc_journal_parse (text, &error);
  g_autofree char *written = NULL;
  g_autoptr (VckcJournal) again = NULL;

  g_assert_true ((change == NULL) == (error != NULL));
  if (change == NULL)
    return 0;
  written = vckc_journal_format (change);
  again = vckc_journal_parse (written, &error);
  if (again == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), written);
  assert_same (change, again);
  return 0;
}
