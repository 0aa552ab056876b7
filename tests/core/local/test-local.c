/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The driver as a whole: what its URIs mean, and checkpoints on real disks that stay. */

#define _GNU_SOURCE /* memmem() */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "vckc.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000001"

typedef struct
{
  char *folder;
  char *uri; /* of a folder inside, which does not exist at first */
  char *images[2];
  guint n_files; /* open before the test */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  fixture->n_files = image_fixture_count_files ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  g_free (fixture->uri);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_remove (fixture->folder);
}

static VckcConnect *
connect_to (const char *uri)
{
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);

  assert_ok (connect != NULL, error);
  return connect;
}

static VckcDomain *
define (Fixture *fixture, VckcConnect *connect)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>vm</name><uuid>" UUID "</uuid><memory>1</memory>"
      "<os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda'/></disk>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vdb'/></disk></devices></domain>",
      fixture->images[0], fixture->images[1]);
  VckcError *error = NULL;
  VckcDomain *domain = vckc_domain_define_xml (connect, xml, &error);

  assert_ok (domain != NULL, error);
  return domain;
}

static VckcDomain *
look_up (VckcConnect *connect)
{
  VckcError *error = NULL;
  VckcDomain *domain = vckc_domain_lookup_by_name (connect, "vm", &error);

  assert_ok (domain != NULL, error);
  return domain;
}

static VckcDomainCheckpoint *
create (VckcDomain *domain, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_create_xml (domain, xml, 0, &error);

  assert_ok (checkpoint != NULL, error);
  return checkpoint;
}

static void
assert_size (VckcDomainCheckpoint *checkpoint, gint64 on_vda, gint64 on_vdb)
{
  VckcDomainCheckpointDisk **disks = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_checkpoint_list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, &error);

  assert_ok (n == 2, error);
  g_assert_cmpint (vckc_domain_checkpoint_disk_get_size (disks[0], NULL), ==, on_vda);
  g_assert_cmpint (vckc_domain_checkpoint_disk_get_size (disks[1], NULL), ==, on_vdb);
  for (int i = 0; i < n; i++)
    vckc_domain_checkpoint_disk_unref (disks[i], NULL);
  free (disks);
}

/* Whether qemu-img sees a bitmap of that name in an image. */
static bool
image_has_bitmap (const char *image, const char *name)
{
  const char *const argv[] = { "qemu-img", "info", image, NULL };
  g_autofree char *info = image_fixture_run (argv);
  g_autofree char *line = g_strdup_printf ("name: %s\n", name);

  return strstr (info, line) != NULL;
}

static void
test_checkpoints (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  VckcDomainCheckpoint *one = create (domain, "one");
  VckcDomainCheckpoint *two;
  VckcError *error = NULL;
  g_autofree char *parent = NULL;

  image_fixture_write (fixture->images[0], 0, 1 << 20);
  two = create (domain, "two");
  image_fixture_write (fixture->images[1], 100000, 1);
  assert_size (one, 1 << 20, 65536);
  assert_size (two, 0, 65536);
  parent = vckc_domain_checkpoint_get_parent_name (two, NULL);
  g_assert_cmpstr (parent, ==, "one");
  assert_ok (vckc_domain_checkpoint_delete (one, 0, &error) == 0, error);
  g_assert_false (image_has_bitmap (fixture->images[0], "one"));
  g_assert_true (image_has_bitmap (fixture->images[0], "two"));
  assert_size (two, 0, 65536);
  vckc_domain_checkpoint_unref (one, NULL);
  vckc_domain_checkpoint_unref (two, NULL);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* Everything is there again when the store folder is next opened. */
static void
test_stays (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  VckcDomainCheckpoint *checkpoint;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  vckc_domain_checkpoint_unref (create (domain, "one"), NULL);
  checkpoint = create (domain, "two");
  before = vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_SIZE, NULL);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);

  connect = connect_to (fixture->uri);
  domain = look_up (connect);
  checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, "two", 0, NULL);
  after = vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_SIZE, NULL);
  g_assert_nonnull (before);
  g_assert_cmpstr (before, ==, after);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

static void
test_undefine (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  g_autofree char *dir = g_build_filename (fixture->folder, "domains", UUID, NULL);
  VckcError *error = NULL;

  vckc_domain_checkpoint_unref (create (domain, "one"), NULL);
  g_assert_true (g_file_test (dir, G_FILE_TEST_IS_DIR));
  assert_ok (vckc_domain_undefine (domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, &error) == 0,
             error);
  g_assert_false (g_file_test (dir, G_FILE_TEST_EXISTS));
  g_assert_true (image_has_bitmap (fixture->images[0], "one"));
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* A held image fails the change, names the file and leaves everything as it was. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  ImageHolder holder;
  g_autofree char *part = g_strdup_printf (
      "the image '%s' of disk 'vdb' is held by another program", fixture->images[1]);
  VckcError *error = NULL;

  image_holder_start (&holder, fixture->images[1]);
  g_assert_null (vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint/>", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, part);
  image_holder_stop (&holder);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 0);
  vckc_domain_checkpoint_unref (create (domain, "one"), NULL);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* Four checkpoints, one after the other. */
static void
make_chain (Fixture *fixture, guint number)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = look_up (connect);

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%u-%u", number, i);

      vckc_domain_checkpoint_unref (create (domain, name), NULL);
    }
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* Two processes make checkpoints of one domain: none is lost, and they form one chain. */
static void
test_two_processes (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  VckcDomainCheckpoint **roots = NULL;
  pid_t children[2];

  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      if (children[i] != 0)
        continue;
      make_chain (fixture, i);
      _exit (0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  connect = connect_to (fixture->uri);
  domain = look_up (connect);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 8);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, &roots, VCKC_CHECKPOINT_LIST_ROOTS, NULL), ==, 1);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, NULL, VCKC_CHECKPOINT_LIST_LEAVES, NULL), ==, 1);
  vckc_domain_checkpoint_unref (roots[0], NULL);
  free (roots);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

static void delete (VckcDomain *domain, const char *name)
{
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (domain, name, 0, &error);

  assert_ok (checkpoint != NULL, error);
  assert_ok (vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}

/* Makes checkpoints, and removes all but the last again. */
static void
work (VckcDomain *domain, guint number)
{
  g_autofree char *last = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u-%u", number, i);

      vckc_domain_checkpoint_unref (create (domain, name), NULL);
      if (last != NULL)
        delete (domain, last);
      g_free (last);
      last = g_steal_pointer (&name);
    }
}

static gpointer
work_in_thread (gpointer data)
{
  static gint n_threads;

  work (data, 10 + (guint) g_atomic_int_add (&n_threads, 1));
  return NULL;
}

/* What workers leave: a chain of the last checkpoint of each, and nothing to find fault with. */
static void
assert_chain (VckcDomain *domain, int length)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n_findings = vckc_domain_verify_checkpoints (domain, &findings, &error);

  assert_ok (n_findings >= 0, error);
  g_assert_cmpint (n_findings, ==, 0);
  free (findings);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, length);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, NULL, VCKC_CHECKPOINT_LIST_ROOTS, NULL), ==, 1);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (domain, NULL, VCKC_CHECKPOINT_LIST_LEAVES, NULL), ==, 1);
}

/* Processes, and threads of this one, make and remove checkpoints of one domain at once: no
 * change is lost. */
static void
test_many_workers (Fixture *fixture, gconstpointer data)
{
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);
  pid_t children[3];
  GThread *threads[3];

  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    if ((children[i] = fork ()) == 0)
      {
        work (look_up (connect_to (fixture->uri)), i);
        _exit (0);
      }
  connect = connect_to (fixture->uri);
  domain = look_up (connect);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("worker", work_in_thread, domain);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  assert_chain (domain, G_N_ELEMENTS (children) + G_N_ELEMENTS (threads));
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* However the folder is spelled, it is one store folder, with one engine. */
static void
test_same_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autofree char *spellings[] = {
    g_strdup_printf ("local://%s/link/domains", fixture->folder),
    g_strdup_printf ("local:%s/./x/../domains//", fixture->folder),
    g_strdup_printf ("LOCAL://%s/domain%%73", fixture->folder),
  };
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain;

  g_assert_cmpint (symlink (fixture->folder, link), ==, 0);
  domain = define (fixture, connect);
  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      VckcConnect *other = connect_to (spellings[i]);

      vckc_domain_unref (look_up (other), NULL);
      vckc_connect_unref (other, NULL);
      g_free (g_steal_pointer (&spellings[i]));
    }
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* Opening makes nothing. */
static void
test_default_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *root = g_build_filename (g_get_user_data_dir (), "vck", "domains", NULL);
  g_autofree char *dir = g_build_filename (root, UUID, NULL);
  VckcConnect *connect = connect_to ("local:");
  VckcDomain *domain;

  g_assert_true (g_str_has_prefix (root, g_getenv ("XDG_DATA_HOME")));
  g_assert_cmpint (vckc_connect_list_all_domains (connect, NULL, 0, NULL), ==, 0);
  g_assert_false (g_file_test (root, G_FILE_TEST_EXISTS));
  domain = define (fixture, connect);
  g_assert_true (g_file_test (dir, G_FILE_TEST_IS_DIR));
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

static void
test_uris_refused (void)
{
  static const struct
  {
    const char *uri;
    const char *message;
  } cases[] = {
    { "local://srv/vms", "names the host 'srv'" },
    { "local:srv/vms", "has a relative path" },
    { "local:///srv/vms?a=b", "has parameters, and 'local' knows none" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      VckcError *error = NULL;

      g_assert_null (vckc_connect_open (cases[i].uri, 0, &error));
      assert_error (error, VCKC_ERROR_INVALID_ARG, cases[i].message);
    }
}

/* What a verification or a repair finds: how many, of which kind and about which disk; NULL if it
 * failed. */
static char *
describe_findings (int n, VckcFinding **findings)
{
  GString *text = n < 0 ? NULL : g_string_new (NULL);

  for (int i = 0; i < n; i++)
    {
      g_string_append_printf (text, "%u %s %s;", vckc_finding_get_kind (findings[i], NULL),
                              vckc_finding_get_checkpoint (findings[i], NULL),
                              strstr (vckc_finding_get_message (findings[i], NULL), "' is lost: "));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  return text != NULL ? g_string_free (text, FALSE) : NULL;
}

static void
assert_findings (VckcDomain *domain, bool repair, const char *expected)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = repair ? vckc_domain_repair_checkpoints (domain, &findings, 0, &error)
                 : vckc_domain_verify_checkpoints (domain, &findings, &error);
  g_autofree char *text = describe_findings (n, findings);

  assert_ok (n >= 0, error);
  g_assert_cmpstr (text, ==, expected);
}

/* Writes zeros into an image, at the offset behind a mark if there is one. */
static void
patch_image (const char *image, const char *mark, gsize offset, gsize n_zeros)
{
  g_autofree char *content = NULL;
  g_autofree char *zeros = g_malloc0 (n_zeros);
  const char *at;
  gsize size;
  FILE *file = g_fopen (image, "r+e");

  g_assert_true (g_file_get_contents (image, &content, &size, NULL));
  at = mark != NULL ? memmem (content, size, mark, strlen (mark)) : content;
  g_assert_nonnull (at);
  g_assert_cmpint (fseek (file, (long) (at - content) + (long) offset, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (zeros, 1, n_zeros, file), ==, n_zeros);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* All bitmaps of one image are lost, by a program that does not know them, or by a damage for which
 * QEMU refuses the image: all can be read, the damage is reported, and repaired. */
static void
test_bitmaps_lost (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *mark; /* the extension for bitmaps: its data have the count first */
    gsize offset, n_zeros;
    const char *findings;
  } cases[] = {
    { NULL, 88, 8,
      "1 one ' is lost: a program that does not know bitmaps wrote to the image, and thereby made "
      "all of them void;" },
    { "\x23\x85\x28\x75", 8, 4,
      "1 one ' is lost: the list of bitmaps in the image is damaged, and QEMU does not open the "
      "image "
      "because of that;" },
  };
  VckcConnect *connect = connect_to (fixture->uri);
  VckcDomain *domain = define (fixture, connect);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      VckcDomainCheckpoint *one = create (domain, "one");

      image_fixture_write (fixture->images[0], 0, 65536);
      patch_image (fixture->images[0], cases[i].mark, cases[i].offset, cases[i].n_zeros);
      assert_size (one, -1, 0);
      assert_findings (domain, false, cases[i].findings);
      assert_findings (domain, true, cases[i].findings);
      assert_findings (domain, false, "");
      vckc_domain_checkpoint_unref (create (domain, "two"), NULL);
      g_assert_true (image_has_bitmap (fixture->images[0], "two"));
      g_assert_cmpint (vckc_domain_checkpoint_delete (one, 0, NULL), ==, 0);
      vckc_domain_checkpoint_unref (one, NULL);
      one = vckc_domain_checkpoint_lookup_by_name (domain, "two", 0, NULL);
      g_assert_cmpint (vckc_domain_checkpoint_delete (one, 0, NULL), ==, 0);
      vckc_domain_checkpoint_unref (one, NULL);
    }
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

#define ADD(name, test) g_test_add ("/vck/local/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *data = image_fixture_new ();
  int result;

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/local/uris-refused", test_uris_refused);
  ADD ("checkpoints", test_checkpoints);
  ADD ("bitmaps-lost", test_bitmaps_lost);
  ADD ("stays", test_stays);
  ADD ("undefine", test_undefine);
  ADD ("held", test_held);
  ADD ("two-processes", test_two_processes);
  ADD ("many-workers", test_many_workers);
  ADD ("same-folder", test_same_folder);
  ADD ("default-folder", test_default_folder);
  result = g_test_run ();
  image_fixture_remove (g_steal_pointer (&data));
  return result;
}
