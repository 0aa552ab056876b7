/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoint descriptions: what is understood is the same when it was written and read again. */

#include "fuzz-explain.h"

#include "model/checkpoint-xml.h"

static const char *const seeds[] = {
  "<domaincheckpoint><name>a</name><creationTime>1</creationTime><disks><disk name='vda' "
  "bitmap='a'/></disks></domaincheckpoint>\n"
  "<?vck-disk name='vda' capacity='1073741824' granularity='65536'?>\n",
  NULL,
};

static const char *const words[] = {
  "<domain><name>t</name></domain>",
  "<disks>",
  "</disks>",
  "<disk name='vdb'/>",
  " checkpoint='no'",
  " checkpoint='bitmap'",
  " bitmap=''",
  " size='-1'",
  "<parent><name>",
  "</name></parent>",
  "<creationTime>9223372036854775807</creationTime>",
  "<description>",
  "</description>",
  "&#13;",
  "&#10;",
  "&#9;",
  "&lt;",
  "<![CDATA[",
  "]]>",
  "<!--",
  "-->",
  "<?vck-disk name='vda' capacity='1' granularity='1'?>",
  "<!DOCTYPE x>",
  "&x;",
  "xmlns:n='n' ",
  "<n:x/>",
  " xmlns='urn:x'",
  "\xef\xbb\xbf",
  "\xff",
  "\xc3\xa9",
  "\r\n",
  "\t",
  "'",
  "\"",
  "<?xml version='1.0' encoding='UTF-16'?>",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "checkpoint",
  .folder = "checkpoint",
  .seeds = seeds,
  .words = words,
};

typedef char *(*Writer) (const VckcCheckpointDef *def);

static char *
write_plain (const VckcCheckpointDef *def)
{
  return vckc_checkpoint_def_format (def, true, true);
}

static void
check_round_trip (const VckcCheckpointDef *def, Writer writer)
{
  g_autofree char *text = writer (def);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcCheckpointDef) again = vckc_checkpoint_def_parse (text, true, &error);
  g_autofree char *text_again = NULL;

  if (again == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), text);
  text_again = writer (again);
  g_assert_cmpstr (text_again, ==, text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);

  for (guint redefine = 0; redefine <= 1; redefine++)
    {
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse (text, redefine, &error);

      g_assert_true ((def == NULL) == (error != NULL));
      g_assert_true (error == NULL || g_utf8_validate (vckc_error_get_message (error), -1, NULL));
      if (def != NULL || vckc_error_get_code (error) == VCKC_ERROR_XML_INVALID_SCHEMA)
        fuzz_check_explanation (text, vckc_xml_rules_domaincheckpoint, def != NULL);
      if (def != NULL && redefine)
        {
          check_round_trip (def, write_plain);
          check_round_trip (def, vckc_checkpoint_def_format_stored);
        }
    }
  return 0;
}
