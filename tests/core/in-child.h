/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* Calls `func` in a forked child, which must return from it within TIMEOUT_S seconds. */
void in_child (void (*func) (gpointer data), gpointer data);
