/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Images for tests of backups: of many forms, with random changes by a seed, and what they hold. */

#pragma once

#include <glib.h>

/* A form that an image of a test can have. */
typedef struct
{
  const char *options; /* of qemu-img create */
  guint32 cluster_size;
  gboolean extended_l2;
  guint64 size;        /* bytes */
  gboolean on_backing; /* based on another image, which has data */
} BackupForm;

extern const BackupForm backup_forms[];
extern const guint n_backup_forms;

/* One that takes so long to copy that something can be done meanwhile. */
extern const BackupForm backup_form_large;

/* Makes an image NAME.qcow2, and what it is based on. Returns its path. */
char *backup_images_make (const char *folder, const char *name, const BackupForm *form);

/* Writes, zeroes and discards at random. */
void backup_images_change (const char *image, guint64 size, GRand *rand);

/* A hash of all that a guest would read, by QEMU's own tools. */
char *backup_images_hash (const char *image, const char *format);
