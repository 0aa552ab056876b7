/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * libvirt's test driver, seen twice: through Vck, and with libvirt alone. All connections of a
 * process to test:///default show the same machines. There is a running domain `t` with the
 * disks vda and vdb.
 */

#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "handles/handles.h"

#define PLACE_URI "test:///default"
#define PLACE_UUID "11111111-2222-3333-4444-555555555555"

typedef struct
{
  VckcConnect *connect;
  VckcDomain *domain;
  virConnectPtr conn; /* libvirt alone */
  virDomainPtr plain;
} Place;

/* For g_test_add(). */
void place_set_up (Place *self, gconstpointer unused);
void place_tear_down (Place *self, gconstpointer unused);
#define PLACE_TEST(path, run) g_test_add (path, Place, NULL, place_set_up, run, place_tear_down)

/* A checkpoint of the disk vda, made by libvirt alone. With a creation time it is redefined.
 * parent, description: (nullable) */
void place_make (Place *self,
                 const char *name,
                 const char *parent,
                 const char *description,
                 gint64 creation_time);
void place_delete (Place *self, const char *name, unsigned int flags);

/* The domain `t` as a document, with another name and UUID if given. */
char *place_describe_domain (const char *name, const char *uuid);
