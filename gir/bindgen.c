/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* vck-bindgen: the command line. */

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "emit-dts.h"
#include "emit-js.h"
#include "emit-metadata.h"
#include "emit-pyi.h"
#include "emit-runtime.h"
#include "explain.h"
#include "gir-node.h"
#include "names.h"
#include "pipeline.h"
#include "python-extra.h"
#include "report.h"
#include "versions.h"

typedef struct
{
  char *config;
  char *version;
  char *lock;
  char *output;
  char *extra;
  char *prefix;
  gboolean check;
  gboolean json;
  char **rest; /* file names and the like */
} Options;

typedef int (*Command) (Options *options);

static void
bindgen_options_clear (Options *options)
{
  g_free (options->config);
  g_free (options->version);
  g_free (options->lock);
  g_free (options->output);
  g_free (options->extra);
  g_free (options->prefix);
  g_strfreev (options->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, bindgen_options_clear)

/* FALSE if there is no library to be made. */
static gboolean
bindgen_load (BgPipeline *input, const Options *options)
{
  g_autoptr (GError) error = NULL;
  BgLibrary *library = bg_library_load (options->config, &error);

  if (library == NULL)
    {
      g_printerr ("vck-bindgen: %s\n", error->message);
      return FALSE;
    }
  library->version = g_strdup (options->version);
  bg_pipeline_load (input, library, options->rest[0]);
  return TRUE;
}

/* Prints what is wrong; FALSE if something is. */
static gboolean
is_sound (BgPipeline *input)
{
  g_autofree char *text = NULL;

  if (bg_problems_count (input->problems) == 0)
    return TRUE;
  text = bg_problems_to_string (input->problems);
  g_printerr ("%s", text);
  return FALSE;
}

static gboolean
bindgen_check_lock (BgPipeline *input, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (options->lock != NULL && !g_file_get_contents (options->lock, &text, NULL, &error))
    {
      g_printerr ("vck-bindgen: %s\n", error->message);
      return FALSE;
    }
  bg_check_lock (input->model, options->lock != NULL ? options->lock : "", text);
  return TRUE;
}

/* Writes one file, or compares it with what is there. */
static gboolean
bindgen_put_file (const Options *options, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (options->output, name, NULL);
  g_autofree char *old = NULL;
  g_autoptr (GError) error = NULL;

  if (options->check)
    {
      if (g_file_get_contents (path, &old, NULL, NULL) && strcmp (old, text) == 0)
        return TRUE;
      g_printerr ("vck-bindgen: %s is not what would be generated\n", path);
      return FALSE;
    }
  if (g_file_set_contents (path, text, -1, &error))
    return TRUE;
  g_printerr ("vck-bindgen: %s\n", error->message);
  return FALSE;
}

static gboolean
bindgen_put_file_cb (const char *name, const char *text, gpointer data)
{
  return bindgen_put_file (data, name, text);
}

static gboolean
bindgen_has_operands (const Options *options, guint n, const char *what)
{
  if (options->config != NULL && options->rest != NULL && g_strv_length (options->rest) == n)
    return TRUE;
  g_printerr ("vck-bindgen: give --config=FILE and %s; see --help\n", what);
  return FALSE;
}

static int
bindgen_generate (Options *options)
{
  g_auto (BgPipeline) input = { 0 };
  g_autofree char *summary = NULL;

  if (!bindgen_has_operands (options, 1, "one GIR file"))
    return EXIT_FAILURE;
  if (options->output == NULL)
    options->output = g_strdup (".");
  if (!bindgen_load (&input, options))
    return EXIT_FAILURE;
  bg_pipeline_check (&input);
  if (input.model != NULL && !bindgen_check_lock (&input, options))
    return EXIT_FAILURE;
  if (!is_sound (&input) || !bg_pipeline_emit (&input, bindgen_put_file_cb, options))
    return EXIT_FAILURE;
  summary = bg_report_summary (input.model);
  g_print ("%s", summary);
  return EXIT_SUCCESS;
}

static gboolean
bindgen_drop_file_cb (const char *name, const char *text, gpointer data)
{
  return TRUE;
}

static int
bindgen_report (Options *options)
{
  g_auto (BgPipeline) input = { 0 };
  g_autofree char *text = NULL;

  if (!bindgen_has_operands (options, 1, "one GIR file") || !bindgen_load (&input, options))
    return EXIT_FAILURE;
  bg_pipeline_check (&input);
  if (!is_sound (&input))
    return EXIT_FAILURE;
  /* Links are counted when comments are rewritten, which is when files are written. */
  bg_pipeline_emit (&input, bindgen_drop_file_cb, NULL);
  text = options->json ? bg_report_json (input.model) : bg_report_text (input.model);
  g_print ("%s", text);
  return EXIT_SUCCESS;
}

static int
bindgen_explain (Options *options)
{
  g_auto (BgPipeline) input = { 0 };
  g_autofree char *text = NULL;

  if (!bindgen_has_operands (options, 2, "one GIR file and the name of a symbol")
      || !bindgen_load (&input, options) || !is_sound (&input))
    return EXIT_FAILURE;
  text = bg_explain (input.model, options->rest[1]);
  if (text == NULL)
    {
      g_printerr ("vck-bindgen: there is no symbol '%s' in %s\n", options->rest[1],
                  options->rest[0]);
      return EXIT_FAILURE;
    }
  g_print ("%s", text);
  return EXIT_SUCCESS;
}

/* "snake_case", as names of functions begin */
static gboolean
is_prefix (const char *text)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  return lower != NULL && bg_name_is_identifier (text) && strcmp (lower, text) == 0;
}

static int
bindgen_runtime (Options *options)
{
  gboolean ok = TRUE;

  if (!is_prefix (options->prefix) || options->rest != NULL)
    {
      g_printerr ("vck-bindgen: give --prefix=NAME, with which functions begin, such as vck, and "
                  "no file; see --help\n");
      return EXIT_FAILURE;
    }
  if (options->output == NULL)
    options->output = g_strdup (".");
  for (const BgRuntimeFile *file = bg_runtime_files; ok && file->name != NULL; file++)
    {
      g_autofree char *name = bg_runtime_expand (file->name, options->prefix);
      g_autofree char *body = bg_runtime_expand (file->text, options->prefix);
      g_autofree char *text = g_strconcat (
          "/* Made by vck-bindgen: change what it has, not this file. */\n\n", body, NULL);

      ok = bindgen_put_file (options, name, text);
    }
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gboolean
bindgen_put_pyi (const Options *options, xmlDoc *document, const BgExtra *extra)
{
  xmlNode *namespace = bg_gir_namespace (document);
  g_autofree char *name = bg_gir_string (namespace, "name");
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *stub_name = g_strconcat (name, ".pyi", NULL);
  g_autofree char *docs_name = g_strdup_printf ("_%s_docs.py", lower);
  g_autoptr (GError) error = NULL;
  g_autofree char *docs = NULL;
  g_autofree char *stub = bg_emit_pyi (namespace, extra, &docs, &error);

  if (stub == NULL)
    {
      g_printerr ("vck-bindgen: %s\n", error->message);
      return FALSE;
    }
  return bindgen_put_file (options, stub_name, stub) && bindgen_put_file (options, docs_name, docs);
}

static int
bindgen_pyi (Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BgExtra) extra = NULL;
  xmlDoc *document = NULL;
  gboolean ok = FALSE;

  if (options->extra == NULL || options->rest == NULL || g_strv_length (options->rest) != 1)
    {
      g_printerr ("vck-bindgen: give --extra=FILE and one GIR file; see --help\n");
      return EXIT_FAILURE;
    }
  if (options->output == NULL)
    options->output = g_strdup (".");
  extra = bg_extra_load (options->extra, &error);
  document = extra != NULL ? bg_gir_load (options->rest[0], &error) : NULL;
  if (document == NULL)
    g_printerr ("vck-bindgen: %s\n", error->message);
  else
    ok = bindgen_put_pyi (options, document, extra);
  xmlFreeDoc (document);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A command that takes nothing but the GIR of the library itself. */
static int
bindgen_run_on_gir (Options *options, gboolean (*put) (const Options *options, xmlNode *namespace))
{
  g_autoptr (GError) error = NULL;
  xmlDoc *document = NULL;
  gboolean ok = FALSE;

  if (options->rest == NULL || g_strv_length (options->rest) != 1)
    {
      g_printerr ("vck-bindgen: give one GIR file; see --help\n");
      return EXIT_FAILURE;
    }
  if (options->output == NULL)
    options->output = g_strdup (".");
  document = bg_gir_load (options->rest[0], &error);
  if (document == NULL)
    g_printerr ("vck-bindgen: %s\n", error->message);
  else
    ok = put (options, bg_gir_namespace (document));
  xmlFreeDoc (document);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gboolean
bindgen_put_js (const Options *options, xmlNode *namespace)
{
  g_autofree char *name = bg_gir_string (namespace, "name");
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *file = g_strdup_printf ("_%s_defaults.js", lower);
  g_autofree char *text = bg_emit_js (namespace);

  return bindgen_put_file (options, file, text);
}

static int
bindgen_js (Options *options)
{
  return bindgen_run_on_gir (options, bindgen_put_js);
}

static gboolean
bindgen_put_dts (const Options *options, xmlNode *namespace)
{
  g_autofree char *name = bg_gir_string (namespace, "name");
  g_autofree char *version = bg_gir_string (namespace, "version");
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *file = g_strdup_printf ("%s-%s.d.ts", lower, version);
  g_autofree char *extra = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (options->extra != NULL && !g_file_get_contents (options->extra, &extra, NULL, &error))
    {
      g_printerr ("vck-bindgen: %s\n", error->message);
      return FALSE;
    }
  text = bg_emit_dts (namespace, extra != NULL ? extra : "");
  return bindgen_put_file (options, file, text);
}

static int
bindgen_dts (Options *options)
{
  return bindgen_run_on_gir (options, bindgen_put_dts);
}

static gboolean
bindgen_put_metadata (const Options *options, xmlNode *namespace)
{
  g_autofree char *name = bg_gir_string (namespace, "name");
  g_autofree char *version = bg_gir_string (namespace, "version");
  g_autofree char *file = g_strdup_printf ("%s-%s.metadata", name, version);
  g_autofree char *text = bg_emit_metadata (namespace);

  return bindgen_put_file (options, file, text);
}

static int
bindgen_metadata (Options *options)
{
  return bindgen_run_on_gir (options, bindgen_put_metadata);
}

static const struct
{
  const char *name;
  const char *operands;
  const char *description;
  Command run;
} commands[] = {
  { "generate", "GIR", "Writes the methods and enums of a library.", bindgen_generate },
  { "report", "GIR", "Reports what became of every symbol of the input.", bindgen_report },
  { "explain", "GIR SYMBOL", "Explains why a symbol became what it became.", bindgen_explain },
  { "runtime", "", "Writes what generated methods run by, under the names of a library.",
    bindgen_runtime },
  { "pyi", "GIR", "Writes typed stubs for Python, of the GIR of the library itself.", bindgen_pyi },
  { "js", "GIR", "Writes the defaults of arguments for JavaScript, of the same GIR.", bindgen_js },
  { "dts", "GIR", "Writes typed declarations for JavaScript, of the same GIR.", bindgen_dts },
  { "metadata", "GIR", "Writes metadata for vapigen, of the GIR of the library itself.",
    bindgen_metadata },
};

static void
bindgen_print_usage (void)
{
  g_print ("Usage: vck-bindgen COMMAND --config=FILE GIR\n\n"
           "Makes GObject methods from an annotated C API.\n\nCommands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, commands[i].description);
  g_print ("\nSee vck-bindgen COMMAND --help.\n");
}

static const char config_help[] =
    "The configuration is a key file with one group, [library], and the keys\n"
    "  namespace        of the GIR to be made, such as Vck (required)\n"
    "  type-prefix      before the names of types; default: namespace\n"
    "  function-prefix  before the names of functions; default: namespace in lower case\n"
    "  file-prefix      before the names of files; default: function-prefix with hyphens\n"
    "  error-type       the core's error; default: its prefix and Error\n"
    "  error-take       the function from that to a GError; default: PREFIX_error_take\n"
    "  runtime          the header of the call runtime, without .h; default: PREFIX-call\n"
    "  core-header, private-header, version-header   what to include\n"
    "  include-dir      the folder of public headers, as in <vck/vck-enums.h>\n"
    "  umbrella, guards the one public header, and the macros that allow others\n"
    "  availability     the macro before a prototype, without its version; if there is one, the\n"
    "                   macros for all versions are written to FILE-PREFIX-versions.h";

static gboolean
bindgen_check_version (const Options *options, GError **error)
{
  BgVersion version = { 0 };

  if (options->version == NULL || bg_version_parse (options->version, &version))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "'%s' is not a version of the library; write MAJOR.MINOR.MICRO, such as 1.0.0",
               options->version);
  return FALSE;
}

static gboolean
bindgen_parse_options (Options *options, int *argc, char ***argv, gsize which)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "The library to be made", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output, "Where to write (generate)",
      "FOLDER" },
    { "library-version", 0, 0, G_OPTION_ARG_STRING, &options->version,
      "The version of the library, which no Since: may exceed", "VERSION" },
    { "lock", 0, 0, G_OPTION_ARG_FILENAME, &options->lock,
      "The symbols that may stay unbound (generate)", "FILE" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &options->check,
      "Write nothing; fail if the files differ (generate)", NULL },
    { "prefix", 0, 0, G_OPTION_ARG_STRING, &options->prefix,
      "With what the functions of the library begin (runtime)", "NAME" },
    { "extra", 0, 0, G_OPTION_ARG_FILENAME, &options->extra,
      "What is written by hand of the stubs (pyi, dts)", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "As JSON (report)", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->rest, NULL, NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autofree char *usage = g_strdup_printf ("%s", commands[which].operands);
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, commands[which].description);
  g_option_context_set_description (context, config_help);
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error)
      && bindgen_check_version (options, &error))
    return TRUE;
  g_printerr ("vck-bindgen: %s\n", error->message);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };

  setlocale (LC_ALL, "");
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      {
        int rest = argc - 1;
        char **words = argv + 1;

        if (!bindgen_parse_options (&options, &rest, &words, i))
          return EXIT_FAILURE;
        return commands[i].run (&options);
      }
  bindgen_print_usage ();
  return argc > 1 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
             ? EXIT_SUCCESS
             : EXIT_FAILURE;
}
