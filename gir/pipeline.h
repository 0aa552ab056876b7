/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* From an input to a model that was checked, and from there to the files of the library. */

#pragma once

#include "model.h"

/* An input with all that was made of it. */
typedef struct
{
  BgLibrary *library;
  BgProblems *problems;
  BgApi *api;     /* NULL if the input could not be read */
  BgModel *model; /* NULL as well */
} BgPipeline;

/* Takes over the library. `path` names the input. Whatever is wrong with it is in `problems`. */
void bg_pipeline_load (BgPipeline *self, BgLibrary *library, const char *path);
void bg_pipeline_parse (BgPipeline *self,
                        BgLibrary *library,
                        const char *path,
                        const char *text,
                        gsize length);
void bg_pipeline_clear (BgPipeline *self);

/* Checks the model, if there is one: nothing is emitted before. Returns FALSE if something is
 * wrong, with it or with the input. */
gboolean bg_pipeline_check (BgPipeline *self);

/* Calls `put` with each file and its text until it returns FALSE, which is then returned. */
gboolean bg_pipeline_emit (BgPipeline *self,
                           gboolean (*put) (const char *name, const char *text, gpointer data),
                           gpointer data);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BgPipeline, bg_pipeline_clear)
