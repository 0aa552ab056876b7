/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/domain-dir-load.h"

#include <string.h>
#include <unistd.h>

#include "base/dir-file.h"
#include "base/log.h"
#include "drivers/local/store/checkpoint-filename.h"
#include "drivers/local/store/journal-file.h"

/* The largest name in a file, in bytes. */
#define MAX_SMALL ((gsize) 4096)

/* Adds a file that cannot be used to the unreadable ones. False, with the error, if that is not
 * certain. */
static bool
domain_dir_add_unreadable (VckcStoredDomain *stored,
                           const char *name,
                           VckcDirFound found,
                           VckcError *error /* (transfer full) */,
                           VckcError **err)
{
  g_autoptr (VckcError) owned = error;

  if (found == VCKC_DIR_FAILED)
    {
      vckc_propagate_error (err, g_steal_pointer (&owned));
      return false;
    }
  vckc_log_debug (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
  g_ptr_array_add (stored->unreadable, g_strdup (name));
  return true;
}

static bool
domain_dir_load_checkpoint (VckcDomainDir *self,
                            const char *file,
                            VckcStoredDomain *stored,
                            VckcError **err)
{
  g_autofree char *name = g_strndup (file, strlen (file) - strlen (VCKC_STORE_CHECKPOINT_SUFFIX));
  VckcDirFound found = VCKC_DIR_REFUSED;
  VckcError *error = NULL;
  char *text = NULL;

  if (!vckc_store_name_is_valid (name))
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR, "'%s/%s' is not named like a checkpoint",
                    self->checkpoints, file);
  else
    text = vckc_dir_read (self->checkpoints_fd, self->checkpoints, file, VCKC_STORE_MAX_TEXT,
                          &found, &error);
  if (error != NULL)
    return domain_dir_add_unreadable (stored, name, found, error, err);
  if (text != NULL)
    {
      g_ptr_array_add (stored->checkpoint_names, g_steal_pointer (&name));
      g_ptr_array_add (stored->checkpoint_xml, text);
    }
  return true;
}

static bool
domain_dir_load_checkpoints (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (GPtrArray) files = NULL;

  if (self->checkpoints_fd < 0)
    return true;
  files = vckc_dir_list (self->checkpoints_fd, self->checkpoints, err);
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (vckc_store_is_checkpoint_file (g_ptr_array_index (files, i))
        && !domain_dir_load_checkpoint (self, g_ptr_array_index (files, i), stored, err))
      return false;
  return files != NULL;
}

static bool
domain_dir_load_current (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  VckcDirFound found = VCKC_DIR_REFUSED;
  VckcError *error = NULL;
  g_autofree char *text =
      vckc_dir_read (self->dir_fd, self->where, VCKC_STORE_CURRENT_FILE, MAX_SMALL, &found, &error);

  if (text != NULL)
    g_strchomp (text);
  if (text != NULL && vckc_store_name_is_valid (text))
    stored->current = g_steal_pointer (&text);
  else if (text != NULL)
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR,
                    "'%s/%s' does not hold the name of a checkpoint", self->where,
                    VCKC_STORE_CURRENT_FILE);
  return error == NULL
         || domain_dir_add_unreadable (stored, VCKC_STORE_CURRENT_FILE, found, error, err);
}

/* Reads a file that may be missing. */
static bool
domain_dir_load_text (VckcDomainDir *self,
                      const char *name,
                      VckcStoredDomain *stored,
                      char **ret_text,
                      VckcError **err)
{
  VckcError *error = NULL;
  VckcDirFound found;

  *ret_text = vckc_dir_read (self->dir_fd, self->where, name, VCKC_STORE_MAX_TEXT, &found, &error);
  return error == NULL || domain_dir_add_unreadable (stored, name, found, error, err);
}

static bool
domain_dir_load_journal (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcDirFound found;
  g_autofree char *text = vckc_dir_read (self->dir_fd, self->where, VCKC_STORE_JOURNAL_FILE,
                                         VCKC_STORE_MAX_JOURNAL, &found, &error);

  if (found == VCKC_DIR_FAILED)
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  if (text != NULL)
    stored->journal = vckc_journal_parse (text, &error);
  if (error != NULL)
    stored->journal_problem = g_strdup (vckc_error_get_message (error));
  return true;
}

/* Has an interrupted write left files? */
static bool
domain_dir_is_untidy (VckcDomainDir *self)
{
  VckcDirFound found;
  int fd = vckc_dir_open (self->dir_fd, self->where, VCKC_STORE_TMP_DIR, false, &found, NULL);
  g_autoptr (GPtrArray) names = fd >= 0 ? vckc_dir_list (fd, self->where, NULL) : NULL;
  bool untidy = false;

  for (guint i = 0; names != NULL && !untidy && i < names->len; i++)
    untidy = vckc_domain_dir_is_temporary (g_ptr_array_index (names, i));
  if (fd >= 0)
    close (fd);
  return untidy;
}

VckcStoredDomain *
vckc_domain_dir_load (VckcDomainDir *self, const char *uuid, VckcError **err)
{
  g_autoptr (VckcStoredDomain) stored = vckc_stored_domain_new ();
  VckcDirFound found;

  stored->domain_xml = vckc_dir_read (self->dir_fd, self->where, VCKC_STORE_DOMAIN_FILE,
                                      VCKC_STORE_MAX_TEXT, &found, err);
  if (found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
  /* The journal last, so that a change that began before all was read is seen in the generation. */
  if (stored->domain_xml == NULL || !domain_dir_load_checkpoints (self, stored, err)
      || !domain_dir_load_current (self, stored, err)
      || !domain_dir_load_text (self, VCKC_STORE_NOTES_FILE, stored, &stored->notes, err)
      || !domain_dir_load_text (self, VCKC_STORE_BACKUP_FILE, stored, &stored->backup, err)
      || !domain_dir_load_journal (self, stored, err))
    return NULL;
  stored->untidy = domain_dir_is_untidy (self);
  return g_steal_pointer (&stored);
}
