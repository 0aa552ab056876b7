/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups to a store of a domain with disks that cannot be tracked, or not be copied. */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "vckc.h"

typedef struct
{
  char *folder;
  char *qcow2;
  char *raw;
  VckcConnect *connect;
  VckcDomain *domain;
  VckcRepository *repository;
} Fixture;

static char *
make_image (Fixture *fixture, const char *name, const char *format)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  const char *const create[] = { "qemu-img", "create", "-q", "-f", format, path, "4M", NULL };
  const char *const write[] = { "qemu-io", "-f", format, "-c", "write -P 5 1M 1M", path, NULL };

  g_free (image_fixture_run (create));
  g_free (image_fixture_run (write));
  return path;
}

static void
define (Fixture *fixture, const char *more)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>vm</name><uuid>8a6e0f4e-0000-4000-8000-000000000001</uuid>"
      "<memory>1</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda'/></disk>"
      "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>"
      "<target dev='vdb'/></disk>"
      "<disk type='file' device='cdrom'><target dev='hdc'/><readonly/></disk>%s"
      "</devices></domain>",
      fixture->qcow2, fixture->raw, more);
  VckcError *error = NULL;

  if (fixture->domain != NULL)
    vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *uri = NULL;
  g_autofree char *store = NULL;
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  store = g_build_filename (fixture->folder, "store", NULL);
  fixture->qcow2 = make_image (fixture, "a.qcow2", "qcow2");
  fixture->raw = make_image (fixture, "b.raw", "raw");
  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  define (fixture, "");
  fixture->repository = vckc_repository_open (store, VCKC_REPOSITORY_CREATE, &error);
  assert_ok (fixture->repository != NULL, error);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  vckc_repository_unref (fixture->repository, NULL);
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  g_free (fixture->qcow2);
  g_free (fixture->raw);
  image_fixture_remove (fixture->folder);
}

static VckcBackup *
back_up (Fixture *fixture, unsigned int flags)
{
  VckcError *error = NULL;
  VckcBackup *backup =
      vckc_repository_backup (fixture->repository, fixture->domain, NULL, 0, 0, flags, &error);

  assert_ok (backup != NULL, error);
  return backup;
}

static void
assert_disk (VckcBackupDisk *disk, const char *target, const char *why_full)
{
  const char *why = vckc_backup_disk_get_why_full (disk, NULL);

  g_assert_cmpstr (vckc_backup_disk_get_target (disk, NULL), ==, target);
  if (why_full == NULL)
    g_assert_null (why);
  else
    g_assert_true (why != NULL && strstr (why, why_full) != NULL);
  vckc_backup_disk_unref (disk, NULL);
}

/* The raw disk is full each time, and both are what they were; the reason is said. */
static void
test_raw (Fixture *fixture, gconstpointer unused)
{
  VckcBackup *backups[2] = { back_up (fixture, 0), back_up (fixture, VCKC_BACKUP_NO_FALLBACK) };
  g_autofree char *to = g_build_filename (fixture->folder, "restored", NULL);
  g_autofree char *restored = g_build_filename (to, "vdb.qcow2", NULL);
  const char *const compare[] = { "qemu-img", "compare",    "-f",     "raw", "-F",
                                  "qcow2",    fixture->raw, restored, NULL };
  VckcError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (backups); i++)
    {
      VckcBackupDisk **disks = NULL;

      g_assert_cmpint (vckc_backup_list_disks (backups[i], &disks, &error), ==, 2);
      assert_disk (disks[0], "vda", i == 0 ? "the store has no backup" : NULL);
      assert_disk (disks[1], "vdb", "changes of disk 'vdb' cannot be tracked: ");
      free (disks);
      g_assert_cmpstr (vckc_backup_get_left_out (backups[i], NULL), ==, "disk 'hdc': it is empty");
    }
  g_assert_cmpint (vckc_repository_restore (fixture->repository, backups[1], NULL, to, 0, &error),
                   ==, 0);
  g_free (image_fixture_run (compare));
  vckc_backup_unref (backups[0], NULL);
  vckc_backup_unref (backups[1], NULL);
}

/* Without a checkpoint a disk that could be tracked is full, and that is refused. */
static void
test_no_checkpoint (Fixture *fixture, gconstpointer unused)
{
  const unsigned int flags = VCKC_BACKUP_NO_FALLBACK | VCKC_BACKUP_NO_CHECKPOINT;
  VckcError *error = NULL;

  vckc_backup_unref (back_up (fixture, 0), NULL);
  g_assert_null (
      vckc_repository_backup (fixture->repository, fixture->domain, NULL, 0, 0, flags, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED,
                "disk 'vda' would have to be copied in full: a backup without a checkpoint was "
                "asked for");
  vckc_backup_unref (back_up (fixture, VCKC_BACKUP_NO_CHECKPOINT), NULL);
}

/* A disk that cannot be copied is not forgotten: it has to be allowed, and is named. */
static void
test_left_out (Fixture *fixture, gconstpointer unused)
{
  static const char named[] =
      "disk 'hdc': it is empty; disk 'vdd': it is neither a file nor a block device of this host";
  VckcError *error = NULL;
  VckcBackupPlan *plan;
  VckcBackup *backup;

  define (fixture, "<disk type='network' device='disk'><driver name='qemu' type='raw'/>"
                   "<source protocol='rbd' name='pool/image'/><target dev='vdd'/></disk>");
  g_assert_null (
      vckc_repository_backup (fixture->repository, fixture->domain, NULL, 0, 0, 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED,
                "disk 'vdd' cannot be backed up: it is neither a file nor a block device of this "
                "host; allow that it is left out, or remove it");
  error = NULL;
  plan = vckc_repository_plan_backup (fixture->repository, fixture->domain, 0, 0,
                                      VCKC_BACKUP_LEAVE_OUT, &error);
  assert_ok (plan != NULL, error);
  g_assert_cmpint (vckc_backup_plan_list_disks (plan, NULL, NULL), ==, 2);
  g_assert_cmpstr (vckc_backup_plan_get_left_out (plan, NULL), ==, named);
  vckc_backup_plan_unref (plan, NULL);
  backup = back_up (fixture, VCKC_BACKUP_LEAVE_OUT);
  g_assert_cmpint (vckc_backup_list_disks (backup, NULL, NULL), ==, 2);
  g_assert_cmpstr (vckc_backup_get_left_out (backup, NULL), ==, named);
  vckc_backup_unref (backup, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/left-out/raw", Fixture, NULL, set_up, test_raw, tear_down);
  g_test_add ("/left-out/no-checkpoint", Fixture, NULL, set_up, test_no_checkpoint, tear_down);
  g_test_add ("/left-out/left-out", Fixture, NULL, set_up, test_left_out, tear_down);
  return g_test_run ();
}
