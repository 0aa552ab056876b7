/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A real qemu-storage-daemon that exports the bitmap of an image over NBD. */

#pragma once

#include <glib.h>

typedef struct _StorageExport StorageExport;

/* Exports the image under `name` at the socket; returns when it listens. */
StorageExport *
storage_export_new (const char *socket, const char *image, const char *name, const char *bitmap);
/* Kills the daemon. */
void storage_export_kill (StorageExport *storage);
void storage_export_free (StorageExport *storage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorageExport, storage_export_free)
