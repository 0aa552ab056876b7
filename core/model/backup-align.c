/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/backup-xml.h"

/* What the disks of a backup are lined up by. */
typedef struct
{
  const VckcBackupDef *def;
  const VckcDomainDef *domain;
  const char *suffix;
} BackupAlignment;

#define refuse(err, ...) vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, __VA_ARGS__)

/* --- one disk --- */

static bool
choose_disk_mode (const BackupAlignment *alignment, VckcBackupDiskDef *disk, VckcError **err)
{
  const char *base = disk->incremental != NULL ? disk->incremental : alignment->def->incremental;

  if (disk->mode == VCKC_BACKUP_DISK_INCREMENTAL && base == NULL)
    {
      refuse (err,
              "disk '%s' of domain '%s' is to have an incremental backup, but neither it nor the "
              "backup names a checkpoint to start from; add <incremental>, or incremental='…' to "
              "the disk",
              disk->name, alignment->domain->name);
      return false;
    }
  if (disk->mode == VCKC_BACKUP_DISK_DEFAULT)
    disk->mode = base != NULL ? VCKC_BACKUP_DISK_INCREMENTAL : VCKC_BACKUP_DISK_FULL;
  if (disk->mode == VCKC_BACKUP_DISK_INCREMENTAL && disk->incremental == NULL)
    disk->incremental = g_strdup (base);
  return true;
}

static bool
choose_store (const BackupAlignment *alignment,
              VckcBackupDiskDef *disk,
              const VckcDomainDiskDef *image,
              VckcError **err)
{
  bool is_pull = alignment->def->mode == VCKC_BACKUP_MODE_PULL;

  if (disk->labelled)
    {
      refuse (err,
              "the backup of disk '%s' of domain '%s' is to be labelled or encrypted, which is not "
              "done here; leave out <seclabel> and <encryption>",
              disk->name, alignment->domain->name);
      return false;
    }
  if (disk->format == NULL)
    disk->format = g_strdup ("qcow2");
  if (disk->path != NULL)
    return true;
  if (image->source == NULL || image->is_block)
    {
      refuse (err,
              "disk '%s' of domain '%s' is not a file, so there is no name for its backup; give it "
              "a <%s>",
              disk->name, alignment->domain->name, is_pull ? "scratch" : "target");
      return false;
    }
  disk->path = g_strdup_printf ("%s.%s", image->source, alignment->suffix);
  return true;
}

static void
choose_export (VckcBackupDiskDef *disk)
{
  if (disk->export_name == NULL)
    disk->export_name = g_strdup (disk->name);
  if (disk->export_bitmap == NULL && disk->mode == VCKC_BACKUP_DISK_INCREMENTAL)
    disk->export_bitmap = g_strdup_printf ("backup-%s", disk->name);
}

static bool
align_disk (const BackupAlignment *alignment,
            VckcBackupDiskDef *disk,
            const VckcDomainDiskDef *image,
            VckcError **err)
{
  if (!disk->backup)
    return true;
  if (!choose_disk_mode (alignment, disk, err))
    return false;
  if (image->empty)
    {
      refuse (err,
              "disk '%s' of domain '%s' is empty, so there is nothing to back up; leave it out or "
              "give it backup='no'",
              disk->name, alignment->domain->name);
      return false;
    }
  if (!choose_store (alignment, disk, image, err))
    return false;
  if (alignment->def->mode == VCKC_BACKUP_MODE_PULL)
    choose_export (disk);
  return true;
}

/* --- all of them --- */

/* Adds the disks that are listed to `disks`, and what the domain has for them to `known`. */
static bool
add_listed (const BackupAlignment *alignment, GPtrArray *disks, GHashTable *known, VckcError **err)
{
  const VckcDomainDef *domain = alignment->domain;
  g_autoptr (GHashTable) images = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < domain->disks->len; i++)
    {
      VckcDomainDiskDef *image = g_ptr_array_index (domain->disks, i);

      g_hash_table_insert (images, image->target, image);
    }
  for (guint i = 0; i < alignment->def->disks->len; i++)
    {
      VckcBackupDiskDef *disk = vckc_backup_disk_def_copy (alignment->def->disks->pdata[i]);
      VckcDomainDiskDef *image = g_hash_table_lookup (images, disk->name);

      g_ptr_array_add (disks, disk);
      if (image == NULL)
        {
          g_autofree char *shown = vckc_xml_tidy_message (disk->name);
          g_autofree char *targets = vckc_domain_def_describe_targets (domain, NULL);

          refuse (err, "domain '%s' has no disk '%s'; its disks are %s", domain->name, shown,
                  targets);
          return false;
        }
      if (!g_hash_table_add (known, image))
        {
          refuse (err, "disk '%s' of domain '%s' is listed twice; list each disk once", disk->name,
                  domain->name);
          return false;
        }
      if (!align_disk (alignment, disk, image, err))
        return false;
    }
  return true;
}

static bool
add_others (const BackupAlignment *alignment, GPtrArray *disks, GHashTable *known, VckcError **err)
{
  for (guint i = 0; i < alignment->domain->disks->len; i++)
    {
      VckcDomainDiskDef *image = g_ptr_array_index (alignment->domain->disks, i);
      VckcBackupDiskDef *disk;

      if (g_hash_table_contains (known, image))
        continue;
      disk = vckc_backup_disk_def_new (image->target);
      g_ptr_array_add (disks, disk);
      disk->backup = !alignment->def->has_disks && !image->empty && !image->read_only;
      if (!align_disk (alignment, disk, image, err))
        return false;
    }
  return true;
}

/* --- what would overwrite something --- */

/* Paths of all images of the domain, without needless '/' and '.', and whose they are. */
static GHashTable *
list_images (const VckcDomainDef *domain)
{
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);

      if (disk->source != NULL)
        g_hash_table_insert (paths, g_canonicalize_filename (disk->source, "/"), disk->target);
      for (guint j = 0; j < disk->images->len; j++)
        {
          const VckcDomainImage *image = g_ptr_array_index (disk->images, j);

          if (image->path != NULL)
            g_hash_table_insert (paths, g_canonicalize_filename (image->path, "/"), disk->target);
        }
    }
  return paths;
}

static bool
check_stores (const GPtrArray *disks, const VckcDomainDef *domain, VckcError **err)
{
  g_autoptr (GHashTable) images = list_images (domain);
  g_autoptr (GHashTable) stores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      const VckcBackupDiskDef *disk = g_ptr_array_index (disks, i);
      g_autofree char *path = disk->backup ? g_canonicalize_filename (disk->path, "/") : NULL;
      g_autofree char *shown = path != NULL ? vckc_xml_tidy_message (disk->path) : NULL;
      const char *owner = path != NULL ? g_hash_table_lookup (images, path) : NULL;
      const char *other = path != NULL ? g_hash_table_lookup (stores, path) : NULL;

      if (owner != NULL)
        refuse (err,
                "the backup of disk '%s' would overwrite '%s', an image of disk '%s' of domain "
                "'%s'; use another file",
                disk->name, shown, owner, domain->name);
      else if (other != NULL)
        refuse (err,
                "the backups of the disks '%s' and '%s' of domain '%s' would both be written to "
                "'%s'; use a file for each",
                other, disk->name, domain->name, shown);
      if (owner != NULL || other != NULL)
        return false;
      if (path != NULL)
        g_hash_table_insert (stores, g_steal_pointer (&path), disk->name);
    }
  return true;
}

static bool
check_exports (const GPtrArray *disks, const VckcDomainDef *domain, VckcError **err)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < disks->len; i++)
    {
      VckcBackupDiskDef *disk = g_ptr_array_index (disks, i);
      const char *other;

      if (disk->export_name == NULL)
        continue;
      other = g_hash_table_lookup (names, disk->export_name);
      if (other != NULL)
        {
          g_autofree char *shown = vckc_xml_tidy_message (disk->export_name);

          refuse (err,
                  "the disks '%s' and '%s' of domain '%s' would both be exported as '%s'; give "
                  "each an exportname of its own",
                  other, disk->name, domain->name, shown);
          return false;
        }
      g_hash_table_insert (names, disk->export_name, disk->name);
    }
  return true;
}

static bool
check_selection (const GPtrArray *disks, const VckcDomainDef *domain, VckcError **err)
{
  for (guint i = 0; i < disks->len; i++)
    if (((const VckcBackupDiskDef *) g_ptr_array_index (disks, i))->backup)
      return true;
  if (disks->len == 0)
    refuse (err, "domain '%s' has no disk, so there is nothing to back up; add a disk first",
            domain->name);
  else
    refuse (err,
            "no disk of domain '%s' is selected for the backup; list at least one without "
            "backup='no'",
            domain->name);
  return false;
}

static bool
check_server (const VckcBackupServer *server, const VckcDomainDef *domain, VckcError **err)
{
  if (server == NULL || server->transport != VCKC_BACKUP_TRANSPORT_TCP || server->port != 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "the server of the backup of domain '%s' has no port; give <server> a port, or a "
                  "socket",
                  domain->name);
  return false;
}

static void
swap_disks (VckcBackupDef *def, GPtrArray **disks)
{
  GPtrArray *swapped = def->disks;

  def->disks = *disks;
  *disks = swapped;
}

bool
vckc_backup_def_align (VckcBackupDef *def,
                       const VckcDomainDef *domain,
                       const char *suffix,
                       VckcError **err)
{
  const BackupAlignment alignment = { def, domain, suffix };
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) disks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_backup_disk_def_free);

  if (domain->disks->len == 0)
    return check_selection (domain->disks, domain, err);
  if (!add_listed (&alignment, disks, known, err) || !add_others (&alignment, disks, known, err)
      || !check_selection (disks, domain, err) || !check_stores (disks, domain, err)
      || !check_exports (disks, domain, err) || !check_server (def->server, domain, err))
    return false;
  swap_disks (def, &disks);
  if (!vckc_backup_def_check_size (def, err))
    {
      swap_disks (def, &disks);
      return false;
    }
  def->has_disks = true;
  return true;
}
