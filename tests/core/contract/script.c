/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The commands that tests prepare a domain with; contract.h lists them. */

#include "../refusal.h"
#include "contract.h"
#include "planned-deletion.h"

#include <string.h>

#define GRANULE 65536

typedef int (*Command) (Fixture *fixture, const char *const *words, guint n_words);

/* The code of an error, which it frees; 0 for none. */
static int
take_code (VckcError *error)
{
  int code = error != NULL ? (int) vckc_error_get_code (error) : 0;

  if (error != NULL)
    {
      g_test_message ("%s", vckc_error_get_message (error));
      assert_message_is_public (error);
    }
  vckc_error_free (error);
  return code;
}

static int
create_one (Fixture *fixture, const char *name)
{
  g_autofree char *xml = g_strdup_printf (
      "<domaincheckpoint><name>%s</name><disks><disk name='vda'/><disk name='vdb'/></disks>"
      "</domaincheckpoint>",
      name);
  VckcError *error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);

  g_assert_true ((checkpoint != NULL) == (error == NULL));
  return take_code (error);
}

/* create NAME... */
static int
script_create (Fixture *fixture, const char *const *words, guint n_words)
{
  g_assert_cmpuint (n_words, >=, 1);
  for (guint i = 0; i < n_words; i++)
    {
      int code = create_one (fixture, words[i]);

      if (code != 0)
        return code;
    }
  return 0;
}

/* redefine NAME [under PARENT] */
static int
script_redefine (Fixture *fixture, const char *const *words, guint n_words)
{
  g_autofree char *parent = NULL;
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  g_assert_true (n_words == 1 || (n_words == 3 && g_str_equal (words[1], "under")));
  if (n_words == 3)
    parent = g_strdup_printf ("<parent><name>%s</name></parent>", words[2]);
  xml = g_strdup_printf ("<domaincheckpoint><name>%s</name>%s<creationTime>5</creationTime>"
                         "<disks><disk name='vda'/><disk name='vdb'/></disks></domaincheckpoint>",
                         words[0], parent != NULL ? parent : "");
  g_autoptr (VckcDomainCheckpoint) checkpoint = vckc_domain_checkpoint_create_xml (
      fixture->domain, xml, VCKC_CHECKPOINT_CREATE_REDEFINE, &error);

  g_assert_true ((checkpoint != NULL) == (error == NULL));
  return take_code (error);
}

static unsigned int
parse_delete_flag (const char *word)
{
  if (g_str_equal (word, "children"))
    return VCKC_CHECKPOINT_DELETE_CHILDREN;
  if (g_str_equal (word, "children-only"))
    return VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY;
  if (g_str_equal (word, "metadata"))
    return VCKC_CHECKPOINT_DELETE_METADATA_ONLY;
  g_error ("'%s' is no flag of delete", word);
}

/* delete NAME [metadata] [children | children-only] */
static int
script_delete (Fixture *fixture, const char *const *words, guint n_words)
{
  VckcError *error = NULL;
  unsigned int flags = 0;
  int result;

  g_assert_cmpuint (n_words, >=, 1);
  g_autoptr (VckcDomainCheckpoint) checkpoint = fixture_lookup (fixture, words[0]);
  for (guint i = 1; i < n_words; i++)
    flags |= parse_delete_flag (words[i]);
  result = delete_as_planned (fixture, checkpoint, flags, &error);
  g_assert_true ((result == 0) == (error == NULL));
  return take_code (error);
}

/* write DISK OFFSET LENGTH */
static int
script_write (Fixture *fixture, const char *const *words, guint n_words)
{
  g_assert_cmpuint (n_words, ==, 3);
  g_autofree char *path = fixture_path (fixture, words[0]);

  fixture->target.write (&fixture->target, path, g_ascii_strtoull (words[1], NULL, 10) * GRANULE,
                         g_ascii_strtoull (words[2], NULL, 10) * GRANULE);
  return 0;
}

static void
change_bitmap (Fixture *fixture,
               void (*change) (Target *self, const char *path, const char *bitmap),
               const char *const *words,
               guint n_words)
{
  g_assert_cmpuint (n_words, ==, 2);
  g_autofree char *path = fixture_path (fixture, words[0]);

  change (&fixture->target, path, words[1]);
}

/* lose DISK BITMAP */
static int
script_lose (Fixture *fixture, const char *const *words, guint n_words)
{
  change_bitmap (fixture, fixture->target.lose_bitmap, words, n_words);
  return 0;
}

/* break DISK BITMAP */
static int
script_break (Fixture *fixture, const char *const *words, guint n_words)
{
  change_bitmap (fixture, fixture->target.break_bitmap, words, n_words);
  return 0;
}

/* add DISK BITMAP */
static int
script_add (Fixture *fixture, const char *const *words, guint n_words)
{
  change_bitmap (fixture, fixture->target.add_bitmap, words, n_words);
  return 0;
}

static const struct
{
  const char *name;
  Command command;
} commands[] = {
  { "create", script_create }, { "redefine", script_redefine }, { "delete", script_delete },
  { "write", script_write },   { "lose", script_lose },         { "break", script_break },
  { "add", script_add },
};

int
fixture_step (Fixture *fixture, const char *step)
{
  g_auto (GStrv) words = g_strsplit (step, " ", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (words[0], commands[i].name))
      return commands[i].command (fixture, (const char *const *) words + 1,
                                  g_strv_length (words) - 1);
  g_error ("'%s' is no command", step);
}

void
fixture_run (Fixture *fixture, const char *script)
{
  g_auto (GStrv) steps = g_strsplit (script, "; ", -1);

  for (guint i = 0; steps[i] != NULL; i++)
    if (*steps[i] != '\0' && fixture_step (fixture, steps[i]) != 0)
      g_error ("'%s' of '%s' failed", steps[i], script);
}
