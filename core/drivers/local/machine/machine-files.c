/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* O_PATH */

#include "drivers/local/machine/machine-files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "qemu/qmp-client.h"

/* Starts QEMU's description of a node that no plain file name describes. */
#define JSON_PREFIX "json:"

struct _VckcMachineFiles
{
  int root_fd; /* owned; -1 without the right to look */
  int pid;
};

VckcMachineFiles *
vckc_machine_files_new (int pid)
{
  VckcMachineFiles *files = g_new0 (VckcMachineFiles, 1);
  g_autofree char *root = g_strdup_printf ("/proc/%d/root", pid);

  files->pid = pid;
  files->root_fd = pid > 0 ? open (root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  return files;
}

void
vckc_machine_files_free (VckcMachineFiles *files)
{
  if (files == NULL)
    return;
  if (files->root_fd >= 0)
    close (files->root_fd);
  g_free (files);
}

char *
vckc_machine_file_name (const char *name)
{
  g_autoptr (VckcQmpReply) document = NULL;
  const VckcQmpValue *value;

  if (!g_str_has_prefix (name, JSON_PREFIX))
    return g_strdup (name);
  document = vckc_qmp_reply_new_from_text (name + strlen (JSON_PREFIX), NULL);
  value = document != NULL ? vckc_qmp_reply_get_value (document) : NULL;
  while (value != NULL && vckc_qmp_value_has (value, "file"))
    value = vckc_qmp_value_get_object (value, "file", NULL);
  return value != NULL ? g_strdup (vckc_qmp_value_get_string (value, "filename", NULL)) : NULL;
}

static char *
machine_files_format_identity (const struct stat *file)
{
  if (S_ISBLK (file->st_mode))
    return g_strdup_printf ("device %ju", (uintmax_t) file->st_rdev);
  return g_strdup_printf ("file %ju %ju", (uintmax_t) file->st_dev, (uintmax_t) file->st_ino);
}

char *
vckc_machine_file_identify_here (const char *path)
{
  struct stat file;

  return stat (path, &file) == 0 ? machine_files_format_identity (&file) : NULL;
}

/* Links are followed as QEMU does, too: those to "/…" lead to its root. */
static char *
machine_files_identify_in_root (int root_fd, const char *path)
{
  struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
  int fd = (int) syscall (SYS_openat2, root_fd, path, &how, sizeof how);
  char *identity = NULL;
  struct stat file;

  if (fd < 0 && errno == ENOSYS)
    return vckc_machine_file_identify_here (path);
  if (fd >= 0 && fstat (fd, &file) == 0)
    identity = machine_files_format_identity (&file);
  if (fd >= 0)
    close (fd);
  return identity;
}

char *
vckc_machine_files_identify (VckcMachineFiles *files, const char *name)
{
  if (!g_path_is_absolute (name))
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/cwd/%s", files->pid, name);

      return files->pid > 0 ? vckc_machine_file_identify_here (path) : NULL;
    }
  return files->root_fd >= 0 ? machine_files_identify_in_root (files->root_fd, name)
                             : vckc_machine_file_identify_here (name);
}
