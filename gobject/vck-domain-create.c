/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoints of a domain, created from a configuration, and planning that. */

#include "vck-call.h"
#include "vck-config.h"
#include "vck-private.h"

/* Of both. */
typedef struct
{
  VckCall base;
  VckcCheckpointConfig *config; /* what it said as the call began; owned */
  VckCheckpointCreateFlags flags;
  gpointer result; /* (nullable), owned: an object */
} CreateCall;

static void
create_hold (gpointer handle)
{
  vckc_domain_ref (handle, NULL);
}

static void
create_drop (gpointer handle)
{
  vckc_domain_unref (handle, NULL);
}

static void
create_clear (VckCall *base)
{
  CreateCall *call = (CreateCall *) base;

  g_clear_pointer (&call->config, vckc_checkpoint_config_free);
  g_clear_object (&call->result);
}

static gboolean
create_run (VckCall *base, GError **error)
{
  CreateCall *call = (CreateCall *) base;
  VckcError *err = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_create_checkpoint (base->handle, call->config, (unsigned int) call->flags, &err);

  if (checkpoint == NULL)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = vck_checkpoint_wrap (base->self, checkpoint);
  return TRUE;
}

static gboolean
plan_run (VckCall *base, GError **error)
{
  CreateCall *call = (CreateCall *) base;
  VckcError *err = NULL;
  VckcCheckpointPlan *plan =
      vckc_domain_plan_checkpoint (base->handle, call->config, (unsigned int) call->flags, &err);

  if (plan == NULL)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = vck_checkpoint_plan_wrap (base->self, plan);
  return TRUE;
}

static const VckCallInfo create_info = {
  .name = "vck_domain_create_checkpoint",
  .size = sizeof (CreateCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = create_hold,
  .drop = create_drop,
  .run = create_run,
  .clear = create_clear,
};

static const VckCallInfo plan_info = {
  .name = "vck_domain_plan_checkpoint",
  .size = sizeof (CreateCall),
  .kind = VCK_CALL_READER,
  .hold = create_hold,
  .drop = create_drop,
  .run = plan_run,
  .clear = create_clear,
};

static VckCall *
create_new (const VckCallInfo *info,
            VckDomain *self,
            VckCheckpointConfig *config,
            VckCheckpointCreateFlags flags)
{
  CreateCall *call = vck_call_new (info, self, vck_domain_get_handle (self));

  call->config = vck_checkpoint_config_make_plain (config);
  call->flags = flags;
  return &call->base;
}

static gpointer
create_take (VckCall *base)
{
  CreateCall *call = (CreateCall *) base;
  gpointer result;

  if (base == NULL)
    return NULL;
  result = g_steal_pointer (&call->result);
  vck_call_free (base);
  return result;
}

/**
 * vck_domain_create_checkpoint:
 * @self: a domain, running or not
 * @config: (nullable): what the checkpoint shall be, or %NULL for one with a name that is chosen,
 *   which tracks all disks that can be tracked
 * @flags: how to create it; `REDEFINE` needs what only a document says, see
 *   [method@Domain.create_checkpoint_xml]
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Creates a checkpoint: from now on the blocks written to the domain's disks are tracked in a
 * dirty bitmap per disk, all started at the same point in time. The new checkpoint becomes the
 * child of the current one, and the current one itself.
 *
 * Does with a configuration what [method@Domain.create_checkpoint_xml] does with a document. With
 * the policy `TRACKABLE` a disk is left out only if it is known that it cannot be tracked
 * ([property@Disk:reason] says why); if it cannot be examined now, because its image cannot be
 * opened for example, the call fails.
 *
 * Fails with %VCK_ERROR_OPERATION_DENIED on a read-only connection, with %VCK_ERROR_INVALID_ARG
 * when @flags contradict each other, with %VCK_ERROR_XML_ERROR or %VCK_ERROR_XML_INVALID_SCHEMA
 * when the name or another text of @config cannot be one, with %VCK_ERROR_CONFIG_UNSUPPORTED when a
 * disk that is listed does not exist or cannot be tracked, or when none would be tracked, with
 * %VCK_ERROR_CHECKPOINT_EXISTS when the name is taken, with %VCK_ERROR_SYSTEM_ERROR when a disk
 * cannot be examined, with %VCK_ERROR_BUSY when another operation or another program holds the
 * domain or an image, with %VCK_ERROR_NO_DOMAIN when the domain no longer exists, and with
 * %VCK_ERROR_OPERATION_INVALID when the domain is being saved or migrated, or when @flags has
 * `QUIESCE` and it is not running. On failure, nothing is changed.
 *
 * Returns: (transfer full): the checkpoint
 *
 * Since: 1.0
 */
VckCheckpoint *
vck_domain_create_checkpoint (VckDomain *self,
                              VckCheckpointConfig *config,
                              VckCheckpointCreateFlags flags,
                              GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);
  g_return_val_if_fail (config == NULL || VCK_IS_CHECKPOINT_CONFIG (config), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create_take (
      vck_call_sync (create_new (&create_info, self, config, flags), cancellable, error));
}

/**
 * vck_domain_create_checkpoint_async:
 * @self: a domain, running or not
 * @config: (nullable): what the checkpoint shall be, or %NULL for one with a name that is chosen,
 *   which tracks all disks that can be tracked
 * @flags: how to create it
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@Domain.create_checkpoint] does, in another thread, and then calls @callback in
 * the thread-default main context of the caller. What @config says when this is called counts.
 *
 * Since: 1.0
 */
void
vck_domain_create_checkpoint_async (VckDomain *self,
                                    VckCheckpointConfig *config,
                                    VckCheckpointCreateFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (VCK_IS_DOMAIN (self));
  g_return_if_fail (config == NULL || VCK_IS_CHECKPOINT_CONFIG (config));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (create_new (&create_info, self, config, flags), cancellable, callback, user_data,
                  vck_domain_create_checkpoint_async);
}

/**
 * vck_domain_create_checkpoint_finish:
 * @self: a domain
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Domain.create_checkpoint_async].
 *
 * Returns: (transfer full): the checkpoint
 *
 * Since: 1.0
 */
VckCheckpoint *
vck_domain_create_checkpoint_finish (VckDomain *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return create_take (vck_call_finish (result, self, vck_domain_create_checkpoint_async, error));
}

/**
 * vck_domain_plan_checkpoint:
 * @self: a domain, running or not
 * @config: (nullable): what the checkpoint shall be, or %NULL for one with a name that is chosen,
 *   which tracks all disks that can be tracked
 * @flags: how it is to be created
 * @cancellable: (nullable): to cancel the call, or %NULL
 * @error: return location for an error
 *
 * Says what [method@Domain.create_checkpoint] would do: which disks would be tracked, under which
 * names, and why the others would not. It does what that does before it changes anything, in
 * the same way, and then stops: no bitmap is made, and no image is held. It works on a read-only
 * connection, too.
 *
 * Fails as [method@Domain.create_checkpoint] does, but for what shows only as images are
 * written, such as another program that holds one. Whether libvirt will refuse a checkpoint for
 * reasons of its own, such as a bitmap of that name that belongs to no checkpoint, is not known
 * beforehand.
 *
 * Returns: (transfer full): the plan
 *
 * Since: 1.0
 */
VckCheckpointPlan *
vck_domain_plan_checkpoint (VckDomain *self,
                            VckCheckpointConfig *config,
                            VckCheckpointCreateFlags flags,
                            GCancellable *cancellable,
                            GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);
  g_return_val_if_fail (config == NULL || VCK_IS_CHECKPOINT_CONFIG (config), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create_take (
      vck_call_sync (create_new (&plan_info, self, config, flags), cancellable, error));
}

/**
 * vck_domain_plan_checkpoint_async:
 * @self: a domain, running or not
 * @config: (nullable): what the checkpoint shall be, or %NULL for one with a name that is chosen,
 *   which tracks all disks that can be tracked
 * @flags: how it is to be created
 * @cancellable: (nullable): to cancel the call, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@Domain.plan_checkpoint] does, in another thread, and then calls @callback in
 * the thread-default main context of the caller. What @config says when this is called counts.
 *
 * Since: 1.0
 */
void
vck_domain_plan_checkpoint_async (VckDomain *self,
                                  VckCheckpointConfig *config,
                                  VckCheckpointCreateFlags flags,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (VCK_IS_DOMAIN (self));
  g_return_if_fail (config == NULL || VCK_IS_CHECKPOINT_CONFIG (config));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (create_new (&plan_info, self, config, flags), cancellable, callback, user_data,
                  vck_domain_plan_checkpoint_async);
}

/**
 * vck_domain_plan_checkpoint_finish:
 * @self: a domain
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Domain.plan_checkpoint_async].
 *
 * Returns: (transfer full): the plan
 *
 * Since: 1.0
 */
VckCheckpointPlan *
vck_domain_plan_checkpoint_finish (VckDomain *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return create_take (vck_call_finish (result, self, vck_domain_plan_checkpoint_async, error));
}
