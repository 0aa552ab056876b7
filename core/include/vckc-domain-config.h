/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a domain that is to be defined shall be, without XML. */

#pragma once

#include "vckc-domain.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcDomainDiskConfig: (attributes bindgen.plumbing=1)
 * @target: the name of the disk inside the domain, such as `vda`
 * @source: the absolute path of its image or block device; one below `/dev`, but not below
 *   `/dev/shm`, is a block device
 * @format: (nullable): the format of the image, such as `raw`, or %NULL for `qcow2`
 *
 * A disk of a domain that is to be defined.
 *
 * Since: 1.0
 */
typedef struct
{
  char *target;
  char *source;
  char *format;
} VckcDomainDiskConfig;

/**
 * VckcDomainConfig: (attributes bindgen.plumbing=1)
 * @name: the name of the domain
 * @uuid: (nullable): its UUID, or %NULL to keep that of a domain of this name, or to get a random
 *   one
 * @qmp_socket: (nullable): the absolute path of the socket where QEMU speaks QMP, or %NULL
 * @agent_socket: (nullable): the absolute path of the socket of the guest agent, or %NULL
 * @n_disks: the number of @disks
 * @disks: (array length=n_disks) (nullable): its disks
 *
 * What a domain that is to be defined shall be. All parts belong to the struct, and are allocated
 * as by malloc().
 *
 * Since: 1.0
 */
typedef struct
{
  char *name;
  char *uuid;
  char *qmp_socket;
  char *agent_socket;
  unsigned int n_disks;
  VckcDomainDiskConfig *disks;
} VckcDomainConfig;

/**
 * vckc_domain_config_parse: (attributes bindgen.plumbing=1)
 * @xml_desc: a `<domain>` document
 * @err: return location for an error
 *
 * Reads what a configuration can say of a domain: its name, its UUID, the sockets of QEMU, and the
 * disks that are written and kept. Disks that are empty, read-only, transient, or neither a file
 * nor a block device are left out, and so is the rest of the document.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @xml_desc is %NULL, and with %VCKC_ERROR_XML_ERROR or
 * %VCKC_ERROR_XML_INVALID_SCHEMA when it cannot be understood.
 *
 * Returns: (transfer full): the configuration, to be freed with vckc_domain_config_free()
 *
 * Since: 1.0
 */
VckcDomainConfig *vckc_domain_config_parse (const char *xml_desc, VckcError **err);

/**
 * vckc_domain_config_format: (attributes bindgen.plumbing=1)
 * @config: a configuration
 * @err: return location for an error
 *
 * Writes a configuration as a `<domain>` document.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @config is %NULL or the source of a disk is not an
 * absolute path, and with %VCKC_ERROR_XML_ERROR or %VCKC_ERROR_XML_INVALID_SCHEMA when another part
 * is missing or cannot be in such a document.
 *
 * Returns: the document, to be freed with free()
 *
 * Since: 1.0
 */
char *vckc_domain_config_format (const VckcDomainConfig *config, VckcError **err);

/**
 * vckc_domain_config_free: (attributes bindgen.plumbing=1)
 * @config: (transfer full) (nullable): a configuration that was allocated as by malloc()
 *
 * Frees a configuration.
 *
 * Since: 1.0
 */
void vckc_domain_config_free (VckcDomainConfig *config);

/**
 * vckc_domain_define: (attributes bindgen.plumbing=1)
 * @connect: a connection
 * @config: what the domain shall be
 * @err: return location for an error
 *
 * Does with a configuration what vckc_domain_define_xml() does with a document, and fails as that
 * does. It also fails with %VCKC_ERROR_INVALID_ARG when @config is %NULL or the source of a disk is
 * not an absolute path.
 *
 * Returns: (transfer full): the domain
 *
 * Since: 1.0
 */
VckcDomain *
vckc_domain_define (VckcConnect *connect, const VckcDomainConfig *config, VckcError **err);

#ifdef __cplusplus
}
#endif
