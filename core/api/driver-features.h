/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What each driver can do, as a table for the documentation. */

#pragma once

/* A table in Markdown, one column for each driver. */
char *vckc_support_format (void);
