/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-def.h"

/* The domain's disks, to be found by what a request may call them. */
typedef struct
{
  const VckcDomainDef *domain;
  GHashTable *by_target; /* target -> VckcDomainDiskDef */
  GHashTable *by_path;   /* source -> VckcDomainDiskDef, NULL if several have it */
  GHashTable *requests;  /* VckcDomainDiskDef -> VckcCheckpointDiskDef */
} DiskFinder;

static void
disk_finder_init (DiskFinder *finder, const VckcDomainDef *domain)
{
  finder->domain = domain;
  finder->by_target = g_hash_table_new (g_str_hash, g_str_equal);
  finder->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  finder->requests = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < domain->disks->len; i++)
    {
      VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);

      g_hash_table_insert (finder->by_target, disk->target, disk);
      if (disk->source != NULL)
        {
          bool is_first = !g_hash_table_contains (finder->by_path, disk->source);

          g_hash_table_insert (finder->by_path, disk->source, is_first ? disk : NULL);
        }
    }
}

static void
disk_finder_clear (DiskFinder *finder)
{
  g_clear_pointer (&finder->by_target, g_hash_table_unref);
  g_clear_pointer (&finder->by_path, g_hash_table_unref);
  g_clear_pointer (&finder->requests, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiskFinder, disk_finder_clear)

static VckcDomainDiskDef *
find_requested_disk (const DiskFinder *finder, const char *name, VckcError **err)
{
  GHashTable *disks = *name == '/' ? finder->by_path : finder->by_target;
  VckcDomainDiskDef *disk = g_hash_table_lookup (disks, name);
  bool is_ambiguous = disk == NULL && g_hash_table_contains (disks, name);
  g_autofree char *targets = NULL;
  g_autofree char *shown = NULL;

  if (disk != NULL)
    return disk;
  targets = vckc_domain_def_describe_targets (finder->domain, is_ambiguous ? name : NULL);
  shown = vckc_xml_tidy_message (name);
  if (is_ambiguous)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "several disks of domain '%s' have the image '%s'; use one of the targets %s",
                    finder->domain->name, shown, targets);
  else
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "domain '%s' has no disk '%s'; its disks are %s", finder->domain->name, shown,
                    targets);
  return NULL;
}

static bool
add_request (DiskFinder *finder, VckcCheckpointDiskDef *request, VckcError **err)
{
  VckcDomainDiskDef *disk = find_requested_disk (finder, request->name, err);
  g_autofree char *shown = vckc_xml_tidy_message (request->name);

  if (disk == NULL)
    return false;
  if (!g_hash_table_insert (finder->requests, disk, request))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' of domain '%s' is listed twice; list each disk once", shown,
                      finder->domain->name);
      return false;
    }
  if (request->tracked && (disk->empty || disk->read_only))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' of domain '%s' is %s, so nothing can be tracked on it; leave it "
                      "out or give it checkpoint='no'",
                      shown, finder->domain->name, disk->empty ? "empty" : "read-only");
      return false;
    }
  return true;
}

static bool
check_counts (const VckcCheckpointDef *def, const VckcDomainDef *domain, VckcError **err)
{
  if (def->disks->len > domain->disks->len)
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "domain '%s' has fewer disks (%u) than the checkpoint lists (%u); list "
                      "only disks of the domain, each once",
                      domain->name, domain->disks->len, def->disks->len);
      return false;
    }
  if (domain->disks->len == 0)
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "domain '%s' has no disk, so a checkpoint has nothing to track; add a disk "
                      "first",
                      domain->name);
      return false;
    }
  return true;
}

static VckcCheckpointDiskDef *
aligned_disk_new (const VckcDomainDiskDef *disk,
                  const VckcCheckpointDiskDef *request,
                  bool tracked_by_default)
{
  if (request != NULL)
    return vckc_checkpoint_disk_def_new (disk->target, request->tracked, request->bitmap);
  return vckc_checkpoint_disk_def_new (
      disk->target, tracked_by_default && !disk->empty && !disk->read_only, NULL);
}

bool
vckc_checkpoint_def_align (VckcCheckpointDef *def, const VckcDomainDef *domain, VckcError **err)
{
  g_auto (DiskFinder) finder = { 0 };
  GPtrArray *disks;

  if (!check_counts (def, domain, err))
    return false;
  disk_finder_init (&finder, domain);
  for (guint i = 0; i < def->disks->len; i++)
    if (!add_request (&finder, g_ptr_array_index (def->disks, i), err))
      return false;

  disks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_disk_def_free);
  for (guint i = 0; i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);
      const VckcCheckpointDiskDef *request = g_hash_table_lookup (finder.requests, disk);

      g_ptr_array_add (disks, aligned_disk_new (disk, request, !def->has_disks));
    }
  g_ptr_array_unref (def->disks);
  def->disks = disks;
  def->has_disks = true;
  return true;
}
