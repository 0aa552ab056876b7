/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/findings.h"

#include <string.h>

#define STOP_TRACKING "stop tracking the disk; delete the checkpoint if it tracks no other"

static const char let_go[] = STOP_TRACKING;

static const char let_go_of_both[] = "remove the bitmap; " STOP_TRACKING;

static const char let_go_and_mend[] = "make the image one without bitmaps, which QEMU opens, with "
                                      "all data of the guest; " STOP_TRACKING;

static const char if_asked[] = "nothing by default; with the BROKEN flag " STOP_TRACKING;

/* What there is to say of each state. */
static const struct
{
  VckcFindingKind kind;
  const char *problem; /* behind "bitmap '…' on disk '…' " */
  const char *remedy;
} bitmap_findings[] = {
  [VCKC_CHECKPOINT_STATE_BUSY] = { VCKC_FINDING_BITMAP_BUSY, "is held by a job, such as a backup",
                                   "nothing: it is free again when the job ends" },
  [VCKC_CHECKPOINT_STATE_RESIZED] = { VCKC_FINDING_DISK_RESIZED,
                                      "is good, but the disk has another size than when it was "
                                      "made",
                                      "nothing, but the next backup of the disk should be a full "
                                      "one" },
  [VCKC_CHECKPOINT_STATE_NOT_RECORDING] = { VCKC_FINDING_BITMAP_NOT_RECORDING,
                                            "does not note new writes: another program switched it "
                                            "off",
                                            let_go },
  [VCKC_CHECKPOINT_STATE_REPLACED] = { VCKC_FINDING_BITMAP_GRANULARITY,
                                       "has another granularity than when it was made: another "
                                       "program replaced it",
                                       let_go },
  [VCKC_CHECKPOINT_STATE_INCONSISTENT] = { VCKC_FINDING_BITMAP_INCONSISTENT,
                                           "was in use when its writer ended without storing it: "
                                           "QEMU was killed, or the host lost "
                                           "power",
                                           let_go_of_both },
  [VCKC_CHECKPOINT_STATE_MISSING] = { VCKC_FINDING_BITMAP_MISSING,
                                      "is missing: it was removed, QEMU was killed before it had "
                                      "stored it, or the image was "
                                      "replaced or restored",
                                      let_go },
};

VckcFinding *
vckc_finding_new_bitmap_state (const char *checkpoint,
                               const VckcCheckpointDiskDef *disk,
                               VckcCheckpointState state)
{
  return vckc_finding_new (bitmap_findings[state].kind, checkpoint, disk->name, disk->bitmap,
                           g_strdup_printf ("bitmap '%s' on disk '%s' %s", disk->bitmap, disk->name,
                                            bitmap_findings[state].problem),
                           g_strdup (bitmap_findings[state].remedy));
}

static VckcFinding *
finding_new_lost_bitmap (const char *checkpoint,
                         const VckcCheckpointDiskDef *disk,
                         VckcBlockLoss loss)
{
  const bool is_void = loss == VCKC_BLOCK_LOSS_VOID;
  VckcFinding *finding = vckc_finding_new (
      VCKC_FINDING_BITMAP_MISSING, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' is lost: %s", disk->bitmap, disk->name,
                       is_void ? "a program that does not know bitmaps wrote to the image, and "
                                 "thereby made all of them void"
                               : "the list of bitmaps in the image is damaged, and QEMU does not "
                                 "open the image because of that"),
      g_strdup (is_void ? let_go : let_go_and_mend));

  finding->mends = !is_void;
  return finding;
}

VckcFinding *
vckc_finding_new_missing_disk (const char *checkpoint, const VckcCheckpointDiskDef *disk)
{
  return vckc_finding_new (
      VCKC_FINDING_DISK_GONE, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("disk '%s' is no longer part of the domain", disk->name), g_strdup (let_go));
}

VckcFinding *
vckc_finding_new_unreachable_disk (const char *checkpoint,
                                   const VckcCheckpointDiskDef *disk,
                                   const char *problem)
{
  return vckc_finding_new (
      VCKC_FINDING_DISK_UNREACHABLE, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("disk '%s' is not reachable, so that bitmap '%s' could not be examined: %s",
                       disk->name, disk->bitmap, problem),
      g_strdup (
          "nothing: make the disk reachable and verify again; if it is gone for good, remove it "
          "from the definition of the domain"));
}

static VckcFinding *
finding_new_bitmap_in_backing (const char *checkpoint,
                               const VckcCheckpointDiskDef *disk,
                               const char *file)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_IN_BACKING, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' is not in the image but in its backing file '%s', "
                       "and does not note new writes: an overlay was put on that file",
                       disk->bitmap, disk->name, file),
      g_strdup ("nothing: commit the image to the backing file, or make a full backup and a new "
                "checkpoint"));
}

VckcFinding *
vckc_finding_new_image_replaced (const char *checkpoint,
                                 const VckcCheckpointDiskDef *disk,
                                 const char *reason)
{
  return vckc_finding_new (
      VCKC_FINDING_IMAGE_REPLACED, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("disk '%s' has another image than when the checkpoint was made: %s",
                       disk->name, reason),
      g_strconcat (if_asked,
                   "; if a copy was put in on purpose, redefine the checkpoint, which "
                   "accepts the image that is there",
                   NULL));
}

VckcFinding *
vckc_finding_new_bitmap_replaced (const char *checkpoint,
                                  const VckcCheckpointDiskDef *disk,
                                  const char *reason)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_REPLACED, checkpoint, disk->name, disk->bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' is not the one that was made: %s", disk->bitmap,
                       disk->name, reason),
      g_strdup (if_asked));
}

VckcFinding *
vckc_finding_new_absent_bitmap (const char *checkpoint,
                                const VckcCheckpointDiskDef *disk,
                                const VckcAbsentBitmap *absent)
{
  if (absent->file != NULL)
    return finding_new_bitmap_in_backing (checkpoint, disk, absent->file);
  if (absent->problem != NULL)
    return vckc_finding_new_unreachable_disk (checkpoint, disk, absent->problem);
  if (absent->replaced != NULL)
    return vckc_finding_new_image_replaced (checkpoint, disk, absent->replaced);
  if (absent->loss != VCKC_BLOCK_LOSS_NONE)
    return finding_new_lost_bitmap (checkpoint, disk, absent->loss);
  return vckc_finding_new_bitmap_state (checkpoint, disk, VCKC_CHECKPOINT_STATE_MISSING);
}

static gint
findings_compare_names_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

GList *
vckc_findings_sort_names (GHashTable *bitmaps)
{
  return g_list_sort (g_hash_table_get_keys (bitmaps), findings_compare_names_cb);
}

VckcFinding *
vckc_finding_new_orphan (const char *target, const char *bitmap)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_ORPHAN, NULL, target, bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' is left of a forgotten checkpoint", bitmap,
                       target),
      g_strdup ("nothing by default, since another host may have imported the checkpoint; with the "
                "ORPHANS flag remove the bitmap"));
}

VckcFinding *
vckc_finding_new_foreign (const char *target, const char *bitmap)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_FOREIGN, NULL, target, bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' belongs to no checkpoint and was not made by Vck",
                       bitmap, target),
      g_strdup ("nothing by default; with the FOREIGN flag remove the bitmap"));
}

VckcFinding *
vckc_finding_new_shared (const char *target, const char *bitmap, const char *owner)
{
  VckcFinding *finding = vckc_finding_new (
      VCKC_FINDING_BITMAP_FOREIGN, NULL, target, bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' belongs to %s, which has the same image", bitmap,
                       target, owner),
      g_strdup ("nothing with any flag: it is in use elsewhere; give the image to one "
                "domain only"));

  finding->untouchable = true;
  return finding;
}

/* So many bitmaps that record more than double what a write of 4 KiB takes in QEMU itself, as
 * measured by the part "writes" of the benchmark. */
#define MANY_BITMAPS 100

void
vckc_findings_add_many (GPtrArray *findings, const char *target, GHashTable *bitmaps)
{
  GHashTableIter iter;
  gpointer value;
  guint count = 0;

  g_hash_table_iter_init (&iter, bitmaps);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((const VckcBlockBitmap *) value)->recording)
      count++;
  if (count >= MANY_BITMAPS)
    g_ptr_array_add (
        findings,
        vckc_finding_new (VCKC_FINDING_MANY_BITMAPS, NULL, target, NULL,
                          g_strdup_printf ("disk '%s' has %u bitmaps that note new writes, and "
                                           "each makes every write of the guest slower",
                                           target, count),
                          g_strdup ("nothing: delete checkpoints that no backup needs any more")));
}

/* What follows from each kind. */
static const struct
{
  VckcFindingSeverity severity;
  unsigned int flag; /* that asks for a repair; 0 where there is none */
  bool by_default;   /* repaired also if no kind is named */
} kinds[] = {
#define PROBLEM VCKC_FINDING_SEVERITY_PROBLEM
#define NOTE VCKC_FINDING_SEVERITY_NOTE
  [VCKC_FINDING_BITMAP_MISSING] = { PROBLEM, VCKC_REPAIR_BROKEN, true },
  [VCKC_FINDING_BITMAP_INCONSISTENT] = { PROBLEM, VCKC_REPAIR_BROKEN, true },
  [VCKC_FINDING_BITMAP_NOT_RECORDING] = { PROBLEM, VCKC_REPAIR_BROKEN, true },
  [VCKC_FINDING_BITMAP_BUSY] = { NOTE, 0, false },
  [VCKC_FINDING_BITMAP_GRANULARITY] = { PROBLEM, VCKC_REPAIR_BROKEN, true },
  [VCKC_FINDING_DISK_RESIZED] = { NOTE, 0, false },
  [VCKC_FINDING_DISK_GONE] = { PROBLEM, VCKC_REPAIR_BROKEN, true },
  [VCKC_FINDING_BITMAP_ORPHAN] = { NOTE, VCKC_REPAIR_ORPHANS, false },
  [VCKC_FINDING_BITMAP_FOREIGN] = { NOTE, VCKC_REPAIR_FOREIGN, false },
  [VCKC_FINDING_METADATA_UNREADABLE] = { PROBLEM, VCKC_REPAIR_UNREADABLE, false },
  [VCKC_FINDING_OPERATION_INTERRUPTED] = { PROBLEM, VCKC_REPAIR_INTERRUPTED, true },
  [VCKC_FINDING_DISK_UNREACHABLE] = { NOTE, 0, false },
  [VCKC_FINDING_IMAGE_REPLACED] = { PROBLEM, VCKC_REPAIR_BROKEN, false },
  [VCKC_FINDING_BITMAP_REPLACED] = { PROBLEM, VCKC_REPAIR_BROKEN, false },
  [VCKC_FINDING_BITMAP_IN_BACKING] = { PROBLEM, 0, false },
  [VCKC_FINDING_MANY_BITMAPS] = { NOTE, 0, false },
#undef PROBLEM
#undef NOTE
};

VckcFindingSeverity
vckc_finding_kind_get_severity (VckcFindingKind kind)
{
  return kinds[kind].severity;
}

bool
vckc_finding_kind_is_repaired (VckcFindingKind kind, unsigned int flags)
{
  return (flags & VCKC_REPAIR_KINDS) != 0 ? (flags & kinds[kind].flag) != 0
                                          : kinds[kind].by_default;
}

void
vckc_findings_plan_repair (GPtrArray *findings, unsigned int flags)
{
  for (guint i = 0; i < findings->len; i++)
    {
      VckcFinding *finding = g_ptr_array_index (findings, i);

      finding->outcome =
          !finding->untouchable && vckc_finding_kind_is_repaired (finding->kind, flags)
              ? VCKC_FINDING_OUTCOME_WOULD
              : VCKC_FINDING_OUTCOME_LEFT;
    }
}

void
vckc_findings_set_done (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      VckcFinding *finding = g_ptr_array_index (findings, i);

      if (finding->outcome == VCKC_FINDING_OUTCOME_WOULD)
        finding->outcome = VCKC_FINDING_OUTCOME_DONE;
    }
}

bool
vckc_finding_removes_bitmap (const VckcFinding *finding)
{
  return finding->mends || finding->kind == VCKC_FINDING_BITMAP_INCONSISTENT
         || finding->kind == VCKC_FINDING_BITMAP_ORPHAN
         || finding->kind == VCKC_FINDING_BITMAP_FOREIGN;
}
