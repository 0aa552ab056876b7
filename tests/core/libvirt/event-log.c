/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "event-log.h"

#include <stdlib.h>
#include <string.h>

/* When nothing is to be expected any more; only a test that fails takes that long. */
#define TIMEOUT (60 * G_TIME_SPAN_SECOND)

struct _EventLog
{
  VckcConnect *connect; /* borrowed */
  int id;
  GMutex mutex; /* covers all below */
  GCond received;
  GString *text;
};

static const char *const type_names[] = { NULL, "+domain", "-domain", "state",  "+",
                                          "-",  "~",       "closed",  "renamed" };

static void
record_cb (const VckcEvent *event, void *opaque)
{
  EventLog *self = opaque;

  if (event->type >= G_N_ELEMENTS (type_names))
    return;
  g_mutex_lock (&self->mutex);
  g_string_append (self->text, type_names[event->type]);
  if (event->type == VCKC_EVENT_DOMAIN_STATE)
    g_string_append_printf (self->text, "=%d", event->state);
  if (event->checkpoint != NULL)
    g_string_append (self->text, vckc_domain_checkpoint_get_name (event->checkpoint, NULL));
  g_string_append_c (self->text, ' ');
  g_cond_broadcast (&self->received);
  g_mutex_unlock (&self->mutex);
}

EventLog *
event_log_new (VckcConnect *connect)
{
  EventLog *self = g_new0 (EventLog, 1);

  self->connect = connect;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->received);
  self->text = g_string_new (NULL);
  self->id = vckc_connect_subscribe (connect, record_cb, self, NULL, NULL);
  g_assert_cmpint (self->id, >, 0);
  return self;
}

void
event_log_free (EventLog *self)
{
  g_assert_cmpint (vckc_connect_unsubscribe (self->connect, self->id, NULL), ==, 0);
  g_string_free (self->text, TRUE);
  g_cond_clear (&self->received);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* The events since the last call, as soon as the text is that long. */
static char *
take (EventLog *self, gsize length)
{
  const gint64 deadline = g_get_monotonic_time () + TIMEOUT;
  bool in_time = true;
  char *text;

  g_mutex_lock (&self->mutex);
  while (self->text->len < length && in_time)
    in_time = g_cond_wait_until (&self->received, &self->mutex, deadline);
  text = g_strdup (self->text->str);
  g_string_truncate (self->text, 0);
  g_mutex_unlock (&self->mutex);
  return text;
}

void
event_log_expect (EventLog *self, const char *text)
{
  g_autofree char *events = take (self, strlen (text));

  g_assert_cmpstr (events, ==, text);
}

static int
compare_words (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
event_log_expect_any_order (EventLog *self, const char *text)
{
  g_autofree char *events = take (self, strlen (text));
  g_auto (GStrv) words = g_strsplit (events, " ", -1);
  g_autofree char *sorted = NULL;

  /* The empty word at the end stays there. */
  qsort (words, g_strv_length (words) - 1, sizeof *words, compare_words);
  sorted = g_strjoinv (" ", words);
  g_assert_cmpstr (sorted, ==, text);
}
