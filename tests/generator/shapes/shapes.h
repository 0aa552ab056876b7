/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "shapes-enums.h"
#include "shapes-error.h"
#include "shapes-key-methods.h"
#include "shapes-room-methods.h"
#include "shapes-spot.h"
#include "shapes-thing-methods.h"
