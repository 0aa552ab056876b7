/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Documents that are too deep, too large or too full, and messages about what is very long. */

#include <glib.h>
#include <string.h>

#include "assert-xml.h"

#define CHECKPOINT(inside) "<domaincheckpoint>" inside "</domaincheckpoint>"

static char *
repeat (const char *start, const char *middle, guint n, const char *end)
{
  GString *text = g_string_new (start);

  for (guint i = 0; i < n; i++)
    g_string_append (text, middle);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

static char *
nest (guint n_inside)
{
  g_autofree char *start = repeat ("", "<x>", n_inside, "");
  g_autofree char *end = repeat ("", "</x>", n_inside, "");

  return g_strconcat ("<domain><name>a</name>", start, end, "</domain>", NULL);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nest (VCKC_XML_MAX_DOMAIN_DEPTH - 1);
  g_autofree char *deeper = nest (VCKC_XML_MAX_DOMAIN_DEPTH);
  g_autofree char *abyss = nest (100000);
  const char *message = "test document, line 1: elements are nested more than 199 levels deep";

  assert_xml_accepted (deepest, VCKC_XML_SCHEMA_DOMAIN);
  assert_xml_refused (deeper, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
  assert_xml_refused (abyss, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
}

static void
test_size (void)
{
  const guint frame = strlen (CHECKPOINT ("<description></description>"));
  g_autofree char *largest =
      repeat ("<domaincheckpoint><description>", "x", VCKC_XML_MAX_SIZE - frame,
              "</description></domaincheckpoint>");
  g_autofree char *larger = g_strconcat (largest, "\n", NULL);

  g_assert_cmpuint (strlen (largest), ==, VCKC_XML_MAX_SIZE);
  assert_xml_accepted (largest, VCKC_XML_SCHEMA_CHECKPOINT);
  assert_xml_refused (larger, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR,
                      "test document has 4194305 bytes, more than the 4194304 that are read");
}

static void
test_elements (void)
{
  g_autofree char *most =
      repeat ("<domain><name>a</name>", "<x/>", VCKC_XML_MAX_DOMAIN_ELEMENTS - 2, "</domain>");
  g_autofree char *more =
      repeat ("<domain><name>a</name>", "<x/>", VCKC_XML_MAX_DOMAIN_ELEMENTS - 1, "</domain>");
  g_autofree char *flood = repeat ("<domain><name>a</name>", "<x/>", 1000000, "</domain>");
  const char *message = "test document, line 1: there are more than 15000 elements";

  assert_xml_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  assert_xml_refused (more, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
  assert_xml_refused (flood, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
}

/* An element with many attributes, after a text that a scanner might trip over. */
static char *
crowd (const char *before, guint n_attributes)
{
  GString *text = g_string_new (before);

  g_string_append (text, "<x");
  for (guint i = 0; i < n_attributes; i++)
    g_string_append_printf (text, " a%u%s=\n'%u'", i, i % 2 == 0 ? " " : "", i);
  g_string_append (text, "/></domain>");
  return g_string_free (text, FALSE);
}

static void
test_attributes (void)
{
  static const char *const befores[] = {
    "<domain><name>a</name>",
    "<domain><name>a</name><!-- it's <y a=' -->",
    "<domain><name>a</name><![CDATA[ <!-- ]]>",
    "<domain><name>a</name><y a='>",
    "<domain><name>a</name><y =\" >",
  };
  g_autofree char *most = crowd (befores[1], VCKC_XML_MAX_ATTRIBUTES);

  assert_xml_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  for (guint i = 0; i < G_N_ELEMENTS (befores); i++)
    {
      g_autofree char *flood = crowd (befores[i], 200000);

      assert_xml_refused (flood, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR,
                          "test document has an element with more than 200 attributes");
    }
}

static void
test_namespaces (void)
{
  g_autofree char *most = repeat ("<domain><name>a</name>", "<x xmlns:y='urn:y'/>",
                                  VCKC_XML_MAX_NAMESPACES, "</domain>");
  g_autofree char *more = repeat ("<domain><name>a</name>", "<x xmlns:y='urn:y'/>",
                                  VCKC_XML_MAX_NAMESPACES + 1, "</domain>");

  assert_xml_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  assert_xml_refused (more, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR,
                      "test document, line 1: there are more than 100 declarations of namespaces");
}

/* Each comment cuts the text around it, and libxml2 looks at all before it for every piece. */
static void
test_asides (void)
{
  const char *message = "test document, line 1: there are more than 25000 comments and processing "
                        "instructions";
  g_autofree char *most =
      repeat (CHECKPOINT ("") "<!-- -->", "<?pi?>", VCKC_XML_MAX_ASIDES - 1, "");
  g_autofree char *more = g_strconcat (most, "<!-- -->", NULL);
  g_autofree char *pieces = repeat ("<domain><name>", "<!---->a", 500000, "</name></domain>");

  assert_xml_accepted (most, VCKC_XML_SCHEMA_CHECKPOINT);
  assert_xml_refused (more, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR, message);
  assert_xml_refused (pieces, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
}

/* A document of many checkpoints may be long, but none of them longer than one alone. */
static void
test_branch (void)
{
  static const char start[] = "<vckcheckpoints version='1' domain='a'>";
  static const char entry[] = "<entry><domaincheckpoint><name>a</name></domaincheckpoint></entry>";
  g_autofree char *many = repeat (start, entry, 20000, "</vckcheckpoints>");
  g_autofree char *one =
      repeat ("<vckcheckpoints version='1' domain='a'><entry><domaincheckpoint>", "<x/>",
              1000000 - 10, "</domaincheckpoint></entry></vckcheckpoints>");

  assert_xml_accepted (many, VCKC_XML_SCHEMA_EXPORT);
  assert_xml_refused (one, VCKC_XML_SCHEMA_EXPORT, VCKC_ERROR_XML_ERROR,
                      "test document, line 1: there are more than 25000 elements inside one");
}

/* What is wrong from its beginning on is not read to its end: libxml2 can take hours for the
 * errors of such a document, and the test would time out. */
static void
test_first_error (void)
{
  static const struct
  {
    const char *start;
    const char *middle;
    const char *message;
  } cases[] = {
    { "<domaincheckpoint><!--", "-", "Double hyphen within comment" },
    { "<domaincheckpoint>", "<", "StartTag: invalid element name" },
    { "<domaincheckpoint>", "</x>",
      "Opening and ending tag mismatch: domaincheckpoint line 1 and x" },
    { "<domaincheckpoint><description>", "&x;", "Entity 'x' not defined" },
    { "<domaincheckpoint><description>", "&#0;", "xmlParseCharRef: invalid xmlChar value 0" },
    { "<domaincheckpoint><description>", "]]>", "Sequence ']]>' not allowed in content" },
    { "<domaincheckpoint><description>", "\x01", "PCDATA invalid Char value 1" },
    { "<domaincheckpoint>", "<x:y/>", "Namespace prefix x on y is not defined" },
    { "<domaincheckpoint ", "a ", "Specification mandates value for attribute a" },
    { "<domaincheckpoint ", "a=b ", "AttValue: \" or ' expected" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const guint n = (VCKC_XML_MAX_SIZE - 100) / (guint) strlen (cases[i].middle);
      g_autofree char *text = repeat (cases[i].start, cases[i].middle, n, "");
      g_autofree char *message =
          g_strconcat ("test document, line 1: not well-formed XML: ", cases[i].message, NULL);

      assert_xml_refused (text, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR, message);
    }
}

/* Lines are counted beyond what libxml2 keeps in 16 bits. */
static void
test_line_number (void)
{
  g_autofree char *text = repeat ("<domaincheckpoint>", "\n", 70000, "<x/></domaincheckpoint>");

  assert_xml_refused (
      text, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_INVALID_SCHEMA,
      "test document, line 70001: element 'x' is not allowed inside "
      "'domaincheckpoint'; allowed are 'name', 'description', 'creationTime', 'disks', "
      "'parent', 'domain'");
}

/* Messages stay short, on one line, and valid UTF-8, whatever is in the document. */
static void
test_long_message (void)
{
  static const char *const frames[][2] = {
    { "<domaincheckpoint><name>\n\x7f ", "</name></domaincheckpoint>" },
    { "<domaincheckpoint><", "/></domaincheckpoint>" },
    { "<domaincheckpoint ", "='1'/>" },
    { "<domaincheckpoint xmlns='", "'/>" },
    { "<domaincheckpoint><disks><disk name='", "'/></disks></domaincheckpoint>" },
    { "<", "/>" },
    { "<domaincheckpoint><description>&", ";</description></domaincheckpoint>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autofree char *text = repeat (frames[i][0], "\xc3\xa9", 20000, frames[i][1]);
      g_autoptr (VckcError) error = NULL;
      const char *message;

      g_assert_null (assert_xml_parse (text, VCKC_XML_SCHEMA_CHECKPOINT, &error));
      message = vckc_error_get_message (error);
      g_assert_cmpuint (strlen (message), <, 500);
      g_assert_true (g_utf8_validate (message, -1, NULL));
      g_assert_null (strpbrk (message, "\n\x7f"));
      g_assert_nonnull (strstr (message, "…"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/xml-bounds/depth", test_depth);
  g_test_add_func ("/vck/xml-bounds/size", test_size);
  g_test_add_func ("/vck/xml-bounds/elements", test_elements);
  g_test_add_func ("/vck/xml-bounds/attributes", test_attributes);
  g_test_add_func ("/vck/xml-bounds/namespaces", test_namespaces);
  g_test_add_func ("/vck/xml-bounds/asides", test_asides);
  g_test_add_func ("/vck/xml-bounds/branch", test_branch);
  g_test_add_func ("/vck/xml-bounds/first-error", test_first_error);
  g_test_add_func ("/vck/xml-bounds/line-number", test_line_number);
  g_test_add_func ("/vck/xml-bounds/long-message", test_long_message);
  return g_test_run ();
}
