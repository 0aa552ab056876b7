/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Measuring all checkpoints of a domain: what an inspection sees, per disk. */

#include "managed/methods/checkpoint-measure.h"

#include "managed/methods/engine-methods.h"
#include "model/bitmap-state.h"

/* The state of a disk of which that was found. */
static VckcCheckpointState
measure_get_state (VckcFindingKind kind)
{
  switch (kind)
    {
    case VCKC_FINDING_BITMAP_MISSING:
      return VCKC_CHECKPOINT_STATE_MISSING;
    case VCKC_FINDING_BITMAP_INCONSISTENT:
      return VCKC_CHECKPOINT_STATE_INCONSISTENT;
    case VCKC_FINDING_BITMAP_NOT_RECORDING:
      return VCKC_CHECKPOINT_STATE_NOT_RECORDING;
    case VCKC_FINDING_BITMAP_BUSY:
      return VCKC_CHECKPOINT_STATE_BUSY;
    case VCKC_FINDING_BITMAP_GRANULARITY:
    case VCKC_FINDING_IMAGE_REPLACED:
    case VCKC_FINDING_BITMAP_REPLACED:
      return VCKC_CHECKPOINT_STATE_REPLACED;
    case VCKC_FINDING_DISK_RESIZED:
      return VCKC_CHECKPOINT_STATE_RESIZED;
    case VCKC_FINDING_DISK_GONE:
      return VCKC_CHECKPOINT_STATE_GONE;
    default:
      return VCKC_CHECKPOINT_STATE_UNKNOWN;
    }
}

/* The worst state of each disk that something was found of: VckcCheckpointDiskDef -> state. */
static GHashTable *
measure_collect_states (const VckcInspection *inspection)
{
  GHashTable *states = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < inspection->findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (inspection->findings, i);
      const VckcCheckpointNode *node =
          finding->checkpoint != NULL
              ? vckc_checkpoint_tree_lookup (inspection->tree, finding->checkpoint)
              : NULL;
      const VckcCheckpointDiskDef *disk =
          node != NULL && finding->disk != NULL
              ? vckc_checkpoint_def_find_disk (node->def, finding->disk)
              : NULL;
      const guint before = GPOINTER_TO_UINT (g_hash_table_lookup (states, disk));

      if (disk != NULL)
        g_hash_table_insert (
            states, (gpointer) disk,
            GUINT_TO_POINTER (MAX (before, (guint) measure_get_state (finding->kind))));
    }
  return states;
}

static VckcDomainCheckpointDisk *
measure_describe (const VckcInspection *inspection,
                  GHashTable *states,
                  const VckcCheckpointNode *node,
                  const VckcCheckpointDiskDef *disk)
{
  const gint64 *size = g_hash_table_lookup (inspection->sizes, disk);
  VckcCheckpointState state = VCKC_CHECKPOINT_STATE_READY;
  VckcDomainCheckpointDisk *described;
  gpointer found;

  if (g_hash_table_lookup_extended (states, disk, NULL, &found))
    state = (VckcCheckpointState) GPOINTER_TO_UINT (found);
  described = vckc_checkpoint_def_new_disk (
      node->def, disk, size != NULL && vckc_disk_state_is_usable (state) ? *size : -1, state);
  described->incarnation = node->incarnation;
  return described;
}

GPtrArray *
vckc_engine_describe_measured (const VckcInspection *inspection)
{
  g_autoptr (GHashTable) states = measure_collect_states (inspection);
  GPtrArray *disks = g_ptr_array_new_with_free_func (vckc_object_unref);

  for (const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (inspection->tree);
       node != NULL; node = vckc_checkpoint_node_next (node, NULL))
    for (guint i = 0; i < node->def->disks->len; i++)
      {
        const VckcCheckpointDiskDef *disk = g_ptr_array_index (node->def->disks, i);

        if (disk->tracked)
          g_ptr_array_add (disks, measure_describe (inspection, states, node, disk));
      }
  return disks;
}

int
vckc_engine_domain_measure_checkpoints (VckcDomain *handle,
                                        VckcDomainCheckpointDisk ***ret_disks,
                                        VckcError **err)
{
  g_auto (VckcInspection) inspection = { NULL };

  if (!vckc_inspection_of_domain (&inspection, handle, err))
    return -1;
  return vckc_object_array_return (vckc_engine_describe_measured (&inspection),
                                   (gpointer **) ret_disks);
}
