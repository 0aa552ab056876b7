/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "golden.h"

#include <string.h>

typedef struct
{
  char *input; /* path of NAME.xml */
  GoldenMaker maker;
} GoldenCase;

static void
golden_case_free (gpointer data)
{
  GoldenCase *golden = data;

  g_free (golden->input);
  g_free (golden);
}

static char *
read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

char *
golden_read (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", name, NULL);

  return read_file (path);
}

char *
golden_describe_error (VckcError *error)
{
  g_autoptr (VckcError) owned = error;

  return g_strdup_printf ("%u %s", (guint) vckc_error_get_code (owned),
                          vckc_error_get_message (owned));
}

static char *
output_path (const char *input, const char *suffix)
{
  return g_strdup_printf ("%.*s%s", (int) (strlen (input) - strlen (".xml")), input, suffix);
}

static void
compare (const char *path, const char *other_path, const char *actual)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  if (g_getenv ("UPDATE_GOLDEN") != NULL)
    {
      g_file_set_contents (path, actual, -1, &error);
      g_assert_no_error (error);
      return;
    }
  g_assert_false (g_file_test (other_path, G_FILE_TEST_EXISTS));
  expected = read_file (path);
  g_assert_cmpstr (actual, ==, expected);
}

static void
test_golden_case (gconstpointer data)
{
  const GoldenCase *golden = data;
  g_autofree char *text = read_file (golden->input);
  g_autofree char *out_path = output_path (golden->input, ".out");
  g_autofree char *err_path = output_path (golden->input, ".err");
  g_autofree char *again = NULL;
  VckcError *error = NULL;
  g_autofree char *made = golden->maker (text, &error);

  if (made == NULL)
    {
      g_autofree char *description = golden_describe_error (error);
      g_autofree char *line = g_strconcat (description, "\n", NULL);

      compare (err_path, out_path, line);
      return;
    }
  g_assert_null (error);
  compare (out_path, err_path, made);
  again = golden->maker (made, NULL);
  g_assert_cmpstr (again, ==, made);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_test (const char *path, const char *folder, const char *name, GoldenMaker maker)
{
  GoldenCase *golden = g_new (GoldenCase, 1);
  g_autofree char *case_path =
      g_strdup_printf ("%s/%.*s", path, (int) (strlen (name) - strlen (".xml")), name);

  golden->input = g_build_filename (folder, name, NULL);
  golden->maker = maker;
  g_test_add_data_func_full (case_path, golden, test_golden_case, golden_case_free);
}

void
golden_add_tests (const char *path, const char *folder, GoldenMaker maker)
{
  g_autofree char *folder_path = g_test_build_filename (G_TEST_DIST, "data", folder, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder_path, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".xml"))
      g_ptr_array_add (names, g_strdup (name));
  g_assert_cmpuint (names->len, >, 0);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_test (path, folder_path, g_ptr_array_index (names, i), maker);
}
