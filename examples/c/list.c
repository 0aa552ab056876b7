/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists the domains (virtual machines) of a connection: state, disks, and how many checkpoints. */

#include <locale.h>
#include <vck/vck.h>

static gboolean
print_domain (VckDomain *domain, GError **error)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (VCK_TYPE_DOMAIN_STATE);
  g_autoptr (GPtrArray) disks = vck_domain_list_disks (domain, NULL, error);
  int n_checkpoints = disks != NULL ? vck_domain_count_checkpoints (domain, 0, NULL, error) : -1;

  if (n_checkpoints < 0)
    return FALSE;
  g_print ("%s: %s, disks:", vck_domain_get_name (domain),
           g_enum_get_value (states, (int) vck_domain_get_state (domain))->value_nick);
  for (guint i = 0; i < disks->len; i++)
    g_print (" %s", vck_disk_get_target (g_ptr_array_index (disks, i)));
  g_print ("%s, checkpoints: %d\n", disks->len == 0 ? " none" : "", n_checkpoints);
  return TRUE;
}

static gboolean
print_connection (const char *uri, GError **error)
{
  g_autoptr (VckConnection) connection =
      vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, error);
  g_autoptr (GPtrArray) domains = NULL;

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
  g_printerr ("list: %s\n", error->message);
  return 1;
}
