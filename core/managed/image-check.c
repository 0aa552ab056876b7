/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/image-check.h"

#define NANOSECONDS G_GINT64_CONSTANT (1000000000)

void
vckc_image_note (VckcBlockBackend *backend,
                 const VckcDomainDef *domain,
                 VckcCheckpointDef *checkpoint)
{
  for (guint i = 0; i < checkpoint->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (checkpoint->disks, i);
      const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);

      vckc_image_identity_clear (&disk->image);
      if (disk->tracked && known != NULL && known->source != NULL)
        {
          const VckcBlockImage now = vckc_block_image_at (backend, known->source);

          vckc_image_identity_init (&disk->image, known->source, &now);
        }
    }
}

/* The disk of the domain, other than `name`, that has the recorded image now. */
static const VckcDomainDiskDef *
image_check_find_holder (VckcBlockBackend *backend,
                         const VckcDomainDef *domain,
                         const char *name,
                         const VckcImageIdentity *image)
{
  for (guint i = 0; i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);
      const VckcBlockImage now = vckc_block_image_at (backend, disk->source);

      if (!g_str_equal (disk->target, name)
          && vckc_image_identity_match (image, &now) == VCKC_IMAGE_SAME)
        return disk;
    }
  return NULL;
}

/* The disk, other than `own`, that had this image when the checkpoint was made. */
static const VckcCheckpointDiskDef *
image_check_find_former (const VckcCheckpointDef *checkpoint,
                         const VckcCheckpointDiskDef *own,
                         const char *path,
                         const VckcBlockImage *now)
{
  for (guint i = 0; i < checkpoint->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (checkpoint->disks, i);
      VckcImageMatch match = vckc_image_identity_match (&disk->image, now);

      if (disk != own
          && (match == VCKC_IMAGE_SAME
              || (match == VCKC_IMAGE_UNCERTAIN && g_strcmp0 (disk->image.path, path) == 0)))
        return disk;
    }
  return NULL;
}

static char *
image_check_explain_other (VckcBlockBackend *backend,
                           const VckcDomainDef *domain,
                           const VckcCheckpointDef *checkpoint,
                           const VckcCheckpointDiskDef *disk,
                           const char *path,
                           const VckcBlockImage *now)
{
  const VckcDomainDiskDef *holder =
      image_check_find_holder (backend, domain, disk->name, &disk->image);
  const VckcCheckpointDiskDef *former = image_check_find_former (checkpoint, disk, path, now);
  const VckcBlockImage there = vckc_block_image_at (backend, disk->image.path);

  if (holder != NULL)
    return g_strdup_printf ("that image is disk '%s' now", holder->target);
  if (former != NULL)
    return g_strdup_printf ("'%s' was disk '%s' then", path, former->name);
  if (vckc_image_identity_match (&disk->image, &there) == VCKC_IMAGE_SAME)
    return g_strdup_printf ("that image is still '%s'", disk->image.path);
  if (g_strcmp0 (disk->image.path, path) == 0)
    return g_strdup_printf ("another file has replaced '%s' since", path);
  if (now->birth != 0 && now->birth / NANOSECONDS < checkpoint->creation_time)
    return g_strdup_printf ("'%s' was there before the checkpoint was made", path);
  return NULL;
}

char *
vckc_image_check (VckcBlockBackend *backend,
                  const VckcDomainDef *domain,
                  const VckcCheckpointDef *checkpoint,
                  const VckcCheckpointDiskDef *disk,
                  const VckcBlockImage *now)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  const VckcCheckpointDiskDef *former;

  if (disk->image.path == NULL || known == NULL || known->source == NULL || now->device == 0)
    return NULL;
  switch (vckc_image_identity_match (&disk->image, now))
    {
    case VCKC_IMAGE_SAME:
      return NULL;
    case VCKC_IMAGE_OTHER:
      return image_check_explain_other (backend, domain, checkpoint, disk, known->source, now);
    case VCKC_IMAGE_UNCERTAIN:
      break;
    }
  /* Paths are all that there is, and a path alone may change. */
  if (g_str_equal (disk->image.path, known->source))
    return NULL;
  former = image_check_find_former (checkpoint, disk, known->source, now);
  return former != NULL ? g_strdup_printf ("'%s' was disk '%s' then", known->source, former->name)
                        : NULL;
}

char *
vckc_image_check_disk (VckcBlockBackend *backend,
                       const VckcDomainDef *domain,
                       const VckcCheckpointDef *checkpoint,
                       const VckcCheckpointDiskDef *disk)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  const VckcBlockImage now = vckc_block_image_at (backend, known != NULL ? known->source : NULL);

  return vckc_image_check (backend, domain, checkpoint, disk, &now);
}

bool
vckc_image_is_kept (VckcBlockBackend *backend,
                    const VckcDomainDef *domain,
                    const VckcCheckpointDiskDef *disk)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  VckcBlockImage now;

  if (known == NULL || known->source == NULL)
    return false;
  if (disk->image.path == NULL)
    return true;
  now = vckc_block_image_at (backend, known->source);
  switch (vckc_image_identity_match (&disk->image, &now))
    {
    case VCKC_IMAGE_SAME:
      return true;
    case VCKC_IMAGE_OTHER:
      return false;
    case VCKC_IMAGE_UNCERTAIN:
    default:
      return g_str_equal (disk->image.path, known->source);
    }
}
