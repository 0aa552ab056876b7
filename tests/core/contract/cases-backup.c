/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is said of backups where there is none. */

#include "contract.h"

static void
assert_code (const Fixture *fixture, VckcError *error /* (transfer full) */, int code)
{
  g_assert_nonnull (error);
  g_assert_cmpint ((int) vckc_error_get_code (error), ==,
                   fixture->target.no_backups != NULL ? VCKC_ERROR_NO_SUPPORT : code);
  vckc_error_free (error);
}

static void
run_none (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcError *error = NULL;

  g_assert_null (vckc_domain_backup_get_xml_desc (fixture->domain, 0, &error));
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_NO_BACKUP);
  g_assert_null (vckc_domain_get_job_info (fixture->domain, 0, &error));
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_NO_BACKUP);
  g_assert_null (vckc_domain_get_job_info (fixture->domain, VCKC_JOB_INFO_COMPLETED, &error));
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_NO_BACKUP);
  g_assert_null (vckc_domain_wait_job (fixture->domain, &error));
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, &error), ==, -1);
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_NO_BACKUP);
  if (fixture->target.no_backups == NULL)
    g_assert_cmpint (vckc_domain_recover_backup (fixture->domain, NULL), ==, 0);
}

static void
run_bad_document (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain, "<x/>", NULL, 0, &error), ==, -1);
  assert_code (fixture, g_steal_pointer (&error), VCKC_ERROR_XML_ERROR);
}

void
add_backup_cases (const Target *target)
{
  add_case (target, "backup-none", run_none, NULL);
  add_case (target, "backup-bad-document", run_bad_document, NULL);
}
