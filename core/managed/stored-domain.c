/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/stored-domain.h"

#include "model/checkpoint-xml.h"

/* Checkpoints that were made under the same definition of the domain share it. `definitions`: its
 * text -> VckcDomainDef; both belong to checkpoints that were read before. */
static void
stored_domain_share_definition (VckcCheckpointDef *def, GHashTable *definitions)
{
  VckcDomainDef *known;

  if (def->domain == NULL)
    return;
  known = g_hash_table_lookup (definitions, vckc_domain_def_get_element (def->domain, true));
  if (known == NULL)
    {
      g_hash_table_insert (definitions, (char *) vckc_domain_def_get_element (def->domain, true),
                           def->domain);
      return;
    }
  vckc_domain_def_unref (def->domain);
  def->domain = vckc_domain_def_ref (known);
}

VckcCheckpointTree *
vckc_stored_domain_read_checkpoints (const VckcStoredDomain *stored,
                                     VckcUnreadableFunc on_unreadable,
                                     gpointer data)
{
  GPtrArray *defs = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  g_autoptr (GHashTable) definitions = g_hash_table_new (g_str_hash, g_str_equal);
  VckcCheckpointTree *tree;

  for (guint i = 0; i < stored->checkpoint_xml->len; i++)
    {
      const char *name = g_ptr_array_index (stored->checkpoint_names, i);
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcCheckpointDef) def =
          vckc_checkpoint_def_parse (g_ptr_array_index (stored->checkpoint_xml, i), true, &error);

      if (def == NULL)
        on_unreadable (name, vckc_error_get_message (error), data);
      else if (!g_str_equal (def->name, name))
        on_unreadable (name, "it describes a checkpoint of another name", data);
      else
        {
          stored_domain_share_definition (def, definitions);
          g_ptr_array_add (defs, g_steal_pointer (&def));
        }
    }
  for (guint i = 0; i < stored->unreadable->len; i++)
    on_unreadable (g_ptr_array_index (stored->unreadable, i), "its file cannot be read", data);

  tree = vckc_checkpoint_tree_new_from_defs (defs, NULL);
  if (stored->current != NULL)
    vckc_checkpoint_tree_set_current (tree, vckc_checkpoint_tree_lookup (tree, stored->current));
  return tree;
}

static bool
stored_domain_names_image (const VckcDomainDef *def, const char *path)
{
  for (guint i = 0; i < def->disks->len; i++)
    if (g_strcmp0 (((const VckcDomainDiskDef *) g_ptr_array_index (def->disks, i))->source, path)
        == 0)
      return true;
  return false;
}

/* The first image of a journal that the definition does not name, or NULL. */
static const char *
stored_domain_find_strange_image (const VckcDomainDef *def, const VckcJournal *change)
{
  for (guint i = 0; i < change->bitmaps->len; i++)
    {
      const VckcJournalBitmap *bitmap = g_ptr_array_index (change->bitmaps, i);

      if (!stored_domain_names_image (def, bitmap->path))
        return bitmap->path;
    }
  return NULL;
}

void
vckc_stored_domain_check_journal (const VckcDomainDef *def, VckcStoredDomain *stored)
{
  const char *path =
      stored->journal != NULL ? stored_domain_find_strange_image (def, stored->journal) : NULL;

  if (path == NULL)
    return;
  stored->journal_problem =
      g_strdup_printf ("it speaks of the image '%s', which no disk of the domain has", path);
  g_clear_pointer (&stored->journal, vckc_journal_unref);
}
