/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What to do if a URI is one of libvirt's, but for a mistake in its scheme. */

#pragma once

#include "base/error-private.h"

/* Adds the scheme that was meant to the error of a connection that could not be opened, if there is
 * one. libvirt looks for a daemon first, so its own message may be about that. */
VckcError *vckc_libvirt_scheme_explain (VckcError *error /* (transfer full) */, const char *uri);
