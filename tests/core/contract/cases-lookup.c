/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Finding a domain by its name or its UUID. */

#include "../refusal.h"
#include "contract.h"

#define OTHER_UUID "22222222-2222-3333-4444-555555555555"
#define NAMESAKE                                                                                   \
  "<domain type='@TYPE@'><name>@UUID@</name><uuid>" OTHER_UUID "</uuid>"                           \
  "<memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"

static void
assert_found (VckcConnect *connect, const char *name_or_uuid, const char *uuid)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomain) domain = vckc_domain_lookup (connect, name_or_uuid, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  g_assert_cmpstr (vckc_domain_get_uuid (domain, NULL), ==, uuid);
}

static void
assert_missing (VckcConnect *connect, const char *name_or_uuid)
{
  g_autofree char *both =
      g_strdup_printf ("'%s' is neither the name nor the UUID of a domain: ", name_or_uuid);
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_lookup (connect, name_or_uuid, &error));
  assert_refused (error, VCKC_ERROR_NO_DOMAIN);
  if (!g_str_has_prefix (vckc_error_get_message (error), both))
    g_error ("%s", vckc_error_get_message (error));
}

static void
run_lookup (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcError) null = NULL;
  g_autoptr (VckcError) none = NULL;

  assert_found (fixture->connect, "t", DOMAIN_UUID);
  assert_found (fixture->connect, DOMAIN_UUID, DOMAIN_UUID);
  assert_found (fixture->read_only, "11111111222233334444555555555555", DOMAIN_UUID);
  assert_missing (fixture->connect, "T");
  assert_missing (fixture->connect, OTHER_UUID);
  assert_missing (fixture->read_only, DOMAIN_UUID "5");

  g_assert_null (vckc_domain_lookup (fixture->connect, NULL, &null));
  assert_refused (null, VCKC_ERROR_INVALID_ARG);
  g_assert_null (vckc_domain_lookup (NULL, "t", &none));
  assert_refused (none, VCKC_ERROR_INVALID_CONNECT);
}

/* A name wins over the UUID of another domain. */
static void
run_namesake (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *xml = fixture_expand (fixture, NAMESAKE);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomain) namesake = vckc_domain_define_xml (fixture->connect, xml, &error);

  g_assert_null (error);
  assert_found (fixture->connect, DOMAIN_UUID, OTHER_UUID);
  assert_found (fixture->connect, OTHER_UUID, OTHER_UUID);
  assert_found (fixture->connect, "11111111222233334444555555555555", DOMAIN_UUID);
  g_assert_cmpint (vckc_domain_undefine (namesake, 0, NULL), ==, 0);
  assert_found (fixture->connect, DOMAIN_UUID, DOMAIN_UUID);
}

void
add_lookup_cases (const Target *target)
{
  add_case (target, "lookup", run_lookup, NULL);
  add_case (target, "lookup-namesake", run_namesake, NULL);
}
