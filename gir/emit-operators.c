/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

/* What {P} stands for is the prefix of the library's macros. "~" has no bit that no flag has: the
 * type has no such value in C++. */
static const char opening[] =
    "\n"
    "#ifndef __GI_SCANNER__\n"
    "#if defined(__cplusplus) && __cplusplus >= 201103L\n"
    "\n"
    "/* In C++, flags combine to flags of their type. */\n"
    "#define {P}_FLAGS_OPERATORS(Flags, all) \\\n"
    "  constexpr Flags operator| (Flags a, Flags b) \\\n"
    "  { \\\n"
    "    return static_cast<Flags> (static_cast<unsigned> (a) | static_cast<unsigned> (b)); \\\n"
    "  } \\\n"
    "  constexpr Flags operator& (Flags a, Flags b) \\\n"
    "  { \\\n"
    "    return static_cast<Flags> (static_cast<unsigned> (a) & static_cast<unsigned> (b)); \\\n"
    "  } \\\n"
    "  constexpr Flags operator^ (Flags a, Flags b) \\\n"
    "  { \\\n"
    "    return static_cast<Flags> (static_cast<unsigned> (a) ^ static_cast<unsigned> (b)); \\\n"
    "  } \\\n"
    "  constexpr Flags operator~ (Flags a) \\\n"
    "  { \\\n"
    "    return static_cast<Flags> (~static_cast<unsigned> (a) & (all)); \\\n"
    "  } \\\n"
    "  inline Flags &operator|= (Flags &a, Flags b) { return a = a | b; } \\\n"
    "  inline Flags &operator&= (Flags &a, Flags b) { return a = a & b; } \\\n"
    "  inline Flags &operator^= (Flags &a, Flags b) { return a = a ^ b; }\n"
    "\n"
    "extern \"C++\" {\n";

static const char closing[] = "}\n"
                              "\n"
                              "#undef {P}_FLAGS_OPERATORS\n"
                              "\n"
                              "#endif\n"
                              "#endif\n";

static guint
emit_all_flags (const BgEnum *enumeration)
{
  guint all = 0;

  for (guint i = 0; i < enumeration->members->len; i++)
    all |= (guint) ((const BgMember *) g_ptr_array_index (enumeration->members, i))->value;
  return all;
}

static gboolean
has_flags (const BgModel *model)
{
  for (guint i = 0; i < model->enums->len; i++)
    if (((const BgEnum *) g_ptr_array_index (model->enums, i))->flags)
      return TRUE;
  return FALSE;
}

void
bg_emit_operators (GString *out, const BgModel *model)
{
  const char *const pairs[] = { "P", model->library->constant_prefix, NULL };
  g_autofree char *head = bg_expand (opening, pairs);
  g_autofree char *tail = bg_expand (closing, pairs);

  if (!has_flags (model))
    return;
  g_string_append (out, head);
  for (guint i = 0; i < model->enums->len; i++)
    {
      const BgEnum *enumeration = g_ptr_array_index (model->enums, i);

      if (enumeration->flags)
        g_string_append_printf (out, "%s_FLAGS_OPERATORS (%s, 0x%xu)\n",
                                model->library->constant_prefix, enumeration->type,
                                emit_all_flags (enumeration));
    }
  g_string_append (out, tail);
}
