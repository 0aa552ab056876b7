/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoints of libvirt's test driver: that reading many takes no call too much, that what tracks
 * nothing is not made, and that flags and checks are libvirt's. */

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "../local/assert-error.h"
#include "libvirt-fixture.h"

static guint
get_many (void)
{
  return g_getenv ("VCK_TEST_SMALL") != NULL ? 20 : 100;
}

/* --- how often libvirt is called --- */

static gint n_reads; /* atomic */
static gint n_lists; /* atomic */

/* Replaces libvirt's function, which it calls. */
char *
virDomainCheckpointGetXMLDesc (virDomainCheckpointPtr checkpoint, unsigned int flags)
{
  char *(*real) (virDomainCheckpointPtr, unsigned int) = dlsym (RTLD_NEXT, G_STRFUNC);

  g_atomic_int_inc (&n_reads);
  return real (checkpoint, flags);
}

int
virDomainListAllCheckpoints (virDomainPtr domain,
                             virDomainCheckpointPtr **checkpoints,
                             unsigned int flags)
{
  int (*real) (virDomainPtr, virDomainCheckpointPtr **, unsigned int) =
      dlsym (RTLD_NEXT, G_STRFUNC);

  g_atomic_int_inc (&n_lists);
  return real (domain, checkpoints, flags);
}

static void
forget_calls (void)
{
  g_atomic_int_set (&n_reads, 0);
  g_atomic_int_set (&n_lists, 0);
}

/* --- reading many --- */

/* A chain c000, c001, …, of which each has its own description and time. */
static void
make_many (LibvirtFixture *fixture)
{
  g_autofree char *parent = NULL;

  for (guint i = 0; i < get_many (); i++)
    {
      g_autofree char *name = g_strdup_printf ("c%03u", i);
      g_autofree char *description = g_strdup_printf ("number %u", i);

      libvirt_fixture_make (fixture, name, parent, description, 1000 + i);
      g_free (parent);
      parent = g_steal_pointer (&name);
    }
}

static VckcDomainCheckpoint **
list_many (LibvirtFixture *fixture)
{
  VckcDomainCheckpoint **list = NULL;

  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, &list, 0, NULL), ==,
                   (int) get_many ());
  return list;
}

static void
free_many (VckcDomainCheckpoint **list)
{
  for (guint i = 0; list[i] != NULL; i++)
    vckc_domain_checkpoint_unref (list[i], NULL);
  free (list);
}

static void
check_disks (VckcDomainCheckpoint *checkpoint)
{
  VckcDomainCheckpointDisk **disks = NULL;
  int count = vckc_domain_checkpoint_list_disks (checkpoint, &disks, 0, NULL);

  g_assert_cmpint (count, ==, 1);
  g_assert_cmpstr (vckc_domain_checkpoint_disk_get_name (disks[0], NULL), ==, "vda");
  g_assert_cmpstr (vckc_domain_checkpoint_disk_get_bitmap (disks[0], NULL), ==,
                   vckc_domain_checkpoint_get_name (checkpoint, NULL));
  vckc_domain_checkpoint_disk_unref (disks[0], NULL);
  free (disks);
}

static void
check_one (VckcDomainCheckpoint *checkpoint)
{
  const char *name = vckc_domain_checkpoint_get_name (checkpoint, NULL);
  guint number = (guint) g_ascii_strtoull (name + 1, NULL, 10);
  g_autofree char *description = g_strdup_printf ("number %u", number);
  g_autofree char *parent = number > 0 ? g_strdup_printf ("c%03u", number - 1) : NULL;
  char *text;

  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (checkpoint, NULL), ==, 1000 + number);
  text = vckc_domain_checkpoint_get_parent_name (checkpoint, NULL);
  g_assert_cmpstr (text, ==, parent);
  free (text);
  text = vckc_domain_checkpoint_get_description (checkpoint, NULL);
  g_assert_cmpstr (text, ==, description);
  free (text);
  check_disks (checkpoint);
}

/* However much is asked of each, each is read once. */
static void
test_read_once (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcDomainCheckpoint **list;

  make_many (fixture);
  forget_calls ();
  list = list_many (fixture);
  for (guint i = 0; list[i] != NULL; i++)
    check_one (list[i]);
  for (guint i = 0; list[i] != NULL; i++)
    check_one (list[i]);
  free_many (list);
  g_assert_cmpint (g_atomic_int_get (&n_lists), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&n_reads), ==, (int) get_many ());
}

/* Names alone need not be read. */
static void
test_list_reads_nothing (LibvirtFixture *fixture, gconstpointer unused)
{
  make_many (fixture);
  forget_calls ();
  free_many (list_many (fixture));
  g_assert_cmpint (g_atomic_int_get (&n_lists), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&n_reads), ==, 0);
}

/* After a refresh nothing is read again. */
static void
test_refresh_reads (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcDomainCheckpoint **list;

  make_many (fixture);
  forget_calls ();
  g_assert_cmpint (vckc_domain_refresh (fixture->domain, NULL), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&n_reads), ==, (int) get_many ());
  list = list_many (fixture);
  for (guint i = 0; list[i] != NULL; i++)
    check_one (list[i]);
  free_many (list);
  g_assert_cmpint (g_atomic_int_get (&n_reads), ==, (int) get_many ());
}

#define N_THREADS 4

static gpointer
read_in_thread (gpointer data)
{
  VckcDomainCheckpoint **list = list_many (data);

  for (guint i = 0; list[i] != NULL; i++)
    check_one (list[i]);
  free_many (list);
  return NULL;
}

static void
test_read_by_threads (LibvirtFixture *fixture, gconstpointer unused)
{
  GThread *threads[N_THREADS];

  make_many (fixture);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("read", read_in_thread, fixture);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* --- what tracks nothing --- */

static const char *const nothing[] = {
  "<domaincheckpoint><name>n</name><disks><disk name='vda' checkpoint='no'/></disks>"
  "</domaincheckpoint>",
  "<domaincheckpoint><name>n</name><disks><disk name='vda' checkpoint='no'/>"
  "<disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>",
};

/* The trap: libvirt alone makes it. */
static void
test_nothing_with_libvirt (LibvirtFixture *fixture, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      virDomainCheckpointPtr checkpoint =
          virDomainCheckpointCreateXML (fixture->plain, nothing[i], 0);

      g_assert_nonnull (checkpoint);
      virDomainCheckpointDelete (checkpoint, 0);
      virDomainCheckpointFree (checkpoint);
    }
}

static void
test_nothing (LibvirtFixture *fixture, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      VckcError *error = NULL;

      g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, nothing[i], 0, &error));
      assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "'n'");
      g_assert_cmpint (virDomainListAllCheckpoints (fixture->plain, NULL, 0), ==, 0);
    }
}

/* The current checkpoint stays current. */
static void
test_nothing_below (LibvirtFixture *fixture, gconstpointer unused)
{
  virDomainCheckpointPtr next;
  g_autofree char *xml = NULL;

  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, nothing[0], 0, NULL));
  libvirt_fixture_make (fixture, "b", NULL, NULL, 0);
  next = virDomainCheckpointLookupByName (fixture->plain, "b", 0);
  xml = virDomainCheckpointGetXMLDesc (next, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN);
  g_assert_nonnull (strstr (xml, "<name>a</name>"));
  virDomainCheckpointFree (next);
}

/* --- flags, and which check comes first --- */

#define BAD_FLAG (1u << 20)

/* The call must fail so. */
#define FAILS(call, expected, libvirt_code)                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (VckcError) fails_error = NULL;                                                      \
    VckcError **err = &fails_error;                                                                \
                                                                                                   \
    g_assert_false (call);                                                                         \
    g_assert_nonnull (fails_error);                                                                \
    g_test_message ("%s", vckc_error_get_message (fails_error));                                   \
    g_assert_cmpint (vckc_error_get_code (fails_error), ==, expected);                             \
    g_assert_cmpint (vckc_error_get_libvirt_code (fails_error), ==, libvirt_code);                 \
  }                                                                                                \
  G_STMT_END

/* Flags that Vck does not know are passed to libvirt, in each call. */
static void
test_flags_forwarded (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcDomain *domain = fixture->domain;

  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  g_autoptr (VckcDomainCheckpoint) a = vckc_domain_checkpoint_lookup_by_name (domain, "a", 0, NULL);
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", BAD_FLAG, err), VCKC_ERROR_INVALID_ARG,
         VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_get_xml_desc (a, BAD_FLAG, err), VCKC_ERROR_INVALID_ARG,
         VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_list_all_checkpoints (domain, NULL, BAD_FLAG, err) >= 0,
         VCKC_ERROR_INVALID_ARG, VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_list_all_children (a, NULL, BAD_FLAG, err) >= 0,
         VCKC_ERROR_INVALID_ARG, VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_lookup_by_name (domain, "zz", BAD_FLAG, err),
         VCKC_ERROR_INVALID_ARG, VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_get_parent (a, BAD_FLAG, err), VCKC_ERROR_INVALID_ARG,
         VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_delete (a, BAD_FLAG, err) == 0, VCKC_ERROR_INVALID_ARG,
         VIR_ERR_INVALID_ARG);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 1);
}

/* Only libvirt's test driver takes QUIESCE: it got there. */
static void
test_quiesce_forwarded (LibvirtFixture *fixture, gconstpointer unused)
{
  static const char xml[] = "<domaincheckpoint><name>q</name></domaincheckpoint>";
  g_autoptr (VckcDomainCheckpoint) q = vckc_domain_checkpoint_create_xml (
      fixture->domain, xml, VCKC_CHECKPOINT_CREATE_QUIESCE, NULL);

  g_assert_nonnull (q);
}

/* Of several faults the one that libvirt would report is reported. */
static void
test_order_of_checks (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcDomain *domain = fixture->domain;

  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  g_autoptr (VckcDomainCheckpoint) a = vckc_domain_checkpoint_lookup_by_name (domain, "a", 0, NULL);
  /* Flags that exclude each other before unknown ones; those are Vck's own checks. */
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", 1 | 2 | BAD_FLAG, err),
         VCKC_ERROR_INVALID_ARG, 0);
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", 4, err), VCKC_ERROR_INVALID_ARG, 0);
  FAILS (vckc_domain_checkpoint_delete (a, 1 | 4 | BAD_FLAG, err) == 0, VCKC_ERROR_INVALID_ARG, 0);
  /* Disks before the name that is taken. */
  FAILS (vckc_domain_checkpoint_create_xml (
             domain,
             "<domaincheckpoint><name>a</name><disks><disk name='vdz'/></disks>"
             "</domaincheckpoint>",
             0, err),
         VCKC_ERROR_CONFIG_UNSUPPORTED, VIR_ERR_CONFIG_UNSUPPORTED);
  FAILS (vckc_domain_checkpoint_create_xml (
             domain, "<domaincheckpoint><name>a</name></domaincheckpoint>", 0, err),
         VCKC_ERROR_CHECKPOINT_EXISTS, VIR_ERR_OPERATION_FAILED);
  /* That the domain is off is checked before the document, flags before both. */
  g_assert_cmpint (virDomainDestroy (fixture->plain), ==, 0);
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", BAD_FLAG, err), VCKC_ERROR_INVALID_ARG,
         VIR_ERR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", 0, err), VCKC_ERROR_OPERATION_UNSUPPORTED,
         VIR_ERR_OPERATION_UNSUPPORTED);
}

/* What a refused call leaves: nothing, and no error of libvirt's that other code might read. */
static void
test_no_trace (LibvirtFixture *fixture, gconstpointer unused)
{
  g_assert_null (vckc_domain_checkpoint_create_xml (fixture->domain, "<", 0, NULL));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/read-once", test_read_once);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/list-reads-nothing", test_list_reads_nothing);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/refresh-reads", test_refresh_reads);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/read-by-threads", test_read_by_threads);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/nothing-with-libvirt", test_nothing_with_libvirt);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/nothing", test_nothing);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/nothing-below", test_nothing_below);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/flags-forwarded", test_flags_forwarded);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/quiesce-forwarded", test_quiesce_forwarded);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/order-of-checks", test_order_of_checks);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-checkpoints/no-trace", test_no_trace);
  return g_test_run ();
}
