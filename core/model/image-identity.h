/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which image a disk had when something was recorded of it. A path names whatever file is there
 * now; the number and the time of birth of a file stay with it when it is renamed, and are those
 * of no other.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

/* Which image there is at a path. */
typedef struct
{
  guint64 device; /* that has it now; 0 if nothing is known */
  guint64 number; /* of the file on it; 0 for a block device, which is `device` itself */
  gint64 birth;   /* of the file, in nanoseconds since 1970; 0 if not known */
  bool lasting;   /* `number` and `birth` stay with the file, also when the host starts again */
} VckcBlockImage;

typedef struct
{
  char *path;     /* (nullable): where the image was */
  guint64 number; /* of the file in its file system; 0 if not known */
  gint64 birth;   /* of the file, in nanoseconds since 1970; 0 if not known */
} VckcImageIdentity;

typedef enum
{
  VCKC_IMAGE_UNCERTAIN, /* too little is known */
  VCKC_IMAGE_SAME,
  VCKC_IMAGE_OTHER,
} VckcImageMatch;

void vckc_image_identity_clear (VckcImageIdentity *identity);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcImageIdentity, vckc_image_identity_clear)

void vckc_image_identity_copy (const VckcImageIdentity *identity, VckcImageIdentity *ret_copy);

/* `now`: what is at `path`; if nothing is known of it, the path is all that is kept. */
void
vckc_image_identity_init (VckcImageIdentity *identity, const char *path, const VckcBlockImage *now);

/* Is it the image that was recorded? By its file, never by its path. */
VckcImageMatch vckc_image_identity_match (const VckcImageIdentity *recorded,
                                          const VckcBlockImage *now);

/* Have two disks one image at this moment? */
bool vckc_block_image_is_same (const VckcBlockImage *one, const VckcBlockImage *other);
