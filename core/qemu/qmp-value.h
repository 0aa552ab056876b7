/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * JSON values that QEMU or the guest's agent sends. They are not trusted: bounded in depth and
 * number, and checked for their types. `object` may be of any type: what does not fit is INTERNAL,
 * with a message that names the member.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcQmpValue VckcQmpValue; /* parts of a value live as long as the whole */

/* Parses the text of one object, as vckc_json_parse_object() does; NULL with the reason if it is
 * none. */
VckcQmpValue *vckc_qmp_value_parse (const char *text, gsize length, char **ret_why);
/* Frees what vckc_qmp_value_parse() has returned. */
void vckc_qmp_value_free (VckcQmpValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpValue, vckc_qmp_value_free)

/* A member of any type; NULL if there is none. */
const VckcQmpValue *vckc_qmp_value_get (const VckcQmpValue *object, const char *name);
bool vckc_qmp_value_has (const VckcQmpValue *object, const char *name);
/* A member that is an object itself. */
const VckcQmpValue *
vckc_qmp_value_get_object (const VckcQmpValue *object, const char *name, VckcError **err);
const char *
vckc_qmp_value_get_string (const VckcQmpValue *object, const char *name, VckcError **err);
bool vckc_qmp_value_get_bool (const VckcQmpValue *object,
                              const char *name,
                              bool *ret_value,
                              VckcError **err);
bool vckc_qmp_value_get_uint (const VckcQmpValue *object,
                              const char *name,
                              guint64 *ret_value,
                              VckcError **err);
/* Is it the number 0? */
bool vckc_qmp_value_is_zero (const VckcQmpValue *value);
/* A member that is an array; with `name` NULL the value itself must be one. */
const VckcQmpValue *
vckc_qmp_value_get_array (const VckcQmpValue *value, const char *name, VckcError **err);
guint vckc_qmp_array_get_length (const VckcQmpValue *array);
const VckcQmpValue *vckc_qmp_array_get_element (const VckcQmpValue *array, guint index);
