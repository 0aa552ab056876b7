/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-folder.h"

#include <glib/gstdio.h>

void
bench_folder_remove (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      if (g_file_test (below, G_FILE_TEST_IS_DIR) && !g_file_test (below, G_FILE_TEST_IS_SYMLINK))
        bench_folder_remove (below);
      else
        g_remove (below);
    }
  g_rmdir (path);
}
