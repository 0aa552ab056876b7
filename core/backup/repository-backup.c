/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: backing up domains into stores. */

#include "vckc-repository-backup.h"

#include <string.h>

#include "backup/backup-make.h"
#include "backup/chain.h"
#include "backup/manifest-fields.h"
#include "backup/repository.h"
#include "handles/flags.h"

#define BACKUP_FLAGS                                                                               \
  (VCKC_BACKUP_FULL | VCKC_BACKUP_NO_CHECKPOINT | VCKC_BACKUP_QUIESCE | VCKC_BACKUP_CHECKSUM       \
   | VCKC_BACKUP_CHECK_FAST | VCKC_BACKUP_NO_FALLBACK | VCKC_BACKUP_LEAVE_OUT | VCKC_BACKUP_PULL   \
   | VCKC_BACKUP_UNENCRYPTED)

static bool
repository_check_domain (VckcRepository *repository, VckcDomain *domain, VckcError **err)
{
  return vckc_check_handle (repository, &vckc_repository_class, err)
         && vckc_check_handle (domain, &vckc_domain_class, err)
         && vckc_check_open (domain->connect, err);
}

static bool
repository_check_writable (VckcRepository *repository, VckcDomain *domain, VckcError **err)
{
  return vckc_repository_check_writable (repository, "back up domains", err)
         && vckc_check_writable (domain->connect, "back up domains", err)
         && vckc_check_callable (domain->connect,
                                 domain->connect->driver->domain_backup_begin != NULL,
                                 "back up domains", err);
}

static bool
repository_check_label (const char *label, VckcError **err)
{
  const char *problem = NULL;

  if (label == NULL)
    return true;
  if (strlen (label) > VCKC_MANIFEST_MAX_TEXT)
    problem = "is too long";
  else if (!g_utf8_validate (label, -1, NULL))
    problem = "is not in UTF-8";
  if (problem != NULL)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "the label of the backup %s", problem);
  return problem == NULL;
}

static bool
repository_make_plan_options (guint64 threshold,
                              unsigned int max_chain,
                              unsigned int flags,
                              VckcPlanOptions *ret_options,
                              VckcError **err)
{
  if (!vckc_check_flags (flags, BACKUP_FLAGS, &vckc_flags_backup, err))
    return false;
  if (max_chain > VCKC_CHAIN_MAX_LEVELS)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "max_chain is %u, and a chain has at most %d images", max_chain,
                      VCKC_CHAIN_MAX_LEVELS);
      return false;
    }
  *ret_options =
      (VckcPlanOptions){ .full = (flags & VCKC_BACKUP_FULL) != 0,
                         .no_checkpoint = (flags & VCKC_BACKUP_NO_CHECKPOINT) != 0,
                         .leave_out = (flags & VCKC_BACKUP_LEAVE_OUT) != 0,
                         .fast = (flags & VCKC_BACKUP_CHECK_FAST) != 0,
                         .pull = (flags & VCKC_BACKUP_PULL) != 0,
                         .threshold = threshold,
                         .max_chain = max_chain > 0 ? max_chain : VCKC_CHAIN_MAX_LEVELS };
  return true;
}

VckcBackupPlan *
vckc_repository_plan_backup (VckcRepository *repository,
                             VckcDomain *domain,
                             uint64_t threshold,
                             unsigned int max_chain,
                             unsigned int flags,
                             VckcError **err)
{
  VckcPlanOptions options;

  VCKC_TRACE ("repository=%p domain=%p threshold=%" G_GUINT64_FORMAT " max_chain=%u flags=0x%x",
              (void *) repository, (void *) domain, (guint64) threshold, max_chain, flags);

  if (!repository_check_domain (repository, domain, err)
      || !repository_make_plan_options (threshold, max_chain, flags, &options, err))
    return NULL;
  return vckc_backup_plan (repository->root, domain, &options, err);
}

/* The backup of that id or, with NULL, the last one. */
static VckcBackup *
repository_find_backup (VckcRepository *repository,
                        const char *domain_uuid,
                        const char *id,
                        VckcError **err)
{
  g_autoptr (VckcDomainFolder) folder =
      vckc_domain_folder_open (repository->root, domain_uuid, false, err);
  g_autoptr (VckcBackupList) list =
      folder != NULL ? vckc_backup_list_load (folder, repository->root, err) : NULL;

  if (list == NULL)
    return NULL;
  for (guint i = list->entries->len; i > 0; i--)
    {
      VckcBackupEntry *entry = g_ptr_array_index (list->entries, i - 1);

      if (id == NULL ? entry->manifest != NULL : g_str_equal (entry->id, id))
        return vckc_backup_new (folder, entry);
    }
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "the backup of the domain was removed meanwhile");
  return NULL;
}

VckcBackup *
vckc_repository_backup (VckcRepository *repository,
                        VckcDomain *domain,
                        const char *label,
                        uint64_t threshold,
                        unsigned int max_chain,
                        unsigned int flags,
                        VckcError **err)
{
  VckcBackupOptions options = { .label = label,
                                .quiesce = (flags & VCKC_BACKUP_QUIESCE) != 0,
                                .checksum = (flags & VCKC_BACKUP_CHECKSUM) != 0,
                                .no_fallback = (flags & VCKC_BACKUP_NO_FALLBACK) != 0,
                                .unencrypted = (flags & VCKC_BACKUP_UNENCRYPTED) != 0 };
  g_autofree char *id = NULL;

  VCKC_TRACE ("repository=%p domain=%p label=%s threshold=%" G_GUINT64_FORMAT
              " max_chain=%u flags=0x%x",
              (void *) repository, (void *) domain, VCKC_TRACE_TEXT (label), (guint64) threshold,
              max_chain, flags);

  if (!repository_check_domain (repository, domain, err)
      || !repository_make_plan_options (threshold, max_chain, flags, &options.plan, err)
      || !repository_check_label (label, err)
      || !repository_check_writable (repository, domain, err)
      || !vckc_backup_make (repository->root, domain, &options, &id, err))
    return NULL;
  return repository_find_backup (repository, domain->uuid, id, err);
}

int
vckc_repository_recover (VckcRepository *repository, VckcDomain *domain, VckcError **err)
{
  VCKC_TRACE ("repository=%p domain=%p", (void *) repository, (void *) domain);

  if (!repository_check_domain (repository, domain, err)
      || !repository_check_writable (repository, domain, err))
    return -1;
  return vckc_backup_recover_all (repository->root, domain, err) ? 0 : -1;
}
