/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-ask.h"

#include <string.h>

VckcQmpReply *
vckc_qmp_ask (VckcQmpClient *client, const char *command, VckcQmpArgs *args, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, command, args, err);

  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return g_steal_pointer (&reply);
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU refused '%s': %s", command,
                  vckc_qmp_reply_get_refusal (reply));
  return NULL;
}

const VckcQmpValue *
vckc_qmp_find_named (const VckcQmpReply *reply, const char *key, const char *name)
{
  const VckcQmpValue *list =
      vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, NULL);

  for (guint i = 0; list != NULL && i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *value = vckc_qmp_array_get_element (list, i);
      const char *found = vckc_qmp_value_get_string (value, key, NULL);

      if (g_strcmp0 (found, name) == 0)
        return value;
    }
  return NULL;
}

VckcQmpReply *
vckc_qmp_ask_nodes (VckcQmpClient *client, bool flat, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_bool (args, "flat", flat);
  return vckc_qmp_ask (client, "query-named-block-nodes", args, err);
}
