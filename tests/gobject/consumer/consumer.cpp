/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vck/vck.h>

// Exits with 0 if the library works.
int
main ()
{
  GError *error = nullptr;
  VckConnection *connection
      = vck_connection_open ("memory:///consumer", VCK_CONNECTION_READ_ONLY, nullptr, &error);

  if (connection == nullptr)
    return 1;
  g_object_unref (connection);
  return 0;
}
