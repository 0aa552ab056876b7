/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Prints the domains (virtual machines) of a connection and their checkpoints as a tree.
 *
 * Usage: tree [URI]
 */

#include <locale.h>
#include <vck/vck.h>

/* Prints one checkpoint and returns its children. */
static GPtrArray *
print_checkpoint (VckCheckpoint *checkpoint, guint level, GError **error)
{
  g_print ("%*s%s\n", (int) (2 * level), "", vck_checkpoint_get_name (checkpoint));
  return vck_checkpoint_list_children (checkpoint, 0, NULL, error);
}

static gboolean
print_checkpoints (VckDomain *domain, GError **error)
{
  /* One list of siblings per level, so that a chain of any length can be printed. */
  g_autoptr (GPtrArray) levels =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  GPtrArray *siblings;

  siblings = vck_domain_list_checkpoints (domain, VCK_CHECKPOINT_LIST_ROOTS, NULL, error);
  if (siblings == NULL)
    return FALSE;
  g_ptr_array_add (levels, siblings);

  while (levels->len > 0)
    {
      g_autoptr (VckCheckpoint) checkpoint = NULL;

      siblings = g_ptr_array_index (levels, levels->len - 1);
      if (siblings->len == 0)
        {
          g_ptr_array_set_size (levels, (int) levels->len - 1);
          continue;
        }
      checkpoint = g_ptr_array_steal_index (siblings, 0);
      siblings = print_checkpoint (checkpoint, levels->len, error);
      if (siblings == NULL)
        return FALSE;
      g_ptr_array_add (levels, siblings);
    }
  return TRUE;
}

static gboolean
print_domain (VckDomain *domain, GError **error)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (VCK_TYPE_DOMAIN_STATE);
  GEnumValue *state = g_enum_get_value (states, (int) vck_domain_get_state (domain));

  g_print ("%s (%s)\n", vck_domain_get_name (domain), state->value_nick);
  return print_checkpoints (domain, error);
}

static gboolean
print_connection (const char *uri, GError **error)
{
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (GPtrArray) domains = NULL;

  connection = vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, error);
  if (connection == NULL)
    return FALSE;
  domains = vck_connection_list_domains (connection, 0, NULL, error);
  if (domains == NULL)
    return FALSE;
  for (guint i = 0; i < domains->len; i++)
    {
      if (!print_domain (g_ptr_array_index (domains, i), error))
        return FALSE;
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
    {
      g_printerr ("usage: %s [URI]\n", argv[0]);
      return 1;
    }
  if (!print_connection (argc > 1 ? argv[1] : NULL, &error))
    {
      g_printerr ("tree: %s\n", error->message);
      return 1;
    }
  return 0;
}
