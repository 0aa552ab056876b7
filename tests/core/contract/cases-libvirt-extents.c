/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Changed blocks with libvirt's QEMU driver: the backup that is begun for them, and others. */

#include "cases-libvirt.h"

#include <dlfcn.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/private-folder.h"
#include "contract.h"

#define PREFIX "vck-extents-"

/* Is there a folder of ours? */
static bool
has_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PREFIX))
      return true;
  return false;
}

static int
get_job_type (Fixture *fixture, unsigned int flags)
{
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int type = -1;

  g_assert_cmpint (virDomainGetJobStats (fixture->target.domain, &type, &params, &n_params, flags),
                   ==, 0);
  virTypedParamsFree (params, n_params);
  return type;
}

/* No job, no result of one, and no file. */
static void
assert_nothing_left (Fixture *fixture)
{
  g_assert_cmpint (get_job_type (fixture, 0), ==, VIR_DOMAIN_JOB_NONE);
  g_assert_cmpint (get_job_type (fixture, VIR_DOMAIN_JOB_STATS_COMPLETED), ==, VIR_DOMAIN_JOB_NONE);
  g_assert_false (has_folder ());
}

/* A backup in pull mode that another program begins, with its files in that folder. */
static void
begin_other_backup (Fixture *fixture, const char *folder)
{
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='%s/nbd'/><disks>"
      "<disk name='vda' backup='yes' type='file'><scratch file='%s/scratch'/></disk>"
      "</disks></domainbackup>",
      folder, folder);

  if (virDomainBackupBegin (fixture->target.domain, xml, NULL, 0) < 0)
    g_error ("%s", virGetLastErrorMessage ());
}

/* Lists what was written to the first disk since 'k1'. */
static int
list (Fixture *fixture, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, "k1");
  g_autofree VckcExtent *extents = NULL;
  int count = vckc_domain_checkpoint_list_extents (checkpoint, "vda", &extents, 0, err);

  if (count == 1)
    {
      g_assert_cmpuint (extents[0].offset, ==, 3 * 65536);
      g_assert_cmpuint (extents[0].length, ==, 2 * 65536);
      g_assert_cmpuint (extents[0].flags, ==, VCKC_EXTENT_DIRTY | VCKC_EXTENT_DATA);
    }
  return count;
}

static void
assert_fails (Fixture *fixture, VckcErrorCode code, const char *part)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (list (fixture, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, code);
  if (g_strstr_len (vckc_error_get_message (error), -1, part) == NULL)
    g_error ("no '%s' in '%s'", part, vckc_error_get_message (error));
}

static void
run_nothing_left (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create k1; write vda 3 2");
  g_assert_cmpint (list (fixture, NULL), ==, 1);
  assert_nothing_left (fixture);
  g_assert_cmpint (list (fixture, NULL), ==, 1);
  assert_nothing_left (fixture);
}

/* The backup of another program is in the way, at once, and goes on. */
static void
run_busy (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  gint64 begin;

  fixture_run (fixture, "create k1; write vda 3 2");
  begin_other_backup (fixture, fixture->target.dir);
  begin = g_get_monotonic_time ();
  assert_fails (fixture, VCKC_ERROR_BUSY, "is held by a backup");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (get_job_type (fixture, 0), !=, VIR_DOMAIN_JOB_NONE);
}

/* A process of ours that lives is in the way as well; what one has left is not. */
static void
run_abandoned (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcPrivateFolder *folder = vckc_private_folder_new (PREFIX, NULL);
  g_autofree char *left = g_strconcat (g_get_tmp_dir (), "/", PREFIX, "XXXXXX", NULL);

  fixture_run (fixture, "create k1; write vda 3 2");
  begin_other_backup (fixture, vckc_private_folder_get_path (folder));
  assert_fails (fixture, VCKC_ERROR_BUSY, "is held by a backup");
  g_assert_cmpint (virDomainAbortJob (fixture->target.domain), ==, 0);
  while (get_job_type (fixture, 0) != VIR_DOMAIN_JOB_NONE)
    g_usleep (1000);
  vckc_private_folder_free (folder);

  g_assert_nonnull (g_mkdtemp (left));
  begin_other_backup (fixture, left);
  g_assert_cmpint (list (fixture, NULL), ==, 1);
  assert_nothing_left (fixture);
}

static void
run_cancelled (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  fixture_run (fixture, "create k1; write vda 3 2");
  g_cancellable_push_current (cancellable);
  g_cancellable_cancel (cancellable);
  assert_fails (fixture, VCKC_ERROR_CANCELLED, "cancelled while waiting");
  g_cancellable_pop_current (cancellable);
  g_assert_cmpint (get_job_type (fixture, 0), ==, VIR_DOMAIN_JOB_NONE);
  g_assert_false (has_folder ());
}

/* --- answers that are lost --- */

/* The function that fails as if the connection had broken: after its work is done, or before. */
static const char *lost;

/* Replace libvirt's functions. */
int
virDomainBackupBegin (virDomainPtr domain,
                      const char *backup_xml,
                      const char *checkpoint_xml,
                      unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, const char *, unsigned int) =
      dlsym (RTLD_NEXT, G_STRFUNC);
  int result = real (domain, backup_xml, checkpoint_xml, flags);

  return g_strcmp0 (lost, "begin") == 0 ? -1 : result;
}

int
virDomainAbortJob (virDomainPtr domain)
{
  int (*real) (virDomainPtr) = dlsym (RTLD_NEXT, G_STRFUNC);

  return g_strcmp0 (lost, "abort") == 0 ? -1 : real (domain);
}

/* The job is left, with the folder that shows that it is ours, and is ended by the next call. */
static void
run_lost (gpointer data, gconstpointer which)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create k1; write vda 3 2");
  lost = which;
  g_assert_cmpint (list (fixture, NULL), ==, -1);
  lost = NULL;
  g_assert_cmpint (get_job_type (fixture, 0), !=, VIR_DOMAIN_JOB_NONE);
  g_assert_true (has_folder ());
  g_assert_cmpint (list (fixture, NULL), ==, 1);
  assert_nothing_left (fixture);
}

static void
run_off (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "create k1");
  fixture_power_off (fixture);
  assert_fails (fixture, VCKC_ERROR_OPERATION_UNSUPPORTED, "is off, and libvirt");
  g_assert_false (has_folder ());
}

void
add_libvirt_extents_cases (const Target *target)
{
  add_case (target, "libvirt-extents-nothing-left", run_nothing_left, NULL);
  add_case (target, "libvirt-extents-busy", run_busy, NULL);
  add_case (target, "libvirt-extents-abandoned", run_abandoned, NULL);
  add_case (target, "libvirt-extents-cancelled", run_cancelled, NULL);
  add_case (target, "libvirt-extents-begin-lost", run_lost, "begin");
  add_case (target, "libvirt-extents-abort-lost", run_lost, "abort");
  add_case (target, "libvirt-extents-off", run_off, NULL);
}
