/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd/nbd-extents.h"

#include <string.h>

#include "model/extent-runs.h"
#include "nbd/nbd-client.h"

#define MAP_CONTEXT "base:allocation"
/* The flags of that context and of the bitmap's, as the NBD protocol and QEMU define them. */
#define MAP_HOLE (1 << 0)
#define MAP_ZERO (1 << 1)
#define BITMAP_DIRTY (1 << 0)

/* How much to ask for at a time: a length has 32 bits, and whole blocks are asked for. */
#define REQUEST_LENGTH G_GUINT64_CONSTANT (0xffff0000)
/* The smallest block that QEMU has; only the end of a disk may be no multiple. */
#define SECTOR 512
/* How many extents of one answer are taken; what follows is asked for again. */
#define ANSWER_MAX (1024 * 1024)
/* More answers than this, and one more for each MiB of the disk, are not taken from a server. */
#define N_ANSWERS 1024

/* What a server says in one context. */
typedef struct
{
  const char *context; /* (nullable): NULL if it is not asked for */
  GArray *extents;     /* owned */
  guint64 end;         /* of what it says */
  bool answered;
} StatusList;

typedef struct
{
  guint64 offset;    /* that was asked for */
  guint64 capacity;  /* of the disk */
  StatusList bitmap; /* the dirty extents */
  StatusList map;    /* all extents, where zeros are asked for */
  const char *fault; /* (nullable): what is wrong with the answer */
} StatusAnswer;

static void
status_answer_init (StatusAnswer *answer, const char *bitmap_context, guint64 capacity)
{
  *answer = (StatusAnswer){ .capacity = capacity };
  answer->bitmap = (StatusList){ bitmap_context, vckc_extents_new (), 0, false };
  answer->map = (StatusList){ MAP_CONTEXT, vckc_extents_new (), 0, false };
}

static void
status_answer_clear (StatusAnswer *answer)
{
  g_clear_pointer (&answer->bitmap.extents, g_array_unref);
  g_clear_pointer (&answer->map.extents, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StatusAnswer, status_answer_clear)

static void
status_list_begin (StatusList *list, guint64 offset)
{
  g_array_set_size (list->extents, 0);
  list->end = offset;
  list->answered = false;
}

/* Of the bitmap only what is dirty counts. */
static void
status_list_add (StatusList *list, bool is_map, guint32 length, guint32 flags)
{
  if (!is_map && (flags & BITMAP_DIRTY) != 0)
    vckc_extents_add (list->extents, list->end, length, VCKC_EXTENT_DIRTY);
  else if (is_map && (flags & MAP_ZERO) != 0)
    vckc_extents_add (list->extents, list->end, length, VCKC_EXTENT_ZERO);
  else if (is_map && (flags & MAP_HOLE) == 0)
    vckc_extents_add (list->extents, list->end, length, VCKC_EXTENT_DATA);
  list->end += length;
}

/* What is wrong with the next extent; NULL if nothing is. */
static const char *
status_answer_find_fault (const StatusAnswer *answer, const StatusList *list, guint32 length)
{
  if (length == 0)
    return "an extent without length";
  if (length > answer->capacity - list->end)
    return "an extent beyond the end of the disk";
  if (length % SECTOR != 0 && list->end + length != answer->capacity)
    return "an extent that ends inside a sector";
  return NULL;
}

static void
extents_status_cb (const char *context,
                   guint64 offset,
                   const guint32 *entries,
                   gsize n_entries,
                   gpointer data)
{
  StatusAnswer *answer = data;
  const bool is_map = strcmp (context, MAP_CONTEXT) == 0;
  StatusList *list = is_map ? &answer->map : &answer->bitmap;

  if (answer->fault != NULL)
    return;
  if (g_strcmp0 (context, list->context) != 0)
    answer->fault = "the status in a context that was not asked for";
  else if (list->answered || offset != answer->offset || n_entries % 2 != 0)
    answer->fault = "a status that belongs to no request";
  list->answered = true;
  for (gsize i = 0; answer->fault == NULL && i < MIN (n_entries, 2 * ANSWER_MAX); i += 2)
    {
      answer->fault = status_answer_find_fault (answer, list, entries[i]);
      if (answer->fault == NULL)
        status_list_add (list, is_map, entries[i], entries[i + 1]);
    }
}

/* Where both end: the contexts may have been answered for parts of different length. */
static guint64
status_answer_get_reach (const StatusAnswer *answer, bool with_zero)
{
  if (answer->bitmap.context == NULL)
    return answer->map.end;
  return with_zero ? MIN (answer->bitmap.end, answer->map.end) : answer->bitmap.end;
}

/* Drops what lies behind `reach`. */
static void
status_list_cut (StatusList *list, guint64 reach)
{
  while (list->extents->len > 0)
    {
      VckcExtent *last = &g_array_index (list->extents, VckcExtent, list->extents->len - 1);

      if (last->offset < reach)
        {
          last->length = MIN (last->length, reach - last->offset);
          return;
        }
      g_array_set_size (list->extents, list->extents->len - 1);
    }
}

/* Adds what was answered, up to `reach`. Without a bitmap all of it counts. */
static void
status_answer_take (StatusAnswer *answer, guint64 reach, GArray *extents)
{
  if (answer->bitmap.context == NULL)
    vckc_extents_add (answer->bitmap.extents, answer->offset, reach - answer->offset,
                      VCKC_EXTENT_DIRTY);
  status_list_cut (&answer->bitmap, reach);
  vckc_extents_add_merged (extents, answer->bitmap.extents, answer->map.extents);
}

/* --- the reader --- */

typedef struct
{
  VckcExtentReader reader; /* first */
  VckcNbdClient *client;   /* borrowed */
  char *peer;
  char *context; /* of the bitmap; NULL for none */
  bool with_zero;
  StatusAnswer answer;
  guint64 n_answers; /* so far */
} NbdExtentsReader;

/* A server that answers in tiny parts would be asked for ever. */
static bool
nbd_extents_check_progress (const NbdExtentsReader *self, VckcError **err)
{
  const guint64 capacity = self->answer.capacity;

  if (self->n_answers < N_ANSWERS + capacity / (1024 * 1024))
    return true;
  vckc_set_error (err, VCKC_ERROR_INTERNAL,
                  "%s answers in parts that are too small: %" G_GUINT64_FORMAT
                  " answers for %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                  self->peer, self->n_answers, self->answer.offset, capacity);
  return false;
}

/* Asks for the status from answer->offset on. */
static bool
nbd_extents_ask (NbdExtentsReader *self, VckcError **err)
{
  StatusAnswer *answer = &self->answer;
  const guint64 length = MIN (answer->capacity - answer->offset, REQUEST_LENGTH);

  status_list_begin (&answer->bitmap, answer->offset);
  status_list_begin (&answer->map, answer->offset);
  if (!vckc_nbd_client_query_status (self->client, answer->offset, (guint32) length,
                                     extents_status_cb, answer, err))
    return false;
  if (answer->fault == NULL && status_answer_get_reach (answer, self->with_zero) == answer->offset)
    answer->fault = "an answer without the status";
  if (answer->fault != NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL,
                    "%s sent %s, asked for what was changed at %" G_GUINT64_FORMAT, self->peer,
                    answer->fault, answer->offset);
  return answer->fault == NULL;
}

static bool
nbd_extents_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  NbdExtentsReader *self = (NbdExtentsReader *) reader;
  StatusAnswer *answer = &self->answer;

  if (answer->offset < answer->capacity)
    {
      guint64 reach;

      if (!nbd_extents_check_progress (self, err) || !nbd_extents_ask (self, err))
        return false;
      reach = status_answer_get_reach (answer, self->with_zero);
      status_answer_take (answer, reach, extents);
      answer->offset = reach;
      self->n_answers++;
    }
  *ret_end = answer->offset == answer->capacity;
  return true;
}

static void
nbd_extents_free (VckcExtentReader *reader)
{
  NbdExtentsReader *self = (NbdExtentsReader *) reader;

  status_answer_clear (&self->answer);
  g_free (self->peer);
  g_free (self->context);
  g_free (self);
}

static const VckcExtentReaderClass nbd_extents_class = { .next = nbd_extents_next,
                                                         .free = nbd_extents_free };

/* --- */

bool
vckc_nbd_extents_check_support (VckcError **err)
{
  return true;
}

/* The name of the context of the bitmap; NULL without one. */
static char *
nbd_extents_make_context (const VckcNbdExtents *source)
{
  return source->bitmap != NULL ? g_strconcat ("qemu:dirty-bitmap:", source->bitmap, NULL) : NULL;
}

VckcNbdClient *
vckc_nbd_extents_connect (const VckcNbdExtents *source, VckcError **err)
{
  g_autofree char *bitmap_context = nbd_extents_make_context (source);
  const char *contexts[] = { NULL, NULL, NULL };
  const VckcNbdOptions options = { source->uri, source->peer, contexts, source->timeout };
  g_autoptr (VckcNbdClient) client = NULL;
  guint n = 0;

  g_assert (source->bitmap != NULL || source->with_zero);
  if (bitmap_context != NULL)
    contexts[n++] = bitmap_context;
  if (source->with_zero)
    contexts[n++] = MAP_CONTEXT;
  client = vckc_nbd_client_new (&options, err);
  if (client == NULL || vckc_nbd_client_get_size (client) == source->capacity)
    return g_steal_pointer (&client);
  vckc_set_error (err, VCKC_ERROR_INTERNAL,
                  "%s exports %" G_GUINT64_FORMAT " bytes of a disk of %" G_GUINT64_FORMAT,
                  source->peer, vckc_nbd_client_get_size (client), source->capacity);
  return NULL;
}

VckcExtentReader *
vckc_nbd_extents_open (const VckcNbdExtents *source, VckcNbdClient *client)
{
  NbdExtentsReader *self = g_new0 (NbdExtentsReader, 1);

  self->reader.klass = &nbd_extents_class;
  self->client = client;
  self->peer = g_strdup (source->peer);
  self->context = nbd_extents_make_context (source);
  self->with_zero = source->with_zero;
  status_answer_init (&self->answer, self->context, source->capacity);
  return &self->reader;
}

static bool
nbd_extents_keep_all (VckcExtentReader *reader, VckcExtentRuns *runs, VckcError **err)
{
  g_autoptr (GArray) extents = vckc_extents_new ();
  bool end = false;

  while (!end)
    {
      g_array_set_size (extents, 0);
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return false;
      for (guint i = 0; i < extents->len; i++)
        if (!vckc_extent_runs_add (runs, &g_array_index (extents, VckcExtent, i), err))
          return false;
    }
  return true;
}

VckcExtentReader *
vckc_nbd_extents_read (const VckcNbdExtents *source, VckcError **err)
{
  g_autoptr (VckcNbdClient) client = vckc_nbd_extents_connect (source, err);
  g_autoptr (VckcExtentReader) reader =
      client != NULL ? vckc_nbd_extents_open (source, client) : NULL;
  g_autoptr (VckcExtentRuns) runs = vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX);

  return reader != NULL && nbd_extents_keep_all (reader, runs, err)
             ? vckc_extent_runs_open (g_steal_pointer (&runs))
             : NULL;
}
