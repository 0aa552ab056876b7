/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-text.h"

#include <string.h>

/* What begins the definition of the domain, and what follows on the images of its disks. */
#define FIRST "\n  <domain"
#define FOLLOWS "\n<?vck-checkpoint "

struct _VckcMemoryText
{
  GRefString *shared; /* (nullable), owned reference: what follows `before` */
  guint before;       /* bytes of `own` */
  char own[];         /* all the rest */
};

/* What `last` shares if it is the same, else a new one. */
static GRefString *
memory_text_share (const char *part, gsize size, const VckcMemoryText *last)
{
  if (last != NULL && last->shared != NULL && g_ref_string_length (last->shared) == size
      && memcmp (last->shared, part, size) == 0)
    return g_ref_string_acquire (last->shared);
  return g_ref_string_new_len (part, (gssize) size);
}

VckcMemoryText *
vckc_memory_text_new (const char *text, const VckcMemoryText *last)
{
  const gsize size = strlen (text) + 1;
  const char *first = strstr (text, FIRST);
  const char *end = first != NULL ? strstr (first, FOLLOWS) : NULL;
  const gsize n_shared = end != NULL ? (gsize) (end - first) : 0;
  const gsize before = end != NULL ? (gsize) (first - text) : size;
  VckcMemoryText *self = g_malloc (sizeof *self + size - n_shared);

  self->shared = end != NULL ? memory_text_share (first, n_shared, last) : NULL;
  self->before = (guint) before;
  memcpy (self->own, text, before);
  memcpy (self->own + before, text + before + n_shared, size - before - n_shared);
  return self;
}

void
vckc_memory_text_free (gpointer text)
{
  VckcMemoryText *self = text;

  if (self->shared != NULL)
    g_ref_string_release (self->shared);
  g_free (self);
}

char *
vckc_memory_text_copy (const VckcMemoryText *self)
{
  if (self->shared == NULL)
    return g_strdup (self->own);
  return g_strdup_printf ("%.*s%s%s", (int) self->before, self->own, self->shared,
                          self->own + self->before);
}
