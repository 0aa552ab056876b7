/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a window shows, as text. */

#pragma once

#include <gtk/gtk.h>

/* The texts of the labels that can be seen: those of a row of a table in one line, with " | "
 * between its cells. A row of a tree is indented by its depth, and begins with "+" if it can be
 * expanded, with "-" if it is, else with ".". */
char *shown_describe (GtkWidget *window);
