/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changed blocks that QEMU reports over NBD: a dirty bitmap, and what reads as zeros, asked for
 * together. Without libnbd in the build there is nothing of this.
 */

#pragma once

#include "model/extent-reader.h"

typedef struct _VckcNbdClient VckcNbdClient; /* see nbd/nbd-client.h */

/* How long an answer may take by default, in milliseconds. */
#define VCKC_NBD_TIMEOUT (30 * 1000)

/* Strings are borrowed for the call. */
typedef struct
{
  const char *uri;    /* of the export */
  const char *peer;   /* names the server in messages */
  const char *bitmap; /* (nullable): as QEMU exports it; NULL: all of the disk is DIRTY */
  guint64 capacity;   /* the size that the export must have, in bytes */
  bool with_zero;     /* else there is neither ZERO nor DATA; required without a bitmap */
  guint timeout;      /* milliseconds that each answer may take */
} VckcNbdExtents;

/* Can they be read? NO_SUPPORT if not. */
bool vckc_nbd_extents_check_support (VckcError **err);

/* Reads all of them, so that the export is of no more use. Fails as a VckcNbdClient does. */
VckcExtentReader *vckc_nbd_extents_read (const VckcNbdExtents *source, VckcError **err);

/* Connects for reading extents, and data perhaps. */
VckcNbdClient *vckc_nbd_extents_connect (const VckcNbdExtents *source, VckcError **err);
/* Reads them as they are asked for, over that connection, which must outlive the reader. */
VckcExtentReader *vckc_nbd_extents_open (const VckcNbdExtents *source, VckcNbdClient *client);
