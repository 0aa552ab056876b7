/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-login.h"

#include <errno.h>
#include <string.h>

#include "drivers/libvirt/link/libvirt-error.h"

/* What ssh says, in this language only, if it cannot ask the user. */
static const char *const ssh_refusals[] = {
  "Permission denied (",
  "Host key verification failed",
};

static bool
is_through_ssh (const char *uri)
{
  const char *scheme_end = strchr (uri, ':');

  return scheme_end != NULL && g_strstr_len (uri, scheme_end - uri, "+ssh") != NULL;
}

static bool
is_refusal_of_ssh (const char *said)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ssh_refusals); i++)
    if (strstr (said, ssh_refusals[i]) != NULL)
      return true;
  return false;
}

/* libvirt reads what ssh said when it waits for an answer, and not if ssh has ended before the
 * question could be written. The texts are in the user's language. */
static bool
is_end_of_ssh_unread (const VckcError *error, const char *said)
{
  return vckc_error_get_libvirt_domain (error) == VIR_FROM_RPC
         && (vckc_error_get_libvirt_code (error) == VIR_ERR_INTERNAL_ERROR
             || strstr (said, g_strerror (EPIPE)) != NULL);
}

static const char *
libvirt_login_advise (const VckcError *error, const char *uri, bool can_ask)
{
  const char *said = vckc_error_get_libvirt_message (error);

  if (said != NULL && is_through_ssh (uri) && is_refusal_of_ssh (said))
    return "ssh cannot ask here: log in once with 'ssh' to accept the key of the host, and put "
           "yours there with 'ssh-copy-id'";
  if (said != NULL && is_through_ssh (uri) && is_end_of_ssh_unread (error, said))
    return "ssh ended before it was asked anything, and what it said is lost: log in once with "
           "'ssh' to see it, which also accepts the key of the host, and if it asks for a "
           "password, put your key there with 'ssh-copy-id'";
  if (!can_ask && vckc_error_get_libvirt_code (error) == VIR_ERR_AUTH_FAILED)
    return "if the host asks for a name or password, connect a handler to the signal "
           "'authenticate' before the connection is opened";
  return NULL;
}

VckcError *
vckc_libvirt_login_explain (VckcError *error, const char *uri, bool can_ask)
{
  const char *advice = libvirt_login_advise (error, uri, can_ask);

  return advice != NULL ? vckc_libvirt_error_add_advice (error, advice) : error;
}
