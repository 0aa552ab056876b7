/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the test of killed backups runs in a process of its own: backup-actor URI STORE makes a
 * backup of the domain "t". Ends with 0 if it was made. */

#include <stdio.h>

#include "vckc.h"

int
main (int argc, char **argv)
{
  VckcError *error = NULL;
  VckcRepository *repository = vckc_repository_open (argv[2], VCKC_REPOSITORY_CREATE, &error);
  VckcConnect *connect = repository != NULL ? vckc_connect_open (argv[1], 0, &error) : NULL;
  VckcDomain *domain = connect != NULL ? vckc_domain_lookup_by_name (connect, "t", &error) : NULL;
  VckcBackup *backup =
      domain != NULL ? vckc_repository_backup (repository, domain, NULL, 0, 0, 0, &error) : NULL;

  if (backup == NULL)
    fprintf (stderr, "%s\n", vckc_error_get_message (error));
  return backup != NULL ? 0 : 1;
}
