/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "docs.h"
#include "emit.h"
#include "enum-names.h"

#include <string.h>

/* The last bit of an int is its sign. */
static char *
emit_value_text (const BgEnum *enumeration, gint64 value)
{
  if (enumeration->flags && value == (gint64) 1 << 31)
    return g_strdup ("(int) (1u << 31)");
  if (value > G_MAXINT32)
    return g_strdup_printf ("(int) 0x%xu", (guint) value);
  if (enumeration->flags && value > 0 && (value & (value - 1)) == 0)
    return g_strdup_printf ("1 << %d", g_bit_nth_lsf ((gulong) value, -1));
  return g_strdup_printf ("%" G_GINT64_FORMAT, value);
}

static void
emit_doc (GString *out, BgModel *model, const BgEnum *enumeration)
{
  const BgSymbol *symbol = enumeration->symbol;
  g_autofree char *none = bg_enum_none_name (model, enumeration);
  g_autofree char *doc = bg_docs_rewrite (model, NULL, symbol->doc != NULL ? symbol->doc : "");
  g_autofree char *filled = bg_docs_fill (doc, BG_DOC_COLUMNS, "");

  g_string_append_printf (out, "\n/**\n * %s:\n", enumeration->type);
  if (none != NULL)
    g_string_append_printf (out, " * @%s: no flag\n", none);
  for (guint i = 0; i < enumeration->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (enumeration->members, i);
      g_autofree char *name = bg_enum_member_name (model, member);
      g_autofree char *text = bg_docs_rewrite (model, NULL, member->doc != NULL ? member->doc : "");
      g_autofree char *line = g_strdup_printf ("@%s: %s", name, text);
      g_autofree char *lines = bg_docs_fill (line, BG_DOC_COLUMNS, "  ");

      bg_write_comment (out, lines);
    }
  g_string_append (out, " *\n");
  bg_write_comment (out, filled);
  if (symbol->since != NULL)
    g_string_append_printf (out, " *\n * Since: %s\n", symbol->since);
  g_string_append (out, " */\n");
}

static void
emit_type (GString *out, BgModel *model, const BgEnum *enumeration)
{
  const BgSymbol *symbol = enumeration->symbol;
  g_autofree char *get_type = g_strconcat (enumeration->prefix, "_get_type", NULL);
  g_autofree char *none = bg_enum_none_name (model, enumeration);

  emit_doc (out, model, enumeration);
  g_string_append (out, "typedef enum\n{\n");
  if (none != NULL)
    g_string_append_printf (out, "  %s = 0,\n", none);
  for (guint i = 0; i < enumeration->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (enumeration->members, i);
      g_autofree char *name = bg_enum_member_name (model, member);
      g_autofree char *value = emit_value_text (enumeration, member->value);

      g_string_append_printf (out, "  %s = %s,\n", name, value);
    }
  g_string_append_printf (out, "} %s;\n\n#define %s (%s ())\n\n", enumeration->type,
                          enumeration->gtype, get_type);
  bg_emit_availability (out, model->library, symbol->since);
  g_string_append_printf (out, "GType %s (void) G_GNUC_CONST;\n", get_type);
}

char *
bg_emit_enums_header (BgModel *model)
{
  GString *out = g_string_new (NULL);

  bg_emit_banner (out, "Enumerations and flags.");
  bg_emit_guard (out, model->library);
  g_string_append (out, "#include <glib-object.h>\n");
  if (*model->library->availability != '\0')
    {
      g_autofree char *versions = g_strconcat (model->library->file_prefix, "-versions.h", NULL);

      g_string_append_c (out, '\n');
      bg_emit_include (out, model->library, versions);
    }
  g_string_append (out, "\nG_BEGIN_DECLS\n");
  for (guint i = 0; i < model->enums->len; i++)
    emit_type (out, model, g_ptr_array_index (model->enums, i));
  g_string_append (out, "\nG_END_DECLS\n");
  bg_emit_operators (out, model);
  return g_string_free (out, FALSE);
}

static void
emit_get_type (GString *out, const BgModel *model, const BgEnum *enumeration)
{
  const BgSymbol *symbol = enumeration->symbol;
  g_autofree char *none = bg_enum_none_name (model, enumeration);

  g_string_append_printf (out, "\n/* %s */\nG_DEFINE_%s_TYPE (%s, %s", symbol->name,
                          enumeration->flags ? "FLAGS" : "ENUM", enumeration->type,
                          enumeration->prefix);
  if (none != NULL)
    g_string_append_printf (out, ",\n  G_DEFINE_ENUM_VALUE (%s, \"none\")", none);
  for (guint i = 0; i < enumeration->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (enumeration->members, i);
      g_autofree char *name = bg_enum_member_name (model, member);

      g_autofree char *nick = bg_enum_member_nick (model, enumeration, member);

      g_string_append_printf (out, ",\n  G_DEFINE_ENUM_VALUE (%s, \"%s\")", name, nick);
    }
  g_string_append (out, ")\n\n");
  for (guint i = 0; i < enumeration->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (enumeration->members, i);
      g_autofree char *name = bg_enum_member_name (model, member);

      gboolean wide =
          strlen (name) + strlen (member->name) + strlen ("G_STATIC_ASSERT ((int)  == (int) );")
          > BG_COLUMNS;

      g_string_append_printf (out, "G_STATIC_ASSERT ((int) %s%s== (int) %s);\n", name,
                              wide ? "\n                 " : " ", member->name);
    }
}

char *
bg_emit_enums_source (const BgModel *model)
{
  const BgLibrary *library = model->library;
  GString *out = g_string_new (NULL);
  g_autofree char *header = g_strconcat (library->file_prefix, "-enums.h", NULL);

  bg_emit_banner (out, "Enumerations and flags.");
  bg_emit_include (out, library, header);
  g_string_append_printf (out, "\n#include \"%s\"\n", library->core_header);
  for (guint i = 0; i < model->enums->len; i++)
    emit_get_type (out, model, g_ptr_array_index (model->enums, i));
  return g_string_free (out, FALSE);
}
