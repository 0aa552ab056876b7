/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Descriptions of a C API for the generator of methods: what is wrong with one is said in lines of
 * text; of any other one the files, the reports and the explanations are made, always the same. */

#include "fuzz.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "explain.h"
#include "pipeline.h"
#include "report.h"

static const char *const seeds[] = {
  "<repository version='1.2' xmlns='http://www.gtk.org/introspection/core/1.0' "
  "xmlns:c='http://www.gtk.org/introspection/c/1.0'><namespace name='Pc' version='1' "
  "c:identifier-prefixes='Pc' c:symbol-prefixes='pc'/></repository>",
  NULL,
};

static const char *const words[] = {
  " length=\"0\"",
  " length=\"1\"",
  " length=\"99\"",
  " zero-terminated=\"1\"",
  " direction=\"out\"",
  " direction=\"inout\"",
  " caller-allocates=\"1\"",
  " optional=\"1\"",
  " nullable=\"1\"",
  " transfer-ownership=\"full\"",
  " transfer-ownership=\"container\"",
  " version=\"1.0\"",
  " c:type=\"PcThing*\"",
  " c:type=\"const char*\"",
  " c:type=\"unsigned int\"",
  " c:identifier=\"pc_thing_ref\"",
  " name=\"i\"",
  " name=\"class\"",
  " name=\"\"",
  " value=\"2147483648\"",
  " value=\"-1\"",
  "<attribute name=\"bindgen.class\" value=\"Thing\"/>",
  "<attribute name=\"bindgen.boxed\" value=\"Thing\"/>",
  "<attribute name=\"bindgen.error\" value=\"1\"/>",
  "<attribute name=\"bindgen.fixed\" value=\"0\"/>",
  "<attribute name=\"bindgen.hand\" value=\"p_thing_hand\"/>",
  "<attribute name=\"bindgen.local\" value=\"1\"/>",
  "<attribute name=\"bindgen.name\" value=\"get\"/>",
  "<attribute name=\"bindgen.plumbing\" value=\"1\"/>",
  "<attribute name=\"bindgen.reader\" value=\"1\"/>",
  "<attribute name=\"bindgen.return\" value=\"count\"/>",
  "<attribute name=\"bindgen.return\" value=\"status\"/>",
  "<attribute name=\"bindgen.return\" value=\"value\"/>",
  "<attribute name=\"bindgen.skip\" value=\"why\"/>",
  "<attribute name=\"bindgen.superseded\" value=\"g\"/>",
  "<type name=\"Thing\" c:type=\"PcThing*\"/>",
  "<type name=\"gint\" c:type=\"int\"/>",
  "<type name=\"utf8\" c:type=\"char*\"/>",
  "<array length=\"1\" c:type=\"uint8_t*\"><type name=\"guint8\" c:type=\"uint8_t\"/></array>",
  "<array zero-terminated=\"1\" c:type=\"char***\"><type name=\"utf8\" c:type=\"char**\"/></array>",
  "<parameter name=\"x\">",
  "</parameter>",
  "<doc>@thing: `pc_thing_ref()` %PC_ERROR_GONE #PcThing */ /* (out)</doc>",
  "<record name=\"Part\" c:type=\"PcPart\"/>",
  "<callback name=\"run_func\"/>",
  "<source-position filename=\"x.h\" line=\"1\"/>",
  "&#10;",
  "&quot;",
  "&lt;",
  "\xff",
  "\xc3\xa9",
  NULL,
};

/* The golden inputs are what matters of a description; the rest is put around. */
static void
add_golden (GPtrArray *inputs, const char *folder, const char *name, const char *prelude)
{
  g_autofree char *path = g_build_filename (folder, "golden", name, NULL);
  g_autofree char *text = NULL;
  g_autofree char *whole = NULL;
  g_auto (GStrv) around = g_strsplit (prelude, "%s", 2);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  whole = g_str_has_suffix (name, ".gir") ? g_strdup (text) : g_strjoinv (text, around);
  g_ptr_array_add (inputs, g_bytes_new (whole, strlen (whole)));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_golden (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (folder, "golden", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".xml") || g_str_has_suffix (name, ".gir"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
add_seeds (GPtrArray *inputs)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("VCK_FUZZ_DATA"), "..", "..", "generator", NULL);
  g_autofree char *path = g_build_filename (folder, "prelude.gir.in", NULL);
  g_autoptr (GPtrArray) names = list_golden (folder);
  g_autofree char *prelude = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &prelude, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < names->len; i++)
    add_golden (inputs, folder, g_ptr_array_index (names, i), prelude);
}

const FuzzTarget fuzz_target = {
  .name = "gir",
  .seeds = seeds,
  .words = words,
  .add_seeds = add_seeds,
};

/* Adds the text to that of all files. */
static gboolean
add_file_cb (const char *name, const char *text, gpointer data)
{
  g_string_append_printf (data, "%s\n%s", name, text);
  return TRUE;
}

static void
add_text (GString *all, char *text)
{
  g_assert_nonnull (text);
  g_string_append (all, text);
  g_free (text);
}

/* Everything that can be made of a sound input. */
static char *
make_all (BgPipeline *input)
{
  GString *all = g_string_new (NULL);

  g_assert_true (bg_pipeline_emit (input, add_file_cb, all));
  add_text (all, bg_report_text (input->model));
  add_text (all, bg_report_json (input->model));
  for (guint i = 0; i < input->api->symbols->len; i++)
    {
      const BgSymbol *symbol = g_ptr_array_index (input->api->symbols, i);

      add_text (all, bg_explain (input->model, symbol->name));
    }
  return g_string_free (all, FALSE);
}

/* Each problem is one line that says where it is. */
static void
check_problems (BgProblems *problems)
{
  g_autofree char *text = bg_problems_to_string (problems);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (g_strv_length (lines), ==, bg_problems_count (problems) + 1);
  for (guint i = 0; i < bg_problems_count (problems); i++)
    g_assert_nonnull (strstr (lines[i], ": error: "));
}

static char *
run (const char *text, gsize size)
{
  g_auto (BgPipeline) input = { 0 };
  g_autoptr (GError) error = NULL;
  BgLibrary *library =
      bg_library_parse ("[library]\nnamespace=P\ninclude-dir=p\numbrella=p/p.h\nguards=P_H_INSIDE\n"
                        "availability=P_AVAILABLE_IN_\nversion-header=p-version.h\n",
                        &error);

  g_assert_no_error (error);
  library->version = g_strdup ("1.2.0");
  bg_pipeline_parse (&input, library, "input.gir", text, size);
  if (bg_pipeline_check (&input))
    return make_all (&input);
  check_problems (input.problems);
  return NULL;
}

static void
check (const char *text, gsize size)
{
  g_autofree char *all = run (text, size);
  g_autofree char *again = all != NULL ? run (text, size) : NULL;

  g_assert_true (all == NULL || g_utf8_validate (all, -1, NULL));
  g_assert_cmpstr (all, ==, again);
}

/* Most changes leave no XML, and the reader says no more than that. What libxml2 makes of the rest
 * is tried too. */
static void
check_repaired (const char *text, gsize size)
{
  xmlDoc *document =
      xmlReadMemory (text, (int) size, "input.gir", NULL,
                     XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlChar *repaired = NULL;
  int length = 0;

  if (document == NULL)
    return;
  xmlDocDumpMemoryEnc (document, &repaired, &length, "UTF-8");
  if (repaired != NULL)
    check ((const char *) repaired, (gsize) length);
  xmlFree (repaired);
  xmlFreeDoc (document);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);

  check (text, size);
  check_repaired (text, size);
  return 0;
}
