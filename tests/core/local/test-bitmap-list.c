/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The bitmaps in the images of a domain that is off, also those of other programs: real images, and
 * what is said when one of them cannot be examined. */

#define _GNU_SOURCE /* memmem() */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "../bitmap-text.h"
#include "assert-error.h"
#include "checkpoint-steps.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "stopped-fixture.h"

#define BACKING VCKC_BITMAP_LIST_BACKING

typedef StoppedFixture Fixture;

/* A disk of the format, with more elements. */
static char *
make_disk (const char *target, const char *path, const char *format, const char *more)
{
  return g_strdup_printf ("<disk type='file'><driver type='%s'/><source file='%s'/>"
                          "<target dev='%s'/>%s</disk>",
                          format, path, target, more);
}

static VckcDomain *
define (Fixture *fixture, const char *name, const char *disks)
{
  g_autofree char *xml = g_strdup_printf ("<domain><name>%s</name><uuid>8a6e0f4e-0000-4000-8000-"
                                          "00000000000%c</uuid><devices>%s</devices></domain>",
                                          name, *name, disks);
  VckcError *error = NULL;
  VckcDomain *domain = vckc_domain_define_xml (fixture->connect, xml, &error);

  assert_ok (domain != NULL, error);
  return domain;
}

/* The domain with these disks instead. */
static void
redefine (Fixture *fixture, const char *disks)
{
  vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = define (fixture, "a", disks);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  stopped_fixture_init (fixture);
  g_autofree char *vda = make_disk ("vda", fixture->images[0], "qcow2", "");
  g_autofree char *vdb = make_disk ("vdb", fixture->images[1], "qcow2", "");
  g_autofree char *both = g_strconcat (vda, vdb, NULL);
  fixture->domain = define (fixture, "a", both);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stopped_fixture_clear (fixture);
}

static void
run_qemu_img (const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "qemu-img");
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);
  g_free (image_fixture_run ((const char *const *) argv->pdata));
}

#define QEMU_IMG(...) run_qemu_img ((const char *const[]){ __VA_ARGS__, NULL })

/* An image of that name in the folder, based on another one. */
static char *
make_overlay (Fixture *fixture, const char *name, const char *backing, const char *format)
{
  char *path = g_build_filename (fixture->folder, name, NULL);

  QEMU_IMG ("create", "-q", "-u", "-f", "qcow2", "-b", backing, "-F", format, path, "64M");
  return path;
}

/* "vda/a.qcow2" */
static char *
get_position (VckcBitmap *bitmap)
{
  g_autofree char *name = g_path_get_basename (vckc_bitmap_get_image (bitmap, NULL));

  return g_strconcat (vckc_bitmap_get_disk (bitmap, NULL), "/", name, NULL);
}

static void
assert_listed (VckcDomain *domain, unsigned int flags, const char *expected)
{
  VckcError *error = NULL;
  g_autofree char *listed = bitmap_text_list (domain, flags, get_position, &error);

  assert_ok (listed != NULL, error);
  g_assert_cmpstr (listed, ==, expected);
}

/* It is never a list without those of the disk. */
static void
assert_not_listed (VckcDomain *domain, unsigned int flags, const char *disk, const char *part)
{
  VckcError *error = NULL;
  g_autofree char *listed = bitmap_text_list (domain, flags, get_position, &error);
  g_autofree char *begin = g_strdup_printf ("bitmaps of domain 'a': disk '%s': ", disk);

  g_assert_null (listed);
  if (strstr (vckc_error_get_message (error), begin) == NULL)
    g_error ("'%s' does not name disk '%s'", vckc_error_get_message (error), disk);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, part);
}

/* --- what there is --- */

static void
test_attributes (Fixture *fixture, gconstpointer data)
{
  const char *a = fixture->images[0];

  QEMU_IMG ("bitmap", "--add", "-g", "4096", a, "fine");
  QEMU_IMG ("bitmap", "--add", "--disable", a, "stopped");
  create_checkpoint (fixture->domain, "k");
  image_fixture_write (a, 65536, 4097);
  assert_listed (fixture->domain, 0,
                 "vda/a.qcow2/fine=foreign::8192/4096 vda/a.qcow2/k=checkpoint:k:65536 "
                 "vda/a.qcow2/stopped=foreign::0- vdb/b.qcow2/k=checkpoint:k:0");
  image_fixture_abandon (a);
  assert_listed (fixture->domain, 0,
                 "vda/a.qcow2/fine=foreign::-1!/4096 vda/a.qcow2/k=checkpoint:k:-1! "
                 "vda/a.qcow2/stopped=foreign::-1! vdb/b.qcow2/k=checkpoint:k:0");
}

/* Disks that are only read are listed, and those that can have no bitmaps have none. */
static void
test_disks (Fixture *fixture, gconstpointer data)
{
  g_autofree char *raw = g_build_filename (fixture->folder, "c.raw", NULL);
  g_autofree char *vda = make_disk ("vda", fixture->images[0], "qcow2", "<readonly/>");
  g_autofree char *vdb = make_disk ("vdb", fixture->images[1], "raw", "");
  g_autofree char *vdc = make_disk ("vdc", raw, "raw", "");
  g_autofree char *all = g_strconcat (
      vda, vdb, vdc, "<disk type='file' device='cdrom'><target dev='hda'/></disk>", NULL);

  QEMU_IMG ("bitmap", "--add", fixture->images[0], "own");
  QEMU_IMG ("bitmap", "--add", fixture->images[1], "hidden");
  redefine (fixture, all);
  assert_listed (fixture->domain, BACKING, "vda/a.qcow2/own=foreign::0");
}

static VckcDomainCheckpoint *
create_of_bitmap (Fixture *fixture, const char *name, const char *bitmap)
{
  g_autofree char *xml = g_strdup_printf ("<domaincheckpoint><name>%s</name><disks>"
                                          "<disk name='vda' bitmap='%s'/></disks>"
                                          "</domaincheckpoint>",
                                          name, bitmap);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);

  assert_ok (checkpoint != NULL, error);
  return checkpoint;
}

/* The name of a bitmap says nothing of whose it is. */
static void
test_own_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcDomainCheckpoint) k = create_of_bitmap (fixture, "k", "other");

  QEMU_IMG ("bitmap", "--add", fixture->images[0], "k");
  QEMU_IMG ("bitmap", "--add", fixture->images[1], "other");
  g_assert_nonnull (k);
  assert_listed (fixture->domain, 0,
                 "vda/a.qcow2/k=foreign::0 vda/a.qcow2/other=checkpoint:k:0 "
                 "vdb/b.qcow2/other=foreign::0");
}

static void
test_other_domain (Fixture *fixture, gconstpointer data)
{
  g_autofree char *disk = make_disk ("sda", fixture->images[0], "qcow2", "");
  g_autoptr (VckcDomain) other = define (fixture, "b", disk);

  create_checkpoint (fixture->domain, "own");
  create_checkpoint (other, "its");
  assert_listed (fixture->domain, 0,
                 "vda/a.qcow2/its=other-domain::0 vda/a.qcow2/own=checkpoint:own:0 "
                 "vdb/b.qcow2/own=checkpoint:own:0");
  assert_listed (other, 0, "sda/a.qcow2/its=checkpoint:its:0 sda/a.qcow2/own=other-domain::0");
}

/* A bitmap of that name in another image is not the checkpoint's; it is in the image that the
 * checkpoint was made of, which is another disk now. */
static void
test_replaced (Fixture *fixture, gconstpointer data)
{
  g_autofree char *vda = make_disk ("vda", fixture->images[1], "qcow2", "");
  g_autofree char *vdb = make_disk ("vdb", fixture->images[0], "qcow2", "");
  g_autofree char *both = g_strconcat (vda, vdb, NULL);
  g_autoptr (VckcDomainCheckpoint) k = create_of_bitmap (fixture, "k", "k");

  g_assert_nonnull (k);
  QEMU_IMG ("bitmap", "--add", fixture->images[1], "k");
  redefine (fixture, both);
  assert_listed (fixture->domain, 0, "vda/b.qcow2/k=foreign::0 vdb/a.qcow2/k=checkpoint:k:0");
}

/* Left behind, and in a file of that name that was copied: another one. */
static void
test_orphan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcDomainCheckpoint) k = create_of_bitmap (fixture, "k", "k");
  g_autofree char *copy = g_strconcat (fixture->images[0], ".copy", NULL);

  g_assert_cmpint (vckc_domain_checkpoint_delete (k, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, NULL),
                   ==, 0);
  assert_listed (fixture->domain, 0, "vda/a.qcow2/k=orphan::0");
  g_free (image_fixture_run (
      (const char *const[]){ "cp", "--reflink=never", fixture->images[0], copy, NULL }));
  g_assert_cmpint (g_rename (copy, fixture->images[0]), ==, 0);
  assert_listed (fixture->domain, 0, "vda/a.qcow2/k=foreign::0");
}

/* --- what cannot be looked at --- */

static void
test_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *away = g_strconcat (fixture->images[1], ".away", NULL);

  create_checkpoint (fixture->domain, "k");
  g_assert_cmpint (g_rename (fixture->images[1], away), ==, 0);
  assert_not_listed (fixture->domain, 0, "vdb", "No such file or directory");
  g_assert_cmpint (g_rename (away, fixture->images[1]), ==, 0);
  assert_listed (fixture->domain, 0, "vda/a.qcow2/k=checkpoint:k:0 vdb/b.qcow2/k=checkpoint:k:0");
}

static void
test_no_image (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents (fixture->images[0], "no image", -1, NULL));
  assert_not_listed (fixture->domain, 0, "vda", "is not in qcow2 format");
}

static void
test_held (Fixture *fixture, gconstpointer data)
{
  ImageHolder holder;

  image_holder_start (&holder, fixture->images[0]);
  assert_not_listed (fixture->domain, 0, "vda", "is held by another program");
  image_holder_stop (&holder);
  assert_listed (fixture->domain, 0, "");
}

/* QEMU refuses such an image, and what looks at it takes it for one without bitmaps. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const char zeroes[64] = "";
  g_autofree char *text = NULL;
  gsize size;
  const char *name;
  int fd;

  QEMU_IMG ("bitmap", "--add", fixture->images[0], "a-long-name");
  g_assert_true (g_file_get_contents (fixture->images[0], &text, &size, NULL));
  name = memmem (text, size, "a-long-name", strlen ("a-long-name"));
  g_assert_nonnull (name);
  fd = open (fixture->images[0], O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, zeroes, 24, name - text - 24), ==, 24);
  close (fd);
  assert_not_listed (fixture->domain, 0, "vda", "repair the checkpoints");
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  static const char disk[] =
      "<disk type='network'><driver type='%s'/><source protocol='nbd' name='x'>"
      "<host name='localhost'/></source><target dev='vda'/></disk>";
  g_autofree char *qcow2 = g_strdup_printf (disk, "qcow2");
  g_autofree char *raw = g_strdup_printf (disk, "raw");

  redefine (fixture, qcow2);
  assert_not_listed (fixture->domain, 0, "vda", "");
  redefine (fixture, raw);
  assert_listed (fixture->domain, 0, "");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  VckcError *error = NULL;

  create_checkpoint (fixture->domain, "k");
  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  g_assert_null (bitmap_text_list (fixture->domain, 0, get_position, &error));
  g_cancellable_pop_current (cancellable);
  assert_error (error, VCKC_ERROR_CANCELLED, "");
  assert_listed (fixture->domain, 0, "vda/a.qcow2/k=checkpoint:k:0 vdb/b.qcow2/k=checkpoint:k:0");
}

/* --- in files below --- */

/* The image of vda becomes the lowest of three. */
static void
test_backing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *middle = NULL;
  g_autofree char *top = NULL;
  g_autofree char *disk = NULL;

  create_checkpoint (fixture->domain, "k");
  QEMU_IMG ("bitmap", "--add", fixture->images[0], "other");
  image_fixture_write (fixture->images[0], 0, 1);
  middle = make_overlay (fixture, "middle.qcow2", "a.qcow2", "qcow2");
  QEMU_IMG ("bitmap", "--add", "-g", "4096", middle, "k");
  top = make_overlay (fixture, "top.qcow2", "middle.qcow2", "qcow2");
  QEMU_IMG ("bitmap", "--add", top, "own");
  disk = make_disk ("vda", top, "qcow2", "");
  redefine (fixture, disk);
  assert_listed (fixture->domain, 0, "vda/top.qcow2/own=foreign::0");
  assert_listed (fixture->domain, BACKING,
                 "vda/top.qcow2/own=foreign::0 vda/middle.qcow2/k=foreign::0/4096 "
                 "vda/a.qcow2/k=checkpoint:k:65536 vda/a.qcow2/other=foreign::65536");
  image_fixture_abandon (fixture->images[0]);
  assert_listed (fixture->domain, BACKING,
                 "vda/top.qcow2/own=foreign::0 vda/middle.qcow2/k=foreign::0/4096 "
                 "vda/a.qcow2/k=checkpoint:k:-1! vda/a.qcow2/other=foreign::-1!");
}

typedef struct
{
  const char *backing;
  const char *format;
  const char *part; /* of the error; NULL for none */
} BackingCase;

static const BackingCase backing_cases[] = {
  { "a.qcow2", "raw", NULL },
  { "away.qcow2", "qcow2", "away.qcow2': No such file" },
  { "nbd://localhost:1/disk", "qcow2", "not a file of this host" },
  { "top.qcow2", "qcow2", "is based on more than" },
};

static void
test_backing_case (Fixture *fixture, gconstpointer data)
{
  const BackingCase *row = data;
  g_autofree char *top = make_overlay (fixture, "top.qcow2", row->backing, row->format);
  g_autofree char *disk = make_disk ("vda", top, "qcow2", "");

  QEMU_IMG ("bitmap", "--add", fixture->images[0], "hidden");
  redefine (fixture, disk);
  assert_listed (fixture->domain, 0, "");
  if (row->part == NULL)
    assert_listed (fixture->domain, BACKING, "");
  else
    assert_not_listed (fixture->domain, BACKING, "vda", row->part);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/bitmap-list/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("attributes", test_attributes);
  ADD ("disks", test_disks);
  ADD ("own-name", test_own_name);
  ADD ("other-domain", test_other_domain);
  ADD ("replaced", test_replaced);
  ADD ("orphan", test_orphan);
  ADD ("away", test_away);
  ADD ("no-image", test_no_image);
  ADD ("held", test_held);
  ADD ("damaged", test_damaged);
  ADD ("not-a-file", test_not_a_file);
  ADD ("cancelled", test_cancelled);
  ADD ("backing", test_backing);
  for (guint i = 0; i < G_N_ELEMENTS (backing_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/bitmap-list/backing/%u", i);

      g_test_add (path, Fixture, &backing_cases[i], set_up, test_backing_case, tear_down);
    }
  return g_test_run ();
}
