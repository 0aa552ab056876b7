/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The driver methods of the managed engine, to be named in a driver's table. */

#pragma once

#include "managed/engine-registry.h"

int vckc_engine_connect_list_all_domains (VckcConnect *connect,
                                          VckcDomain ***ret_domains,
                                          unsigned int flags,
                                          VckcError **err);
bool vckc_engine_connect_announce_domains (VckcConnect *connect, VckcError **err);
VckcDomain *
vckc_engine_domain_lookup_by_name (VckcConnect *connect, const char *name, VckcError **err);
VckcDomain *
vckc_engine_domain_lookup_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err);
VckcDomain *vckc_engine_domain_define_xml (VckcConnect *connect, const char *xml, VckcError **err);
int vckc_engine_domain_rename (VckcDomain *domain,
                               const char *new_name,
                               unsigned int flags,
                               VckcError **err);
int vckc_engine_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err);
char *vckc_engine_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err);
int vckc_engine_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err);
int vckc_engine_domain_refresh (VckcDomain *domain, VckcError **err);
int
vckc_engine_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err);
VckcDomainCheckpoint *vckc_engine_domain_checkpoint_create_xml (VckcDomain *domain,
                                                                const char *xml_desc,
                                                                unsigned int flags,
                                                                VckcError **err);
VckcCheckpointPlan *vckc_engine_domain_plan_checkpoint_xml (VckcDomain *domain,
                                                            const char *xml_desc,
                                                            unsigned int flags,
                                                            VckcError **err);
VckcDomainCheckpoint *vckc_engine_domain_checkpoint_lookup_by_name (VckcDomain *domain,
                                                                    const char *name,
                                                                    unsigned int flags,
                                                                    VckcError **err);
int vckc_engine_domain_list_all_checkpoints (VckcDomain *domain,
                                             VckcDomainCheckpoint ***ret_checkpoints,
                                             unsigned int flags,
                                             VckcError **err);
bool vckc_engine_domain_announce_checkpoints (VckcDomain *domain, VckcError **err);
int vckc_engine_domain_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                                     VckcDomainCheckpoint ***ret_children,
                                                     unsigned int flags,
                                                     VckcError **err);
VckcDomainCheckpoint *vckc_engine_domain_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                                                unsigned int flags,
                                                                VckcError **err);
char *vckc_engine_domain_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                                  unsigned int flags,
                                                  VckcError **err);
int vckc_engine_domain_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                          unsigned int flags,
                                          VckcError **err);
VckcDeletePlan *vckc_engine_domain_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                                           unsigned int flags,
                                                           VckcError **err);
bool vckc_engine_domain_checkpoint_untrack (VckcDomainCheckpoint *checkpoint,
                                            GHashTable *targets,
                                            VckcError **err);
bool vckc_engine_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                                VckcCheckpointDetails *ret_details,
                                                VckcError **err);

int vckc_engine_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                              VckcDomainCheckpointDisk ***ret_disks,
                                              unsigned int flags,
                                              VckcError **err);
VckcExtentReader *vckc_engine_domain_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                                              const char *disk,
                                                              unsigned int flags,
                                                              VckcError **err);
int vckc_engine_domain_measure_checkpoints (VckcDomain *domain,
                                            VckcDomainCheckpointDisk ***ret_disks,
                                            VckcError **err);
int vckc_engine_domain_list_bitmaps (VckcDomain *domain,
                                     VckcBitmap ***ret_bitmaps,
                                     unsigned int flags,
                                     VckcError **err);
int vckc_engine_domain_verify_checkpoints (VckcDomain *domain,
                                           VckcFinding ***ret_findings,
                                           VckcError **err);
int vckc_engine_domain_repair_checkpoints (VckcDomain *domain,
                                           VckcFinding ***ret_findings,
                                           unsigned int flags,
                                           VckcError **err);
char *vckc_engine_domain_export_checkpoints (VckcDomain *domain, VckcError **err);
char *vckc_engine_domain_hand_over_checkpoints (VckcDomain *domain, VckcError **err);
int vckc_engine_domain_import_checkpoints (VckcDomain *domain,
                                           const char *document,
                                           VckcImportResult ***ret_results,
                                           unsigned int flags,
                                           VckcError **err);

int vckc_engine_domain_backup_begin (VckcDomain *domain,
                                     const char *backup_xml,
                                     const char *checkpoint_xml,
                                     unsigned int flags,
                                     VckcError **err);
char *vckc_engine_domain_backup_get_xml_desc (VckcDomain *domain, VckcError **err);
VckcJobInfo *
vckc_engine_domain_get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err);
int vckc_engine_domain_abort_job (VckcDomain *domain, VckcError **err);
int vckc_engine_domain_set_job_speed (VckcDomain *domain, guint64 speed, VckcError **err);
int vckc_engine_domain_recover_backup (VckcDomain *domain, VckcError **err);

/* clang-format off */
#define VCKC_ENGINE_METHODS                                                              \
  .connect_close = vckc_engine_connect_close,                                            \
  .connect_free = vckc_engine_connect_free,                                              \
  .connect_watch = vckc_engine_connect_watch,                                            \
  .connect_unwatch = vckc_engine_connect_watch,                                          \
  .connect_list_all_domains = vckc_engine_connect_list_all_domains,                      \
  .connect_announce_domains = vckc_engine_connect_announce_domains,                      \
  .domain_lookup_by_name = vckc_engine_domain_lookup_by_name,                            \
  .domain_lookup_by_uuid = vckc_engine_domain_lookup_by_uuid,                            \
  .domain_define_xml = vckc_engine_domain_define_xml,                                    \
  .domain_rename = vckc_engine_domain_rename,                                            \
  .domain_undefine = vckc_engine_domain_undefine,                                        \
  .domain_get_xml_desc = vckc_engine_domain_get_xml_desc,                                \
  .domain_get_state = vckc_engine_domain_get_state,                                      \
  .domain_refresh = vckc_engine_domain_refresh,                                          \
  .domain_list_disks = vckc_engine_domain_list_disks,                                    \
  .domain_checkpoint_create_xml = vckc_engine_domain_checkpoint_create_xml,              \
  .domain_plan_checkpoint_xml = vckc_engine_domain_plan_checkpoint_xml,                  \
  .domain_checkpoint_lookup_by_name = vckc_engine_domain_checkpoint_lookup_by_name,      \
  .domain_list_all_checkpoints = vckc_engine_domain_list_all_checkpoints,                \
  .domain_announce_checkpoints = vckc_engine_domain_announce_checkpoints,                \
  .domain_checkpoint_list_all_children = vckc_engine_domain_checkpoint_list_all_children,\
  .domain_checkpoint_get_parent = vckc_engine_domain_checkpoint_get_parent,              \
  .domain_checkpoint_get_xml_desc = vckc_engine_domain_checkpoint_get_xml_desc,          \
  .domain_checkpoint_delete = vckc_engine_domain_checkpoint_delete,                      \
  .domain_checkpoint_plan_delete = vckc_engine_domain_checkpoint_plan_delete,            \
  .domain_checkpoint_untrack = vckc_engine_domain_checkpoint_untrack,                    \
  .domain_checkpoint_get_details = vckc_engine_domain_checkpoint_get_details,            \
  .domain_checkpoint_list_disks = vckc_engine_domain_checkpoint_list_disks,              \
  .domain_checkpoint_open_extents = vckc_engine_domain_checkpoint_open_extents,          \
  .domain_measure_checkpoints = vckc_engine_domain_measure_checkpoints,                  \
  .domain_list_bitmaps = vckc_engine_domain_list_bitmaps,                                \
  .domain_verify_checkpoints = vckc_engine_domain_verify_checkpoints,                    \
  .domain_repair_checkpoints = vckc_engine_domain_repair_checkpoints,                    \
  .domain_export_checkpoints = vckc_engine_domain_export_checkpoints,                    \
  .domain_hand_over_checkpoints = vckc_engine_domain_hand_over_checkpoints,              \
  .domain_import_checkpoints = vckc_engine_domain_import_checkpoints,                    \
  .domain_backup_begin = vckc_engine_domain_backup_begin,                                \
  .domain_backup_get_xml_desc = vckc_engine_domain_backup_get_xml_desc,                  \
  .domain_get_job_info = vckc_engine_domain_get_job_info,                                \
  .domain_abort_job = vckc_engine_domain_abort_job,                                      \
  .domain_set_job_speed = vckc_engine_domain_set_job_speed,                              \
  .domain_recover_backup = vckc_engine_domain_recover_backup
/* clang-format on */
