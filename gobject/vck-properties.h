/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The properties of a domain, of a checkpoint or of a backup job that may change while it exists.
 *
 * Events are written here at once, in the thread of the change, so that the properties are right
 * when the call that made the change returns; `notify` is emitted later, in the main context of the
 * connection. They are apart from the object, so that writing them needs no reference to it.
 * Thread-safe.
 */

#pragma once

#include "vck-job-progress.h"

typedef struct _VckProperties VckProperties;

typedef enum
{
  VCK_PROPERTY_NAME,
  VCK_PROPERTY_DESCRIPTION,
  VCK_PROPERTY_PARENT_NAME,
  VCK_PROPERTY_UUID,
  VCK_N_TEXTS,
} VckTextProperty;

typedef enum
{
  VCK_PROPERTY_STATE,
  VCK_PROPERTY_CREATION_TIME,
  VCK_PROPERTY_SIZE,
  VCK_PROPERTY_MEASURED_AT,
  VCK_N_NUMBERS,
} VckNumberProperty;

/* Sets of properties. */
#define VCK_PROPERTIES_TEXT(property) (1u << (property))
#define VCK_PROPERTIES_NUMBER(property) (1u << (VCK_N_TEXTS + (property)))
#define VCK_PROPERTIES_PARENT (1u << (VCK_N_TEXTS + VCK_N_NUMBERS))

/* Texts are NULL, numbers are 0, the size is -1. */
VckProperties *vck_properties_new (void);
/* Those of a job. */
VckProperties *vck_properties_new_of_job (VckcJobInfo *info);
VckProperties *vck_properties_ref (VckProperties *self);
void vck_properties_unref (VckProperties *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckProperties, vck_properties_unref)

/* All return whether the value changed. */
gboolean vck_properties_set_text (VckProperties *self,
                                  VckTextProperty property,
                                  const char *text /* (nullable) */);
gboolean vck_properties_set_number (VckProperties *self, VckNumberProperty property, gint64 number);
gboolean vck_properties_set_parent (VckProperties *self,
                                    VckcDomainCheckpoint *parent /* (nullable) */);

/* What was measured at that time, in microseconds since 1970: changed together. Returns whether it
 * changed. */
gboolean vck_properties_set_measured (VckProperties *self,
                                      gint64 size,
                                      VckcCheckpointState state,
                                      gint64 measured_at);

/* Returns the set of properties that changed since the last call. */
guint vck_properties_take_changes (VckProperties *self);

char *vck_properties_dup_text (VckProperties *self, VckTextProperty property);
gint64 vck_properties_get_number (VckProperties *self, VckNumberProperty property);

/* A reference to the parent, or NULL. */
VckcDomainCheckpoint *vck_properties_ref_parent (VckProperties *self);

/* What is known of the job, borrowed; NULL if it is not one. */
VckJobProgress *vck_properties_get_job (VckProperties *self);

/* The name lives as long as `self`, even if it is replaced. */
const char *vck_properties_get_name (VckProperties *self);
