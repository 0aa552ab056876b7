/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Makes checkpoints and bitmaps agree again: acts on what an inspection found. */

#include "managed/methods/engine-methods.h"

#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/inspection.h"
#include "managed/job.h"
#include "managed/journal-replay.h"
#include "model/checkpoint-xml.h"
#include "model/findings.h"

static bool
is_wanted (const VckcFinding *finding)
{
  return finding->outcome == VCKC_FINDING_OUTCOME_WOULD;
}

static bool
is_any_wanted (const VckcInspection *inspection)
{
  for (guint i = 0; i < inspection->findings->len; i++)
    if (is_wanted (g_ptr_array_index (inspection->findings, i)))
      return true;
  return false;
}

static void
repair_stop_tracking (VckcCheckpointDef *def, const char *target)
{
  VckcCheckpointDiskDef *disk = vckc_checkpoint_def_find_disk (def, target);

  if (disk == NULL)
    return;
  disk->tracked = false;
  g_clear_pointer (&disk->bitmap, g_free);
}

/* Works on the inspection's own copy of the tree; `touched` gets the names of checkpoints whose
 * metadata changes, `removed` of those whose metadata goes. */
typedef struct
{
  GHashTable *touched;
  GPtrArray *removed;
} Rewrite;

static void
repair_remove_checkpoint (VckcCheckpointTree *tree, VckcCheckpointNode *node, Rewrite *rewrite)
{
  for (VckcCheckpointNode *child = node->first_child; child != NULL; child = child->next_sibling)
    g_hash_table_add (rewrite->touched, g_strdup (child->def->name));
  g_hash_table_remove (rewrite->touched, node->def->name);
  g_ptr_array_add (rewrite->removed, g_strdup (node->def->name));
  vckc_checkpoint_tree_remove (tree, node);
}

static void
repair_rewrite_checkpoints (VckcInspection *inspection, Rewrite *rewrite)
{
  for (guint i = 0; i < inspection->findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (inspection->findings, i);
      VckcCheckpointNode *node;

      if (!is_wanted (finding))
        continue;
      if (finding->kind == VCKC_FINDING_METADATA_UNREADABLE)
        g_ptr_array_add (rewrite->removed, g_strdup (finding->checkpoint));
      if (finding->checkpoint == NULL || finding->disk == NULL)
        continue;
      node = vckc_checkpoint_tree_lookup (inspection->tree, finding->checkpoint);
      if (node == NULL)
        continue;
      repair_stop_tracking (node->def, finding->disk);
      if (vckc_checkpoint_def_tracks_any_disk (node->def))
        g_hash_table_add (rewrite->touched, g_strdup (node->def->name));
      else
        repair_remove_checkpoint (inspection->tree, node, rewrite);
    }
}

/* Adds the bitmaps that go; strings are borrowed from the inspection. */
static void
repair_plan_bitmaps (const VckcInspection *inspection, VckcBitmapSet *plan)
{
  for (guint i = 0; i < inspection->findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (inspection->findings, i);
      const VckcDomainDiskDef *disk =
          is_wanted (finding) && vckc_finding_removes_bitmap (finding)
              ? vckc_domain_def_find_disk (inspection->def, finding->disk)
              : NULL;

      if (disk != NULL && disk->source != NULL)
        vckc_bitmap_set_add (plan, disk->target, disk->source, disk->format, finding->bitmap);
    }
}

static VckcJournal *
repair_make_change (VckcInspection *inspection, const VckcBitmapSet *plan)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  VckcJournal *change = vckc_journal_new ("repair");
  Rewrite rewrite = { .touched = touched, .removed = change->remove };
  VckcCheckpointNode *current;
  GHashTableIter iter;
  gpointer name;

  repair_rewrite_checkpoints (inspection, &rewrite);
  g_hash_table_iter_init (&iter, touched);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (inspection->tree, name);

      g_hash_table_insert (change->write, g_strdup (name),
                           vckc_checkpoint_def_format_stored (node->def));
    }
  vckc_bitmap_set_add_to_journal (plan, change);
  vckc_orphan_bitmaps_remove_plan (inspection->orphans, plan);
  change->set_notes = true;
  change->notes = vckc_orphan_bitmaps_format (inspection->orphans);
  current = vckc_checkpoint_tree_current (inspection->tree);
  change->set_current = true;
  change->current = current != NULL ? g_strdup (current->def->name) : NULL;
  return change;
}

static bool
repair_was_interrupted (const VckcInspection *inspection)
{
  return inspection->stored->journal != NULL || inspection->stored->journal_problem != NULL;
}

/* The disk, if it is in the definition, whose image shows whether the finding still holds. */
static const VckcDomainDiskDef *
repair_find_disk_of (const VckcInspection *inspection, const VckcFinding *finding)
{
  const VckcDomainDiskDef *disk = is_wanted (finding) && finding->disk != NULL
                                      ? vckc_domain_def_find_disk (inspection->def, finding->disk)
                                      : NULL;

  return disk != NULL && disk->source != NULL ? disk : NULL;
}

/* Opens the images that the repair is about; to write, if a bitmap has to go or an image is one
 * that QEMU does not open. */
static bool
repair_open_images (const VckcInspection *inspection,
                    VckcEngine *engine,
                    VckcBitmapSet *plan,
                    VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (inspection->domain, inspection->def);
  VckcBlockSessionMode mode = VCKC_BLOCK_SESSION_READ;

  for (guint i = 0; i < inspection->findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (inspection->findings, i);
      const VckcDomainDiskDef *disk = repair_find_disk_of (inspection, finding);

      if (disk == NULL)
        continue;
      vckc_bitmap_set_add_disk (plan, disk->target, disk->source, disk->format);
      if (finding->mends)
        mode = VCKC_BLOCK_SESSION_MEND;
      else if (mode == VCKC_BLOCK_SESSION_READ && vckc_finding_removes_bitmap (finding))
        mode = VCKC_BLOCK_SESSION_WRITE;
    }
  return vckc_bitmap_set_n_disks (plan) == 0
         || vckc_bitmap_set_open (plan, engine->backend, &machine, mode, err);
}

/* What two findings have in common if they are about the same. */
static char *
repair_make_key (const VckcFinding *finding)
{
  return g_strdup_printf (
      "%d\n%s\n%s\n%s", (int) finding->kind, finding->checkpoint != NULL ? finding->checkpoint : "",
      finding->disk != NULL ? finding->disk : "", finding->bitmap != NULL ? finding->bitmap : "");
}

/* What is not found again is left: it was changed meanwhile. */
static void
repair_leave_changed (VckcInspection *inspection, const VckcInspection *again)
{
  g_autoptr (GHashTable) still = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < again->findings->len; i++)
    g_hash_table_add (still, repair_make_key (g_ptr_array_index (again->findings, i)));
  for (guint i = 0; i < inspection->findings->len; i++)
    {
      VckcFinding *finding = g_ptr_array_index (inspection->findings, i);
      g_autofree char *key = repair_make_key (finding);

      if (repair_find_disk_of (inspection, finding) != NULL && !g_hash_table_contains (still, key))
        finding->outcome = VCKC_FINDING_OUTCOME_LEFT;
    }
}

/* Looks once more, now that nothing else can change the images, and plans what is to be done. */
static bool
repair_look_again (VckcInspection *inspection,
                   VckcEngine *engine,
                   VckcBitmapSet *plan,
                   VckcError **err)
{
  g_auto (VckcInspection) again = { NULL };

  if (!repair_open_images (inspection, engine, plan, err))
    return false;
  if (vckc_bitmap_set_get_session (plan) == NULL)
    return true;
  if (!vckc_inspection_init (&again, engine, inspection->domain, err)
      || !vckc_inspection_look_at (&again, engine, plan, err))
    return false;
  repair_leave_changed (inspection, &again);
  repair_plan_bitmaps (inspection, plan);
  return vckc_bitmap_set_find (plan, err);
}

/* With the images open. Once the journal stands, the next use of the domain completes what is
 * interrupted here. It replaces one of an interrupted operation that cannot be read,
 * and only now, that everything was looked at. */
static bool
repair_carry_out (VckcInspection *inspection,
                  VckcEngine *engine,
                  VckcBitmapSet *plan,
                  VckcJournal *change,
                  VckcError **err)
{
  VckcManagedDomain *domain = inspection->domain;
  VckcError *error = NULL;
  bool removed;

  if (!vckc_store_write_journal (engine->store, domain->uuid, change, err))
    return false;
  removed = vckc_bitmap_set_remove_found (plan, &error);
  if (!vckc_bitmap_set_close (plan, removed ? &error : NULL))
    removed = false;
  if (removed)
    return vckc_journal_apply (engine, domain, change, err);
  vckc_job_must_reload (engine, domain);
  vckc_propagate_error (err, error);
  return false;
}

static bool
repair_apply (VckcInspection *inspection, VckcEngine *engine, VckcError **err)
{
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcJournal) change = NULL;

  if (!repair_look_again (inspection, engine, plan, err))
    return false;
  if (!is_any_wanted (inspection))
    return vckc_bitmap_set_close (plan, err);
  change = repair_make_change (inspection, plan);
  return repair_carry_out (inspection, engine, plan, change, err);
}

/* A journal that cannot be read may be needed as long as not all images can be examined. */
static bool
repair_check_all_reached (const VckcInspection *inspection, VckcError **err)
{
  for (guint i = 0; inspection->stored->journal_problem != NULL && i < inspection->findings->len;
       i++)
    {
      const VckcFinding *finding = g_ptr_array_index (inspection->findings, i);

      if (finding->kind != VCKC_FINDING_DISK_UNREACHABLE)
        continue;
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_INVALID,
          "the journal of an interrupted operation on domain '%s' cannot be given up now: "
          "%s; make the disk reachable first",
          inspection->def->name, finding->message);
      return false;
    }
  return true;
}

/* The interrupted operation that was found at first, and is completed now. */
static void
repair_add_completed (VckcInspection *inspection, const VckcInspection *before)
{
  VckcFinding *completed = g_ptr_array_index (before->findings, 0);

  completed->outcome = VCKC_FINDING_OUTCOME_WOULD;
  g_ptr_array_insert (inspection->findings, 0, vckc_object_ref (completed));
}

/* With the raw job held. What was interrupted is completed first, if its journal can be read, since
 * that changes what else there is to find. */
static bool
repair_domain (VckcEngine *engine,
               VckcManagedDomain *domain,
               unsigned int flags,
               GPtrArray **ret_findings,
               VckcError **err)
{
  const bool dry_run = (flags & VCKC_REPAIR_DRY_RUN) != 0;
  g_auto (VckcInspection) before = { NULL };
  g_auto (VckcInspection) inspection = { NULL };
  bool complete;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_inspection_init (&before, engine, domain, err))
    return false;
  if (repair_was_interrupted (&before) && !dry_run
      && !vckc_finding_kind_is_repaired (VCKC_FINDING_OPERATION_INTERRUPTED, flags))
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_INVALID,
          "an operation on domain '%s' was interrupted; nothing can be repaired before it "
          "is completed: add the INTERRUPTED flag",
          before.def->name);
      return false;
    }
  complete = before.stored->journal != NULL && !dry_run;
  if (complete && !vckc_journal_replay (engine, domain, before.def, before.stored->journal, err))
    return false;

  if (!vckc_inspection_init (&inspection, engine, domain, err)
      || !vckc_inspection_look (&inspection, engine, err)
      || (!dry_run && !repair_check_all_reached (&inspection, err)))
    return false;
  vckc_findings_plan_repair (inspection.findings, flags);
  if (!dry_run && is_any_wanted (&inspection) && !repair_apply (&inspection, engine, err))
    return false;

  if (complete)
    repair_add_completed (&inspection, &before);
  if (!dry_run)
    vckc_findings_set_done (inspection.findings);
  *ret_findings = g_steal_pointer (&inspection.findings);
  return dry_run || vckc_job_load (engine, domain, err);
}

static bool
repair_begin (VckcEngine *engine, VckcManagedDomain *domain, bool dry_run, VckcError **err)
{
  return dry_run ? vckc_job_begin_shared (engine, domain, VCKC_LOOK_ONLY, err)
                 : vckc_job_begin_raw (engine, domain, err);
}

int
vckc_engine_domain_repair_checkpoints (VckcDomain *handle,
                                       VckcFinding ***ret_findings,
                                       unsigned int flags,
                                       VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_autoptr (GPtrArray) findings = NULL;
  bool repaired;

  if (domain == NULL || !repair_begin (engine, domain, (flags & VCKC_REPAIR_DRY_RUN) != 0, err))
    return -1;

  repaired = repair_domain (engine, domain, flags, &findings, err);
  vckc_job_end (engine, domain);
  return repaired
             ? vckc_object_array_return (g_steal_pointer (&findings), (gpointer **) ret_findings)
             : -1;
}
