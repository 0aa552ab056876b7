/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "enum-names.h"

#include <string.h>

#include "names.h"

char *
bg_enum_member_name (const BgModel *model, const BgMember *member)
{
  gsize prefix = strlen (model->api->symbol_prefix);

  return g_strconcat (model->library->constant_prefix, member->name + prefix, NULL);
}

/* VckDomainListFlags -> "DOMAIN_LIST_" */
static char *
enum_member_prefix (const BgModel *model, const BgEnum *enumeration)
{
  g_autofree char *snake = bg_name_snake (enumeration->type + strlen (model->library->type_prefix));
  g_autofree char *upper = bg_name_upper (snake);

  if (g_str_has_suffix (upper, "_FLAGS"))
    upper[strlen (upper) - strlen ("_FLAGS")] = '\0';
  return g_strconcat (upper, "_", NULL);
}

char *
bg_enum_none_name (const BgModel *model, const BgEnum *enumeration)
{
  const GPtrArray *members = enumeration->members;
  g_autofree char *prefix = NULL;

  if (!enumeration->flags)
    return NULL;
  for (guint i = 0; i < members->len; i++)
    if (((const BgMember *) g_ptr_array_index (members, i))->value == 0)
      return NULL;
  prefix = enum_member_prefix (model, enumeration);
  return g_strconcat (model->library->constant_prefix, "_", prefix, "NONE", NULL);
}

char *
bg_enum_member_nick (const BgModel *model, const BgEnum *enumeration, const BgMember *member)
{
  g_autofree char *core = bg_name_upper (model->api->symbol_prefix);
  g_autofree char *members = enum_member_prefix (model, enumeration);
  g_autofree char *prefix = g_strdup_printf ("%s_%s", core, members);
  char *nick = NULL;

  if (!g_str_has_prefix (member->name, prefix))
    return g_strdup (member->nick);
  nick = g_ascii_strdown (member->name + strlen (prefix), -1);
  return g_strdelimit (nick, "_", '-');
}
