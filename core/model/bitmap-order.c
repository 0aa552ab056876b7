/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/bitmap-order.h"

bool
vckc_bitmap_order_is_short (const VckcBlockBitmap *bitmap, const VckcBlockBitmap *descendant)
{
  return bitmap->granularity == descendant->granularity && bitmap->dirty < descendant->dirty;
}

char *
vckc_bitmap_order_explain (const VckcBlockBitmap *bitmap,
                           const char *descendant,
                           const VckcBlockBitmap *fuller)
{
  return g_strdup_printf ("it holds %" G_GUINT64_FORMAT " bytes, less than the %" G_GUINT64_FORMAT
                          " bytes since the later checkpoint '%s'; it was cleared, replaced, or "
                          "switched off for a while",
                          bitmap->dirty, fuller->dirty, descendant);
}

/* The fullest bitmap below a node. */
typedef struct
{
  const VckcCheckpointDef *def; /* NULL for none */
  const VckcBlockBitmap *bitmap;
} Fullest;

/* The numbers of the nodes in depth-first order, from 1. */
static GHashTable *
number_nodes (const VckcCheckpointTree *tree, GPtrArray *nodes)
{
  GHashTable *numbers = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      g_ptr_array_add (nodes, node);
      g_hash_table_insert (numbers, node, GUINT_TO_POINTER (nodes->len));
    }
  return numbers;
}

static bool
is_fuller (const Fullest *one, const Fullest *other)
{
  return one->def != NULL && (other->def == NULL || one->bitmap->dirty > other->bitmap->dirty);
}

/* Parents come before their children, so going backwards all below a node is known. A checkpoint
 * that claims to be older than its parent was redefined, and proves nothing. */
void
vckc_bitmap_order_check (const VckcCheckpointTree *tree,
                         VckcBitmapOfFunc bitmap_of,
                         VckcBitmapShortFunc report,
                         gpointer data)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GHashTable) numbers = number_nodes (tree, nodes);
  g_autofree Fullest *below = g_new0 (Fullest, nodes->len + 1);

  for (guint i = nodes->len; i > 0; i--)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (nodes, i - 1);
      const Fullest own = { node->def, bitmap_of (node->def, data) };
      Fullest fullest = below[i];
      Fullest *above;

      if (own.bitmap != NULL && fullest.def != NULL
          && node->def->creation_time <= fullest.def->creation_time
          && vckc_bitmap_order_is_short (own.bitmap, fullest.bitmap))
        report (own.def, own.bitmap, fullest.def, fullest.bitmap, data);
      else if (own.bitmap != NULL)
        fullest = own;
      above = &below[GPOINTER_TO_UINT (g_hash_table_lookup (numbers, node->parent))];
      if (is_fuller (&fullest, above))
        *above = fullest;
    }
}
