/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pull-fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image-fixture.h"

char *
pull_fixture_get_socket (BackupFixture *fixture)
{
  return g_build_filename (fixture->folder, "nbd", NULL);
}

char *
pull_fixture_get_server (BackupFixture *fixture)
{
  return g_strdup_printf ("server.type=unix,server.path=%s/nbd", fixture->folder);
}

bool
pull_fixture_try_begin (BackupFixture *fixture, const char *name, const char *base, VckcError **err)
{
  g_autofree char *socket = pull_fixture_get_socket (fixture);
  g_autofree char *incremental =
      base != NULL ? g_strdup_printf ("<incremental>%s</incremental>", base) : g_strdup ("");
  g_autofree char *xml =
      g_strdup_printf ("<domainbackup mode='pull'>%s<server transport='unix' socket='%s'/>"
                       "</domainbackup>",
                       incremental, socket);
  g_autofree char *checkpoint =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);

  return vckc_domain_backup_begin (fixture->domain, xml, checkpoint, 0, err) == 0;
}

void
pull_fixture_begin (BackupFixture *fixture, const char *name, const char *base)
{
  VckcError *error = NULL;
  bool begun = pull_fixture_try_begin (fixture, name, base, &error);

  assert_ok (begun, error);
}

/* A connection of the parent, whose copy the child has, would keep QEMU's only QMP connection. */
static void
pull_fixture_close_inherited_sockets (void)
{
  for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
    {
      struct stat info;

      if (fstat (fd, &info) == 0 && S_ISSOCK (info.st_mode))
        close (fd);
    }
}

void
pull_fixture_begin_and_die (BackupFixture *fixture, const char *name, const char *base)
{
  pid_t child;
  int status;

  image_fixture_await_threads ();
  child = fork ();
  if (child == 0)
    {
      pull_fixture_close_inherited_sockets ();
      backup_fixture_connect (fixture);
      pull_fixture_begin (fixture, name, base);
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

bool
pull_fixture_begin_xml (BackupFixture *fixture,
                        const char *xml,
                        unsigned int flags,
                        VckcError **err)
{
  return vckc_domain_backup_begin (fixture->domain, xml,
                                   "<domaincheckpoint><name>one</name></domaincheckpoint>", flags,
                                   err)
         == 0;
}

void
pull_fixture_end (BackupFixture *fixture)
{
  VckcError *error = NULL;
  bool aborted = vckc_domain_abort_job (fixture->domain, &error) == 0;

  assert_ok (aborted, error);
  g_assert_null (backup_fixture_wait (fixture, VCKC_JOB_STATE_DONE));
  pull_fixture_assert_no_files (fixture);
}

/* A scratch file has the name of its image and something after it. */
void
pull_fixture_assert_no_files (BackupFixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_assert_cmpstr (name, !=, "nbd");
      g_assert_null (strstr (name, ".qcow2."));
    }
}
