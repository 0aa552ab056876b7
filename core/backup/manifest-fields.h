/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Structs whose members are those of JSON objects, by a table that serves both reading and
 * writing. */

#pragma once

#include <json-glib/json-glib.h>

#include "base/error-private.h"

/* The longest text, in bytes. */
#define VCKC_MANIFEST_MAX_TEXT 4096

typedef enum
{
  VCKC_FIELD_TEXT,   /* char * */
  VCKC_FIELD_NUMBER, /* guint64, at most G_MAXINT64 */
  VCKC_FIELD_TIME,   /* gint64 */
  VCKC_FIELD_BOOL,   /* bool */
} VckcFieldType;

typedef struct
{
  const char *group; /* the object that it is in; NULL: in the outermost one */
  const char *name;
  VckcFieldType type;
  bool required; /* else a text may be null or missing, and a bool missing */
  gsize offset;
  bool (*is_valid) (const char *text); /* (nullable) */
} VckcField;

/* Fills the struct; texts are allocated. False with the reason, a part of a sentence. */
bool vckc_fields_read (const VckcField *fields,
                       gsize n_fields,
                       JsonObject *object,
                       gpointer target,
                       char **ret_why);

/* Sets the members of the object, and leaves others alone. */
void vckc_fields_write (const VckcField *fields,
                        gsize n_fields,
                        gconstpointer source,
                        JsonObject *object);

void vckc_fields_clear (const VckcField *fields, gsize n_fields, gpointer target);

/* A copy of the object whose members can be replaced; for NULL an empty one. */
JsonObject *vckc_json_object_copy (JsonObject *object);

/* Are all numbers in it such as can be written? A text may have larger ones. */
bool vckc_json_is_finite (JsonNode *node);
