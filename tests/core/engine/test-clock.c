/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a checkpoint gets from the clock, which stands still here: its creation time and, if the
 * document has none, its name. */

#include <glib.h>

#include "base/clock.h"
#include "handles/handles.h"

#define SECONDS G_GINT64_CONSTANT (1700000000) /* 2023-11-14 22:13:20 UTC */
#define TIME(seconds, microseconds) ((seconds) *G_USEC_PER_SEC + (microseconds))

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer uri)
{
  fixture->connect = vckc_connect_open (uri, 0, NULL);
  g_assert_nonnull (fixture->connect);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  g_assert_nonnull (fixture->domain);
}

static void
tear_down (Fixture *fixture, gconstpointer uri)
{
  vckc_clock_freeze (0);
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
}

/* Creates a checkpoint at that time, and expects that name and creation time. */
static void
assert_created (Fixture *fixture, gint64 now, const char *xml, const char *name)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;

  vckc_clock_freeze (now);
  checkpoint = vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);
  g_assert_nonnull (checkpoint);
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (checkpoint, NULL), ==, name);
  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (checkpoint, NULL), ==,
                   now / G_USEC_PER_SEC);
}

static void
assert_unnamed (Fixture *fixture, gint64 now, const char *name)
{
  assert_created (fixture, now, "<domaincheckpoint/>", name);
}

/* Within a microsecond the next free one is taken, so that names sort by creation. */
static void
test_same_time (Fixture *fixture, gconstpointer uri)
{
  assert_unnamed (fixture, TIME (SECONDS, 5), "20231114T221320.000005Z");
  assert_unnamed (fixture, TIME (SECONDS, 5), "20231114T221320.000006Z");
  assert_unnamed (fixture, TIME (SECONDS, 5), "20231114T221320.000007Z");
  assert_unnamed (fixture, TIME (SECONDS, 7), "20231114T221320.000008Z");
}

/* The next free one may be in the next second; the creation time is still that of the clock. */
static void
test_end_of_second (Fixture *fixture, gconstpointer uri)
{
  assert_unnamed (fixture, TIME (SECONDS, 999999), "20231114T221320.999999Z");
  assert_unnamed (fixture, TIME (SECONDS, 999999), "20231114T221321.000000Z");
  assert_unnamed (fixture, TIME (SECONDS + 1, 0), "20231114T221321.000001Z");
}

/* A clock that is set back gives earlier names and times; the tree goes on all the same. */
static void
test_set_back (Fixture *fixture, gconstpointer uri)
{
  g_autoptr (VckcDomainCheckpoint) earlier = NULL;
  g_autofree char *parent = NULL;

  assert_unnamed (fixture, TIME (SECONDS, 0), "20231114T221320.000000Z");
  assert_unnamed (fixture, TIME (SECONDS - 3600, 0), "20231114T211320.000000Z");
  earlier =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "20231114T211320.000000Z", 0, NULL);
  g_assert_nonnull (earlier);
  parent = vckc_domain_checkpoint_get_parent_name (earlier, NULL);
  g_assert_cmpstr (parent, ==, "20231114T221320.000000Z");
}

/* The time of the document does not count, nor does redefining take the clock's. */
static void
test_named (Fixture *fixture, gconstpointer uri)
{
  static const char created[] =
      "<domaincheckpoint><name>a</name><creationTime>7</creationTime></domaincheckpoint>";
  g_autoptr (VckcDomainCheckpoint) redefined = NULL;

  assert_created (fixture, TIME (SECONDS, 999999), created, "a");
  redefined = vckc_domain_checkpoint_create_xml (fixture->domain, created,
                                                 VCKC_CHECKPOINT_CREATE_REDEFINE, NULL);
  g_assert_nonnull (redefined);
  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (redefined, NULL), ==, 7);
}

static void
test_real (Fixture *fixture, gconstpointer uri)
{
  const gint64 before = g_get_real_time ();

  vckc_clock_freeze (1);
  g_assert_cmpint (vckc_clock_now (), ==, 1);
  vckc_clock_freeze (0);
  g_assert_cmpint (vckc_clock_now (), >=, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, run)                                                                             \
  g_test_add ("/vck/clock/" name, Fixture, "memory:///clock-" name, set_up, run, tear_down)
  ADD ("same-time", test_same_time);
  ADD ("end-of-second", test_end_of_second);
  ADD ("set-back", test_set_back);
  ADD ("named", test_named);
  ADD ("real", test_real);
#undef ADD

  return g_test_run ();
}
