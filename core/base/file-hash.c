/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/file-hash.h"

#include <unistd.h>

#include "base/cancel.h"

#define CHUNK (1024 * 1024)

char *
vckc_file_hash (int fd, const char *path, VckcError **err)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *chunk = g_malloc (CHUNK);
  off_t at = 0;

  for (;;)
    {
      gssize n;

      if (vckc_cancel_check ("a checksum", err))
        return NULL;
      n = pread (fd, chunk, CHUNK, at);
      if (n == 0)
        return g_strdup (g_checksum_get_string (sum));
      if (n < 0 && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot read '%s'", path);
          return NULL;
        }
      g_checksum_update (sum, chunk, MAX (n, 0));
      at += MAX (n, 0);
    }
}
