/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Images that cannot be examined, and bitmaps that are in a file below the image: no checkpoint is
 * lost for that. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "assert-error.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "stopped-fixture.h"
#include "vckc.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000002"

typedef StoppedFixture Fixture;

static void
define (Fixture *fixture, const char *vda, const char *more)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain><name>vm</name><uuid>" UUID "</uuid><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vda'/>%s</disk>"
      "<disk type='file'><driver type='qcow2'/><source file='%s'/><target dev='vdb'/></disk>"
      "</devices></domain>",
      vda, more, fixture->images[1]);
  VckcError *error = NULL;

  if (fixture->domain != NULL)
    vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  stopped_fixture_init (fixture);
  define (fixture, fixture->images[0], "");
  create_checkpoint (fixture->domain, "one");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stopped_fixture_clear (fixture);
}

/* "unreachable:one/vda", with blanks between; the messages go to *ret_messages. */
static char *
take_findings (VckcFinding **findings, int n, char **ret_messages)
{
  static const char *const names[] = {
    [VCKC_FINDING_BITMAP_MISSING] = "missing",
    [VCKC_FINDING_BITMAP_INCONSISTENT] = "inconsistent",
    [VCKC_FINDING_BITMAP_FOREIGN] = "foreign",
    [VCKC_FINDING_DISK_UNREACHABLE] = "unreachable",
    [VCKC_FINDING_IMAGE_REPLACED] = "image-replaced",
    [VCKC_FINDING_BITMAP_IN_BACKING] = "in-backing",
  };
  GString *text = g_string_new (NULL);
  GString *messages = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    {
      VckcFinding *finding = findings[i];
      VckcFindingKind kind = vckc_finding_get_kind (finding, NULL);

      g_assert_cmpint (kind, <, G_N_ELEMENTS (names));
      g_assert_nonnull (names[kind]);
      g_string_append_printf (text, "%s%s:%s/%s", i > 0 ? " " : "", names[kind],
                              vckc_finding_get_checkpoint (finding, NULL),
                              vckc_finding_get_disk (finding, NULL));
      g_string_append_printf (messages, "%s\n", vckc_finding_get_message (finding, NULL));
      if (kind != VCKC_FINDING_BITMAP_MISSING)
        g_assert_cmpint (vckc_finding_get_outcome (finding, NULL), ==, VCKC_FINDING_OUTCOME_LEFT);
      vckc_finding_unref (finding, NULL);
    }
  free (findings);
  *ret_messages = g_string_free (messages, FALSE);
  return g_string_free (text, FALSE);
}

static void
assert_found (Fixture *fixture, const char *expected, const char *part)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);
  g_autofree char *messages = NULL;
  g_autofree char *found = NULL;

  assert_ok (n >= 0, error);
  found = take_findings (findings, n, &messages);
  g_assert_cmpstr (found, ==, expected);
  if (strstr (messages, part) == NULL)
    g_error ("no '%s' in '%s'", part, messages);
}

/* No repair does anything. */
static void
assert_left (Fixture *fixture, const char *expected)
{
  const unsigned int all[] = { 0, VCKC_REPAIR_BROKEN,
                               VCKC_REPAIR_BROKEN | VCKC_REPAIR_ORPHANS | VCKC_REPAIR_FOREIGN };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      VckcFinding **findings = NULL;
      VckcError *error = NULL;
      int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, all[i], &error);
      g_autofree char *messages = NULL;
      g_autofree char *found = NULL;

      assert_ok (n >= 0, error);
      found = take_findings (findings, n, &messages);
      g_assert_cmpstr (found, ==, expected);
    }
  assert_found (fixture, expected, "");
}

/* Of the checkpoint as a whole, and of each disk. */
static void
assert_states (Fixture *fixture,
               VckcCheckpointState whole,
               VckcCheckpointState vda,
               VckcCheckpointState vdb)
{
  VckcDomainCheckpoint *one =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);
  VckcDomainCheckpointDisk **disks = NULL;
  VckcCheckpointState state;
  VckcError *error = NULL;

  assert_ok (vckc_domain_checkpoint_get_state (one, &state, &error) == 0, error);
  g_assert_cmpint (state, ==, whole);
  g_assert_cmpint (
      vckc_domain_checkpoint_list_disks (one, &disks, VCKC_CHECKPOINT_XML_SIZE, &error), ==, 2);
  g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[0], NULL), ==, vda);
  g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[1], NULL), ==, vdb);
  for (guint i = 0; i < 2; i++)
    vckc_domain_checkpoint_disk_unref (disks[i], NULL);
  free (disks);
  vckc_domain_checkpoint_unref (one, NULL);
}

#define UNKNOWN VCKC_CHECKPOINT_STATE_UNKNOWN
#define READY VCKC_CHECKPOINT_STATE_READY
#define MISSING VCKC_CHECKPOINT_STATE_MISSING
#define REPLACED VCKC_CHECKPOINT_STATE_REPLACED

static void
remove_bitmap (const char *image, const char *name)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--remove", image, name, NULL };

  g_free (image_fixture_run (argv));
}

static void
assert_not_deleted (Fixture *fixture)
{
  VckcDomainCheckpoint *one =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_checkpoint_delete (one, 0, &error), ==, -1);
  assert_error (error, vckc_error_get_code (error), "make the disk reachable");
  vckc_domain_checkpoint_unref (one, NULL);
}

/* The storage of one image is not there for a while. */
static void
test_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *away = g_strconcat (fixture->images[0], ".away", NULL);

  g_assert_cmpint (g_rename (fixture->images[0], away), ==, 0);
  assert_found (fixture, "unreachable:one/vda", "a.qcow2': No such file or directory");
  assert_left (fixture, "unreachable:one/vda");
  assert_states (fixture, UNKNOWN, UNKNOWN, READY);
  assert_not_deleted (fixture);
  g_assert_cmpint (g_rename (away, fixture->images[0]), ==, 0);
  assert_found (fixture, "", "");
  assert_states (fixture, READY, READY, READY);
}

/* What is proven of one disk is reported and repaired, even if the other cannot be reached. */
static void
test_fault_beside (Fixture *fixture, gconstpointer data)
{
  VckcFinding **findings = NULL;
  g_autofree char *away = g_strconcat (fixture->images[0], ".away", NULL);
  g_autofree char *messages = NULL;
  g_autofree char *found = NULL;
  int n;

  g_assert_cmpint (g_rename (fixture->images[0], away), ==, 0);
  remove_bitmap (fixture->images[1], "one");
  assert_states (fixture, MISSING, UNKNOWN, MISSING);
  n = vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, NULL);
  g_assert_cmpint (n, ==, 2);
  g_assert_cmpint (vckc_finding_get_outcome (findings[1], NULL), ==, VCKC_FINDING_OUTCOME_DONE);
  found = take_findings (findings, n, &messages);
  g_assert_cmpstr (found, ==, "unreachable:one/vda missing:one/vdb");
  g_assert_cmpint (g_rename (away, fixture->images[0]), ==, 0);
  assert_found (fixture, "", "");
}

static VckcFindingOutcome
repair_unreadable (Fixture *fixture, unsigned int flags)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  VckcFindingOutcome outcome = 0;
  int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, flags, &error);

  assert_ok (n > 0, error);
  g_assert_cmpint (vckc_finding_get_kind (findings[0], NULL), ==, VCKC_FINDING_METADATA_UNREADABLE);
  outcome = vckc_finding_get_outcome (findings[0], NULL);
  for (int i = 0; i < n; i++)
    vckc_finding_unref (findings[i], NULL);
  free (findings);
  return outcome;
}

/* A checkpoint file that was cut or edited can be restored: its bitmaps are in order. */
static void
test_unreadable_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (fixture->folder, "domains", UUID, "checkpoints", "one.xml", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (path, text, 20, NULL));
  g_assert_cmpint (repair_unreadable (fixture, 0), ==, VCKC_FINDING_OUTCOME_LEFT);
  g_assert_cmpint (repair_unreadable (fixture, VCKC_REPAIR_BROKEN), ==, VCKC_FINDING_OUTCOME_LEFT);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  create_checkpoint (fixture->domain, "two");
  assert_found (fixture, "", "");
  assert_states (fixture, READY, READY, READY);

  g_assert_true (g_file_set_contents (path, text, 20, NULL));
  g_assert_cmpint (repair_unreadable (fixture, VCKC_REPAIR_UNREADABLE), ==,
                   VCKC_FINDING_OUTCOME_DONE);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* The image holds something else, which is no qcow2 header. */
static void
test_unreadable_header (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents (fixture->images[0], "no image", -1, NULL));
  assert_found (fixture, "unreachable:one/vda", "is not in qcow2 format");
  assert_left (fixture, "unreachable:one/vda");
}

/* A header that is good, and tables that QEMU refuses. */
static void
test_refused_by_qemu (Fixture *fixture, gconstpointer data)
{
  FILE *file = fopen (fixture->images[0], "r+e");

  g_assert_cmpint (fseek (file, 55, SEEK_SET), ==, 0);
  g_assert_cmpint (fputc (1, file), ==, 1);
  g_assert_cmpint (fclose (file), ==, 0);
  assert_found (fixture, "unreachable:one/vda", "QEMU cannot open the image");
  assert_left (fixture, "unreachable:one/vda");
  assert_states (fixture, UNKNOWN, UNKNOWN, READY);
}

/* Another program has the image open for writing. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  ImageHolder holder;

  image_holder_start (&holder, fixture->images[1]);
  assert_found (fixture, "unreachable:one/vdb", "is held by another program");
  assert_left (fixture, "unreachable:one/vdb");
  assert_states (fixture, UNKNOWN, READY, UNKNOWN);
  image_holder_stop (&holder);
  assert_found (fixture, "", "");
}

/* With too few descriptors the call fails, or says that it could not look; nothing else. */
static void
test_too_few_files (Fixture *fixture, gconstpointer data)
{
  struct rlimit limit;
  const guint n_files = image_fixture_count_files ();
  bool found_all = false;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  for (guint n = 0; !found_all && n < 100; n++)
    {
      const struct rlimit few = { n_files + n, limit.rlim_max };
      VckcFinding **findings = NULL;
      int count;

      vckc_domain_unref (fixture->domain, NULL);
      fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "vm", NULL);
      g_assert_nonnull (fixture->domain);
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
      count = vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, NULL);
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
      for (int i = 0; i < count; i++)
        {
          g_assert_cmpint (vckc_finding_get_kind (findings[i], NULL), ==,
                           VCKC_FINDING_DISK_UNREACHABLE);
          vckc_finding_unref (findings[i], NULL);
        }
      free (findings);
      found_all = count == 0;
    }
  g_assert_true (found_all);
  assert_found (fixture, "", "");
}

/* A disk that is now only read is still examined, if a checkpoint tracks it. */
static void
test_read_only_disk (Fixture *fixture, gconstpointer data)
{
  define (fixture, fixture->images[0], "<readonly/>");
  assert_found (fixture, "", "");
  remove_bitmap (fixture->images[0], "one");
  assert_found (fixture, "missing:one/vda", "is missing");
}

/* An overlay for vda, based on what it says without that being looked at. */
static void
put_overlay_on (Fixture *fixture, const char *backing, const char *format)
{
  g_autofree char *top = g_build_filename (fixture->folder, "top.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",   "-u", "-f",  "qcow2", "-b",
                               backing,    "-F",     format, top,  "64M", NULL };

  g_free (image_fixture_run (argv));
  define (fixture, top, "");
}

typedef struct
{
  const char *backing; /* from where the image is; '@': the folder */
  const char *format;
  const char *found;
  const char *part; /* of the message */
  bool left;        /* by any repair */
} BackingCase;

static const BackingCase backing_cases[] = {
  { "a.qcow2", "qcow2", "in-backing:one/vda", "/a.qcow2'", true },
  { "./a.qcow2", "qcow2", "in-backing:one/vda", "a.qcow2'", true },
  { "file:a.qcow2", "qcow2", "in-backing:one/vda", "a.qcow2'", true },
  { "away.qcow2", "qcow2", "unreachable:one/vda", "away.qcow2': No such file", true },
  { "top.qcow2", "qcow2", "unreachable:one/vda", "is based on more than", true },
  { "nbd://localhost:1/disk", "qcow2", "unreachable:one/vda", "not a file of this host", true },
  { "json:{\"driver\":\"nbd\",\"path\":\"/x\"}", "qcow2", "unreachable:one/vda",
    "not a file of this host", true },
  { "json:{\"file.filename\":\"a.qcow2\"}", "qcow2", "unreachable:one/vda",
    "not known which file that is", true },
  { "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"@/a.qcow2\"}}",
    "qcow2", "in-backing:one/vda", "/a.qcow2'", true },
  { "a.qcow2", "raw", "image-replaced:one/vda", "another image", false },
  { "away.raw", "raw", "image-replaced:one/vda", "another image", false },
};

static void
test_backing (Fixture *fixture, gconstpointer data)
{
  const BackingCase *row = data;
  g_auto (GStrv) parts = g_strsplit (row->backing, "@", 2);
  g_autofree char *backing = g_strjoinv (fixture->folder, parts);

  put_overlay_on (fixture, backing, row->format);
  assert_found (fixture, row->found, row->part);
  assert_states (fixture, row->left ? UNKNOWN : REPLACED, row->left ? UNKNOWN : REPLACED, READY);
  if (!row->left)
    return;
  assert_left (fixture, row->found);
  create_checkpoint (fixture->domain, "two");
  assert_left (fixture, row->found);
}

/* The nearest file that has the bitmap is named, two files down; then the overlays are
 * committed. */
static void
test_commit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *middle = g_build_filename (fixture->folder, "middle.qcow2", NULL);
  g_autofree char *top = g_build_filename (fixture->folder, "top.qcow2", NULL);
  const char *const make[] = { "qemu-img", "create", "-q",    "-f",   "qcow2", "-b",
                               "a.qcow2",  "-F",     "qcow2", middle, NULL };
  const char *const commit_top[] = { "qemu-img", "commit", "-q", top, NULL };
  const char *const commit_middle[] = { "qemu-img", "commit", "-q", middle, NULL };

  g_free (image_fixture_run (make));
  put_overlay_on (fixture, middle, "qcow2");
  assert_found (fixture, "in-backing:one/vda", "a.qcow2'");
  assert_left (fixture, "in-backing:one/vda");
  g_free (image_fixture_run (commit_top));
  g_free (image_fixture_run (commit_middle));
  define (fixture, fixture->images[0], "");
  assert_found (fixture, "", "");
}

/* Between the first look of a repair and what it does about it, the image is changed. */
static void
change_between (Fixture *fixture, const char *commands)
{
  g_autofree char *between = image_fixture_make_script (fixture->folder, "between", commands);
  g_autofree char *body =
      g_strdup_printf ("qemu-storage-daemon \"$@\" &\nchild=$!\n"
                       "end() {\n  kill $child; wait $child\n"
                       "  if mv '%s' '%s.once' 2>/dev/null; then '%s.once' >/dev/null; fi\n"
                       "  exit 0\n}\ntrap end TERM\nwait $child\n",
                       between, between, between);
  g_autofree char *daemon = image_fixture_make_script (fixture->folder, "daemon", body);

  g_setenv ("VCK_QEMU_STORAGE_DAEMON", daemon, TRUE);
}

static void
assert_repair_leaves (Fixture *fixture, const char *expected)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error);
  g_autofree char *messages = NULL;
  g_autofree char *found = NULL;

  g_unsetenv ("VCK_QEMU_STORAGE_DAEMON");
  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    g_assert_cmpint (vckc_finding_get_outcome (findings[i], NULL), ==, VCKC_FINDING_OUTCOME_LEFT);
  found = take_findings (findings, n, &messages);
  g_assert_cmpstr (found, ==, expected);
}

/* A bitmap that was missing is there again. */
static void
test_back_between (Fixture *fixture, gconstpointer data)
{
  g_autofree char *commands =
      g_strdup_printf ("qemu-img bitmap --add '%s' one", fixture->images[0]);

  remove_bitmap (fixture->images[0], "one");
  change_between (fixture, commands);
  assert_repair_leaves (fixture, "missing:one/vda");
  assert_found (fixture, "", "");
  assert_states (fixture, READY, READY, READY);
}

/* Under the name of a bitmap that would be removed there is a good one. */
static void
test_replaced_between (Fixture *fixture, gconstpointer data)
{
  g_autofree char *commands =
      g_strdup_printf ("qemu-img bitmap --remove '%s' one && qemu-img bitmap --add '%s' one",
                       fixture->images[0], fixture->images[0]);

  image_fixture_abandon (fixture->images[0]);
  change_between (fixture, commands);
  assert_repair_leaves (fixture, "inconsistent:one/vda");
  assert_found (fixture, "", "");
  assert_states (fixture, READY, READY, READY);
}

#define ADD(name, test) g_test_add ("/vck/reach/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("away", test_away);
  ADD ("fault-beside", test_fault_beside);
  ADD ("unreadable-header", test_unreadable_header);
  ADD ("unreadable-file", test_unreadable_file);
  ADD ("refused-by-qemu", test_refused_by_qemu);
  ADD ("held", test_held);
  ADD ("too-few-files", test_too_few_files);
  ADD ("read-only-disk", test_read_only_disk);
  ADD ("commit", test_commit);
  ADD ("back-between", test_back_between);
  ADD ("replaced-between", test_replaced_between);
  for (guint i = 0; i < G_N_ELEMENTS (backing_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/reach/backing/%u", i);

      g_test_add (path, Fixture, &backing_cases[i], set_up, test_backing, tear_down);
    }
  return g_test_run ();
}
