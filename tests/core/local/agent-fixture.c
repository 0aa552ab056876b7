/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "agent-fixture.h"

#include "image-fixture.h"

void
agent_fixture_set_up (AgentFixture *fixture, gconstpointer unused)
{
  fixture->folder = image_fixture_new ();
  fixture->socket = g_build_filename (fixture->folder, "qga", NULL);
}

void
agent_fixture_tear_down (AgentFixture *fixture, gconstpointer unused)
{
  image_fixture_assert_no_child ();
  g_free (fixture->socket);
  image_fixture_remove (fixture->folder);
}
