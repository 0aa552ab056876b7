/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: handles, arguments, read-only connections, flags, and their order: table C of
 * semantics.md. */

#include "../refusal.h"
#include "contract.h"

#include <stdlib.h>

#define REDEFINE VCKC_CHECKPOINT_CREATE_REDEFINE
#define QUIESCE VCKC_CHECKPOINT_CREATE_QUIESCE
#define VALIDATE VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE
#define SECURE VCKC_CHECKPOINT_XML_SECURE
#define NO_DOMAIN VCKC_CHECKPOINT_XML_NO_DOMAIN
#define SIZE VCKC_CHECKPOINT_XML_SIZE
#define CHILDREN VCKC_CHECKPOINT_DELETE_CHILDREN
#define CHILDREN_ONLY VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY
/* The lowest flag that each call does not know. */
#define UNKNOWN_FLAG (1 << 3)
#define UNKNOWN_LIST_FLAG (1 << 4)
#define ANY_FLAG 1

#define XML "<domaincheckpoint><name>n</name><disks><disk name='vda'/></disks></domaincheckpoint>"

/* The call must fail with that code. */
#define FAILS(call, expected)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (VckcError) fails_error = NULL;                                                      \
    VckcError **err = &fails_error;                                                                \
                                                                                                   \
    g_assert_false (call);                                                                         \
    g_assert_nonnull (fails_error);                                                                \
    assert_refused (fails_error, expected);                                                        \
  }                                                                                                \
  G_STMT_END

/* The domain and its checkpoint `a`, looked up with the read-only connection. */
typedef struct
{
  VckcDomain *domain;
  VckcDomainCheckpoint *checkpoint;
} ReadOnly;

static void
read_only_init (ReadOnly *self, Fixture *fixture)
{
  self->domain = vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  g_assert_nonnull (self->domain);
  self->checkpoint = vckc_domain_checkpoint_lookup_by_name (self->domain, "a", 0, NULL);
  g_assert_nonnull (self->checkpoint);
}

static void
read_only_clear (ReadOnly *self)
{
  vckc_domain_checkpoint_unref (self->checkpoint, NULL);
  vckc_domain_unref (self->domain, NULL);
}

/* C01 to C12 */
static void
run_create (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  ReadOnly other;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");
  VckcDomain *domain = fixture->domain;

  FAILS (vckc_domain_checkpoint_create_xml (NULL, XML, 0, err), VCKC_ERROR_INVALID_DOMAIN);
  FAILS (vckc_domain_checkpoint_create_xml ((VckcDomain *) a, XML, 0, err),
         VCKC_ERROR_INVALID_DOMAIN);
  FAILS (vckc_domain_checkpoint_create_xml (domain, NULL, 0, err), VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, XML, REDEFINE | QUIESCE, err),
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, XML, VALIDATE, err), VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, XML, REDEFINE | QUIESCE | VALIDATE, err),
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, XML, QUIESCE | VALIDATE, err),
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (domain, XML, UNKNOWN_FLAG, err),
         VCKC_ERROR_INVALID_ARG);
  /* Flags are looked at before the document. */
  FAILS (vckc_domain_checkpoint_create_xml (domain, "<", 1u << 31 | UNKNOWN_FLAG, err),
         VCKC_ERROR_INVALID_ARG);

  read_only_init (&other, fixture);
  FAILS (vckc_domain_checkpoint_create_xml (other.domain, XML, 0, err),
         VCKC_ERROR_OPERATION_DENIED);
  /* NULL wins over read-only, and read-only over the relations of flags. */
  FAILS (vckc_domain_checkpoint_create_xml (other.domain, NULL, REDEFINE | QUIESCE, err),
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_create_xml (other.domain, XML, REDEFINE | QUIESCE, err),
         VCKC_ERROR_OPERATION_DENIED);
  read_only_clear (&other);
}

/* C14 to C20, C58 */
static void
run_get_xml (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  ReadOnly other;
  char *xml;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");

  FAILS (vckc_domain_checkpoint_get_xml_desc (NULL, 0, err), VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_xml_desc ((VckcDomainCheckpoint *) fixture->domain, 0, err),
         VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_xml_desc (a, UNKNOWN_FLAG, err), VCKC_ERROR_INVALID_ARG);
  xml = vckc_domain_checkpoint_get_xml_desc (a, SECURE | NO_DOMAIN | SIZE, NULL);
  g_assert_nonnull (xml);
  free (xml);
  FAILS (vckc_domain_checkpoint_list_disks (a, NULL, UNKNOWN_FLAG, err) >= 0,
         VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (vckc_domain_checkpoint_list_disks (a, NULL, SECURE | NO_DOMAIN | SIZE, NULL), >,
                   0);

  read_only_init (&other, fixture);
  FAILS (vckc_domain_checkpoint_get_xml_desc (other.checkpoint, SECURE, err),
         VCKC_ERROR_OPERATION_DENIED);
  FAILS (vckc_domain_checkpoint_get_xml_desc (other.checkpoint, SECURE | UNKNOWN_FLAG, err),
         VCKC_ERROR_OPERATION_DENIED);
  xml = vckc_domain_checkpoint_get_xml_desc (other.checkpoint, NO_DOMAIN | SIZE, NULL);
  g_assert_nonnull (xml);
  free (xml);
  read_only_clear (&other);
}

/* C21 to C30 */
static void
run_lists (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcDomainCheckpoint **list = (VckcDomainCheckpoint **) &list;
  ReadOnly other;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");

  FAILS (vckc_domain_list_all_checkpoints (NULL, &list, 0, err) >= 0, VCKC_ERROR_INVALID_DOMAIN);
  g_assert_null (list);
  list = (VckcDomainCheckpoint **) &list;
  FAILS (vckc_domain_list_all_checkpoints (fixture->domain, &list, UNKNOWN_LIST_FLAG, err) >= 0,
         VCKC_ERROR_INVALID_ARG);
  g_assert_null (list);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, &list, 0, NULL), ==, 1);
  g_assert_nonnull (list[0]);
  g_assert_null (list[1]);
  vckc_domain_checkpoint_unref (list[0], NULL);
  free (list);

  list = (VckcDomainCheckpoint **) &list;
  FAILS (vckc_domain_checkpoint_list_all_children (NULL, &list, 0, err) >= 0,
         VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  g_assert_null (list);
  g_assert_cmpint (vckc_domain_checkpoint_list_all_children (a, &list, 0, NULL), ==, 0);
  g_assert_nonnull (list);
  g_assert_null (list[0]);
  free (list);
  FAILS (vckc_domain_checkpoint_list_all_children (a, NULL, UNKNOWN_LIST_FLAG, err) >= 0,
         VCKC_ERROR_INVALID_ARG);

  read_only_init (&other, fixture);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (other.domain, NULL, 0, NULL), ==, 1);
  read_only_clear (&other);
}

/* C31 to C39 */
static void
run_lookups (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");

  FAILS (vckc_domain_checkpoint_lookup_by_name (NULL, "a", 0, err), VCKC_ERROR_INVALID_DOMAIN);
  FAILS (vckc_domain_checkpoint_lookup_by_name (fixture->domain, NULL, 0, err),
         VCKC_ERROR_INVALID_ARG);
  /* Flags are looked at before the name. */
  FAILS (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "zz", ANY_FLAG, err),
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "zz", 0, err),
         VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "", 0, err),
         VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_parent (NULL, 0, err), VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_parent (a, ANY_FLAG, err), VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_get_parent (a, 0, err), VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
}

/* C40 to C44 */
static void
run_delete (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  ReadOnly other;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");

  FAILS (vckc_domain_checkpoint_delete (NULL, 0, err) == 0, VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_delete (a, CHILDREN | CHILDREN_ONLY, err) == 0,
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_checkpoint_delete (a, UNKNOWN_FLAG, err) == 0, VCKC_ERROR_INVALID_ARG);
  read_only_init (&other, fixture);
  FAILS (vckc_domain_checkpoint_delete (other.checkpoint, 0, err) == 0,
         VCKC_ERROR_OPERATION_DENIED);
  FAILS (vckc_domain_checkpoint_delete (other.checkpoint, CHILDREN | CHILDREN_ONLY, err) == 0,
         VCKC_ERROR_OPERATION_DENIED);
  read_only_clear (&other);
}

/* C45 to C57 */
static void
run_handles (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  FAILS (vckc_domain_checkpoint_get_name (NULL, err), VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_domain (NULL, err), VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_connect (NULL, err), VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_ref (NULL, err) == 0, VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_unref (NULL, err) == 0, VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT);

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (a, NULL), ==, "a");
  g_assert_true (vckc_domain_checkpoint_get_domain (a, NULL) == fixture->domain);
  g_assert_true (vckc_domain_checkpoint_get_connect (a, NULL) == fixture->connect);
  g_assert_cmpint (vckc_domain_checkpoint_ref (a, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_checkpoint_unref (a, NULL), ==, 0);

  /* A success leaves the caller's error alone. */
  g_autoptr (VckcError) error = NULL;
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, &error), ==, 1);
  g_assert_null (error);

  /* C57: of a deleted checkpoint only the name is left, until the name is used again. */
  fixture_run (fixture, "delete a");
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (a, NULL), ==, "a");
  FAILS (vckc_domain_checkpoint_get_xml_desc (a, 0, err), VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_parent (a, 0, err), VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_list_all_children (a, NULL, 0, err) >= 0,
         VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_delete (a, 0, err) == 0, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_creation_time (a, err) > 0, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  FAILS (vckc_domain_checkpoint_get_details (a, NULL, NULL, NULL, NULL, NULL, err) == 0,
         VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  fixture_run (fixture, "create a");
  FAILS (vckc_domain_checkpoint_get_parent (a, 0, err), VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
}

/* Q56: a handle whose domain is gone. */
static void
run_domain_gone (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");
  fixture_power_off (fixture);
  g_assert_cmpint (
      vckc_domain_undefine (fixture->domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL), ==,
      0);
  FAILS (vckc_domain_checkpoint_get_xml_desc (a, 0, err), VCKC_ERROR_NO_DOMAIN);
  FAILS (vckc_domain_checkpoint_delete (a, 0, err) == 0, VCKC_ERROR_NO_DOMAIN);
  FAILS (vckc_domain_checkpoint_create_xml (fixture->domain, XML, 0, err), VCKC_ERROR_NO_DOMAIN);
  FAILS (vckc_domain_undefine (fixture->domain, 0, err) == 0, VCKC_ERROR_NO_DOMAIN);
}

/* Q42 to Q46: undefine counts the checkpoints, whatever the flags; those about what is not there
 * make no difference. */
static void
run_undefine (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a b");
  FAILS (vckc_domain_undefine (fixture->domain, 0, err) == 0, VCKC_ERROR_OPERATION_INVALID);
  for (unsigned int flag = 1; flag <= VCKC_DOMAIN_UNDEFINE_KEEP_TPM; flag <<= 1)
    if (flag != VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA)
      FAILS (vckc_domain_undefine (fixture->domain, flag, err) == 0, VCKC_ERROR_OPERATION_INVALID);
  FAILS (vckc_domain_undefine (fixture->domain, VCKC_DOMAIN_UNDEFINE_KEEP_TPM << 1, err) == 0,
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_undefine (fixture->domain,
                               VCKC_DOMAIN_UNDEFINE_NVRAM | VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM, err)
             == 0,
         VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_undefine (fixture->domain,
                               VCKC_DOMAIN_UNDEFINE_TPM | VCKC_DOMAIN_UNDEFINE_KEEP_TPM, err)
             == 0,
         VCKC_ERROR_INVALID_ARG);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 2);
  fixture_run (fixture, "delete b; delete a");
  g_assert_cmpint (vckc_domain_undefine (
                       fixture->domain,
                       VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM | VCKC_DOMAIN_UNDEFINE_MANAGED_SAVE, NULL),
                   ==, 0);
}

/* Q48: checkpoints go with a domain that is renamed. */
static void
run_rename (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  ReadOnly other;

  fixture_run (fixture, "create a; write vda 0 1; create b");
  if (fixture_is_running (fixture))
    {
      FAILS (vckc_domain_rename (fixture->domain, "u", 0, err) == 0, VCKC_ERROR_OPERATION_INVALID);
      return;
    }
  read_only_init (&other, fixture);
  FAILS (vckc_domain_rename (other.domain, "u", 0, err) == 0, VCKC_ERROR_OPERATION_DENIED);
  read_only_clear (&other);
  FAILS (vckc_domain_rename (fixture->domain, NULL, 0, err) == 0, VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_rename (fixture->domain, "u", ANY_FLAG, err) == 0, VCKC_ERROR_INVALID_ARG);
  FAILS (vckc_domain_rename (fixture->domain, "t", 0, err) == 0, VCKC_ERROR_DOMAIN_EXISTS);
  FAILS (vckc_domain_rename (fixture->domain, "a/b", 0, err) == 0, VCKC_ERROR_XML_INVALID_SCHEMA);
  FAILS (vckc_domain_rename (fixture->domain, "\xff", 0, err) == 0, VCKC_ERROR_XML_ERROR);

  g_assert_cmpint (vckc_domain_rename (fixture->domain, "u <&> ü", 0, NULL), ==, 0);
  g_autoptr (VckcDomain) found = vckc_domain_lookup_by_name (fixture->connect, "u <&> ü", NULL);
  g_assert_nonnull (found);
  g_assert_cmpstr (vckc_domain_get_uuid (found, NULL), ==, DOMAIN_UUID);
  g_assert_null (vckc_domain_lookup_by_name (fixture->connect, "t", NULL));
  g_autofree char *tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "a b<a cur=b");
  fixture_run (fixture, "delete a; delete b");
}

/* A closed connection refuses; handles stay valid. */
static void
run_closed (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create a");
  g_autoptr (VckcDomainCheckpoint) a = fixture_lookup (fixture, "a");
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_false (vckc_connect_is_open (fixture->connect, NULL));
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (a, NULL), ==, "a");
  FAILS (vckc_domain_checkpoint_delete (a, 0, err) == 0, VCKC_ERROR_NO_CONNECT);
  FAILS (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, err) >= 0,
         VCKC_ERROR_NO_CONNECT);
  /* Others are not affected. */
  g_assert_cmpint (vckc_connect_list_all_domains (fixture->read_only, NULL, 0, NULL), >=, 1);
}

void
add_entry_cases (const Target *target)
{
  add_case (target, "C01-C12", run_create, NULL);
  add_case (target, "C14-C20", run_get_xml, NULL);
  add_case (target, "C21-C30", run_lists, NULL);
  add_case (target, "C31-C39", run_lookups, NULL);
  add_case (target, "C40-C44", run_delete, NULL);
  add_case (target, "C45-C57", run_handles, NULL);
  add_case (target, "Q56", run_domain_gone, NULL);
  add_case (target, "Q42-Q46", run_undefine, NULL);
  add_case (target, "Q48", run_rename, NULL);
  add_case (target, "closed", run_closed, NULL);
}
