/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api/driver-features.h"

#include <glib.h>

#include "api/driver-registry.h"

static VckcSupportTable questions = {
  [VCKC_SUPPORT_URI] = "",
  [VCKC_SUPPORT_DAEMON] = "Needs a daemon",
  [VCKC_SUPPORT_OTHER_HOSTS] = "Domains on other hosts",
  [VCKC_SUPPORT_AUTHENTICATE] = "Asks for names and passwords",
  [VCKC_SUPPORT_DOMAINS] = "Define, rename and undefine domains",
  [VCKC_SUPPORT_STATE] = "`state` follows the domain",
  [VCKC_SUPPORT_CREATE_RUNNING] = "Create, domain running",
  [VCKC_SUPPORT_CREATE_OFF] = "Create, domain off",
  [VCKC_SUPPORT_DELETE_RUNNING] = "Delete, domain running",
  [VCKC_SUPPORT_DELETE_OFF] = "Delete, domain off",
  [VCKC_SUPPORT_SIZE_RUNNING] = "Sizes, domain running",
  [VCKC_SUPPORT_SIZE_OFF] = "Sizes, domain off",
  [VCKC_SUPPORT_EXTENTS_RUNNING] = "Changed blocks, domain running",
  [VCKC_SUPPORT_EXTENTS_OFF] = "Changed blocks, domain off",
  [VCKC_SUPPORT_BACKUP_RUNNING] = "Backup jobs, domain running",
  [VCKC_SUPPORT_BACKUP_OFF] = "Backup jobs, domain off",
  [VCKC_SUPPORT_REPOSITORY] = "Backups into a repository",
  [VCKC_SUPPORT_QUIESCE] = "`QUIESCE`",
  [VCKC_SUPPORT_VALIDATE] = "`REDEFINE_VALIDATE`",
  [VCKC_SUPPORT_BITMAPS] = "List the bitmaps in the images",
  [VCKC_SUPPORT_VERIFY] = "Verify",
  [VCKC_SUPPORT_REPAIR] = "Repair",
  [VCKC_SUPPORT_TRANSFER] = "Export and import",
  [VCKC_SUPPORT_OWN_SIGNALS] = "Signals for changes made by this program",
  [VCKC_SUPPORT_OTHER_SIGNALS] = "Signals for changes made by other programs",
  [VCKC_SUPPORT_INTERRUPTED] = "An interrupted operation",
};

static void
append_row (GString *out, VckcSupport row)
{
  g_string_append_printf (out, "| %s |", questions[row]);
  for (guint i = 0; vckc_driver_get (i) != NULL; i++)
    g_string_append_printf (out, " %s |", (*vckc_driver_get (i)->support)[row]);
  g_string_append_c (out, '\n');
}

char *
vckc_support_format (void)
{
  GString *out = g_string_new (NULL);

  append_row (out, VCKC_SUPPORT_URI);
  g_string_append (out, "| --- |");
  for (guint i = 0; vckc_driver_get (i) != NULL; i++)
    g_string_append (out, " --- |");
  g_string_append_c (out, '\n');
  for (guint row = VCKC_SUPPORT_URI + 1; row < VCKC_N_SUPPORT; row++)
    append_row (out, row);
  return g_string_free (out, FALSE);
}
