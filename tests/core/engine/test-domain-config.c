/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of domains: from documents, to documents, and defined. */

#include "../refusal.h"

#include <stdlib.h>

#include "handles/handles.h"
#include "vckc.h"

#define UUID "11111111-2222-3333-4444-555555555555"
#define DISK(type, device, format, source, target, more)                                           \
  "    <disk type='" type "' device='" device "'>\n"                                               \
  "      <driver name='qemu' type='" format "'/>\n"                                                \
  "      <source " source "/>\n"                                                                   \
  "      <target dev='" target "'/>\n" more "    </disk>\n"
#define WRITTEN_DISKS                                                                              \
  DISK ("file", "disk", "qcow2", "file='/a &lt;.qcow2'", "vda", "")                                \
  DISK ("block", "disk", "raw", "dev='/dev/vg/b'", "vdb", "")
#define OTHER_DISKS                                                                                \
  DISK ("file", "disk", "qcow2", "file='/c.qcow2'", "vdc", "<readonly/>")                          \
  DISK ("file", "disk", "qcow2", "file='/d.qcow2'", "vdd", "<transient/>")                         \
  DISK ("file", "cdrom", "raw", "file='/e.iso'", "sda", "")                                        \
  DISK ("network", "disk", "raw", "protocol='rbd' name='f'", "vdf", "")                            \
  "<disk type='file' device='cdrom'><target dev='sdb'/></disk>"
#define DOCUMENT(more, disks)                                                                      \
  "<domain>\n"                                                                                     \
  "  <name>web</name>\n"                                                                           \
  "  <uuid>" UUID "</uuid>\n"                                                                      \
  "  <metadata>\n"                                                                                 \
  "    <vck:machine xmlns:vck='urn:vck:domain:1' qmp='/q' agent='/a'/>\n"                          \
  "  </metadata>\n" more "  <devices>\n" disks "  </devices>\n"                                    \
  "</domain>\n"

static void
assert_document (const VckcDomainConfig *config, const char *expected)
{
  g_autoptr (VckcError) error = NULL;
  char *xml = vckc_domain_config_format (config, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_cmpstr (xml, ==, expected);
  free (xml);
}

static void
assert_refused_everywhere (const VckcDomainConfig *config, VckcErrorCode code)
{
  g_autoptr (VckcConnect) connect = vckc_connect_open ("memory:///refused", 0, NULL);
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_config_format (config, &error));
  assert_refused (error, code);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_define (connect, config, &error));
  assert_refused (error, code);
}

static void
test_parse (void)
{
  g_autoptr (VckcError) error = NULL;
  VckcDomainConfig *config =
      vckc_domain_config_parse (DOCUMENT ("<memory>1</memory>", OTHER_DISKS WRITTEN_DISKS), &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_cmpstr (config->name, ==, "web");
  g_assert_cmpstr (config->uuid, ==, UUID);
  g_assert_cmpstr (config->qmp_socket, ==, "/q");
  g_assert_cmpstr (config->agent_socket, ==, "/a");
  g_assert_cmpuint (config->n_disks, ==, 2);
  g_assert_cmpstr (config->disks[0].target, ==, "vda");
  g_assert_cmpstr (config->disks[0].source, ==, "/a <.qcow2");
  g_assert_cmpstr (config->disks[0].format, ==, "qcow2");
  g_assert_cmpstr (config->disks[1].source, ==, "/dev/vg/b");
  assert_document (config, DOCUMENT ("", WRITTEN_DISKS));
  vckc_domain_config_free (config);
  vckc_domain_config_free (NULL);

  g_assert_null (vckc_domain_config_parse (NULL, &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_config_parse ("<domain>", &error));
  assert_refused (error, VCKC_ERROR_XML_ERROR);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_config_parse ("<domain/>", &error));
  assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA);
}

static void
test_format (void)
{
  VckcDomainDiskConfig disk = { (char *) "vda", (char *) "/dev/shm/a", NULL };
  VckcDomainConfig config = { .name = (char *) "a&b" };

  assert_document (&config, "<domain>\n  <name>a&amp;b</name>\n</domain>\n");
  config.n_disks = 1;
  config.disks = &disk;
  assert_document (&config, "<domain>\n  <name>a&amp;b</name>\n  <devices>\n" DISK (
                                "file", "disk", "qcow2", "file='/dev/shm/a'", "vda",
                                "") "  </devices>\n</domain>\n");
}

static void
test_refusals (void)
{
  VckcDomainDiskConfig disks[] = { { (char *) "vda", (char *) "/a", NULL },
                                   { (char *) "vdb", (char *) "/b", NULL } };
  VckcDomainConfig config = { .name = (char *) "a", .n_disks = 2 };

  assert_refused_everywhere (NULL, VCKC_ERROR_INVALID_ARG);
  assert_refused_everywhere (&config, VCKC_ERROR_INVALID_ARG);
  config.disks = disks;
  disks[1].source = NULL;
  assert_refused_everywhere (&config, VCKC_ERROR_INVALID_ARG);
  disks[1].source = (char *) "b";
  assert_refused_everywhere (&config, VCKC_ERROR_INVALID_ARG);
  disks[1].source = (char *) "/b";
  disks[1].target = (char *) "vda";
  assert_refused_everywhere (&config, VCKC_ERROR_XML_ERROR);
  disks[1].target = NULL;
  assert_refused_everywhere (&config, VCKC_ERROR_XML_INVALID_SCHEMA);
  config.n_disks = 0;
  config.qmp_socket = (char *) "relative";
  assert_refused_everywhere (&config, VCKC_ERROR_XML_ERROR);
  config.qmp_socket = NULL;
  config.uuid = (char *) "1";
  assert_refused_everywhere (&config, VCKC_ERROR_XML_INVALID_SCHEMA);
  config.uuid = NULL;
  config.name = NULL;
  assert_refused_everywhere (&config, VCKC_ERROR_XML_INVALID_SCHEMA);
}

static void
test_define (void)
{
  VckcDomainDiskConfig disk = { (char *) "vda", (char *) "/a.qcow2", NULL };
  VckcDomainConfig config = { .name = (char *) "web", .n_disks = 1, .disks = &disk };
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcConnect) connect = vckc_connect_open ("memory:///define", 0, NULL);
  g_autoptr (VckcConnect) reader =
      vckc_connect_open ("memory:///define", VCKC_CONNECTION_READ_ONLY, NULL);
  g_autoptr (VckcDomain) domain = vckc_domain_define (connect, &config, &error);
  g_autoptr (VckcDomain) again = vckc_domain_define (connect, &config, &error);

  g_assert_null (error);
  g_assert_cmpstr (vckc_domain_get_name (domain, NULL), ==, "web");
  g_assert_cmpstr (vckc_domain_get_uuid (domain, NULL), ==, vckc_domain_get_uuid (again, NULL));
  g_assert_cmpint (vckc_domain_list_disks (domain, NULL, NULL), ==, 1);

  config.uuid = (char *) UUID;
  g_assert_null (vckc_domain_define (connect, &config, &error));
  assert_refused (error, VCKC_ERROR_DOMAIN_EXISTS);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_define (reader, &config, &error));
  assert_refused (error, VCKC_ERROR_OPERATION_DENIED);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_define (NULL, &config, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/domain-config/parse", test_parse);
  g_test_add_func ("/vck/domain-config/format", test_format);
  g_test_add_func ("/vck/domain-config/refusals", test_refusals);
  g_test_add_func ("/vck/domain-config/define", test_define);
  return g_test_run ();
}
