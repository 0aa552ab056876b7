/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-reply.h"

#include <string.h>

struct _VckcQmpReply
{
  VckcQmpValue *root;        /* owned; holds the value */
  const VckcQmpValue *value; /* (nullable) */
  char *refusal;             /* (nullable), owned */
  bool is_not_found;         /* refused as a command that there is not */
};

VckcQmpReply *
vckc_qmp_reply_new (VckcQmpValue *answer, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = g_new0 (VckcQmpReply, 1);
  const VckcQmpValue *error = vckc_qmp_value_get (answer, "error");
  const char *reason;

  reply->root = answer;
  if (error != NULL)
    {
      reason = vckc_qmp_value_get_string (error, "desc", err);
      if (reason == NULL)
        return NULL;
      reply->is_not_found =
          g_strcmp0 (vckc_qmp_value_get_string (error, "class", NULL), "CommandNotFound") == 0;
      reply->refusal =
          g_utf8_substring (reason, 0, MIN (g_utf8_strlen (reason, -1), VCKC_QMP_MAX_REASON));
      return g_steal_pointer (&reply);
    }
  reply->value = vckc_qmp_value_get (answer, "return");
  if (reply->value == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL,
                      "an answer of QEMU has neither 'return' nor 'error'");
      return NULL;
    }
  return g_steal_pointer (&reply);
}

VckcQmpReply *
vckc_qmp_reply_new_from_text (const char *text, VckcError **err)
{
  g_autofree char *why = NULL;
  VckcQmpValue *root = vckc_qmp_value_parse (text, strlen (text), &why);
  VckcQmpReply *reply;

  if (root == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "cannot understand a description by QEMU: %s", why);
      return NULL;
    }
  reply = g_new0 (VckcQmpReply, 1);
  reply->root = root;
  reply->value = root;
  return reply;
}

void
vckc_qmp_reply_free (VckcQmpReply *reply)
{
  if (reply == NULL)
    return;
  vckc_qmp_value_free (reply->root);
  g_free (reply->refusal);
  g_free (reply);
}

const char *
vckc_qmp_reply_get_refusal (const VckcQmpReply *reply)
{
  return reply->refusal;
}

bool
vckc_qmp_reply_is_not_found (const VckcQmpReply *reply)
{
  return reply->is_not_found;
}

const VckcQmpValue *
vckc_qmp_reply_get_value (const VckcQmpReply *reply)
{
  return reply->value;
}
