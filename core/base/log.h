/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Messages of the log that say in fields what they are about, beside the text. A program that
 * collects the log, such as journald, finds by them what happened to a domain.
 *
 *   vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error), "domain '%s': …", …);
 */

#pragma once

#include <glib.h>

#include "vckc-error.h"

/* Each is NULL if there is none, and its field is left out. */
typedef struct
{
  const char *uri;        /* VCK_URI */
  const char *domain;     /* VCK_DOMAIN: the UUID, or the name of one that is known by its name */
  const char *checkpoint; /* VCK_CHECKPOINT: the name */
  const char *disk;       /* VCK_DISK: the target name */
  const char *backup;     /* VCK_BACKUP: the id */
  const VckcError *error; /* VCK_ERROR: the nick of its code, such as "busy" */
} VckcLogAbout;

#define VCKC_ABOUT(...) (&(const VckcLogAbout){ __VA_ARGS__ })

#define vckc_log_info(about, ...)                                                                  \
  vckc_log (G_LOG_LEVEL_INFO, __FILE__, G_STRINGIFY (__LINE__), G_STRFUNC, about, __VA_ARGS__)
#define vckc_log_debug(about, ...)                                                                 \
  vckc_log (G_LOG_LEVEL_DEBUG, __FILE__, G_STRINGIFY (__LINE__), G_STRFUNC, about, __VA_ARGS__)

void vckc_log (GLogLevelFlags level,
               const char *file,
               const char *line,
               const char *function,
               const VckcLogAbout *about,
               const char *format,
               ...) G_GNUC_PRINTF (6, 7);

/* The nick of a code: "busy". */
const char *vckc_log_code_nick (VckcErrorCode code);
