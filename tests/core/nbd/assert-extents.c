/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "assert-extents.h"

#include "../local/assert-error.h"

GArray *
read_extents (VckcExtentReader *reader)
{
  GArray *extents = vckc_extents_new ();
  VckcError *error = NULL;
  bool end = false;

  while (!end)
    assert_ok (vckc_extent_reader_next (reader, extents, &end, &error), error);
  return extents;
}

void
assert_extents (const GArray *extents, const GArray *expected)
{
  for (guint i = 0; i < MIN (extents->len, expected->len); i++)
    {
      const VckcExtent *a = &g_array_index (extents, VckcExtent, i);
      const VckcExtent *b = &g_array_index (expected, VckcExtent, i);

      g_assert_cmpuint (a->offset, ==, b->offset);
      g_assert_cmpuint (a->length, ==, b->length);
      g_assert_cmpuint (a->flags, ==, b->flags);
    }
  g_assert_cmpuint (extents->len, ==, expected->len);
}
