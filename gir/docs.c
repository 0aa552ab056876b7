/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "docs.h"

#include <string.h>

#include "names.h"
#include "roles.h"

typedef struct
{
  BgModel *model;
  const BgMethod *method; /* (nullable) */
  GString *out;
} Rewrite;

static gsize
docs_identifier_length (const char *text)
{
  gsize length = 0;

  while (g_ascii_isalnum (text[length]) || text[length] == '_')
    length++;
  return length;
}

static void
docs_note_bad_link (Rewrite *rewrite, const char *name)
{
  GPtrArray *list = rewrite->model->bad_links;
  const char *where = rewrite->method != NULL ? rewrite->method->symbol->name : "an enum";
  g_autofree char *text = g_strdup_printf ("%s in the documentation of %s", name, where);

  if (!g_ptr_array_find_with_equal_func (list, text, g_str_equal, NULL))
    g_ptr_array_add (list, g_steal_pointer (&text));
}

static const char *
docs_enum_link_word (const BgEnum *enumeration)
{
  if (enumeration->error)
    return "error";
  return enumeration->flags ? "flags" : "enum";
}

static const BgClass *
docs_class_of_type (const BgModel *model, const char *name)
{
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);

  return symbol != NULL && symbol->kind == BG_SYMBOL_RECORD
             ? bg_model_class (model, symbol->gir_name)
             : NULL;
}

static const BgBoxed *
docs_boxed_of_type (const BgModel *model, const char *name)
{
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);

  return symbol != NULL && symbol->kind == BG_SYMBOL_RECORD
             ? bg_model_boxed (model, symbol->gir_name)
             : NULL;
}

static const BgEnum *
docs_enum_of_type (const BgModel *model, const char *name)
{
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);

  return symbol != NULL && (symbol->kind == BG_SYMBOL_ENUM || symbol->kind == BG_SYMBOL_FLAGS)
             ? bg_model_enum (model, symbol->gir_name)
             : NULL;
}

char *
bg_docs_method_link (const BgModel *model, const BgMethod *method)
{
  return g_strdup_printf ("[%s@%s.%s.%s]", method->is_static ? "func" : "method",
                          model->library->namespace, method->owner->name, method->name);
}

/* A hand-written function is a method unless its core function takes no handle. */
static char *
docs_hand_link (const BgModel *model, const BgBinding *binding)
{
  const BgParam *first =
      binding->symbol->params->len > 0 ? g_ptr_array_index (binding->symbol->params, 0) : NULL;
  gboolean is_method = first != NULL && bg_model_class (model, first->type->name) != NULL;
  const char *prefix = binding->owner->prefix;
  const char *name = binding->hand;

  if (g_str_has_prefix (name, prefix) && name[strlen (prefix)] == '_')
    name += strlen (prefix) + 1;
  return g_strdup_printf ("[%s@%s.%s.%s]", is_method ? "method" : "func", model->library->namespace,
                          binding->owner->name, name);
}

static void
docs_rewrite_function (Rewrite *rewrite, const char *name)
{
  const BgModel *model = rewrite->model;
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);
  const BgBinding *binding = symbol != NULL ? bg_model_binding (model, symbol) : NULL;
  g_autofree char *link = NULL;

  if (binding != NULL && binding->hand != NULL)
    link = docs_hand_link (model, binding);
  else if (binding != NULL && binding->methods->len > 0)
    link = bg_docs_method_link (model, g_ptr_array_index (binding->methods, 0));
  else
    {
      link = g_strdup_printf ("`%s()`", name);
      docs_note_bad_link (rewrite, link);
    }
  g_string_append (rewrite->out, link);
}

static gboolean
docs_has_member (const BgEnum *enumeration, const char *name)
{
  for (guint i = 0; i < enumeration->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (enumeration->members, i);

      if (strcmp (member->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
docs_rewrite_constant (Rewrite *rewrite, const char *name)
{
  const BgModel *model = rewrite->model;
  g_autofree char *upper = bg_name_upper (model->api->symbol_prefix);
  gboolean found = FALSE;
  gboolean cancelled = FALSE;

  if (!g_str_has_prefix (name, upper) || name[strlen (upper)] != '_')
    {
      g_string_append_printf (rewrite->out, "%%%s", name);
      return;
    }
  for (guint i = 0; i < model->enums->len && !found && !cancelled; i++)
    {
      const BgEnum *enumeration = g_ptr_array_index (model->enums, i);

      found = docs_has_member (enumeration, name);
      cancelled = g_strcmp0 (enumeration->cancelled, name) == 0;
    }
  if (cancelled)
    {
      g_string_append (rewrite->out, "%G_IO_ERROR_CANCELLED");
      return;
    }
  if (found)
    {
      g_string_append_printf (rewrite->out, "%%%s%s", model->library->constant_prefix,
                              name + strlen (upper));
      return;
    }
  g_string_append_printf (rewrite->out, "`%s`", name);
  docs_note_bad_link (rewrite, name);
}

static gboolean
docs_rewrite_type (Rewrite *rewrite, const char *name)
{
  const BgModel *model = rewrite->model;
  const BgClass *klass = docs_class_of_type (model, name);
  const BgBoxed *boxed = docs_boxed_of_type (model, name);
  const BgEnum *enumeration = docs_enum_of_type (model, name);

  if (klass != NULL)
    g_string_append_printf (rewrite->out, "[class@%s.%s]", model->library->namespace, klass->name);
  else if (boxed != NULL)
    g_string_append_printf (rewrite->out, "[struct@%s.%s]", model->library->namespace, boxed->name);
  else if (enumeration != NULL)
    g_string_append_printf (rewrite->out, "[%s@%s.%s]", docs_enum_link_word (enumeration),
                            model->library->namespace,
                            enumeration->type + strlen (model->library->type_prefix));
  else
    return FALSE;
  return TRUE;
}

static void
docs_rewrite_param (Rewrite *rewrite, const char *name)
{
  const BgMethod *method = rewrite->method;
  g_autofree char *error = method != NULL ? bg_method_own_name (method, "error") : NULL;
  const char *renamed = name;

  for (guint i = 0; method != NULL && i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (strcmp (arg->param->name, name) != 0)
        continue;
      renamed = arg->role == BG_ROLE_SELF ? "self" : arg->role == BG_ROLE_ERROR ? error : arg->name;
    }
  g_string_append_printf (rewrite->out, "@%s", renamed);
}

/* One identifier, with the sigil before it and the parentheses behind it. */
static const char *
docs_rewrite_word (Rewrite *rewrite, const char *p)
{
  char sigil = *p == '%' || *p == '@' || *p == '#' ? *p : '\0';
  const char *start = sigil != '\0' ? p + 1 : p;
  gsize length = docs_identifier_length (start);
  g_autofree char *name = g_strndup (start, length);
  g_autofree char *prefix = g_strconcat (rewrite->model->api->symbol_prefix, "_", NULL);

  if (length == 0)
    {
      g_string_append_c (rewrite->out, *p);
      return p + 1;
    }
  if (sigil == '%')
    docs_rewrite_constant (rewrite, name);
  else if (sigil == '@')
    docs_rewrite_param (rewrite, name);
  else if (g_str_has_prefix (name, prefix) && g_str_has_prefix (start + length, "()"))
    {
      docs_rewrite_function (rewrite, name);
      return start + length + 2;
    }
  else if (!docs_rewrite_type (rewrite, name))
    g_string_append_len (rewrite->out, p, (gssize) (start + length - p));
  return start + length;
}

char *
bg_docs_rewrite (BgModel *model, const BgMethod *method, const char *text)
{
  Rewrite rewrite = { model, method, g_string_new (NULL) };
  gboolean in_code = FALSE;

  for (const char *p = text; *p != '\0';)
    {
      if (*p == '`')
        in_code = !in_code;
      /* Together they would end the comment, or seem to begin another one. */
      if ((p[0] == '*' && p[1] == '/') || (p[0] == '/' && p[1] == '*'))
        {
          g_string_append_c (rewrite.out, *p++);
          g_string_append_c (rewrite.out, ' ');
        }
      else if (in_code || *p == '`')
        g_string_append_c (rewrite.out, *p++);
      else
        p = docs_rewrite_word (&rewrite, p);
    }
  return g_string_free (rewrite.out, FALSE);
}

static gboolean
docs_mentions_out_param (const BgMethod *method, const char *sentence)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);
      g_autofree char *name = g_strconcat ("@", arg->param->name, NULL);

      if (arg->out && strstr (sentence, name) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Leaves out the sentences about parameters that the method does not have. */
static char *
docs_drop_sentences (const BgMethod *method, const char *paragraph)
{
  GString *kept = g_string_new (NULL);
  const char *start = paragraph;

  while (*start != '\0')
    {
      const char *end = strpbrk (start, ".");
      g_autofree char *sentence = NULL;

      while (end != NULL && end[1] != ' ' && end[1] != '\n' && end[1] != '\0')
        end = strpbrk (end + 1, ".");
      end = end != NULL ? end + 1 : start + strlen (start);
      while (*end == ' ' || *end == '\n')
        end++;
      sentence = g_strndup (start, (gsize) (end - start));
      if (!docs_mentions_out_param (method, sentence))
        g_string_append (kept, sentence);
      start = end;
    }
  return g_strchomp (g_string_free (kept, FALSE));
}

static gboolean
docs_concerns (const BgMethod *method, const char *paragraph)
{
  return method->mode != BG_MODE_LOCAL || !g_str_has_prefix (paragraph, "Fails with");
}

char *
bg_docs_description (BgModel *model, const BgMethod *method)
{
  const char *doc = method->symbol->doc != NULL ? method->symbol->doc : "";
  g_auto (GStrv) paragraphs = g_strsplit (doc, "\n\n", -1);
  GString *kept = g_string_new (NULL);

  for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++)
    {
      g_autofree char *text = docs_drop_sentences (method, *paragraph);
      g_autofree char *rewritten = NULL;

      if (*text == '\0' || !docs_concerns (method, text))
        continue;
      rewritten = bg_docs_rewrite (model, method, text);
      if (kept->len > 0)
        g_string_append (kept, "\n\n");
      g_string_append (kept, rewritten);
    }
  return g_string_free (kept, FALSE);
}

/* Cuts off ", or -1 on failure": what the method returns then is its own affair. */
static void
docs_cut_failure (char *text)
{
  char *clause = g_strrstr (text, ", or ");

  if (clause != NULL && g_str_has_suffix (g_strchomp (text), " on failure"))
    *clause = '\0';
}

/* A local method returns what the core returns, whatever that means. */
static char *
docs_add_failure (const BgMethod *method, char *text)
{
  const BgRole role = method->result->role;
  g_autofree char *value = NULL;
  g_autofree char *core_text = text;

  if (method->mode == BG_MODE_LOCAL)
    return g_steal_pointer (&core_text);
  docs_cut_failure (core_text);
  if (role != BG_ROLE_NUMBER && role != BG_ROLE_COUNT)
    return g_steal_pointer (&core_text);
  value = bg_role_result (method, BG_RESULT_FAILURE, NULL);
  return g_strdup_printf ("%s, or %s on failure", core_text, value);
}

char *
bg_docs_result (BgModel *model, const BgMethod *method)
{
  static const char phrase[] = "return location for ";
  const BgArg *result = method->result;
  g_autofree char *doc = NULL;
  const char *text = NULL;

  if (result->role == BG_ROLE_STATUS)
    {
      g_autofree char *error = bg_method_own_name (method, "error");

      return g_strdup_printf ("%%TRUE on success, %%FALSE with @%s set otherwise", error);
    }
  doc = g_strdup (result->param->doc != NULL ? result->param->doc : "");
  text = g_strdelimit (doc, "\n", ' ');
  if (g_str_has_prefix (text, "return   location for "))
    text += strlen ("return   location for ");
  else if (g_str_has_prefix (text, phrase))
    text += strlen (phrase);
  return docs_add_failure (method, bg_docs_rewrite (model, method, text));
}

static void
docs_fill_words (GString *out, const char *text, guint width, const char *indent)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  gsize column = 0;
  gboolean first = TRUE;

  for (char **word = words; *word != NULL; word++)
    {
      gsize length = (gsize) g_utf8_strlen (*word, -1);

      if (length == 0)
        continue;
      if (!first && column + 1 + length > width)
        {
          g_string_append_printf (out, "\n%s", indent);
          column = strlen (indent);
        }
      else if (!first)
        {
          g_string_append_c (out, ' ');
          column++;
        }
      g_string_append (out, *word);
      column += length;
      first = FALSE;
    }
}

static gboolean
is_item (const char *line)
{
  return g_str_has_prefix (line, "- ") || g_str_has_prefix (line, "* ");
}

/* A paragraph, of which each line that begins with "- " is an item of its own. */
static void
docs_fill_paragraph (GString *out, const char *paragraph, guint width, const char *indent)
{
  g_auto (GStrv) lines = g_strsplit (paragraph, "\n", -1);
  g_autoptr (GString) block = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      if (is_item (*line) && block->len > 0)
        {
          docs_fill_words (out, block->str, width, is_item (block->str) ? "  " : indent);
          g_string_append_c (out, '\n');
          g_string_truncate (block, 0);
        }
      g_string_append_printf (block, "%s\n", *line);
    }
  docs_fill_words (out, block->str, width, is_item (block->str) ? "  " : indent);
}

char *
bg_docs_fill (const char *text, guint width, const char *indent)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);
  GString *out = g_string_new (NULL);
  gboolean in_code = FALSE;

  for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++)
    {
      gboolean fenced = g_str_has_prefix (*paragraph, "```") || g_str_has_prefix (*paragraph, "|[");

      if (out->len > 0)
        g_string_append (out, "\n\n");
      in_code |= fenced;
      if (in_code)
        g_string_append (out, *paragraph);
      else
        docs_fill_paragraph (out, *paragraph, width, indent);
      if (g_str_has_suffix (*paragraph, "```") || g_str_has_suffix (*paragraph, "]|"))
        in_code = FALSE;
    }
  return g_string_free (out, FALSE);
}
