/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/image-owners.h"

#include "base/log.h"
#include "managed/stored-domain.h"

typedef struct
{
  const VckcDomainDef *domain; /* borrowed */
  const char *target;          /* borrowed: the disk that has the image */
  GHashTable *owners;          /* borrowed */
} Collection;

static void
image_owners_add_disk (const Collection *self, const VckcCheckpointDef *checkpoint)
{
  const VckcCheckpointDiskDef *disk = vckc_checkpoint_def_find_disk (checkpoint, self->target);

  if (disk != NULL && disk->bitmap != NULL)
    g_hash_table_insert (
        self->owners, g_strdup (disk->bitmap),
        g_strdup_printf ("checkpoint '%s' of domain '%s'", checkpoint->name, self->domain->name));
}

static void
image_owners_ignore_cb (const char *name, const char *reason, gpointer data)
{
}

static void
image_owners_add_checkpoints (const Collection *self, const VckcStoredDomain *stored)
{
  g_autoptr (VckcCheckpointTree) tree =
      vckc_stored_domain_read_checkpoints (stored, image_owners_ignore_cb, NULL);

  for (const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    image_owners_add_disk (self, node->def);
}

static void
image_owners_add_domain (VckcEngine *engine,
                         const char *uuid,
                         const VckcBlockImage *image,
                         GHashTable *owners)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autoptr (VckcDomainDef) def = NULL;
  g_autoptr (VckcError) error = NULL;

  if (vckc_store_domain_load (engine->store, uuid, &stored, &error))
    def = vckc_domain_def_parse (stored->domain_xml, &error);
  if (def == NULL)
    vckc_log_info (VCKC_ABOUT (.domain = uuid, .error = error), "domain '%s' is left out: %s", uuid,
                   vckc_error_get_message (error));
  for (guint i = 0; def != NULL && i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcBlockImage other = vckc_block_image_at (engine->backend, disk->source);
      const Collection self = { .domain = def, .target = disk->target, .owners = owners };

      if (vckc_block_image_is_same (image, &other))
        image_owners_add_checkpoints (&self, stored);
    }
}

GHashTable *
vckc_image_owners (VckcEngine *engine, const char *uuid, const VckcBlockImage *image)
{
  GHashTable *owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) uuids = NULL;
  g_autoptr (VckcError) error = NULL;

  if (!vckc_store_list_domains (engine->store, false, &uuids, &error))
    vckc_log_info (VCKC_ABOUT (.error = error), "other domains are left out: %s",
                   vckc_error_get_message (error));
  for (guint i = 0; uuids != NULL && i < uuids->len; i++)
    {
      const char *other = g_ptr_array_index (uuids, i);

      if (!g_str_equal (other, uuid))
        image_owners_add_domain (engine, other, image, owners);
    }
  return owners;
}
