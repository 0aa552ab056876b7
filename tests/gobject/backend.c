/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backend.h"

#include "../core/local/image-fixture.h"

void
backend_set_up (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("guest");
  g_autoptr (GError) error = NULL;

  if (with_images == NULL)
    {
      self->uri = support_memory_uri ();
      self->images[0] = g_strdup ("/nonexistent/vda.qcow2");
      self->images[1] = g_strdup ("/nonexistent/vdb.qcow2");
    }
  else
    {
      self->folder = image_fixture_new ();
      self->uri = g_strdup_printf ("local://%s/domains", self->folder);
      self->images[0] = image_fixture_make_image (self->folder, "vda.qcow2", NULL);
      self->images[1] = image_fixture_make_image (self->folder, "vdb.qcow2", NULL);
    }
  self->connection = vck_connection_open (self->uri, 0, NULL, &error);
  g_assert_no_error (error);
  vck_domain_config_add_disk (config, "vda", self->images[0], NULL);
  vck_domain_config_add_disk (config, "vdb", self->images[1], NULL);
  self->domain = vck_connection_define_domain (self->connection, config, NULL, &error);
  g_assert_no_error (error);
}

void
backend_tear_down (Backend *self, gconstpointer with_images)
{
  g_object_unref (self->domain);
  g_object_unref (self->connection);
  g_free (self->images[0]);
  g_free (self->images[1]);
  g_free (self->uri);
  if (self->folder != NULL)
    image_fixture_remove (self->folder);
}

void
backend_write (Backend *self, guint64 length)
{
  if (self->folder != NULL)
    image_fixture_write (self->images[0], 0, length);
}

char *
backend_new_file (Backend *self, const char *target, guint number)
{
  return g_strdup_printf ("%s/%s.backup.%u", self->folder != NULL ? self->folder : "/memory",
                          target, number);
}
