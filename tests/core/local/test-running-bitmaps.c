/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The bitmaps in the images of a domain that runs: those of its QEMU. */

#include <stdlib.h>
#include <string.h>

#include "../bitmap-text.h"
#include "image-fixture.h"
#include "running-fixture.h"

/* "vda/a.qcow2" */
static char *
get_position (VckcBitmap *bitmap)
{
  g_autofree char *name = g_path_get_basename (vckc_bitmap_get_image (bitmap, NULL));

  return g_strconcat (vckc_bitmap_get_disk (bitmap, NULL), "/", name, NULL);
}

static void
assert_listed (RunningFixture *fixture, unsigned int flags, const char *expected)
{
  VckcError *error = NULL;
  g_autofree char *listed = bitmap_text_list (fixture->domain, flags, get_position, &error);

  assert_ok (listed != NULL, error);
  g_assert_cmpstr (listed, ==, expected);
}

/* One that QEMU keeps in memory only, and that records nothing. */
static void
add_in_memory (RunningFixture *fixture, const char *node, const char *name)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", node);
  vckc_qmp_args_add_string (args, "name", name);
  vckc_qmp_args_add_bool (args, "disabled", true);
  machine_fixture_run (fixture->machine, "block-dirty-bitmap-add", args);
}

/* Offers the bitmap of the node `b`, which is busy then. */
static void
offer (RunningFixture *fixture, const char *bitmap)
{
  g_autofree char *path = g_build_filename (fixture->folder, "nbd", NULL);

  machine_fixture_serve (fixture->machine, path);
  machine_fixture_export (fixture->machine, "b", bitmap);
}

/* What is off is started, and what is in memory only is gone when QEMU ends. */
static void
test_attributes (RunningFixture *fixture, gconstpointer data)
{
  running_create (fixture, "k");
  machine_fixture_start (fixture->machine);
  assert_listed (fixture, 0, "vda/a.qcow2/k=checkpoint:k:0 vdb/b.qcow2/k=checkpoint:k:0");
  machine_fixture_write (fixture->machine, "b", 0, 2 * 65536);
  machine_fixture_add_bitmap (fixture->machine, "b", "other");
  add_in_memory (fixture, "b", "job");
  offer (fixture, "job");
  assert_listed (fixture, 0,
                 "vda/a.qcow2/k=checkpoint:k:0 vdb/b.qcow2/job=foreign::0-*~ "
                 "vdb/b.qcow2/k=checkpoint:k:131072 vdb/b.qcow2/other=foreign::0");
  machine_fixture_stop (fixture->machine);
  assert_listed (fixture, 0,
                 "vda/a.qcow2/k=checkpoint:k:0 vdb/b.qcow2/k=checkpoint:k:131072 "
                 "vdb/b.qcow2/other=foreign::0");
}

/* A bitmap in memory that has the name of a lost one is not the checkpoint's. */
static void
test_in_memory_name (RunningFixture *fixture, gconstpointer data)
{
  running_create_of_disks (fixture, "k", "<disk name='vda' checkpoint='no'/><disk name='vdb'/>");
  machine_fixture_start (fixture->machine);
  machine_fixture_remove_bitmap (fixture->machine, "b", "k");
  add_in_memory (fixture, "b", "k");
  assert_listed (fixture, 0, "vdb/b.qcow2/k=foreign::0-~");
}

/* QEMU was killed: while it runs again they are as while it was off. */
static void
test_inconsistent (RunningFixture *fixture, gconstpointer data)
{
  static const char expected[] = "vda/a.qcow2/k=checkpoint:k:-1! vdb/b.qcow2/k=checkpoint:k:-1! "
                                 "vdb/b.qcow2/other=foreign::-1!";

  running_create (fixture, "k");
  g_free (image_fixture_run (
      (const char *const[]){ "qemu-img", "bitmap", "--add", fixture->images[1], "other", NULL }));
  machine_fixture_start (fixture->machine);
  machine_fixture_kill (fixture->machine);
  assert_listed (fixture, 0, expected);
  machine_fixture_start (fixture->machine);
  assert_listed (fixture, 0, expected);
}

static void
test_backing (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-drive", "file=@/top.qcow2,if=none,id=a,format=qcow2", NULL };
  g_autofree char *top = g_build_filename (fixture->folder, "top.qcow2", NULL);
  g_autofree char *metadata = running_make_metadata (fixture);

  running_create_of_disks (fixture, "k", "<disk name='vda'/><disk name='vdb' checkpoint='no'/>");
  image_fixture_write (fixture->images[0], 0, 1);
  g_free (image_fixture_run ((const char *const[]){ "qemu-img", "create", "-q", "-f", "qcow2", "-b",
                                                    "a.qcow2", "-F", "qcow2", top, NULL }));
  g_free (fixture->images[1]);
  fixture->images[1] = g_steal_pointer (&top);
  vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = running_define_from_disk (fixture, metadata, 1);
  running_start_with (fixture, arguments);
  assert_listed (fixture, 0, "");
  assert_listed (fixture, VCKC_BITMAP_LIST_BACKING, "vdb/a.qcow2/k=checkpoint:k:65536");
}

/* Of a disk that QEMU does not have nothing is known. */
static void
test_not_attached (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };
  VckcError *error = NULL;

  running_create (fixture, "k");
  running_start_with (fixture, arguments);
  g_assert_null (bitmap_text_list (fixture->domain, 0, get_position, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "does not have disk 'vda' attached");
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/running-bitmaps/" name, RunningFixture, NULL, running_set_up, test,            \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("attributes", test_attributes);
  ADD ("in-memory-name", test_in_memory_name);
  ADD ("inconsistent", test_inconsistent);
  ADD ("backing", test_backing);
  ADD ("not-attached", test_not_attached);
  return g_test_run ();
}
