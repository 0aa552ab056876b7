/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is synced to disk for a checkpoint of a domain that is off: each thing once, and in an order
 * in which an end at any moment leaves something that can be undone or completed. */

#include <dlfcn.h>
#include <unistd.h>

#include "assert-error.h"
#include "stopped-fixture.h"

static GPtrArray *synced; /* NULL while it is not recorded */

/* "journal", "folder", "image", ... */
static char *
describe (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_str_has_suffix (name, ".qcow2"))
    return g_steal_pointer (&name);
  if (g_str_has_suffix (folder, "/tmp"))
    return g_strdup ("file");
  return g_strdup (g_str_equal (name, "checkpoints") ? "checkpoints/" : "domain/");
}

/* Replace those of the C library. */
int
fsync (int fd)
{
  int (*real) (int) = dlsym (RTLD_NEXT, G_STRFUNC);

  if (synced != NULL)
    g_ptr_array_add (synced, describe (fd));
  return real (fd);
}

int
fdatasync (int fd)
{
  int (*real) (int) = dlsym (RTLD_NEXT, G_STRFUNC);

  if (synced != NULL)
    g_ptr_array_add (synced, describe (fd));
  return real (fd);
}

static void
set_up (StoppedFixture *fixture, gconstpointer data)
{
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  stopped_fixture_init (fixture);
  xml = g_strdup_printf ("<domain type='kvm'><name>t</name><devices>"
                         "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                         "<target dev='vda'/></disk>"
                         "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                         "<target dev='vdb'/></disk></devices></domain>",
                         fixture->images[0], fixture->images[1]);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

static void
tear_down (StoppedFixture *fixture, gconstpointer data)
{
  stopped_fixture_clear (fixture);
}

static void
look (void)
{
  synced = g_ptr_array_new_with_free_func (g_free);
}

static void
assert_synced (const char *expected)
{
  GPtrArray *all = g_steal_pointer (&synced);
  g_autofree char *found = NULL;

  g_ptr_array_add (all, NULL);
  found = g_strjoinv (" ", (char **) all->pdata);
  g_assert_cmpstr (found, ==, expected);
  g_ptr_array_unref (all);
}

/* Of an image first the new list of bitmaps, then the header that names it, and then that the old
 * list is free. */
#define IMAGES "a.qcow2 a.qcow2 a.qcow2 b.qcow2 b.qcow2 b.qcow2 "
/* The journal and its folder before, and its removal after; in between a checkpoint and which is
 * the current one. */
#define JOURNAL "file domain/ "
#define METADATA "file file checkpoints/ domain/"

static VckcDomainCheckpoint *
create (StoppedFixture *fixture, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);

  assert_ok (checkpoint != NULL, error);
  return checkpoint;
}

static void
test_checkpoint (StoppedFixture *fixture, gconstpointer data)
{
  VckcDomainCheckpoint *one = create (fixture, "one");
  VckcDomainCheckpoint *two;
  VckcError *error = NULL;

  look ();
  two = create (fixture, "two");
  assert_synced (JOURNAL IMAGES METADATA);

  look ();
  assert_ok (vckc_domain_checkpoint_delete (two, 0, &error) == 0, error);
  assert_synced (JOURNAL IMAGES "file checkpoints/ domain/");

  vckc_domain_checkpoint_unref (one, NULL);
  vckc_domain_checkpoint_unref (two, NULL);
}

/* Reading syncs nothing. */
static void
test_reading (StoppedFixture *fixture, gconstpointer data)
{
  VckcDomainCheckpoint *one = create (fixture, "one");
  VckcDomainCheckpoint **list = NULL;
  VckcDomainCheckpointDisk **disks = NULL;
  VckcFinding **findings = NULL;

  look ();
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, &list, 0, NULL), ==, 1);
  g_assert_cmpint (vckc_domain_checkpoint_list_disks (one, &disks, VCKC_CHECKPOINT_XML_SIZE, NULL),
                   ==, 2);
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, NULL), ==, 0);
  assert_synced ("");

  vckc_domain_checkpoint_unref (list[0], NULL);
  vckc_domain_checkpoint_disk_unref (disks[0], NULL);
  vckc_domain_checkpoint_disk_unref (disks[1], NULL);
  free (list);
  free (disks);
  free (findings);
  vckc_domain_checkpoint_unref (one, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/syncs/checkpoint", StoppedFixture, NULL, set_up, test_checkpoint, tear_down);
  g_test_add ("/vck/syncs/reading", StoppedFixture, NULL, set_up, test_reading, tear_down);
  return g_test_run ();
}
