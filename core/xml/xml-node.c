/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-node.h"

#include <string.h>

static xmlNode *
find_from (xmlNode *node, const char *name)
{
  for (; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && node->ns == NULL
        && xmlStrEqual (node->name, BAD_CAST name))
      return node;
  return NULL;
}

xmlNode *
vckc_xml_child (const xmlNode *node, const char *name)
{
  return node == NULL ? NULL : find_from (node->children, name);
}

xmlNode *
vckc_xml_next (const xmlNode *node, const char *name)
{
  return node == NULL ? NULL : find_from (node->next, name);
}

static char *
take_xml_string (xmlChar *string)
{
  char *copy = g_strdup ((const char *) string);

  xmlFree (string);
  return copy;
}

char *
vckc_xml_text (const xmlNode *node)
{
  return node == NULL ? NULL : take_xml_string (xmlNodeGetContent (node));
}

char *
vckc_xml_attribute (const xmlNode *node, const char *name)
{
  xmlChar *value = node == NULL ? NULL : xmlGetNoNsProp (node, BAD_CAST name);

  return value == NULL ? NULL : take_xml_string (value);
}

char *
vckc_xml_tidy_message (const char *text)
{
  const gsize max_size = 200;
  gsize size = strlen (text);
  bool is_cut = size > max_size;
  g_autofree char *valid = NULL;
  g_autoptr (GString) tidy = g_string_new (NULL);

  if (is_cut)
    for (size = max_size; (text[size] & 0xc0) == 0x80 && size > 0; size--)
      ;
  valid = g_utf8_make_valid (text, (gssize) size);
  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (tidy, g_unichar_iscntrl (character) ? ' ' : character);
    }
  if (is_cut)
    g_string_append (tidy, "…");
  return g_string_free (g_steal_pointer (&tidy), FALSE);
}
