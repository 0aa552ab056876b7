/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vck/vck.h>

/* Exits with 0 if the library works. */
int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection =
      vck_connection_open ("memory:///consumer", VCK_CONNECTION_READ_ONLY, NULL, &error);
  g_autoptr (VckDomain) domain = NULL;

  if (connection != NULL)
    domain = vck_connection_lookup_domain_by_name (connection, "test", NULL, &error);
  if (domain == NULL || !VCK_CHECK_VERSION (1, 0, 0))
    return 1;
  g_clear_object (&domain);
  domain = vck_connection_lookup_domain_by_name (connection, "none", NULL, &error);
  return domain == NULL && g_error_matches (error, VCK_ERROR, VCK_ERROR_NO_DOMAIN) ? 0 : 1;
}
