/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Stands in for libFuzzer: a test that tries every seed and a fixed number of changes of them,
 * always the same.
 *
 *   fuzz-NAME                     the test; VCK_FUZZ_RUNS says how many changes
 *   fuzz-NAME --write-seeds DIR   writes the seeds, for libFuzzer to begin with
 *   fuzz-NAME FILE...             tries these inputs, such as one that libFuzzer kept
 *
 * What was tried last is written to fuzz-NAME.input when it ends the program by a signal.
 */

#include "fuzz-input.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED 20240607
#define N_RUNS 20000
#define N_RUNS_SMALL 100

/* For the signal handler. */
static const guint8 *last_input;
static gsize last_size;
static char last_path[64];

static void
keep_input_cb (int number)
{
  int fd = open (last_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd >= 0 && write (fd, last_input, last_size) >= 0)
    close (fd);
  signal (number, SIG_DFL);
  raise (number);
}

static void
run_one (const guint8 *bytes, gsize size)
{
  last_input = bytes;
  last_size = size;
  g_assert_cmpint (LLVMFuzzerTestOneInput (bytes, size), ==, 0);
}

static GPtrArray *
list_seeds (void)
{
  const char *data = g_getenv ("VCK_FUZZ_DATA");

  g_assert_nonnull (data);
  return fuzz_input_list_seeds (&fuzz_target, data);
}

static void
test_seeds (void)
{
  g_autoptr (GPtrArray) seeds = list_seeds ();

  for (guint i = 0; i < seeds->len; i++)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (seeds, i), &size);

      run_one (bytes, size);
    }
  g_test_message ("%u seeds", seeds->len);
}

static guint64
count_runs (void)
{
  const char *text = g_getenv ("VCK_FUZZ_RUNS");

  if (text != NULL)
    return g_ascii_strtoull (text, NULL, 10);
  return g_getenv ("VCK_TEST_SMALL") != NULL ? N_RUNS_SMALL : N_RUNS;
}

static void
test_changes (void)
{
  g_autoptr (GPtrArray) seeds = list_seeds ();
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  guint64 n_runs = count_runs ();

  for (guint64 i = 0; i < n_runs; i++)
    {
      g_autoptr (GByteArray) input = fuzz_input_mutate (&fuzz_target, seeds, random);

      run_one (input->data, input->len);
    }
  g_test_message ("%" G_GUINT64_FORMAT " executions", n_runs);
}

static int
write_seeds (const char *folder)
{
  g_autoptr (GPtrArray) seeds = list_seeds ();

  for (guint i = 0; i < seeds->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/seed-%u", folder, i);
      g_autoptr (GError) error = NULL;
      gsize size;
      const char *bytes = g_bytes_get_data (g_ptr_array_index (seeds, i), &size);

      if (!g_file_set_contents (path, bytes, (gssize) size, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
    }
  return EXIT_SUCCESS;
}

static int
run_files (char **paths)
{
  for (; *paths != NULL; paths++)
    {
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      gsize size;

      if (!g_file_get_contents (*paths, &text, &size, &error))
        {
          g_printerr ("%s\n", error->message);
          return EXIT_FAILURE;
        }
      run_one ((const guint8 *) text, size);
    }
  return EXIT_SUCCESS;
}

static int
run_tests (int argc, char **argv)
{
  g_autofree char *seeds_path = g_strdup_printf ("/vck/fuzz/%s/seeds", fuzz_target.name);
  g_autofree char *changes_path = g_strdup_printf ("/vck/fuzz/%s/changes", fuzz_target.name);

  g_test_init (&argc, &argv, NULL);
  g_snprintf (last_path, sizeof last_path, "fuzz-%s.input", fuzz_target.name);
  signal (SIGABRT, keep_input_cb);
  signal (SIGSEGV, keep_input_cb);
  g_test_add_func (seeds_path, test_seeds);
  g_test_add_func (changes_path, test_changes);
  return g_test_run ();
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--write-seeds") == 0)
    return write_seeds (argv[2]);
  if (argc > 1 && *argv[1] != '-')
    return run_files (argv + 1);
  return run_tests (argc, argv);
}
