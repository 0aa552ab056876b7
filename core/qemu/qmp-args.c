/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-args.h"

#include <json-glib/json-glib.h>

struct _VckcQmpArgs
{
  JsonBuilder *builder;
};

VckcQmpArgs *
vckc_qmp_args_new (void)
{
  VckcQmpArgs *args = g_new0 (VckcQmpArgs, 1);

  args->builder = json_builder_new ();
  json_builder_begin_object (args->builder);
  return args;
}

void
vckc_qmp_args_free (VckcQmpArgs *args)
{
  if (args == NULL)
    return;
  g_object_unref (args->builder);
  g_free (args);
}

static void
qmp_args_add_name (VckcQmpArgs *args, const char *name)
{
  if (name != NULL)
    json_builder_set_member_name (args->builder, name);
}

void
vckc_qmp_args_add_string (VckcQmpArgs *args, const char *name, const char *value)
{
  qmp_args_add_name (args, name);
  json_builder_add_string_value (args->builder, value);
}

void
vckc_qmp_args_add_bool (VckcQmpArgs *args, const char *name, bool value)
{
  qmp_args_add_name (args, name);
  json_builder_add_boolean_value (args->builder, value);
}

/* QMP has signed 64-bit numbers. */
void
vckc_qmp_args_add_uint (VckcQmpArgs *args, const char *name, guint64 value)
{
  qmp_args_add_name (args, name);
  json_builder_add_int_value (args->builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

void
vckc_qmp_args_add_null (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_add_null_value (args->builder);
}

void
vckc_qmp_args_begin_object (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_begin_object (args->builder);
}

void
vckc_qmp_args_end_object (VckcQmpArgs *args)
{
  json_builder_end_object (args->builder);
}

void
vckc_qmp_args_begin_array (VckcQmpArgs *args, const char *name)
{
  qmp_args_add_name (args, name);
  json_builder_begin_array (args->builder);
}

void
vckc_qmp_args_end_array (VckcQmpArgs *args)
{
  json_builder_end_array (args->builder);
}

char *
vckc_qmp_args_format_command (VckcQmpArgs *args, const char *command, guint64 id)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "execute", command);
  if (args != NULL)
    {
      json_builder_end_object (args->builder);
      json_object_set_member (object, "arguments", json_builder_get_root (args->builder));
    }
  if (id != 0)
    json_object_set_int_member (object, "id", (gint64) id);
  json_node_set_object (root, object);
  text = json_to_string (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}
