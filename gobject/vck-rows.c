/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-rows.h"

typedef struct
{
  gpointer object; /* owned reference */
  guint64 rank;
} Row;

typedef enum
{
  STEP_ADD,
  STEP_REMOVE,
  STEP_REPLACE, /* becomes a removal and an addition when it begins */
  STEP_ARRANGE, /* the same; the ranks are the positions */
} StepKind;

/* A change that is queued, or under way. */
typedef struct
{
  StepKind kind;
  gboolean is_prepared; /* of an addition: only what is left to be added, in its order */
  GArray *rows;         /* of Row, owned */
  GHashTable *going; /* of a removal: the rows that are left to be removed, borrowed from `rows` */
} Step;

struct _VckRows
{
  GListModel *model; /* borrowed */
  GArray *rows;      /* of Row, owned */
  GHashTable *known; /* the objects of the same rows, borrowed */
  GQueue steps;      /* of Step */
};

static void
row_clear_cb (gpointer data)
{
  Row *row = data;

  g_clear_object (&row->object);
}

static GArray *
row_array_new (void)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));

  g_array_set_clear_func (rows, row_clear_cb);
  return rows;
}

static gpointer
row_array_get (GArray *rows, guint position)
{
  return g_array_index (rows, Row, position).object;
}

static Step *
step_new (StepKind kind)
{
  Step *step = g_new0 (Step, 1);

  step->kind = kind;
  step->rows = row_array_new ();
  if (kind == STEP_REMOVE)
    step->going = g_hash_table_new (NULL, NULL);
  return step;
}

static void
step_free (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->going, g_hash_table_unref);
  g_array_unref (step->rows);
  g_free (step);
}

VckRows *
vck_rows_new (GListModel *model)
{
  VckRows *self = g_new0 (VckRows, 1);

  self->model = model;
  self->rows = row_array_new ();
  self->known = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->steps);
  return self;
}

void
vck_rows_free (VckRows *self)
{
  g_queue_clear_full (&self->steps, step_free);
  g_hash_table_unref (self->known);
  g_array_unref (self->rows);
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
  return position < self->rows->len ? g_object_ref (row_array_get (self->rows, position)) : NULL;
}

/* --- queueing --- */

/* The last step, if it is of that kind and has not begun; else a new one. */
static Step *
rows_extend (VckRows *self, StepKind kind)
{
  Step *last = g_queue_peek_tail (&self->steps);

  if (last != NULL && last->kind == kind && !last->is_prepared)
    return last;
  last = step_new (kind);
  g_queue_push_tail (&self->steps, last);
  return last;
}

static void
step_add_row (Step *step, gpointer object, guint64 rank)
{
  const Row row = { .object = g_object_ref (object), .rank = rank };

  g_array_append_val (step->rows, row);
  if (step->going != NULL)
    g_hash_table_add (step->going, object);
}

void
vck_rows_queue_add (VckRows *self, gpointer row, guint64 rank)
{
  step_add_row (rows_extend (self, STEP_ADD), row, rank);
}

void
vck_rows_queue_remove (VckRows *self, gpointer row)
{
  step_add_row (rows_extend (self, STEP_REMOVE), row, 0);
}

static void
rows_queue_all (VckRows *self, StepKind kind, GPtrArray *rows)
{
  Step *step = step_new (kind);

  for (guint i = 0; i < rows->len; i++)
    step_add_row (step, rows->pdata[i], kind == STEP_ARRANGE ? i + 1 : 0);
  g_ptr_array_unref (rows);
  g_queue_push_tail (&self->steps, step);
}

void
vck_rows_queue_replace (VckRows *self, GPtrArray *rows)
{
  rows_queue_all (self, STEP_REPLACE, rows);
}

void
vck_rows_queue_arrange (VckRows *self, GPtrArray *rows)
{
  rows_queue_all (self, STEP_ARRANGE, rows);
}

/* --- making the changes --- */

static void
rows_finish_step (VckRows *self, Step *step)
{
  g_queue_remove (&self->steps, step);
  step_free (step);
}

static gint
compare_ranks_cb (gconstpointer a, gconstpointer b)
{
  const Row *one = a;
  const Row *other = b;

  return (one->rank > other->rank) - (one->rank < other->rank);
}

/* Leaves what is not there yet, each once, in its order. */
static void
rows_prepare_addition (VckRows *self, Step *step)
{
  GArray *added = row_array_new ();

  for (guint i = 0; i < step->rows->len; i++)
    {
      Row *row = &g_array_index (step->rows, Row, i);

      if (!g_hash_table_add (self->known, row->object))
        continue;
      g_array_append_val (added, *row);
      row->object = NULL;
    }
  g_array_sort (added, compare_ranks_cb); /* which is stable */
  g_array_unref (step->rows);
  step->rows = added;
  step->is_prepared = TRUE;
}

/* How many rows have no greater rank. */
static guint
rows_find_end (VckRows *self, guint64 rank)
{
  guint start = 0;
  guint end = self->rows->len;

  while (start < end)
    {
      const guint middle = start + (end - start) / 2;

      if (g_array_index (self->rows, Row, middle).rank <= rank)
        start = middle + 1;
      else
        end = middle;
    }
  return start;
}

/* Adds the last run of those that come side by side; if there is none, the step is done. */
static void
rows_add (VckRows *self, Step *step)
{
  guint first;
  guint length;
  guint position;

  if (!step->is_prepared)
    rows_prepare_addition (self, step);
  first = step->rows->len;
  if (first == 0)
    {
      rows_finish_step (self, step);
      return;
    }
  position = rows_find_end (self, g_array_index (step->rows, Row, first - 1).rank);
  while (first > 0
         && rows_find_end (self, g_array_index (step->rows, Row, first - 1).rank) == position)
    first--;
  length = step->rows->len - first;
  g_array_insert_vals (self->rows, position, &g_array_index (step->rows, Row, first), length);
  for (guint i = first; i < step->rows->len; i++)
    g_array_index (step->rows, Row, i).object = NULL;
  g_array_set_size (step->rows, first);
  g_list_model_items_changed (self->model, position, 0, length);
}

/* Finds the last run of rows that are to be removed. */
static gboolean
rows_find_run (VckRows *self, GHashTable *going, guint *ret_position, guint *ret_length)
{
  guint end = self->rows->len;
  guint start;

  while (end > 0 && !g_hash_table_contains (going, row_array_get (self->rows, end - 1)))
    end--;
  start = end;
  while (start > 0 && g_hash_table_contains (going, row_array_get (self->rows, start - 1)))
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
      rows_finish_step (self, step);
      return;
    }
  for (guint i = position; i < position + length; i++)
    {
      g_hash_table_remove (step->going, row_array_get (self->rows, i));
      g_hash_table_remove (self->known, row_array_get (self->rows, i));
    }
  g_array_remove_range (self->rows, position, length);
  g_list_model_items_changed (self->model, position, length, 0);
}

/* What the rows have too much, or have out of order, is removed, and what they lack is added. */
static void
rows_split (VckRows *self, Step *step)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  Step *removal = step_new (STEP_REMOVE);
  guint64 last_rank = 0;

  for (guint i = 0; i < step->rows->len; i++)
    g_hash_table_insert (wanted, row_array_get (step->rows, i),
                         &g_array_index (step->rows, Row, i));
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);
      const Row *now = g_hash_table_lookup (wanted, row->object);

      if (now == NULL || now->rank < last_rank)
        step_add_row (removal, row->object, 0);
      else if (step->kind == STEP_ARRANGE)
        row->rank = last_rank = now->rank;
    }
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

void
vck_rows_announce (VckRows *self, gpointer row, guint64 rank)
{
  const guint end = rows_find_end (self, rank);

  if (end > 0 && row_array_get (self->rows, end - 1) == row)
    g_list_model_items_changed (self->model, end - 1, 1, 1);
}
