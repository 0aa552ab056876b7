/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "judgement.h"

static const char let_go[]
    = "the checkpoint stops tracking the disk; tracking no other, it is deleted";

static const char let_go_of_both[]
    = "the bitmap is removed; the checkpoint stops tracking the disk; tracking no other, it is "
      "deleted";

/* What there is to say of each state. */
static const struct
{
  VckcFindingKind kind;
  const char *problem; /* behind "bitmap '…' on disk '…' " */
  const char *remedy;
} judgements[] = {
  [VCKC_CHECKPOINT_STATE_BUSY]
  = { VCKC_FINDING_BITMAP_BUSY, "is held by a job, such as a backup",
      "nothing: it is free again when the job ends" },
  [VCKC_CHECKPOINT_STATE_RESIZED]
  = { VCKC_FINDING_DISK_RESIZED, "is good, but the disk has another size than when it was made",
      "nothing, but the next backup of the disk should be a full one" },
  [VCKC_CHECKPOINT_STATE_NOT_RECORDING]
  = { VCKC_FINDING_BITMAP_NOT_RECORDING,
      "does not note new writes: another program switched it off", let_go },
  [VCKC_CHECKPOINT_STATE_REPLACED]
  = { VCKC_FINDING_BITMAP_GRANULARITY,
      "has another granularity than when it was made: another program replaced it", let_go },
  [VCKC_CHECKPOINT_STATE_INCONSISTENT]
  = { VCKC_FINDING_BITMAP_INCONSISTENT,
      "was in use when its writer ended without storing it: QEMU was killed, or the host lost "
      "power",
      let_go_of_both },
  [VCKC_CHECKPOINT_STATE_MISSING]
  = { VCKC_FINDING_BITMAP_MISSING,
      "is missing: it was removed, QEMU was killed before it had stored it, or the image was "
      "replaced or restored",
      let_go },
};

static const char wait_for_disk[]
    = "nothing: the disk may be back later; if it is gone for good, take it out of the definition of "
      "the domain";

VckcFinding *
vckc_judgement_of_bitmap (const char *checkpoint,
                          const VckcCheckpointDiskDef *disk,
                          VckcCheckpointState state)
{
  return vckc_finding_new (judgements[state].kind, checkpoint, disk->name, disk->bitmap,
                           g_strdup_printf ("bitmap '%s' on disk '%s' %s", disk->bitmap,
                                            disk->name, judgements[state].problem),
                           g_strdup (judgements[state].remedy));
}

VckcFinding *
vckc_judgement_of_gone (const char *checkpoint,
                        const VckcCheckpointDiskDef *disk,
                        const char *problem,
                        bool absent)
{
  char *message
      = problem == NULL
            ? g_strdup_printf ("disk '%s' is no longer part of the domain", disk->name)
            : g_strdup_printf ("disk '%s' cannot be opened: %s", disk->name, problem);

  return vckc_finding_new (VCKC_FINDING_DISK_GONE, checkpoint, disk->name, disk->bitmap, message,
                           g_strdup (absent ? wait_for_disk : let_go));
}

VckcFinding *
vckc_judgement_of_orphan (const char *target, const char *bitmap)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_ORPHAN, NULL, target, bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' is left of a forgotten checkpoint", bitmap, target),
      g_strdup ("the bitmap is removed"));
}

VckcFinding *
vckc_judgement_of_foreign (const char *target, const char *bitmap)
{
  return vckc_finding_new (
      VCKC_FINDING_BITMAP_FOREIGN, NULL, target, bitmap,
      g_strdup_printf ("bitmap '%s' on disk '%s' belongs to no checkpoint and was not made by Vck",
                       bitmap, target),
      g_strdup ("nothing, unless asked for foreign bitmaps: then it is removed"));
}

static const unsigned int flag_of_kind[] = {
  [VCKC_FINDING_BITMAP_MISSING] = VCKC_REPAIR_BROKEN,
  [VCKC_FINDING_BITMAP_INCONSISTENT] = VCKC_REPAIR_BROKEN,
  [VCKC_FINDING_BITMAP_NOT_RECORDING] = VCKC_REPAIR_BROKEN,
  [VCKC_FINDING_BITMAP_BUSY] = 0,
  [VCKC_FINDING_BITMAP_GRANULARITY] = VCKC_REPAIR_BROKEN,
  [VCKC_FINDING_DISK_RESIZED] = 0,
  [VCKC_FINDING_DISK_GONE] = VCKC_REPAIR_BROKEN,
  [VCKC_FINDING_BITMAP_ORPHAN] = VCKC_REPAIR_ORPHANS,
  [VCKC_FINDING_BITMAP_FOREIGN] = VCKC_REPAIR_FOREIGN,
  [VCKC_FINDING_METADATA_UNREADABLE] = VCKC_REPAIR_UNREADABLE,
  [VCKC_FINDING_OPERATION_INTERRUPTED] = VCKC_REPAIR_INTERRUPTED,
};

unsigned int
vckc_judgement_repair_flag (VckcFindingKind kind)
{
  return flag_of_kind[kind];
}

bool
vckc_judgement_takes_bitmap (const VckcFinding *finding)
{
  return finding->kind == VCKC_FINDING_BITMAP_INCONSISTENT
         || finding->kind == VCKC_FINDING_BITMAP_ORPHAN
         || finding->kind == VCKC_FINDING_BITMAP_FOREIGN;
}
