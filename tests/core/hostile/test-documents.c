/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Documents that want more than to be read, wherever a document goes: all are refused, and
 * everything stays as it was. What the parser says of each is tested with it. */

#include <stdlib.h>
#include <string.h>

#include "hostile-fixture.h"

#define BOMB                                                                                       \
  "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"  \
  "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]>"
#define OUTSIDE "<!DOCTYPE x [<!ENTITY d SYSTEM 'file:///etc/passwd'>]>"
#define PARAMETER "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://localhost:1/'> %p;]>"

/* What stands before the document, in its description, and behind it. */
typedef struct
{
  const char *name;
  const char *before;
  const char *inside;
  const char *behind;
} Wrapping;

static const Wrapping wrappings[] = {
  { "bomb", BOMB, "&d;", "" },
  { "outside", OUTSIDE, "&d;", "" },
  { "parameter", PARAMETER, "", "" },
  { "unknown-entity", "", "&nbsp;", "" },
  { "include", "", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>",
    "" },
  { "other-namespace", "", "<x xmlns='urn:x'/>", "" },
  { "not-utf8", "", "\xff\xfe", "" },
  { "wrong-encoding", "<?xml version='1.0' encoding='UTF-16'?>", "", "" },
  { "unknown-encoding", "<?xml version='1.0' encoding='nonsense'?>", "", "" },
  { "control-character", "", "\x01", "" },
  { "control-reference", "", "&#1;", "" },
  { "two-documents", "", "", "<x/>" },
  { "cut", "", "<![CDATA[", "" },
  { "garbage-before", "garbage", "", "" },
};

/* Documents with a slot for each part of a wrapping. */
#define CHECKPOINT                                                                                 \
  "%s<domaincheckpoint><name>a</name><description>%s</description>"                                \
  "<creationTime>5</creationTime></domaincheckpoint>%s"
#define DOMAIN "%s<domain><name>n</name><uuid>%s</uuid></domain>%s"
#define EXPORT                                                                                     \
  "%s<vckcheckpoints version='1' domain='t'><entry><domaincheckpoint><name>a</name>"               \
  "<description>%s</description><creationTime>5</creationTime></domaincheckpoint></entry>"         \
  "</vckcheckpoints>%s"

static void
create_refused (HostileFixture *fixture, const char *xml)
{
  for (unsigned int flags = 0; flags <= VCKC_CHECKPOINT_CREATE_REDEFINE; flags++)
    {
      VckcError *error = NULL;

      g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, &error));
      assert_refused (error, VCKC_ERROR_XML_ERROR, VCKC_ERROR_XML_INVALID_SCHEMA,
                      "checkpoint description");
    }
}

static void
define_refused (HostileFixture *fixture, const char *xml)
{
  VckcError *error = NULL;

  g_assert_null (vckc_domain_define_xml (fixture->connect, xml, &error));
  assert_refused (error, VCKC_ERROR_XML_ERROR, VCKC_ERROR_XML_INVALID_SCHEMA, "domain description");
}

static void
import_refused (HostileFixture *fixture, const char *document)
{
  VckcImportResult **results = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_import_checkpoints (fixture->domain, document, &results, 0, &error),
                   ==, -1);
  assert_refused (error, VCKC_ERROR_XML_ERROR, VCKC_ERROR_XML_INVALID_SCHEMA,
                  "document of checkpoints");
}

static void
assert_unchanged (HostileFixture *fixture)
{
  g_autofree char *list = hostile_list (fixture->domain);
  g_autofree char *findings = hostile_verify (fixture->domain);

  g_assert_cmpstr (list, ==, "kept");
  g_assert_cmpstr (findings, ==, "");
  g_assert_null (vckc_domain_lookup_by_name (fixture->connect, "n", NULL));
}

static void
test_wrappings (HostileFixture *fixture, gconstpointer data)
{
  hostile_create (fixture, "kept");
  for (gsize i = 0; i < G_N_ELEMENTS (wrappings); i++)
    {
      const Wrapping *with = &wrappings[i];
      g_autofree char *checkpoint =
          g_strdup_printf (CHECKPOINT, with->before, with->inside, with->behind);
      g_autofree char *domain = g_strdup_printf (DOMAIN, with->before, with->inside, with->behind);
      g_autofree char *document =
          g_strdup_printf (EXPORT, with->before, with->inside, with->behind);

      g_test_message ("%s", with->name);
      create_refused (fixture, checkpoint);
      define_refused (fixture, domain);
      import_refused (fixture, document);
    }
  assert_unchanged (fixture);
}

/* `count` times `text`. */
static char *
repeat (const char *text, gsize count)
{
  GString *out = g_string_sized_new (strlen (text) * count);

  for (gsize i = 0; i < count; i++)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

static void
test_too_much (HostileFixture *fixture, gconstpointer data)
{
  g_autofree char *huge = g_strnfill (5 * 1024 * 1024, 'x');
  g_autofree char *opening = repeat ("<x>", 100000);
  g_autofree char *many = repeat ("<disk name='vda'/>", 30000);
  const char *const insides[] = { huge, opening, many };

  hostile_create (fixture, "kept");
  for (gsize i = 0; i < G_N_ELEMENTS (insides); i++)
    {
      g_autofree char *checkpoint = g_strdup_printf (CHECKPOINT, "", insides[i], "");
      g_autofree char *domain = g_strdup_printf (DOMAIN, "", insides[i], "");

      create_refused (fixture, checkpoint);
      define_refused (fixture, domain);
    }
  {
    /* A document of all checkpoints may be larger. */
    g_autofree char *document = g_strdup_printf (EXPORT, "", opening, "");

    import_refused (fixture, document);
  }
  assert_unchanged (fixture);
}

/* Nothing at all, and what is no document of the kind. */
static void
test_nothing (HostileFixture *fixture, gconstpointer data)
{
  static const char *const documents[] = {
    "", " \n", "<", "x", "\xef\xbb\xbf", "<x/>", "<!-- nothing -->", "<?xml version='1.0'?>"
  };

  hostile_create (fixture, "kept");
  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      create_refused (fixture, documents[i]);
      define_refused (fixture, documents[i]);
      import_refused (fixture, documents[i]);
    }
  assert_unchanged (fixture);
}

/* One disk twice: by its target, by its image, and by both. */
static void
test_disks_twice (HostileFixture *fixture, gconstpointer data)
{
  const char *const names[][2] = { { "vda", "vda" },
                                   { fixture->images[0], "vda" },
                                   { fixture->images[1], fixture->images[1] } };
  VckcError *error = NULL;

  hostile_create (fixture, "kept");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>a</name><disks><disk name='%s'/>"
                           "<disk name='%s' checkpoint='no'/></disks></domaincheckpoint>",
                           names[i][0], names[i][1]);

      error = NULL;
      g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error));
      assert_refused (error, VCKC_ERROR_CONFIG_UNSUPPORTED, 0, names[i][1]);
    }
  error = NULL;
  g_assert_null (
      vckc_domain_define_xml (fixture->connect,
                              "<domain><name>n</name><devices><disk><target dev='vda'/></disk>"
                              "<disk><target dev='vda'/></disk></devices></domain>",
                              &error));
  assert_refused (error, VCKC_ERROR_XML_ERROR, 0, "vda");
  assert_unchanged (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_add_test ("documents/wrappings", test_wrappings, NULL);
  hostile_add_test ("documents/too-much", test_too_much, NULL);
  hostile_add_test ("documents/nothing", test_nothing, NULL);
  hostile_add_test ("documents/disks-twice", test_disks_twice, NULL);
  return g_test_run ();
}
