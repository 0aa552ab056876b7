/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is read of the stored texts of a domain. */

#include <glib.h>

#include "managed/stored-domain.h"

#define CHECKPOINT(name, domain)                                                                   \
  "<domaincheckpoint><name>" name "</name><creationTime>1</creationTime>" domain                   \
  "</domaincheckpoint>"
#define SMALL "<domain type='test'><name>d</name></domain>"
#define SMALL_OTHERWISE "<domain type=\"test\">\n<name>d</name>\n</domain>"
#define LARGE                                                                                      \
  "<domain type='test'><name>d</name><devices><disk type='file'><source file='/a'/>"               \
  "<target dev='vda'/></disk></devices></domain>"

static void
assert_readable_cb (const char *name, const char *reason, gpointer data)
{
  g_error ("%s: %s", name, reason);
}

static void
add (VckcStoredDomain *stored, const char *name, const char *xml)
{
  g_ptr_array_add (stored->checkpoint_names, g_strdup (name));
  g_ptr_array_add (stored->checkpoint_xml, g_strdup (xml));
}

static VckcDomainDef *
get_definition (const VckcCheckpointTree *tree, const char *name)
{
  return vckc_checkpoint_tree_lookup (tree, name)->def->domain;
}

/* Checkpoints share the definition they were made under, in whatever order they are read. */
static void
test_shared_definitions (void)
{
  g_autoptr (VckcStoredDomain) stored = vckc_stored_domain_new ();
  g_autoptr (VckcCheckpointTree) tree = NULL;

  add (stored, "a", CHECKPOINT ("a", SMALL));
  add (stored, "b", CHECKPOINT ("b", LARGE));
  add (stored, "c", CHECKPOINT ("c", SMALL_OTHERWISE));
  add (stored, "d", CHECKPOINT ("d", ""));
  add (stored, "e", CHECKPOINT ("e", LARGE));
  tree = vckc_stored_domain_read_checkpoints (stored, assert_readable_cb, NULL);
  g_assert_cmpuint (vckc_checkpoint_tree_size (tree), ==, 5);
  g_assert_true (get_definition (tree, "a") == get_definition (tree, "c"));
  g_assert_true (get_definition (tree, "b") == get_definition (tree, "e"));
  g_assert_true (get_definition (tree, "a") != get_definition (tree, "b"));
  g_assert_cmpuint (get_definition (tree, "b")->disks->len, ==, 1);
  g_assert_null (get_definition (tree, "d"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stored-domain/shared-definitions", test_shared_definitions);
  return g_test_run ();
}
