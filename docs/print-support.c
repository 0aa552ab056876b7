/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* print-support PAGE: the page, with the table of what each driver supports instead of
 * @SUPPORT@. */

#include <stdio.h>

#include <glib.h>

#include "api/driver-features.h"

int
main (int argc, char **argv)
{
  g_autofree char *table = vckc_support_format ();
  g_autoptr (GString) page = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (argc != 2 || !g_file_get_contents (argv[1], &text, NULL, &error))
    {
      g_printerr ("print-support: %s\n", error != NULL ? error->message : "give one page");
      return 1;
    }
  g_string_assign (page, text);
  g_string_replace (page, "@SUPPORT@\n", table, 1);
  fputs (page->str, stdout);
  return 0;
}
