/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pipeline.h"

#include "build-model.h"
#include "check.h"
#include "emit.h"
#include "reader-gir.h"
#include "versions.h"

typedef gboolean (*PutFile) (const char *name, const char *text, gpointer data);

static void
pipeline_build (BgPipeline *self)
{
  if (self->api == NULL)
    return;
  bg_library_complete (self->library, self->api);
  bg_check_api (self->api, self->problems);
  bg_versions_check (self->api, self->library, self->problems);
  self->model = bg_model_build (self->api, self->library, self->problems);
}

void
bg_pipeline_load (BgPipeline *self, BgLibrary *library, const char *path)
{
  self->library = library;
  self->problems = bg_problems_new ();
  self->api = bg_read_gir (path, self->problems);
  pipeline_build (self);
}

void
bg_pipeline_parse (BgPipeline *self,
                   BgLibrary *library,
                   const char *path,
                   const char *text,
                   gsize length)
{
  self->library = library;
  self->problems = bg_problems_new ();
  self->api = bg_read_gir_text (path, text, length, self->problems);
  pipeline_build (self);
}

void
bg_pipeline_clear (BgPipeline *self)
{
  g_clear_pointer (&self->model, bg_model_free);
  g_clear_pointer (&self->api, bg_api_free);
  g_clear_pointer (&self->library, bg_library_free);
  g_clear_pointer (&self->problems, bg_problems_free);
}

gboolean
bg_pipeline_check (BgPipeline *self)
{
  if (self->model != NULL)
    bg_check_model (self->model);
  return bg_problems_count (self->problems) == 0;
}

static gboolean
pipeline_put (char *name, char *text, PutFile put, gpointer data)
{
  gboolean ok = put (name, text, data);

  g_free (name);
  g_free (text);
  return ok;
}

static gboolean
pipeline_emit_class (BgPipeline *self, const BgClass *klass, PutFile put, gpointer data)
{
  const char *prefix = self->library->file_prefix;

  return pipeline_put (g_strdup_printf ("%s-%s-methods.h", prefix, klass->file),
                       bg_emit_class_header (self->model, klass), put, data)
         && pipeline_put (g_strdup_printf ("%s-%s-methods.c", prefix, klass->file),
                          bg_emit_class_source (self->model, klass), put, data);
}

static gboolean
pipeline_emit_enums (BgPipeline *self, PutFile put, gpointer data)
{
  const char *prefix = self->library->file_prefix;

  return pipeline_put (g_strconcat (prefix, "-enums.h", NULL), bg_emit_enums_header (self->model),
                       put, data)
         && pipeline_put (g_strconcat (prefix, "-enums.c", NULL),
                          bg_emit_enums_source (self->model), put, data);
}

static gboolean
pipeline_emit_versions (BgPipeline *self, PutFile put, gpointer data)
{
  if (*self->library->availability == '\0')
    return TRUE;
  return pipeline_put (g_strconcat (self->library->file_prefix, "-versions.h", NULL),
                       bg_emit_versions_header (self->model), put, data);
}

gboolean
bg_pipeline_emit (BgPipeline *self, PutFile put, gpointer data)
{
  gboolean ok = pipeline_emit_enums (self, put, data) && pipeline_emit_versions (self, put, data);

  for (guint i = 0; ok && i < self->model->classes->len; i++)
    ok = pipeline_emit_class (self, g_ptr_array_index (self->model->classes, i), put, data);
  return ok;
}
