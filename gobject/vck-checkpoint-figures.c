/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is known of a checkpoint besides its definition. */

#include "vck-private.h"

/**
 * vck_checkpoint_get_uuid:
 * @self: a checkpoint
 *
 * Gets what sets the checkpoint apart from others that had or will have its name: see
 * [property@Checkpoint:uuid]. It never blocks, and works for checkpoints that no longer exist.
 *
 * Returns: (transfer full) (nullable): 36 characters in lower case, or %NULL if the driver has none
 *
 * Since: 1.0
 */
char *
vck_checkpoint_get_uuid (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  return vck_properties_dup_text (vck_checkpoint_get_properties (self), VCK_PROPERTY_UUID);
}

/**
 * vck_checkpoint_get_size:
 * @self: a checkpoint
 *
 * Gets how much was written to the disks since the checkpoint, as last measured: see
 * [property@Checkpoint:size]. It never blocks.
 *
 * Returns: a size in bytes, or -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_checkpoint_get_size (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), -1);

  return vck_properties_get_number (vck_checkpoint_get_properties (self), VCK_PROPERTY_SIZE);
}

/**
 * vck_checkpoint_get_state:
 * @self: a checkpoint
 *
 * Gets whether the checkpoint can be used, as last measured: see [property@Checkpoint:state]. It
 * never blocks; [method@Checkpoint.query_state] finds out the state at this moment.
 *
 * Returns: the state, or %VCK_CHECKPOINT_STATE_UNKNOWN if it is not known
 *
 * Since: 1.0
 */
VckCheckpointState
vck_checkpoint_get_state (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), VCK_CHECKPOINT_STATE_UNKNOWN);

  return (VckCheckpointState) vck_properties_get_number (vck_checkpoint_get_properties (self),
                                                         VCK_PROPERTY_STATE);
}

/**
 * vck_checkpoint_get_measured_at:
 * @self: a checkpoint
 *
 * Gets when the checkpoint was last measured, in UTC: see [property@Checkpoint:measured-at]. It
 * never blocks.
 *
 * Returns: (transfer full) (nullable): the time, or %NULL if it was not measured
 *
 * Since: 1.0
 */
GDateTime *
vck_checkpoint_get_measured_at (VckCheckpoint *self)
{
  g_autoptr (GDateTime) whole = NULL;
  gint64 time;

  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  time = vck_properties_get_number (vck_checkpoint_get_properties (self), VCK_PROPERTY_MEASURED_AT);
  if (time == 0)
    return NULL;
  whole = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  return g_date_time_add (whole, time % G_USEC_PER_SEC);
}
