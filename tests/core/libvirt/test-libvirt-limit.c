/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The limit of a backup, set and read, when libvirt cannot say or do all that it is asked for. */

#include <dlfcn.h>

#include "../local/assert-error.h"
#include "drivers/libvirt/link/libvirt-connection.h"
#include "libvirt-fixture.h"

/* --- libvirt, with a backup of two disks under way --- */

/* What becomes of the job of a disk, and of a question about it. libvirt's test driver has none of
 * the functions below, so that the real ones fail: NO_SUPPORT. */
typedef enum
{
  RUNS,    /* it is limited, and has the speed below */
  ENDED,   /* there is none any more */
  REFUSES, /* it cannot be limited, and is there */
  SILENT,  /* it cannot be limited, nor be asked for */
} DiskJob;

static DiskJob jobs[2];
static gulong speeds[2];
static bool described; /* does libvirt describe the backup? */

static guint
find_disk (const char *disk)
{
  return g_str_equal (disk, "vda") ? 0 : 1;
}

/* Replace libvirt's functions. */
int
virDomainGetJobStats (virDomainPtr domain,
                      int *type,
                      virTypedParameterPtr *params,
                      int *n_params,
                      unsigned int flags)
{
  int n_allocated = 0;

  *type = VIR_DOMAIN_JOB_UNBOUNDED;
  return virTypedParamsAddInt (params, n_params, &n_allocated, VIR_DOMAIN_JOB_OPERATION,
                               VIR_DOMAIN_JOB_OPERATION_BACKUP);
}

char *
virDomainBackupGetXMLDesc (virDomainPtr domain, unsigned int flags)
{
  char *(*real) (virDomainPtr, unsigned int) = dlsym (RTLD_NEXT, G_STRFUNC);

  return described
             ? g_strdup ("<domainbackup mode='push'><disks>"
                         "<disk name='vda' backup='yes' type='file'><target file='/b/a'/></disk>"
                         "<disk name='vdb' backup='yes' type='file'><target file='/b/b'/></disk>"
                         "</disks></domainbackup>")
             : real (domain, flags);
}

int
virDomainBlockJobSetSpeed (virDomainPtr domain,
                           const char *disk,
                           unsigned long bandwidth,
                           unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, unsigned long, unsigned int) =
      dlsym (RTLD_NEXT, G_STRFUNC);
  const guint i = find_disk (disk);

  if (jobs[i] != RUNS)
    return real (domain, disk, bandwidth, flags);
  speeds[i] = bandwidth;
  return 0;
}

int
virDomainGetBlockJobInfo (virDomainPtr domain,
                          const char *disk,
                          virDomainBlockJobInfoPtr info,
                          unsigned int flags)
{
  int (*real) (virDomainPtr, const char *, virDomainBlockJobInfoPtr, unsigned int) =
      dlsym (RTLD_NEXT, G_STRFUNC);
  const guint i = find_disk (disk);

  *info = (virDomainBlockJobInfo){ .bandwidth = speeds[i], .cur = 1, .end = 2 };
  return jobs[i] == SILENT ? real (domain, disk, info, flags) : jobs[i] != ENDED;
}

static void
begin (LibvirtFixture *fixture)
{
  vckc_libvirt_get_connection (fixture->domain->connect)->has_bitmaps = true;
  described = true;
  jobs[0] = jobs[1] = RUNS;
  speeds[0] = speeds[1] = 0;
}

/* --- tests --- */

typedef struct
{
  DiskJob jobs[2];
  int code; /* a VckcErrorCode; 0 if the limit is set */
} LimitCase;

static const LimitCase limits[] = {
  { { RUNS, RUNS }, 0 },
  { { RUNS, ENDED }, 0 },
  { { ENDED, RUNS }, 0 },
  { { ENDED, ENDED }, VCKC_ERROR_NO_BACKUP },
  { { RUNS, REFUSES }, VCKC_ERROR_NO_SUPPORT },
  { { REFUSES, RUNS }, VCKC_ERROR_NO_SUPPORT },
  { { RUNS, SILENT }, VCKC_ERROR_NO_SUPPORT },
  { { SILENT, ENDED }, VCKC_ERROR_NO_SUPPORT },
};

/* A disk that goes on without the limit is no success; one that is all copied is no failure. */
static void
test_disks (LibvirtFixture *fixture, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      VckcError *error = NULL;
      int result;

      g_test_message ("%d, %d", (int) limits[i].jobs[0], (int) limits[i].jobs[1]);
      begin (fixture);
      for (guint j = 0; j < 2; j++)
        jobs[j] = limits[i].jobs[j];
      result = vckc_domain_set_job_speed (fixture->domain, 1000, &error);
      g_assert_cmpint (result, ==, limits[i].code == 0 ? 0 : -1);
      if (limits[i].code != 0)
        assert_error (error, limits[i].code, "domain 't'");
    }
}

/* That libvirt cannot describe the backup does not mean that there is none. */
static void
test_not_described (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcError *error = NULL;

  begin (fixture);
  described = false;
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, 1000, &error), ==, -1);
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_SUPPORT, "virDomainBackupGetXMLDesc");
  g_assert_cmpint (vckc_domain_recover_backup (fixture->domain, &error), ==, -1);
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_SUPPORT, "virDomainBackupGetXMLDesc");
}

static void
assert_speed (LibvirtFixture *fixture, int64_t expected)
{
  VckcJobInfo *info = vckc_domain_get_job_info (fixture->domain, 0, NULL);

  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_speed (info, NULL), ==, expected);
  vckc_job_info_unref (info, NULL);
}

/* The limit is what libvirt says, whatever program set it. */
static void
test_speed (LibvirtFixture *fixture, gconstpointer unused)
{
  begin (fixture);
  assert_speed (fixture, 0);
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, 1000, NULL), ==, 0);
  assert_speed (fixture, 1000);
  speeds[1] = 2000;
  assert_speed (fixture, -1);
  jobs[0] = ENDED;
  assert_speed (fixture, 2000);
  jobs[1] = SILENT;
  assert_speed (fixture, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-limit/disks", test_disks);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-limit/not-described", test_not_described);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-limit/speed", test_speed);
  return g_test_run ();
}
