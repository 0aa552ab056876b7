/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-format.h"

#include <stdbool.h>
#include <string.h>

typedef enum
{
  CONTENT_NONE,
  CONTENT_LINES,    /* elements, each on a line of its own */
  CONTENT_VERBATIM, /* text, perhaps with elements in it */
} Content;

/* Where vckc_xml_format_node() is. */
typedef struct
{
  GString *out;
  guint level;
  const xmlNode *verbatim; /* the outermost element written as it is, NULL if none */
} Writer;

static const char *
find_entity (char character, bool in_attribute)
{
  switch (character)
    {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '\'':
      return "&apos;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#13;";
    case '\n':
      return in_attribute ? "&#10;" : NULL;
    case '\t':
      return in_attribute ? "&#9;" : NULL;
    default:
      return NULL;
    }
}

static void
append_escaped (GString *out, const char *text, bool in_attribute)
{
  for (; *text != '\0'; text++)
    {
      const char *entity = find_entity (*text, in_attribute);

      if (entity != NULL)
        g_string_append (out, entity);
      else
        g_string_append_c (out, *text);
    }
}

void
vckc_xml_append_attribute (GString *out, const char *name, const char *value)
{
  g_string_append_c (out, ' ');
  g_string_append (out, name);
  g_string_append (out, "='");
  append_escaped (out, value, true);
  g_string_append_c (out, '\'');
}

void
vckc_xml_append_indent (GString *out, guint level)
{
  for (guint i = 0; i < level; i++)
    g_string_append (out, "  ");
}

/* A document has many of these, and formatting each with printf() takes longer than the rest. */
static void
append_tag (GString *out, const char *opening, const char *name)
{
  g_string_append (out, opening);
  g_string_append (out, name);
  g_string_append_c (out, '>');
}

void
vckc_xml_append_element (GString *out, guint level, const char *name, const char *text)
{
  vckc_xml_append_indent (out, level);
  append_tag (out, "<", name);
  append_escaped (out, text, false);
  append_tag (out, "</", name);
  g_string_append_c (out, '\n');
}

static void
append_name (GString *out, const xmlNs *ns, const xmlChar *name)
{
  if (ns != NULL && ns->prefix != NULL)
    g_string_append_printf (out, "%s:", (const char *) ns->prefix);
  g_string_append (out, (const char *) name);
}

static void
append_namespace (GString *out, const xmlNs *ns)
{
  g_string_append (out, " xmlns");
  if (ns->prefix != NULL)
    g_string_append_printf (out, ":%s", (const char *) ns->prefix);
  g_string_append (out, "='");
  if (ns->href != NULL)
    append_escaped (out, (const char *) ns->href, true);
  g_string_append_c (out, '\'');
}

static void
append_start_tag (GString *out, const xmlNode *node, bool is_empty)
{
  g_string_append_c (out, '<');
  append_name (out, node->ns, node->name);
  for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next)
    append_namespace (out, ns);
  for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    {
      xmlChar *value = xmlNodeGetContent ((const xmlNode *) attr);

      g_string_append_c (out, ' ');
      append_name (out, attr->ns, attr->name);
      g_string_append (out, "='");
      append_escaped (out, (const char *) value, true);
      g_string_append_c (out, '\'');
      xmlFree (value);
    }
  g_string_append (out, is_empty ? "/>" : ">");
}

static Content
find_content (const xmlNode *node)
{
  bool has_lines = false;
  bool has_text = false;

  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type != XML_TEXT_NODE)
        has_lines = true;
      else if (!xmlIsBlankNode (child))
        return CONTENT_VERBATIM;
      else
        has_text = has_text || strchr ((const char *) child->content, '\n') == NULL;
    }
  if (node->children != NULL && xmlNodeGetSpacePreserve (node) == 1)
    return CONTENT_VERBATIM;
  if (has_lines)
    return CONTENT_LINES;
  return has_text ? CONTENT_VERBATIM : CONTENT_NONE;
}

static void
end_line (Writer *writer)
{
  if (writer->verbatim == NULL)
    g_string_append_c (writer->out, '\n');
}

/* Whether its children are to be written. */
static bool
open_element (Writer *writer, const xmlNode *node)
{
  Content content = find_content (node);

  if (writer->verbatim != NULL && node->children != NULL)
    content = CONTENT_VERBATIM;
  append_start_tag (writer->out, node, content == CONTENT_NONE);
  if (content == CONTENT_VERBATIM)
    {
      if (writer->verbatim == NULL)
        writer->verbatim = node;
      return true;
    }
  end_line (writer);
  if (content == CONTENT_NONE)
    return false;
  writer->level++;
  return true;
}

static void
close_element (Writer *writer, const xmlNode *node)
{
  if (writer->verbatim == NULL)
    vckc_xml_append_indent (writer->out, --writer->level);
  g_string_append (writer->out, "</");
  append_name (writer->out, node->ns, node->name);
  g_string_append_c (writer->out, '>');
  if (writer->verbatim == node)
    writer->verbatim = NULL;
  end_line (writer);
}

static bool
open_node (Writer *writer, const xmlNode *node)
{
  const char *content = node->content != NULL ? (const char *) node->content : "";

  if (node->type == XML_TEXT_NODE)
    {
      if (writer->verbatim != NULL)
        append_escaped (writer->out, content, false);
      return false;
    }
  if (writer->verbatim == NULL)
    vckc_xml_append_indent (writer->out, writer->level);
  if (node->type == XML_ELEMENT_NODE)
    return open_element (writer, node);

  if (node->type == XML_COMMENT_NODE)
    g_string_append_printf (writer->out, "<!--%s-->", content);
  else if (node->type == XML_PI_NODE)
    g_string_append_printf (writer->out, "<?%s %s?>", (const char *) node->name, content);
  end_line (writer);
  return false;
}

void
vckc_xml_format_node (GString *out, const xmlNode *top, guint level)
{
  Writer writer = { out, level, NULL };
  const xmlNode *node = top;

  while (node != NULL)
    {
      if (open_node (&writer, node))
        {
          node = node->children;
          continue;
        }
      while (node != top && node->next == NULL)
        {
          node = node->parent;
          close_element (&writer, node);
        }
      node = node == top ? NULL : node->next;
    }
}
