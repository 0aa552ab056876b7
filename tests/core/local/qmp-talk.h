/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A client of a peer whose whole part is written beforehand: a socket holds what the peer says
 * until the client reads it.
 */

#pragma once

#include "qemu/qmp-client.h"

#define QMP_TALK_GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define QMP_TALK_AGREED "{\"return\": {}, \"id\": 1}\r\n"
/* Timeouts, in milliseconds. */
#define QMP_TALK_SHORT 50
#define QMP_TALK_LONG 60000

typedef struct
{
  VckcQmpClient *client; /* NULL if it could not be made */
  VckcError *error;      /* of making it; for the test to use after that */
  int peer;              /* the other end */
} QmpTalk;

/* Connects a client to a peer that says `length` bytes (-1: up to its end) and then hangs up or
 * stays. options: (nullable) */
void qmp_talk_start (QmpTalk *talk,
                     const char *says,
                     gssize length,
                     bool hang_up,
                     const VckcQmpOptions *options);
void qmp_talk_end (QmpTalk *talk);
