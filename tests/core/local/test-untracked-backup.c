/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of disks that can have no bitmaps: raw, and qcow2 of the old version; with a domain that
 * is off, and one that runs. */

#include <glib.h>
#include <string.h>

#include "assert-error.h"
#include "backup-images.h"
#include "image-fixture.h"
#include "machine-fixture.h"
#include "vckc.h"

#define MIB (1024 * 1024)
#define N_DISKS 3

static const char *const targets[N_DISKS] = { "vda", "vdb", "vdc" };
static const char *const formats[N_DISKS] = { "qcow2", "raw", "qcow2" };

typedef struct
{
  char *folder;
  char *images[N_DISKS];
  char *qmp;
  VckcConnect *connect;
  VckcDomain *domain;
  MachineFixture *machine; /* (nullable) */
} Fixture;

static void
run_on_image (Fixture *fixture, guint disk, const char *command)
{
  const char *const argv[] = {
    "qemu-io", "-f",    formats[disk],         "-c", command, "-c", "write -P 7 64k 4k",
    "-c",      "flush", fixture->images[disk], NULL
  };

  g_free (image_fixture_run (argv));
}

static void
make_images (Fixture *fixture)
{
  static const char *const options[N_DISKS] = { "compat=1.1", "preallocation=off", "compat=0.10" };

  for (guint i = 0; i < N_DISKS; i++)
    {
      const char *argv[] = { "qemu-img", "create", "-q", "-f", formats[i],
                             "-o",       NULL,     NULL, "5M", NULL };

      fixture->images[i] = g_strdup_printf ("%s/%s.img", fixture->folder, targets[i]);
      argv[6] = options[i];
      argv[7] = fixture->images[i];
      g_free (image_fixture_run (argv));
      run_on_image (fixture, i, "write -P 3 1M 100k");
    }
}

static void
define (Fixture *fixture)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>vm</name><uuid>8a6e0f4e-0000-4000-8000-000000000001</uuid>"
      "<metadata><m:machine xmlns:m='urn:vck:domain:1' qmp='%s'/></metadata>"
      "<memory>1</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda'/></disk>"
      "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>"
      "<target dev='vdb'/></disk>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vdc'/></disk>"
      "<disk type='file' device='cdrom'><target dev='hdc'/><readonly/></disk>"
      "</devices></domain>",
      fixture->qmp, fixture->images[0], fixture->images[1], fixture->images[2]);
  VckcError *error = NULL;

  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

static void
start_machine (Fixture *fixture)
{
  g_autofree char *a = g_strdup_printf ("file=%s,if=none,id=a,format=qcow2", fixture->images[0]);
  g_autofree char *b = g_strdup_printf ("file=%s,if=none,id=b,format=raw", fixture->images[1]);
  g_autofree char *c = g_strdup_printf ("file=%s,if=none,id=c,format=qcow2", fixture->images[2]);
  const char *const arguments[] = { "-drive", a, "-drive", b, "-drive", c, NULL };

  fixture->machine = machine_fixture_new (fixture->qmp, arguments);
  machine_fixture_start (fixture->machine);
}

static void
set_up (Fixture *fixture, gconstpointer runs)
{
  g_autofree char *uri = NULL;
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->qmp = g_build_filename (fixture->folder, "qmp", NULL);
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  make_images (fixture);
  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  define (fixture);
  if (runs != NULL)
    start_machine (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer runs)
{
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  for (guint i = 0; i < N_DISKS; i++)
    g_free (fixture->images[i]);
  g_free (fixture->qmp);
  image_fixture_remove (fixture->folder);
}

static VckcJobState
wait_for_end (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (fixture->domain, &error);
  VckcJobState state;

  assert_ok (info != NULL, error);
  state = vckc_job_info_get_state (info, NULL);
  if (vckc_job_info_get_error (info, NULL) != NULL)
    g_test_message ("%s", vckc_job_info_get_error (info, NULL));
  vckc_job_info_unref (info, NULL);
  return state;
}

/* All disks are copied, at one point in time, and the one that can be tracked gets a checkpoint. */
static void
test_full (Fixture *fixture, gconstpointer runs)
{
  char *before[N_DISKS];
  VckcError *error = NULL;
  int result;

  for (guint i = 0; i < N_DISKS; i++)
    before[i] = backup_images_hash (fixture->images[i], formats[i]);
  result = vckc_domain_backup_begin (fixture->domain, "<domainbackup/>",
                                     "<domaincheckpoint><name>one</name><disks>"
                                     "<disk name='vda' checkpoint='bitmap'/></disks>"
                                     "</domaincheckpoint>",
                                     0, &error);
  assert_ok (result == 0, error);
  g_assert_cmpint (wait_for_end (fixture), ==, VCKC_JOB_STATE_DONE);
  for (guint i = 0; i < N_DISKS; i++)
    {
      g_autofree char *file = g_strconcat (fixture->images[i], ".one", NULL);
      g_autofree char *after = backup_images_hash (file, "qcow2");

      g_assert_cmpstr (after, ==, before[i]);
      g_free (before[i]);
    }
}

/* What is written after the point in time is not in the copy. */
static void
test_written_meanwhile (Fixture *fixture, gconstpointer runs)
{
  g_autofree char *file = g_strconcat (fixture->images[1], ".copy", NULL);
  g_autofree char *before = backup_images_hash (fixture->images[1], "raw");
  g_autofree char *xml = g_strdup_printf ("<domainbackup><disks><disk name='vdb' type='file'>"
                                          "<target file='%s'/></disk></disks></domainbackup>",
                                          file);
  g_autofree char *after = NULL;
  VckcError *error = NULL;
  int result = vckc_domain_backup_begin (fixture->domain, xml, NULL, 0, &error);

  assert_ok (result == 0, error);
  machine_fixture_write_pattern (fixture->machine, "b", 9, 1 * MIB, MIB);
  machine_fixture_write_pattern (fixture->machine, "b", 9, 4 * MIB, 65536);
  g_assert_cmpint (wait_for_end (fixture), ==, VCKC_JOB_STATE_DONE);
  after = backup_images_hash (file, "qcow2");
  g_assert_cmpstr (after, ==, before);
}

/* It is said which disk has no checkpoint to start from, and what can be done. */
static void
test_incremental (Fixture *fixture, gconstpointer runs)
{
  VckcError *error = NULL;
  int result = vckc_domain_backup_begin (fixture->domain, "<domainbackup/>",
                                         "<domaincheckpoint><name>one</name><disks>"
                                         "<disk name='vda' checkpoint='bitmap'/></disks>"
                                         "</domaincheckpoint>",
                                         0, &error);

  assert_ok (result == 0, error);
  g_assert_cmpint (wait_for_end (fixture), ==, VCKC_JOB_STATE_DONE);
  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain,
                                             "<domainbackup><incremental>one</incremental>"
                                             "</domainbackup>",
                                             NULL, 0, &error),
                   ==, -1);
  assert_error (error, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                "does not track disk 'vdb', so that its incremental backup cannot be based on it; "
                "make a full backup of that disk");
}

/* No bitmap is added to what can have none. */
static void
test_checkpoint (Fixture *fixture, gconstpointer runs)
{
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain, "<domainbackup/>",
                                             "<domaincheckpoint><disks>"
                                             "<disk name='vdb' checkpoint='bitmap'/></disks>"
                                             "</domaincheckpoint>",
                                             0, &error),
                   ==, -1);
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "disk 'vdb' cannot be tracked");
}

#define ADD(name, runs, function)                                                                  \
  g_test_add ("/untracked-backup/" name, Fixture, runs, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("off/full", NULL, test_full);
  ADD ("off/incremental", NULL, test_incremental);
  ADD ("off/checkpoint", NULL, test_checkpoint);
  ADD ("running/full", "", test_full);
  ADD ("running/written-meanwhile", "", test_written_meanwhile);
  return g_test_run ();
}
