/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The member "disks" of a JSON object: an object for each disk, under its target. Each is a struct
 * that begins with the target, `char *`. */

#pragma once

#include "backup/manifest-fields.h"

typedef struct
{
  const VckcField *fields; /* of the struct */
  gsize n_fields;
  gsize size; /* of the struct */
} VckcDiskFields;

/* Adds a struct with nothing but its target. */
gpointer vckc_disk_fields_add (const VckcDiskFields *fields, GPtrArray *disks, const char *target);
void vckc_disk_fields_free (const VckcDiskFields *fields, gpointer disk);

/* Adds all of them. False with the reason, a part of a sentence. */
bool vckc_disk_fields_read (const VckcDiskFields *fields,
                            JsonObject *object,
                            GPtrArray *disks,
                            char **ret_why);

void
vckc_disk_fields_write (const VckcDiskFields *fields, const GPtrArray *disks, JsonObject *object);
