/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * libvirt's test driver, seen twice: through Vck, and with libvirt alone. All connections of a
 * process to test:///default show the same domains. There is a running domain `t` with the
 * disks vda and vdb.
 */

#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "handles/handles.h"

#define TEST_DRIVER_URI "test:///default"
#define TEST_DOMAIN_UUID "11111111-2222-3333-4444-555555555555"

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
  virConnectPtr conn; /* libvirt alone */
  virDomainPtr plain;
} LibvirtFixture;

/* For g_test_add(). */
void libvirt_fixture_set_up (LibvirtFixture *self, gconstpointer unused);
void libvirt_fixture_tear_down (LibvirtFixture *self, gconstpointer unused);
#define LIBVIRT_FIXTURE_TEST(path, run)                                                            \
  g_test_add (path, LibvirtFixture, NULL, libvirt_fixture_set_up, run, libvirt_fixture_tear_down)

/* A checkpoint of the disk vda, made by libvirt alone. With a creation time it is redefined.
 * parent, description: (nullable) */
void libvirt_fixture_make (LibvirtFixture *self,
                           const char *name,
                           const char *parent,
                           const char *description,
                           gint64 creation_time);
void libvirt_fixture_delete (LibvirtFixture *self, const char *name, unsigned int flags);

/* The domain `t` as a document, with another name and UUID if given. */
char *libvirt_fixture_describe_domain (const char *name, const char *uuid);
