/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* SEEK_DATA */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image-fixture.h"

char *
image_fixture_new (void)
{
  /* Not g_dir_make_tmp(): GLib would remember the folder, and a test may set TMPDIR after this. */
  const char *where = g_getenv ("TMPDIR");
  char *folder = g_build_filename (where != NULL ? where : "/tmp", "vck-test-XXXXXX", NULL);

  g_assert_nonnull (g_mkdtemp (folder));
  return folder;
}

/* Returns the output, or NULL with what the program has written to stderr. */
static char *
image_fixture_try_run (const char *const *argv, char **ret_errors)
{
  g_autofree char *output = NULL;
  GError *error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, ret_errors,
                &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL) ? g_steal_pointer (&output) : NULL;
}

char *
image_fixture_run (const char *const *argv)
{
  g_autofree char *errors = NULL;
  char *output = image_fixture_try_run (argv, &errors);

  if (output == NULL)
    g_error ("%s failed: %s", argv[0], errors);
  return output;
}

void
image_fixture_run_quietly (const char *const *argv)
{
  g_autofree char *output = image_fixture_run (argv);

  g_assert_cmpstr (output, ==, "");
}

void
image_fixture_remove (char *folder)
{
  const char *const argv[] = { "rm", "-rf", "--", folder, NULL };

  g_free (image_fixture_run (argv));
  g_free (folder);
}

char *
image_fixture_make_image (const char *folder, const char *name, const char *options)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *all = g_strdup_printf ("compat=1.1%s%s", options != NULL ? "," : "",
                                          options != NULL ? options : "");
  const char *const argv[] = { "qemu-img", "create", "-q", "-f",  "qcow2", "-o",
                               all,        "--",     path, "64M", NULL };

  g_free (image_fixture_run (argv));
  return path;
}

/* QEMU measures its own time on the processor to choose how often to hash, and gives up if that is
 * too short to be measured, which happens by chance. */
void
image_fixture_make_encrypted (const char *path, const char *size)
{
  const char *const argv[] = { "qemu-img",
                               "create",
                               "-q",
                               "--object",
                               "secret,id=s,data=secret",
                               "-f",
                               "qcow2",
                               "-o",
                               "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                               "--",
                               path,
                               size,
                               NULL };
  bool made = false;

  for (guint i = 0; !made && i < 20; i++)
    {
      g_autofree char *errors = NULL;
      g_autofree char *output = image_fixture_try_run (argv, &errors);

      made = output != NULL;
      if (!made && strstr (errors, "accurate CPU usage") == NULL)
        g_error ("%s failed: %s", argv[0], errors);
    }
  g_assert_true (made);
}

void
open_image_set_up (OpenImage *image, gconstpointer options)
{
  image->folder = image_fixture_new ();
  image->path = image_fixture_make_image (image->folder, "disk.qcow2", options);
  image->fd = open (image->path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (image->fd, >=, 0);
}

void
open_image_tear_down (OpenImage *image, gconstpointer options)
{
  close (image->fd);
  g_free (image->path);
  image_fixture_remove (image->folder);
}

void
image_fixture_write (const char *image, guint64 offset, guint64 length)
{
  g_autofree char *command =
      g_strdup_printf ("write %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, offset, length);
  const char *const argv[] = {
    "qemu-io", "-t", "unsafe", "-f", "qcow2", "-c", command, image, NULL
  };

  g_free (image_fixture_run (argv));
}

void
image_fixture_abandon (const char *image)
{
  const char *const argv[] = { "sh", "-c", "qemu-io -f qcow2 -c abort \"$0\" 2>&1 || true", image,
                               NULL };

  g_free (image_fixture_run (argv));
}

/* qemu-io holds its image once it asks for a command, and ends with its input. */
void
image_holder_start (ImageHolder *holder, const char *image)
{
  const char *const argv[] = { "qemu-io", "-f", "qcow2", image, NULL };
  GError *gerror = NULL;
  char prompt;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            &holder->pid, &holder->in, &holder->out, NULL, &gerror);
  g_assert_no_error (gerror);
  g_assert_cmpint (read (holder->out, &prompt, 1), ==, 1);
}

void
image_holder_stop (ImageHolder *holder)
{
  close (holder->in);
  close (holder->out);
  g_assert_cmpint (waitpid (holder->pid, NULL, 0), ==, holder->pid);
}

/* Two hashes of words, many times as fast as a checksum of GLib. */
typedef struct
{
  guint64 one;
  guint64 other;
} Hash;

static void
hash_add (Hash *hash, const guint64 *words, gsize n_words)
{
  guint64 one = hash->one, other = hash->other;

  for (gsize i = 0; i < n_words; i++)
    {
      one = (one ^ words[i]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      one ^= one >> 29;
      other = (other + words[i]) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      other ^= other >> 32;
    }
  *hash = (Hash){ one, other };
}

/* A part of the file; behind its end are zeros. */
static void
hash_add_part (Hash *hash, int fd, off_t offset)
{
  guint64 words[8192] = { 0 };
  off_t data = lseek (fd, offset, SEEK_DATA);

  if (data >= 0 && data < offset + (off_t) sizeof words)
    g_assert_cmpint (pread (fd, words, sizeof words, offset), >=, 0);
  hash_add (hash, words, G_N_ELEMENTS (words));
}

char *
image_fixture_hash (const char *file)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC);
  off_t size = lseek (fd, 0, SEEK_END);
  Hash hash = { (guint64) size, ~(guint64) size };

  g_assert_cmpint (size, >=, 0);
  for (off_t at = 0; at < size; at += (off_t) (8192 * sizeof (guint64)))
    hash_add_part (&hash, fd, at);
  close (fd);
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", hash.one,
                          hash.other);
}

char *
image_fixture_make_script (const char *folder, const char *name, const char *body)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n%s\n", body);
  GError *error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  return path;
}

guint
image_fixture_count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Children belong to the threads that started them. */
int
image_fixture_get_child (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  g_auto (GStrv) pids = NULL;
  const char *thread;

  while ((thread = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", thread);
      g_autofree char *children = NULL;

      if (g_file_get_contents (path, &children, NULL, NULL))
        g_string_append (all, children);
    }
  pids = g_strsplit (g_strstrip (all->str), " ", -1);
  g_assert_cmpuint (g_strv_length (pids), ==, 1);
  return atoi (pids[0]);
}

static guint
count_children (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;
  guint n = 0;

  while ((thread = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", thread);
      g_autofree char *text = NULL;

      /* A thread may have ended. */
      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      for (const char *c = text; *c != '\0'; c++)
        n += *c == ' ';
    }
  return n;
}

void
image_fixture_await_children (guint n)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (count_children () != n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}

void
image_fixture_assert_no_child (void)
{
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

bool
image_fixture_has_thread (const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;

  while ((thread = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, prefix))
        return true;
    }
  return false;
}

void
image_fixture_await_threads (void)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (image_fixture_has_thread ("vck-"))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}
