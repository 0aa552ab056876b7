/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What to do if a host does not let the user in. */

#pragma once

#include "base/error-private.h"

/* Adds advice to the error of a connection that could not be opened, if the user was not let in and
 * could not be asked: by a program that answers no questions, or by ssh, also if that has ended
 * before libvirt could read why. */
VckcError *
vckc_libvirt_login_explain (VckcError *error /* (transfer full) */, const char *uri, bool can_ask);
