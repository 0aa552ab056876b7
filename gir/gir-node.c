/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gir-node.h"

#include <libxml/parser.h>
#include <string.h>

gboolean
bg_gir_is (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, name) == 0;
}

xmlNode *
bg_gir_child (xmlNode *node, const char *name)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, name))
      return child;
  return NULL;
}

static char *
node_get_attribute (xmlNode *node, const char *name, gboolean in_namespace)
{
  for (xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    if ((attr->ns != NULL) == in_namespace && strcmp ((const char *) attr->name, name) == 0)
      {
        xmlChar *value = xmlNodeListGetString (node->doc, attr->children, 1);
        char *copy = g_strdup (value != NULL ? (const char *) value : "");

        xmlFree (value);
        return copy;
      }
  return NULL;
}

char *
bg_gir_string (xmlNode *node, const char *name)
{
  return node_get_attribute (node, name, FALSE);
}

char *
bg_gir_prefixed_string (xmlNode *node, const char *name)
{
  return node_get_attribute (node, name, TRUE);
}

gboolean
bg_gir_bool (xmlNode *node, const char *name)
{
  g_autofree char *value = bg_gir_string (node, name);

  return g_strcmp0 (value, "1") == 0;
}

char *
bg_gir_doc (xmlNode *node)
{
  xmlNode *doc = bg_gir_child (node, "doc");
  xmlChar *content = doc != NULL ? xmlNodeGetContent (doc) : NULL;
  char *copy = g_strdup ((const char *) content);

  xmlFree (content);
  return copy;
}

xmlNode *
bg_gir_namespace (xmlDoc *document)
{
  xmlNode *root = xmlDocGetRootElement (document);

  return root != NULL && bg_gir_is (root, "repository") ? bg_gir_child (root, "namespace") : NULL;
}

GHashTable *
bg_gir_kinds (xmlNode *namespace)
{
  GHashTable *kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      char *name = child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;

      if (name != NULL)
        g_hash_table_replace (kinds, name, g_strdup ((const char *) child->name));
    }
  return kinds;
}

xmlDoc *
bg_gir_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  xmlDoc *document = NULL;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  document = xmlReadMemory (text, (int) MIN (length, G_MAXINT), path, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document != NULL && bg_gir_namespace (document) != NULL)
    return document;
  xmlFreeDoc (document);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a GIR file with a namespace",
               path);
  return NULL;
}

gboolean
bg_gir_is_shadowed (xmlNode *node)
{
  g_autofree char *name = bg_gir_is (node, "method") ? bg_gir_string (node, "name") : NULL;

  for (xmlNode *child = node->parent->children; name != NULL && child != NULL; child = child->next)
    {
      g_autofree char *nick = bg_gir_is (child, "property") ? bg_gir_string (child, "name") : NULL;

      if (nick != NULL && strcmp (g_strdelimit (nick, "-", '_'), name) == 0)
        return TRUE;
    }
  return FALSE;
}
