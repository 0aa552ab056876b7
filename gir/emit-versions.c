/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

#include "versions.h"

/* What {P} stands for is the prefix of the library's macros, {M} and {N} the version. */
static const char compiled[] = "\n"
                               "#define {P}_VERSION_{M}_{N} (G_ENCODE_VERSION ({M}, {N}))\n"
                               "\n"
                               "#if {P}_VERSION_MAX_ALLOWED < {P}_VERSION_{M}_{N}\n"
                               "#define {A}{M}_{N} {P}_UNAVAILABLE ({M}, {N})\n"
                               "#else\n"
                               "#define {A}{M}_{N} {P}_EXTERN\n"
                               "#endif\n"
                               "\n"
                               "#if {P}_VERSION_MIN_REQUIRED >= {P}_VERSION_{M}_{N}\n"
                               "#define {P}_DEPRECATED_IN_{M}_{N} {P}_DEPRECATED\n"
                               "#define {P}_DEPRECATED_IN_{M}_{N}_FOR(f) {P}_DEPRECATED_FOR (f)\n"
                               "#else\n"
                               "#define {P}_DEPRECATED_IN_{M}_{N} {P}_EXTERN\n"
                               "#define {P}_DEPRECATED_IN_{M}_{N}_FOR(f) {P}_EXTERN\n"
                               "#endif\n";

/* g-ir-scanner reads declarations and knows no attributes. What has arguments must be
 * documented. */
static const char scanned[] = "\n"
                              "#define {A}{M}_{N} extern\n"
                              "#define {P}_DEPRECATED_IN_{M}_{N} extern\n"
                              "/**\n"
                              " * {P}_DEPRECATED_IN_{M}_{N}_FOR: (skip)\n"
                              " * @f: the function to use instead\n"
                              " *\n"
                              " * Marks a function as deprecated since version {M}.{N}.\n"
                              " *\n"
                              " * Since: {M}.{N}\n"
                              " */\n"
                              "#define {P}_DEPRECATED_IN_{M}_{N}_FOR(f) extern\n";

static void
emit_version (GString *out, const BgLibrary *library, const BgVersion *version, const char *text)
{
  g_autofree char *major = g_strdup_printf ("%u", version->major);
  g_autofree char *minor = g_strdup_printf ("%u", version->minor);
  const char *const pairs[] = {
    "P", library->constant_prefix, "A", library->availability, "M", major, "N", minor, NULL,
  };
  g_autofree char *macros = bg_expand (text, pairs);

  g_string_append (out, macros);
}

char *
bg_emit_versions_header (const BgModel *model)
{
  const BgLibrary *library = model->library;
  g_autoptr (GArray) versions = bg_versions_new (model->api, library);
  GString *out = g_string_new (NULL);

  bg_emit_banner (out, "A set of macros for each version.");
  bg_emit_guard (out, library);
  if (library->version_header != NULL)
    {
      bg_emit_include (out, library, library->version_header);
      g_string_append_c (out, '\n');
    }
  g_string_append (out, "#ifndef __GI_SCANNER__\n");
  for (guint i = 0; i < versions->len; i++)
    emit_version (out, library, &g_array_index (versions, BgVersion, i), compiled);
  g_string_append_printf (out,
                          "\n#if %s_VERSION_MAX_ALLOWED < %s_VERSION_MIN_REQUIRED\n"
                          "#error \"%s_VERSION_MAX_ALLOWED must not be older than "
                          "%s_VERSION_MIN_REQUIRED\"\n#endif\n",
                          library->constant_prefix, library->constant_prefix,
                          library->constant_prefix, library->constant_prefix);
  g_string_append (out, "\n#else /* __GI_SCANNER__ */\n");
  for (guint i = 0; i < versions->len; i++)
    emit_version (out, library, &g_array_index (versions, BgVersion, i), scanned);
  g_string_append (out, "\n#endif\n");
  return g_string_free (out, FALSE);
}
