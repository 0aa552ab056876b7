/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Opening connections; finding, defining and listing domains. */

#include <stdlib.h>

#include <glib/gstdio.h>

#include "../refusal.h"
#include "api/driver-features.h"
#include "handles/handles.h"

#define DISK                                                                                       \
  "<devices><disk type='file'><driver type='qcow2'/><source file='/x'/><target dev='vda'/></disk>" \
  "</devices>"
#define UUID_1 "11111111-2222-3333-4444-555555555555"
#define UUID_2 "99999999-2222-3333-4444-555555555555"

static VckcConnect *
open_uri (const char *uri)
{
  g_autoptr (VckcError) error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  return connect;
}

static void
assert_open_fails (const char *uri, unsigned int flags, VckcErrorCode code, const char *word)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_connect_open (uri, flags, &error));
  g_assert_nonnull (error);
  assert_refused (error, code);
  g_test_message ("%s", vckc_error_get_message (error));
  g_assert_nonnull (g_strstr_len (vckc_error_get_message (error), -1, word));
}

static void
test_open_refuses (void)
{
  assert_open_fails ("", 0, VCKC_ERROR_INVALID_ARG, "local:");
  assert_open_fails ("no uri", 0, VCKC_ERROR_INVALID_ARG,
                     "'no uri' is not a URI: it has no scheme; examples are");
  assert_open_fails ("memory://host:x/a", 0, VCKC_ERROR_INVALID_ARG,
                     "is not a URI: its port is malformed");
  assert_open_fails ("memory:///%zz", 0, VCKC_ERROR_INVALID_ARG, "is not a URI: it is malformed");
#ifdef VCK_HAVE_LIBVIRT
  assert_open_fails ("gopher:///x", 0, VCKC_ERROR_NO_CONNECT, "gopher:///x");
#else
  assert_open_fails ("gopher:///x", 0, VCKC_ERROR_NO_CONNECT, "-Dlibvirt=enabled");
#endif
  assert_open_fails ("memory:///default", 2, VCKC_ERROR_INVALID_ARG, "0x2");
  assert_open_fails ("memory:", 0, VCKC_ERROR_INVALID_ARG, "memory:///default");
  assert_open_fails ("memory:///", 0, VCKC_ERROR_INVALID_ARG, "memory:///default");
  assert_open_fails ("memory:///a/b", 0, VCKC_ERROR_INVALID_ARG, "memory:///default");
  assert_open_fails ("memory://host/a", 0, VCKC_ERROR_INVALID_ARG, "memory:///default");
  assert_open_fails ("memory:///a?fial=1", 0, VCKC_ERROR_INVALID_ARG, "'fial=1'");
  assert_open_fails ("memory:///a?fail=-1", 0, VCKC_ERROR_INVALID_ARG, "'fail=NUMBER'");
  assert_open_fails ("memory:///a?fail", 0, VCKC_ERROR_INVALID_ARG, "'fail'");
  assert_open_fails ("memory:///a?fail=1&fail-from=2", 0, VCKC_ERROR_INVALID_ARG, "'fail=NUMBER'");
  assert_open_fails ("memory:///a?error=none", 0, VCKC_ERROR_INVALID_ARG, "no-space");
  assert_open_fails ("memory:///a?write=1073741825", 0, VCKC_ERROR_INVALID_ARG, "at most 1 GiB");
  assert_open_fails ("local://host/a", 0, VCKC_ERROR_INVALID_ARG, "local:///");
}

/* Every driver answers every question of the page about connections. */
static void
test_support (void)
{
  g_autofree char *table = vckc_support_format ();

  g_assert_null (g_strstr_len (table, -1, "(null)"));
  g_assert_nonnull (g_strstr_len (table, -1, "`local:`"));
}

static void
test_default_uri (void)
{
  g_setenv ("VCK_URI", "memory:///from-environment", TRUE);
  g_autoptr (VckcConnect) connect = open_uri (NULL);
  g_assert_cmpstr (vckc_connect_get_uri (connect, NULL), ==, "memory:///from-environment");

  g_unsetenv ("VCK_URI");
  g_autoptr (VckcConnect) local = open_uri (NULL);
  g_assert_cmpstr (vckc_connect_get_uri (local, NULL), ==, "local:");
}

/* A memory: store lives as long as a connection to it. */
static void
test_memory_is_shared (void)
{
  g_autoptr (VckcConnect) one = open_uri ("memory:///shared");
  g_autoptr (VckcConnect) other = open_uri ("memory:///shared");
  g_autoptr (VckcConnect) elsewhere = open_uri ("memory:///elsewhere");
  g_autoptr (VckcDomain) made =
      vckc_domain_define_xml (one, "<domain><name>d</name>" DISK "</domain>", NULL);
  g_autoptr (VckcDomain) found = vckc_domain_lookup_by_name (other, "d", NULL);

  g_assert_nonnull (made);
  g_assert_nonnull (found);
  g_assert_cmpstr (vckc_domain_get_uuid (made, NULL), ==, vckc_domain_get_uuid (found, NULL));
  g_assert_null (vckc_domain_lookup_by_name (elsewhere, "d", NULL));

  g_clear_pointer (&made, vckc_object_unref);
  g_clear_pointer (&found, vckc_object_unref);
  g_clear_pointer (&one, vckc_object_unref);
  g_clear_pointer (&other, vckc_object_unref);
  one = open_uri ("memory:///shared");
  g_assert_null (vckc_domain_lookup_by_name (one, "d", NULL));
}

static void
assert_undefine_fails (VckcDomain *domain, const char *words)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (vckc_domain_undefine (domain, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_OPERATION_INVALID);
  g_assert_nonnull (g_strstr_len (vckc_error_get_message (error), -1, words));
}

static void
test_undefine_counts (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///undefine");
  g_autoptr (VckcDomain) domain =
      vckc_domain_define_xml (connect, "<domain><name>d</name>" DISK "</domain>", NULL);
  g_autoptr (VckcDomainCheckpoint) one =
      vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint/>", 0, NULL);

  g_assert_nonnull (one);
  assert_undefine_fails (domain, "domain 'd' has 1 checkpoint; delete");
  g_autoptr (VckcDomainCheckpoint) two =
      vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint/>", 0, NULL);
  g_assert_nonnull (two);
  assert_undefine_fails (domain, "domain 'd' has 2 checkpoints; delete");
}

static void
test_test_domain (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///default");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  VckcDomainDisk **disks = NULL;
  VckcDomainState state = 0;

  g_assert_cmpint (vckc_domain_get_state (domain, &state, NULL), ==, 0);
  g_assert_cmpint (state, ==, VCKC_DOMAIN_STATE_RUNNING);
  g_assert_cmpint (vckc_domain_list_disks (domain, &disks, NULL), ==, 2);
  for (guint i = 0; disks[i] != NULL; i++)
    {
      g_assert_true (vckc_domain_disk_is_trackable (disks[i], NULL));
      g_assert_null (vckc_domain_disk_get_reason (disks[i], NULL));
      vckc_domain_disk_unref (disks[i], NULL);
    }
  free (disks);
}

/* Why a disk cannot be tracked. */
static void
test_disk_reasons (void)
{
  static const char xml[] =
      "<domain><name>d</name><devices>"
      "<disk type='file'><driver type='raw'/><source file='/x'/><target dev='vda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='/y'/><target dev='vdb'/>"
      "<readonly/></disk>"
      "<disk type='file' device='cdrom'><target dev='hda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='/z'/><target dev='vdc'/>"
      "<transient/></disk>"
      "<disk type='network'><driver type='qcow2'/><source protocol='nbd' name='x'/>"
      "<target dev='vdd'/></disk>"
      "</devices></domain>";
  static const char *const words[] = { "raw", "read-only", "empty", "transient", "not a file" };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///reasons");
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (connect, xml, NULL);
  VckcDomainDisk **disks = NULL;

  g_assert_cmpint (vckc_domain_list_disks (domain, &disks, NULL), ==, G_N_ELEMENTS (words));
  for (guint i = 0; disks[i] != NULL; i++)
    {
      const char *reason = vckc_domain_disk_get_reason (disks[i], NULL);

      g_assert_false (vckc_domain_disk_is_trackable (disks[i], NULL));
      g_assert_nonnull (g_strstr_len (reason, -1, words[i]));
      vckc_domain_disk_unref (disks[i], NULL);
    }
  free (disks);
}

static void
test_define (void)
{
  static const char named[] = "<domain><name>d</name>" DISK "</domain>";
  static const char with_uuid[] = "<domain><name>e</name><uuid>" UUID_1 "</uuid></domain>";
  static const char other_uuid[] = "<domain><name>e</name><uuid>" UUID_2 "</uuid></domain>";
  static const char other_name[] = "<domain><name>f</name><uuid>" UUID_1 "</uuid></domain>";
  g_autoptr (VckcConnect) connect = open_uri ("memory:///define");
  g_autoptr (VckcDomain) first = vckc_domain_define_xml (connect, named, NULL);
  g_autoptr (VckcDomain) again = vckc_domain_define_xml (connect, named, NULL);
  g_autoptr (VckcDomain) e = vckc_domain_define_xml (connect, with_uuid, NULL);
  g_autoptr (VckcDomain) same_e = vckc_domain_define_xml (connect, with_uuid, NULL);
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpstr (vckc_domain_get_uuid (first, NULL), ==, vckc_domain_get_uuid (again, NULL));
  g_assert_cmpstr (vckc_domain_get_uuid (e, NULL), ==, UUID_1);
  g_assert_nonnull (same_e);
  g_assert_null (vckc_domain_define_xml (connect, other_uuid, &error));
  assert_refused (error, VCKC_ERROR_DOMAIN_EXISTS);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_define_xml (connect, other_name, &error));
  assert_refused (error, VCKC_ERROR_DOMAIN_EXISTS);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_define_xml (connect, "<domain/>", &error));
  assert_refused (error, VCKC_ERROR_XML_INVALID_SCHEMA);
  g_assert_cmpint (vckc_connect_list_all_domains (connect, NULL, 0, NULL), ==, 3);
}

/* A new definition keeps the checkpoints. */
static void
test_redefine_domain_keeps_checkpoints (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///keeps");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  g_autoptr (VckcDomainCheckpoint) checkpoint = vckc_domain_checkpoint_create_xml (
      domain, "<domaincheckpoint><name>a</name></domaincheckpoint>", 0, NULL);
  g_autofree char *xml = vckc_domain_get_xml_desc (domain, VCKC_DOMAIN_XML_SECURE, NULL);
  g_autoptr (VckcDomain) again = vckc_domain_define_xml (connect, xml, NULL);

  g_assert_nonnull (checkpoint);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (again, NULL, 0, NULL), ==, 1);
}

/* D15, and the other filters. */
static void
test_list_flags (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///list");
  g_autoptr (VckcDomain) test = vckc_domain_lookup_by_name (connect, "test", NULL);
  g_autoptr (VckcDomain) off =
      vckc_domain_define_xml (connect, "<domain><name>a-off</name>" DISK "</domain>", NULL);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (off, "<domaincheckpoint/>", 0, NULL);
  const struct
  {
    unsigned int flags;
    const char *expect;
  } rows[] = {
    { 0, "a-off test " },
    { VCKC_DOMAIN_LIST_ACTIVE, "test " },
    { VCKC_DOMAIN_LIST_INACTIVE, "a-off " },
    { VCKC_DOMAIN_LIST_ACTIVE | VCKC_DOMAIN_LIST_INACTIVE, "a-off test " },
    { VCKC_DOMAIN_LIST_HAS_CHECKPOINT, "a-off " },
    { VCKC_DOMAIN_LIST_NO_CHECKPOINT, "test " },
    { VCKC_DOMAIN_LIST_ACTIVE | VCKC_DOMAIN_LIST_HAS_CHECKPOINT, "" },
    { VCKC_DOMAIN_LIST_INACTIVE | VCKC_DOMAIN_LIST_HAS_CHECKPOINT, "a-off " },
  };

  g_assert_nonnull (test);
  g_assert_nonnull (checkpoint);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      VckcDomain **list = NULL;

      g_assert_cmpint (vckc_connect_list_all_domains (connect, &list, rows[i].flags, NULL), >=, 0);
      for (guint j = 0; list[j] != NULL; j++)
        {
          g_string_append_printf (names, "%s ", vckc_domain_get_name (list[j], NULL));
          vckc_domain_unref (list[j], NULL);
        }
      free (list);
      g_assert_cmpstr (names->str, ==, rows[i].expect);
    }
  g_assert_cmpint (vckc_connect_list_all_domains (connect, NULL, 1 << 20, NULL), ==, -1);
}

static void
test_lookup (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///lookup");
  g_autoptr (VckcDomain) made = vckc_domain_define_xml (
      connect, "<domain><name>d</name><uuid>" UUID_1 "</uuid></domain>", NULL);
  g_autoptr (VckcDomain) found =
      vckc_domain_lookup_by_uuid (connect, "11111111222233334444555555555555", NULL);
  g_autoptr (VckcError) error = NULL;

  g_assert_nonnull (made);
  g_assert_cmpstr (vckc_domain_get_name (found, NULL), ==, "d");
  g_assert_null (vckc_domain_lookup_by_uuid (connect, "nonsense", &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_lookup_by_uuid (connect, UUID_2, &error));
  assert_refused (error, VCKC_ERROR_NO_DOMAIN);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_domain_lookup_by_name (connect, "zz", &error));
  assert_refused (error, VCKC_ERROR_NO_DOMAIN);
}

static const VckcDriver *counted_driver;
static guint n_calls;

static VckcDomain *
count_by_name (VckcConnect *connect, const char *name, VckcError **err)
{
  n_calls++;
  return counted_driver->domain_lookup_by_name (connect, name, err);
}

static VckcDomain *
count_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err)
{
  n_calls++;
  return counted_driver->domain_lookup_by_uuid (connect, uuid, err);
}

static void
assert_calls (VckcConnect *connect, const char *name_or_uuid, bool found, guint expected)
{
  g_autoptr (VckcDomain) domain = NULL;

  n_calls = 0;
  domain = vckc_domain_lookup (connect, name_or_uuid, NULL);
  g_assert_cmpint (domain != NULL, ==, found);
  g_assert_cmpuint (n_calls, ==, expected);
}

/* Each call of a driver may be one of another host. */
static void
test_lookup_calls (void)
{
  g_autoptr (VckcConnect) connect = open_uri ("memory:///lookup-calls");
  g_autoptr (VckcDomain) made = vckc_domain_define_xml (
      connect, "<domain><name>d</name><uuid>" UUID_1 "</uuid></domain>", NULL);
  VckcDriver counting = *connect->driver;

  g_assert_nonnull (made);
  counting.domain_lookup_by_name = count_by_name;
  counting.domain_lookup_by_uuid = count_by_uuid;
  counted_driver = connect->driver;
  connect->driver = &counting;
  assert_calls (connect, "d", true, 1);
  assert_calls (connect, "zz", false, 1);
  assert_calls (connect, UUID_1, true, 2);
  assert_calls (connect, UUID_2, false, 2);
  connect->driver = counted_driver;
}

int
main (int argc, char **argv)
{
  /* "local:" looks into the user's data folder: here into an empty one. GLib's own isolated
   * folders are lost memory to a leak checker. */
  g_autofree char *folder = g_dir_make_tmp ("vck-connect-XXXXXX", NULL);
  int result;

  g_assert_nonnull (folder);
  g_setenv ("XDG_DATA_HOME", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/connect/undefine-counts", test_undefine_counts);
  g_test_add_func ("/vck/connect/open-refuses", test_open_refuses);
  g_test_add_func ("/vck/connect/support", test_support);
  g_test_add_func ("/vck/connect/default-uri", test_default_uri);
  g_test_add_func ("/vck/connect/memory-is-shared", test_memory_is_shared);
  g_test_add_func ("/vck/connect/test-domain", test_test_domain);
  g_test_add_func ("/vck/connect/disk-reasons", test_disk_reasons);
  g_test_add_func ("/vck/connect/define", test_define);
  g_test_add_func ("/vck/connect/redefine-domain-keeps-checkpoints",
                   test_redefine_domain_keeps_checkpoints);
  g_test_add_func ("/vck/connect/list-flags", test_list_flags);
  g_test_add_func ("/vck/connect/lookup", test_lookup);
  g_test_add_func ("/vck/connect/lookup-calls", test_lookup_calls);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return result;
}
