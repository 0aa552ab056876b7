/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-authenticate.h"

/* One question to the user; it owns all it needs, since the call may be abandoned meanwhile. */
typedef struct
{
  VckConnection *connection; /* owned reference */
  VckCredential credential;
  char *prompt;     /* owned */
  char *suggestion; /* owned; (nullable) */
  char *answer;     /* owned; (nullable) */
} Prompt;

static Prompt *
prompt_new (VckConnection *connection,
            VckCredential credential,
            const char *text,
            const char *suggestion)
{
  Prompt *prompt = g_new0 (Prompt, 1);

  prompt->connection = g_object_ref (connection);
  prompt->credential = credential;
  prompt->prompt = g_utf8_make_valid (text != NULL ? text : "", -1);
  prompt->suggestion = suggestion != NULL ? g_utf8_make_valid (suggestion, -1) : NULL;
  return prompt;
}

static void
prompt_free (gpointer data)
{
  Prompt *prompt = data;

  g_free (prompt->prompt);
  g_free (prompt->suggestion);
  g_free (prompt->answer);
  g_object_unref (prompt->connection);
  g_free (prompt);
}

/* In the caller's context. */
static void
prompt_emit_cb (gpointer data)
{
  Prompt *prompt = data;

  prompt->answer = vck_connection_emit_authenticate (prompt->connection, prompt->credential,
                                                     prompt->prompt, prompt->suggestion);
}

char *
vck_authenticate_cb (VckcCredential credential,
                     const char *prompt,
                     const char *suggestion,
                     void *call)
{
  VckConnection *connection = VCK_CONNECTION (((VckCall *) call)->self);
  Prompt *asked = prompt_new (connection, (VckCredential) credential, prompt, suggestion);
  char *answer = NULL;

  if (!vck_call_run_in_caller (call, prompt_emit_cb, asked, prompt_free))
    return NULL;
  answer = g_steal_pointer (&asked->answer);
  prompt_free (asked);
  return answer;
}
