/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The socket of a guest agent, at which a QmpPeer can listen. */

#pragma once

#include <glib.h>

typedef struct
{
  char *folder;
  char *socket;
} AgentFixture;

void agent_fixture_set_up (AgentFixture *fixture, gconstpointer unused);
/* No child may be left. */
void agent_fixture_tear_down (AgentFixture *fixture, gconstpointer unused);
