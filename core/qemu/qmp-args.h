/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The arguments of a QMP command: an object, filled member by member. Texts must be UTF-8.
 * Inside an array names are NULL. */

#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct _VckcQmpArgs VckcQmpArgs;

VckcQmpArgs *vckc_qmp_args_new (void);
void vckc_qmp_args_free (VckcQmpArgs *args);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpArgs, vckc_qmp_args_free)

void vckc_qmp_args_add_string (VckcQmpArgs *args, const char *name, const char *value);
void vckc_qmp_args_add_bool (VckcQmpArgs *args, const char *name, bool value);
void vckc_qmp_args_add_uint (VckcQmpArgs *args, const char *name, guint64 value);
void vckc_qmp_args_add_null (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_begin_object (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_end_object (VckcQmpArgs *args);
void vckc_qmp_args_begin_array (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_end_array (VckcQmpArgs *args);

/* One command as a line of JSON, with the arguments, unless they are NULL, and the number,
 * unless that is 0. Nothing can be added to the arguments afterwards. */
char *vckc_qmp_args_format_command (VckcQmpArgs *args, const char *command, guint64 id);
