/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The managed engine: everything a driver does, on top of a block backend (where
 * the bitmaps live) and a store (where the metadata lives). A managed driver is
 * these two, a way to find the instance a URI means, and VCKC_ENGINE_METHODS.
 *
 * An engine is shared by all connections of this process to the same place. It
 * outlives none of them: vckc_engine_attach() and vckc_engine_detach() count.
 */

#pragma once

#include "handles/driver.h"
#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"

typedef struct _VckcEngine VckcEngine;

typedef struct
{
  VckcStore *store;          /* (transfer full) */
  VckcBlockBackend *backend; /* (transfer full) */
  /* What a domain is doing when it is first seen; NULL if all are shut off. */
  VckcDomainState (*initial_state) (const char *uuid);
} VckcEngineParts;

/* Makes the parts of a new engine; called with the table of engines locked. */
typedef bool (*VckcEngineMaker) (const char *key, VckcEngineParts *ret_parts, VckcError **err);

/* Gives `connect` the engine of that key, made by `maker` if there is none, and
 * reads its domains. `key` must be the same for the same place and different
 * between drivers. Sets connect->driver_data. */
bool
vckc_engine_attach (VckcConnect *connect, const char *key, VckcEngineMaker maker, VckcError **err);

VckcBlockBackend *vckc_engine_get_backend (VckcEngine *engine);
VckcStore *vckc_engine_get_store (VckcEngine *engine);

/* How long an operation waits for its turn before it fails with BUSY; in
 * milliseconds. 30 seconds unless set. */
void vckc_engine_set_job_timeout (VckcEngine *engine, guint milliseconds);

/* Says what a domain is doing from now on. False if there is no such domain. */
bool vckc_engine_set_state (VckcEngine *engine, const char *uuid, VckcDomainState state);

/* Driver methods, to be named in the driver's table. */
void vckc_engine_connect_close (VckcConnect *connect);
void vckc_engine_connect_free (VckcConnect *connect);
/* Both for who came and for who left. */
void vckc_engine_connect_watch (VckcConnect *connect);
int vckc_engine_connect_list_all_domains (VckcConnect *connect,
                                          VckcDomain ***ret_domains,
                                          unsigned int flags,
                                          VckcError **err);
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
VckcDomainCheckpoint *vckc_engine_domain_checkpoint_lookup_by_name (VckcDomain *domain,
                                                                    const char *name,
                                                                    unsigned int flags,
                                                                    VckcError **err);
int vckc_engine_domain_list_all_checkpoints (VckcDomain *domain,
                                             VckcDomainCheckpoint ***ret_checkpoints,
                                             unsigned int flags,
                                             VckcError **err);
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
bool vckc_engine_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                                VckcCheckpointDetails *ret_details,
                                                VckcError **err);

int vckc_engine_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                              VckcDomainCheckpointDisk ***ret_disks,
                                              unsigned int flags,
                                              VckcError **err);
int vckc_engine_domain_measure_checkpoints (VckcDomain *domain,
                                            VckcDomainCheckpointDisk ***ret_disks,
                                            VckcError **err);
int vckc_engine_domain_verify_checkpoints (VckcDomain *domain,
                                           VckcFinding ***ret_findings,
                                           VckcError **err);
int vckc_engine_domain_repair_checkpoints (VckcDomain *domain,
                                           VckcFinding ***ret_findings,
                                           unsigned int flags,
                                           VckcError **err);
char *vckc_engine_domain_export_checkpoints (VckcDomain *domain, VckcError **err);
char *
vckc_engine_domain_hand_over_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err);
int vckc_engine_domain_import_checkpoints (VckcDomain *domain,
                                           const char *document,
                                           VckcImportResult ***ret_results,
                                           unsigned int flags,
                                           VckcError **err);

/* clang-format off */
#define VCKC_ENGINE_METHODS                                                              \
  .connect_close = vckc_engine_connect_close,                                            \
  .connect_free = vckc_engine_connect_free,                                              \
  .connect_watch = vckc_engine_connect_watch,                                            \
  .connect_unwatch = vckc_engine_connect_watch,                                          \
  .connect_list_all_domains = vckc_engine_connect_list_all_domains,                      \
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
  .domain_checkpoint_lookup_by_name = vckc_engine_domain_checkpoint_lookup_by_name,      \
  .domain_list_all_checkpoints = vckc_engine_domain_list_all_checkpoints,                \
  .domain_checkpoint_list_all_children = vckc_engine_domain_checkpoint_list_all_children,\
  .domain_checkpoint_get_parent = vckc_engine_domain_checkpoint_get_parent,              \
  .domain_checkpoint_get_xml_desc = vckc_engine_domain_checkpoint_get_xml_desc,          \
  .domain_checkpoint_delete = vckc_engine_domain_checkpoint_delete,                      \
  .domain_checkpoint_get_details = vckc_engine_domain_checkpoint_get_details,            \
  .domain_checkpoint_list_disks = vckc_engine_domain_checkpoint_list_disks,              \
  .domain_measure_checkpoints = vckc_engine_domain_measure_checkpoints,                  \
  .domain_verify_checkpoints = vckc_engine_domain_verify_checkpoints,                    \
  .domain_repair_checkpoints = vckc_engine_domain_repair_checkpoints,                    \
  .domain_export_checkpoints = vckc_engine_domain_export_checkpoints,                    \
  .domain_hand_over_checkpoints = vckc_engine_domain_hand_over_checkpoints,              \
  .domain_import_checkpoints = vckc_engine_domain_import_checkpoints
/* clang-format on */
