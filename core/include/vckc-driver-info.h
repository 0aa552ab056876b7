/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which drivers there are, and whether they can be used. */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * vckc_list_drivers: (attributes bindgen.plumbing=1)
 * @ret_drivers: (out) (array zero-terminated=1) (transfer full): return location for the drivers
 * @err: return location for an error
 *
 * Lists the drivers that Vck has, with those that this build lacks, and looks whether each can be
 * used on this host. No connection is opened and no program is started: a daemon that does not
 * answer is found by opening a connection.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @ret_drivers is %NULL.
 *
 * Returns: how many drivers there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_list_drivers (VckcDriverInfo ***ret_drivers, VckcError **err);

/**
 * vckc_driver_info_ref: (attributes bindgen.plumbing=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_driver_info_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_driver_info_ref (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_unref: (attributes bindgen.plumbing=1)
 * @driver: (transfer full): a driver
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is %NULL or not a driver.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_driver_info_unref (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_get_name: (attributes bindgen.local=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Gets the name of the driver.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: (transfer none): the name, such as `local`, which lives as long as @driver
 *
 * Since: 1.0
 */
const char *vckc_driver_info_get_name (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_get_schemes: (attributes bindgen.plumbing=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Gets the schemes of the URIs that the driver opens. The driver of libvirt has none: it opens all
 * URIs that no other driver does.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: (array zero-terminated=1) (transfer none): the schemes, without colons, which live as
 * long as @driver
 *
 * Since: 1.0
 */
const char *const *vckc_driver_info_get_schemes (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_is_available: (attributes bindgen.local=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Gets whether this build has the driver, and this host the programs that it needs, as it was when
 * the drivers were listed.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_driver_info_is_available (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_get_reason: (attributes bindgen.local=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Gets why the driver is not available, and what to do about it.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: (transfer none) (nullable): the reason, human-readable, which lives as long as @driver;
 * %NULL if it is available
 *
 * Since: 1.0
 */
const char *vckc_driver_info_get_reason (VckcDriverInfo *driver, VckcError **err);

/**
 * vckc_driver_info_get_tools: (attributes bindgen.plumbing=1)
 * @driver: a driver
 * @err: return location for an error
 *
 * Gets the programs that the driver needs and that were found.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @driver is not a driver.
 *
 * Returns: (array zero-terminated=1) (transfer none): their paths, which live as long as @driver
 *
 * Since: 1.0
 */
const char *const *vckc_driver_info_get_tools (VckcDriverInfo *driver, VckcError **err);

#ifdef __cplusplus
}
#endif
