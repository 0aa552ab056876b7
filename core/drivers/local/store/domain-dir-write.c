/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/domain-dir-write.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/dir-file.h"
#include "base/log.h"
#include "drivers/local/store/checkpoint-filename.h"

/* Adds a file that a change writes. */
static bool
domain_dir_add_text (VckcDomainDir *self,
                     VckcDirBatch *batch,
                     const char *name,
                     bool set,
                     const char *text,
                     VckcError **err)
{
  return !set || text == NULL
         || vckc_dir_batch_add (batch, self->dir_fd, self->where, name, text, err);
}

static bool
domain_dir_write_texts (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  g_autoptr (VckcDirBatch) batch = vckc_dir_batch_new (self->tmp_fd);
  GHashTableIter iter;
  gpointer name;
  gpointer text;

  g_hash_table_iter_init (&iter, change->write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_autofree char *file = g_strconcat (name, VCKC_STORE_CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_batch_add (batch, self->checkpoints_fd, self->checkpoints, file, text, err))
        return false;
    }
  if (change->set_current && change->current != NULL)
    {
      g_autofree char *line = g_strconcat (change->current, "\n", NULL);

      if (!vckc_dir_batch_add (batch, self->dir_fd, self->where, VCKC_STORE_CURRENT_FILE, line,
                               err))
        return false;
    }
  return domain_dir_add_text (self, batch, VCKC_STORE_NOTES_FILE, change->set_notes, change->notes,
                              err)
         && domain_dir_add_text (self, batch, VCKC_STORE_BACKUP_FILE, change->set_backup,
                                 change->backup, err)
         && vckc_dir_batch_commit (batch, err);
}

/* Removes a file that a change leaves out. */
static bool
domain_dir_remove_text (VckcDomainDir *self,
                        const char *name,
                        bool set,
                        const char *text,
                        VckcError **err)
{
  return !set || text != NULL || vckc_dir_remove (self->dir_fd, self->where, name, err);
}

static bool
domain_dir_remove_texts (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  for (guint i = 0; i < change->remove->len; i++)
    {
      const char *name = g_ptr_array_index (change->remove, i);
      g_autofree char *file = g_strconcat (name, VCKC_STORE_CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_remove (self->checkpoints_fd, self->checkpoints, file, err))
        return false;
    }
  return domain_dir_remove_text (self, VCKC_STORE_CURRENT_FILE, change->set_current,
                                 change->current, err)
         && domain_dir_remove_text (self, VCKC_STORE_NOTES_FILE, change->set_notes, change->notes,
                                    err)
         && domain_dir_remove_text (self, VCKC_STORE_BACKUP_FILE, change->set_backup,
                                    change->backup, err);
}

/* The folder itself is stored when the journal is removed from it: no file system of Linux keeps
 * that removal and loses an earlier change of the same folder. */
bool
vckc_domain_dir_apply (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  return domain_dir_write_texts (self, change, err) && domain_dir_remove_texts (self, change, err)
         && vckc_dir_sync (self->checkpoints_fd, self->checkpoints, err);
}

/* The journal is moved away first, so that it can be put back. If not even that succeeds, the
 * change stands: it can no longer be undone. */
bool
vckc_domain_dir_clear_journal (VckcDomainDir *self, VckcError **err)
{
  VckcError *error = NULL;

  if (renameat (self->dir_fd, VCKC_STORE_JOURNAL_FILE, self->tmp_fd, VCKC_STORE_JOURNAL_FILE) < 0)
    {
      if (errno == ENOENT)
        return true;
      vckc_set_error_errno (err, errno, "cannot remove '%s/%s'", self->where,
                            VCKC_STORE_JOURNAL_FILE);
      return false;
    }
  if (!vckc_dir_sync (self->dir_fd, self->where, &error)
      && renameat (self->tmp_fd, VCKC_STORE_JOURNAL_FILE, self->dir_fd, VCKC_STORE_JOURNAL_FILE)
             == 0)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
  vckc_error_free (error);
  unlinkat (self->tmp_fd, VCKC_STORE_JOURNAL_FILE, 0);
  return true;
}
