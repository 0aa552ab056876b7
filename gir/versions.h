/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The versions that the `Since:` lines of the core name. */

#pragma once

#include "library.h"
#include "problems.h"

typedef struct
{
  guint major;
  guint minor;
} BgVersion;

/* "1.2", or "1.2.3" without its last part. FALSE if it is something else. */
gboolean bg_version_parse (const char *text, BgVersion *version);

/* Every version in use and that of the library, in order, each once: an array of BgVersion. */
GArray *bg_versions_new (const BgApi *api, const BgLibrary *library);

/* Refuses a `Since:` that is no version, or newer than the library. */
void bg_versions_check (const BgApi *api, const BgLibrary *library, BgProblems *problems);
