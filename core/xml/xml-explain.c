/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-explain.h"

#include "xml/xml-node.h"

/* --- looking up --- */

static const VckcXmlPart *
find_part (const VckcXmlForm *form, VckcXmlKind kind, const char *name)
{
  for (guint i = 0; i < form->of[kind].n_parts; i++)
    if (g_str_equal (form->of[kind].parts[i].name, name))
      return &form->of[kind].parts[i];
  return NULL;
}

static bool
has_part (const xmlNode *node, VckcXmlKind kind, const char *name)
{
  return kind == VCKC_XML_ATTRIBUTE ? xmlHasNsProp (node, BAD_CAST name, NULL) != NULL
                                    : vckc_xml_child (node, name) != NULL;
}

static bool
is_value (const VckcXmlValue *value, const char *text)
{
  if (value == NULL)
    return true;
  if (!g_regex_match_simple (value->pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    return false;
  return value->max == 0 || g_ascii_string_to_unsigned (text, 10, 0, value->max, NULL, NULL);
}

/* The attribute that says that this form is not meant, or NULL: one whose values are listed. */
static const VckcXmlPart *
find_contradiction (const xmlNode *node, const VckcXmlForm *form)
{
  const VckcXmlParts *attributes = &form->of[VCKC_XML_ATTRIBUTE];

  for (guint i = 0; i < attributes->n_parts; i++)
    {
      const VckcXmlPart *part = &attributes->parts[i];
      g_autofree char *value = vckc_xml_attribute (node, part->name);
      bool is_fitting = value == NULL ? !part->is_needed : is_value (part->value, value);

      if (part->value != NULL && part->value->constant != NULL && !is_fitting)
        return part;
    }
  return NULL;
}

/* --- words --- */

/* When that part would be allowed, or what else is: " without mode='pull'", "; allowed are 'a',
 * 'b'", or "" if nothing is. */
static char *
describe_allowed (const VckcXmlRule *rule, VckcXmlKind kind, const char *name)
{
  const VckcXmlPart *elsewhere = find_part (&rule->elsewhere, kind, name);
  const VckcXmlParts *allowed = &rule->all.of[kind];
  g_autoptr (GString) text = g_string_new (NULL);

  if (elsewhere != NULL)
    return g_strdup_printf (" without %s", elsewhere->condition);
  for (guint i = 0; i < allowed->n_parts; i++)
    g_string_append_printf (text, "%s'%s'", i > 0 ? ", " : "", allowed->parts[i].name);
  if (allowed->n_parts > 0)
    g_string_prepend (text, allowed->n_parts > 1 ? "; allowed are " : "; allowed is ");
  return g_strdup (text->str);
}

/* What is decided otherwise in a form that has this part, or can be without it:
 * " with checkpoint='no'", " without mode='pull'"; "" if nothing is. */
static char *
describe_condition (const xmlNode *node,
                    const VckcXmlRule *rule,
                    VckcXmlKind kind,
                    const char *name,
                    bool with_it)
{
  for (guint i = 0; i < rule->n_forms; i++)
    {
      const VckcXmlForm *form = &rule->forms[i];
      const VckcXmlPart *part = find_part (form, kind, name);
      const VckcXmlPart *cause = find_contradiction (node, form);
      bool is_other = with_it ? part != NULL : part == NULL || !part->is_needed;
      g_autofree char *value = NULL;
      g_autofree char *shown = NULL;

      if (cause == NULL || !is_other)
        continue;
      value = vckc_xml_attribute (node, cause->name);
      if (value == NULL)
        return g_strdup_printf (" without %s='%s'", cause->name, cause->value->constant);
      shown = vckc_xml_tidy_message (value);
      return g_strdup_printf (" with %s='%s'", cause->name, shown);
    }
  return g_strdup ("");
}

static char *
explain_value (const VckcXmlValue *value, const char *text, const char *where)
{
  g_autofree char *shown = NULL;

  if (is_value (value, text))
    return NULL;

  shown = vckc_xml_tidy_message (text);
  return g_strdup_printf ("%s is '%s', but it must be %s", where, shown, value->hint);
}

/* --- one thing that may be wrong each; *ret_node gets a child if that is to blame --- */

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
explain_attribute_name (const xmlAttr *attribute, const VckcXmlRule *rule)
{
  const char *name = (const char *) attribute->name;
  g_autofree char *shown = NULL;
  g_autofree char *names = NULL;

  if (rule->all.of[VCKC_XML_ATTRIBUTE].any_other
      || (attribute->ns == NULL && find_part (&rule->all, VCKC_XML_ATTRIBUTE, name) != NULL))
    return NULL;
  shown = vckc_xml_tidy_message (name);
  names = describe_allowed (rule, VCKC_XML_ATTRIBUTE, name);
  return g_strdup_printf ("element '%s' must not have the attribute '%s'%s", rule->name, shown,
                          names);
}

static char *
explain_attribute_value (const xmlNode *node, const VckcXmlRule *rule, const VckcXmlPart *attribute)
{
  g_autofree char *value = vckc_xml_attribute (node, attribute->name);
  g_autofree char *where =
      g_strdup_printf ("attribute '%s' of element '%s'", attribute->name, rule->name);

  return value == NULL ? NULL : explain_value (attribute->value, value, where);
}

static char *
explain_child (const xmlNode *child, const VckcXmlRule *rule)
{
  const char *name = (const char *) child->name;
  const VckcXmlPart *known =
      child->ns == NULL ? find_part (&rule->all, VCKC_XML_CHILD, name) : NULL;

  if (known == NULL && !rule->all.of[VCKC_XML_CHILD].any_other)
    {
      g_autofree char *shown = vckc_xml_tidy_message (name);
      g_autofree char *names = describe_allowed (rule, VCKC_XML_CHILD, name);

      return g_strdup_printf ("element '%s' is not allowed inside '%s'%s", shown, rule->name,
                              names);
    }
  if (known != NULL && !known->is_repeatable && vckc_xml_next (child, name) != NULL)
    return g_strdup_printf ("element '%s' may be there only once inside '%s'", name, rule->name);
  return NULL;
}

static bool
may_have_children (const VckcXmlRule *rule)
{
  return rule->all.of[VCKC_XML_CHILD].n_parts > 0 || rule->all.of[VCKC_XML_CHILD].any_other;
}

static char *
explain_text (const xmlNode *node, const VckcXmlRule *rule)
{
  static const VckcXmlValue nothing = { "^\\s*$", "empty", NULL, 0 };
  g_autofree char *text = NULL;
  g_autofree char *where = NULL;

  if (may_have_children (rule))
    return NULL;
  text = vckc_xml_text (node);
  where = g_strdup_printf ("the text of element '%s'", rule->name);
  return explain_value (rule->all.has_text ? rule->all.text : &nothing, text, where);
}

static char *
explain_missing (const xmlNode *node,
                 const VckcXmlRule *rule,
                 const VckcXmlForm *form,
                 VckcXmlKind kind)
{
  for (guint i = 0; i < form->of[kind].n_parts; i++)
    {
      const VckcXmlPart *part = &form->of[kind].parts[i];
      g_autofree char *condition = NULL;

      if (!part->is_needed || has_part (node, kind, part->name))
        continue;
      condition = describe_condition (node, rule, kind, part->name, false);
      return g_strdup_printf (kind == VCKC_XML_ATTRIBUTE
                                  ? "element '%s'%s needs the attribute '%s'"
                                  : "element '%s'%s needs an element '%s' inside",
                              rule->name, condition, part->name);
    }
  return NULL;
}

/* What another form allows, but not this one. */
static char *
explain_surplus (const xmlNode *node,
                 const VckcXmlRule *rule,
                 const VckcXmlForm *form,
                 VckcXmlKind kind,
                 const xmlNode **ret_node)
{
  for (guint i = 0; i < rule->all.of[kind].n_parts; i++)
    {
      const char *name = rule->all.of[kind].parts[i].name;
      g_autofree char *condition = NULL;

      if (!has_part (node, kind, name) || find_part (form, kind, name) != NULL)
        continue;
      condition = describe_condition (node, rule, kind, name, true);
      if (kind == VCKC_XML_ATTRIBUTE)
        return g_strdup_printf ("element '%s' has the attribute '%s', which is not allowed%s",
                                rule->name, name, condition);
      *ret_node = vckc_xml_child (node, name);
      return g_strdup_printf ("element '%s' is not allowed inside '%s'%s", name, rule->name,
                              condition);
    }
  return NULL;
}

/* --- an element as a whole --- */

static char *
explain_attributes (const xmlNode *node, const VckcXmlRule *rule)
{
  const VckcXmlParts *attributes = &rule->all.of[VCKC_XML_ATTRIBUTE];
  char *explanation = NULL;

  for (const xmlAttr *attribute = node->properties; attribute != NULL && explanation == NULL;
       attribute = attribute->next)
    explanation = explain_attribute_name (attribute, rule);
  if (explanation == NULL)
    explanation = explain_missing (node, rule, &rule->all, VCKC_XML_ATTRIBUTE);
  for (guint i = 0; i < attributes->n_parts && explanation == NULL; i++)
    explanation = explain_attribute_value (node, rule, &attributes->parts[i]);
  return explanation;
}

static char *
explain_children (const xmlNode *node, const VckcXmlRule *rule, const xmlNode **ret_node)
{
  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    {
      char *explanation = NULL;

      if (child->type == XML_ELEMENT_NODE)
        explanation = explain_child (child, rule);
      else if (child->type == XML_TEXT_NODE && may_have_children (rule) && !xmlIsBlankNode (child))
        explanation = g_strdup_printf ("text is not allowed directly inside '%s'", rule->name);
      if (explanation != NULL)
        {
          *ret_node = child;
          return explanation;
        }
    }
  return explain_missing (node, rule, &rule->all, VCKC_XML_CHILD);
}

static char *
explain_form (const xmlNode *node,
              const VckcXmlRule *rule,
              const VckcXmlForm *form,
              const xmlNode **ret_node)
{
  char *explanation = explain_surplus (node, rule, form, VCKC_XML_ATTRIBUTE, ret_node);

  if (explanation == NULL)
    explanation = explain_missing (node, rule, form, VCKC_XML_ATTRIBUTE);
  if (explanation == NULL)
    explanation = explain_surplus (node, rule, form, VCKC_XML_CHILD, ret_node);
  if (explanation == NULL)
    explanation = explain_missing (node, rule, form, VCKC_XML_CHILD);
  return explanation;
}

/* Explains what is wrong with the first form that is meant, unless another one fits. */
static char *
explain_forms (const xmlNode *node,
               const VckcXmlRule *rule,
               const VckcXmlForm **ret_form,
               const xmlNode **ret_node)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < rule->n_forms; i++)
    {
      const VckcXmlForm *form = &rule->forms[i];
      const xmlNode *culprit = node;
      g_autofree char *explanation = NULL;

      if (find_contradiction (node, form) != NULL)
        continue;
      explanation = explain_form (node, rule, form, &culprit);
      if (explanation == NULL)
        {
          *ret_form = form;
          *ret_node = node;
          return NULL;
        }
      if (first == NULL)
        {
          first = g_steal_pointer (&explanation);
          *ret_node = culprit;
        }
    }
  return g_steal_pointer (&first);
}

/* *ret_form: by which its children are to be read. */
static char *
explain_element (const xmlNode *node,
                 const VckcXmlRule *rule,
                 const VckcXmlForm **ret_form,
                 const xmlNode **ret_node)
{
  char *explanation = explain_namespace (node);

  *ret_form = &rule->all;
  *ret_node = node;
  if (explanation == NULL)
    explanation = explain_attributes (node, rule);
  if (explanation == NULL)
    explanation = explain_children (node, rule, ret_node);
  if (explanation == NULL)
    explanation = explain_forms (node, rule, ret_form, ret_node);
  if (explanation == NULL)
    explanation = explain_text (node, rule);
  return explanation;
}

/* In document order. The rules, and so this, go only a few levels deep. */
static char *
explain_tree (const xmlNode *node, const VckcXmlRule *rule, const xmlNode **ret_node)
{
  const VckcXmlForm *form;
  char *explanation = explain_element (node, rule, &form, ret_node);

  for (const xmlNode *child = node->children; child != NULL && explanation == NULL;
       child = child->next)
    {
      const VckcXmlPart *part = child->type == XML_ELEMENT_NODE && child->ns == NULL
                                    ? find_part (form, VCKC_XML_CHILD, (const char *) child->name)
                                    : NULL;

      if (part != NULL && part->rule != NULL)
        explanation = explain_tree (child, part->rule, ret_node);
    }
  return explanation;
}

char *
vckc_xml_schema_explain (const xmlDoc *doc, const VckcXmlRule *rule, long *ret_line)
{
  const xmlNode *culprit = NULL;
  char *explanation = explain_tree (xmlDocGetRootElement (doc), rule, &culprit);

  if (explanation != NULL)
    *ret_line = xmlGetLineNo (culprit);
  return explanation;
}
