/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <vck/vck.h>

constexpr VckCheckpointListFlags both = VCK_CHECKPOINT_LIST_ROOTS | VCK_CHECKPOINT_LIST_TOPOLOGICAL;
static_assert ((both & ~VCK_CHECKPOINT_LIST_ROOTS) == VCK_CHECKPOINT_LIST_TOPOLOGICAL, "flags");

// The checkpoints of the domain that have no parent, -1 on failure.
static int
count_roots (VckConnection *connection, GError **error)
{
  VckCheckpointListFlags flags = VCK_CHECKPOINT_LIST_NONE;
  VckDomain *domain = vck_connection_lookup_domain_by_name (connection, "test", nullptr, error);
  int count = -1;

  flags |= both;
  if (domain != nullptr)
    count = vck_domain_count_checkpoints (domain, flags & ~VCK_CHECKPOINT_LIST_TOPOLOGICAL, nullptr, error);
  g_clear_object (&domain);
  return count;
}

// Exits with 0 if the library works.
int
main ()
{
  GError *error = nullptr;
  int count = 0;
  VckConnection *connection
      = vck_connection_open ("memory:///consumer", VCK_CONNECTION_READ_ONLY, nullptr, &error);

  if (connection == nullptr)
    return 1;
  count = count_roots (connection, &error);
  g_object_unref (connection);
  return count == 0 && vck_check_version (1, 0, 0) ? 0 : 1;
}
