/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Domain descriptions: what is understood is the same when it was written and read again. */

#include "fuzz-explain.h"

#include "model/domain-def.h"

static const char *const seeds[] = { NULL };

static const char *const words[] = {
  "<name>t</name>",
  "<uuid>11111111222233334444555555555555</uuid>",
  "<devices>",
  "</devices>",
  "<disk type='file'><source file='/a'/><target dev='vdz'/></disk>",
  "<readonly/>",
  "<transient/>",
  " device='cdrom'",
  " type='network'",
  "<driver type='qcow2'/>",
  "&#13;",
  "&#10;",
  "&#9;",
  "&lt;",
  "<![CDATA[",
  "]]>",
  "<!--",
  "-->",
  "<?x y?>",
  "<!DOCTYPE x>",
  "&x;",
  " xmlns:n='urn:n'",
  "<n:x n:y='1'/>",
  " xmlns='urn:x'",
  " xml:space='preserve'",
  "<graphics type='vnc' passwd='x'/>",
  "\xef\xbb\xbf",
  "\xff",
  "\xc3\xa9",
  "\r\n",
  "\t",
  "  ",
  "'",
  "\"",
  "<?xml version='1.0' encoding='latin1'?>",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "domain",
  .folder = "domain",
  .seeds = seeds,
  .words = words,
};

static char *
write_def (const VckcDomainDef *def, bool secure)
{
  GString *out = g_string_new (NULL);

  vckc_domain_def_format (def, secure, out);
  return g_string_free (out, FALSE);
}

static void
check_round_trip (const VckcDomainDef *def, bool secure)
{
  g_autofree char *text = write_def (def, secure);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainDef) again = vckc_domain_def_parse (text, &error);
  g_autofree char *text_again = NULL;

  if (again == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), text);
  text_again = write_def (again, secure);
  g_assert_cmpstr (text_again, ==, text);
  g_assert_cmpuint (again->disks->len, ==, def->disks->len);
  g_assert_cmpstr (again->name, ==, def->name);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (text, &error);

  g_assert_true ((def == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_utf8_validate (vckc_error_get_message (error), -1, NULL));
  if (def != NULL || vckc_error_get_code (error) == VCKC_ERROR_XML_INVALID_SCHEMA)
    fuzz_check_explanation (text, vckc_xml_rules_domain, def != NULL);
  if (def != NULL)
    {
      g_autoptr (VckcDomainDef) with_uuid =
          vckc_domain_def_with_uuid (def, "11111111-2222-3333-4444-555555555555");

      check_round_trip (def, true);
      check_round_trip (def, false);
      check_round_trip (with_uuid, true);
    }
  return 0;
}
