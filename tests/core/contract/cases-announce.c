/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists as events. */

#include "contract.h"

#include <stdlib.h>

/* What the events said last. */
typedef struct
{
  GString *log;       /* what happened to checkpoints */
  GPtrArray *domains; /* of VckcDomain */
} Heard;

static void
event_cb (const VckcEvent *event, void *opaque)
{
  Heard *heard = opaque;

  if (event->type == VCKC_EVENT_CHECKPOINT_ADDED)
    g_string_append_printf (heard->log, "+%s ", event->checkpoint->name);
  if (event->type == VCKC_EVENT_CHECKPOINT_REMOVED)
    g_string_append_printf (heard->log, "-%s ", event->checkpoint->name);
  if (event->type == VCKC_EVENT_CHECKPOINTS_LISTED)
    {
      g_assert_cmpstr (event->domain->uuid, ==, DOMAIN_UUID);
      g_string_append_c (heard->log, '[');
      for (gsize i = 0; i < event->n_listed; i++)
        g_string_append_printf (heard->log, "%s ", event->checkpoints[i]->name);
      g_string_append (heard->log, "] ");
    }
  if (event->type == VCKC_EVENT_DOMAINS_LISTED)
    {
      g_ptr_array_set_size (heard->domains, 0);
      for (gsize i = 0; i < event->n_listed; i++)
        g_ptr_array_add (heard->domains, vckc_object_ref (event->domains[i]));
    }
}

static void
announce (Fixture *fixture)
{
  g_assert_cmpint (vckc_domain_announce_checkpoints (fixture->domain, NULL), ==, 0);
}

/* All that there are, with the changes before and after in their order. */
static void
announce_checkpoints (Fixture *fixture, Heard *heard)
{
  announce (fixture);
  fixture_run (fixture, "create a b c; delete b");
  announce (fixture);
  fixture_run (fixture, "create b; delete a children");
  announce (fixture);
  g_assert_cmpstr (heard->log->str, ==, "[] +a +b +c -b [a c ] +b -b -c -a [] ");
}

/* The domains that a list has, as the same ones. */
static void
announce_domains (Fixture *fixture, Heard *heard)
{
  VckcDomain **listed = NULL;
  int count = vckc_connect_list_all_domains (fixture->connect, &listed, 0, NULL);

  g_assert_cmpint (vckc_connect_announce_domains (fixture->connect, NULL), ==, 0);
  g_assert_cmpint ((int) heard->domains->len, ==, count);
  for (int i = 0; i < count; i++)
    {
      const VckcDomain *domain = g_ptr_array_index (heard->domains, (guint) i);

      g_assert_cmpstr (domain->name, ==, listed[i]->name);
      g_assert_cmpuint (domain->incarnation, ==, listed[i]->incarnation);
    }
  for (int i = 0; i < count; i++)
    vckc_object_unref (listed[i]);
  free (listed);
}

static void
run_announce (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (GPtrArray) domains = g_ptr_array_new_with_free_func (vckc_object_unref);
  Heard heard = { g_string_new (NULL), domains };
  g_autoptr (VckcError) error = NULL;
  int id = vckc_connect_subscribe (fixture->connect, event_cb, &heard, NULL, NULL);

  announce_checkpoints (fixture, &heard);
  announce_domains (fixture, &heard);
  g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, id, NULL), ==, 0);
  /* Nothing is lost by a list that interests nothing. */
  announce (fixture);
  g_string_free (heard.log, TRUE);
  g_ptr_array_set_size (domains, 0);

  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_announce_checkpoints (fixture->domain, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_CONNECT);
  vckc_error_free (g_steal_pointer (&error));
  g_assert_cmpint (vckc_connect_announce_domains (fixture->connect, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_CONNECT);
}

void
add_announce_cases (const Target *target)
{
  add_case (target, "announce", run_announce, NULL);
}
