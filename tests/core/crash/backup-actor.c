/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the tests of killed backups and restores run in a process of its own, for the domain "t":
 *
 *   backup-actor URI STORE              makes a backup
 *   backup-actor URI STORE quiesce      makes a backup, with the guest frozen at its point in time
 *   backup-actor URI STORE recover      brings to an end what was interrupted
 *   backup-actor URI STORE restore ID   restores the domain in place
 *
 * Ends with 0 if it was done. */

#include <stdio.h>
#include <string.h>

#include "vckc.h"

static int
back_up (VckcRepository *repository, VckcDomain *domain, unsigned int flags, VckcError **err)
{
  VckcBackup *backup = vckc_repository_backup (repository, domain, NULL, 0, 0, flags, err);

  if (backup == NULL)
    return -1;
  vckc_backup_unref (backup, NULL);
  return 0;
}

static int
restore (VckcRepository *repository, VckcDomain *domain, const char *id, VckcError **err)
{
  VckcBackup *backup =
      vckc_repository_lookup_backup (repository, vckc_domain_get_uuid (domain, NULL), id, err);
  int result = -1;

  if (backup != NULL)
    {
      result = vckc_repository_restore_in_place (repository, domain, backup, NULL, 0, err);
      vckc_backup_unref (backup, NULL);
    }
  return result;
}

static int
act (VckcRepository *repository, VckcDomain *domain, char **words, VckcError **err)
{
  if (words[0] == NULL)
    return back_up (repository, domain, 0, err);
  if (strcmp (words[0], "quiesce") == 0)
    return back_up (repository, domain, VCKC_BACKUP_QUIESCE, err);
  if (strcmp (words[0], "recover") == 0)
    return vckc_repository_recover (repository, domain, err);
  return restore (repository, domain, words[1], err);
}

int
main (int argc, char **argv)
{
  VckcError *error = NULL;
  VckcRepository *repository = vckc_repository_open (argv[2], VCKC_REPOSITORY_CREATE, &error);
  VckcConnect *connect = repository != NULL ? vckc_connect_open (argv[1], 0, &error) : NULL;
  VckcDomain *domain = connect != NULL ? vckc_domain_lookup_by_name (connect, "t", &error) : NULL;
  int result = domain != NULL ? act (repository, domain, argv + 3, &error) : -1;

  if (result < 0)
    fprintf (stderr, "%s\n", vckc_error_get_message (error));
  vckc_error_free (error);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
  vckc_repository_unref (repository, NULL);
  return result < 0 ? 1 : 0;
}
