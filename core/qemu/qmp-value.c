/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-value.h"

#include "base/json-parse.h"

/* A VckcQmpValue is a JsonNode. */

VckcQmpValue *
vckc_qmp_value_parse (const char *text, gsize length, char **ret_why)
{
  return (VckcQmpValue *) vckc_json_parse_object (text, length, ret_why);
}

void
vckc_qmp_value_free (VckcQmpValue *value)
{
  if (value != NULL)
    json_node_unref ((JsonNode *) value);
}

static JsonNode *
qmp_value_get_member (const VckcQmpValue *value, const char *name)
{
  JsonNode *node = (JsonNode *) value;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return json_object_get_member (json_node_get_object (node), name);
}

const VckcQmpValue *
vckc_qmp_value_get (const VckcQmpValue *object, const char *name)
{
  return (const VckcQmpValue *) qmp_value_get_member (object, name);
}

bool
vckc_qmp_value_has (const VckcQmpValue *object, const char *name)
{
  return qmp_value_get_member (object, name) != NULL;
}

/* The member of that name if it is a plain value of that type. */
static JsonNode *
qmp_value_get_scalar (const VckcQmpValue *object,
                      const char *name,
                      GType type,
                      const char *type_name,
                      VckcError **err)
{
  JsonNode *node = qmp_value_get_member (object, name);

  if (node == NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU lacks the member '%s'", name);
  else if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "the member '%s' of an answer of QEMU is not %s",
                    name, type_name);
  else
    return node;
  return NULL;
}

const char *
vckc_qmp_value_get_string (const VckcQmpValue *object, const char *name, VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_STRING, "a string", err);

  return node != NULL ? json_node_get_string (node) : NULL;
}

bool
vckc_qmp_value_get_bool (const VckcQmpValue *object,
                         const char *name,
                         bool *ret_value,
                         VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_BOOLEAN, "true or false", err);

  if (node != NULL)
    *ret_value = json_node_get_boolean (node);
  return node != NULL;
}

bool
vckc_qmp_value_get_uint (const VckcQmpValue *object,
                         const char *name,
                         guint64 *ret_value,
                         VckcError **err)
{
  JsonNode *node = qmp_value_get_scalar (object, name, G_TYPE_INT64, "a number", err);

  if (node != NULL && json_node_get_int (node) < 0)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "the member '%s' of an answer of QEMU is negative",
                      name);
      return false;
    }
  if (node != NULL)
    *ret_value = (guint64) json_node_get_int (node);
  return node != NULL;
}

bool
vckc_qmp_value_is_zero (const VckcQmpValue *value)
{
  JsonNode *node = (JsonNode *) value;

  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
         && json_node_get_int (node) == 0;
}

const VckcQmpValue *
vckc_qmp_value_get_object (const VckcQmpValue *object, const char *name, VckcError **err)
{
  JsonNode *node = qmp_value_get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return (const VckcQmpValue *) node;
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU has no object '%s'", name);
  return NULL;
}

const VckcQmpValue *
vckc_qmp_value_get_array (const VckcQmpValue *value, const char *name, VckcError **err)
{
  JsonNode *node = name != NULL ? qmp_value_get_member (value, name) : (JsonNode *) value;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return (const VckcQmpValue *) node;
  if (name != NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU has no list '%s'", name);
  else
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "an answer of QEMU is not a list");
  return NULL;
}

guint
vckc_qmp_array_get_length (const VckcQmpValue *array)
{
  return json_array_get_length (json_node_get_array ((JsonNode *) array));
}

const VckcQmpValue *
vckc_qmp_array_get_element (const VckcQmpValue *array, guint index)
{
  return (const VckcQmpValue *) json_array_get_element (json_node_get_array ((JsonNode *) array),
                                                        index);
}
