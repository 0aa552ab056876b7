/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-explain.h"

#include <stdbool.h>

#include "xml/xml-node.h"

/* Text that an element or attribute may have. */
typedef enum
{
  VALUE_ANY,
  VALUE_NONE,
  VALUE_CHECKPOINT_NAME,
  VALUE_CHECKPOINT_MODE,
  VALUE_DISK,
  VALUE_DEVICE,
  VALUE_DOMAIN_NAME,
  VALUE_NUMBER,
  VALUE_TARGET,
  VALUE_UUID,
  VALUE_VERSION,
} Value;

typedef struct
{
  const char *pattern;
  const char *hint;
} ValueRule;

#define TARGET "(ioemu:)?(fd|hd|sd|vd|xvd|ubd|nvme)[a-zA-Z0-9_]+"

/* Only to explain what the grammar has refused, never to decide. */
static const ValueRule value_rules[] = {
  [VALUE_ANY] = { "", "any text" },
  [VALUE_NONE] = { "^\\s*$", "empty" },
  [VALUE_CHECKPOINT_NAME] = { "^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$",
                              "letters, digits, '_', '-' and '.', not beginning with '.'" },
  [VALUE_CHECKPOINT_MODE] = { "^(no|bitmap)$", "'bitmap' or 'no'" },
  [VALUE_DISK] = { "^(" TARGET "|(/|[a-zA-Z]:\\\\)(.|\\n|\\r)+)$",
                   "a disk's target, such as 'vda', or the absolute path of its image" },
  [VALUE_DEVICE] = { "^(disk|cdrom|floppy|lun)$", "'disk', 'cdrom', 'floppy' or 'lun'" },
  [VALUE_DOMAIN_NAME] = { "^[^/\\n]+$", "at least one character, none of them '/' or a new line" },
  [VALUE_NUMBER] = { "^[0-9]+$", "a number from 0 to 18446744073709551615" },
  [VALUE_TARGET] = { "^" TARGET "$",
                     "'fd', 'hd', 'sd', 'vd', 'xvd', 'ubd' or 'nvme', then letters or digits" },
  [VALUE_UUID] = { "^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$",
                   "a UUID: 32 hexadecimal digits, or 8-4-4-4-12 of them" },
  [VALUE_VERSION] = { "^1$", "'1'" },
};

/* What an element may have. Lists of names are separated by blanks; NULL for none; a list
 * that ends in "*" allows any others besides. */
typedef struct
{
  const char *parent; /* NULL for the root */
  const char *name;
  const char *children;   /* those named here, with their rules */
  const char *repeatable; /* of these children, those that may come more than once */
  const char *needed_child;
  const char *attributes;
  const char *needed_attribute;
  Value text;
} ElementRule;

#define CHECKPOINT_CHILDREN "name description creationTime disks parent domain"

static const ElementRule element_rules[] = {
  { NULL, "vckcheckpoints", "entry", "entry", NULL, "version domain current", "version",
    VALUE_NONE },
  { "vckcheckpoints", "entry", "domaincheckpoint disk", "disk", "domaincheckpoint", NULL, NULL,
    VALUE_NONE },
  { "entry", "disk", NULL, NULL, NULL, "name capacity granularity", "name", VALUE_NONE },
  { "entry", "domaincheckpoint", CHECKPOINT_CHILDREN, NULL, NULL, NULL, NULL, VALUE_NONE },
  { NULL, "domaincheckpoint", CHECKPOINT_CHILDREN, NULL, NULL, NULL, NULL, VALUE_NONE },
  { "domaincheckpoint", "name", NULL, NULL, NULL, NULL, NULL, VALUE_CHECKPOINT_NAME },
  { "domaincheckpoint", "description", NULL, NULL, NULL, NULL, NULL, VALUE_ANY },
  { "domaincheckpoint", "creationTime", NULL, NULL, NULL, NULL, NULL, VALUE_NUMBER },
  { "domaincheckpoint", "parent", "name", NULL, "name", NULL, NULL, VALUE_NONE },
  { "parent", "name", NULL, NULL, NULL, NULL, NULL, VALUE_CHECKPOINT_NAME },
  { "domaincheckpoint", "disks", "disk", "disk", "disk", NULL, NULL, VALUE_NONE },
  { "disks", "disk", NULL, NULL, NULL, "name checkpoint bitmap size", "name", VALUE_NONE },
  { NULL, "domain", "name uuid devices *", NULL, "name", "*", NULL, VALUE_NONE },
  { "domaincheckpoint", "domain", "name uuid devices *", NULL, "name", "*", NULL, VALUE_NONE },
  { "domain", "name", NULL, NULL, NULL, NULL, NULL, VALUE_DOMAIN_NAME },
  { "domain", "uuid", NULL, NULL, NULL, NULL, NULL, VALUE_UUID },
  { "domain", "devices", "disk *", "disk", NULL, "*", NULL, VALUE_NONE },
  { "devices", "disk", "target driver source readonly transient *", NULL, "target", "*", NULL,
    VALUE_NONE },
  { "disk", "target", NULL, NULL, NULL, "*", "dev", VALUE_NONE },
  { "disk", "readonly", NULL, NULL, NULL, NULL, NULL, VALUE_NONE },
};

typedef struct
{
  const char *parent;
  const char *element;
  const char *name;
  Value value;
} AttributeRule;

static const AttributeRule attribute_rules[] = {
  { NULL, "vckcheckpoints", "version", VALUE_VERSION },
  { "entry", "disk", "capacity", VALUE_NUMBER },
  { "entry", "disk", "granularity", VALUE_NUMBER },
  { "disks", "disk", "name", VALUE_DISK },
  { "disks", "disk", "checkpoint", VALUE_CHECKPOINT_MODE },
  { "disks", "disk", "size", VALUE_NUMBER },
  { "devices", "disk", "device", VALUE_DEVICE },
  { "disk", "target", "dev", VALUE_TARGET },
};

static const char *
parent_name (const xmlNode *node)
{
  return node->parent->type == XML_ELEMENT_NODE ? (const char *) node->parent->name : NULL;
}

static const ElementRule *
find_element_rule (const xmlNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (element_rules); i++)
    {
      const ElementRule *rule = &element_rules[i];

      if (g_strcmp0 (rule->parent, parent_name (node)) == 0
          && g_str_equal (rule->name, (const char *) node->name))
        return rule;
    }
  return NULL;
}

static bool
list_contains (const char *list, const char *name)
{
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", " ", -1);

  return g_strv_contains ((const char *const *) names, name);
}

/* " allowed are 'a', 'b'", or "" if nothing is. */
static char *
describe_list (const char *list)
{
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", " ", -1);
  g_autofree char *text = g_strjoinv ("', '", names);

  if (*text == '\0')
    return g_strdup ("");
  return g_strdup_printf ("; allowed %s '%s'", g_strv_length (names) > 1 ? "are" : "is", text);
}

static bool
is_value (Value value, const char *text)
{
  if (!g_regex_match_simple (value_rules[value].pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    return false;
  return value != VALUE_NUMBER || g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, NULL, NULL);
}

static char *
explain_value (Value value, const char *text, const char *where)
{
  g_autofree char *shown = NULL;

  if (is_value (value, text))
    return NULL;

  shown = vckc_xml_tidy_message (text);
  return g_strdup_printf ("%s is '%s', but it must be %s", where, shown, value_rules[value].hint);
}

static char *
explain_namespace (const xmlNode *node)
{
  g_autofree char *shown = NULL;

  if (node->ns == NULL)
    return NULL;
  shown = vckc_xml_tidy_message ((const char *) node->ns->href);
  return g_strdup_printf ("element '%s' must be in no namespace, but it is in '%s'",
                          (const char *) node->name, shown);
}

static char *
explain_attribute_value (const xmlNode *node, const AttributeRule *rule)
{
  g_autofree char *value = vckc_xml_attribute (node, rule->name);
  g_autofree char *where =
      g_strdup_printf ("attribute '%s' of element '%s'", rule->name, rule->element);

  return value == NULL ? NULL : explain_value (rule->value, value, where);
}

static char *
explain_attribute_values (const xmlNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (attribute_rules); i++)
    {
      const AttributeRule *rule = &attribute_rules[i];
      char *explanation = NULL;

      if (g_str_equal (rule->element, (const char *) node->name)
          && g_strcmp0 (rule->parent, parent_name (node)) == 0)
        explanation = explain_attribute_value (node, rule);
      if (explanation != NULL)
        return explanation;
    }
  return NULL;
}

/* A disk of a checkpoint that is not tracked has neither bitmap nor size. */
static char *
explain_untracked_disk (const xmlNode *node)
{
  g_autofree char *mode = vckc_xml_attribute (node, "checkpoint");
  const char *surplus = xmlHasNsProp (node, BAD_CAST "bitmap", NULL) != NULL ? "bitmap" : "size";

  if (g_strcmp0 (parent_name (node), "disks") != 0 || g_strcmp0 (mode, "no") != 0
      || xmlHasNsProp (node, BAD_CAST surplus, NULL) == NULL)
    return NULL;
  return g_strdup_printf ("element 'disk' has the attribute '%s', which is not allowed with "
                          "checkpoint='no'",
                          surplus);
}

static char *
explain_attributes (const xmlNode *node, const ElementRule *rule)
{
  char *explanation;

  for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    if (!list_contains (rule->attributes, "*")
        && (attr->ns != NULL || !list_contains (rule->attributes, (const char *) attr->name)))
      {
        g_autofree char *shown = vckc_xml_tidy_message ((const char *) attr->name);
        g_autofree char *allowed = describe_list (rule->attributes);

        return g_strdup_printf ("element '%s' must not have the attribute '%s'%s", rule->name,
                                shown, allowed);
      }
  if (rule->needed_attribute != NULL
      && xmlHasNsProp (node, BAD_CAST rule->needed_attribute, NULL) == NULL)
    return g_strdup_printf ("element '%s' needs the attribute '%s'", rule->name,
                            rule->needed_attribute);

  explanation = explain_attribute_values (node);
  return explanation != NULL ? explanation : explain_untracked_disk (node);
}

static char *
explain_child (const xmlNode *child, const ElementRule *rule)
{
  const char *name = (const char *) child->name;
  bool is_known = child->ns == NULL && list_contains (rule->children, name);

  if (!is_known && !list_contains (rule->children, "*"))
    {
      g_autofree char *shown = vckc_xml_tidy_message (name);
      g_autofree char *allowed = describe_list (rule->children);

      return g_strdup_printf ("element '%s' is not allowed inside '%s'%s", shown, rule->name,
                              allowed);
    }
  if (is_known && !list_contains (rule->repeatable, name) && vckc_xml_next (child, name) != NULL)
    return g_strdup_printf ("element '%s' may be there only once inside '%s'", name, rule->name);
  return NULL;
}

/* *ret_node gets the child if it is to blame. */
static char *
explain_children (const xmlNode *node, const ElementRule *rule, const xmlNode **ret_node)
{
  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      char *explanation = NULL;

      if (child->type == XML_ELEMENT_NODE)
        explanation = explain_child (child, rule);
      else if (child->type == XML_TEXT_NODE && rule->children != NULL && !xmlIsBlankNode (child))
        explanation = g_strdup_printf ("text is not allowed directly inside '%s'", rule->name);
      if (explanation != NULL)
        {
          *ret_node = child;
          return explanation;
        }
    }
  if (rule->needed_child != NULL && vckc_xml_child (node, rule->needed_child) == NULL)
    return g_strdup_printf ("element '%s' needs an element '%s' inside", rule->name,
                            rule->needed_child);
  return NULL;
}

static char *
explain_text (const xmlNode *node, const ElementRule *rule)
{
  g_autofree char *text = NULL;
  g_autofree char *where = NULL;

  if (rule->children != NULL)
    return NULL;
  text = vckc_xml_text (node);
  where = g_strdup_printf ("the text of element '%s'", rule->name);
  return explain_value (rule->text, text, where);
}

static char *
explain_element (const xmlNode *node, const ElementRule *rule, const xmlNode **ret_node)
{
  char *explanation = explain_namespace (node);

  *ret_node = node;
  if (explanation == NULL)
    explanation = explain_attributes (node, rule);
  if (explanation == NULL)
    explanation = explain_children (node, rule, ret_node);
  if (explanation == NULL)
    explanation = explain_text (node, rule);
  return explanation;
}

/* The next node in document order, not going into elements without a rule. */
static const xmlNode *
next_node (const xmlNode *node, const ElementRule *rule)
{
  if (rule != NULL && rule->children != NULL && node->children != NULL)
    return node->children;
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node != NULL ? node->next : NULL;
}

char *
vckc_xml_schema_explain (const xmlDoc *doc, long *ret_line)
{
  const xmlNode *node = xmlDocGetRootElement (doc);

  while (node != NULL)
    {
      const ElementRule *rule = node->type == XML_ELEMENT_NODE ? find_element_rule (node) : NULL;
      const xmlNode *culprit = NULL;
      char *explanation = rule != NULL ? explain_element (node, rule, &culprit) : NULL;

      if (explanation != NULL)
        {
          *ret_line = xmlGetLineNo (culprit);
          return explanation;
        }
      node = next_node (node, rule);
    }
  return NULL;
}
