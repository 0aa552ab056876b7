/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Exporting, importing and handing over checkpoints. */

#include "drivers/libvirt/methods/libvirt-transfer.h"

#include "base/log.h"
#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/checkpoint-tree.h"
#include "model/checkpoint-xml.h"
#include "model/export-document.h"
#include "model/import-check.h"

/* --- export --- */

static char *
libvirt_export_format (VckcDomain *domain, GPtrArray *checkpoints, VckcError **err)
{
  g_autoptr (VckcCheckpointTree) tree = NULL;
  GPtrArray *defs;

  defs = vckc_libvirt_read_checkpoints (checkpoints, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  if (defs == NULL)
    return NULL;
  while (g_ptr_array_remove (defs, NULL))
    ;
  tree = vckc_checkpoint_tree_new_from_defs (defs, NULL);
  return vckc_export_format (tree, domain->name);
}

char *
vckc_libvirt_domain_export_checkpoints (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, err);

  return checkpoints != NULL ? libvirt_export_format (domain, checkpoints, err) : NULL;
}

/* --- import --- */

/* What a document is imported into. */
typedef struct
{
  VckcDomain *domain;   /* borrowed */
  VckcDomainDef *def;   /* (nullable), owned reference: NULL if the disks do not matter */
  GHashTable *existing; /* names of the checkpoints that there are */
  unsigned int flags;
} ImportTarget;

static void
import_target_clear (ImportTarget *target)
{
  g_clear_pointer (&target->def, vckc_domain_def_unref);
  g_clear_pointer (&target->existing, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ImportTarget, import_target_clear)

static bool
import_target_read_domain (ImportTarget *target, VckcError **err)
{
  g_autofree char *xml = vckc_libvirt_domain_get_xml_desc (target->domain, 0, err);

  target->def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  return target->def != NULL;
}

static bool
import_target_init (ImportTarget *target, VckcDomain *domain, unsigned int flags, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, err);

  if (checkpoints == NULL)
    return false;
  target->domain = domain;
  target->flags = flags;
  target->existing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < checkpoints->len; i++)
    g_hash_table_add (target->existing,
                      g_strdup (virDomainCheckpointGetName (checkpoints->pdata[i])));
  return (flags & VCKC_IMPORT_METADATA_ONLY) != 0 || import_target_read_domain (target, err);
}

static bool
libvirt_import_checkpoint (const ImportTarget *target,
                           const VckcCheckpointDef *def,
                           VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (target->domain);
  const VckcImportTarget checked = {
    .name = target->domain->name,
    .def = target->def,
    .has_checkpoint = g_hash_table_contains (target->existing, def->name),
  };
  const unsigned int validate = (target->flags & VCKC_IMPORT_VERIFY) != 0
                                    ? VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE
                                    : 0;
  g_autofree char *xml = NULL;
  VCKC_AUTO_CHECKPOINT checkpoint = NULL;

  if (!vckc_import_check (&checked, def, target->flags, err))
    return false;
  xml = vckc_checkpoint_def_format (def, false, false);
  checkpoint =
      virDomainCheckpointCreateXML (pointer, xml, VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE | validate);
  if (checkpoint == NULL)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (target->domain->connect)->conn,
                              "cannot import checkpoint '%s' into domain '%s'", def->name,
                              target->domain->name);
      return false;
    }
  vckc_libvirt_cache_add (target->domain, checkpoint, vckc_checkpoint_def_copy (def),
                          checked.has_checkpoint);
  return true;
}

static const VckcCheckpointDef *
libvirt_import_find_youngest (GPtrArray *defs)
{
  const VckcCheckpointDef *youngest = NULL;

  /* Of those of one second the last one, which is below the others if any is. */
  for (guint i = 0; i < defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      if (youngest == NULL || def->creation_time >= youngest->creation_time)
        youngest = def;
    }
  return youngest;
}

/* The names of a checkpoint and of those above it; parents come before children in `defs`. */
static GHashTable *
libvirt_import_find_line (GPtrArray *defs, const char *name)
{
  GHashTable *line = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = defs->len; i > 0 && name != NULL; i--)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (defs, i - 1);

      if (!g_str_equal (def->name, name))
        continue;
      g_hash_table_add (line, def->name);
      name = def->parent_name;
    }
  return line;
}

/* libvirt makes that checkpoint current whose ancestors were redefined directly before it, so the
 * current one and its ancestors go first. If the document does not name the current one, it was the
 * youngest. Returns indices into `defs`. */
static GArray *
libvirt_import_sort (GPtrArray *defs, const char *current)
{
  const VckcCheckpointDef *youngest = libvirt_import_find_youngest (defs);
  g_autoptr (GHashTable) line = NULL;
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));

  if (current == NULL && youngest != NULL)
    current = youngest->name;
  line = libvirt_import_find_line (defs, current);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < defs->len; i++)
      {
        const VckcCheckpointDef *def = g_ptr_array_index (defs, i);

        if (g_hash_table_contains (line, def->name) == (pass == 0))
          g_array_append_val (order, i);
      }
  return order;
}

/* With the domain lock. */
static GPtrArray *
libvirt_import_locked (VckcDomain *domain,
                       GPtrArray *defs,
                       const char *current,
                       unsigned int flags,
                       VckcError **err)
{
  g_auto (ImportTarget) target = { NULL };
  g_autoptr (GArray) order = libvirt_import_sort (defs, current);
  GPtrArray *results;

  if (!vckc_libvirt_check_not_busy (domain, err)
      || !import_target_init (&target, domain, flags, err))
    return NULL;
  results = g_ptr_array_new_with_free_func (vckc_object_unref);
  g_ptr_array_set_size (results, (int) defs->len);
  for (guint i = 0; i < order->len; i++)
    {
      guint at = g_array_index (order, guint, i);
      const VckcCheckpointDef *def = g_ptr_array_index (defs, at);
      g_autoptr (VckcError) error = NULL;
      bool imported = libvirt_import_checkpoint (&target, def, &error);

      results->pdata[at] =
          vckc_import_result_new (def->name, imported ? NULL : vckc_error_get_message (error));
    }
  return results;
}

int
vckc_libvirt_domain_import_checkpoints (VckcDomain *domain,
                                        const char *document,
                                        VckcImportResult ***ret_results,
                                        unsigned int flags,
                                        VckcError **err)
{
  g_autoptr (GPtrArray) defs = NULL;
  g_autofree char *current = NULL;
  GPtrArray *results;

  defs = vckc_export_parse (document, &current, err);
  if (defs == NULL || !vckc_libvirt_domain_lock (domain, err))
    return -1;
  results = libvirt_import_locked (domain, defs, current, flags, err);
  vckc_libvirt_domain_unlock (domain);
  return results != NULL ? vckc_object_array_return (results, (gpointer **) ret_results) : -1;
}

/* --- both --- */

/* With the domain lock: children before parents. */
static bool
libvirt_hand_over_delete_metadata (VckcDomain *domain,
                                   GPtrArray *checkpoints /* parents first */,
                                   VckcError **err)
{
  for (guint i = checkpoints->len; i > 0; i--)
    {
      virDomainCheckpointPtr checkpoint = g_ptr_array_index (checkpoints, i - 1);

      if (virDomainCheckpointDelete (checkpoint, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY) < 0)
        {
          vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                                  "cannot hand over checkpoint '%s'",
                                  virDomainCheckpointGetName (checkpoint));
          return false;
        }
      vckc_libvirt_cache_remove (domain, checkpoint);
    }
  return true;
}

/* With the domain lock, after a failure: those that are still there are left alone. */
static void
libvirt_hand_over_restore (VckcDomain *domain, const char *document)
{
  g_autofree char *current = NULL;
  g_autoptr (VckcError) error = NULL;
  g_autoptr (GPtrArray) defs = vckc_export_parse (document, &current, &error);
  g_autoptr (GPtrArray) results =
      defs != NULL
          ? libvirt_import_locked (domain, defs, current, VCKC_IMPORT_METADATA_ONLY, &error)
          : NULL;

  if (results == NULL)
    vckc_log_info (VCKC_ABOUT (.domain = domain->name, .error = error),
                   "domain '%s': checkpoints cannot be restored: %s", domain->name,
                   vckc_error_get_message (error));
}

/* With the domain lock. */
static char *
libvirt_hand_over_locked (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autofree char *document = NULL;

  if (!vckc_libvirt_check_not_busy (domain, err))
    return NULL;
  checkpoints = vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  document = checkpoints != NULL ? libvirt_export_format (domain, checkpoints, err) : NULL;
  if (document == NULL || libvirt_hand_over_delete_metadata (domain, checkpoints, err))
    return g_steal_pointer (&document);
  libvirt_hand_over_restore (domain, document);
  return NULL;
}

char *
vckc_libvirt_domain_hand_over_checkpoints (VckcDomain *domain, VckcError **err)
{
  char *document;

  if (!vckc_libvirt_domain_lock (domain, err))
    return NULL;
  document = libvirt_hand_over_locked (domain, err);
  vckc_libvirt_domain_unlock (domain);
  return document;
}
