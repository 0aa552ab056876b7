/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The texts of checkpoints that the store of `memory:` keeps come back as they were. */

#include <glib.h>

#include "drivers/memory/memory-text.h"

#define HEAD "<domaincheckpoint>\n  <name>c</name>"
#define DEFINITION "\n  <domain type='test'>\n    <name>d</name>\n  </domain>\n</domaincheckpoint>"
#define DISK "\n<?vck-disk name='vda' capacity='1'?>"
#define UUID "\n<?vck-checkpoint uuid='7b4f2a52-3f0e-4d7c-9a61-0c1d5f6e8a90'?>\n"

static const char *const texts[] = {
  "",
  "\n",
  HEAD,
  HEAD DEFINITION,
  HEAD DEFINITION DISK,
  HEAD DEFINITION DISK UUID,
  HEAD DEFINITION DISK UUID UUID,
  HEAD DEFINITION UUID,
  HEAD DEFINITION "\n<?vck-disk name='vdb' capacity='2'?>" UUID,
  UUID HEAD DEFINITION DISK,
  HEAD DEFINITION DEFINITION UUID,
  DEFINITION UUID,
  "\n  <domain",
};

static void
assert_text (const VckcMemoryText *text, const char *expected)
{
  g_autofree char *copy = vckc_memory_text_copy (text);

  g_assert_cmpstr (copy, ==, expected);
}

static void
test_alone (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      VckcMemoryText *text = vckc_memory_text_new (texts[i], NULL);

      assert_text (text, texts[i]);
      vckc_memory_text_free (text);
    }
}

/* Each beside each, whichever is freed first. */
static void
test_beside_another (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        VckcMemoryText *last = vckc_memory_text_new (texts[i], NULL);
        VckcMemoryText *text = vckc_memory_text_new (texts[j], last);

        assert_text (last, texts[i]);
        assert_text (text, texts[j]);
        vckc_memory_text_free (last);
        assert_text (text, texts[j]);
        vckc_memory_text_free (text);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-text/alone", test_alone);
  g_test_add_func ("/memory-text/beside-another", test_beside_another);
  return g_test_run ();
}
