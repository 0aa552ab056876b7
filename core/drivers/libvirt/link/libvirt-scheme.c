/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-scheme.h"

#include <string.h>

#include "base/misspelling.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* Of libvirt's drivers, the usual ones first; a transport may follow, as in "qemu+ssh". */
static const char *const schemes[] = {
  "qemu",   "test", "xen", "lxc", "ch",   "bhyve",        "vz",       "openvz",
  "hyperv", "esx",  "gsx", "vpx", "vbox", "vmwareplayer", "vmwarews", "vmwarefusion",
};

static const char *
libvirt_scheme_guess (const char *given)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (given, schemes[i]))
      return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (vckc_is_misspelling (given, schemes[i]))
      return schemes[i];
  return NULL;
}

VckcError *
vckc_libvirt_scheme_explain (VckcError *error, const char *uri)
{
  g_autofree char *given = g_strndup (uri, strcspn (uri, "+:"));
  const char *meant = libvirt_scheme_guess (given);
  g_autofree char *advice = NULL;

  if (meant == NULL)
    return error;
  advice = g_strdup_printf ("did you mean '%s' for the scheme '%s'?", meant, given);
  return vckc_libvirt_error_add_advice (error, advice);
}
