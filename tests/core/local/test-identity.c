/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Images and bitmaps that are not those of the checkpoint, though path and name are right; and
 * images that are, though they were moved. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "vckc.h"

typedef struct
{
  char *folder;
  char *a;
  char *b;
  VckcConnect *connect;
  VckcDomain *domain; /* of vda and vdb, which are a and b at first */
} Fixture;

static VckcDomain *
define (Fixture *fixture, const char *name, const char *vda, const char *vdb)
{
  g_autofree char *uuid = g_strdup_printf ("8a6e0f4e-0000-4000-8000-00000000000%c", *name);
  g_autofree char *second = vdb != NULL
                                ? g_strdup_printf ("<disk type='file'><driver type='qcow2'/>"
                                                   "<source file='%s'/><target dev='vdb'/></disk>",
                                                   vdb)
                                : g_strdup ("");
  g_autofree char *xml =
      g_strdup_printf ("<domain><name>%s</name><uuid>%s</uuid><devices>"
                       "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                       "<target dev='vda'/></disk>%s</devices></domain>",
                       name, uuid, vda, second);
  VckcError *error = NULL;
  VckcDomain *domain = vckc_domain_define_xml (fixture->connect, xml, &error);

  assert_ok (domain != NULL, error);
  return domain;
}

static void
redefine (Fixture *fixture, const char *vda, const char *vdb)
{
  vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = define (fixture, "a", vda, vdb);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uri = NULL;

  fixture->folder = image_fixture_new ();
  fixture->a = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->b = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->connect = vckc_connect_open (uri, 0, NULL);
  g_assert_nonnull (fixture->connect);
  fixture->domain = define (fixture, "a", fixture->a, fixture->b);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  g_free (fixture->a);
  g_free (fixture->b);
  image_fixture_remove (fixture->folder);
}

static void
create_with (VckcDomain *domain, const char *name, const char *rest, unsigned int flags)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name>%s</domaincheckpoint>", name, rest);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_create_xml (domain, xml, flags, &error);

  assert_ok (checkpoint != NULL, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}

#define BOTH_DISKS "<disks><disk name='vda'/><disk name='vdb'/></disks>"

static void
create (VckcDomain *domain, const char *name)
{
  create_with (domain, name, "", 0);
}

static const char *
name_kind (VckcFindingKind kind)
{
  switch (kind)
    {
    case VCKC_FINDING_BITMAP_MISSING:
      return "missing";
    case VCKC_FINDING_BITMAP_ORPHAN:
      return "orphan";
    case VCKC_FINDING_BITMAP_FOREIGN:
      return "foreign";
    case VCKC_FINDING_IMAGE_REPLACED:
      return "image";
    case VCKC_FINDING_BITMAP_REPLACED:
      return "bitmap";
    default:
      return "?";
    }
}

/* "image:one/vda", of what was done or would be only with `done`; the messages in between. */
static char *
take (VckcFinding **findings, int count, bool done, GString *messages)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < count; i++)
    {
      const char *checkpoint = vckc_finding_get_checkpoint (findings[i], NULL);

      g_string_append_printf (messages, "%s\n", vckc_finding_get_message (findings[i], NULL));
      if (!done || vckc_finding_get_outcome (findings[i], NULL) == VCKC_FINDING_OUTCOME_DONE)
        g_string_append_printf (text, "%s%s:%s/%s", text->len > 0 ? " " : "",
                                name_kind (vckc_finding_get_kind (findings[i], NULL)),
                                checkpoint != NULL ? checkpoint : "-",
                                vckc_finding_get_disk (findings[i], NULL));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  return g_string_free (text, FALSE);
}

/* `message` is part of one of the messages. */
static void
assert_found (VckcDomain *domain, const char *expected, const char *message)
{
  g_autoptr (GString) messages = g_string_new (NULL);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (domain, &findings, &error);

  assert_ok (n >= 0, error);
  g_autofree char *found = take (findings, n, false, messages);
  g_test_message ("%s", messages->str);
  g_assert_cmpstr (found, ==, expected);
  g_assert_true (message == NULL || strstr (messages->str, message) != NULL);
}

static void
assert_done (VckcDomain *domain, unsigned int flags, const char *expected)
{
  g_autoptr (GString) messages = g_string_new (NULL);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_repair_checkpoints (domain, &findings, flags, &error);

  assert_ok (n >= 0, error);
  g_autofree char *done = take (findings, n, true, messages);
  g_assert_cmpstr (done, ==, expected);
}

static VckcCheckpointState
get_state (VckcDomain *domain, const char *name)
{
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, name, 0, NULL);
  VckcCheckpointState state = VCKC_CHECKPOINT_STATE_UNKNOWN;
  VckcError *error = NULL;

  assert_ok (vckc_domain_checkpoint_get_state (checkpoint, &state, &error) == 0, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  return state;
}

static void
assert_not_deleted (VckcDomain *domain, const char *name)
{
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, name, 0, NULL);
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "another image");
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}

static void
run (const char *program, const char *one, const char *two, const char *three, const char *four)
{
  const char *const argv[] = { program, one, two, three, four, NULL };

  g_free (image_fixture_run (argv));
}

/* --- images --- */

static void
test_exchanged (Fixture *fixture, gconstpointer data)
{
  create (fixture->domain, "one");
  image_fixture_write (fixture->a, 0, 1 << 20);
  redefine (fixture, fixture->b, fixture->a);
  assert_found (fixture->domain, "image:one/vda image:one/vdb", "that image is disk 'vdb' now");
  g_assert_cmpint (get_state (fixture->domain, "one"), ==, VCKC_CHECKPOINT_STATE_REPLACED);
  assert_not_deleted (fixture->domain, "one");
  assert_done (fixture->domain, 0, "");
  redefine (fixture, fixture->a, fixture->b);
  assert_found (fixture->domain, "", NULL);
  g_assert_cmpint (get_state (fixture->domain, "one"), ==, VCKC_CHECKPOINT_STATE_READY);
}

/* The files are exchanged, and the definition stays. */
static void
test_files_changed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *aside = g_build_filename (fixture->folder, "aside", NULL);

  create (fixture->domain, "one");
  g_assert_cmpint (g_rename (fixture->a, aside), ==, 0);
  g_assert_cmpint (g_rename (fixture->b, fixture->a), ==, 0);
  g_assert_cmpint (g_rename (aside, fixture->b), ==, 0);
  assert_found (fixture->domain, "image:one/vda image:one/vdb", "that image is disk 'vda' now");
}

/* The image of another domain, with a checkpoint of the same name. */
static void
test_clone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *clone = image_fixture_make_image (fixture->folder, "clone.qcow2", NULL);
  VckcDomain *other = define (fixture, "b", clone, NULL);

  create (fixture->domain, "one");
  create (other, "one");
  redefine (fixture, clone, fixture->b);
  assert_found (fixture->domain, "image:one/vda", "that image is still");
  assert_not_deleted (fixture->domain, "one");
  assert_done (fixture->domain, VCKC_REPAIR_FOREIGN | VCKC_REPAIR_ORPHANS, "");
  assert_found (other, "", NULL);

  redefine (fixture, fixture->a, fixture->b);
  g_assert_cmpint (g_rename (clone, fixture->a), ==, 0);
  assert_found (fixture->domain, "image:one/vda", "has replaced");
  vckc_domain_unref (other, NULL);
}

/* It was there before the checkpoint, and is removed. */
static void
test_older_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = image_fixture_make_image (fixture->folder, "other.qcow2", NULL);

  run ("qemu-img", "bitmap", "--add", other, "one");
  create_with (fixture->domain, "one", "<creationTime>9999999999</creationTime>" BOTH_DISKS,
               VCKC_CHECKPOINT_CREATE_REDEFINE);
  g_assert_cmpint (g_remove (fixture->a), ==, 0);
  redefine (fixture, other, fixture->b);
  assert_found (fixture->domain, "image:one/vda missing:one/vdb", "was there before");
}

/* Renamed, linked, or copied to a new path with the definition following: all well. */
static void
test_moved (Fixture *fixture, gconstpointer data)
{
  g_autofree char *moved = g_build_filename (fixture->folder, "moved.qcow2", NULL);
  g_autofree char *copied = g_build_filename (fixture->folder, "copied.qcow2", NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "link.qcow2", NULL);

  create (fixture->domain, "one");
  g_assert_cmpint (g_rename (fixture->a, moved), ==, 0);
  redefine (fixture, moved, fixture->b);
  assert_found (fixture->domain, "", NULL);
  run ("ln", "-s", moved, link, NULL);
  redefine (fixture, link, fixture->b);
  assert_found (fixture->domain, "", NULL);
  run ("mv", moved, fixture->a, NULL, NULL);
  run ("cp", fixture->a, copied, NULL, NULL);
  g_assert_cmpint (g_remove (fixture->a), ==, 0);
  redefine (fixture, copied, fixture->b);
  assert_found (fixture->domain, "", NULL);
  g_assert_cmpint (get_state (fixture->domain, "one"), ==, VCKC_CHECKPOINT_STATE_READY);
}

/* A copy under the same path is for a person to accept, by redefining. */
static void
test_accepted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copied = g_build_filename (fixture->folder, "copied.qcow2", NULL);

  create (fixture->domain, "one");
  run ("cp", fixture->a, copied, NULL, NULL);
  g_assert_cmpint (g_rename (copied, fixture->a), ==, 0);
  assert_found (fixture->domain, "image:one/vda", "has replaced");
  create_with (fixture->domain, "one", "<creationTime>5</creationTime>" BOTH_DISKS,
               VCKC_CHECKPOINT_CREATE_REDEFINE);
  assert_found (fixture->domain, "", NULL);
}

/* A checkpoint file of a version that did not store images yields no finding. */
static void
test_old_checkpoint_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (fixture->folder, "domains", "8a6e0f4e-0000-4000-8000-00000000000a",
                        "checkpoints", "one.xml", NULL);
  g_autoptr (GRegex) regex =
      g_regex_new ("<\\?vck-checkpoint.*\\n| (image|file|birth)='[^']*'", 0, 0, NULL);
  g_autofree char *text = NULL;

  create (fixture->domain, "one");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autofree char *old = g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);
  g_assert_cmpuint (strlen (old), <, strlen (text));
  g_assert_true (g_file_set_contents (path, old, -1, NULL));
  redefine (fixture, fixture->b, fixture->a);
  assert_found (fixture->domain, "", NULL);
}

/* --- bitmaps --- */

static void
test_cleared (Fixture *fixture, gconstpointer data)
{
  create (fixture->domain, "one");
  image_fixture_write (fixture->a, 0, 1 << 20);
  create (fixture->domain, "two");
  image_fixture_write (fixture->a, 1 << 20, 65536);
  assert_found (fixture->domain, "", NULL);
  run ("qemu-img", "bitmap", "--clear", fixture->a, "one");
  assert_found (fixture->domain, "bitmap:one/vda", "it holds 0 bytes, less than the 65536 bytes");
  g_assert_cmpint (get_state (fixture->domain, "one"), ==, VCKC_CHECKPOINT_STATE_REPLACED);
  g_assert_cmpint (get_state (fixture->domain, "two"), ==, VCKC_CHECKPOINT_STATE_READY);
  assert_done (fixture->domain, 0, "");
  assert_done (fixture->domain, VCKC_REPAIR_BROKEN, "bitmap:one/vda");
  assert_found (fixture->domain, "foreign:-/vda", NULL);
}

/* Only the one in the middle is wrong, not those above it. */
static void
test_made_anew (Fixture *fixture, gconstpointer data)
{
  create (fixture->domain, "one");
  create (fixture->domain, "two");
  create (fixture->domain, "three");
  image_fixture_write (fixture->b, 0, 1 << 20);
  run ("qemu-img", "bitmap", "--remove", fixture->b, "two");
  run ("qemu-img", "bitmap", "--add", fixture->b, "two");
  image_fixture_write (fixture->b, 1 << 20, 65536);
  assert_found (fixture->domain, "bitmap:two/vdb", "since the later checkpoint 'three'");
}

/* --- orphans --- */

/* The note on what METADATA_ONLY left expires with the image. */
static void
test_orphan_expires (Fixture *fixture, gconstpointer data)
{
  VckcDomainCheckpoint *one;

  create (fixture->domain, "one");
  one = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_delete (one, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, NULL),
                   ==, 0);
  vckc_domain_checkpoint_unref (one, NULL);
  assert_found (fixture->domain, "orphan:-/vda orphan:-/vdb", NULL);
  assert_done (fixture->domain, 0, "");
  g_free (image_fixture_make_image (fixture->folder, "new.qcow2", NULL));
  g_autofree char *replacement = g_build_filename (fixture->folder, "new.qcow2", NULL);
  run ("qemu-img", "bitmap", "--add", replacement, "one");
  g_assert_cmpint (g_rename (replacement, fixture->a), ==, 0);
  assert_found (fixture->domain, "foreign:-/vda orphan:-/vdb", NULL);
  assert_done (fixture->domain, VCKC_REPAIR_ORPHANS, "orphan:-/vdb");
}

/* --- one image twice --- */

static void
test_two_disks (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link.qcow2", NULL);
  VckcError *error = NULL;

  run ("ln", "-s", fixture->a, link, NULL);
  redefine (fixture, fixture->a, link);
  g_assert_null (vckc_domain_checkpoint_create_xml (
      fixture->domain, "<domaincheckpoint><name>one</name></domaincheckpoint>", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED,
                "disk 'vdb' cannot be tracked: it has the same image as disk 'vda'");
  create_with (fixture->domain, "one", "<disks><disk name='vda'/></disks>", 0);
  assert_found (fixture->domain, "", NULL);
  assert_done (fixture->domain, VCKC_REPAIR_FOREIGN | VCKC_REPAIR_ORPHANS, "");
  assert_found (fixture->domain, "", NULL);
}

static void
test_two_domains (Fixture *fixture, gconstpointer data)
{
  VckcDomain *other = define (fixture, "b", fixture->a, NULL);

  create (fixture->domain, "one");
  create (other, "two");
  run ("qemu-img", "bitmap", "--add", fixture->a, "theirs");
  assert_found (other, "foreign:-/vda foreign:-/vda", "checkpoint 'one' of domain 'a'");
  assert_done (other, VCKC_REPAIR_FOREIGN, "foreign:-/vda");
  assert_found (fixture->domain, "foreign:-/vda", "checkpoint 'two' of domain 'b'");
  g_assert_cmpint (get_state (fixture->domain, "one"), ==, VCKC_CHECKPOINT_STATE_READY);
  vckc_domain_unref (other, NULL);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/identity/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("exchanged", test_exchanged);
  ADD ("files-changed", test_files_changed);
  ADD ("clone", test_clone);
  ADD ("older-file", test_older_file);
  ADD ("moved", test_moved);
  ADD ("accepted", test_accepted);
  ADD ("old-checkpoint-file", test_old_checkpoint_file);
  ADD ("cleared", test_cleared);
  ADD ("made-anew", test_made_anew);
  ADD ("orphan-expires", test_orphan_expires);
  ADD ("two-disks", test_two_disks);
  ADD ("two-domains", test_two_domains);
  return g_test_run ();
}
