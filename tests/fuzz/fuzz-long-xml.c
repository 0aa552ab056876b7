/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Long XML documents: a piece of the input, between two bytes of ~, is repeated up to a size at
 * which what takes quadratic time runs into libFuzzer's timeout.
 */

#include "fuzz.h"

#include "xml/xml-parse.h"

#include <string.h>

#ifdef FUZZING
#define LONG (512 * 1024)
#else
#define LONG (16 * 1024)
#endif

static const char *const seeds[] = {
  "<domaincheckpoint><!--~-~--></domaincheckpoint>",
  "<domaincheckpoint>~<x/>~</domaincheckpoint>",
  "<domaincheckpoint><description>~a<!---->~</description></domaincheckpoint>",
  "<domaincheckpoint><disks>~<disk name='vda'/>~</disks></domaincheckpoint>",
  "<domain><name>~a<![CDATA[b]]>~</name></domain>",
  "<domain><name>a</name><devices>~<x y='1'/><?z?>~</devices></domain>",
  "<domain a='~&amp;\n~'><name>a</name></domain>",
  "<vckcheckpoints version='1'>~<entry><domaincheckpoint/></entry>~</vckcheckpoints>",
  NULL,
};

static const char *const words[] = {
  "~",    "<!--",       "-->",          "<![CDATA[", "]]>",           "<?a ",
  "?>",   "&lt;",       "&#10;",        "&x;",       "<x>",           "</x>",
  "<x/>", " xmlns='u'", " xmlns:y='u'", "<y:x/>",    " a='1'",        " a=",
  "'",    "\"",         "<name>",       "</name>",   "<description>", "</description>",
  "\xff", "\r\n",       NULL,
};

const FuzzTarget fuzz_target = {
  .name = "long-xml",
  .seeds = seeds,
  .words = words,
};

static char *
stretch (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "~", 3);
  GString *out = g_string_new (parts[0]);

  if (g_strv_length (parts) == 3)
    {
      gsize size = strlen (parts[1]);

      while (size > 0 && out->len + size < LONG)
        g_string_append_len (out, parts[1], (gssize) size);
      g_string_append (out, parts[2]);
    }
  return g_string_free (out, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const VckcXmlSchema schemas[] = { VCKC_XML_SCHEMA_CHECKPOINT, VCKC_XML_SCHEMA_DOMAIN,
                                           VCKC_XML_SCHEMA_EXPORT };
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *document = stretch (text);

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (VckcError) error = NULL;
      g_autoptr (xmlDoc) doc = vckc_xml_parse (document, schemas[i], "document", &error);

      g_assert_true ((doc == NULL) == (error != NULL));
      g_assert_true (error == NULL || g_utf8_validate (vckc_error_get_message (error), -1, NULL));
    }
  return 0;
}
