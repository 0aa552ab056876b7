/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A child that was forked: objects of the parent, and its own. */

#include "../core/in-child.h"
#include "support.h"

/* What a child calls, and with what. */
typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
} ChildCall;

static void
call_with_context (gpointer data)
{
  ChildCall *call = data;

  g_main_context_push_thread_default (g_main_context_new ());
  call->func (call->data);
}

/* Calls `func` in a child with a main context of its own. */
static void
in_child_with_context (void (*func) (gpointer data), gpointer data)
{
  in_child (call_with_context, &(ChildCall){ func, data });
}

typedef struct
{
  VckConnection *connection;
  VckDomain *domain;
  VckCheckpoint *checkpoint;
  guint n_signals;
} Opened;

static void
count_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  ((Opened *) data)->n_signals++;
}

static void
open_all (Opened *self)
{
  self->connection = support_open ();
  self->domain = support_lookup_test (self->connection);
  self->n_signals = 0;
  g_signal_connect (self->domain, "checkpoint-added", G_CALLBACK (count_cb), self);
  self->checkpoint = support_create (self->domain, "a");
}

static void
free_all (Opened *self)
{
  g_object_unref (self->checkpoint);
  g_object_unref (self->domain);
  g_object_unref (self->connection);
}

/* Counts in one of the three ways in which a call is made. */
static int
count_async (VckDomain *domain, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  vck_domain_count_checkpoints_async (domain, 0, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  return vck_domain_count_checkpoints_finish (domain, result, error);
}

static int
count_cancellable (VckDomain *domain, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  return vck_domain_count_checkpoints (domain, 0, cancellable, error);
}

static void
use_inherited (gpointer data)
{
  Opened *opened = data;
  const guint n_signals = opened->n_signals;
  GError *error = NULL;

  g_assert_cmpint (vck_domain_count_checkpoints (opened->domain, 0, NULL, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_cmpint (count_cancellable (opened->domain, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_cmpint (count_async (opened->domain, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_false (vck_checkpoint_delete (opened->checkpoint, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);

  g_assert_false (vck_connection_is_open (opened->connection));
  g_assert_cmpstr (vck_domain_get_name (opened->domain), ==, "test");
  g_assert_cmpstr (vck_checkpoint_get_name (opened->checkpoint), ==, "a");
  support_drain (NULL);
  g_assert_cmpuint (opened->n_signals, ==, n_signals);
  g_assert_true (vck_connection_close (opened->connection, &error));
  free_all (opened);
}

/* The child gets errors and none of the pending signals of the parent, and does not affect the
 * parent. */
static void
test_inherited (void)
{
  Opened opened;
  g_autoptr (VckCheckpoint) after = NULL;

  open_all (&opened);
  in_child_with_context (use_inherited, &opened);
  g_assert_true (vck_connection_is_open (opened.connection));
  after = support_create (opened.domain, "b");
  support_drain (NULL);
  g_assert_cmpuint (opened.n_signals, ==, 2);
  free_all (&opened);
}

static void
use_own (gpointer unused)
{
  Opened own;
  g_autoptr (GError) error = NULL;

  open_all (&own);
  g_assert_cmpint (vck_domain_count_checkpoints (own.domain, 0, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (count_cancellable (own.domain, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (count_async (own.domain, &error), ==, 1);
  g_assert_no_error (error);
  support_drain (g_main_context_get_thread_default ());
  g_assert_cmpuint (own.n_signals, ==, 1);
  free_all (&own);
}

/* After calls of every kind in the parent, so that threads of its pool wait for more. */
static void
test_own (void)
{
  Opened opened;
  g_autoptr (GError) error = NULL;

  open_all (&opened);
  g_assert_cmpint (count_async (opened.domain, &error), ==, 1);
  g_assert_cmpint (count_cancellable (opened.domain, &error), ==, 1);
  in_child_with_context (use_own, NULL);
  in_child_with_context (use_inherited, &opened);
  g_assert_cmpint (count_async (opened.domain, &error), ==, 1);
  free_all (&opened);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/fork/inherited", test_inherited);
  g_test_add_func ("/vck/fork/own", test_own);

  return g_test_run ();
}
