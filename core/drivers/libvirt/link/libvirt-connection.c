/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-connection.h"

VckcLibvirtConnection *
vckc_libvirt_get_connection (VckcConnect *connect)
{
  return connect->driver_data;
}

VckcLibvirtConnection *
vckc_libvirt_connection_ref (VckcLibvirtConnection *connection)
{
  g_atomic_int_inc (&connection->ref_count);
  return connection;
}

/* libvirt's own pointer and what is remembered are freed when the connection is, before this. */
void
vckc_libvirt_connection_unref (void *data)
{
  VckcLibvirtConnection *connection = data;

  if (!g_atomic_int_dec_and_test (&connection->ref_count))
    return;
  /* That is this thread, or one that was not waited for. */
  g_clear_pointer (&connection->left_thread, g_thread_unref);
  vckc_cond_clear (&connection->changed);
  vckc_mutex_clear (&connection->mutex);
  g_free (connection);
}

VckcConnect *
vckc_libvirt_connection_ref_connect (VckcLibvirtConnection *connection)
{
  VckcConnect *connect;

  vckc_mutex_lock (&connection->mutex);
  connect = connection->connect != NULL ? vckc_object_try_ref (connection->connect) : NULL;
  vckc_mutex_unlock (&connection->mutex);
  return connect;
}

virDomainPtr
vckc_libvirt_get_domain (VckcDomain *domain)
{
  return domain->driver_data;
}

virDomainCheckpointPtr
vckc_libvirt_get_checkpoint (VckcDomainCheckpoint *checkpoint)
{
  return checkpoint->driver_data;
}

VckcDomainCheckpoint *
vckc_libvirt_checkpoint_new (VckcDomain *domain, virDomainCheckpointPtr checkpoint)
{
  VckcDomainCheckpoint *handle =
      vckc_domain_checkpoint_new (domain, virDomainCheckpointGetName (checkpoint));

  handle->driver_data = checkpoint;
  return handle;
}

void
vckc_libvirt_domain_free (VckcDomain *domain)
{
  virDomainFree (domain->driver_data);
}

void
vckc_libvirt_checkpoint_free (VckcDomainCheckpoint *checkpoint)
{
  virDomainCheckpointFree (checkpoint->driver_data);
}
