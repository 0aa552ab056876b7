/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pull-client.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "image-fixture.h"
#include "vckc.h"

/* The path of a file with all that a client reads, to be freed. */
static char *
pull (const char *folder, const char *server, const char *name)
{
  char *raw = g_build_filename (folder, "pulled.raw", NULL);
  g_autofree char *source = g_strdup_printf ("driver=nbd,export=%s,%s", name, server);
  const char *const convert[] = { "qemu-img", "convert", "--image-opts", source, "-O", "raw",
                                  raw,        NULL };

  g_free (image_fixture_run (convert));
  return raw;
}

char *
pull_client_read (const char *folder, const char *server, const char *name, gsize *ret_length)
{
  g_autofree char *raw = pull (folder, server, name);
  GError *error = NULL;
  char *content;

  g_file_get_contents (raw, &content, ret_length, &error);
  g_assert_no_error (error);
  g_unlink (raw);
  return content;
}

char *
pull_client_hash (const char *folder, const char *server, const char *name)
{
  g_autofree char *raw = pull (folder, server, name);
  char *hash = image_fixture_hash (raw);

  g_unlink (raw);
  return hash;
}

/* A line of `qemu-img map` about a bitmap, in which what is dirty is shown as no data. */
static gboolean
parse_dirty (const char *line, VckcExtent *extent)
{
  const char *start = strstr (line, "\"start\": ");
  const char *length = strstr (line, "\"length\": ");

  g_assert_nonnull (start);
  g_assert_nonnull (length);
  extent->offset = g_ascii_strtoull (start + strlen ("\"start\": "), NULL, 10);
  extent->length = g_ascii_strtoull (length + strlen ("\"length\": "), NULL, 10);
  extent->flags = VCKC_EXTENT_DIRTY;
  return strstr (line, "\"data\": false") != NULL;
}

GArray *
pull_client_list_dirty (const char *server, const char *name, const char *bitmap)
{
  g_autofree char *source = g_strdup_printf (
      "driver=nbd,export=%s,%s,x-dirty-bitmap=qemu:dirty-bitmap:%s", name, server, bitmap);
  const char *const map[] = { "qemu-img", "map", "--output=json", "--image-opts", source, NULL };
  g_autofree char *text = image_fixture_run (map);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GArray *extents = g_array_new (FALSE, FALSE, sizeof (VckcExtent));

  for (char **line = lines; *line != NULL; line++)
    {
      VckcExtent extent;

      if (strchr (*line, '{') != NULL && parse_dirty (*line, &extent))
        g_array_append_val (extents, extent);
    }
  return extents;
}

gboolean
pull_client_can_read (const char *server, const char *name)
{
  g_autofree char *source = g_strdup_printf ("driver=nbd,export=%s,%s", name, server);
  const char *argv[] = { "stdbuf",     "-oL",          "qemu-io", "-r", "-c",
                         "read 0 512", "--image-opts", source,    NULL };
  int status = -1;

  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL));
  return g_spawn_check_wait_status (status, NULL);
}

GPid
pull_client_hold (const char *server, const char *name)
{
  g_autofree char *source = g_strdup_printf ("driver=nbd,export=%s,%s", name, server);
  const char *argv[] = { "stdbuf", "-oL",         "qemu-io",      "-r",   "-c", "read 0 512",
                         "-c",     "sleep 60000", "--image-opts", source, NULL };
  GError *error = NULL;
  char line[100];
  GPid pid;
  int out;
  FILE *file;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL,
                            &out, NULL, &error);
  g_assert_no_error (error);
  file = fdopen (out, "r");
  g_assert_nonnull (fgets (line, sizeof line, file));
  g_assert_true (g_str_has_prefix (line, "read 512/512"));
  fclose (file);
  return pid;
}

void
pull_client_stop (GPid pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

guint
pull_client_take_port (int *fd)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  guint port;

  *fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  do
    {
      port = (guint) g_random_int_range (10000, 30000);
      address.sin_port = htons ((guint16) port);
    }
  while (bind (*fd, (struct sockaddr *) &address, sizeof address) != 0);
  g_assert_cmpint (listen (*fd, 1), ==, 0);
  return port;
}
