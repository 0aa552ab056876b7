/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What every public type has: g_autoptr() and its like, and properties that a tool can explain. */

#include <string.h>
#include <vck/vck.h>

#include "public-types.h"

/* A dead reference is one whose object is gone. */
static void
assert_died (GWeakRef *weak)
{
  g_assert_null (g_weak_ref_get (weak));
  g_weak_ref_clear (weak);
}

static void
assert_plain (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_ascii_isupper (text[0]));
  g_assert_null (strpbrk (text, "%@`#[]\n"));
  g_assert_false (g_str_has_suffix (text, "."));
}

static void
assert_has_texts (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n_properties = 0;
  g_autofree GParamSpec **properties =
      g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_properties);

  for (guint i = 0; i < n_properties; i++)
    {
      const char *nick = g_param_spec_get_nick (properties[i]);
      const char *blurb = g_param_spec_get_blurb (properties[i]);

      g_test_message ("%s:%s: %s: %s", g_type_name (type), properties[i]->name, nick, blurb);
      assert_plain (nick);
      assert_plain (blurb);
      g_assert_cmpuint (strlen (blurb), >, strlen (nick));
    }
}

#define TEST_CLASS(Type, get_type)                                                                 \
  {                                                                                                \
    GWeakRef weak;                                                                                 \
    {                                                                                              \
      g_autoptr (Type) object = g_object_new (get_type (), NULL);                                  \
      g_weak_ref_init (&weak, object);                                                             \
    }                                                                                              \
    assert_died (&weak);                                                                           \
    {                                                                                              \
      g_autolist (Type) list = g_list_prepend (NULL, g_object_new (get_type (), NULL));            \
      g_weak_ref_init (&weak, list->data);                                                         \
    }                                                                                              \
    assert_died (&weak);                                                                           \
  }

static void
test_classes (void)
{
  FOR_EACH_CLASS (TEST_CLASS)
}

/* That what is copied is freed is seen by the tools that look for leaks. */
#define TEST_BOXED(Type, get_type)                                                                 \
  {                                                                                                \
    const Type nothing = { 0 };                                                                    \
    g_autoptr (Type) copy = g_boxed_copy (get_type (), &nothing);                                  \
    g_autolist (Type) list = g_list_prepend (NULL, g_boxed_copy (get_type (), &nothing));          \
                                                                                                   \
    g_assert_true (copy != list->data);                                                            \
  }

static void
test_boxed (void)
{
  FOR_EACH_BOXED (TEST_BOXED)
}

#define TEST_TEXTS(Type, get_type) assert_has_texts (get_type ());

static void
test_texts (void)
{
  FOR_EACH_CLASS (TEST_TEXTS)
}

static void
test_version (void)
{
  g_autofree char *version = g_strdup_printf ("%u.%u.%u", vck_get_major_version (),
                                              vck_get_minor_version (), vck_get_micro_version ());

  g_assert_cmpstr (vck_get_version (), ==, version);
  g_assert_cmpstr (version, ==, VCK_VERSION_S);
  g_assert_true (vck_check_version (VCK_MAJOR_VERSION, VCK_MINOR_VERSION, VCK_MICRO_VERSION));
  g_assert_true (vck_check_version (VCK_MAJOR_VERSION - 1, VCK_MINOR_VERSION + 1, 0));
  g_assert_false (vck_check_version (VCK_MAJOR_VERSION, VCK_MINOR_VERSION, VCK_MICRO_VERSION + 1));
  g_assert_false (vck_check_version (VCK_MAJOR_VERSION, VCK_MINOR_VERSION + 1, 0));
  g_assert_false (vck_check_version (VCK_MAJOR_VERSION + 1, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/types/classes", test_classes);
  g_test_add_func ("/vck/types/boxed", test_boxed);
  g_test_add_func ("/vck/types/texts", test_texts);
  g_test_add_func ("/vck/types/version", test_version);

  return g_test_run ();
}
