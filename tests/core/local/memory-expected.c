/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "memory-expected.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "image-fixture.h"

void
memory_expected_note (MemoryExpected *disk, guint64 offset, guint64 length)
{
  disk->n_writes++;
  for (guint64 i = offset / MEMORY_BLOCK; i <= (offset + length - 1) / MEMORY_BLOCK; i++)
    disk->written[i] = disk->n_writes;
}

static char *
memory_expected_write (const MemoryExpected *disk, const char *folder)
{
  char *path = g_build_filename (folder, "expected.raw", NULL);
  g_autofree guint64 *block = g_malloc (MEMORY_BLOCK);
  int fd = g_open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, MEMORY_CAPACITY), ==, 0);
  for (guint64 i = 0; i < MEMORY_BLOCKS; i++)
    {
      if (disk->written[i] == 0)
        continue;
      for (guint64 word = 0; word < MEMORY_BLOCK / 8; word += 2)
        {
          block[word] = GUINT64_TO_LE (i * MEMORY_BLOCK + word * 8);
          block[word + 1] = GUINT64_TO_LE (disk->written[i]);
        }
      g_assert_cmpint (pwrite (fd, block, MEMORY_BLOCK, (off_t) (i * MEMORY_BLOCK)), ==,
                       MEMORY_BLOCK);
    }
  close (fd);
  return path;
}

void
memory_expected_compare (const MemoryExpected *disk, const char *folder, const char *options)
{
  g_autofree char *path = memory_expected_write (disk, folder);
  g_autofree char *first = g_strdup_printf ("driver=raw,file.driver=file,file.filename=%s", path);
  const char *const compare[] = { "qemu-img", "compare", "--image-opts", first, options, NULL };
  g_autofree char *said = image_fixture_run (compare);

  g_assert_nonnull (strstr (said, "identical"));
  g_unlink (path);
}
