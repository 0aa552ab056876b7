/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is known of a domain or of a checkpoint and may change while it exists.
 *
 * An object reads its properties from here. Events write here at once, in the thread of the
 * change, so that the properties are right when the call that made the change returns; telling
 * (`notify`) comes later, in the main context of the connection. They are apart from the object so
 * that nobody needs a reference to it to do so. Safe to use from any thread.
 */

#pragma once

#include <glib.h>

typedef struct _VckFacts VckFacts;

typedef enum
{
  VCK_FACT_NAME,
  VCK_FACT_DESCRIPTION,
  VCK_FACT_PARENT_NAME,
  VCK_N_TEXTS,
} VckFactText;

typedef enum
{
  VCK_FACT_STATE,
  VCK_FACT_CREATION_TIME,
  VCK_N_NUMBERS,
} VckFactNumber;

/* Sets of facts. */
#define VCK_FACTS_TEXT(fact) (1u << (fact))
#define VCK_FACTS_NUMBER(fact) (1u << (VCK_N_TEXTS + (fact)))

/* Knows nothing: texts are NULL, numbers are 0. */
VckFacts *vck_facts_new (void);
VckFacts *vck_facts_ref (VckFacts *self);
void vck_facts_unref (VckFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckFacts, vck_facts_unref)

/* Both return whether it is another one now. */
gboolean vck_facts_set_text (VckFacts *self, VckFactText fact, const char *text /* (nullable) */);
gboolean vck_facts_set_number (VckFacts *self, VckFactNumber fact, gint64 number);

/* The set of facts that were changed since this was last asked. */
guint vck_facts_take_changes (VckFacts *self);

char *vck_facts_dup_text (VckFacts *self, VckFactText fact);
gint64 vck_facts_get_number (VckFacts *self, VckFactNumber fact);

/* The name lives as long as the facts, also when there is another one by then. */
const char *vck_facts_get_name (VckFacts *self);
