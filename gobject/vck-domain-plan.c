/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Plans of checkpoints of a domain, made from a configuration. */

#include "vck-call.h"
#include "vck-config.h"
#include "vck-private.h"

typedef struct
{
  VckCall base;
  VckcCheckpointConfig *config; /* what it said as the call began; owned */
  VckCheckpointCreateFlags flags;
  VckCheckpointPlan *result; /* owned */
} PlanCall;

static void
plan_hold (gpointer handle)
{
  vckc_domain_ref (handle, NULL);
}

static void
plan_drop (gpointer handle)
{
  vckc_domain_unref (handle, NULL);
}

static void
plan_clear (VckCall *base)
{
  PlanCall *call = (PlanCall *) base;

  g_clear_pointer (&call->config, vckc_checkpoint_config_free);
  g_clear_object (&call->result);
}

static gboolean
plan_run (VckCall *base, GError **error)
{
  PlanCall *call = (PlanCall *) base;
  VckcError *err = NULL;
  VckcCheckpointPlan *plan =
      vckc_domain_plan_checkpoint (base->handle, call->config, (unsigned int) call->flags, &err);

  if (plan == NULL)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = vck_checkpoint_plan_wrap (base->self, plan);
  return TRUE;
}

static const VckCallInfo plan_info = {
  .name = "vck_domain_plan_checkpoint",
  .size = sizeof (PlanCall),
  .kind = VCK_CALL_READER,
  .hold = plan_hold,
  .drop = plan_drop,
  .run = plan_run,
  .clear = plan_clear,
};

static VckCall *
plan_new (VckDomain *self, VckCheckpointConfig *config, VckCheckpointCreateFlags flags)
{
  PlanCall *call = vck_call_new (&plan_info, self, vck_domain_get_handle (self));

  call->config = vck_checkpoint_config_make_plain (config);
  call->flags = flags;
  return &call->base;
}

static VckCheckpointPlan *
plan_take (VckCall *base)
{
  PlanCall *call = (PlanCall *) base;
  VckCheckpointPlan *result = NULL;

  if (base == NULL)
    return NULL;
  result = g_steal_pointer (&call->result);
  vck_call_free (base);
  return result;
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

  return plan_take (vck_call_sync (plan_new (self, config, flags), cancellable, error));
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

  vck_call_async (plan_new (self, config, flags), cancellable, callback, user_data,
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

  return plan_take (vck_call_finish (result, self, vck_domain_plan_checkpoint_async, error));
}
