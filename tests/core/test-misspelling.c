/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which words count as another one that was meant. */

#include <glib.h>

#include "base/misspelling.h"

static void
test_meant (void)
{
  const char *const texts[] = { "loacl", "locale", "lokal", "ocal", "llocall", "lcoal", "olcla" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (vckc_is_misspelling (texts[i], "local"));
  g_assert_true (vckc_is_misspelling ("memroy", "memory"));
  g_assert_true (vckc_is_misspelling ("emroy", "memory"));
}

static void
test_not_meant (void)
{
  const char *const texts[] = { "local", "",     "a",    "loc",         "lxc",
                                "qemu",  "test", "vbox", "bolocalized", "a-text-of-20-letters" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (vckc_is_misspelling (texts[i], "local"));
  g_assert_false (vckc_is_misspelling ("local", "a-text-of-20-letters"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/misspelling/meant", test_meant);
  g_test_add_func ("/misspelling/not-meant", test_not_meant);
  return g_test_run ();
}
