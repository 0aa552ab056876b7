/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations, looking up and cancelling on memory: and on local:, as in every language:
 * see tests/languages/scenario.md. */

#include "backend.h"

#include <string.h>

static void
assert_created (Backend *self, VckCheckpointConfig *config, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint (self->domain, config, 0, NULL, &error);
  g_autofree char *disks = NULL;

  g_assert_no_error (error);
  disks = support_describe_disks (checkpoint);
  g_assert_cmpstr (disks, ==, expected);
}

static void
test_nothing (Backend *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint (self->domain, NULL, 0, NULL, &error);
  g_autofree char *expected = NULL;
  g_autofree char *disks = NULL;

  g_assert_no_error (error);
  expected = g_strdup_printf ("vda=%1$s vdb=%1$s", vck_checkpoint_get_name (checkpoint));
  disks = support_describe_disks (checkpoint);
  g_assert_cmpstr (disks, ==, expected);
}

static void
test_disks (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

  vck_checkpoint_config_set_name (config, "first");
  vck_checkpoint_config_skip (config, "vda");
  assert_created (self, config, "vda= vdb=first");
  vck_checkpoint_config_set_name (config, "second");
  vck_checkpoint_config_track (config, "vda", "other");
  assert_created (self, config, "vda=other vdb=second");
  vck_checkpoint_config_set_name (config, "third");
  vck_checkpoint_config_track (config, "vda", NULL);
  vck_checkpoint_config_set_disk_policy (config, VCK_DISK_POLICY_LISTED);
  assert_created (self, config, "vda=third vdb=");
}

static void
test_later (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_checkpoint_config_set_name (config, "first");
  vck_domain_create_checkpoint_async (self->domain, config, 0, NULL, support_result_cb, &slot);
  vck_checkpoint_config_set_name (config, "later");
  result = support_wait (&slot);
  checkpoint = vck_domain_create_checkpoint_finish (self->domain, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_checkpoint_get_name (checkpoint), ==, "first");
}

/* "vda=1 vdb=0": the disks, and whether they can be tracked */
static char *
describe_domain (VckDomain *domain)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = vck_domain_list_disks (domain, NULL, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < disks->len; i++)
    {
      VckDisk *disk = g_ptr_array_index (disks, i);

      g_string_append_printf (text, "%s%s=%d", i > 0 ? " " : "", vck_disk_get_target (disk),
                              vck_disk_is_trackable (disk));
    }
  return g_string_free (text, FALSE);
}

/* Defines it instead of the domain of the fixture, whose images it has. */
static VckDomain *
define_instead (Backend *self, VckDomainConfig *config)
{
  g_autoptr (GError) error = NULL;
  VckDomain *domain = NULL;

  support_undefine (self->domain);
  domain = vck_connection_define_domain (self->connection, config, NULL, &error);
  g_assert_no_error (error);
  return domain;
}

static void
test_images (Backend *self, gconstpointer with_images)
{
  const char *images[] = { self->images[0], self->images[1], NULL };
  g_autoptr (VckDomainConfig) config = vck_domain_config_new_from_images (images);
  g_autoptr (VckDomain) domain = define_instead (self, config);
  g_autoptr (VckCheckpoint) checkpoint = support_create (domain, "first");
  g_autofree char *disks = describe_domain (domain);

  g_assert_cmpstr (vck_domain_get_name (domain), ==, "vda");
  g_assert_cmpstr (disks, ==, "vda=1 vdb=1");
}

static void
test_domain_disks (Backend *self, gconstpointer with_images)
{
  static const char uuid[] = "5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1";
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("web");
  g_autoptr (VckDomain) domain = NULL;
  g_autofree char *disks = NULL;

  vck_domain_config_set_uuid (config, uuid);
  vck_domain_config_add_disk (config, "vda", self->images[0], NULL);
  vck_domain_config_add_disk (config, "sdb", self->images[1], "raw");
  domain = define_instead (self, config);
  disks = describe_domain (domain);
  g_assert_cmpstr (vck_domain_get_name (domain), ==, "web");
  g_assert_cmpstr (vck_domain_get_uuid (domain), ==, uuid);
  g_assert_cmpstr (disks, ==, "vda=1 sdb=0");
}

static void
test_domain_later (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckDomainConfig) config = vck_domain_config_new ("web");
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_connection_define_domain_async (self->connection, config, NULL, support_result_cb, &slot);
  vck_domain_config_set_name (config, "later");
  result = support_wait (&slot);
  domain = vck_connection_define_domain_finish (self->connection, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_domain_get_name (domain), ==, "web");
}

static void
assert_found (Backend *self, const char *name_or_uuid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) found =
      vck_connection_lookup_domain (self->connection, name_or_uuid, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (found == self->domain);
}

static void
test_found (Backend *self, gconstpointer with_images)
{
  assert_found (self, "guest");
  assert_found (self, vck_domain_get_uuid (self->domain));
}

static void
test_neither (Backend *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_connection_lookup_domain (self->connection, "nosuch", NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_NO_DOMAIN);
  g_assert_nonnull (strstr (error->message, "nosuch"));
}

static void
test_before (Backend *self, gconstpointer with_images)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vck_domain_create_checkpoint (self->domain, NULL, 0, cancellable, &error));
  support_assert_cancelled (&error);
  vck_domain_create_checkpoint_async (self->domain, NULL, 0, cancellable, support_result_cb, &slot);
  result = support_wait (&slot);
  g_assert_null (vck_domain_create_checkpoint_finish (self->domain, result, &error));
  support_assert_cancelled (&error);
  g_assert_cmpint (vck_domain_count_checkpoints (self->domain, 0, NULL, NULL), ==, 0);
}

/* Was either made, and succeeds, or was not made. */
static void
test_on_the_way (Backend *self, gconstpointer with_images)
{
  for (int round = 0; round < 8; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (VckCheckpoint) checkpoint = NULL;
      const int before = vck_domain_count_checkpoints (self->domain, 0, NULL, NULL);
      GAsyncResult *slot = NULL;

      vck_domain_create_checkpoint_async (self->domain, NULL, 0, cancellable, support_result_cb,
                                          &slot);
      g_usleep ((gulong) round * 200);
      g_cancellable_cancel (cancellable);
      result = support_wait (&slot);
      checkpoint = vck_domain_create_checkpoint_finish (self->domain, result, &error);
      if (checkpoint == NULL)
        support_assert_cancelled (&error);
      g_assert_cmpint (vck_domain_count_checkpoints (self->domain, 0, NULL, NULL), ==,
                       before + (checkpoint != NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_BOTH ("/both/checkpoint-config/", "nothing", test_nothing);
  ADD_BOTH ("/both/checkpoint-config/", "disks", test_disks);
  ADD_BOTH ("/both/checkpoint-config/", "later", test_later);
  ADD_BOTH ("/both/domain-config/", "images", test_images);
  ADD_BOTH ("/both/domain-config/", "domain-disks", test_domain_disks);
  ADD_BOTH ("/both/domain-config/", "domain-later", test_domain_later);
  ADD_BOTH ("/both/lookup/", "found", test_found);
  ADD_BOTH ("/both/lookup/", "neither", test_neither);
  ADD_BOTH ("/both/cancel/", "before", test_before);
  ADD_BOTH ("/both/cancel/", "on-the-way", test_on_the_way);

  return g_test_run ();
}
