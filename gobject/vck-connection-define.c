/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Domains of a connection, defined from a configuration. */

#include "vck-call.h"
#include "vck-config.h"
#include "vck-private.h"

typedef struct
{
  VckCall base;
  VckcDomainConfig *config; /* what it said as the call began; owned */
  VckDomain *result;        /* owned */
} DefineCall;

static void
define_hold (gpointer handle)
{
  vckc_connect_ref (handle, NULL);
}

static void
define_drop (gpointer handle)
{
  vckc_connect_unref (handle, NULL);
}

static void
define_clear (VckCall *base)
{
  DefineCall *call = (DefineCall *) base;

  g_clear_pointer (&call->config, vckc_domain_config_free);
  g_clear_object (&call->result);
}

static gboolean
define_run (VckCall *base, GError **error)
{
  DefineCall *call = (DefineCall *) base;
  VckcError *err = NULL;
  VckcDomain *domain = vckc_domain_define (base->handle, call->config, &err);

  if (domain == NULL)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = vck_domain_wrap (base->self, domain);
  return TRUE;
}

static const VckCallInfo define_info = {
  .name = "vck_connection_define_domain",
  .size = sizeof (DefineCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = define_hold,
  .drop = define_drop,
  .run = define_run,
  .clear = define_clear,
};

static VckCall *
define_new (VckConnection *self, VckDomainConfig *config)
{
  DefineCall *call = vck_call_new (&define_info, self, vck_connection_get_handle (self));

  call->config = vck_domain_config_make_plain (config);
  return &call->base;
}

static VckDomain *
define_take (VckCall *base)
{
  DefineCall *call = (DefineCall *) base;
  VckDomain *result = NULL;

  if (base == NULL)
    return NULL;
  result = g_steal_pointer (&call->result);
  vck_call_free (base);
  return result;
}

/**
 * vck_connection_define_domain:
 * @self: a connection
 * @config: what the domain shall be
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Defines a domain, or replaces the definition of the domain that has both the name and the UUID of
 * @config. Without a UUID in @config, a domain of that name keeps its UUID, and a new domain gets a
 * random one. Checkpoints are kept.
 *
 * Does with a configuration what [method@Connection.define_domain_xml] does with a document. What
 * the configuration cannot say is gone from a definition that is replaced. libvirt refuses a domain
 * without memory: give it a document.
 *
 * Fails with %VCK_ERROR_OPERATION_DENIED on a read-only connection, with %VCK_ERROR_XML_ERROR or
 * %VCK_ERROR_XML_INVALID_SCHEMA when the name, the UUID, a target, a socket or another text of
 * @config is missing or cannot be one, or when two disks have the same target, with
 * %VCK_ERROR_INVALID_ARG when the path of an image is relative, as it can be in a document, and
 * with %VCK_ERROR_DOMAIN_EXISTS when the name is taken by a domain of another UUID or the UUID by a
 * domain of another name.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckDomain *
vck_connection_define_domain (VckConnection *self,
                              VckDomainConfig *config,
                              GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (VCK_IS_CONNECTION (self), NULL);
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (config), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return define_take (vck_call_sync (define_new (self, config), cancellable, error));
}

/**
 * vck_connection_define_domain_async:
 * @self: a connection
 * @config: what the domain shall be
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@Connection.define_domain] does, in another thread, and then calls @callback in
 * the thread-default main context of the caller. What @config says when this is called counts.
 *
 * Since: 1.0
 */
void
vck_connection_define_domain_async (VckConnection *self,
                                    VckDomainConfig *config,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (VCK_IS_CONNECTION (self));
  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (config));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (define_new (self, config), cancellable, callback, user_data,
                  vck_connection_define_domain_async);
}

/**
 * vck_connection_define_domain_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Connection.define_domain_async].
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckDomain *
vck_connection_define_domain_finish (VckConnection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_CONNECTION (self), NULL);

  return define_take (vck_call_finish (result, self, vck_connection_define_domain_async, error));
}
