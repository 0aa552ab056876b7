/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the crash test runs in a process of its own: backup-actor STORE DOMAIN-UUID prune, or
 * restore ID FILE. Ends with 0 if it was done, 1 if it failed in order, with the error on stderr.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vckc.h"

static int
prune (VckcRepository *repository, const char *domain, VckcError **err)
{
  VckcPruneDecision **decisions = NULL;
  int n = vckc_repository_prune (repository, domain, 1, 0, 0, &decisions, 0, err);

  for (int i = 0; i < n; i++)
    vckc_prune_decision_unref (decisions[i], NULL);
  free (decisions);
  return n;
}

static int
restore (VckcRepository *repository,
         const char *domain,
         const char *id,
         const char *to,
         VckcError **err)
{
  VckcBackup *backup = vckc_repository_lookup_backup (repository, domain, id, err);
  int result =
      backup != NULL ? vckc_repository_restore (repository, backup, "vda", to, 0, err) : -1;

  if (backup != NULL)
    vckc_backup_unref (backup, NULL);
  return result;
}

int
main (int argc, char **argv)
{
  VckcError *error = NULL;
  VckcRepository *repository = vckc_repository_open (argv[1], 0, &error);
  int result = -1;

  if (repository != NULL && strcmp (argv[3], "prune") == 0)
    result = prune (repository, argv[2], &error);
  else if (repository != NULL)
    result = restore (repository, argv[2], argv[4], argv[5], &error);
  if (repository != NULL)
    vckc_repository_unref (repository, NULL);
  if (result >= 0)
    return 0;
  fprintf (stderr, "%s\n", vckc_error_get_message (error));
  vckc_error_free (error);
  return 1;
}
