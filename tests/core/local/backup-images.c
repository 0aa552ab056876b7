/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup-images.h"

#include <glib/gstdio.h>

#include "image-fixture.h"

#define MIB (1024 * 1024)

const BackupForm backup_forms[] = {
  { "compat=1.1", 65536, FALSE, 24 * MIB, FALSE },
  { "compat=1.1", 65536, FALSE, 24 * MIB, TRUE },
  { "compat=1.1,cluster_size=4096", 4096, FALSE, 9 * MIB + 512, FALSE },
  { "compat=1.1,cluster_size=2M", 2 * MIB, FALSE, 33 * MIB + 1536, TRUE },
  { "compat=1.1,cluster_size=64k,extended_l2=on", 65536, TRUE, 20 * MIB + 512, FALSE },
  { "compat=1.1,lazy_refcounts=on", 65536, FALSE, 16 * MIB - 512, FALSE },
};
const guint n_backup_forms = G_N_ELEMENTS (backup_forms);

const BackupForm backup_form_large = { "compat=1.1,preallocation=falloc", 65536, FALSE, 256 * MIB,
                                       FALSE };

static void
make_image (const char *path, const char *backing, const BackupForm *form, guint64 size)
{
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  const char *const with[] = { "qemu-img", "create", "-q", "-f",    "qcow2", "-o",  form->options,
                               "-b",       backing,  "-F", "qcow2", path,    bytes, NULL };
  const char *const without[] = { "qemu-img", "create",      "-q", "-f",  "qcow2",
                                  "-o",       form->options, path, bytes, NULL };

  g_free (image_fixture_run (backing != NULL ? with : without));
}

char *
backup_images_make (const char *folder, const char *name, const BackupForm *form)
{
  g_autofree char *file = g_strconcat (name, ".qcow2", NULL);
  g_autofree char *base_file = g_strconcat (name, "-base.qcow2", NULL);
  g_autofree char *base = g_build_filename (folder, base_file, NULL);
  char *path = g_build_filename (folder, file, NULL);

  if (form->on_backing)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (7);

      /* Shorter than the image, so that the rest of that is zero. */
      make_image (base, NULL, form, form->size / 2 / 512 * 512);
      backup_images_change (base, form->size / 2 / 512 * 512, rand);
    }
  make_image (path, form->on_backing ? base : NULL, form, form->size);
  return path;
}

/* One change as a command of qemu-io. */
static char *
make_command (guint64 size, GRand *rand)
{
  static const guint lengths[] = { 512, 4096, 65536, 200 * 1024, MIB };
  guint64 length = lengths[g_rand_int_range (rand, 0, G_N_ELEMENTS (lengths))];
  guint64 offset = (guint64) (g_rand_double (rand) * (double) (size - length)) / 512 * 512;

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      return g_strdup_printf ("write -z %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, offset, length);
    case 1:
      return g_strdup_printf ("write -z -u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, offset,
                              length);
    case 2:
      return g_strdup_printf ("discard %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, offset, length);
    default:
      return g_strdup_printf ("write -P %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                              g_rand_int_range (rand, 1, 256), offset, length);
    }
}

void
backup_images_change (const char *image, guint64 size, GRand *rand)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup ("qemu-io"));
  g_ptr_array_add (argv, g_strdup ("-d"));
  g_ptr_array_add (argv, g_strdup ("unmap"));
  g_ptr_array_add (argv, g_strdup ("-t"));
  g_ptr_array_add (argv, g_strdup ("unsafe"));
  g_ptr_array_add (argv, g_strdup ("-f"));
  g_ptr_array_add (argv, g_strdup ("qcow2"));
  for (guint i = 0; i < 12; i++)
    {
      g_ptr_array_add (argv, g_strdup ("-c"));
      g_ptr_array_add (argv, make_command (size, rand));
    }
  g_ptr_array_add (argv, g_strdup (image));
  g_ptr_array_add (argv, NULL);
  g_free (image_fixture_run ((const char *const *) argv->pdata));
}

char *
backup_images_hash (const char *image, const char *format)
{
  g_autofree char *raw = g_strconcat (image, ".raw", NULL);
  const char *const convert[] = { "qemu-img", "convert", "-U",  "-f", format,
                                  "-O",       "raw",     image, raw,  NULL };
  char *hash;

  g_free (image_fixture_run (convert));
  hash = image_fixture_hash (raw);
  g_unlink (raw);
  return hash;
}
