/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-rows.h"

typedef enum
{
  STEP_ADD,
  STEP_REMOVE,
  STEP_REPLACE, /* becomes a removal and an addition when it begins */
} StepKind;

typedef struct
{
  StepKind kind;
  GPtrArray *rows;   /* owned, of owned references */
  GHashTable *going; /* of a removal: the rows that are left to be removed, borrowed from `rows` */
} Step;

struct _VckRows
{
  GListModel *model; /* borrowed */
  GPtrArray *rows;   /* of owned references */
  GHashTable *known; /* the same rows, borrowed */
  GQueue steps;      /* of Step */
};

static Step *
step_new (StepKind kind, GPtrArray *rows /* (transfer full) */)
{
  Step *step = g_new0 (Step, 1);

  step->kind = kind;
  step->rows = rows;
  if (kind == STEP_REMOVE)
    step->going = g_hash_table_new (NULL, NULL);
  return step;
}

static void
step_free (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->going, g_hash_table_unref);
  g_ptr_array_unref (step->rows);
  g_free (step);
}

VckRows *
vck_rows_new (GListModel *model)
{
  VckRows *self = g_new0 (VckRows, 1);

  self->model = model;
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->steps);
  return self;
}

void
vck_rows_free (VckRows *self)
{
  g_queue_clear_full (&self->steps, step_free);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

guint
vck_rows_get_length (VckRows *self)
{
  return self->rows->len;
}

gpointer
vck_rows_get (VckRows *self, guint position)
{
  return position < self->rows->len ? g_object_ref (self->rows->pdata[position]) : NULL;
}

/* The last step, if it is of that kind; else a new one. */
static Step *
rows_extend (VckRows *self, StepKind kind)
{
  Step *last = g_queue_peek_tail (&self->steps);

  if (last != NULL && last->kind == kind)
    return last;
  last = step_new (kind, g_ptr_array_new_with_free_func (g_object_unref));
  g_queue_push_tail (&self->steps, last);
  return last;
}

static void
step_add_row (Step *step, gpointer row)
{
  g_ptr_array_add (step->rows, g_object_ref (row));
  if (step->going != NULL)
    g_hash_table_add (step->going, row);
}

void
vck_rows_queue_add (VckRows *self, gpointer row)
{
  step_add_row (rows_extend (self, STEP_ADD), row);
}

void
vck_rows_queue_remove (VckRows *self, gpointer row)
{
  step_add_row (rows_extend (self, STEP_REMOVE), row);
}

void
vck_rows_queue_replace (VckRows *self, GPtrArray *rows)
{
  g_queue_push_tail (&self->steps, step_new (STEP_REPLACE, rows));
}

/* Adds the new ones among the rows of the step at the end; then the step is done. */
static void
rows_add (VckRows *self, Step *step)
{
  const guint position = self->rows->len;

  for (guint i = 0; i < step->rows->len; i++)
    if (g_hash_table_add (self->known, step->rows->pdata[i]))
      g_ptr_array_add (self->rows, g_object_ref (step->rows->pdata[i]));
  g_queue_remove (&self->steps, step);
  step_free (step);
  if (self->rows->len > position)
    g_list_model_items_changed (self->model, position, 0, self->rows->len - position);
}

/* Finds the last run of rows that are to be removed. */
static gboolean
rows_find_run (VckRows *self, GHashTable *going, guint *ret_position, guint *ret_length)
{
  guint end = self->rows->len;
  guint start;

  while (end > 0 && !g_hash_table_contains (going, self->rows->pdata[end - 1]))
    end--;
  start = end;
  while (start > 0 && g_hash_table_contains (going, self->rows->pdata[start - 1]))
    start--;
  *ret_position = start;
  *ret_length = end - start;
  return end > start;
}

/* Removes one run; if there is none, the step is done. */
static void
rows_remove (VckRows *self, Step *step)
{
  guint position;
  guint length;

  if (!rows_find_run (self, step->going, &position, &length))
    {
      g_queue_remove (&self->steps, step);
      step_free (step);
      return;
    }
  for (guint i = position; i < position + length; i++)
    {
      g_hash_table_remove (step->going, self->rows->pdata[i]);
      g_hash_table_remove (self->known, self->rows->pdata[i]);
    }
  g_ptr_array_remove_range (self->rows, position, length);
  g_list_model_items_changed (self->model, position, length, 0);
}

/* What the rows have too much is removed, and what they lack is added. */
static void
rows_split (VckRows *self, Step *step)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  Step *removal = step_new (STEP_REMOVE, g_ptr_array_new_with_free_func (g_object_unref));

  for (guint i = 0; i < step->rows->len; i++)
    g_hash_table_add (wanted, step->rows->pdata[i]);
  for (guint i = 0; i < self->rows->len; i++)
    if (!g_hash_table_contains (wanted, self->rows->pdata[i]))
      step_add_row (removal, self->rows->pdata[i]);
  step->kind = STEP_ADD;
  g_queue_push_head (&self->steps, removal);
}

/* A handler may run the steps: what is under way is continued there. */
void
vck_rows_run (VckRows *self)
{
  G_GNUC_UNUSED g_autoptr (GListModel) alive = g_object_ref (self->model);
  Step *step;

  while ((step = g_queue_peek_head (&self->steps)) != NULL)
    switch (step->kind)
      {
      case STEP_ADD:
        rows_add (self, step);
        break;
      case STEP_REMOVE:
        rows_remove (self, step);
        break;
      default:
        rows_split (self, step);
      }
}
