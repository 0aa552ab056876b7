/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What libvirt says of a failure: as a code of ours, as it said it, and not on stderr. */

#include <stdio.h>
#include <string.h>

#include "drivers/libvirt/link/libvirt-error.h"
#include "libvirt-fixture.h"

/* The last number that libvirt 9.0 knows. */
#define LAST_OF_9_0 VIR_ERR_MULTIPLE_DOMAINS

static void
test_total (void)
{
  g_assert_cmpint (LAST_OF_9_0, ==, 110);
  for (int number = VIR_ERR_OK; number <= LAST_OF_9_0; number++)
    {
      if (!vckc_libvirt_error_is_known (number))
        g_error ("there is no code for libvirt's error %d", number);
      g_assert_cmpint (vckc_libvirt_error_code (number), >=, VCKC_ERROR_INTERNAL);
      g_assert_cmpint (vckc_libvirt_error_code (number), !=, VCKC_ERROR_CANCELLED);
      g_assert_cmpint (vckc_libvirt_error_code (number), <=, VCKC_ERROR_CHECKPOINT_EXISTS);
    }
}

/* What the documentation of VckcErrorCode promises. */
static void
test_promised (void)
{
  static const struct
  {
    int number;
    VckcErrorCode code;
  } rows[] = {
    { 1, VCKC_ERROR_INTERNAL },
    { 3, VCKC_ERROR_NO_SUPPORT },
    { 5, VCKC_ERROR_NO_CONNECT },
    { 6, VCKC_ERROR_INVALID_CONNECT },
    { 7, VCKC_ERROR_INVALID_DOMAIN },
    { 8, VCKC_ERROR_INVALID_ARG },
    { 9, VCKC_ERROR_OPERATION_FAILED },
    { 27, VCKC_ERROR_XML_ERROR },
    { 28, VCKC_ERROR_DOMAIN_EXISTS },
    { 29, VCKC_ERROR_OPERATION_DENIED },
    { 35, VCKC_ERROR_XML_ERROR },
    { 38, VCKC_ERROR_SYSTEM_ERROR },
    { 42, VCKC_ERROR_NO_DOMAIN },
    { 45, VCKC_ERROR_OPERATION_DENIED },
    { 55, VCKC_ERROR_OPERATION_INVALID },
    { 67, VCKC_ERROR_CONFIG_UNSUPPORTED },
    { 68, VCKC_ERROR_BUSY },
    { 84, VCKC_ERROR_OPERATION_UNSUPPORTED },
    { 88, VCKC_ERROR_OPERATION_DENIED },
    { 92, VCKC_ERROR_XML_INVALID_SCHEMA },
    { 102, VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT },
    { 103, VCKC_ERROR_NO_DOMAIN_CHECKPOINT },
    { 104, VCKC_ERROR_NO_BACKUP },
    { 109, VCKC_ERROR_CHECKPOINT_INCONSISTENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%d", rows[i].number);
      g_assert_cmpint (vckc_libvirt_error_code (rows[i].number), ==, rows[i].code);
    }
}

/* The same number means the link in one part of libvirt, and something else in another. */
static void
test_link (void)
{
  g_assert_true (vckc_libvirt_error_is_of_link (VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC));
  g_assert_true (vckc_libvirt_error_is_of_link (VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC));
  g_assert_false (vckc_libvirt_error_is_of_link (VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU));
  g_assert_false (vckc_libvirt_error_is_of_link (VIR_ERR_AUTH_FAILED, VIR_FROM_RPC));
  g_assert_false (vckc_libvirt_error_is_of_link (VIR_ERR_NO_DOMAIN, VIR_FROM_RPC));
}

/* A number that only a newer libvirt knows, and what is no number of libvirt's. */
static void
test_unknown (void)
{
  static const int numbers[] = { -1, LAST_OF_9_0 + 1, G_MAXINT, G_MININT };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_assert_false (vckc_libvirt_error_is_known (numbers[i]));
      g_assert_cmpint (vckc_libvirt_error_code (numbers[i]), ==, VCKC_ERROR_OPERATION_FAILED);
    }
}

static void
test_reachable (LibvirtFixture *fixture, gconstpointer unused)
{
  static const char said[] =
      "Domain checkpoint not found: no domain checkpoint with matching name 'zz'";
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "zz", 0, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_cmpint (vckc_error_get_libvirt_code (error), ==, VIR_ERR_NO_DOMAIN_CHECKPOINT);
  g_assert_cmpint (vckc_error_get_libvirt_domain (error), ==, VIR_FROM_TEST);
  g_assert_cmpstr (vckc_error_get_libvirt_message (error), ==, said);
  g_assert_nonnull (strstr (vckc_error_get_message (error), said));
  g_assert_nonnull (strstr (vckc_error_get_message (error), "'t'"));
  g_assert_nonnull (strstr (vckc_error_get_message (error), "libvirt error 103, domain 12"));
}

/* What is refused before libvirt is asked has nothing of libvirt's. */
static void
test_not_libvirts (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, NULL, 0, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (vckc_error_get_libvirt_code (error), ==, 0);
  g_assert_cmpint (vckc_error_get_libvirt_domain (error), ==, 0);
  g_assert_null (vckc_error_get_libvirt_message (error));
}

/* Texts of libvirt with a percent sign or quotes of the caller's stay what they are. */
static void
test_odd_text (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "%s%n '\xc3\xbc'", 0, &error));
  g_assert_nonnull (strstr (vckc_error_get_message (error), "'%s%n '\xc3\xbc''"));
  g_assert_nonnull (strstr (vckc_error_get_libvirt_message (error), "'%s%n '\xc3\xbc''"));
}

/* Is said when a subprocess has printed nothing else. */
#define DONE "that was all\n"

static const char *const bad_uris[] = {
  "test:///no/such/file",
  "nonsense:///x",
  "qemu+unix:///system?socket=/no/such/socket",
  "qemu+tcp://127.0.0.1:1/system",
};

static void
fail_with_libvirt (void)
{
  virConnectPtr conn = virConnectOpen (TEST_DRIVER_URI);

  g_assert_null (virDomainLookupByName (conn, "none"));
  virConnectClose (conn);
}

static void
fail_with_vck (void)
{
  g_autoptr (VckcConnect) connect = NULL;
  g_autoptr (VckcDomain) domain = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad_uris); i++)
    g_assert_null (vckc_connect_open (bad_uris[i], 0, NULL));
  connect = vckc_connect_open (TEST_DRIVER_URI, 0, NULL);
  g_assert_null (vckc_domain_lookup_by_name (connect, "none", NULL));
  domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  g_assert_null (vckc_domain_checkpoint_create_xml (domain, "<", 0, NULL));
  g_assert_cmpint (vckc_domain_undefine (domain, 1 << 30, NULL), ==, -1);
  fputs (DONE, stderr);
}

/* The trap: libvirt alone prints. */
static void
test_loud (void)
{
  if (g_test_subprocess ())
    {
      fail_with_libvirt ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("libvirt: Test Driver error : *");
}

static void
test_quiet (void)
{
  if (g_test_subprocess ())
    {
      fail_with_vck ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr (DONE);
}

static void
test_bad_uris (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_uris); i++)
    {
      g_autoptr (VckcError) error = NULL;

      g_assert_null (vckc_connect_open (bad_uris[i], 0, &error));
      g_test_message ("%s", vckc_error_get_message (error));
      g_assert_nonnull (strstr (vckc_error_get_message (error), bad_uris[i]));
      g_assert_cmpint (vckc_error_get_libvirt_code (error), !=, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/libvirt-error/total", test_total);
  g_test_add_func ("/vck/libvirt-error/promised", test_promised);
  g_test_add_func ("/vck/libvirt-error/link", test_link);
  g_test_add_func ("/vck/libvirt-error/unknown", test_unknown);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-error/reachable", test_reachable);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-error/not-libvirts", test_not_libvirts);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-error/odd-text", test_odd_text);
  g_test_add_func ("/vck/libvirt-error/loud", test_loud);
  g_test_add_func ("/vck/libvirt-error/quiet", test_quiet);
  g_test_add_func ("/vck/libvirt-error/bad-uris", test_bad_uris);
  return g_test_run ();
}
