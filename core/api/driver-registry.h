/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The drivers of this build, and which one a URI is for. */

#pragma once

#include "handles/driver.h"

/* Finds the driver that claims the scheme, else the one for all other schemes, or sets
 * NO_CONNECT. */
const VckcDriver *vckc_driver_find (const char *scheme, VckcError **err);

/* The drivers of this build, by number from 0; NULL behind the last one. */
const VckcDriver *vckc_driver_get (guint index);

/* A driver that this build lacks, and why. */
typedef struct
{
  const char *name;
  const char *reason;
} VckcAbsentDriver;

/* Those, by number from 0; NULL behind the last one. */
const VckcAbsentDriver *vckc_driver_get_absent (guint index);

/* Splits a URI such as "local:", "local:///srv/vms" or "memory:///default". */
bool vckc_uri_parse (const char *text, VckcUri *ret_uri, VckcError **err);
void vckc_uri_clear (VckcUri *uri);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcUri, vckc_uri_clear)
