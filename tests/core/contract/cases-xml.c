/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What documents make of the disks of a domain: tables X and the XML part of Q of semantics.md. */

#include "../refusal.h"
#include "contract.h"

#include <stdlib.h>
#include <string.h>

#define CREATE 0
#define REDEFINE VCKC_CHECKPOINT_CREATE_REDEFINE
#define DISKS(disks) "<domaincheckpoint><name>a</name><disks>" disks "</disks></domaincheckpoint>"
#define OTHER_DOMAIN(uuid, devices)                                                                \
  "<domain type='@TYPE@'><name>other</name>" uuid                                                  \
  "<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>" devices "</devices></domain>"
#define REDEFINED(more)                                                                            \
  "<domaincheckpoint><name>a</name><creationTime>5</creationTime>" more "</domaincheckpoint>"
#define OWN_UUID "<uuid>@UUID@</uuid>"
#define REST " vdc=no vdd=no vde=no vdf=no hda=no"

static const char no_disk[] = "a checkpoint that tracks nothing is refused";
static const char empty_bitmap[] = "an empty bitmap name is refused";
static const char internal_error[] = "libvirt calls a missing creation time an internal error";
static const char time_zero[] = "libvirt accepts 0 and then cannot read its own document";

static const XmlCase cases[] = {
  { "X01", CREATE, "", VCKC_ERROR_XML_ERROR, NULL, NULL },
  { "X02", CREATE, "<domaincheckpoint>", VCKC_ERROR_XML_ERROR, NULL, NULL },
  { "X03", CREATE, "<domain/>", VCKC_ERROR_XML_ERROR, NULL, NULL },
  { "X04", CREATE, "<domaincheckpoint xmlns='http://x'/>", VCKC_ERROR_XML_INVALID_SCHEMA, NULL,
    NULL },
  { "X05", CREATE, "<domaincheckpoint foo='1'/>", VCKC_ERROR_XML_INVALID_SCHEMA, NULL, NULL },
  { "X06", CREATE, "<domaincheckpoint><bogus/></domaincheckpoint>", VCKC_ERROR_XML_INVALID_SCHEMA,
    NULL, NULL },
  { "X11", CREATE, "<domaincheckpoint><name>.x</name></domaincheckpoint>",
    VCKC_ERROR_XML_INVALID_SCHEMA, NULL, NULL },
  { "X19", CREATE, "<domaincheckpoint><name>../x</name></domaincheckpoint>",
    VCKC_ERROR_XML_INVALID_SCHEMA, NULL, NULL },
  { "X25", CREATE,
    "<domaincheckpoint><name>a</name><description/><disks><disk name='vda'/></disks>"
    "</domaincheckpoint>",
    0, "vda=bitmap:a vdb=no" REST, NULL },
  { "X34", CREATE,
    "<domaincheckpoint><disks><disk name='vda'/></disks><parent><name>zz</name></parent>"
    "<creationTime>5</creationTime><name>a</name></domaincheckpoint>",
    0, "vda=bitmap:a vdb=no" REST, NULL },
  { "X39", CREATE, "<domaincheckpoint><name>a</name><domain/></domaincheckpoint>",
    VCKC_ERROR_XML_INVALID_SCHEMA, NULL, NULL },
  { "X46", CREATE, DISKS ("<disk name='vda'/>"), 0, "vda=bitmap:a vdb=no" REST, NULL },
  { "X47", CREATE, DISKS ("<disk name='vda' checkpoint='bitmap'/>"), 0, "vda=bitmap:a vdb=no" REST,
    NULL },
  { "X48", CREATE, DISKS ("<disk name='@DIR@/b.qcow2'/>"), 0, "vda=no vdb=bitmap:a" REST, NULL },
  { "X49", CREATE, DISKS ("<disk name='vdz'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X50", CREATE, DISKS ("<disk name='/d/zz'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X51", CREATE, DISKS ("<disk name='@DIR@/dup.raw'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL,
    NULL },
  { "X52", CREATE, DISKS ("<disk name='vda'/><disk name='vda'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL, NULL },
  { "X53", CREATE, DISKS ("<disk name='vda'/><disk name='@DIR@/a.qcow2'/>"),
    VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X54", CREATE, DISKS ("<disk name='vda' checkpoint='no'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL, no_disk },
  { "X56", CREATE, DISKS ("<disk name='vda' checkpoint='no' bitmap='b'/>"),
    VCKC_ERROR_XML_INVALID_SCHEMA, NULL, NULL },
  { "X58", CREATE, DISKS ("<disk name='vda' bitmap='b'/>"), 0, "vda=bitmap:b vdb=no" REST, NULL },
  { "X59", CREATE, DISKS ("<disk name='vda' bitmap=''/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL,
    empty_bitmap },
  { "X60", CREATE, DISKS ("<disk name='vda' size='77'/>"), 0, "vda=bitmap:a vdb=no" REST, NULL },
  { "X64", CREATE, DISKS ("<disk name='vdd'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X65", CREATE, DISKS ("<disk name='hda'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X66", CREATE, DISKS ("<disk name='vda'/><disk name='vdd' checkpoint='no'/>"), 0,
    "vda=bitmap:a vdb=no" REST, NULL },
  { "X67", CREATE, DISKS ("<disk name='vdb'/><disk name='vda'/>"), 0,
    "vda=bitmap:a vdb=bitmap:a" REST, NULL },
  { "X69", CREATE, DISKS ("<disk name='vdz'/><disk name='vdd'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL, NULL },
  { "Q11", CREATE, "<domaincheckpoint><name>a</name></domaincheckpoint>",
    VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "Q12", CREATE, DISKS ("<disk name='vda'/><disk name='vdc'/>"), VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL, NULL },
  { "X71", REDEFINE, "<domaincheckpoint/>", VCKC_ERROR_XML_ERROR, NULL, NULL },
  { "X72", REDEFINE, "<domaincheckpoint><name>a</name></domaincheckpoint>", VCKC_ERROR_XML_ERROR,
    NULL, internal_error },
  { "X73", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>0</creationTime></domaincheckpoint>",
    VCKC_ERROR_XML_ERROR, NULL, time_zero },
  { "X74", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>9223372036854775807</creationTime>"
    "</domaincheckpoint>",
    0, "", NULL },
  { "X75", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>9223372036854775808</creationTime>"
    "</domaincheckpoint>",
    VCKC_ERROR_XML_ERROR, NULL, internal_error },
  { "X79", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>5</creationTime><disks><disk name='vdz'/>"
    "<disk name='vda' checkpoint='no'/><disk name='vda' bitmap='q'/></disks></domaincheckpoint>",
    0, "vdz=bitmap:a vda=no vda=bitmap:q", NULL },
  { "X80", REDEFINE,
    "<domaincheckpoint><name>a</name><parent><name>a</name></parent>"
    "<creationTime>5</creationTime></domaincheckpoint>",
    VCKC_ERROR_INVALID_ARG, NULL, NULL },
  { "X81", REDEFINE,
    "<domaincheckpoint><name>a</name><parent><name>zz</name></parent>"
    "<creationTime>5</creationTime></domaincheckpoint>",
    VCKC_ERROR_INVALID_ARG, NULL, NULL },
  { "X82", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>5</creationTime>@DOMAIN@</domaincheckpoint>", 0,
    "vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no", NULL },
  { "X84", REDEFINE,
    "<domaincheckpoint><name>a</name><creationTime>5</creationTime><disks><disk name='vdz'/>"
    "</disks>@DOMAIN@</domaincheckpoint>",
    VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
  { "X85", REDEFINE,
    REDEFINED (OTHER_DOMAIN ("<uuid>99999999-2222-3333-4444-555555555555</uuid>", "")),
    VCKC_ERROR_INVALID_ARG, NULL, NULL },
  { "X86", REDEFINE, REDEFINED (OTHER_DOMAIN ("", "")), VCKC_ERROR_INVALID_ARG, NULL, NULL },
  { "X87", REDEFINE,
    REDEFINED (OTHER_DOMAIN (OWN_UUID,
                             "<disk type='file'><source file='/x'/>"
                             "<target dev='vda'/></disk>")),
    0, "vda=bitmap:a", NULL },
  { "X88", REDEFINE, REDEFINED (OTHER_DOMAIN (OWN_UUID, "")), VCKC_ERROR_CONFIG_UNSUPPORTED, NULL,
    NULL },
  { "X89", REDEFINE, REDEFINED ("<disks><disk name='vda'/></disks>" OTHER_DOMAIN (OWN_UUID, "")),
    VCKC_ERROR_CONFIG_UNSUPPORTED, NULL, NULL },
};

static void
run_xml_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const XmlCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  const int code = difference != NULL ? difference->code : self->code;
  const char *expect = difference != NULL ? difference->expect : self->expect;
  g_autofree char *xml = fixture_expand (fixture, self->xml);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, self->flags, &error);

  if (code != 0)
    {
      g_assert_null (checkpoint);
      g_assert_nonnull (error);
      g_test_message ("%s", vckc_error_get_message (error));
      assert_refused (error, code);
      g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
      return;
    }

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_autofree char *disks =
      fixture_disks (fixture, vckc_domain_checkpoint_get_name (checkpoint, NULL), 0);
  g_assert_cmpstr (disks, ==, expect);
}

static char *
get_xml (VckcDomainCheckpoint *checkpoint, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  char *xml = vckc_domain_checkpoint_get_xml_desc (checkpoint, flags, &error);

  g_assert_null (error);
  return xml;
}

/* X91 to X94: what the document contains. */
static void
run_dump (gpointer data, gconstpointer unused)
{
  static const char xml[] = "<domaincheckpoint><name>b</name><description>d</description><disks>"
                            "<disk name='vda'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  const char *order[] = { "<name>b",        "<description>d", "<parent>",
                          "<creationTime>", "<disks>",        "<domain " };

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_assert_nonnull (checkpoint);
  g_autofree char *plain = get_xml (checkpoint, 0);
  g_autofree char *secure = get_xml (checkpoint, VCKC_CHECKPOINT_XML_SECURE);
  g_autofree char *short_xml = get_xml (checkpoint, VCKC_CHECKPOINT_XML_NO_DOMAIN);
  g_autofree char *both =
      get_xml (checkpoint, VCKC_CHECKPOINT_XML_NO_DOMAIN | VCKC_CHECKPOINT_XML_SECURE);
  const char *at = plain;

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      at = strstr (at, order[i]);
      g_assert_nonnull (at);
    }
  g_assert_true (g_str_has_suffix (plain, "</domaincheckpoint>\n"));
  g_assert_null (strstr (short_xml, "<domain "));
  g_assert_null (strstr (plain, "secret"));
  g_assert_nonnull (strstr (secure, "secret"));
  g_assert_cmpstr (both, ==, short_xml);
}

/* X95: a dump with secrets, fed back, dumps the same again. */
static void
run_round_trip (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a b");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (VckcDomainCheckpoint) b = fixture_lookup (fixture, "b");
      g_autofree char *before = get_xml (b, VCKC_CHECKPOINT_XML_SECURE);
      unsigned int flags =
          VCKC_CHECKPOINT_CREATE_REDEFINE | (i == 1 ? VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE : 0);

      fixture_run (fixture, "delete b metadata");
      g_autoptr (VckcDomainCheckpoint) again =
          vckc_domain_checkpoint_create_xml (fixture->domain, before, flags, NULL);
      g_assert_nonnull (again);
      g_autofree char *after = get_xml (again, VCKC_CHECKPOINT_XML_SECURE);
      g_assert_cmpstr (after, ==, before);
    }
}

/* Instead of X10: unnamed checkpoints get names that are unique and sort by time. */
static void
run_unnamed (gpointer data, gconstpointer unused)
{
  static const char xml[] =
      "<domaincheckpoint><disks><disk name='vda'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  g_autofree char *last = g_strdup ("");

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (VckcDomainCheckpoint) checkpoint =
          vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
      const char *name = vckc_domain_checkpoint_get_name (checkpoint, NULL);

      g_assert_cmpint (strcmp (last, name), <, 0);
      g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (checkpoint, NULL), >, 1600000000);
      g_free (last);
      last = g_strdup (name);
    }
}

/* One call for what four others return. */
static void
run_details (gpointer data, gconstpointer unused)
{
  static const char xml[] = "<domaincheckpoint><name>b</name><description>two</description>"
                            "<disks><disk name='vda'/></disks></domaincheckpoint>";
  Fixture *fixture = data;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  g_autoptr (VckcDomainCheckpoint) parent = NULL;
  char *description = NULL;
  char *parent_name = NULL;
  char *uuid = NULL;
  char *own_uuid;
  int64_t creation_time = 0;

  fixture_run (fixture, "create a");
  checkpoint = vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_get_details (checkpoint, &description, &parent_name,
                                                       &parent, &creation_time, &uuid, NULL),
                   ==, 0);
  own_uuid = vckc_domain_checkpoint_get_uuid (checkpoint, NULL);
  g_assert_cmpstr (uuid, ==, own_uuid);
  g_assert_cmpstr (description, ==, "two");
  g_assert_cmpstr (parent_name, ==, "a");
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (parent, NULL), ==, "a");
  g_assert_true (vckc_domain_checkpoint_get_domain (parent, NULL) == fixture->domain);
  g_assert_cmpint (creation_time, ==, vckc_domain_checkpoint_get_creation_time (checkpoint, NULL));
  free (description);
  free (parent_name);
  free (uuid);
  free (own_uuid);
}

void
add_xml_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_xml_case, &cases[i]);
  add_case (target, "X91-X94", run_dump, NULL);
  add_case (target, "X95", run_round_trip, NULL);
  add_case (target, "X10", run_unnamed, NULL);
  add_case (target, "get-details", run_details, NULL);
}
