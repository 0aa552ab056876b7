/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A file beside an image, which a running QEMU writes instead of a backup file on a file system
 * that depends on more than this host (see remote-file-system.h): a guest's write waits until what
 * it overwrites is copied, and must not wait for a network. Once QEMU has written all, the file is
 * copied to where it belongs. It has no name, so that nothing is left of it when the program ends.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcPushScratch VckcPushScratch;

/* What there is to be written, and for which disk. Strings are borrowed for the call. */
typedef struct
{
  int fd; /* of the backup file */
  const char *file;
  const char *image; /* of the disk */
  bool image_is_device;
} VckcPushTarget;

/* Makes one, with what is in the backup file already, if that needs it: *ret_scratch is NULL if it
 * does not, as on the file system of the image, for which the guest waits anyway. */
bool vckc_push_scratch_new (const VckcPushTarget *target,
                            VckcPushScratch **ret_scratch,
                            VckcError **err);
void vckc_push_scratch_free (VckcPushScratch *self);

/* The file, open for reading and writing. */
int vckc_push_scratch_get_fd (const VckcPushScratch *self);
/* Why it is needed, for the user. */
const char *vckc_push_scratch_get_reason (const VckcPushScratch *self);

/* Once QEMU has written all: copies to the backup file, until that is done, or for about so many
 * milliseconds. */
bool vckc_push_scratch_copy (VckcPushScratch *self, guint milliseconds, VckcError **err);
/* How much of it is copied, from 0 to 1. */
double vckc_push_scratch_get_share (const VckcPushScratch *self);
bool vckc_push_scratch_is_copied (const VckcPushScratch *self);

/* Makes certain that the backup file is stored. */
bool vckc_push_scratch_sync (VckcPushScratch *self, VckcError **err);
