/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How a stub for Python writes the signals of a class: overloads of connect() with their names and
 * the types of their handlers. */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

/* Writes those of a class with properties, which all of `notify` are for, or with own signals. */
void bg_pyi_put_signals (GString *stub, xmlNode *klass, const char *class_name);
