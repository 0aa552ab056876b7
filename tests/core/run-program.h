/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Runs a program, which must succeed; words are separated by |, which no path of a test has. */
void run_program (const char *format, ...) G_GNUC_PRINTF (1, 2);
