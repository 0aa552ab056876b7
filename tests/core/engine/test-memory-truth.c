/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of simulated disks, at random: what each job says that it copies, and what each
 * checkpoint says that was written, is what was written. GLib prints the seed, which --seed
 * repeats.
 */

#include <stdlib.h>

#include "drivers/memory/testing/memory-hooks.h"
#include "vckc.h"

#define ROUNDS 40
#define DISKS 2
#define BLOCK 65536
#define CAPACITY (1024 * 1024 * 1024)
#define BLOCKS (CAPACITY / BLOCK)

static const char *const targets[DISKS] = { "vda", "vdb" };

typedef struct
{
  char *name;
  guint8 written[DISKS][BLOCKS]; /* since it was made */
} Model;

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
  GPtrArray *models; /* of Model: the checkpoints that there are */
  guint n_names;
} Fixture;

static void
model_free (gpointer data)
{
  Model *model = data;

  g_free (model->name);
  g_free (model);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->connect = vckc_connect_open ("memory:///truth", 0, NULL);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  g_assert_nonnull (fixture->domain);
  fixture->models = g_ptr_array_new_with_free_func (model_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->models);
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
}

static Model *
pick (Fixture *fixture)
{
  guint n = fixture->models->len;

  return n > 0 ? fixture->models->pdata[g_test_rand_int_range (0, (gint32) n)] : NULL;
}

static void
write_at_random (Fixture *fixture)
{
  guint disk = (guint) g_test_rand_int_range (0, DISKS);
  guint length = (guint) g_test_rand_int_range (1, 5 * BLOCK);
  guint offset = (guint) g_test_rand_int_range (0, (gint32) (CAPACITY - length));

  g_assert_true (vckc_memory_write (fixture->domain, targets[disk], offset, length));
  for (guint i = 0; i < fixture->models->len; i++)
    for (guint block = offset / BLOCK; block <= (offset + length - 1) / BLOCK; block++)
      ((Model *) fixture->models->pdata[i])->written[disk][block] = 1;
}

static void
write_some (Fixture *fixture)
{
  for (gint32 n = g_test_rand_int_range (0, 6); n > 0; n--)
    write_at_random (fixture);
}

static void
delete_at_random (Fixture *fixture)
{
  Model *model = pick (fixture);
  VckcDomainCheckpoint *checkpoint;

  if (model == NULL || g_test_rand_int_range (0, 3) > 0)
    return;
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture->domain, model->name, 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, NULL), ==, 0);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  g_ptr_array_remove (fixture->models, model);
}

/* --- backups --- */

static gint64
count_bytes (const Model *model, guint disk)
{
  gint64 n = 0;

  for (guint block = 0; block < BLOCKS; block++)
    n += model->written[disk][block];
  return n * BLOCK;
}

static char *
make_document (Fixture *fixture, const Model *base)
{
  g_autoptr (GString) xml = g_string_new ("<domainbackup>");

  if (base != NULL)
    g_string_append_printf (xml, "<incremental>%s</incremental>", base->name);
  g_string_append (xml, "<disks>");
  for (guint i = 0; i < DISKS; i++)
    g_string_append_printf (xml, "<disk name='%s' type='file'><target file='/truth/%s-%u'/></disk>",
                            targets[i], targets[i], fixture->n_names);
  g_string_append (xml, "</disks></domainbackup>");
  return g_string_free (g_steal_pointer (&xml), FALSE);
}

/* The job has ended so, and has copied these disks. */
static void
await_end (Fixture *fixture, VckcJobState state, const gint64 *bytes)
{
  VckcJobInfo *info = vckc_domain_wait_job (fixture->domain, NULL);
  VckcJobDisk **disks;

  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, state);
  g_assert_cmpint (vckc_job_info_list_disks (info, &disks, NULL), ==, DISKS);
  for (guint i = 0; i < DISKS; i++)
    {
      g_assert_cmpstr (vckc_job_disk_get_name (disks[i], NULL), ==, targets[i]);
      g_assert_cmpint (vckc_job_disk_get_bytes_total (disks[i], NULL), ==, bytes[i]);
      if (state == VCKC_JOB_STATE_DONE)
        g_assert_cmpint (vckc_job_disk_get_bytes_done (disks[i], NULL), ==, bytes[i]);
      vckc_job_disk_unref (disks[i], NULL);
    }
  free (disks);
  vckc_job_info_unref (info, NULL);
}

/* The disks are written to while it is made; a checkpoint of one that is aborted is gone. */
static void
back_up (Fixture *fixture)
{
  const Model *base = g_test_rand_int_range (0, 4) > 0 ? pick (fixture) : NULL;
  bool aborted = g_test_rand_int_range (0, 4) == 0;
  Model *model = g_new0 (Model, 1);
  g_autofree char *backup = make_document (fixture, base);
  g_autofree char *checkpoint = NULL;
  gint64 bytes[DISKS];

  model->name = g_strdup_printf ("c%u", fixture->n_names++);
  checkpoint =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", model->name);
  for (guint i = 0; i < DISKS; i++)
    bytes[i] = base != NULL ? count_bytes (base, i) : CAPACITY;
  vckc_memory_hold_backups (fixture->connect, true);
  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain, backup, checkpoint, 0, NULL), ==, 0);
  g_ptr_array_add (fixture->models, model);
  write_some (fixture);
  if (aborted)
    g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  vckc_memory_hold_backups (fixture->connect, false);
  await_end (fixture, aborted ? VCKC_JOB_STATE_CANCELLED : VCKC_JOB_STATE_DONE, bytes);
  if (aborted)
    g_ptr_array_remove (fixture->models, model);
}

/* --- checks --- */

static void
check_extents (VckcDomainCheckpoint *checkpoint, const Model *model, guint disk)
{
  g_autofree guint8 *found = g_new0 (guint8, BLOCKS);
  VckcExtent *extents = NULL;
  int n = vckc_domain_checkpoint_list_extents (checkpoint, targets[disk], &extents, 0, NULL);

  g_assert_cmpint (n, >=, 0);
  for (int i = 0; i < n; i++)
    for (guint64 block = extents[i].offset / BLOCK;
         block < (extents[i].offset + extents[i].length) / BLOCK; block++)
      found[block] = 1;
  free (extents);
  g_assert_cmpmem (found, BLOCKS, model->written[disk], BLOCKS);
}

/* The checkpoints are those that there should be, and know what was written. */
static void
check (Fixture *fixture)
{
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==,
                   fixture->models->len);
  for (guint i = 0; i < fixture->models->len; i++)
    {
      const Model *model = fixture->models->pdata[i];
      VckcDomainCheckpoint *checkpoint =
          vckc_domain_checkpoint_lookup_by_name (fixture->domain, model->name, 0, NULL);

      g_assert_nonnull (checkpoint);
      for (guint disk = 0; disk < DISKS; disk++)
        check_extents (checkpoint, model, disk);
      vckc_domain_checkpoint_unref (checkpoint, NULL);
    }
}

static void
test_truth (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      write_some (fixture);
      delete_at_random (fixture);
      back_up (fixture);
      check (fixture);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/memory-truth", Fixture, NULL, set_up, test_truth, tear_down);
  return g_test_run ();
}
