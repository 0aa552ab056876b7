/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a checkpoint that is to be created shall be, without XML. */

#pragma once

#include "vckc-domain-checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcCheckpointDiskConfig: (attributes bindgen.plumbing=1)
 * @target: the name of a disk inside the domain, or the absolute path of its image
 * @tracked: whether the checkpoint tracks it
 * @bitmap: (nullable): the name of its bitmap, or %NULL for that of the checkpoint; ignored if the
 *   disk is not tracked
 *
 * What is said of one disk.
 *
 * Since: 1.0
 */
typedef struct
{
  char *target;
  bool tracked;
  char *bitmap;
} VckcCheckpointDiskConfig;

/**
 * VckcCheckpointConfig: (attributes bindgen.plumbing=1)
 * @name: (nullable): the name of the checkpoint, or %NULL to have one chosen
 * @description: (nullable): what it is for, or %NULL
 * @policy: which disks are tracked, of those that are not in @disks
 * @n_disks: the number of @disks
 * @disks: (array length=n_disks) (nullable): what is said of disks by their names
 *
 * What a checkpoint that is to be created shall be. All parts belong to the struct, and are
 * allocated as by malloc().
 *
 * Since: 1.0
 */
typedef struct
{
  char *name;
  char *description;
  VckcDiskPolicy policy;
  unsigned int n_disks;
  VckcCheckpointDiskConfig *disks;
} VckcCheckpointConfig;

/**
 * vckc_checkpoint_config_parse: (attributes bindgen.plumbing=1)
 * @xml_desc: a `<domaincheckpoint>` document
 * @err: return location for an error
 *
 * Reads what a document says of a new checkpoint. The policy is ALL if it has no `<disks>`, and
 * LISTED if it has; `<parent>`, `<creationTime>` and `<domain>` are not kept.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @xml_desc is %NULL, and with %VCKC_ERROR_XML_ERROR or
 * %VCKC_ERROR_XML_INVALID_SCHEMA when it cannot be understood.
 *
 * Returns: (transfer full): the configuration, to be freed with vckc_checkpoint_config_free()
 *
 * Since: 1.0
 */
VckcCheckpointConfig *vckc_checkpoint_config_parse (const char *xml_desc, VckcError **err);

/**
 * vckc_checkpoint_config_format: (attributes bindgen.plumbing=1)
 * @config: a configuration
 * @err: return location for an error
 *
 * Writes a configuration as a `<domaincheckpoint>` document.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @config is %NULL or its policy is none, with
 * %VCKC_ERROR_OPERATION_INVALID when no document says what the policy says for every domain, and
 * with %VCKC_ERROR_XML_ERROR or %VCKC_ERROR_XML_INVALID_SCHEMA when a text cannot be in such a
 * document.
 *
 * Returns: the document, to be freed with free()
 *
 * Since: 1.0
 */
char *vckc_checkpoint_config_format (const VckcCheckpointConfig *config, VckcError **err);

/**
 * vckc_checkpoint_config_free: (attributes bindgen.plumbing=1)
 * @config: (transfer full) (nullable): a configuration that was allocated as by malloc()
 *
 * Frees a configuration.
 *
 * Since: 1.0
 */
void vckc_checkpoint_config_free (VckcCheckpointConfig *config);

/**
 * vckc_domain_create_checkpoint: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @config: what the checkpoint shall be
 * @flags: (type VckcCheckpointCreateFlags): how to create it
 * @err: return location for an error
 *
 * Does with a configuration what vckc_domain_checkpoint_create_xml() does with a document, and
 * fails as that does. It also fails with %VCKC_ERROR_INVALID_ARG when @config is %NULL or its
 * policy is none, and with %VCKC_ERROR_SYSTEM_ERROR when the policy is TRACKABLE and a disk cannot
 * be examined.
 *
 * Returns: (transfer full): the checkpoint
 *
 * Since: 1.0
 */
VckcDomainCheckpoint *vckc_domain_create_checkpoint (VckcDomain *domain,
                                                     const VckcCheckpointConfig *config,
                                                     unsigned int flags,
                                                     VckcError **err);

#ifdef __cplusplus
}
#endif
