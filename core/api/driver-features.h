/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What each driver has, in words for people: the page about places is made of it. */

#pragma once

#include <glib.h>

typedef enum
{
  VCKC_SUPPORT_URI,
  VCKC_SUPPORT_DAEMON,
  VCKC_SUPPORT_OTHER_HOSTS,
  VCKC_SUPPORT_AUTHENTICATE,
  VCKC_SUPPORT_DOMAINS,
  VCKC_SUPPORT_STATE,
  VCKC_SUPPORT_CREATE_RUNNING,
  VCKC_SUPPORT_CREATE_OFF,
  VCKC_SUPPORT_DELETE_RUNNING,
  VCKC_SUPPORT_DELETE_OFF,
  VCKC_SUPPORT_SIZE_RUNNING,
  VCKC_SUPPORT_SIZE_OFF,
  VCKC_SUPPORT_QUIESCE,
  VCKC_SUPPORT_VALIDATE,
  VCKC_SUPPORT_VERIFY,
  VCKC_SUPPORT_REPAIR,
  VCKC_SUPPORT_TRANSFER,
  VCKC_SUPPORT_OWN_SIGNALS,
  VCKC_SUPPORT_OTHER_SIGNALS,
  VCKC_SUPPORT_INTERRUPTED,
  VCKC_N_SUPPORT,
} VckcSupport;

/* What a driver's table is: one answer for each. */
typedef const char *const VckcSupportTable[VCKC_N_SUPPORT];

/* A table in Markdown, one column for each driver. */
char *vckc_support_format (void);
