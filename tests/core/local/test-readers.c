/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Looking at a folder that cannot be locked, written, or read in full: what is there is shown, what
 * cannot be read is shown with the reason, and nothing is changed, taken for gone or waited for.
 */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assert-error.h"
#include "drivers/local/store/local-store.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "managed/engine.h"
#include "vckc.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000001"
#define OTHER_UUID "8a6e0f4e-0000-4000-8000-000000000002"

typedef struct
{
  char *folder;
  char *root;
  char *uri;
  char *image;
  VckcConnect *connect;
  VckcDomain *domain; /* vm, with UUID and the checkpoints one and two */
  GString *log;       /* of events */
} Fixture;

static void
log_event_cb (const VckcEvent *event, void *opaque)
{
  static const char *const types[] = { NULL, "+domain", "-domain", "state",  "+",
                                       "-",  "~",       "closed",  "renamed" };
  GString *log = opaque;
  const VckcDomainCheckpoint *checkpoint = event->checkpoint;

  if (event->type < G_N_ELEMENTS (types) && event->type != VCKC_EVENT_CLOSED
      && event->type != VCKC_EVENT_DOMAIN_STATE)
    g_string_append_printf (log, "%s%s ", types[event->type],
                            checkpoint != NULL ? checkpoint->name : event->domain->name);
}

static void
reopen (Fixture *fixture, unsigned int flags)
{
  VckcError *error = NULL;

  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
  fixture->connect = vckc_connect_open (fixture->uri, flags, &error);
  assert_ok (fixture->connect != NULL, error);
  vckc_connect_subscribe (fixture->connect, log_event_cb, fixture->log, NULL, NULL);
}

static void
find_domain (Fixture *fixture)
{
  VckcError *error = NULL;

  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "vm", &error);
  assert_ok (fixture->domain != NULL, error);
}

static VckcDomain *
define (VckcConnect *connect, const char *name, const char *uuid, const char *image)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain><name>%s</name><uuid>%s</uuid><devices><disk type='file'><driver type='qcow2'/>"
      "<source file='%s'/><target dev='vda'/></disk></devices></domain>",
      name, uuid, image);
  VckcError *error = NULL;
  VckcDomain *domain = vckc_domain_define_xml (connect, xml, &error);

  assert_ok (domain != NULL, error);
  return domain;
}

static bool
create (VckcDomain *domain, const char *name, unsigned int flags, VckcError **err)
{
  g_autofree char *xml = g_strdup_printf ("<domaincheckpoint><name>%s</name><creationTime>5"
                                          "</creationTime></domaincheckpoint>",
                                          name);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (domain, xml, flags, err);

  return checkpoint != NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->root = g_build_filename (fixture->folder, "domains", NULL);
  fixture->uri = g_strdup_printf ("local://%s", fixture->root);
  fixture->image = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->log = g_string_new (NULL);
  reopen (fixture, 0);
  fixture->domain = define (fixture->connect, "vm", UUID, fixture->image);
  g_assert_true (create (fixture->domain, "one", 0, NULL));
  g_assert_true (create (fixture->domain, "two", 0, NULL));
  g_string_truncate (fixture->log, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
  image_fixture_assert_no_child ();
  g_string_free (fixture->log, TRUE);
  g_free (fixture->root);
  g_free (fixture->uri);
  g_free (fixture->image);
  image_fixture_remove (fixture->folder);
}

static char *
get_path (Fixture *fixture, const char *uuid, const char *name)
{
  return g_build_filename (fixture->root, uuid, name, NULL);
}

static void
put_file (Fixture *fixture, const char *uuid, const char *name, const char *text)
{
  g_autofree char *path = get_path (fixture, uuid, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* "name …" of all domains that are listed. */
static char *
list (Fixture *fixture, unsigned int flags)
{
  GString *names = g_string_new (NULL);
  VckcDomain **domains = NULL;
  VckcError *error = NULL;
  int count = vckc_connect_list_all_domains (fixture->connect, &domains, flags, &error);

  assert_ok (count >= 0, error);
  for (int i = 0; i < count; i++)
    {
      g_string_append_printf (names, "%s ", domains[i]->name);
      vckc_object_unref (domains[i]);
    }
  free (domains);
  return g_string_free (names, FALSE);
}

static void
assert_listed (Fixture *fixture, unsigned int flags, const char *expected)
{
  g_autofree char *found = list (fixture, flags);

  g_assert_cmpstr (found, ==, expected);
}

static int
count_checkpoints (Fixture *fixture)
{
  VckcError *error = NULL;
  int count = vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, &error);

  assert_ok (count >= 0, error);
  return count;
}

static void
assert_every_call_fails (Fixture *fixture, const char *uuid, VckcErrorCode code, const char *part)
{
  g_autoptr (VckcDomain) handle = vckc_domain_new (fixture->connect, uuid, uuid);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  g_assert_null (vckc_domain_lookup_by_uuid (fixture->connect, uuid, &error));
  assert_error (g_steal_pointer (&error), code, part);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (handle, NULL, 0, &error), ==, -1);
  assert_error (g_steal_pointer (&error), code, part);
  g_assert_cmpint (vckc_domain_verify_checkpoints (handle, &findings, &error), ==, -1);
  assert_error (g_steal_pointer (&error), code, part);
  g_assert_false (create (handle, "new", 0, &error));
  assert_error (g_steal_pointer (&error), code, part);
  g_assert_cmpint (vckc_domain_undefine (handle, 0, &error), ==, -1);
  assert_error (g_steal_pointer (&error), code, part);
}

/* One that was never read goes by its UUID, whatever is asked for. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = get_path (fixture, OTHER_UUID, "domain.xml");
  g_autofree char *text = NULL;
  VckcError *error = NULL;

  vckc_object_unref (define (fixture->connect, "web", OTHER_UUID, "/other.qcow2"));
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  put_file (fixture, OTHER_UUID, "domain.xml", "\xff");
  reopen (fixture, 0);
  assert_listed (fixture, 0, OTHER_UUID " vm ");
  assert_listed (fixture, VCKC_DOMAIN_LIST_HAS_CHECKPOINT, OTHER_UUID " vm ");
  assert_every_call_fails (fixture, OTHER_UUID, VCKC_ERROR_SYSTEM_ERROR,
                           OTHER_UUID "/domain.xml' is not UTF-8 text");
  g_assert_null (vckc_domain_lookup_by_name (fixture->connect, "web", &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_SYSTEM_ERROR,
                "it is not known whether there is a domain named 'web': ");
  g_assert_null (vckc_domain_lookup (fixture->connect, "web", &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_SYSTEM_ERROR,
                "it is not known whether there is a domain named 'web': ");
  /* It may be named as the UUID of another one is. */
  g_assert_null (vckc_domain_lookup (fixture->connect, UUID, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_SYSTEM_ERROR,
                "it is not known whether there is a domain named '" UUID "': ");
  find_domain (fixture);
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);

  g_string_truncate (fixture->log, 0);
  put_file (fixture, OTHER_UUID, "domain.xml", text);
  assert_listed (fixture, 0, "vm web ");
  g_assert_cmpstr (fixture->log->str, ==, "+domainweb renamedweb ");
}

/* One that was read before keeps its name, and is not gone. */
static void
test_not_readable_any_more (Fixture *fixture, gconstpointer data)
{
  put_file (fixture, UUID, "domain.xml", "<domain");
  assert_listed (fixture, 0, "vm ");
  assert_every_call_fails (fixture, UUID, VCKC_ERROR_XML_ERROR,
                           "the stored definition of domain '" UUID "'");
  g_assert_cmpstr (fixture->log->str, ==, "");
}

/* A folder that is a link is none of ours. */
static void
test_linked_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = get_path (fixture, OTHER_UUID, NULL);

  g_assert_cmpint (symlink (UUID, link), ==, 0);
  assert_listed (fixture, 0, OTHER_UUID " vm ");
  assert_every_call_fails (fixture, OTHER_UUID, VCKC_ERROR_SYSTEM_ERROR,
                           OTHER_UUID "': it is a link, and links are not followed");
}

#define OTHER_USER 12345u

static uid_t pretended_user; /* 0: the real one */

/* The core is linked statically, so it asks this one. */
uid_t
geteuid (void)
{
  return pretended_user != 0 ? pretended_user : (uid_t) syscall (SYS_geteuid);
}

static void
give_away (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_cmpint (lchown (path, OTHER_USER, OTHER_USER), ==, 0);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      give_away (child);
    }
}

/* A folder of another user. Root changes the owner; other users, which cannot, are another user
 * themselves. */
static void
test_other_owner (Fixture *fixture, gconstpointer data)
{
  const uid_t self = geteuid ();
  g_autofree char *folder = get_path (fixture, UUID, NULL);
  g_autofree char *refusal =
      g_strdup_printf (UUID "' belongs to user %u and is not trusted by user %u; ",
                       self == 0 ? OTHER_USER : (guint) self, self == 0 ? 0 : OTHER_USER);
  VckcError *error = NULL;

  if (self == 0)
    give_away (folder);
  else
    pretended_user = OTHER_USER;
  reopen (fixture, 0);
  assert_listed (fixture, 0, UUID " ");
  assert_every_call_fails (fixture, UUID, VCKC_ERROR_OPERATION_DENIED, refusal);
  /* The name of that domain is not looked at. */
  g_assert_null (vckc_domain_lookup_by_name (fixture->connect, "web", &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_DOMAIN, "there is no domain named 'web'");
  pretended_user = 0;
}

/* Another process works on a domain: this one and others can be read meanwhile. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);
  g_autoptr (VckcJournal) recovery = vckc_journal_new ("create");
  VckcError *error = NULL;

  reopen (fixture, 0);
  vckc_engine_set_job_timeout (fixture->connect->driver_data, 20);
  g_assert_true (vckc_store_lock (other, UUID, 0, NULL));
  g_assert_true (vckc_store_write_journal (other, UUID, recovery, NULL));
  assert_listed (fixture, 0, "vm ");
  find_domain (fixture);
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);
  g_assert_false (create (fixture->domain, "new", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "cannot lock domain 'vm': it is being changed by process");
  g_assert_true (vckc_store_clear_journal (other, UUID, NULL));
  vckc_store_unlock (other, UUID);
  vckc_store_free (other);
  g_assert_true (create (fixture->domain, "new", 0, NULL));
}

static int
count_findings (Fixture *fixture, VckcFindingKind kind, const char *part)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);
  int n_found = 0;

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      n_found += findings[i]->kind == kind && strstr (findings[i]->message, part) != NULL;
      vckc_object_unref (findings[i]);
    }
  free (findings);
  return n_found;
}

/* The lock file cannot be opened: reading and verifying work, changing says why it does not. */
static void
test_no_lock (Fixture *fixture, gconstpointer data)
{
  g_autofree char *lock = get_path (fixture, UUID, "lock");
  VckcError *error = NULL;

  g_assert_cmpint (g_unlink (lock), ==, 0);
  g_assert_cmpint (g_mkdir (lock, 0700), ==, 0);
  reopen (fixture, 0);
  assert_listed (fixture, 0, "vm ");
  find_domain (fixture);
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);
  g_assert_cmpint (count_findings (fixture, VCKC_FINDING_OPERATION_INTERRUPTED, ""), ==, 0);
  g_assert_false (create (fixture->domain, "new", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the lock file '");
}

/* All names below a folder, each with when it was last changed. */
static void
describe_folder (const char *path, GString *text)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  struct stat info;
  const char *name;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_string_append_printf (text, "%s %lld.%09ld\n", path, (long long) info.st_mtim.tv_sec,
                          info.st_mtim.tv_nsec);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      describe_folder (child, text);
    }
}

static char *
make_journal_entry (const char *image, const char *bitmap)
{
  g_autoptr (GString) text = g_string_new ("[change]\nversion=1\noperation=\"create\"\nimages=0\n");

  g_string_append_printf (text,
                          "remove-bitmaps=1\nwrite-checkpoints=0\nremove-checkpoints=0\n"
                          "set-current=false\nset-notes=false\n\n[remove bitmap 1]\n"
                          "disk=\"vda\"\nimage=\"%s\"\nformat=\"qcow2\"\nbitmap=\"%s\"\n",
                          image, bitmap);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static bool
has_bitmap (const char *image, const char *name)
{
  const char *const argv[] = { "qemu-img", "info", image, NULL };
  g_autofree char *text = image_fixture_run (argv);
  g_autofree char *line = g_strdup_printf ("name: %s\n", name);

  return strstr (text, line) != NULL;
}

static void
repair (Fixture *fixture, unsigned int flags)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, flags, &error);

  assert_ok (n >= 1, error);
  for (int i = 0; i < n; i++)
    vckc_object_unref (findings[i]);
  free (findings);
}

/* What was interrupted is shown on a read-only connection; nothing is completed or swept away. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autofree char *entry = make_journal_entry (fixture->image, "two");
  g_autofree char *removed = get_path (fixture, OTHER_UUID, "domain.xml");
  g_autofree char *to = get_path (fixture, OTHER_UUID, "removed");
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);

  vckc_object_unref (define (fixture->connect, "web", OTHER_UUID, "/other.qcow2"));
  g_assert_cmpint (g_rename (removed, to), ==, 0);
  put_file (fixture, UUID, "tmp/" UUID, "<dom");
  put_file (fixture, UUID, "pending", entry);
  describe_folder (fixture->folder, before);

  reopen (fixture, VCKC_CONNECTION_READ_ONLY);
  assert_listed (fixture, 0, "vm ");
  find_domain (fixture);
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);
  g_assert_cmpint (count_findings (fixture, VCKC_FINDING_OPERATION_INTERRUPTED, "(create)"), ==, 1);
  repair (fixture, VCKC_REPAIR_DRY_RUN);
  describe_folder (fixture->folder, after);
  g_assert_cmpstr (after->str, ==, before->str);
  g_assert_true (has_bitmap (fixture->image, "two"));

  reopen (fixture, 0);
  find_domain (fixture);
  g_assert_false (has_bitmap (fixture->image, "two"));
  g_assert_cmpint (count_findings (fixture, VCKC_FINDING_OPERATION_INTERRUPTED, ""), ==, 0);
  assert_listed (fixture, 0, "vm ");
  g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
}

/* A journal entry is applied to images of the domain, and on no other. */
static void
test_strange_image (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "bitmap", "--add", other, "two", NULL };
  g_autofree char *entry = make_journal_entry (other, "two");
  g_autofree char *file = get_path (fixture, UUID, "pending");
  VckcError *error = NULL;

  g_free (image_fixture_run (argv));
  put_file (fixture, UUID, "pending", entry);
  for (guint i = 0; i < 2; i++)
    {
      reopen (fixture, i == 0 ? 0 : VCKC_CONNECTION_READ_ONLY);
      find_domain (fixture);
      g_assert_cmpint (count_checkpoints (fixture), ==, 2);
      g_assert_cmpint (count_findings (fixture, VCKC_FINDING_OPERATION_INTERRUPTED, other), ==, 1);
    }
  reopen (fixture, 0);
  find_domain (fixture);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (create (fixture->domain, "new", 0, &error));
      assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_INVALID,
                    "b.qcow2', which no disk of the domain has");
    }
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  repair (fixture, VCKC_REPAIR_INTERRUPTED);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_true (has_bitmap (other, "two"));
  g_assert_true (has_bitmap (fixture->image, "two"));
  g_assert_true (create (fixture->domain, "new", 0, NULL));
}

/* The largest number of files this process may have open. */
static void
limit_files (rlim_t n)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = n;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
look_with_files (Fixture *fixture, rlim_t n, rlim_t enough)
{
  g_autofree char *names = NULL;
  VckcDomain **domains = NULL;
  VckcError *list_error = NULL;
  VckcError *error = NULL;
  int n_domains, n_checkpoints;

  limit_files (n);
  n_domains = vckc_connect_list_all_domains (fixture->connect, &domains, 0, &list_error);
  n_checkpoints = vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, &error);
  limit_files (enough);

  if (n_domains < 0)
    assert_error (list_error, VCKC_ERROR_SYSTEM_ERROR, "Too many open files");
  else
    {
      g_assert_cmpint (n_domains, ==, 1);
      g_assert_cmpstr (domains[0]->name, ==, "vm");
      vckc_object_unref (domains[0]);
      free (domains);
    }
  if (n_checkpoints < 0)
    assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "Too many open files");
  else
    g_assert_cmpint (n_checkpoints, ==, 2);
}

/* However many files are left, what there is does not become less. */
static void
test_no_files (Fixture *fixture, gconstpointer data)
{
  struct rlimit enough;
  guint n_files = image_fixture_count_files ();

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &enough), ==, 0);
  for (guint more = 0; more < 8; more++)
    {
      /* Something has changed, so that everything is read again. */
      put_file (fixture, UUID, "current", "one\n");
      look_with_files (fixture, n_files + more, enough.rlim_cur);
    }
  g_assert_cmpint (count_checkpoints (fixture), ==, 2);
  g_assert_cmpstr (fixture->log->str, ==, "");
}

#define ADD(name, test) g_test_add ("/vck/readers/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("unreadable", test_unreadable);
  ADD ("not-readable-any-more", test_not_readable_any_more);
  ADD ("linked-folder", test_linked_folder);
  ADD ("other-owner", test_other_owner);
  ADD ("held", test_held);
  ADD ("no-lock", test_no_lock);
  ADD ("read-only", test_read_only);
  ADD ("strange-image", test_strange_image);
  ADD ("no-files", test_no_files);
  return g_test_run ();
}
