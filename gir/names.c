/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "names.h"

/* A word begins at a capital behind a small letter or digit ("list|All"), and at
 * the last capital of a run that a small letter follows ("XML|Desc"). */
static gboolean
is_word_start (const char *camel, gsize i)
{
  if (i == 0 || !g_ascii_isupper (camel[i]))
    return FALSE;
  if (!g_ascii_isupper (camel[i - 1]))
    return camel[i - 1] != '_';
  return g_ascii_islower (camel[i + 1]);
}

char *
bg_name_snake (const char *camel)
{
  GString *snake = g_string_new (NULL);

  for (gsize i = 0; camel[i] != '\0'; i++)
    {
      if (is_word_start (camel, i))
        g_string_append_c (snake, '_');
      g_string_append_c (snake, g_ascii_tolower (camel[i]));
    }
  return g_string_free (snake, FALSE);
}

char *
bg_name_replace (const char *text, char what, char c)
{
  char *copy = g_strdup (text);

  for (char *p = copy; *p != '\0'; p++)
    if (*p == what)
      *p = c;
  return copy;
}

char *
bg_name_upper (const char *snake)
{
  return g_ascii_strup (snake, -1);
}

char *
bg_name_camel (const char *snake)
{
  GString *camel = g_string_new (NULL);
  gboolean capital = TRUE;

  for (const char *p = snake; *p != '\0'; p++)
    {
      if (*p != '_')
        g_string_append_c (camel, capital ? g_ascii_toupper (*p) : *p);
      capital = *p == '_';
    }
  return g_string_free (camel, FALSE);
}

gboolean
bg_name_is_identifier (const char *name)
{
  if (!g_ascii_isalpha (*name) && *name != '_')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && *name != '_')
      return FALSE;
  return TRUE;
}

gboolean
bg_name_is_reserved_argument (const char *name)
{
  static const char *const own[] = { "callback", "cancellable", "self", "user_data", NULL };
  static const char *const words[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "arguments",
    "as",
    "asm",
    "assert",
    "async",
    "auto",
    "await",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "debugger",
    "decltype",
    "def",
    "default",
    "del",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "elif",
    "else",
    "enum",
    "eval",
    "except",
    "explicit",
    "export",
    "extends",
    "extern",
    "false",
    "False",
    "finally",
    "float",
    "for",
    "friend",
    "from",
    "function",
    "global",
    "goto",
    "if",
    "implements",
    "import",
    "in",
    "inline",
    "instanceof",
    "int",
    "interface",
    "is",
    "lambda",
    "let",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "None",
    "nonlocal",
    "not",
    "not_eq",
    "null",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "package",
    "pass",
    "private",
    "protected",
    "public",
    "raise",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "super",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "True",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unsigned",
    "using",
    "var",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "with",
    "xor",
    "xor_eq",
    "yield",
    NULL,
  };

  return g_strv_contains (own, name) || g_strv_contains (words, name);
}

gboolean
bg_name_is_reserved_method (const char *name)
{
  static const char *const reserved[] = {
    "bind_property",
    "connect",
    "disconnect",
    "emit",
    "force_floating",
    "freeze_notify",
    "get_data",
    "get_property",
    "get_qdata",
    "get_type",
    "getv",
    "is_floating",
    "new",
    "notify",
    "notify_by_pspec",
    "ref",
    "ref_sink",
    "run_dispose",
    "set_data",
    "set_property",
    "steal_data",
    "steal_qdata",
    "thaw_notify",
    "unref",
    "watch_closure",
    NULL,
  };

  return g_strv_contains (reserved, name);
}
