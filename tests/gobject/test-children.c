/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists of the children of checkpoints, and of the roots. */

#include "list-mirror.h"
#include "support.h"

/* a has b and e below it, b has c and d; they were created in this order. */
typedef struct
{
  char *uri;
  VckConnection *connection; /* owned reference */
  VckDomain *domain;         /* owned reference */
  VckCheckpointList *all;    /* owned reference: loaded */
  VckCheckpointList *roots;  /* owned reference */
  GHashTable *checkpoints;   /* name -> VckCheckpoint */
  ListMirror mirror;         /* of what a test follows */
  ListMirror other;          /* the same */
} Fixture;

static VckCheckpoint *
add (Fixture *self, const char *name, const char *parent)
{
  g_autofree char *xml = g_strdup_printf (
      "<domaincheckpoint><name>%s</name>%s%s%s<creationTime>%u</creationTime></domaincheckpoint>",
      name, parent != NULL ? "<parent><name>" : "", parent != NULL ? parent : "",
      parent != NULL ? "</name></parent>" : "", 1 + g_hash_table_size (self->checkpoints));
  g_autoptr (GError) error = NULL;
  VckCheckpoint *checkpoint = vck_domain_create_checkpoint_xml (
      self->domain, xml, VCK_CHECKPOINT_CREATE_REDEFINE, NULL, &error);

  g_assert_no_error (error);
  g_hash_table_insert (self->checkpoints, g_strdup (name), checkpoint);
  return checkpoint;
}

static VckCheckpoint *
get (Fixture *self, const char *name)
{
  return g_hash_table_lookup (self->checkpoints, name);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->uri = support_memory_uri ();
  self->connection = vck_connection_open (self->uri, 0, NULL, &error);
  g_assert_no_error (error);
  self->domain = support_lookup_test (self->connection);
  self->checkpoints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  add (self, "a", NULL);
  add (self, "b", "a");
  add (self, "c", "b");
  add (self, "d", "b");
  add (self, "e", "a");
  self->all = vck_domain_get_checkpoints (self->domain);
  self->roots = vck_domain_get_root_checkpoints (self->domain);
  /* Only the load that a list begins with: a second one would come amid what a test does. */
  while (vck_checkpoint_list_is_loading (self->roots))
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  list_mirror_clear (&self->mirror);
  list_mirror_clear (&self->other);
  g_clear_object (&self->roots);
  g_clear_object (&self->all);
  g_clear_pointer (&self->checkpoints, g_hash_table_unref);
  g_clear_object (&self->domain);
  g_clear_object (&self->connection);
  g_free (self->uri);
}

static void
follow_children (Fixture *self, ListMirror *mirror, const char *name)
{
  g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (get (self, name));

  list_mirror_start (mirror, children);
}

/* A list that is new has all at once, in order, and is one list. */
static void
test_filled (Fixture *self, gconstpointer data)
{
  g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (get (self, "a"));
  g_autoptr (VckCheckpointList) same = NULL;
  g_autoptr (VckCheckpointList) again = vck_domain_get_root_checkpoints (self->domain);
  g_autoptr (VckCheckpoint) row = g_list_model_get_item (G_LIST_MODEL (children), 0);

  g_object_get (get (self, "a"), "children", &same, NULL);
  g_assert_true (same == children);
  g_assert_true (again == self->roots);
  g_assert_true (row == get (self, "b"));
  g_assert_true (vck_checkpoint_list_get_parent (children) == get (self, "a"));
  g_assert_null (vck_checkpoint_list_get_parent (self->roots));
  g_assert_true (vck_checkpoint_list_get_domain (children) == self->domain);
  g_assert_false (vck_checkpoint_list_is_loading (children));
  list_mirror_start (&self->mirror, children);
  list_mirror_assert (&self->mirror, "b e", "");
  follow_children (self, &self->other, "e");
  list_mirror_assert (&self->other, "", "");
}

/* The children of a checkpoint that is deleted go in the order of creation among the others. */
static void
test_reparented (Fixture *self, gconstpointer data)
{
  follow_children (self, &self->mirror, "a");
  follow_children (self, &self->other, "b");
  add (self, "f", "b");
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "b e", "");
  list_mirror_assert (&self->other, "c d f", "2-0+1 ");
  support_delete (get (self, "b"), 0);
  list_mirror_assert (&self->mirror, "b e", "");
  support_drain (NULL);
  list_mirror_assert (&self->other, "", "0-3+0 ");
  list_mirror_assert (&self->mirror, "c d e f", "0-1+0 1-0+1 0-0+2 ");
}

/* The children of a root become roots, and with them goes what is below. */
static void
test_roots (Fixture *self, gconstpointer data)
{
  list_mirror_start (&self->mirror, self->roots);
  follow_children (self, &self->other, "b");
  list_mirror_assert (&self->mirror, "a", "");
  support_delete (get (self, "a"), 0);
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "b e", "0-1+0 0-0+2 ");
  support_delete (get (self, "b"), VCK_CHECKPOINT_DELETE_CHILDREN);
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "e", "0-1+0 ");
  list_mirror_assert (&self->other, "", "0-2+0 ");
}

/* A redefinition moves a checkpoint; it keeps its rank among all. */
static void
test_moved (Fixture *self, gconstpointer data)
{
  follow_children (self, &self->mirror, "a");
  follow_children (self, &self->other, "b");
  add (self, "c", "a");
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "b c e", "1-0+1 ");
  list_mirror_assert (&self->other, "d", "0-1+0 ");
}

/* The first child, and the end of the last one, announce the parent again: nothing else does. */
static void
test_announced (Fixture *self, gconstpointer data)
{
  list_mirror_start (&self->mirror, self->roots);
  follow_children (self, &self->other, "a");
  add (self, "f", "e");
  support_drain (NULL);
  list_mirror_assert (&self->other, "b e", "1-1+1 ");
  add (self, "g", "e");
  support_drain (NULL);
  list_mirror_assert (&self->other, "b e", "");
  support_delete (get (self, "f"), 0);
  support_drain (NULL);
  list_mirror_assert (&self->other, "b e", "");
  support_delete (get (self, "g"), 0);
  support_drain (NULL);
  list_mirror_assert (&self->other, "b e", "1-1+1 ");
  support_delete (get (self, "a"), VCK_CHECKPOINT_DELETE_CHILDREN_ONLY);
  support_drain (NULL);
  list_mirror_assert (&self->other, "", "0-2+0 ");
  list_mirror_assert (&self->mirror, "a", "0-1+1 ");
}

/* The only child is replaced by its own: that is no reason to announce. */
static void
test_not_announced (Fixture *self, gconstpointer data)
{
  list_mirror_start (&self->mirror, self->roots);
  support_delete (get (self, "e"), 0);
  support_delete (get (self, "b"), 0);
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "a", "");
}

/* When a list shows that a checkpoint has children, they are there. */
static void
shown_cb (GListModel *roots, guint position, guint removed, guint added, gpointer data)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (VckCheckpoint) row = g_list_model_get_item (roots, i);
      g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (row);

      g_string_append_printf (data, "%s:%u ", vck_checkpoint_get_name (row),
                              g_list_model_get_n_items (G_LIST_MODEL (children)));
    }
}

static void
test_children_first (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (VckCheckpointList) of_x = NULL;
  g_autoptr (VckCheckpointList) of_a = vck_checkpoint_get_children (get (self, "a"));

  g_signal_connect (self->roots, "items-changed", G_CALLBACK (shown_cb), log);
  of_x = vck_checkpoint_get_children (add (self, "x", NULL));
  add (self, "y", "x");
  support_drain (NULL);
  g_assert_cmpstr (log->str, ==, "x:1 ");
  add (self, "z", NULL);
  support_drain (NULL);
  add (self, "zz", "z");
  support_drain (NULL);
  g_assert_cmpstr (log->str, ==, "x:1 z:0 z:1 ");
}

static void
log_name_cb (GListModel *list, guint position, guint removed, guint added, gpointer data)
{
  VckCheckpoint *parent = vck_checkpoint_list_get_parent (VCK_CHECKPOINT_LIST (list));

  g_string_append_printf (data, "%s ", parent != NULL ? vck_checkpoint_get_name (parent) : "roots");
}

/* What goes with all below it goes from the top, so that who shows it lets go of all at once. */
static void
test_gone_last (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (VckCheckpointList) of_a = vck_checkpoint_get_children (get (self, "a"));
  g_autoptr (VckCheckpointList) of_b = vck_checkpoint_get_children (get (self, "b"));

  g_signal_connect (of_b, "items-changed", G_CALLBACK (log_name_cb), log);
  g_signal_connect (of_a, "items-changed", G_CALLBACK (log_name_cb), log);
  g_signal_connect (self->roots, "items-changed", G_CALLBACK (log_name_cb), log);
  support_delete (get (self, "a"), VCK_CHECKPOINT_DELETE_CHILDREN);
  support_drain (NULL);
  g_assert_true (g_str_has_prefix (log->str, "roots "));
  g_assert_cmpuint (log->len, ==, strlen ("roots a b "));
}

/* Before the signal, as the list of all. */
static void
added_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  const guint n = g_list_model_get_n_items (data);
  g_autoptr (VckCheckpoint) last = g_list_model_get_item (data, n - 1);

  g_assert_true (last == checkpoint);
  g_object_set_data (data, "seen", checkpoint);
}

static void
test_before_signal (Fixture *self, gconstpointer data)
{
  g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (get (self, "b"));
  VckCheckpoint *added;

  g_signal_connect (self->domain, "checkpoint-added", G_CALLBACK (added_cb), children);
  added = add (self, "f", "b");
  g_assert_null (g_object_get_data (G_OBJECT (children), "seen"));
  support_drain (NULL);
  g_assert_true (g_object_get_data (G_OBJECT (children), "seen") == added);
}

/* What others do; a load or a refresh that finds nothing changes nothing. */
static void
test_load (Fixture *self, gconstpointer data)
{
  g_autoptr (VckConnection) connection = vck_connection_open (self->uri, 0, NULL, NULL);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) others = vck_domain_lookup_checkpoint (domain, "b", NULL, NULL);
  g_autoptr (GError) error = NULL;

  list_mirror_start (&self->mirror, self->roots);
  follow_children (self, &self->other, "a");
  support_delete (others, 0);
  g_assert_true (vck_checkpoint_list_load (VCK_CHECKPOINT_LIST (self->other.model), NULL, &error));
  g_assert_no_error (error);
  list_mirror_assert (&self->other, "c d e", "0-1+0 0-0+2 ");
  g_assert_true (vck_domain_refresh (self->domain, NULL, &error));
  g_assert_true (vck_checkpoint_list_load (self->roots, NULL, &error));
  support_drain (NULL);
  list_mirror_assert (&self->other, "c d e", "");
  list_mirror_assert (&self->mirror, "a", "");
}

/* A handler that runs the main context. */
static void
recurse_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  support_drain (NULL);
}

static void
test_recursion (Fixture *self, gconstpointer data)
{
  follow_children (self, &self->mirror, "a");
  follow_children (self, &self->other, "b");
  g_signal_connect (self->mirror.model, "items-changed", G_CALLBACK (recurse_cb), NULL);
  g_signal_connect (self->other.model, "items-changed", G_CALLBACK (recurse_cb), NULL);
  g_signal_connect (self->all, "items-changed", G_CALLBACK (recurse_cb), NULL);
  support_delete (get (self, "b"), 0);
  add (self, "f", "e");
  add (self, "g", "a");
  support_drain (NULL);
  list_mirror_assert (&self->other, "", "0-2+0 ");
  list_mirror_assert_exact (&self->mirror);
  g_string_truncate (self->mirror.log, 0);
  list_mirror_assert (&self->mirror, "c d e g", "");
}

static void
notify_cb (GObject *list, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", g_param_spec_get_name (pspec));
}

/* Closed: the rows stay, and each list says why. */
static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  VckCheckpointList *list;

  follow_children (self, &self->mirror, "b");
  follow_children (self, &self->other, "e");
  list = VCK_CHECKPOINT_LIST (self->mirror.model);
  g_signal_connect (list, "notify", G_CALLBACK (notify_cb), log);
  g_signal_connect (self->roots, "notify", G_CALLBACK (notify_cb), log);
  vck_connection_close (self->connection, NULL);
  support_drain (NULL);
  g_assert_cmpstr (log->str, ==, "error error ");
  g_assert_error (vck_checkpoint_list_get_error (list), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  g_assert_error (vck_checkpoint_list_get_error (self->roots), VCK_ERROR, VCK_ERROR_NO_CONNECT);
  g_assert_false (vck_checkpoint_list_load (list, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  list_mirror_assert (&self->mirror, "c d", "");
}

/* An undefined domain has none. */
static void
test_undefined (Fixture *self, gconstpointer data)
{
  list_mirror_start (&self->mirror, self->roots);
  follow_children (self, &self->other, "b");
  support_undefine (self->domain);
  support_drain (NULL);
  list_mirror_assert (&self->mirror, "", "0-1+0 ");
  list_mirror_assert (&self->other, "", "0-2+0 ");
}

/* Without a reference there is no list, and nothing is kept. */
static void
test_lives (Fixture *self, gconstpointer data)
{
  VckCheckpointList *children;

  support_drain (NULL);
  g_clear_object (&self->roots);
  children = vck_checkpoint_get_children (get (self, "b"));
  g_object_add_weak_pointer (G_OBJECT (self->all), (gpointer *) &self->all);
  g_object_unref (self->all);
  g_assert_nonnull (self->all);
  support_assert_dies (children);
  g_assert_null (self->all);
  children = vck_checkpoint_get_children (get (self, "b"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (children)), ==, 0);
  g_assert_true (vck_checkpoint_list_is_loading (children));
  g_assert_true (vck_checkpoint_list_load (children, NULL, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (children)), ==, 2);
  g_hash_table_remove_all (self->checkpoints);
  support_assert_dies (children);
  support_drain (NULL);
  support_assert_dies (g_steal_pointer (&self->domain));
  support_assert_dies (g_steal_pointer (&self->connection));
}

static void
test_bare (void)
{
  g_autoptr (VckCheckpoint) bare = g_object_new (VCK_TYPE_CHECKPOINT, NULL);
  g_autoptr (VckDomain) domain = g_object_new (VCK_TYPE_DOMAIN, NULL);
  g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (bare);
  g_autoptr (VckCheckpointList) roots = vck_domain_get_root_checkpoints (domain);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (children)), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (roots)), ==, 0);
  g_assert_false (vck_checkpoint_list_load (roots, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_DOMAIN);
}

#define ADD(name, test) g_test_add ("/vck/children/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("filled", test_filled);
  ADD ("reparented", test_reparented);
  ADD ("roots", test_roots);
  ADD ("moved", test_moved);
  ADD ("announced", test_announced);
  ADD ("not-announced", test_not_announced);
  ADD ("children-first", test_children_first);
  ADD ("gone-last", test_gone_last);
  ADD ("before-signal", test_before_signal);
  ADD ("load", test_load);
  ADD ("recursion", test_recursion);
  ADD ("closed", test_closed);
  ADD ("undefined", test_undefined);
  ADD ("lives", test_lives);
  g_test_add_func ("/vck/children/bare", test_bare);
  return g_test_run ();
}
