/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Names that would leave their folder, hide, break lines or be no text, wherever a name goes. */

#include <stdlib.h>
#include <string.h>

#include "hostile-fixture.h"

/* In XML and as it is; XML NULL if no document can say it. */
typedef struct
{
  const char *name;
  const char *xml;
} Name;

static char long_name[4097];

static const Name names[] = {
  { "../x", "../x" },
  { "/x", "/x" },
  { "a/../../x", "a/../../x" },
  { ".", "." },
  { "..", ".." },
  { ".hidden", ".hidden" },
  { "", "" },
  { "a\nb", "a&#10;b" },
  { "a\rb", "a&#13;b" },
  { "\x1b[2J", NULL },
  { "\xff\xfe", "\xff\xfe" },
  { "\xc3", "\xc3" },
  { "\xed\xa0\x80", "\xed\xa0\x80" }, /* half a surrogate pair */
  { "\xf4\x90\x80\x80", "&#x110000;" },
  { long_name, long_name },
};

static void
assert_nothing_changed (HostileFixture *fixture)
{
  g_autofree char *list = hostile_list (fixture->domain);

  g_assert_cmpstr (list, ==, "");
}

static void
create_refused (HostileFixture *fixture, const Name *name, unsigned int flags)
{
  g_autofree char *xml = hostile_checkpoint_xml (name->xml);
  VckcError *error = NULL;

  g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, &error));
  assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA, VCKC_ERROR_XML_ERROR, "checkpoint");
}

static void
import_refused (HostileFixture *fixture, const Name *name)
{
  g_autofree char *entry = hostile_checkpoint_xml (name->xml);
  g_autofree char *document =
      g_strdup_printf ("<vckcheckpoints version='1' domain='t'><entry>%s</entry>"
                       "</vckcheckpoints>",
                       entry);
  VckcImportResult **results = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_import_checkpoints (fixture->domain, document, &results,
                                                   VCKC_IMPORT_METADATA_ONLY, &error),
                   ==, -1);
  assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA, VCKC_ERROR_XML_ERROR, NULL);
}

static void
test_checkpoints (HostileFixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      VckcError *error = NULL;

      g_assert_null (
          vckc_domain_checkpoint_lookup_by_name (fixture->domain, names[i].name, 0, &error));
      assert_refused (error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, VCKC_ERROR_INVALID_ARG, "'t'");
      if (names[i].xml == NULL)
        continue;
      create_refused (fixture, &names[i], 0);
      create_refused (fixture, &names[i], VCKC_CHECKPOINT_CREATE_REDEFINE);
      import_refused (fixture, &names[i]);
    }
  assert_nothing_changed (fixture);
}

/* The name of a parent must be one that a checkpoint can have. */
static void
test_parents (HostileFixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *xml = NULL;
      VckcError *error = NULL;

      if (names[i].xml == NULL)
        continue;
      xml = g_strdup_printf ("<domaincheckpoint><name>a</name><parent><name>%s</name></parent>"
                             "<creationTime>5</creationTime></domaincheckpoint>",
                             names[i].xml);
      g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, xml,
                                                        VCKC_CHECKPOINT_CREATE_REDEFINE, &error));
      /* One that is only too long could be the name of a parent that is not there. */
      assert_refused (error,
                      names[i].name == long_name ? VCKC_ERROR_INVALID_ARG
                                                 : VCKC_ERROR_XML_INVALID_SCHEMA,
                      VCKC_ERROR_XML_ERROR, NULL);
    }
  assert_nothing_changed (fixture);
}

/* A domain may be called '.hidden' or '..', as its name is no file's. */
static bool
is_fit_for_domain (const Name *name)
{
  return *name->name == '.' && strchr (name->name, '/') == NULL;
}

static void
test_domains (HostileFixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *xml = NULL;
      VckcError *error = NULL;

      if (is_fit_for_domain (&names[i]))
        continue;
      g_assert_null (vckc_domain_lookup_by_name (fixture->connect, names[i].name, &error));
      assert_refused (error, VCKC_ERROR_NO_DOMAIN, VCKC_ERROR_INVALID_ARG, NULL);
      error = NULL;
      g_assert_null (vckc_domain_lookup_by_uuid (fixture->connect, names[i].name, &error));
      assert_refused (error, VCKC_ERROR_INVALID_ARG, 0, NULL);
      error = NULL;
      g_assert_cmpint (vckc_domain_rename (fixture->domain, names[i].name, 0, &error), ==, -1);
      assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA, VCKC_ERROR_XML_ERROR, "'t'");
      if (names[i].xml == NULL)
        continue;
      error = NULL;
      xml = g_strdup_printf ("<domain><name>%s</name></domain>", names[i].xml);
      g_assert_null (vckc_domain_define_xml (fixture->connect, xml, &error));
      assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA, VCKC_ERROR_XML_ERROR, "domain");
    }
  g_assert_cmpint (vckc_connect_list_all_domains (fixture->connect, NULL, 0, NULL), ==,
                   fixture->folder != NULL ? 1 : 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  memset (long_name, 'x', sizeof long_name - 1);
  hostile_add_test ("names/checkpoints", test_checkpoints, NULL);
  hostile_add_test ("names/parents", test_parents, NULL);
  hostile_add_test ("names/domains", test_domains, NULL);
  return g_test_run ();
}
