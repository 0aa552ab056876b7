/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/manifest-fields.h"

#include <math.h>
#include <string.h>

static const char *const type_names[] = {
  [VCKC_FIELD_TEXT] = "a text",
  [VCKC_FIELD_NUMBER] = "a number",
  [VCKC_FIELD_TIME] = "a number",
  [VCKC_FIELD_BOOL] = "true or false",
};

static const GType json_types[] = {
  [VCKC_FIELD_NUMBER] = G_TYPE_INT64,
  [VCKC_FIELD_TIME] = G_TYPE_INT64,
  [VCKC_FIELD_BOOL] = G_TYPE_BOOLEAN,
};

/* The member of the field; NULL if it is missing or null. */
static JsonNode *
field_find (const VckcField *field, JsonObject *object)
{
  JsonNode *node;

  if (field->group != NULL)
    {
      node = json_object_get_member (object, field->group);
      object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    }
  node = object != NULL ? json_object_get_member (object, field->name) : NULL;
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static bool
field_is_type (const VckcField *field, JsonNode *node)
{
  GType type = field->type == VCKC_FIELD_TEXT ? G_TYPE_STRING : json_types[field->type];

  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static bool
field_read_text (const VckcField *field, const char *text, char **member, char **ret_why)
{
  if (strlen (text) > VCKC_MANIFEST_MAX_TEXT)
    *ret_why = g_strdup_printf ("the member '%s' is longer than %d bytes", field->name,
                                VCKC_MANIFEST_MAX_TEXT);
  else if (field->is_valid != NULL && !field->is_valid (text))
    *ret_why = g_strdup_printf ("the member '%s' cannot be '%s'", field->name, text);
  else
    {
      *member = g_strdup (text);
      return true;
    }
  return false;
}

static bool
field_read_value (const VckcField *field, JsonNode *node, gpointer member, char **ret_why)
{
  if (field->type == VCKC_FIELD_TEXT)
    return field_read_text (field, json_node_get_string (node), member, ret_why);
  if (field->type == VCKC_FIELD_BOOL)
    *(bool *) member = json_node_get_boolean (node);
  else if (json_node_get_int (node) < 0)
    {
      *ret_why = g_strdup_printf ("the member '%s' is negative", field->name);
      return false;
    }
  else
    *(gint64 *) member = json_node_get_int (node);
  return true;
}

bool
vckc_fields_read (const VckcField *fields,
                  gsize n_fields,
                  JsonObject *object,
                  gpointer target,
                  char **ret_why)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      const VckcField *field = &fields[i];
      JsonNode *node = field_find (field, object);

      if (node == NULL && field->required)
        *ret_why = g_strdup_printf ("it lacks the member '%s%s%s'",
                                    field->group != NULL ? field->group : "",
                                    field->group != NULL ? "." : "", field->name);
      else if (node != NULL && !field_is_type (field, node))
        *ret_why =
            g_strdup_printf ("the member '%s' is not %s", field->name, type_names[field->type]);
      else if (node == NULL
               || field_read_value (field, node, (char *) target + field->offset, ret_why))
        continue;
      return false;
    }
  return true;
}

static JsonNode *
field_make_node (const VckcField *field, const void *member)
{
  JsonNode *node = json_node_alloc ();

  if (field->type == VCKC_FIELD_BOOL)
    return json_node_init_boolean (node, *(const bool *) member);
  if (field->type != VCKC_FIELD_TEXT)
    return json_node_init_int (node, *(const gint64 *) member);
  if (*(char *const *) member == NULL)
    return json_node_init_null (node);
  return json_node_init_string (node, *(char *const *) member);
}

/* The object `group` of the object, made anew with what was in it. */
static JsonObject *
fields_renew_group (JsonObject *object, const char *group)
{
  JsonNode *old = json_object_get_member (object, group);
  bool is_object = old != NULL && JSON_NODE_HOLDS_OBJECT (old);
  JsonObject *copy = vckc_json_object_copy (is_object ? json_node_get_object (old) : NULL);

  json_object_set_object_member (object, group, copy);
  return copy;
}

void
vckc_fields_write (const VckcField *fields,
                   gsize n_fields,
                   gconstpointer source,
                   JsonObject *object)
{
  const char *group_name = NULL;
  JsonObject *group = object;

  for (gsize i = 0; i < n_fields; i++)
    {
      const VckcField *field = &fields[i];

      if (g_strcmp0 (field->group, group_name) != 0)
        group = field->group != NULL ? fields_renew_group (object, field->group) : object;
      group_name = field->group;
      json_object_set_member (group, field->name,
                              field_make_node (field, (const char *) source + field->offset));
    }
}

void
vckc_fields_clear (const VckcField *fields, gsize n_fields, gpointer target)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].type == VCKC_FIELD_TEXT)
      g_clear_pointer ((char **) (gpointer) ((char *) target + fields[i].offset), g_free);
}

JsonObject *
vckc_json_object_copy (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return copy;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_copy (node));
  return copy;
}

bool
vckc_json_is_finite (JsonNode *node)
{
  g_autoptr (GList) members = NULL;

  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_value_type (node) != G_TYPE_DOUBLE
           || isfinite (json_node_get_double (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    members = json_object_get_values (json_node_get_object (node));
  else if (JSON_NODE_HOLDS_ARRAY (node))
    members = json_array_get_elements (json_node_get_array (node));
  for (const GList *member = members; member != NULL; member = member->next)
    if (!vckc_json_is_finite (member->data))
      return false;
  return true;
}
