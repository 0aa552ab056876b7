/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "libvirt-answers.h"
#include "../refusal.h"

#include <stdlib.h>
#include <string.h>

#define DISKS(name, disks)                                                                         \
  "<domaincheckpoint><name>" name "</name><creationTime>5</creationTime><disks>" disks             \
  "</disks></domaincheckpoint>"

/* The code of the failure; 0 if there is none. */
static int
create (Fixture *fixture, const char *xml, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, &error);

  g_assert_true ((checkpoint != NULL) == (error == NULL));
  return error != NULL ? (int) vckc_error_get_code (error) : 0;
}

static int
undefine (Fixture *fixture, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  int result = vckc_domain_undefine (fixture->domain, flags, &error);

  g_assert_true ((result == 0) == (error == NULL));
  return error != NULL ? (int) vckc_error_get_code (error) : 0;
}

/* --- all drivers --- */

/* A second one may come in the same second. */
void
answer_unnamed (Fixture *fixture)
{
  static const char xml[] =
      "<domaincheckpoint><disks><disk name='vda'/></disks></domaincheckpoint>";
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_autofree char *time = NULL;
  int code;

  g_assert_nonnull (checkpoint);
  time = g_strdup_printf ("%" G_GINT64_FORMAT,
                          vckc_domain_checkpoint_get_creation_time (checkpoint, NULL));
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (checkpoint, NULL), ==, time);
  code = create (fixture, xml, 0);
  g_assert_true (code == 0 || code == VCKC_ERROR_OPERATION_FAILED);
}

/* --- the test driver --- */

void
answer_undefine_counts_nothing (Fixture *fixture)
{
  fixture_run (fixture, "create a b");
  fixture_power_off (fixture);
  g_assert_cmpint (undefine (fixture, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA), ==,
                   VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (undefine (fixture, 0), ==, 0);
}

void
answer_domain_gone (Fixture *fixture)
{
  g_autoptr (VckcDomainCheckpoint) a = NULL;
  g_autoptr (VckcError) xml_error = NULL;
  g_autoptr (VckcError) delete_error = NULL;

  fixture_run (fixture, "create a");
  a = fixture_lookup (fixture, "a");
  fixture_power_off (fixture);
  g_assert_cmpint (undefine (fixture, 0), ==, 0);
  g_assert_null (vckc_domain_checkpoint_get_xml_desc (a, 0, &xml_error));
  assert_refused (xml_error, VCKC_ERROR_NO_DOMAIN);
  g_assert_cmpint (vckc_domain_checkpoint_delete (a, 0, &delete_error), ==, -1);
  assert_refused (delete_error, VCKC_ERROR_NO_DOMAIN);
  g_assert_cmpint (create (fixture, "<domaincheckpoint/>", 0), ==, VCKC_ERROR_NO_DOMAIN);
  g_assert_cmpint (undefine (fixture, 0), ==, VCKC_ERROR_NO_DOMAIN);
}

static char *
get_xml (VckcDomainCheckpoint *checkpoint)
{
  char *xml = vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_SECURE, NULL);

  g_assert_nonnull (xml);
  return xml;
}

/* X95 without the validation. */
void
answer_dump_again (Fixture *fixture)
{
  fixture_run (fixture, "create a b");
  g_autoptr (VckcDomainCheckpoint) b = fixture_lookup (fixture, "b");
  g_autofree char *before = get_xml (b);
  fixture_run (fixture, "delete b metadata");
  g_assert_cmpint (
      create (fixture, before,
              VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE),
      ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (create (fixture, before, VCKC_CHECKPOINT_CREATE_REDEFINE), ==, 0);
  g_autoptr (VckcDomainCheckpoint) again = fixture_lookup (fixture, "b");
  g_autofree char *after = get_xml (again);
  g_assert_cmpstr (after, ==, before);
}

void
answer_own_bitmap_name (Fixture *fixture)
{
  g_autofree char *disks = NULL;

  g_assert_cmpint (create (fixture, DISKS ("k", "<disk name='vda' bitmap='own'/>"), 0), ==, 0);
  disks = fixture_disks (fixture, "k", VCKC_CHECKPOINT_XML_SIZE);
  g_assert_true (g_str_has_prefix (disks, "vda=bitmap:own vdb=no"));
  fixture_run (fixture, "delete k");
  g_assert_cmpint (create (fixture, DISKS ("k", "<disk name='vda' bitmap='own'/>"), 0), ==, 0);
}

void
answer_any_length (Fixture *fixture)
{
  g_autofree char *name = g_strnfill (5000, 'n');
  g_autofree char *add = g_strconcat ("create ", name, NULL);
  g_autofree char *delete = g_strconcat ("delete ", name, NULL);

  fixture_run (fixture, add);
  fixture_run (fixture, delete);
  g_autofree char *tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "cur=-");
}

void
answer_any_bitmap_length (Fixture *fixture)
{
  g_autofree char *bitmap = g_strnfill (5000, 'n');
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>k</name><disks><disk name='vda' bitmap='%s'/>"
                       "</disks></domaincheckpoint>",
                       bitmap);

  g_assert_cmpint (create (fixture, xml, 0), ==, 0);
  fixture_run (fixture, "delete k");
}

void
answer_no_sizes (Fixture *fixture)
{
  g_autofree char *disks = NULL;

  fixture_run (fixture, "create k1; write vda 0 3");
  disks = fixture_disks (fixture, "k1", VCKC_CHECKPOINT_XML_SIZE);
  g_assert_true (g_str_has_prefix (disks, "vda=bitmap:k1 vdb=bitmap:k1 "));
}

void
answer_cannot_validate (Fixture *fixture)
{
  static const char xml[] = DISKS ("k", "<disk name='vda'/><disk name='vda'/>");
  g_autofree char *disks = NULL;

  g_assert_cmpint (
      create (fixture, xml,
              VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE),
      ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (create (fixture, xml, VCKC_CHECKPOINT_CREATE_REDEFINE), ==, 0);
  disks = fixture_disks (fixture, "k", 0);
  g_assert_cmpstr (disks, ==, "vda=bitmap:k vda=bitmap:k");
  fixture_run (fixture, "delete k; create k");
}

void
answer_no_foreign_bitmap (Fixture *fixture)
{
  fixture_run (fixture, "add vdb x; create x; delete x");
}

static int
look (Fixture *fixture)
{
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, &error), ==, -1);
  g_assert_null (findings);
  return (int) vckc_error_get_code (error);
}

static int
repair (VckcDomain *domain, unsigned int flags)
{
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (vckc_domain_repair_checkpoints (domain, &findings, flags, &error), ==, -1);
  g_assert_null (findings);
  return (int) vckc_error_get_code (error);
}

void
answer_cannot_look (Fixture *fixture)
{
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);

  fixture_run (fixture, "create a");
  g_assert_cmpint (look (fixture), ==, VCKC_ERROR_OPERATION_UNSUPPORTED);
  g_assert_cmpint (repair (fixture->domain, 0), ==, VCKC_ERROR_OPERATION_UNSUPPORTED);
  g_assert_cmpint (repair (fixture->domain, 1 << 10), ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (repair (reader, VCKC_REPAIR_DRY_RUN), ==, VCKC_ERROR_OPERATION_UNSUPPORTED);
  g_assert_cmpint (repair (reader, 0), ==, VCKC_ERROR_OPERATION_DENIED);
  fixture_run (fixture, "delete a");
}

/* With checkpoints there are none to list either. */
void
answer_no_bitmaps (Fixture *fixture)
{
  VckcBitmap **bitmaps = NULL;
  g_autoptr (VckcError) error = NULL;

  fixture_run (fixture, "create a");
  g_assert_cmpint (vckc_domain_list_bitmaps (fixture->domain, &bitmaps, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_OPERATION_UNSUPPORTED);
  g_assert_null (bitmaps);
}

void
answer_state_unknown (Fixture *fixture)
{
  VckcCheckpointState state = VCKC_CHECKPOINT_STATE_READY;
  g_autoptr (VckcDomainCheckpoint) a = NULL;

  fixture_run (fixture, "create a");
  a = fixture_lookup (fixture, "a");
  g_assert_cmpint (vckc_domain_checkpoint_get_state (a, &state, NULL), ==, 0);
  g_assert_cmpint (state, ==, VCKC_CHECKPOINT_STATE_UNKNOWN);
}

/* How many were taken over; the others were refused. */
static int
import (Fixture *fixture, const char *document, unsigned int flags)
{
  VckcImportResult **results = NULL;
  int count = vckc_domain_import_checkpoints (fixture->domain, document, &results, flags, NULL);
  int n_imported = 0;

  g_assert_cmpint (count, >, 0);
  for (int i = 0; i < count; i++)
    {
      n_imported += vckc_import_result_is_imported (results[i], NULL) ? 1 : 0;
      vckc_import_result_unref (results[i], NULL);
    }
  free (results);
  return n_imported;
}

void
answer_import_cannot_verify (Fixture *fixture)
{
  fixture_run (fixture, "create a b; redefine x under a; create c");
  g_autofree char *before = vckc_domain_export_checkpoints (fixture->domain, NULL);
  g_autofree char *tree = fixture_tree (fixture);
  fixture_run (fixture, "delete a metadata children");
  g_assert_cmpint (import (fixture, before, VCKC_IMPORT_VERIFY), ==, 0);
  g_assert_cmpint (import (fixture, before, 0), ==, 4);
  g_autofree char *after = vckc_domain_export_checkpoints (fixture->domain, NULL);
  g_autofree char *tree_after = fixture_tree (fixture);
  g_assert_cmpstr (tree_after, ==, tree);
  g_assert_cmpuint (strlen (after), ==, strlen (before));
}

/* --- the QEMU driver --- */

/* With some flags libvirt counts wrongly, or not at all: Vck counts for it. */
void
answer_undefine_miscounts (Fixture *fixture)
{
  static const unsigned int both = VCKC_DOMAIN_UNDEFINE_NVRAM | VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM;
  static const unsigned int forget = VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;

  fixture_run (fixture, "create a");
  fixture_power_off (fixture);
  for (unsigned int flag = 1; flag <= VCKC_DOMAIN_UNDEFINE_KEEP_TPM; flag <<= 1)
    if (flag != forget)
      g_assert_cmpint (undefine (fixture, flag), ==, VCKC_ERROR_OPERATION_INVALID);
  g_assert_cmpint (undefine (fixture, 0), ==, VCKC_ERROR_OPERATION_INVALID);
  g_assert_cmpint (undefine (fixture, forget | both), ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (undefine (fixture, forget | 1 << 7), ==, VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
  g_assert_cmpint (undefine (fixture, forget | VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM), ==, 0);
  g_assert_cmpint (undefine (fixture, 0), ==, VCKC_ERROR_NO_DOMAIN);
}

void
answer_bitmap_named_otherwise (Fixture *fixture)
{
  g_assert_cmpint (create (fixture, DISKS ("k", "<disk name='vda' bitmap='own'/>"), 0), ==,
                   VCKC_ERROR_CONFIG_UNSUPPORTED);
  g_assert_cmpint (create (fixture, DISKS ("k", "<disk name='vda' bitmap='k'/>"), 0), ==, 0);
  fixture_run (fixture, "delete k");
}

/* Too long a name fails when the bitmaps are there already, and they stay. */
void
answer_long_name (Fixture *fixture)
{
  g_autofree char *longest = g_strnfill (247, 'n');
  g_autofree char *too_long = g_strnfill (248, 'n');
  g_autofree char *add = g_strconcat ("create ", longest, NULL);
  g_autofree char *delete = g_strconcat ("delete ", longest, NULL);
  g_autofree char *add_too_long = g_strconcat ("create ", too_long, NULL);
  VckcFinding **findings = NULL;

  fixture_run (fixture, add);
  fixture_run (fixture, delete);
  g_assert_cmpint (fixture_step (fixture, add_too_long), ==, VCKC_ERROR_INTERNAL);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, NULL), ==, 2);
  for (guint i = 0; findings[i] != NULL; i++)
    {
      g_assert_cmpint (vckc_finding_get_kind (findings[i], NULL), ==, VCKC_FINDING_BITMAP_FOREIGN);
      g_assert_cmpstr (vckc_finding_get_bitmap (findings[i], NULL), ==, too_long);
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
}

void
answer_disk_listed_twice (Fixture *fixture)
{
  static const char xml[] = DISKS ("k", "<disk name='vda'/><disk name='vda'/>");
  VckcDomainCheckpointDisk **disks = NULL;
  g_autoptr (VckcError) error = NULL;

  fixture_run (fixture, "create k; delete k metadata; lose vdb k");
  g_assert_cmpint (
      create (fixture, xml,
              VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE),
      ==, 0);
  g_autoptr (VckcDomainCheckpoint) k = fixture_lookup (fixture, "k");
  g_assert_cmpint (vckc_domain_checkpoint_list_disks (k, &disks, VCKC_CHECKPOINT_XML_SIZE, &error),
                   ==, -1);
  g_test_message ("%s", vckc_error_get_message (error));
  assert_refused (error, VCKC_ERROR_INTERNAL);
  g_assert_cmpint (fixture_step (fixture, "delete k"), ==, VCKC_ERROR_INTERNAL);
  fixture_run (fixture, "delete k metadata; lose vda k; create k");
}

/* Only a stopped domain loses a disk by being defined anew. */
void
answer_disk_gone (Fixture *fixture)
{
  static const char one_disk[] =
      "<domain type='@TYPE@'><name>t</name><uuid>@UUID@</uuid><memory unit='MiB'>64</memory>"
      "<os><type>hvm</type></os><devices><disk type='file'><driver type='qcow2'/>"
      "<source file='@DIR@/a.qcow2'/><target dev='vda'/></disk></devices></domain>";
  g_autofree char *xml = fixture_expand (fixture, one_disk);
  VckcFinding **findings = NULL;

  fixture_run (fixture, "create a");
  fixture_power_off (fixture);
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (fixture->connect, xml, NULL);
  g_assert_nonnull (domain);
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, NULL), ==, 1);
  g_assert_cmpint (vckc_finding_get_kind (findings[0], NULL), ==, VCKC_FINDING_DISK_GONE);
  g_assert_cmpstr (vckc_finding_get_disk (findings[0], NULL), ==, "vdb");
  vckc_finding_unref (findings[0], NULL);
  free (findings);
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, NULL), ==, 0);
  free (findings);
}
