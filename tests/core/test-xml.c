/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-explain.h"
#include "xml/xml-format.h"
#include "xml/xml-parse.h"

#include <libxml/relaxng.h>
#include <string.h>

#define CHECKPOINT(inside) "<domaincheckpoint>" inside "</domaincheckpoint>"
#define DOMAIN_WITH(inside) "<domain><name>a</name>" inside "</domain>"

static xmlDoc *
parse (const char *text, VckcXmlSchema schema, VckcError **err)
{
  return vckc_xml_parse (text, schema, "test document", err);
}

static void
assert_accepted (const char *text, VckcXmlSchema schema)
{
  VckcError *error = NULL;
  g_autoptr (xmlDoc) doc = parse (text, schema, &error);

  g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
  g_assert_nonnull (doc);
}

static void
assert_refused (const char *text, VckcXmlSchema schema, VckcErrorCode code, const char *message)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (xmlDoc) doc = parse (text, schema, &error);

  g_assert_null (doc);
  g_assert_nonnull (error);
  g_assert_cmpstr (vckc_error_get_message (error), ==, message);
  g_assert_cmpint (vckc_error_get_code (error), ==, code);
  /* Without a pointer for the error nothing else happens. */
  g_assert_null (parse (text, schema, NULL));
}

/* --- documents that are sent on purpose only --- */

typedef struct
{
  const char *name;
  const char *xml;
  const char *message;
} HostileCase;

#define DOCTYPE_MESSAGE "a document type declaration (<!DOCTYPE>) is not allowed; remove it"
#define ENCODING_MESSAGE                                                                           \
  "test document, line 1: the XML declaration is malformed or names an encoding "                  \
  "that is not read; use UTF-8"

static const HostileCase hostile_cases[] = {
  { "entity-bomb",
    "<?xml version='1.0'?>\n<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">\n"
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;\">]>\n" CHECKPOINT (
        "<description>&d;&d;&d;</description>"),
    "test document, line 2: " DOCTYPE_MESSAGE },
  { "file-entity",
    "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n" CHECKPOINT (
        "<description>&e;</description>"),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "parameter-entity",
    "<!DOCTYPE d [<!ENTITY % e SYSTEM 'http://127.0.0.1:1/x'> %e;]>\n" CHECKPOINT (""),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "external-doctype", "<!DOCTYPE domaincheckpoint SYSTEM 'file:///dev/zero'>\n" CHECKPOINT (""),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "public-doctype", "<!DOCTYPE domaincheckpoint PUBLIC 'a' 'b'>\n" CHECKPOINT (""),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "plain-doctype", "<!DOCTYPE domaincheckpoint>\n" CHECKPOINT (""),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "doctype-default-attribute",
    "<!DOCTYPE domaincheckpoint [<!ATTLIST disk checkpoint CDATA 'no'>]>\n" CHECKPOINT (""),
    "test document, line 1: " DOCTYPE_MESSAGE },
  { "undefined-entity", CHECKPOINT ("<description>&nbsp;</description>"),
    "test document, line 1: not well-formed XML: Entity 'nbsp' not defined" },
  { "undefined-prefix", CHECKPOINT ("<x:y/>"),
    "test document, line 1: not well-formed XML: Namespace prefix x on y is not defined" },
  { "two-roots", CHECKPOINT ("") "\n" CHECKPOINT (""),
    "test document, line 2: not well-formed XML: Extra content at the end of the document" },
  { "character-reference", CHECKPOINT ("<description>&#0;</description>"),
    "test document, line 1: not well-formed XML: xmlParseCharRef: invalid xmlChar value 0" },
  { "not-utf-8", CHECKPOINT ("<description>\xe9</description>"),
    "test document, line 1: not well-formed XML: Input is not proper UTF-8, indicate encoding ! "
    "Bytes: 0xE9 0x3C 0x2F 0x64" },
  { "overlong-utf-8", CHECKPOINT ("<description>\xc0\xaf</description>"),
    "test document, line 1: not well-formed XML: Input is not proper UTF-8, indicate encoding ! "
    "Bytes: 0xC0 0xAF 0x3C 0x2F" },
  { "utf-16-declared", "<?xml version='1.0' encoding='UTF-16'?>" CHECKPOINT (""),
    ENCODING_MESSAGE },
  { "utf-7", "<?xml version='1.0' encoding='UTF-7'?>+ADw-domaincheckpoint/+AD4-",
    ENCODING_MESSAGE },
  { "unknown-encoding", "<?xml version='1.0' encoding='x'?>" CHECKPOINT (""), ENCODING_MESSAGE },
  { "hidden-encoding", "<?xml version=\"1.0' encoding='UTF-8\" encoding='UTF-7'?>" CHECKPOINT (""),
    ENCODING_MESSAGE },
  { "unclosed-declaration", "<?xml version='1.0'", ENCODING_MESSAGE },
  { "ebcdic", "\x4c\x6f\xa7\x94\x93",
    "test document, line 1: not well-formed XML: it does not begin with '<'" },
  { "utf-16", "\xff\xfe<",
    "test document, line 1: not well-formed XML: it does not begin with '<'" },
  { "text", "hello", "test document, line 1: not well-formed XML: it does not begin with '<'" },
  { "nothing", "", "test document is empty; give an XML document" },
  { "blanks", " \t\r\n", "test document is empty; give an XML document" },
  { "blank-before-declaration", " <?xml version='1.0'?>" CHECKPOINT (""),
    "test document, line 1: not well-formed XML: XML declaration allowed only at the start of the "
    "document" },
  { "other-root", "<?xml version='1.0'?>\n\n<domain/>",
    "test document, line 3: the root element is 'domain', but it must be 'domaincheckpoint'" },
  { "include",
    CHECKPOINT ("<description><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' "
                "href='/etc/passwd' parse='text'/></description>"),
    NULL },
  { "style-sheet", "<?xml-stylesheet href='/etc/passwd'?><a>",
    "test document, line 1: not well-formed XML: Premature end of data in tag a line 1" },
};

static void
test_hostile (gconstpointer data)
{
  const HostileCase *hostile = data;

  if (hostile->message != NULL)
    assert_refused (hostile->xml, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR,
                    hostile->message);
  else
    assert_refused (hostile->xml, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_INVALID_SCHEMA,
                    "test document, line 1: element 'include' is not allowed inside 'description'");
}

/* libxml2 likes to print; a library must not. */
static void
test_prints_nothing (void)
{
  if (g_test_subprocess ())
    {
      for (guint i = 0; i < G_N_ELEMENTS (hostile_cases); i++)
        g_assert_null (parse (hostile_cases[i].xml, VCKC_XML_SCHEMA_CHECKPOINT, NULL));
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("");
}

static const char *const accepted_documents[] = {
  "<?xml version='1.0' encoding='utf-8'?>" CHECKPOINT ("<description>\xc3\xa9</description>"),
  "<?xml version=\"1.0\" encoding=\"ISO-8859-15\" standalone=\"yes\" ?>\n" CHECKPOINT (
      "<description>\xa4</description>"),
  "<?xml version='1.0' encoding='windows-1252'?>" CHECKPOINT ("<description>\x80</description>"),
  "<?xml version='1.0' encoding='US-ASCII'?>" CHECKPOINT (""),
  "\xef\xbb\xbf" CHECKPOINT (""),
  "\n\n" CHECKPOINT ("<!-- --><?pi?>") "<!-- -->\n",
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted_documents); i++)
    assert_accepted (accepted_documents[i], VCKC_XML_SCHEMA_CHECKPOINT);
}

/* --- bounds --- */

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

  assert_accepted (deepest, VCKC_XML_SCHEMA_DOMAIN);
  assert_refused (deeper, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
  assert_refused (abyss, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
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
  assert_accepted (largest, VCKC_XML_SCHEMA_CHECKPOINT);
  assert_refused (larger, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR,
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

  assert_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  assert_refused (more, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
  assert_refused (flood, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
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

  assert_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  for (guint i = 0; i < G_N_ELEMENTS (befores); i++)
    {
      g_autofree char *flood = crowd (befores[i], 200000);

      assert_refused (flood, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR,
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

  assert_accepted (most, VCKC_XML_SCHEMA_DOMAIN);
  assert_refused (more, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR,
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

  assert_accepted (most, VCKC_XML_SCHEMA_CHECKPOINT);
  assert_refused (more, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR, message);
  assert_refused (pieces, VCKC_XML_SCHEMA_DOMAIN, VCKC_ERROR_XML_ERROR, message);
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

  assert_accepted (many, VCKC_XML_SCHEMA_EXPORT);
  assert_refused (one, VCKC_XML_SCHEMA_EXPORT, VCKC_ERROR_XML_ERROR,
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

      assert_refused (text, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR, message);
    }
}

/* Lines are counted beyond what libxml2 keeps in 16 bits. */
static void
test_line_number (void)
{
  g_autofree char *text = repeat ("<domaincheckpoint>", "\n", 70000, "<x/></domaincheckpoint>");

  assert_refused (text, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_INVALID_SCHEMA,
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

      g_assert_null (parse (text, VCKC_XML_SCHEMA_CHECKPOINT, &error));
      message = vckc_error_get_message (error);
      g_assert_cmpuint (strlen (message), <, 500);
      g_assert_true (g_utf8_validate (message, -1, NULL));
      g_assert_null (strpbrk (message, "\n\x7f"));
      g_assert_nonnull (strstr (message, "…"));
    }
}

/* --- the grammars --- */

/* Documents for both grammars, valid and not. */
static const char *const grammar_documents[] = {
  CHECKPOINT (""),
  CHECKPOINT ("<name>a</name><disks><disk name='vda' bitmap=''/></disks>"),
  CHECKPOINT (DOMAIN_WITH ("<devices><disk><target dev='nvme0n1'/></disk></devices>")),
  CHECKPOINT (DOMAIN_WITH ("<x y='z'>text<!-- --><devices/></x>")),
  CHECKPOINT ("<name>a b</name>"),
  CHECKPOINT ("<disks><disk name='vda' checkpoint=' no '/></disks>"),
  CHECKPOINT ("<disks><disk name='vda' size='18446744073709551616'/></disks>"),
  CHECKPOINT (DOMAIN_WITH ("<devices><disk/></devices>")),
  CHECKPOINT (DOMAIN_WITH ("<uuid/>")),
  CHECKPOINT (DOMAIN_WITH ("<name>b</name>")),
};

/* The tables agree with the grammars: they find nothing wrong with what is valid, and something
 * with all that is not. */
static void
test_explained (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (grammar_documents); i++)
    {
      const char *text = grammar_documents[i];
      g_autoptr (xmlDoc) valid = parse (text, VCKC_XML_SCHEMA_CHECKPOINT, NULL);
      g_autoptr (xmlDoc) doc = xmlReadDoc (BAD_CAST text, NULL, NULL, XML_PARSE_NONET);
      long line = 0;
      g_autofree char *explanation =
          vckc_xml_schema_explain (doc, vckc_xml_rules_domaincheckpoint, &line);

      g_assert_true ((explanation == NULL) == (valid != NULL));
      g_assert_cmpint (line, ==, valid != NULL ? 0 : 1);
    }
}

static xmlRelaxNG *
compile_file (const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "..", "core", "xml", "schemas", name, NULL);
  xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt (path);
  xmlRelaxNG *grammar = xmlRelaxNGParse (parser);

  xmlRelaxNGFreeParserCtxt (parser);
  g_assert_nonnull (grammar);
  return grammar;
}

static void
ignore_message_cb (void *data, const char *format, ...)
{
}

static bool
is_valid_against (xmlRelaxNG *grammar, const char *text)
{
  g_autoptr (xmlDoc) doc = xmlReadDoc (BAD_CAST text, NULL, NULL, XML_PARSE_NONET);
  xmlRelaxNGValidCtxt *validator = xmlRelaxNGNewValidCtxt (grammar);
  int result;

  xmlRelaxNGSetValidErrors (validator, ignore_message_cb, ignore_message_cb, NULL);
  result = xmlRelaxNGValidateDoc (validator, doc);
  xmlRelaxNGFreeValidCtxt (validator);
  return result == 0;
}

/* The files that are installed say the same as the library does. */
static void
test_installed_grammar (void)
{
  xmlRelaxNG *grammar = compile_file ("domaincheckpoint.rng");
  guint n_valid = 0;

  for (guint i = 0; i < G_N_ELEMENTS (grammar_documents); i++)
    {
      g_autoptr (xmlDoc) doc = parse (grammar_documents[i], VCKC_XML_SCHEMA_CHECKPOINT, NULL);

      g_assert_cmpint (is_valid_against (grammar, grammar_documents[i]), ==, doc != NULL);
      n_valid += doc != NULL ? 1 : 0;
    }
  g_assert_cmpuint (n_valid, ==, 4);
  xmlRelaxNGFree (grammar);
}

static void
test_installed_domain_grammar (void)
{
  xmlRelaxNG *grammar = compile_file ("domain.rng");

  g_assert_true (is_valid_against (grammar, DOMAIN_WITH ("<x/>")));
  g_assert_false (is_valid_against (grammar, DOMAIN_WITH ("<uuid/>")));
  g_assert_false (is_valid_against (grammar, CHECKPOINT ("")));
  xmlRelaxNGFree (grammar);
}

static gpointer
parse_often (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      const char *text = grammar_documents[i % G_N_ELEMENTS (grammar_documents)];
      g_autoptr (VckcError) error = NULL;
      g_autoptr (xmlDoc) doc = parse (text, VCKC_XML_SCHEMA_CHECKPOINT, &error);

      g_assert_true ((doc != NULL) == (i % G_N_ELEMENTS (grammar_documents) < 4));
      g_assert_true ((error != NULL) == (doc == NULL));
    }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("parser", parse_often, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* --- writing --- */

static void
test_escape (void)
{
  g_autoptr (GString) attribute = g_string_new ("=");
  g_autoptr (GString) element = g_string_new ("=");

  vckc_xml_append_attribute (attribute, "x", "<'\t\n\r&");
  g_assert_cmpstr (attribute->str, ==, "= x='&lt;&apos;&#9;&#10;&#13;&amp;'");
  vckc_xml_append_element (element, 2, "x", "<a & 'b' \"c\">\t\n\ré");
  g_assert_cmpstr (element->str, ==,
                   "=    <x>&lt;a &amp; &apos;b&apos; &quot;c&quot;&gt;\t\n&#13;é</x>\n");
}

/* White space that matters survives being written and read. */
static void
test_white_space (void)
{
  g_autoptr (xmlDoc) doc =
      parse (DOMAIN_WITH ("<x y='&#10;&#9;&#13; '>&#13;\n\t</x>"), VCKC_XML_SCHEMA_DOMAIN, NULL);
  g_autoptr (xmlDoc) again = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  xmlNode *node;
  g_autofree char *attribute = NULL;

  vckc_xml_format_node (out, xmlDocGetRootElement (doc), 0);
  again = parse (out->str, VCKC_XML_SCHEMA_DOMAIN, NULL);
  node = vckc_xml_child (xmlDocGetRootElement (again), "x");
  attribute = vckc_xml_attribute (node, "y");
  g_assert_cmpstr (attribute, ==, "\n\t\r ");
}

static void
test_format_leaf (void)
{
  g_autoptr (xmlDoc) doc = parse (CHECKPOINT (""), VCKC_XML_SCHEMA_CHECKPOINT, NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  vckc_xml_format_node (out, xmlDocGetRootElement (doc), 3);
  g_assert_cmpstr (out->str, ==, "      <domaincheckpoint/>\n");
}

/* --- looking around --- */

static void
test_look_around (void)
{
  g_autoptr (xmlDoc) doc =
      parse (DOMAIN_WITH ("<n:x xmlns:n='urn:n' n:y='1'/><x n:y='2' y='3' xmlns:n='urn:n'>t&amp;"
                          "<![CDATA[<]]></x><z/><x/>"),
             VCKC_XML_SCHEMA_DOMAIN, NULL);
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *first = vckc_xml_child (root, "x");
  xmlNode *second = vckc_xml_next (first, "x");
  g_autofree char *attribute = vckc_xml_attribute (first, "y");
  g_autofree char *text = vckc_xml_text (first);
  g_autofree char *no_text = vckc_xml_text (second);

  g_assert_cmpstr (attribute, ==, "3");
  g_assert_cmpstr (text, ==, "t&<");
  g_assert_cmpstr (no_text, ==, "");
  g_assert_null (vckc_xml_next (second, "x"));
  g_assert_null (vckc_xml_attribute (second, "y"));
  g_assert_null (vckc_xml_child (root, "y"));
}

static void
test_look_at_nothing (void)
{
  g_assert_null (vckc_xml_child (NULL, "x"));
  g_assert_null (vckc_xml_next (NULL, "x"));
  g_assert_null (vckc_xml_text (NULL));
  g_assert_null (vckc_xml_attribute (NULL, "x"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (hostile_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/xml/hostile/", hostile_cases[i].name, NULL);

      g_test_add_data_func (path, &hostile_cases[i], test_hostile);
    }
  g_test_add_func ("/vck/xml/prints-nothing", test_prints_nothing);
  g_test_add_func ("/vck/xml/accepted", test_accepted);
  g_test_add_func ("/vck/xml/bound/depth", test_depth);
  g_test_add_func ("/vck/xml/bound/size", test_size);
  g_test_add_func ("/vck/xml/bound/elements", test_elements);
  g_test_add_func ("/vck/xml/bound/attributes", test_attributes);
  g_test_add_func ("/vck/xml/bound/namespaces", test_namespaces);
  g_test_add_func ("/vck/xml/bound/asides", test_asides);
  g_test_add_func ("/vck/xml/bound/branch", test_branch);
  g_test_add_func ("/vck/xml/bound/first-error", test_first_error);
  g_test_add_func ("/vck/xml/line-number", test_line_number);
  g_test_add_func ("/vck/xml/long-message", test_long_message);
  g_test_add_func ("/vck/xml/installed-grammar", test_installed_grammar);
  g_test_add_func ("/vck/xml/installed-domain-grammar", test_installed_domain_grammar);
  g_test_add_func ("/vck/xml/explained", test_explained);
  g_test_add_func ("/vck/xml/threads", test_threads);
  g_test_add_func ("/vck/xml/escape", test_escape);
  g_test_add_func ("/vck/xml/white-space", test_white_space);
  g_test_add_func ("/vck/xml/format-leaf", test_format_leaf);
  g_test_add_func ("/vck/xml/look-around", test_look_around);
  g_test_add_func ("/vck/xml/look-at-nothing", test_look_at_nothing);
  return g_test_run ();
}
