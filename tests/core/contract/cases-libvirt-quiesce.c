/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a guest whose file systems are frozen meanwhile. There is no guest: this file has
 * libvirt's calls for that. */

#include "cases-libvirt.h"

#include <stdlib.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "backup-steps.h"

static const char *quiesce_calls = ""; /* so far */
static bool fails_to_freeze;
static bool fails_to_thaw;
static virDomainPtr frozen_domain;

/* Has the domain a backup now? */
static bool
has_backup (virDomainPtr domain)
{
  char *xml = virDomainBackupGetXMLDesc (domain, 0);

  virResetLastError ();
  free (xml);
  return xml != NULL;
}

int
virDomainFSFreeze (virDomainPtr domain, const char **points, unsigned int n, unsigned int flags)
{
  quiesce_calls = g_intern_string (has_backup (domain) ? "late" : "freeze");
  frozen_domain = domain;
  return fails_to_freeze ? -1 : 2;
}

int
virDomainFSThaw (virDomainPtr domain, const char **points, unsigned int n, unsigned int flags)
{
  g_autofree char *calls =
      g_strconcat (quiesce_calls, has_backup (domain) ? " backup thaw" : " thaw", NULL);

  g_assert_true (domain == frozen_domain);
  quiesce_calls = g_intern_string (calls);
  return fails_to_thaw ? -1 : 2;
}

/* The guest is frozen before the backup begins, and thawed right after. */
static void
run_quiesce (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  backup_begin (fixture, PULL_VDA, NULL, VCKC_BACKUP_BEGIN_QUIESCE);
  g_assert_cmpstr (quiesce_calls, ==, "freeze backup thaw");
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  backup_assert_ends (fixture, VCKC_JOB_STATE_DONE);
}

/* It is thawed, and there is no backup, whatever fails. */
static void
run_quiesce_fails (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *tree = NULL;

  fixture_run (fixture, "create k1");
  fails_to_freeze = true;
  backup_assert_begin_fails (fixture, PULL_VDA, NULL, VCKC_BACKUP_BEGIN_QUIESCE,
                             VCKC_ERROR_INTERNAL, "cannot freeze the file systems");
  g_assert_cmpstr (quiesce_calls, ==, "freeze thaw");
  fails_to_freeze = false;
  backup_assert_begin_fails (fixture, PUSH (VDA_TO ("@DIR@/b.qcow2")), NULL,
                             VCKC_BACKUP_BEGIN_QUIESCE, VCKC_ERROR_INVALID_ARG, "exists");
  g_assert_cmpstr (quiesce_calls, ==, "freeze thaw");
  fails_to_thaw = true;
  backup_assert_begin_fails (fixture, PULL_VDA, CHECKPOINT ("c1"), VCKC_BACKUP_BEGIN_QUIESCE,
                             VCKC_ERROR_INTERNAL, "cannot thaw the file systems");
  g_assert_cmpstr (quiesce_calls, ==, "freeze backup thaw");
  g_assert_false (has_backup (fixture->target.domain));
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "k1 cur=k1");
}

void
add_libvirt_quiesce_cases (const Target *target)
{
  add_case (target, "backup-quiesce", run_quiesce, NULL);
  add_case (target, "backup-quiesce-fails", run_quiesce_fails, NULL);
}
