/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/dir-file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600
#define DIR_MODE 0700

static bool
dir_is_trusted (const struct stat *info)
{
  return info->st_uid == geteuid () || info->st_uid == 0;
}

static void
dir_explain (const char *where, const struct stat *info, int saved_errno, VckcError **err)
{
  if (info == NULL)
    vckc_set_error_errno (err, saved_errno, "cannot open the folder '%s'", where);
  else if (S_ISLNK (info->st_mode))
    vckc_set_error (
        err, VCKC_ERROR_SYSTEM_ERROR,
        "cannot open the folder '%s': it is a link, and links are not followed; put the "
        "folder itself there",
        where);
  else
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_DENIED,
        "the folder '%s' belongs to user %u and is not trusted by user %u; use it as its "
        "owner, or give it to yourself with 'chown -R'",
        where, (unsigned int) info->st_uid, (unsigned int) geteuid ());
}

/* A link is not a folder: O_DIRECTORY makes that ENOTDIR. */
static VckcDirFound
dir_classify (int parent_fd, const char *where, const char *name, int saved_errno, VckcError **err)
{
  struct stat info;
  bool is_link;

  if (saved_errno == ENOENT)
    return VCKC_DIR_MISSING;
  is_link = (saved_errno == ENOTDIR || saved_errno == ELOOP)
            && fstatat (parent_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK (info.st_mode);
  dir_explain (where, is_link ? &info : NULL, saved_errno, err);
  return is_link ? VCKC_DIR_REFUSED : VCKC_DIR_FAILED;
}

int
vckc_dir_open (int parent_fd,
               const char *where,
               const char *name,
               bool create,
               VckcDirFound *ret_found,
               VckcError **err)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat (parent_fd, name, flags);
  struct stat info;

  if (fd < 0 && create && errno == ENOENT
      && (mkdirat (parent_fd, name, DIR_MODE) == 0 || errno == EEXIST))
    fd = openat (parent_fd, name, flags);
  if (fd < 0)
    {
      *ret_found = dir_classify (parent_fd, where, name, errno, err);
      return -1;
    }
  *ret_found = VCKC_DIR_FOUND;
  if (fstat (fd, &info) == 0 && dir_is_trusted (&info))
    return fd;
  *ret_found = VCKC_DIR_REFUSED;
  dir_explain (where, &info, 0, err);
  close (fd);
  return -1;
}

int
vckc_dir_open_file (int dir_fd, const char *name, int flags, VckcDirFound *ret_found)
{
  int fd = openat (dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, FILE_MODE);
  struct stat info = { 0 };

  *ret_found = VCKC_DIR_FOUND;
  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && dir_is_trusted (&info))
    return fd;
  if (fd >= 0)
    {
      close (fd);
      *ret_found = VCKC_DIR_REFUSED;
      errno = S_ISREG (info.st_mode) ? EPERM : EINVAL;
    }
  else if (errno == ENOENT)
    *ret_found = VCKC_DIR_MISSING;
  else
    /* A link, a socket, or a FIFO without a reader. */
    *ret_found =
        errno == ELOOP || errno == ENXIO || errno == EISDIR ? VCKC_DIR_REFUSED : VCKC_DIR_FAILED;
  return -1;
}

bool
vckc_dir_has (int dir_fd, const char *name)
{
  struct stat info;

  return fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0
         || (errno != ENOENT && errno != ENOTDIR);
}

/* Reads all of a file, up to one byte more than allowed; of one that is larger, nothing. */
static GByteArray *
dir_load (int fd, gsize max_size)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  struct stat info;

  if (fstat (fd, &info) < 0)
    return NULL;
  errno = EFBIG;
  if ((guint64) info.st_size > max_size)
    return NULL;
  while (data->len <= max_size)
    {
      guint8 chunk[16 * 1024];
      gssize n = read (fd, chunk, MIN (sizeof chunk, max_size + 1 - data->len));

      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        return NULL;
      g_byte_array_append (data, chunk, (guint) MAX (n, 0));
    }
  errno = EFBIG;
  return data->len <= max_size ? g_steal_pointer (&data) : NULL;
}

static const char *
dir_describe_refusal (int saved_errno)
{
  switch (saved_errno)
    {
    case EPERM:
      return "it belongs to another user";
    case ELOOP:
      return "it is a link, and links are not followed";
    default:
      return "it is no regular file";
    }
}

static char *
dir_read_open (int fd,
               const char *where,
               const char *name,
               gsize max_size,
               VckcDirFound *ret_found,
               VckcError **err)
{
  g_autoptr (GByteArray) data = dir_load (fd, max_size);

  *ret_found = VCKC_DIR_REFUSED;
  if (data == NULL && errno == EFBIG)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "'%s/%s' is larger than %zu bytes", where, name,
                    max_size);
  else if (data == NULL)
    {
      *ret_found = VCKC_DIR_FAILED;
      vckc_set_error_errno (err, errno, "cannot read '%s/%s'", where, name);
    }
  else if (!g_utf8_validate ((const char *) data->data, data->len, NULL))
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "'%s/%s' is not UTF-8 text", where, name);
  else
    {
      *ret_found = VCKC_DIR_FOUND;
      g_byte_array_append (data, (const guint8 *) "", 1);
      return (char *) g_byte_array_free (g_steal_pointer (&data), FALSE);
    }
  return NULL;
}

char *
vckc_dir_read (int dir_fd,
               const char *where,
               const char *name,
               gsize max_size,
               VckcDirFound *ret_found,
               VckcError **err)
{
  VckcDirFound found;
  int fd = vckc_dir_open_file (dir_fd, name, O_RDONLY, &found);
  int saved_errno = errno;
  char *text = NULL;

  if (fd >= 0)
    {
      text = dir_read_open (fd, where, name, max_size, &found, err);
      close (fd);
    }
  else if (found == VCKC_DIR_REFUSED)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "cannot read '%s/%s': %s", where, name,
                    dir_describe_refusal (saved_errno));
  else if (found == VCKC_DIR_FAILED || ret_found == NULL)
    vckc_set_error_errno (err, saved_errno, "cannot read '%s/%s'", where, name);
  if (ret_found != NULL)
    *ret_found = found;
  return text;
}

/* A file of a batch, written and not yet renamed to its name. */
typedef struct
{
  int dir_fd;  /* borrowed */
  char *where; /* for messages */
  char *name;
  char *tmp_name;
  int fd; /* owned; -1 once it is renamed */
} DirWrite;

struct _VckcDirBatch
{
  int tmp_fd;        /* borrowed */
  GPtrArray *writes; /* of DirWrite; never many */
};

/* As many files as are kept open at once. */
#define MAX_WRITES 32

VckcDirBatch *
vckc_dir_batch_new (int tmp_fd)
{
  VckcDirBatch *batch = g_new0 (VckcDirBatch, 1);

  batch->tmp_fd = tmp_fd;
  batch->writes = g_ptr_array_new ();
  return batch;
}

static void
dir_batch_clear (VckcDirBatch *batch)
{
  for (guint i = 0; i < batch->writes->len; i++)
    {
      DirWrite *item = g_ptr_array_index (batch->writes, i);

      if (item->fd >= 0)
        {
          close (item->fd);
          unlinkat (batch->tmp_fd, item->tmp_name, 0);
        }
      g_free (item->where);
      g_free (item->name);
      g_free (item->tmp_name);
      g_free (item);
    }
  g_ptr_array_set_size (batch->writes, 0);
}

void
vckc_dir_batch_free (VckcDirBatch *batch)
{
  if (batch == NULL)
    return;
  dir_batch_clear (batch);
  g_ptr_array_unref (batch->writes);
  g_free (batch);
}

static bool
dir_write_all (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = write (fd, text, left);

      if (n < 0 && errno != EINTR)
        return false;
      text += MAX (n, 0);
      left -= (gsize) MAX (n, 0);
    }
  return true;
}

static bool
dir_write_fail (const DirWrite *item, VckcError **err)
{
  vckc_set_error_errno (err, errno, "cannot write '%s/%s'", item->where, item->name);
  return false;
}

bool
vckc_dir_batch_add (VckcDirBatch *batch,
                    int dir_fd,
                    const char *where,
                    const char *name,
                    const char *text,
                    VckcError **err)
{
  DirWrite *item;

  if (batch->writes->len == MAX_WRITES && !vckc_dir_batch_commit (batch, err))
    return false;
  item = g_new0 (DirWrite, 1);
  g_ptr_array_add (batch->writes, item);
  item->dir_fd = dir_fd;
  item->where = g_strdup (where);
  item->name = g_strdup (name);
  item->tmp_name = g_uuid_string_random ();
  item->fd = openat (batch->tmp_fd, item->tmp_name,
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
  return (item->fd >= 0 && dir_write_all (item->fd, text)) || dir_write_fail (item, err);
}

bool
vckc_dir_batch_commit (VckcDirBatch *batch, VckcError **err)
{
  for (guint i = 0; i < batch->writes->len; i++)
    {
      DirWrite *item = g_ptr_array_index (batch->writes, i);

      if (fsync (item->fd) < 0)
        return dir_write_fail (item, err);
    }
  for (guint i = 0; i < batch->writes->len; i++)
    {
      DirWrite *item = g_ptr_array_index (batch->writes, i);

      if (renameat (batch->tmp_fd, item->tmp_name, item->dir_fd, item->name) < 0)
        return dir_write_fail (item, err);
      close (item->fd);
      item->fd = -1;
    }
  dir_batch_clear (batch);
  return true;
}

bool
vckc_dir_replace (int dir_fd,
                  const char *where,
                  const char *name,
                  const char *text,
                  int tmp_fd,
                  VckcError **err)
{
  g_autoptr (VckcDirBatch) batch = vckc_dir_batch_new (tmp_fd);

  return vckc_dir_batch_add (batch, dir_fd, where, name, text, err)
         && vckc_dir_batch_commit (batch, err);
}

bool
vckc_dir_remove (int dir_fd, const char *where, const char *name, VckcError **err)
{
  if (unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT)
    return true;
  vckc_set_error_errno (err, errno, "cannot remove '%s/%s'", where, name);
  return false;
}

bool
vckc_dir_sync (int dir_fd, const char *where, VckcError **err)
{
  if (fsync (dir_fd) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot store the folder '%s'", where);
  return false;
}

GPtrArray *
vckc_dir_list (int dir_fd, const char *where, VckcError **err)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  if (dir == NULL)
    {
      vckc_set_error_errno (err, errno, "cannot read the folder '%s'", where);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  errno = 0;
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (errno != 0)
    {
      vckc_set_error_errno (err, errno, "cannot read the folder '%s'", where);
      g_clear_pointer (&names, g_ptr_array_unref);
    }
  closedir (dir);
  return g_steal_pointer (&names);
}
