/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The lists that an object has while the program holds them: it does not keep them alive.
 * Thread-safe.
 */

#pragma once

#include <glib-object.h>

typedef enum
{
  VCK_LIST_SLOT_MAIN,  /* domains of a connection, checkpoints of a domain, children of one */
  VCK_LIST_SLOT_DISKS, /* of a domain or a checkpoint */
  VCK_LIST_SLOT_ROOTS, /* of a domain */
  VCK_N_LIST_SLOTS
} VckListSlot;

typedef struct
{
  GMutex lock; /* while one is made */
  GWeakRef models[VCK_N_LIST_SLOTS];
} VckListSlots;

void vck_list_slots_init (VckListSlots *self);
void vck_list_slots_clear (VckListSlots *self);

/* A reference to the list, or NULL if there is none. */
gpointer vck_list_slots_ref (VckListSlots *self, VckListSlot slot);

/* The same, made by `make` of `data` if there is none. */
gpointer vck_list_slots_make (VckListSlots *self,
                              VckListSlot slot,
                              gpointer (*make) (gpointer data),
                              gpointer data,
                              gboolean *ret_made);
