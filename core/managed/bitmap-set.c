/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/bitmap-set.h"

struct _VckcBitmapPlan
{
  GArray *disks;             /* of VckcBlockDisk; strings borrowed */
  GArray *bitmaps;           /* of VckcBlockBitmapRef; strings borrowed */
  GHashTable *known;         /* "target/bitmap" of each bitmap, so that none is there twice */
  GPtrArray *found;          /* per bitmap: owned VckcBlockBitmap, or NULL */
  VckcBlockSession *session; /* NULL unless open */
};

VckcBitmapSet *
vckc_bitmap_set_new (void)
{
  VckcBitmapSet *plan = g_new0 (VckcBitmapSet, 1);

  plan->disks = g_array_new (FALSE, TRUE, sizeof (VckcBlockDisk));
  plan->bitmaps = g_array_new (FALSE, TRUE, sizeof (VckcBlockBitmapRef));
  plan->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  plan->found = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  return plan;
}

void
vckc_bitmap_set_free (VckcBitmapSet *plan)
{
  if (plan == NULL)
    return;

  vckc_bitmap_set_close (plan, NULL);
  g_array_unref (plan->disks);
  g_array_unref (plan->bitmaps);
  g_hash_table_unref (plan->known);
  g_ptr_array_unref (plan->found);
  g_free (plan);
}

static guint
bitmap_set_find_or_add_disk (VckcBitmapSet *plan, const VckcBlockDisk *disk)
{
  for (guint i = 0; i < plan->disks->len; i++)
    if (g_str_equal (g_array_index (plan->disks, VckcBlockDisk, i).target, disk->target))
      return i;

  g_array_append_vals (plan->disks, disk, 1);
  return plan->disks->len - 1;
}

static char *
bitmap_set_make_key (const char *target, const char *bitmap)
{
  return g_strdup_printf ("%s/%s", target, bitmap);
}

void
vckc_bitmap_set_add (VckcBitmapSet *plan,
                     const char *target,
                     const char *path,
                     const char *format,
                     const char *bitmap)
{
  VckcBlockDisk disk = { .target = target, .path = path, .format = format };
  VckcBlockBitmapRef ref = { .name = bitmap };

  if (!g_hash_table_add (plan->known, bitmap_set_make_key (target, bitmap)))
    return;
  ref.disk = bitmap_set_find_or_add_disk (plan, &disk);
  g_array_append_val (plan->bitmaps, ref);
}

void
vckc_bitmap_set_add_disk (VckcBitmapSet *plan,
                          const char *target,
                          const char *path,
                          const char *format)
{
  VckcBlockDisk disk = { .target = target, .path = path, .format = format };

  bitmap_set_find_or_add_disk (plan, &disk);
}

void
vckc_bitmap_set_add_copied_disk (VckcBitmapSet *plan,
                                 const char *target,
                                 const char *path,
                                 const char *format)
{
  VckcBlockDisk disk = { .target = target, .path = path, .format = format, .is_copied = true };

  bitmap_set_find_or_add_disk (plan, &disk);
}

guint
vckc_bitmap_set_n_disks (const VckcBitmapSet *plan)
{
  return plan->disks->len;
}

const char *
vckc_bitmap_set_disk_target (const VckcBitmapSet *plan, guint disk)
{
  return g_array_index (plan->disks, VckcBlockDisk, disk).target;
}

VckcBitmapSet *
vckc_bitmap_set_new_of_one (const VckcBitmapSet *all, guint i)
{
  const VckcBlockBitmapRef *ref = &g_array_index (all->bitmaps, VckcBlockBitmapRef, i);
  const VckcBlockDisk *disk = &g_array_index (all->disks, VckcBlockDisk, ref->disk);
  VckcBitmapSet *plan = vckc_bitmap_set_new ();

  vckc_bitmap_set_add (plan, disk->target, disk->path, disk->format, ref->name);
  return plan;
}

guint
vckc_bitmap_set_size (const VckcBitmapSet *plan)
{
  return plan->bitmaps->len;
}

bool
vckc_bitmap_set_contains (const VckcBitmapSet *plan, const char *target, const char *bitmap)
{
  g_autofree char *key = bitmap_set_make_key (target, bitmap);

  return g_hash_table_contains (plan->known, key);
}

static const VckcBlockBitmapRef *
bitmap_set_get_ref (const VckcBitmapSet *plan, guint i)
{
  return &g_array_index (plan->bitmaps, VckcBlockBitmapRef, i);
}

const char *
vckc_bitmap_set_target (const VckcBitmapSet *plan, guint i)
{
  return g_array_index (plan->disks, VckcBlockDisk, bitmap_set_get_ref (plan, i)->disk).target;
}

const char *
vckc_bitmap_set_path (const VckcBitmapSet *plan, guint i)
{
  return g_array_index (plan->disks, VckcBlockDisk, bitmap_set_get_ref (plan, i)->disk).path;
}

const char *
vckc_bitmap_set_bitmap (const VckcBitmapSet *plan, guint i)
{
  return bitmap_set_get_ref (plan, i)->name;
}

static GHashTable *
bitmap_set_index_by_name (const GPtrArray *bitmaps)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < bitmaps->len; i++)
    {
      VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      g_hash_table_replace (index, bitmap->name, bitmap);
    }
  return index;
}

/* Each disk is listed and indexed once, however many bitmaps the plan has on it. */
static bool
bitmap_set_find_by_listing (VckcBitmapSet *plan, VckcError **err)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GPtrArray) indexes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);

  for (guint i = 0; i < plan->disks->len; i++)
    {
      GPtrArray *bitmaps = NULL;

      if (!vckc_block_session_list_bitmaps (plan->session, i, &bitmaps, err))
        return false;
      g_ptr_array_add (lists, bitmaps);
      g_ptr_array_add (indexes, bitmap_set_index_by_name (bitmaps));
    }
  for (guint i = 0; i < plan->bitmaps->len; i++)
    {
      const VckcBlockBitmapRef *ref = bitmap_set_get_ref (plan, i);
      const VckcBlockBitmap *bitmap =
          g_hash_table_lookup (g_ptr_array_index (indexes, ref->disk), ref->name);

      g_ptr_array_add (plan->found, vckc_block_bitmap_copy (bitmap));
    }
  return true;
}

static bool
bitmap_set_find_one_by_one (VckcBitmapSet *plan, VckcError **err)
{

  for (guint i = 0; i < plan->bitmaps->len; i++)
    {
      VckcBlockBitmap *bitmap = NULL;

      if (!vckc_block_session_find_bitmap (plan->session, bitmap_set_get_ref (plan, i), &bitmap,
                                           err))
        return false;
      g_ptr_array_add (plan->found, bitmap);
    }
  return true;
}

bool
vckc_bitmap_set_find (VckcBitmapSet *plan, VckcError **err)
{
  g_ptr_array_set_size (plan->found, 0);
  return vckc_block_session_can_find (plan->session) ? bitmap_set_find_one_by_one (plan, err)
                                                     : bitmap_set_find_by_listing (plan, err);
}

bool
vckc_bitmap_set_capacity (VckcBitmapSet *plan, guint i, guint64 *ret_capacity, VckcError **err)
{
  return vckc_block_session_get_capacity (plan->session, bitmap_set_get_ref (plan, i)->disk,
                                          ret_capacity, err);
}

bool
vckc_bitmap_set_open (VckcBitmapSet *plan,
                      VckcBlockBackend *backend,
                      const VckcBlockMachine *machine,
                      VckcBlockSessionMode mode,
                      VckcError **err)
{
  g_assert (plan->session == NULL);
  plan->session =
      vckc_block_session_open (backend, machine, (const VckcBlockDisk *) (void *) plan->disks->data,
                               plan->disks->len, mode, err);
  return plan->session != NULL && vckc_bitmap_set_find (plan, err);
}

VckcBlockSession *
vckc_bitmap_set_get_session (VckcBitmapSet *plan)
{
  return plan->session;
}

const VckcBlockBitmap *
vckc_bitmap_set_found (const VckcBitmapSet *plan, guint i)
{
  return g_ptr_array_index (plan->found, i);
}

const VckcBlockBitmapRef *
vckc_bitmap_set_get_refs (const VckcBitmapSet *plan)
{
  return (const VckcBlockBitmapRef *) (void *) plan->bitmaps->data;
}

bool
vckc_bitmap_set_add_all (VckcBitmapSet *plan, VckcError **err)
{
  return vckc_block_session_add_bitmaps (plan->session,
                                         (const VckcBlockBitmapRef *) (void *) plan->bitmaps->data,
                                         plan->bitmaps->len, err);
}

bool
vckc_bitmap_set_remove_found (VckcBitmapSet *plan, VckcError **err)
{
  g_autoptr (GArray) refs = g_array_new (FALSE, FALSE, sizeof (VckcBlockBitmapRef));

  for (guint i = 0; i < plan->bitmaps->len; i++)
    if (vckc_bitmap_set_found (plan, i) != NULL)
      g_array_append_vals (refs, bitmap_set_get_ref (plan, i), 1);
  if (refs->len == 0)
    return true;
  return vckc_block_session_remove_bitmaps (
      plan->session, (const VckcBlockBitmapRef *) (void *) refs->data, refs->len, err);
}

bool
vckc_bitmap_set_close (VckcBitmapSet *plan, VckcError **err)
{
  VckcBlockSession *session = g_steal_pointer (&plan->session);

  return session == NULL || vckc_block_session_close (session, err);
}

void
vckc_bitmap_set_add_to_journal (const VckcBitmapSet *plan, VckcJournal *journal)
{
  for (guint i = 0; i < plan->bitmaps->len; i++)
    {
      const VckcBlockBitmapRef *ref = bitmap_set_get_ref (plan, i);
      const VckcBlockDisk *disk = &g_array_index (plan->disks, VckcBlockDisk, ref->disk);

      vckc_journal_add_bitmap (journal, disk->target, disk->path, disk->format, ref->name);
    }
}

void
vckc_bitmap_set_add_checkpoint (VckcBitmapSet *plan,
                                const VckcCheckpointDef *def,
                                const VckcDomainDef *domain)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);

      if (disk->tracked && known != NULL && known->source != NULL)
        vckc_bitmap_set_add (plan, known->target, known->source, known->format, disk->bitmap);
    }
}
