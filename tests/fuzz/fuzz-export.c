/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Documents of all checkpoints: what a tree of them is written as, is read as the same tree. */

#include "fuzz.h"

#include "model/export-document.h"

#define ENTRY(name, more)                                                                          \
  "  <entry>\n    <domaincheckpoint>\n      <name>" name "</name>\n" more                          \
  "      <creationTime>17</creationTime>\n      <disks>\n"                                         \
  "        <disk name='vda' checkpoint='bitmap' bitmap='" name "'/>\n      </disks>\n"             \
  "    </domaincheckpoint>\n"                                                                      \
  "    <disk name='vda' capacity='1073741824' granularity='65536'/>\n  </entry>\n"

static const char *const seeds[] = {
  "<vckcheckpoints version='1' domain='t'/>",
  "<vckcheckpoints version='1' domain='t' current='b'>\n" ENTRY ("a", "")
      ENTRY ("b", "      <parent><name>a</name></parent>\n") "</vckcheckpoints>\n",
  "<vckcheckpoints version='1' domain='t' current='c'>\n" ENTRY ("b",
                                                                 "<parent><name>a</name></parent>")
      ENTRY ("a", "<parent><name>b</name></parent>")
          ENTRY ("c", "<description>two\nlines</description><parent><name>z</name></parent>")
              ENTRY ("d", "<description>x</description><parent><name>c</name></parent>")
                  ENTRY ("e", "<parent><name>c</name></parent>") "</vckcheckpoints>\n",
  NULL,
};

static const char *const words[] = {
  "<entry>",
  "</entry>",
  ENTRY ("x", ""),
  ENTRY ("y", "<parent><name>x</name></parent>"),
  "<parent><name>a</name></parent>",
  "<parent><name>",
  "</name></parent>",
  " current='a'",
  " version='2'",
  "<description>\n</description>",
  "<description>",
  "</description>",
  "\n",
  "  ",
  "&#10;",
  "&#13;",
  "<disk name='vda' capacity='9223372036854775807' granularity='1'/>",
  "<disk name='vdb' checkpoint='no'/>",
  "<domain><name>t</name></domain>",
  "&x;",
  "<!--",
  "-->",
  "\xff",
  "\xc3\xa9",
  "'",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "export",
  .seeds = seeds,
  .words = words,
};

/* The document as it would be exported, or NULL if it is refused. */
static char *
write_again (const char *text, VckcError **err)
{
  g_autofree char *current = NULL;
  GPtrArray *defs = vckc_export_parse (text, &current, err);
  g_autoptr (VckcCheckpointTree) tree = NULL;

  if (defs == NULL)
    return NULL;
  tree = vckc_checkpoint_tree_new_from_defs (defs, NULL);
  if (current != NULL)
    vckc_checkpoint_tree_set_current (tree, vckc_checkpoint_tree_lookup (tree, current));
  return vckc_export_format (tree, "t");
}

static void
check_round_trip (const char *text)
{
  g_autoptr (VckcError) error = NULL;
  g_autofree char *once = write_again (text, &error);
  g_autofree char *twice = once != NULL ? write_again (once, &error) : NULL;

  if (twice == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), text);
  g_assert_cmpstr (twice, ==, text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (VckcError) error = NULL;
  g_autofree char *written = write_again (text, &error);

  g_assert_true ((written == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_utf8_validate (vckc_error_get_message (error), -1, NULL));
  if (written != NULL)
    check_round_trip (written);
  return 0;
}
