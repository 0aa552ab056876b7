/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "in-place-fixture.h"

#include "backup-images.h"
#include "image-fixture.h"

VckcRepository *
in_place_open_repository (RunFixture *fixture)
{
  VckcError *error = NULL;
  VckcRepository *repository = vckc_repository_open (fixture->root->path, 0, &error);

  assert_ok (repository != NULL, error);
  return repository;
}

int
in_place_try_restore (RunFixture *fixture,
                      const char *id,
                      const char *disk,
                      unsigned int flags,
                      VckcError **err)
{
  VckcRepository *repository = in_place_open_repository (fixture);
  VckcBackup *backup = vckc_repository_lookup_backup (
      repository, vckc_domain_get_uuid (fixture->domain, NULL), id, err);
  int result = -1;

  if (backup != NULL)
    {
      result =
          vckc_repository_restore_in_place (repository, fixture->domain, backup, disk, flags, err);
      vckc_backup_unref (backup, NULL);
    }
  vckc_repository_unref (repository, NULL);
  return result;
}

void
in_place_restore (RunFixture *fixture, const char *id, const char *disk, unsigned int flags)
{
  VckcError *error = NULL;
  int result = in_place_try_restore (fixture, id, disk, flags, &error);

  assert_ok (result == 0, error);
  run_fixture_assert_clean (fixture, fixture->root);
}

/* The disk holds what it held at that backup, in a sound image. */
void
in_place_assert_holds (RunFixture *fixture, guint disk, const char *id)
{
  const RunDisk *known = &fixture->disks[disk];
  g_autofree char *key = g_strdup_printf ("%s/%s", id, known->target);
  g_autofree char *hash = backup_images_hash (known->image, "qcow2");
  const char *const check[] = { "qemu-img", "check", "-q", "-f", "qcow2", known->image, NULL };

  g_assert_cmpstr (hash, ==, g_hash_table_lookup (fixture->hashes, key));
  image_fixture_run_quietly (check);
}

/* No file is beside the images that was not there before. */
void
in_place_assert_no_temporary (RunFixture *fixture)
{
  const char *const find[] = { "find", fixture->folder, "-name", "*.vck-restore", NULL };

  image_fixture_run_quietly (find);
}

void
in_place_back_up_rounds (RunFixture *fixture, char **ids, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      run_fixture_change (fixture);
      ids[i] = run_fixture_back_up (fixture);
    }
}

void
in_place_free_ids (char **ids, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (ids[i]);
}

bool
in_place_has_save_cb (VckcDomain *domain, bool *ret_saved, VckcError **err)
{
  *ret_saved = true;
  return true;
}

bool
in_place_fail_save_cb (VckcDomain *domain, bool *ret_saved, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "it is not known");
  return false;
}
