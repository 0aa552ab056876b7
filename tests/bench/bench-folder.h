/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

/* Removes a folder with all in it; no link is followed. */
void bench_folder_remove (const char *path);
