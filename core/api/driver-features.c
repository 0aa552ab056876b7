/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api/driver-features.h"

#include <glib.h>

#include "api/driver-registry.h"

static VckcSupportTable questions = {
  [VCKC_SUPPORT_URI] = "",
  [VCKC_SUPPORT_DAEMON] = "Needs a daemon",
  [VCKC_SUPPORT_OTHER_HOSTS] = "Machines on other hosts",
  [VCKC_SUPPORT_AUTHENTICATE] = "Asks for names and passwords",
  [VCKC_SUPPORT_DOMAINS] = "Define, rename and undefine machines",
  [VCKC_SUPPORT_STATE] = "`state` follows the machine",
  [VCKC_SUPPORT_CREATE_RUNNING] = "Create, machine running",
  [VCKC_SUPPORT_CREATE_OFF] = "Create, machine off",
  [VCKC_SUPPORT_DELETE_RUNNING] = "Delete, machine running",
  [VCKC_SUPPORT_DELETE_OFF] = "Delete, machine off",
  [VCKC_SUPPORT_SIZE_RUNNING] = "Sizes, machine running",
  [VCKC_SUPPORT_SIZE_OFF] = "Sizes, machine off",
  [VCKC_SUPPORT_QUIESCE] = "`QUIESCE`",
  [VCKC_SUPPORT_VALIDATE] = "`REDEFINE_VALIDATE`",
  [VCKC_SUPPORT_VERIFY] = "Verify",
  [VCKC_SUPPORT_REPAIR] = "Repair",
  [VCKC_SUPPORT_TRANSFER] = "Export and import",
  [VCKC_SUPPORT_OWN_SIGNALS] = "Signals for what this program does",
  [VCKC_SUPPORT_OTHER_SIGNALS] = "Signals for what others do",
  [VCKC_SUPPORT_INTERRUPTED] = "An operation that was interrupted",
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
