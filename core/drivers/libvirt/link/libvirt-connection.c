/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-connection.h"

VckcLibvirt *
vckc_libvirt_of (VckcConnect *connect)
{
  return connect->driver_data;
}

VckcLibvirt *
vckc_libvirt_ref (VckcLibvirt *libvirt)
{
  g_atomic_int_inc (&libvirt->ref_count);
  return libvirt;
}

/* libvirt's own pointer and what is remembered are freed when the connection is, before this. */
void
vckc_libvirt_unref (void *data)
{
  VckcLibvirt *libvirt = data;

  if (!g_atomic_int_dec_and_test (&libvirt->ref_count))
    return;
  vckc_mutex_clear (&libvirt->mutex);
  g_free (libvirt);
}

VckcConnect *
vckc_libvirt_get_connect (VckcLibvirt *libvirt)
{
  VckcConnect *connect;

  vckc_mutex_lock (&libvirt->mutex);
  connect = libvirt->connect != NULL ? vckc_object_try_ref (libvirt->connect) : NULL;
  vckc_mutex_unlock (&libvirt->mutex);
  return connect;
}

virDomainPtr
vckc_libvirt_domain_of (VckcDomain *domain)
{
  return domain->driver_data;
}

virDomainCheckpointPtr
vckc_libvirt_checkpoint_of (VckcDomainCheckpoint *checkpoint)
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
