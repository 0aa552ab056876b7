/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Every operation with every call it makes to the outside failing, one after the other:
 * afterwards all is as before or as after, a deletion past its point of no return is completed
 * by the next use, and nothing is left over. */

#include "handles/handles.h"

#include "../refusal.h"
#include "drivers/memory/testing/memory-hooks.h"
#include "handles/job-info.h"

#define BACKUP_FILE "/memory/vda.backup"
#define XML(name) "<domaincheckpoint><name>" name "</name></domaincheckpoint>"

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
} Fixture;

typedef struct
{
  const char *name;
  bool (*run) (Fixture *fixture, VckcError **err);
  bool may_complete_later; /* a failure may mean that it will still be done */
} Operation;

static void
fixture_open (Fixture *fixture)
{
  static guint n_uris;
  g_autofree char *uri = g_strdup_printf ("memory:///fault%u", ++n_uris);

  fixture->connect = vckc_connect_open (uri, 0, NULL);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  g_assert_nonnull (fixture->domain);
}

static void
fixture_clear (Fixture *fixture)
{
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static bool
create (Fixture *fixture, const char *xml, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, err);

  return checkpoint != NULL;
}

static bool delete (Fixture *fixture, const char *name, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, err);

  return checkpoint != NULL && vckc_domain_checkpoint_delete (checkpoint, flags, err) == 0;
}

static bool
run_create (Fixture *fixture, VckcError **err)
{
  return create (fixture, XML ("d"), 0, err);
}

static bool
run_create_quiesced (Fixture *fixture, VckcError **err)
{
  return create (fixture, XML ("d"), VCKC_CHECKPOINT_CREATE_QUIESCE, err);
}

static bool
run_redefine_new (Fixture *fixture, VckcError **err)
{
  return create (fixture,
                 "<domaincheckpoint><name>r</name><parent><name>c</name></parent>"
                 "<creationTime>7</creationTime></domaincheckpoint>",
                 VCKC_CHECKPOINT_CREATE_REDEFINE, err);
}

static bool
run_redefine_known (Fixture *fixture, VckcError **err)
{
  return create (fixture,
                 "<domaincheckpoint><name>b</name><description>new</description>"
                 "<creationTime>7</creationTime></domaincheckpoint>",
                 VCKC_CHECKPOINT_CREATE_REDEFINE, err);
}

static bool
run_delete (Fixture *fixture, VckcError **err)
{
  return delete (fixture, "b", 0, err);
}

static bool
run_delete_children (Fixture *fixture, VckcError **err)
{
  return delete (fixture, "b", VCKC_CHECKPOINT_DELETE_CHILDREN, err);
}

static bool
run_delete_metadata (Fixture *fixture, VckcError **err)
{
  return delete (fixture, "b", VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err);
}

static bool
run_hand_over (Fixture *fixture, VckcError **err)
{
  g_autofree char *document = vckc_domain_hand_over_checkpoints (fixture->domain, 0, err);

  return document != NULL;
}

/* A backup to its end, whichever that is. */
static bool
run_backup (Fixture *fixture, VckcError **err)
{
  g_autoptr (VckcJobInfo) info = NULL;

  if (vckc_domain_backup_begin (fixture->domain,
                                "<domainbackup><disks><disk name='vda' type='file'>"
                                "<target file='" BACKUP_FILE "'/></disk></disks></domainbackup>",
                                XML ("d"), 0, err)
      < 0)
    return false;
  info = vckc_domain_wait_job (fixture->domain, err);
  if (info != NULL && vckc_job_info_get_state (info, NULL) == VCKC_JOB_STATE_DONE)
    return true;
  if (info != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s", vckc_job_info_get_error (info, NULL));
  return false;
}

static const Operation operations[] = {
  { "create", run_create, false },
  { "create-quiesced", run_create_quiesced, false },
  { "redefine-new", run_redefine_new, false },
  { "redefine-known", run_redefine_known, false },
  { "delete", run_delete, true },
  { "delete-children", run_delete_children, true },
  { "delete-metadata", run_delete_metadata, true },
  { "hand-over", run_hand_over, false },
  { "backup", run_backup, true },
};

/* Everything there is to see: documents with sizes, in topological order, and which
 * checkpoint would be the parent of the next. */
static char *
describe (Fixture *fixture)
{
  GString *text = g_string_new (NULL);
  VckcDomainCheckpoint **list = NULL;
  g_autoptr (VckcError) error = NULL;
  int count = vckc_domain_list_all_checkpoints (fixture->domain, &list,
                                                VCKC_CHECKPOINT_LIST_TOPOLOGICAL, &error);

  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  for (int i = 0; i < count; i++)
    {
      g_autofree char *xml = vckc_domain_checkpoint_get_xml_desc (
          list[i], VCKC_CHECKPOINT_XML_SIZE | VCKC_CHECKPOINT_XML_NO_DOMAIN, &error);

      if (error != NULL)
        g_error ("%s", vckc_error_get_message (error));
      g_string_append (text, xml);
      vckc_domain_checkpoint_unref (list[i], NULL);
    }
  g_free (list);

  g_assert_true (create (fixture, XML ("probe"), 0, NULL));
  g_autoptr (VckcDomainCheckpoint) probe =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "probe", 0, NULL);
  g_autofree char *current = vckc_domain_checkpoint_get_parent_name (probe, NULL);
  g_string_append_printf (text, "current: %s\n", current != NULL ? current : "none");
  g_assert_cmpint (vckc_domain_checkpoint_delete (probe, 0, NULL), ==, 0);
  return g_string_free (text, FALSE);
}

/* Creation times differ from run to run and do not matter here. */
static char *
strip_times (char *text /* (transfer full) */)
{
  g_autoptr (GRegex) regex = g_regex_new ("<creationTime>1\\d{9}<", 0, 0, NULL);
  char *stripped = g_regex_replace_literal (regex, text, -1, 0, "<creationTime>now<", 0, NULL);

  g_free (text);
  return stripped;
}

static void
fixture_prepare (Fixture *fixture)
{
  fixture_open (fixture);
  g_assert_true (create (fixture, XML ("a"), 0, NULL));
  g_assert_true (vckc_memory_write (fixture->domain, "vda", 0, 65536));
  g_assert_true (create (fixture, XML ("b"), 0, NULL));
  g_assert_true (vckc_memory_write (fixture->domain, "vdb", 65536, 65536));
  g_assert_true (create (fixture, XML ("c"), 0, NULL));
}

/* No bitmap of a name that no checkpoint has: each could be created anew. */
static void
assert_no_orphan (Fixture *fixture)
{
  static const char *const names[] = { "a", "b", "c", "d", "r" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", names[i]);
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcDomainCheckpoint) known =
          vckc_domain_checkpoint_lookup_by_name (fixture->domain, names[i], 0, NULL);

      if (known == NULL && !create (fixture, xml, 0, &error))
        g_error ("'%s': %s", names[i], vckc_error_get_message (error));
    }
}

static void
run_with_fault (const Operation *operation,
                guint64 n,
                bool persistent,
                const char *before,
                const char *after)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckcError) error = NULL;
  g_autofree char *now = NULL;
  bool done;

  fixture_prepare (&fixture);
  vckc_memory_fail_at (fixture.connect, n, persistent, VCKC_ERROR_SYSTEM_ERROR);
  done = operation->run (&fixture, &error);
  vckc_memory_fail_at (fixture.connect, 0, false, VCKC_ERROR_SYSTEM_ERROR);
  g_assert_true (done == (error == NULL));
  g_test_message ("call %u%s: %s", (guint) n, persistent ? " and later" : "",
                  done ? "done" : vckc_error_get_message (error));

  /* What could not be taken back at once. */
  g_assert_cmpint (vckc_domain_recover_backup (fixture.domain, NULL), ==, 0);
  now = strip_times (describe (&fixture));
  if (operation->run == run_backup)
    g_assert_true (vckc_memory_has_backup_file (fixture.connect, BACKUP_FILE)
                   == g_str_equal (now, after));
  if (done)
    g_assert_cmpstr (now, ==, after);
  else if (!operation->may_complete_later || !g_str_equal (now, after))
    g_assert_cmpstr (now, ==, before);
  if (operation->run != run_delete_metadata)
    assert_no_orphan (&fixture);
}

static void
test_operation (gconstpointer data)
{
  const Operation *operation = data;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint64 n_calls;

  {
    g_auto (Fixture) fixture = { NULL };

    fixture_prepare (&fixture);
    before = strip_times (describe (&fixture));
    vckc_memory_fail_at (fixture.connect, 0, false, VCKC_ERROR_SYSTEM_ERROR);
    g_assert_true (operation->run (&fixture, NULL));
    n_calls = vckc_memory_count_calls (fixture.connect);
    after = strip_times (describe (&fixture));
  }
  g_assert_cmpstr (before, !=, after);
  g_assert_cmpuint (n_calls, >=, 3);

  for (guint64 n = 1; n <= n_calls; n++)
    {
      run_with_fault (operation, n, false, before, after);
      run_with_fault (operation, n, true, before, after);
    }
}

/* A list is whole, or there is none. */
static void
test_list_extents (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  bool listed = false;

  fixture_prepare (&fixture);
  for (guint i = 0; i < 40; i++)
    g_assert_true (vckc_memory_write (fixture.domain, "vda", 4 * i * 65536, 65536));
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture.domain, "b", 0, NULL);
  for (guint64 n = 1; !listed; n++)
    {
      g_autofree VckcExtent *extents = NULL;
      g_autoptr (VckcError) error = NULL;
      int count;

      vckc_memory_fail_at (fixture.connect, n, false, VCKC_ERROR_SYSTEM_ERROR);
      count = vckc_domain_checkpoint_list_extents (checkpoint, "vda", &extents, 0, &error);
      listed = count >= 0;
      g_assert_true ((extents == NULL) == (error != NULL));
      if (!listed)
        assert_refused (error, VCKC_ERROR_SYSTEM_ERROR);
      else
        {
          g_assert_cmpint (count, ==, 40);
          g_assert_cmpuint (n, >, 5);
        }
    }
}

/* A guest that was frozen is thawed, whatever fails. */
static void
test_always_thaws (void)
{
  for (guint64 n = 1; n < 12; n++)
    {
      g_auto (Fixture) fixture = { NULL };

      fixture_prepare (&fixture);
      vckc_memory_fail_at (fixture.connect, n, true, VCKC_ERROR_SYSTEM_ERROR);
      run_create_quiesced (&fixture, NULL);
      g_assert_cmpuint (vckc_memory_count_frozen (fixture.connect), ==, 0);
    }
}

static void
test_quiesce (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckcDomain) off = NULL;
  g_autoptr (VckcError) error = NULL;

  fixture_prepare (&fixture);
  g_assert_true (run_create_quiesced (&fixture, NULL));
  g_assert_cmpuint (vckc_memory_count_freezes (fixture.connect), ==, 1);

  off = vckc_domain_define_xml (fixture.connect,
                                "<domain><name>off</name><devices><disk type='file'>"
                                "<driver type='qcow2'/><source file='/x'/><target dev='vda'/>"
                                "</disk></devices></domain>",
                                NULL);
  g_assert_null (
      vckc_domain_checkpoint_create_xml (off, XML ("q"), VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_refused (error, VCKC_ERROR_OPERATION_INVALID);
}

/* Opens one more connection to the domains of the fixture, with a query, and closes it. */
static void
ask_by_uri (Fixture *fixture, const char *query)
{
  g_autofree char *uri =
      g_strdup_printf ("%s?%s", vckc_connect_get_uri (fixture->connect, NULL), query);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcConnect) connect = vckc_connect_open (uri, 0, &error);

  if (connect == NULL)
    g_error ("%s", vckc_error_get_message (error));
}

/* What a program outside does that has nothing but the URI. */
static void
test_write_by_uri (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;

  fixture_open (&fixture);
  g_assert_true (create (&fixture, XML ("a"), 0, NULL));
  ask_by_uri (&fixture, "write=131073");
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture.domain, "a", 0, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree VckcExtent *extents = NULL;
      int count = vckc_domain_checkpoint_list_extents (checkpoint, i == 0 ? "vda" : "vdb", &extents,
                                                       0, NULL);

      g_assert_cmpint (count, ==, 1);
      g_assert_cmpuint (extents[0].offset, ==, 0);
      g_assert_cmpuint (extents[0].length, ==, 3 * 65536);
    }
}

static void
test_fail_by_uri (void)
{
  g_auto (Fixture) fixture = { NULL };

  fixture_open (&fixture);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (VckcError) error = NULL;

      if (i == 0)
        ask_by_uri (&fixture, "fail=1&error=busy");
      else if (i == 2)
        ask_by_uri (&fixture, "fail-from=1");
      g_assert_true (create (&fixture, XML ("d"), 0, &error) == (i == 1));
      if (error != NULL)
        assert_refused (error, i == 0 ? VCKC_ERROR_BUSY : VCKC_ERROR_SYSTEM_ERROR);
      if (i == 1)
        g_assert_true (delete (&fixture, "d", 0, NULL));
    }
  ask_by_uri (&fixture, "fail=0");
  g_assert_true (create (&fixture, XML ("d"), 0, NULL));
}

/* A backup that has begun fails for want of room, and says so by its code. */
static void
test_backup_fails_by_uri (void)
{
  bool done = false;
  guint n_failed = 0;

  for (guint n = 1; !done; n++)
    {
      g_auto (Fixture) fixture = { NULL };
      g_autofree char *query = g_strdup_printf ("error=no-space&fail=%u", n);
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcJobInfo) info = NULL;

      fixture_open (&fixture);
      ask_by_uri (&fixture, query);
      done = run_backup (&fixture, &error);
      info = vckc_domain_get_job_info (fixture.domain, VCKC_JOB_INFO_COMPLETED, NULL);
      if (info == NULL || vckc_job_info_get_state (info, NULL) != VCKC_JOB_STATE_FAILED)
        continue;
      n_failed++;
      g_assert_cmpint (vckc_job_info_get_error_code (info, NULL), ==, VCKC_ERROR_NO_SPACE);
    }
  g_assert_cmpuint (n_failed, >=, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/fault/%s", operations[i].name);

      g_test_add_data_func (path, &operations[i], test_operation);
    }
  g_test_add_func ("/vck/fault/list-extents", test_list_extents);
  g_test_add_func ("/vck/fault/always-thaws", test_always_thaws);
  g_test_add_func ("/vck/fault/quiesce", test_quiesce);
  g_test_add_func ("/vck/fault/write-by-uri", test_write_by_uri);
  g_test_add_func ("/vck/fault/fail-by-uri", test_fail_by_uri);
  g_test_add_func ("/vck/fault/backup-fails-by-uri", test_backup_fails_by_uri);
  return g_test_run ();
}
