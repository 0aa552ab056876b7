/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a driver is.
 *
 * Life cycle: vckc_connect_open() finds the driver by the scheme of the URI and
 * calls connect_open, which may set connect->driver_data. Then any method may be
 * called from any thread, several at the same time. connect_close is called once
 * when the connection is closed, while calls may still be under way; it must make
 * the driver stop sending events, and must not free what those calls use.
 * connect_free is called once at the end, when nothing else can be called.
 *
 * Contract of every method:
 *
 * - The entry point has checked handles, NULL arguments, read-only rules and
 *   relations of flags. Unknown flags are for the driver to refuse, before
 *   anything else, with vckc_check_flags().
 * - On failure the method sets *err, which is never NULL here, exactly once, and
 *   returns NULL, -1 or false. On success it leaves *err alone. Outputs are set on
 *   success only. vckc_driver_* below, through which the entry points call, assert
 *   this on the way out.
 * - Lists: `ret` may be NULL, then only the count is wanted.
 * - Returned handles carry one reference and are made with vckc_domain_new() and
 *   its like from the very handle given.
 * - No lock is held while waiting for QEMU or libvirt, except the domain's job.
 *
 * A method that is NULL is "not supported", which the entry point reports; those
 * marked "required" are checked when the driver is registered.
 */

#pragma once

#include "base/error-private.h"
#include "handles/driver-features.h"
#include "handles/flags.h"
#include "vckc.h"

typedef struct _VckcDriver VckcDriver;
typedef struct _VckcExtentReader VckcExtentReader; /* see model/extent-reader.h */
typedef struct _VckcPullServer VckcPullServer;     /* see model/pull-server.h */

typedef struct
{
  char *text;   /* the URI as given */
  char *scheme; /* lower case */
  char *host;   /* (nullable) */
  char *path;   /* decoded; may be "" */
  char *query;  /* (nullable), still encoded */
} VckcUri;

typedef struct
{
  char *description;            /* (nullable) */
  char *parent_name;            /* (nullable) */
  VckcDomainCheckpoint *parent; /* (nullable), owned reference */
  gint64 creation_time;
  char *uuid; /* (nullable): NULL if the driver has none */
} VckcCheckpointDetails;

/* The callback for names and passwords. */
typedef struct
{
  VckcAuthenticateCallback callback;
  void *opaque;
} VckcAuthenticator;

struct _VckcDriver
{
  const char *name;           /* for messages and the log */
  const char *const *schemes; /* NULL-terminated, lower case; NULL: all other schemes */
  VckcSupportTable *support;  /* what it has, in words; required */

  /* required */
  /* authenticator: (nullable) */
  bool (*connect_open) (VckcConnect *connect,
                        const VckcUri *uri,
                        const VckcAuthenticator *authenticator,
                        VckcError **err);
  void (*connect_close) (VckcConnect *connect);
  void (*connect_free) (VckcConnect *connect);
  int (*connect_list_all_domains) (VckcConnect *connect,
                                   VckcDomain ***ret_domains,
                                   unsigned int flags,
                                   VckcError **err);
  /* Pushes the list of all domains to the events of the connection, where no change is pushed
   * meanwhile that it might miss; `false` if it failed. */
  bool (*connect_announce_domains) (VckcConnect *connect, VckcError **err);
  VckcDomain *(*domain_lookup_by_name) (VckcConnect *connect, const char *name, VckcError **err);
  /* uuid: 36 characters, lower case */
  VckcDomain *(*domain_lookup_by_uuid) (VckcConnect *connect, const char *uuid, VckcError **err);

  /* optional */
  /* Adds the paths of the programs that it needs to `tools`; fails if one is not found. Starts
   * none. NULL if it needs none. */
  bool (*find_tools) (GPtrArray *tools, VckcError **err);
  /* The path of a volume of a storage pool, which a disk can name instead of one; NULL if it is not
   * a file or block device. NULL if the driver knows no pools. */
  bool (*connect_find_volume) (VckcConnect *connect,
                               const char *pool,
                               const char *volume,
                               char **ret_path,
                               VckcError **err);
  /* Frees the driver_data of a handle. */
  void (*domain_free) (VckcDomain *domain);
  void (*domain_checkpoint_free) (VckcDomainCheckpoint *checkpoint);
  /* A subscription to the events of the connection was added: from now on, watch for changes made
   * by other programs. */
  void (*connect_watch) (VckcConnect *connect);
  /* A subscription was removed, perhaps the last one. */
  void (*connect_unwatch) (VckcConnect *connect);
  VckcDomain *(*domain_define_xml) (VckcConnect *connect, const char *xml, VckcError **err);
  int (*domain_rename) (VckcDomain *domain,
                        const char *new_name,
                        unsigned int flags,
                        VckcError **err);
  int (*domain_undefine) (VckcDomain *domain, unsigned int flags, VckcError **err);
  char *(*domain_get_xml_desc) (VckcDomain *domain, unsigned int flags, VckcError **err);
  /* The definition that the domain will have when it is started. NULL if that is always the one
   * that it has. */
  char *(*domain_get_next_xml_desc) (VckcDomain *domain, VckcError **err);
  int (*domain_get_state) (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err);
  /* The state as known from events; NOSTATE if unknown. Does not block. */
  VckcDomainState (*domain_peek_state) (VckcDomain *domain);
  /* Is the domain off with its memory saved, so that it goes on from there when it is started? NULL
   * if no domain of the driver can be. */
  bool (*domain_has_managed_save) (VckcDomain *domain, bool *ret_saved, VckcError **err);
  int (*domain_refresh) (VckcDomain *domain, VckcError **err);
  int (*domain_list_disks) (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err);

  VckcDomainCheckpoint *(*domain_checkpoint_create_xml) (VckcDomain *domain,
                                                         const char *xml_desc,
                                                         unsigned int flags,
                                                         VckcError **err);
  /* What that would make of the same document, without reasons; nothing is changed. */
  VckcCheckpointPlan *(*domain_plan_checkpoint_xml) (VckcDomain *domain,
                                                     const char *xml_desc,
                                                     unsigned int flags,
                                                     VckcError **err);
  VckcDomainCheckpoint *(*domain_checkpoint_lookup_by_name) (VckcDomain *domain,
                                                             const char *name,
                                                             unsigned int flags,
                                                             VckcError **err);
  int (*domain_list_all_checkpoints) (VckcDomain *domain,
                                      VckcDomainCheckpoint ***ret_checkpoints,
                                      unsigned int flags,
                                      VckcError **err);
  /* as connect_announce_domains */
  bool (*domain_announce_checkpoints) (VckcDomain *domain, VckcError **err);
  int (*domain_checkpoint_list_all_children) (VckcDomainCheckpoint *checkpoint,
                                              VckcDomainCheckpoint ***ret_children,
                                              unsigned int flags,
                                              VckcError **err);
  VckcDomainCheckpoint *(*domain_checkpoint_get_parent) (VckcDomainCheckpoint *checkpoint,
                                                         unsigned int flags,
                                                         VckcError **err);
  char *(*domain_checkpoint_get_xml_desc) (VckcDomainCheckpoint *checkpoint,
                                           unsigned int flags,
                                           VckcError **err);
  int (*domain_checkpoint_delete) (VckcDomainCheckpoint *checkpoint,
                                   unsigned int flags,
                                   VckcError **err);
  /* What that would do. */
  VckcDeletePlan *(*domain_checkpoint_plan_delete) (VckcDomainCheckpoint *checkpoint,
                                                    unsigned int flags,
                                                    VckcError **err);
  /* Stops tracking the disks that are keys of `targets`; their bitmaps are left, and noted as ours.
   * Of the others nothing is changed. NULL if redefining the checkpoint does that. */
  bool (*domain_checkpoint_untrack) (VckcDomainCheckpoint *checkpoint,
                                     GHashTable *targets,
                                     VckcError **err);
  bool (*domain_checkpoint_get_details) (VckcDomainCheckpoint *checkpoint,
                                         VckcCheckpointDetails *ret_details,
                                         VckcError **err);
  /* NULL to read the disks out of the XML, which has no state */
  int (*domain_checkpoint_list_disks) (VckcDomainCheckpoint *checkpoint,
                                       VckcDomainCheckpointDisk ***ret_disks,
                                       unsigned int flags,
                                       VckcError **err);
  /* all disks that are tracked, parents before children */
  int (*domain_measure_checkpoints) (VckcDomain *domain,
                                     VckcDomainCheckpointDisk ***ret_disks,
                                     VckcError **err);
  /* `disk`: a target or the path of an image; flags are supported ones. The reader owns what it
   * needs; the connection outlives it. */
  VckcExtentReader *(*domain_checkpoint_open_extents) (VckcDomainCheckpoint *checkpoint,
                                                       const char *disk,
                                                       unsigned int flags,
                                                       VckcError **err);
  int (*domain_list_bitmaps) (VckcDomain *domain,
                              VckcBitmap ***ret_bitmaps,
                              unsigned int flags,
                              VckcError **err);
  int (*domain_verify_checkpoints) (VckcDomain *domain,
                                    VckcFinding ***ret_findings,
                                    VckcError **err);
  /* From here on with supported flags only. */
  int (*domain_repair_checkpoints) (VckcDomain *domain,
                                    VckcFinding ***ret_findings,
                                    unsigned int flags,
                                    VckcError **err);
  char *(*domain_export_checkpoints) (VckcDomain *domain, VckcError **err);
  char *(*domain_hand_over_checkpoints) (VckcDomain *domain, VckcError **err);
  int (*domain_import_checkpoints) (VckcDomain *domain,
                                    const char *document,
                                    VckcImportResult ***ret_results,
                                    unsigned int flags,
                                    VckcError **err);

  /* Backups: all of these or none. */
  int (*domain_backup_begin) (VckcDomain *domain,
                              const char *backup_xml,
                              const char *checkpoint_xml, /* (nullable) */
                              unsigned int flags,
                              VckcError **err);
  char *(*domain_backup_get_xml_desc) (VckcDomain *domain, VckcError **err);
  /* With COMPLETED, NO_BACKUP unless a job has left a result. */
  VckcJobInfo *(*domain_get_job_info) (VckcDomain *domain, unsigned int flags, VckcError **err);
  int (*domain_abort_job) (VckcDomain *domain, VckcError **err);
  /* speed: at most INT64_MAX */
  int (*domain_set_job_speed) (VckcDomain *domain, guint64 speed, VckcError **err);
  int (*domain_recover_backup) (VckcDomain *domain, VckcError **err);

  /* Of drivers whose QEMU need not be able to write the files of this process. */
  /* How a backup gets into such files. *ret_why: why it has to be read by this process, with
   * PULL. */
  bool (*domain_choose_backup_mode) (VckcDomain *domain,
                                     VckcBackupMode *ret_mode,
                                     char **ret_why,
                                     VckcError **err);
  /* Where QEMU can offer its disks to this process. `unencrypted`: it may be a TCP port of another
   * host; OPERATION_UNSUPPORTED if it would have to be. */
  VckcPullServer *(*domain_make_pull_server) (VckcDomain *domain,
                                              bool unencrypted,
                                              VckcError **err);
  /* The size of a disk in bytes, and how much a full copy of it has at most. */
  bool (*domain_measure_disk) (VckcDomain *domain,
                               const char *target,
                               guint64 *ret_virtual_size,
                               guint64 *ret_allocated,
                               VckcError **err);
};

void vckc_checkpoint_details_clear (VckcCheckpointDetails *details);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcCheckpointDetails, vckc_checkpoint_details_clear)

/* All flags of undefining, which every driver knows, whether it has such things or not. */
#define VCKC_UNDEFINE_FLAGS                                                                        \
  (VCKC_DOMAIN_UNDEFINE_MANAGED_SAVE | VCKC_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA                     \
   | VCKC_DOMAIN_UNDEFINE_NVRAM | VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM                                  \
   | VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VCKC_DOMAIN_UNDEFINE_TPM                          \
   | VCKC_DOMAIN_UNDEFINE_KEEP_TPM)
