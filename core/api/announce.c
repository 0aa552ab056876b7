/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points that notify subscribers of what there is, in the order of all events. */

#include "api/entry.h"

int
vckc_connect_announce_domains (VckcConnect *connect, VckcError **err)
{
  VckcError *error = NULL;
  bool announced;

  VCKC_TRACE ("connect=%p", (void *) connect);

  if (!vckc_check_handle (connect, &vckc_connect_class, err) || !vckc_check_open (connect, err)
      || !vckc_check_callable (connect, connect->driver->connect_announce_domains != NULL,
                               "announce domains", err))
    return -1;

  announced = connect->driver->connect_announce_domains (connect, &error);
  return vckc_driver_returned (connect, announced, error, G_STRFUNC, err) ? 0 : -1;
}

int
vckc_domain_announce_checkpoints (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  bool announced;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_announce_checkpoints != NULL,
                            "announce checkpoints", err))
    return -1;

  announced = driver->domain_announce_checkpoints (domain, &error);
  return vckc_driver_returned (domain->connect, announced, error, G_STRFUNC, err) ? 0 : -1;
}
