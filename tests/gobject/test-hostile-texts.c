/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Texts that only C can pass: no UTF-8. A call takes them as they are, or fails with a message that
 * every language can show. */

#include "backend.h"

#include <string.h>

typedef struct
{
  const char *name;
  gboolean (*run) (Backend *self, const char *text, GError **error);
} TextCall;

/* Returns whether there was a result, which it drops. */
static gboolean
drop (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
  return object != NULL;
}

static gboolean
open_uri (Backend *self, const char *text, GError **error)
{
  return drop (vck_connection_open (text, 0, NULL, error));
}

static gboolean
open_memory (Backend *self, const char *text, GError **error)
{
  g_autofree char *uri = g_strconcat ("memory:///", text, NULL);

  return drop (vck_connection_open (uri, 0, NULL, error));
}

static gboolean
look_up (Backend *self, const char *text, GError **error)
{
  return drop (vck_connection_lookup_domain (self->connection, text, NULL, error));
}

static gboolean
look_up_by_uuid (Backend *self, const char *text, GError **error)
{
  return drop (vck_connection_lookup_domain_by_uuid (self->connection, text, NULL, error));
}

static gboolean
look_up_checkpoint (Backend *self, const char *text, GError **error)
{
  return drop (vck_domain_lookup_checkpoint (self->domain, text, NULL, error));
}

static gboolean
define (Backend *self, const char *text, GError **error)
{
  return drop (vck_connection_define_domain_xml (self->connection, text, NULL, error));
}

static gboolean
define_config (Backend *self, const char *text, GError **error)
{
  g_autoptr (VckDomainConfig) config = vck_domain_config_new (text);

  return drop (vck_connection_define_domain (self->connection, config, NULL, error));
}

static gboolean
define_image (Backend *self, const char *text, GError **error)
{
  const char *images[] = { text, NULL };
  g_autoptr (VckDomainConfig) config = vck_domain_config_new_from_images (images);

  vck_domain_config_set_name (config, "of-image");
  return drop (vck_connection_define_domain (self->connection, config, NULL, error));
}

static gboolean
rename_domain (Backend *self, const char *text, GError **error)
{
  return vck_domain_rename (self->domain, text, NULL, error);
}

static gboolean
create_xml (Backend *self, const char *text, GError **error)
{
  return drop (vck_domain_create_checkpoint_xml (self->domain, text, 0, NULL, error));
}

static gboolean
create_named (Backend *self, const char *text, GError **error)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_name (config, text);
  return drop (vck_domain_create_checkpoint (self->domain, config, 0, NULL, error));
}

static gboolean
create_described (Backend *self, const char *text, GError **error)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_description (config, text);
  return drop (vck_domain_create_checkpoint (self->domain, config, 0, NULL, error));
}

static gboolean
track_target (Backend *self, const char *text, GError **error)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_track (config, text, NULL);
  return drop (vck_domain_create_checkpoint (self->domain, config, 0, NULL, error));
}

static gboolean
track_bitmap (Backend *self, const char *text, GError **error)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_track (config, "vda", text);
  return drop (vck_domain_create_checkpoint (self->domain, config, 0, NULL, error));
}

static gboolean
read_config (Backend *self, const char *text, GError **error)
{
  return drop (vck_checkpoint_config_new_from_xml (text, error));
}

static gboolean
read_domain_config (Backend *self, const char *text, GError **error)
{
  return drop (vck_domain_config_new_from_xml (text, error));
}

static gboolean
begin_backup (Backend *self, const char *text, GError **error)
{
  return drop (vck_domain_begin_backup (self->domain, text, NULL, 0, NULL, error));
}

static gboolean
import (Backend *self, const char *text, GError **error)
{
  g_autoptr (GPtrArray) results =
      vck_domain_import_checkpoints (self->domain, text, 0, NULL, error);

  return results != NULL;
}

static gboolean
open_store (Backend *self, const char *text, GError **error)
{
  return drop (vck_repository_open (text, 0, NULL, error));
}

static const TextCall calls[] = {
  { "open", open_uri },
  { "open memory:", open_memory },
  { "lookup_domain", look_up },
  { "lookup_domain_by_uuid", look_up_by_uuid },
  { "lookup_checkpoint", look_up_checkpoint },
  { "define_domain_xml", define },
  { "define_domain, name", define_config },
  { "define_domain, image", define_image },
  { "rename", rename_domain },
  { "create_checkpoint_xml", create_xml },
  { "create_checkpoint, name", create_named },
  { "create_checkpoint, description", create_described },
  { "create_checkpoint, target", track_target },
  { "create_checkpoint, bitmap", track_bitmap },
  { "checkpoint_config_new_from_xml", read_config },
  { "domain_config_new_from_xml", read_domain_config },
  { "begin_backup", begin_backup },
  { "import_checkpoints", import },
  { "repository_open", open_store },
};

/* A byte that begins nothing, one of another encoding, a sequence that ends early, a surrogate, and
 * one that is too long for a message. */
static const char *const texts[] = { "\xff\xfe", "caf\xe9", "\xc3", "\xed\xa0\x80", NULL };

static void
check (Backend *self, const TextCall *call, const char *text)
{
  g_autoptr (GError) error = NULL;
  const gboolean worked = call->run (self, text, &error);

  g_test_message ("%s: %s", call->name, error != NULL ? error->message : "works");
  g_assert_true (worked == (error == NULL));
  if (worked)
    return;
  g_assert_true (error->domain == VCK_ERROR && error->code != VCK_ERROR_INTERNAL);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <=, 4096);
}

/* What was taken can be read in every language. */
static void
assert_readable (Backend *self)
{
  g_autoptr (GPtrArray) domains = vck_connection_list_domains (self->connection, 0, NULL, NULL);
  g_autoptr (GPtrArray) checkpoints = vck_domain_list_checkpoints (self->domain, 0, NULL, NULL);
  g_autofree char *document = vck_domain_export_checkpoints (self->domain, NULL, NULL);

  for (guint i = 0; i < domains->len; i++)
    g_assert_true (
        g_utf8_validate (vck_domain_get_name (g_ptr_array_index (domains, i)), -1, NULL));
  for (guint i = 0; i < checkpoints->len; i++)
    g_assert_true (
        g_utf8_validate (vck_checkpoint_get_name (g_ptr_array_index (checkpoints, i)), -1, NULL));
  g_assert_true (document == NULL || g_utf8_validate (document, -1, NULL));
}

static void
test_no_utf8 (Backend *self, gconstpointer with_images)
{
  g_autofree char *many = g_strnfill (70000, '\xe9');

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
      check (self, &calls[i], texts[j] != NULL ? texts[j] : many);
  assert_readable (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_BOTH ("/hostile-texts/", "no-utf8", test_no_utf8);

  return g_test_run ();
}
