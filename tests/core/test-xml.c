/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "assert-xml.h"
#include "xml/xml-explain.h"
#include "xml/xml-format.h"

#include <libxml/relaxng.h>
#include <string.h>

#define CHECKPOINT(inside) "<domaincheckpoint>" inside "</domaincheckpoint>"
#define DOMAIN_WITH(inside) "<domain><name>a</name>" inside "</domain>"

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
    assert_xml_refused (hostile->xml, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_ERROR,
                        hostile->message);
  else
    assert_xml_refused (
        hostile->xml, VCKC_XML_SCHEMA_CHECKPOINT, VCKC_ERROR_XML_INVALID_SCHEMA,
        "test document, line 1: element 'include' is not allowed inside 'description'");
}

/* libxml2 likes to print; a library must not. */
static void
test_prints_nothing (void)
{
  if (g_test_subprocess ())
    {
      for (guint i = 0; i < G_N_ELEMENTS (hostile_cases); i++)
        g_assert_null (assert_xml_parse (hostile_cases[i].xml, VCKC_XML_SCHEMA_CHECKPOINT, NULL));
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
    assert_xml_accepted (accepted_documents[i], VCKC_XML_SCHEMA_CHECKPOINT);
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
      g_autoptr (xmlDoc) valid = assert_xml_parse (text, VCKC_XML_SCHEMA_CHECKPOINT, NULL);
      g_autoptr (xmlDoc) doc = xmlReadDoc (BAD_CAST text, NULL, NULL, XML_PARSE_NONET);
      long line = 0;
      g_autofree char *explanation =
          vckc_xml_schema_explain (doc, vckc_xml_rules_domaincheckpoint, &line);

      g_assert_true ((explanation == NULL) == (valid != NULL));
      g_assert_cmpint (line, ==, valid != NULL ? 0 : 1);
    }
}

#define EXPORT(attributes, entries)                                                                \
  "<vckcheckpoints version='1'" attributes ">" entries "</vckcheckpoints>"

/* Only what is wrong is explained: an entry may have a UUID. */
static void
test_explained_export (void)
{
  assert_xml_refused (EXPORT (" domain='a'", "<entry uuid='u'><domaincheckpoint/><disk name='vda' "
                                             "capacity='1'/></entry>"),
                      VCKC_XML_SCHEMA_EXPORT, VCKC_ERROR_XML_INVALID_SCHEMA,
                      "test document, line 1: element 'disk' needs the attribute 'granularity'");
  assert_xml_refused (
      EXPORT ("", "<entry/>"), VCKC_XML_SCHEMA_EXPORT, VCKC_ERROR_XML_INVALID_SCHEMA,
      "test document, line 1: element 'vckcheckpoints' needs the attribute 'domain'");
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
      g_autoptr (xmlDoc) doc =
          assert_xml_parse (grammar_documents[i], VCKC_XML_SCHEMA_CHECKPOINT, NULL);

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
      g_autoptr (xmlDoc) doc = assert_xml_parse (text, VCKC_XML_SCHEMA_CHECKPOINT, &error);

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
  g_autoptr (xmlDoc) doc = assert_xml_parse (DOMAIN_WITH ("<x y='&#10;&#9;&#13; '>&#13;\n\t</x>"),
                                             VCKC_XML_SCHEMA_DOMAIN, NULL);
  g_autoptr (xmlDoc) again = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  xmlNode *node;
  g_autofree char *attribute = NULL;

  vckc_xml_format_node (out, xmlDocGetRootElement (doc), 0);
  again = assert_xml_parse (out->str, VCKC_XML_SCHEMA_DOMAIN, NULL);
  node = vckc_xml_child (xmlDocGetRootElement (again), "x");
  attribute = vckc_xml_attribute (node, "y");
  g_assert_cmpstr (attribute, ==, "\n\t\r ");
}

static void
test_format_leaf (void)
{
  g_autoptr (xmlDoc) doc = assert_xml_parse (CHECKPOINT (""), VCKC_XML_SCHEMA_CHECKPOINT, NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  vckc_xml_format_node (out, xmlDocGetRootElement (doc), 3);
  g_assert_cmpstr (out->str, ==, "      <domaincheckpoint/>\n");
}

/* --- looking around --- */

static void
test_look_around (void)
{
  g_autoptr (xmlDoc) doc = assert_xml_parse (
      DOMAIN_WITH ("<n:x xmlns:n='urn:n' n:y='1'/><x n:y='2' y='3' xmlns:n='urn:n'>t&amp;"
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
  g_test_add_func ("/vck/xml/installed-grammar", test_installed_grammar);
  g_test_add_func ("/vck/xml/installed-domain-grammar", test_installed_domain_grammar);
  g_test_add_func ("/vck/xml/explained", test_explained);
  g_test_add_func ("/vck/xml/explained-export", test_explained_export);
  g_test_add_func ("/vck/xml/threads", test_threads);
  g_test_add_func ("/vck/xml/escape", test_escape);
  g_test_add_func ("/vck/xml/white-space", test_white_space);
  g_test_add_func ("/vck/xml/format-leaf", test_format_leaf);
  g_test_add_func ("/vck/xml/look-around", test_look_around);
  g_test_add_func ("/vck/xml/look-at-nothing", test_look_at_nothing);
  return g_test_run ();
}
