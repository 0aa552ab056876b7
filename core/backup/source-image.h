/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The image of a disk that is to be backed up, as far as a plan has to know it. Nothing is written
 * and no lock is taken. */

#pragma once

#include "base/error-private.h"

typedef struct
{
  guint64 virtual_size; /* bytes; a multiple of 512 */
  guint64 allocated;    /* bytes that a full copy has at most, unless data are compressed */
  guint64 cluster_size; /* bytes; 0 if it is not known, or the format has none */
} VckcSourceImage;

/* CONFIG_UNSUPPORTED if the format is neither qcow2 nor raw, or the image is not of that format,
 * SYSTEM_ERROR if it cannot be read on this host. */
bool vckc_source_image_examine (const char *path,
                                const char *format,
                                VckcSourceImage *ret_image,
                                VckcError **err);

/* Are the images of a connection to that URI no files, but simulated? */
bool vckc_source_images_are_simulated (const char *uri);
