/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A change that was interrupted and whose journal entry cannot be read, because a later version
 * wrote it or it is damaged: nothing overwrites it, and it is removed only on request. */

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assert-error.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "vckc.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000003"
#define JOURNAL "[change]\nversion=99\noperation=\"delete\"\n"

typedef struct
{
  char *folder;
  char *uri;
  char *images[2];
  char *journal; /* the file */
  char *xml;     /* of the domain */
  VckcConnect *connect;
  VckcDomain *domain;
} Fixture;

static bool
try_create (Fixture *fixture, const char *name, unsigned int flags, VckcError **err)
{
  g_autofree char *xml = g_strdup_printf ("<domaincheckpoint><name>%s</name><creationTime>1"
                                          "</creationTime></domaincheckpoint>",
                                          name);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, err);

  return checkpoint != NULL;
}

static void
create (Fixture *fixture, const char *name)
{
  VckcError *error = NULL;

  assert_ok (try_create (fixture, name, 0, &error), error);
}

static void
close_all (Fixture *fixture)
{
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
}

/* As another process would. */
static void
open_again (Fixture *fixture)
{
  VckcError *error = NULL;

  close_all (fixture);
  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "vm", &error);
  assert_ok (fixture->domain != NULL, error);
}

static char *
make_domain_xml (Fixture *fixture)
{
  return g_strdup_printf ("<domain><name>vm</name><uuid>" UUID "</uuid><devices>"
                          "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                          "<target dev='vda'/></disk>"
                          "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                          "<target dev='vdb'/></disk></devices></domain>",
                          fixture->images[0], fixture->images[1]);
}

/* A domain with the checkpoints 'one' and 'two', and such an entry. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->journal = g_build_filename (fixture->folder, "domains", UUID, "pending", NULL);
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  fixture->xml = make_domain_xml (fixture);
  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  fixture->domain = vckc_domain_define_xml (fixture->connect, fixture->xml, &error);
  assert_ok (fixture->domain != NULL, error);
  create (fixture, "one");
  create (fixture, "two");
  g_assert_true (g_file_set_contents (fixture->journal, JOURNAL, -1, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_all (fixture);
  image_fixture_assert_no_child ();
  g_free (fixture->uri);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  g_free (fixture->journal);
  g_free (fixture->xml);
  image_fixture_remove (fixture->folder);
}

static void
assert_journal_stands (Fixture *fixture)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->journal, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, JOURNAL);
}

static int
count (Fixture *fixture)
{
  return vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL);
}

/* The kinds of what was found, in order, each as a number, and a minus before what is left; NULL if
 * it failed. */
static char *
take_kinds (VckcFinding **findings, int n)
{
  g_autoptr (GString) kinds = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    {
      bool left = vckc_finding_get_outcome (findings[i], NULL) == VCKC_FINDING_OUTCOME_LEFT;

      g_string_append_printf (kinds, "%s%s%d", i > 0 ? " " : "", left ? "-" : "",
                              (int) vckc_finding_get_kind (findings[i], NULL));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  return n >= 0 ? g_string_free (g_steal_pointer (&kinds), FALSE) : NULL;
}

static void
assert_verified (Fixture *fixture, const char *expected)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);
  g_autofree char *kinds = take_kinds (findings, n);

  assert_ok (kinds != NULL, error);
  g_assert_cmpstr (kinds, ==, expected);
}

static void
assert_repaired (Fixture *fixture, unsigned int flags, const char *expected)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, flags, &error);
  g_autofree char *kinds = take_kinds (findings, n);

  assert_ok (kinds != NULL, error);
  g_assert_cmpstr (kinds, ==, expected);
}

#define INTERRUPTED "11"
#define MISSING "1"

/* --- what would change something --- */

static bool
do_create (Fixture *fixture, VckcError **err)
{
  return try_create (fixture, "three", 0, err);
}

static bool
do_redefine (Fixture *fixture, VckcError **err)
{
  return try_create (fixture, "one", VCKC_CHECKPOINT_CREATE_REDEFINE, err);
}

static bool delete (Fixture *fixture, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, err);

  return checkpoint != NULL && vckc_domain_checkpoint_delete (checkpoint, flags, err) == 0;
}

static bool
do_delete (Fixture *fixture, VckcError **err)
{
  return delete (fixture, 0, err);
}

static bool
do_forget (Fixture *fixture, VckcError **err)
{
  return delete (fixture, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err);
}

static bool
do_plan_create (Fixture *fixture, VckcError **err)
{
  VckcCheckpointConfig config = { .name = (char *) "three", .policy = VCKC_DISK_POLICY_TRACKABLE };
  VckcCheckpointPlan *plan = vckc_domain_plan_checkpoint (fixture->domain, &config, 0, err);

  g_assert_null (plan);
  return false;
}

static bool
do_plan_delete (Fixture *fixture, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, err);
  VckcDeletePlan *plan =
      vckc_domain_checkpoint_plan_delete (checkpoint, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err);

  g_assert_null (plan);
  return false;
}

static bool
do_import (Fixture *fixture, VckcError **err)
{
  VckcImportResult **results = NULL;
  g_autofree char *document = vckc_domain_export_checkpoints (fixture->domain, NULL);
  int n = vckc_domain_import_checkpoints (fixture->domain, document, &results, 0, err);

  g_assert_nonnull (document);
  g_assert_cmpint (n, ==, -1);
  return false;
}

static bool
do_define (Fixture *fixture, VckcError **err)
{
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (fixture->connect, fixture->xml, err);

  return domain != NULL;
}

static bool
do_rename (Fixture *fixture, VckcError **err)
{
  return vckc_domain_rename (fixture->domain, "other", 0, err) == 0;
}

static bool
do_undefine (Fixture *fixture, VckcError **err)
{
  return vckc_domain_undefine (fixture->domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, err)
         == 0;
}

typedef bool (*ChangeFunc) (Fixture *fixture, VckcError **err);

static const ChangeFunc changes[] = { do_create,      do_redefine,   do_delete, do_forget,
                                      do_plan_create, do_import,     do_define, do_rename,
                                      do_undefine,    do_plan_delete };

/* Each says what is the matter and what to do. Reading goes on. */
static void
test_blocks (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (changes); i++)
    {
      VckcError *error = NULL;

      if (i == G_N_ELEMENTS (changes))
        open_again (fixture);
      g_assert_false (changes[i % G_N_ELEMENTS (changes)](fixture, &error));
      assert_error (
          error, VCKC_ERROR_OPERATION_INVALID,
          "its journal cannot be read: cannot read the journal of an interrupted change: it "
          "is of version 99, and only 1 is known; put it right, or repair the checkpoints "
          "with the INTERRUPTED flag");
      assert_journal_stands (fixture);
      g_assert_cmpint (count (fixture), ==, 2);
    }
  assert_verified (fixture, INTERRUPTED);
}

/* --- repairing --- */

/* It is kept without a request, and when only asking what would be done. */
static void
test_not_asked (Fixture *fixture, gconstpointer data)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (
      vckc_domain_repair_checkpoints (fixture->domain, &findings, VCKC_REPAIR_BROKEN, &error), ==,
      -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "add the INTERRUPTED flag");
  assert_repaired (fixture, VCKC_REPAIR_DRY_RUN, INTERRUPTED);
  assert_repaired (fixture, VCKC_REPAIR_DRY_RUN | VCKC_REPAIR_BROKEN, "-" INTERRUPTED);
  assert_journal_stands (fixture);
}

static void
test_asked (Fixture *fixture, gconstpointer data)
{
  assert_repaired (fixture, VCKC_REPAIR_INTERRUPTED, INTERRUPTED);
  g_assert_false (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  assert_verified (fixture, "");
  create (fixture, "three");
  open_again (fixture);
  g_assert_cmpint (count (fixture), ==, 3);
  assert_verified (fixture, "");
}

/* What was left half-done is repaired along with it. */
static void
test_half_done (Fixture *fixture, gconstpointer data)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--remove", fixture->images[0], "one", NULL };

  g_free (image_fixture_run (argv));
  assert_verified (fixture, INTERRUPTED " " MISSING);
  assert_repaired (fixture, 0, INTERRUPTED " " MISSING);
  g_assert_false (g_file_test (fixture->journal, G_FILE_TEST_EXISTS));
  open_again (fixture);
  assert_verified (fixture, "");
  g_assert_cmpint (count (fixture), ==, 2);
}

/* It may be needed as long as the images cannot be examined. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  ImageHolder holder;
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  image_holder_start (&holder, fixture->images[1]);
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "is held by another program");
  assert_journal_stands (fixture);
  image_holder_stop (&holder);
  assert_repaired (fixture, 0, INTERRUPTED);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/unfinished/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("blocks", test_blocks);
  ADD ("not-asked", test_not_asked);
  ADD ("asked", test_asked);
  ADD ("half-done", test_half_done);
  ADD ("held", test_held);
  return g_test_run ();
}
