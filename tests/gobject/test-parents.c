/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The parents of checkpoints, as properties. */

#include "support.h"

/* Creates a chain of three. */
typedef struct
{
  VckConnection *connection; /* owned reference */
  VckDomain *domain;         /* owned reference */
  VckCheckpoint *a;          /* owned reference */
  VckCheckpoint *b;          /* owned reference */
  VckCheckpoint *c;          /* owned reference */
} Chain;

static void
chain_set_up (Chain *self, gconstpointer data)
{
  self->connection = support_open ();
  self->domain = support_lookup_test (self->connection);
  self->a = support_create (self->domain, "a");
  self->b = support_create (self->domain, "b");
  self->c = support_create (self->domain, "c");
}

static void
chain_tear_down (Chain *self, gconstpointer data)
{
  g_clear_object (&self->c);
  g_clear_object (&self->b);
  g_clear_object (&self->a);
  g_clear_object (&self->domain);
  g_clear_object (&self->connection);
}

/* That the property and the getter return this object, or NULL. */
static void
assert_parent (VckCheckpoint *checkpoint, VckCheckpoint *parent)
{
  g_autoptr (VckCheckpoint) got = vck_checkpoint_get_parent (checkpoint);
  g_autoptr (VckCheckpoint) read = NULL;
  g_autofree char *name = vck_checkpoint_get_parent_name (checkpoint);

  g_object_get (checkpoint, "parent", &read, NULL);
  g_assert_true (got == parent);
  g_assert_true (read == parent);
  g_assert_cmpstr (name, ==, parent != NULL ? vck_checkpoint_get_name (parent) : NULL);
}

static void
test_object (Chain *self, gconstpointer data)
{
  g_autoptr (VckCheckpoint) asked = NULL;
  g_autoptr (GError) error = NULL;

  assert_parent (self->a, NULL);
  assert_parent (self->b, self->a);
  assert_parent (self->c, self->b);
  asked = vck_checkpoint_query_parent (self->c, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (asked == self->b);
  g_assert_null (vck_checkpoint_query_parent (self->a, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_autoptr (VckCheckpoint) parent = vck_checkpoint_get_parent (VCK_CHECKPOINT (object));

  g_string_append_printf (data, "%s=%s ", g_param_spec_get_name (pspec),
                          parent != NULL ? vck_checkpoint_get_name (parent) : "none");
}

/* Right when the call returns; announced once, in the main context. */
static void
test_deleted (Chain *self, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (self->c, "notify::parent", G_CALLBACK (notify_cb), log);
  g_signal_connect (self->b, "notify::parent", G_CALLBACK (notify_cb), log);
  support_delete (self->b, 0);
  assert_parent (self->c, self->a);
  assert_parent (self->b, self->a);
  g_assert_cmpstr (log->str, ==, "");
  support_drain (NULL);
  g_assert_cmpstr (log->str, ==, "parent=a ");
  support_delete (self->a, 0);
  assert_parent (self->c, NULL);
  support_drain (NULL);
  g_assert_cmpstr (log->str, ==, "parent=a parent=none ");
}

/* A parent that is created again is not the one that it was. */
static void
test_again (Chain *self, gconstpointer data)
{
  g_autoptr (VckCheckpoint) again = NULL;
  g_autoptr (VckCheckpoint) child = NULL;

  support_delete (self->b, VCK_CHECKPOINT_DELETE_CHILDREN);
  again = support_create (self->domain, "b");
  child = support_create (self->domain, "c");
  assert_parent (child, again);
  assert_parent (self->c, self->b);
  g_assert_true (again != self->b);
}

/* No reference to the parent is left: it is made when it is asked for, and not kept. */
static void
test_made (Chain *self, gconstpointer data)
{
  VckCheckpoint *parent;
  g_autoptr (VckCheckpoint) listed = NULL;

  support_assert_dies (g_steal_pointer (&self->b));
  parent = vck_checkpoint_get_parent (self->c);
  listed = vck_domain_lookup_checkpoint (self->domain, "b", NULL, NULL);
  g_assert_true (listed == parent);
  g_assert_cmpstr (vck_checkpoint_get_name (parent), ==, "b");
  assert_parent (parent, self->a);
  g_clear_object (&listed);
  support_assert_dies (parent);
}

/* It can be read after the connection was closed. */
static void
test_closed (Chain *self, gconstpointer data)
{
  vck_connection_close (self->connection, NULL);
  assert_parent (self->c, self->b);
  assert_parent (self->a, NULL);
}

static void
test_bare (void)
{
  g_autoptr (VckCheckpoint) bare = g_object_new (VCK_TYPE_CHECKPOINT, NULL);

  g_assert_null (vck_checkpoint_get_parent (bare));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/parents/object", Chain, NULL, chain_set_up, test_object, chain_tear_down);
  g_test_add ("/vck/parents/deleted", Chain, NULL, chain_set_up, test_deleted, chain_tear_down);
  g_test_add ("/vck/parents/again", Chain, NULL, chain_set_up, test_again, chain_tear_down);
  g_test_add ("/vck/parents/made", Chain, NULL, chain_set_up, test_made, chain_tear_down);
  g_test_add ("/vck/parents/closed", Chain, NULL, chain_set_up, test_closed, chain_tear_down);
  g_test_add_func ("/vck/parents/bare", test_bare);
  return g_test_run ();
}
