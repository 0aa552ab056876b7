/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "handles/driver.h"

extern const VckcDriver vckc_libvirt_driver;
