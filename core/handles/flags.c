/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/flags.h"

#include "vckc.h"

const VckcCallFlags vckc_flags_open = {
  .call = "open",
  .flags = { VCKC_FLAG (CONNECTION, READ_ONLY) },
};

const VckcCallFlags vckc_flags_open_repository = {
  .call = "open",
  .flags = { VCKC_FLAG (REPOSITORY, CREATE), VCKC_FLAG (REPOSITORY, READ_ONLY) },
};

const VckcCallFlags vckc_flags_verify_repository = {
  .call = "verify",
  .flags = { VCKC_FLAG (REPOSITORY_VERIFY, FAST) },
};

const VckcCallFlags vckc_flags_prune = {
  .call = "prune",
  .flags = { VCKC_FLAG (PRUNE, DRY_RUN) },
};

const VckcCallFlags vckc_flags_restore = {
  .call = "restore",
  .flags = { VCKC_FLAG (RESTORE, RAW), VCKC_FLAG (RESTORE, REPLACE) },
};

const VckcCallFlags vckc_flags_restore_in_place = {
  .call = "restore_in_place",
  .flags = { VCKC_FLAG (RESTORE, NO_CHECKPOINT) },
};

const VckcCallFlags vckc_flags_backup = {
  .call = "backup",
  .flags = { VCKC_FLAG (BACKUP, FULL), VCKC_FLAG (BACKUP, NO_CHECKPOINT),
             VCKC_FLAG (BACKUP, QUIESCE), VCKC_FLAG (BACKUP, CHECKSUM),
             VCKC_FLAG (BACKUP, CHECK_FAST), VCKC_FLAG (BACKUP, NO_FALLBACK),
             VCKC_FLAG (BACKUP, LEAVE_OUT), VCKC_FLAG (BACKUP, PULL),
             VCKC_FLAG (BACKUP, UNENCRYPTED) },
};

const VckcCallFlags vckc_flags_list_domains = {
  .call = "list_domains",
  .flags = { VCKC_FLAG (DOMAIN_LIST, ACTIVE), VCKC_FLAG (DOMAIN_LIST, INACTIVE),
             VCKC_FLAG (DOMAIN_LIST, HAS_CHECKPOINT), VCKC_FLAG (DOMAIN_LIST, NO_CHECKPOINT) },
};

const VckcCallFlags vckc_flags_domain_xml = {
  .call = "get_xml_desc",
  .flags = { VCKC_FLAG (DOMAIN_XML, SECURE) },
};

const VckcCallFlags vckc_flags_list_bitmaps = {
  .call = "list_bitmaps",
  .flags = { VCKC_FLAG (BITMAP_LIST, BACKING) },
};

const VckcCallFlags vckc_flags_rename = {
  .call = "rename",
};

const VckcCallFlags vckc_flags_undefine = {
  .call = "undefine",
  .flags = { VCKC_FLAG (DOMAIN_UNDEFINE, MANAGED_SAVE),
             VCKC_FLAG (DOMAIN_UNDEFINE, SNAPSHOTS_METADATA), VCKC_FLAG (DOMAIN_UNDEFINE, NVRAM),
             VCKC_FLAG (DOMAIN_UNDEFINE, KEEP_NVRAM),
             VCKC_FLAG (DOMAIN_UNDEFINE, CHECKPOINTS_METADATA), VCKC_FLAG (DOMAIN_UNDEFINE, TPM),
             VCKC_FLAG (DOMAIN_UNDEFINE, KEEP_TPM) },
};

const VckcCallFlags vckc_flags_create_checkpoint = {
  .call = "create_checkpoint_xml",
  .flags = { VCKC_FLAG (CHECKPOINT_CREATE, REDEFINE), VCKC_FLAG (CHECKPOINT_CREATE, QUIESCE),
             VCKC_FLAG (CHECKPOINT_CREATE, REDEFINE_VALIDATE) },
};

const VckcCallFlags vckc_flags_lookup_checkpoint = {
  .call = "lookup_checkpoint",
};

const VckcCallFlags vckc_flags_list_checkpoints = {
  .call = "list_checkpoints",
  .flags = { VCKC_FLAG (CHECKPOINT_LIST, ROOTS), VCKC_FLAG (CHECKPOINT_LIST, TOPOLOGICAL),
             VCKC_FLAG (CHECKPOINT_LIST, LEAVES), VCKC_FLAG (CHECKPOINT_LIST, NO_LEAVES) },
};

const VckcCallFlags vckc_flags_list_children = {
  .call = "list_children",
  .flags = { VCKC_FLAG (CHECKPOINT_LIST, DESCENDANTS), VCKC_FLAG (CHECKPOINT_LIST, TOPOLOGICAL),
             VCKC_FLAG (CHECKPOINT_LIST, LEAVES), VCKC_FLAG (CHECKPOINT_LIST, NO_LEAVES) },
};

const VckcCallFlags vckc_flags_get_parent = {
  .call = "get_parent",
};

const VckcCallFlags vckc_flags_checkpoint_xml = {
  .call = "get_xml_desc",
  .flags = { VCKC_FLAG (CHECKPOINT_XML, SECURE), VCKC_FLAG (CHECKPOINT_XML, NO_DOMAIN),
             VCKC_FLAG (CHECKPOINT_XML, SIZE) },
};

const VckcCallFlags vckc_flags_list_disks = {
  .call = "list_disks",
  .flags = { VCKC_FLAG (CHECKPOINT_XML, SECURE), VCKC_FLAG (CHECKPOINT_XML, NO_DOMAIN),
             VCKC_FLAG (CHECKPOINT_XML, SIZE) },
};

const VckcCallFlags vckc_flags_delete = {
  .call = "delete",
  .flags = { VCKC_FLAG (CHECKPOINT_DELETE, CHILDREN), VCKC_FLAG (CHECKPOINT_DELETE, METADATA_ONLY),
             VCKC_FLAG (CHECKPOINT_DELETE, CHILDREN_ONLY) },
};

const VckcCallFlags vckc_flags_extents = {
  .call = "list_extents",
  .flags = { VCKC_FLAG (EXTENTS, NO_ZERO) },
};

const VckcCallFlags vckc_flags_repair = {
  .call = "repair_checkpoints",
  .flags = { VCKC_FLAG (REPAIR, DRY_RUN), VCKC_FLAG (REPAIR, BROKEN), VCKC_FLAG (REPAIR, ORPHANS),
             VCKC_FLAG (REPAIR, FOREIGN), VCKC_FLAG (REPAIR, UNREADABLE),
             VCKC_FLAG (REPAIR, INTERRUPTED) },
};

const VckcCallFlags vckc_flags_hand_over = {
  .call = "hand_over_checkpoints",
};

const VckcCallFlags vckc_flags_import = {
  .call = "import_checkpoints",
  .flags = { VCKC_FLAG (IMPORT, VERIFY), VCKC_FLAG (IMPORT, METADATA_ONLY),
             VCKC_FLAG (IMPORT, REPLACE) },
};

const VckcCallFlags vckc_flags_backup_begin = {
  .call = "backup_begin",
  .flags = { VCKC_FLAG (BACKUP_BEGIN, REUSE_EXTERNAL), VCKC_FLAG (BACKUP_BEGIN, QUIESCE),
             VCKC_FLAG (BACKUP_BEGIN, ALL_WORKERS) },
};

const VckcCallFlags vckc_flags_backup_xml = {
  .call = "get_backup_xml",
};

const VckcCallFlags vckc_flags_job_info = {
  .call = "get_job_info",
  .flags = { VCKC_FLAG (JOB_INFO, COMPLETED), VCKC_FLAG (JOB_INFO, KEEP_COMPLETED) },
};

/* "A, B"; empty if there are none. */
static char *
flags_describe (const VckcCallFlags *call, unsigned int supported)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (call->flags) && call->flags[i].name != NULL; i++)
    if ((call->flags[i].flag & supported) != 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", call->flags[i].name);
  return g_string_free (names, FALSE);
}

bool
vckc_check_flags (unsigned int flags,
                  unsigned int supported,
                  const VckcCallFlags *call,
                  VckcError **err)
{
  g_autofree char *names = NULL;

  if ((flags & ~supported) == 0)
    return true;

  names = flags_describe (call, supported);
  if (*names != '\0')
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "unsupported flags 0x%x for %s; supported are %s",
                    flags & ~supported, call->call, names);
  else
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "unsupported flags 0x%x for %s; pass 0, as it has no flags", flags & ~supported,
                    call->call);
  return false;
}
