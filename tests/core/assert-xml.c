/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "assert-xml.h"

xmlDoc *
assert_xml_parse (const char *text, VckcXmlSchema schema, VckcError **err)
{
  return vckc_xml_parse (text, schema, "test document", err);
}

void
assert_xml_accepted (const char *text, VckcXmlSchema schema)
{
  VckcError *error = NULL;
  g_autoptr (xmlDoc) doc = assert_xml_parse (text, schema, &error);

  g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
  g_assert_nonnull (doc);
}

void
assert_xml_refused (const char *text, VckcXmlSchema schema, VckcErrorCode code, const char *message)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (xmlDoc) doc = assert_xml_parse (text, schema, &error);

  g_assert_null (doc);
  g_assert_nonnull (error);
  g_assert_cmpstr (vckc_error_get_message (error), ==, message);
  g_assert_cmpint (vckc_error_get_code (error), ==, code);
  /* Without a pointer for the error nothing else happens. */
  g_assert_null (assert_xml_parse (text, schema, NULL));
}
