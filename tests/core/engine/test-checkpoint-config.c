/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of checkpoints, from documents and to documents. */

#include "../refusal.h"

#include <stdlib.h>

#include "handles/handles.h"
#include "vckc.h"

#define DISKS                                                                                      \
  "  <disks>\n"                                                                                    \
  "    <disk name='vdb' checkpoint='no'/>\n"                                                       \
  "    <disk name='/a b' checkpoint='bitmap' bitmap='&lt;'/>\n"                                    \
  "  </disks>\n"
#define DOCUMENT(parts) "<domaincheckpoint>\n" parts "</domaincheckpoint>\n"

static void
assert_document (const VckcCheckpointConfig *config, const char *expected)
{
  g_autoptr (VckcError) error = NULL;
  char *xml = vckc_checkpoint_config_format (config, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_cmpstr (xml, ==, expected);
  free (xml);
}

static void
assert_no_document (const VckcCheckpointConfig *config, VckcErrorCode code)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_checkpoint_config_format (config, &error));
  assert_refused (error, code);
}

static void
assert_not_parsed (const char *xml, VckcErrorCode code)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_checkpoint_config_parse (xml, &error));
  assert_refused (error, code);
}

static void
test_parse (void)
{
  g_autoptr (VckcError) error = NULL;
  VckcCheckpointConfig *config = vckc_checkpoint_config_parse (
      DOCUMENT ("<name>c</name><description>d</description><creationTime>5</creationTime>" DISKS
                "<parent><name>p</name></parent>"),
      &error);

  g_assert_null (error);
  g_assert_cmpstr (config->name, ==, "c");
  g_assert_cmpstr (config->description, ==, "d");
  g_assert_cmpint (config->policy, ==, VCKC_DISK_POLICY_LISTED);
  g_assert_cmpuint (config->n_disks, ==, 2);
  g_assert_cmpstr (config->disks[0].target, ==, "vdb");
  g_assert_false (config->disks[0].tracked);
  g_assert_null (config->disks[0].bitmap);
  g_assert_cmpstr (config->disks[1].target, ==, "/a b");
  g_assert_true (config->disks[1].tracked);
  g_assert_cmpstr (config->disks[1].bitmap, ==, "<");
  assert_document (config, DOCUMENT ("  <name>c</name>\n  <description>d</description>\n" DISKS));
  vckc_checkpoint_config_free (config);

  config = vckc_checkpoint_config_parse ("<domaincheckpoint/>", &error);
  g_assert_null (error);
  g_assert_null (config->name);
  g_assert_null (config->description);
  g_assert_cmpint (config->policy, ==, VCKC_DISK_POLICY_ALL);
  g_assert_cmpuint (config->n_disks, ==, 0);
  assert_document (config, DOCUMENT (""));
  vckc_checkpoint_config_free (config);
  vckc_checkpoint_config_free (NULL);
}

static void
test_not_parsed (void)
{
  assert_not_parsed (NULL, VCKC_ERROR_INVALID_ARG);
  assert_not_parsed ("<domaincheckpoint>", VCKC_ERROR_XML_ERROR);
  assert_not_parsed ("<domain/>", VCKC_ERROR_XML_ERROR);
  assert_not_parsed (DOCUMENT ("<name>..</name>"), VCKC_ERROR_XML_INVALID_SCHEMA);
  assert_not_parsed (DOCUMENT ("<disks/>"), VCKC_ERROR_XML_INVALID_SCHEMA);
}

static void
test_not_formatted (void)
{
  VckcCheckpointDiskConfig disk = { (char *) "vda", true, NULL };
  VckcCheckpointConfig config = { .policy = VCKC_DISK_POLICY_TRACKABLE };

  assert_no_document (NULL, VCKC_ERROR_INVALID_ARG);
  assert_no_document (&config, VCKC_ERROR_OPERATION_INVALID);
  config.policy = VCKC_DISK_POLICY_LISTED;
  assert_no_document (&config, VCKC_ERROR_OPERATION_INVALID);
  config.policy = VCKC_DISK_POLICY_ALL + 1;
  assert_no_document (&config, VCKC_ERROR_INVALID_ARG);
  config.policy = VCKC_DISK_POLICY_LISTED;
  config.n_disks = 1;
  assert_no_document (&config, VCKC_ERROR_INVALID_ARG);
  config.disks = &disk;
  assert_document (&config, DOCUMENT ("  <disks>\n    <disk name='vda' checkpoint='bitmap'/>\n"
                                      "  </disks>\n"));
  config.policy = VCKC_DISK_POLICY_ALL;
  assert_no_document (&config, VCKC_ERROR_OPERATION_INVALID);
  config.policy = VCKC_DISK_POLICY_LISTED;
  config.description = (char *) "\001";
  assert_no_document (&config, VCKC_ERROR_XML_ERROR);
  config.description = NULL;
  disk.tracked = false;
  disk.bitmap = (char *) "b";
  assert_document (&config, DOCUMENT ("  <disks>\n    <disk name='vda' checkpoint='no'/>\n"
                                      "  </disks>\n"));
  disk.target = NULL;
  assert_no_document (&config, VCKC_ERROR_XML_INVALID_SCHEMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/checkpoint-config/parse", test_parse);
  g_test_add_func ("/vck/checkpoint-config/not-parsed", test_not_parsed);
  g_test_add_func ("/vck/checkpoint-config/not-formatted", test_not_formatted);
  return g_test_run ();
}
