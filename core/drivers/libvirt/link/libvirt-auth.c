/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-auth.h"

#include <string.h>

static int asked_for[] = {
  VIR_CRED_USERNAME,     VIR_CRED_AUTHNAME,   VIR_CRED_LANGUAGE,
  VIR_CRED_CNONCE,       VIR_CRED_PASSPHRASE, VIR_CRED_ECHOPROMPT,
  VIR_CRED_NOECHOPROMPT, VIR_CRED_REALM,      VIR_CRED_EXTERNAL,
};

/* libvirt frees the answer. */
static bool
libvirt_auth_ask (const VckcAuthenticator *authenticator, virConnectCredentialPtr credential)
{
  char *answer = authenticator->callback ((VckcCredential) credential->type, credential->prompt,
                                          credential->defresult, authenticator->opaque);

  if (answer == NULL)
    return false;
  if (*answer == '\0' && credential->defresult != NULL)
    {
      free (answer);
      answer = strdup (credential->defresult);
    }
  credential->result = answer;
  credential->resultlen = answer != NULL ? (unsigned int) strlen (answer) : 0;
  return answer != NULL;
}

static int
libvirt_auth_cb (virConnectCredentialPtr credentials, unsigned int n_credentials, void *opaque)
{
  const VckcAuthenticator *authenticator = opaque;

  for (unsigned int i = 0; i < n_credentials; i++)
    if (authenticator == NULL || !libvirt_auth_ask (authenticator, &credentials[i]))
      return -1;
  return 0;
}

virConnectAuth
vckc_libvirt_auth (const VckcAuthenticator *authenticator)
{
  virConnectAuth auth = { .credtype = asked_for,
                          .ncredtype = authenticator != NULL ? G_N_ELEMENTS (asked_for) : 0,
                          .cb = libvirt_auth_cb,
                          .cbdata = (void *) authenticator };

  return auth;
}
