/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/json-file.h"

#include "base/dir-file.h"

char *
vckc_json_format (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (root, object);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

bool
vckc_json_file_write (int folder,
                      const char *where,
                      const char *name,
                      JsonObject *object,
                      VckcError **err)
{
  g_autofree char *text = vckc_json_format (object);

  return vckc_dir_replace (folder, where, name, text, folder, err)
         && vckc_dir_sync (folder, where, err);
}
