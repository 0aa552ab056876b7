/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <gio/gio.h>

#include <vck/vck-connection.h>
#include <vck/vck-domain.h>
#include <vck/vck-versions.h>

G_BEGIN_DECLS

#define VCK_TYPE_DOMAIN_DISK_CONFIG (vck_domain_disk_config_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDomainDiskConfig, vck_domain_disk_config, VCK, DOMAIN_DISK_CONFIG, GObject)

VCK_AVAILABLE_IN_1_0
const char *vck_domain_disk_config_get_target (VckDomainDiskConfig *self);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_disk_config_get_source (VckDomainDiskConfig *self);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_disk_config_get_format (VckDomainDiskConfig *self);

#define VCK_TYPE_DOMAIN_CONFIG (vck_domain_config_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDomainConfig, vck_domain_config, VCK, DOMAIN_CONFIG, GObject)

VCK_AVAILABLE_IN_1_0
VckDomainConfig *vck_domain_config_new (const char *name);

VCK_AVAILABLE_IN_1_0
VckDomainConfig *vck_domain_config_new_from_images (const char *const *images);

VCK_AVAILABLE_IN_1_0
VckDomainConfig *vck_domain_config_new_from_xml (const char *xml, GError **error);

VCK_AVAILABLE_IN_1_0
char *vck_domain_config_to_xml (VckDomainConfig *self, GError **error);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_config_get_name (VckDomainConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_config_set_name (VckDomainConfig *self, const char *name);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_config_get_uuid (VckDomainConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_config_set_uuid (VckDomainConfig *self, const char *uuid);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_config_get_qmp_socket (VckDomainConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_config_set_qmp_socket (VckDomainConfig *self, const char *qmp_socket);

VCK_AVAILABLE_IN_1_0
const char *vck_domain_config_get_agent_socket (VckDomainConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_config_set_agent_socket (VckDomainConfig *self, const char *agent_socket);

VCK_AVAILABLE_IN_1_0
GListModel *vck_domain_config_get_disks (VckDomainConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_config_add_disk (VckDomainConfig *self,
                                 const char *target,
                                 const char *source,
                                 const char *format);

/* Defining domains. */

VCK_AVAILABLE_IN_1_0
VckDomain *vck_connection_define_domain (VckConnection *self,
                                         VckDomainConfig *config,
                                         GCancellable *cancellable,
                                         GError **error);

VCK_AVAILABLE_IN_1_0
void vck_connection_define_domain_async (VckConnection *self,
                                         VckDomainConfig *config,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckDomain *
vck_connection_define_domain_finish (VckConnection *self, GAsyncResult *result, GError **error);

G_END_DECLS
