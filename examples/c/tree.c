/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints the domains (virtual machines) of a connection and their checkpoints as a tree. */

#include <locale.h>
#include <vck/vck.h>

/* One list of siblings per level, so that a chain of any length can be printed. */
static gboolean
print_checkpoints (VckDomain *domain, GError **error)
{
  g_autoptr (GPtrArray) levels =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  GPtrArray *siblings =
      vck_domain_list_checkpoints (domain, VCK_CHECKPOINT_LIST_ROOTS, NULL, error);

  while (siblings != NULL)
    {
      g_autoptr (VckCheckpoint) checkpoint = NULL;

      g_ptr_array_add (levels, siblings);
      while (siblings->len == 0)
        {
          g_ptr_array_set_size (levels, (int) levels->len - 1);
          if (levels->len == 0)
            return TRUE;
          siblings = g_ptr_array_index (levels, levels->len - 1);
        }
      checkpoint = g_ptr_array_steal_index (siblings, 0);
      g_print ("%*s%s\n", (int) (2 * levels->len), "", vck_checkpoint_get_name (checkpoint));
      siblings = vck_checkpoint_list_children (checkpoint, 0, NULL, error);
    }
  return FALSE;
}

static gboolean
print_connection (const char *uri, GError **error)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (VCK_TYPE_DOMAIN_STATE);
  g_autoptr (VckConnection) connection =
      vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, error);
  g_autoptr (GPtrArray) domains = NULL;

  if (connection != NULL)
    domains = vck_connection_list_domains (connection, 0, NULL, error);
  for (guint i = 0; domains != NULL && i < domains->len; i++)
    {
      VckDomain *domain = g_ptr_array_index (domains, i);
      GEnumValue *state = g_enum_get_value (states, (int) vck_domain_get_state (domain));

      g_print ("%s (%s)\n", vck_domain_get_name (domain), state->value_nick);
      if (!print_checkpoints (domain, error))
        return FALSE;
    }
  return domains != NULL;
}

int
main (int argc, char **argv)
{
  const gboolean help = argc == 2 && g_str_equal (argv[1], "--help");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
    {
      (help ? g_print : g_printerr) ("usage: %s [URI]\n", argv[0]);
      return help ? 0 : 1;
    }
  if (print_connection (argv[1], &error))
    return 0;
  g_printerr ("tree: %s\n", error->message);
  return 1;
}
