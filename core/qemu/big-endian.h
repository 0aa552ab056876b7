/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Numbers as qcow2 keeps them. Nothing need be aligned. */

#pragma once

#include <glib.h>
#include <string.h>

static inline guint16
vckc_be16 (const guint8 *data)
{
  return (guint16) (data[0] << 8 | data[1]);
}

static inline guint32
vckc_be32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_BE (value);
}

static inline guint64
vckc_be64 (const guint8 *data)
{
  guint64 value;

  memcpy (&value, data, sizeof value);
  return GUINT64_FROM_BE (value);
}

static inline void
vckc_put_be32 (guint8 *data, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (data, &value, sizeof value);
}

static inline void
vckc_put_be64 (guint8 *data, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (data, &value, sizeof value);
}
