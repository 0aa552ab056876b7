/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "library.h"

#include <string.h>

#include "names.h"

#define GROUP "library"

static const char *const known_keys[] = {
  "namespace", "type-prefix",  "function-prefix", "file-prefix",    "error-take",
  "runtime",   "availability", "version-header",  "private-header", "core-header",
  "umbrella",  "guards",       "error-type",      "include-dir",    NULL,
};

static gboolean
library_check_keys (GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP, NULL, error);

  if (keys == NULL)
    return FALSE;
  for (char **group = groups; *group != NULL; group++)
    if (strcmp (*group, GROUP) != 0)
      {
        g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                     "group '%s' is not known; there is only '" GROUP "'", *group);
        return FALSE;
      }
  for (char **key = keys; *key != NULL; key++)
    if (!g_strv_contains (known_keys, *key))
      {
        g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                     "key '%s' is not known", *key);
        return FALSE;
      }
  return TRUE;
}

/* The value of `key`, or else `fallback`, which is taken over. */
static char *
library_get (GKeyFile *file, const char *key, char *fallback)
{
  char *value = g_key_file_get_string (file, GROUP, key, NULL);

  if (value == NULL)
    return fallback;
  g_free (fallback);
  return value;
}

static void
library_load_names (BgLibrary *library, GKeyFile *file)
{
  library->type_prefix = library_get (file, "type-prefix", g_strdup (library->namespace));
  library->function_prefix =
      library_get (file, "function-prefix", bg_name_snake (library->type_prefix));
  library->constant_prefix = bg_name_upper (library->function_prefix);
  library->file_prefix =
      library_get (file, "file-prefix", bg_name_replace (library->function_prefix, '_', '-'));
  library->error_take =
      library_get (file, "error-take", g_strconcat (library->function_prefix, "_error_take", NULL));
  library->runtime =
      library_get (file, "runtime", g_strconcat (library->file_prefix, "-call", NULL));
  library->runtime_prefix = bg_name_replace (library->runtime, '-', '_');
  library->runtime_type = bg_name_camel (library->runtime_prefix);
}

static void
library_load_headers (BgLibrary *library, GKeyFile *file)
{
  library->availability = library_get (file, "availability", g_strdup (""));
  library->version_header = library_get (file, "version-header", NULL);
  library->private_header =
      library_get (file, "private-header", g_strconcat (library->file_prefix, "-private.h", NULL));
  library->core_header = library_get (file, "core-header", NULL);
  library->include_dir = library_get (file, "include-dir", NULL);
  library->umbrella = library_get (file, "umbrella", NULL);
  library->guards = g_key_file_get_string_list (file, GROUP, "guards", NULL, NULL);
  library->error_type = library_get (file, "error-type", NULL);
}

BgLibrary *
bg_library_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  BgLibrary *library = NULL;

  if (g_file_get_contents (path, &text, NULL, error))
    library = bg_library_parse (text, error);
  if (library == NULL)
    g_prefix_error (error, "%s: ", path);
  return library;
}

BgLibrary *
bg_library_parse (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (BgLibrary) library = g_new0 (BgLibrary, 1);

  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, error)
      || !library_check_keys (file, error))
    return NULL;
  library->namespace = g_key_file_get_string (file, GROUP, "namespace", error);
  if (library->namespace == NULL)
    return NULL;
  library_load_names (library, file);
  library_load_headers (library, file);
  return g_steal_pointer (&library);
}

void
bg_library_complete (BgLibrary *library, const BgApi *api)
{
  if (library->core_header == NULL)
    library->core_header = g_strconcat (api->symbol_prefix, ".h", NULL);
  if (library->error_type == NULL)
    library->error_type = g_strconcat (api->type_prefix, "Error", NULL);
}

void
bg_library_free (BgLibrary *library)
{
  if (library == NULL)
    return;
  g_free (library->namespace);
  g_free (library->type_prefix);
  g_free (library->function_prefix);
  g_free (library->constant_prefix);
  g_free (library->file_prefix);
  g_free (library->error_take);
  g_free (library->runtime);
  g_free (library->runtime_type);
  g_free (library->runtime_prefix);
  g_free (library->availability);
  g_free (library->version_header);
  g_free (library->private_header);
  g_free (library->core_header);
  g_free (library->include_dir);
  g_free (library->umbrella);
  g_strfreev (library->guards);
  g_free (library->version);
  g_free (library->error_type);
  g_free (library);
}
