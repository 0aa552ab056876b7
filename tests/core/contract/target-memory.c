/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `memory:`: simulated disks. */

#include "contract.h"

#include "drivers/memory/memory-backend.h"
#include "managed/engine.h"

static void
memory_start (Target *self)
{
  static guint n_uris;

  self->uri = g_strdup_printf ("memory:///contract%u", ++n_uris);
  self->dir = g_strdup ("/d");
}

static void
memory_stop (Target *self)
{
}

static VckcBlockBackend *
get_backend (Target *self)
{
  return vckc_engine_get_backend (self->connect->driver_data);
}

static VckcMemoryImages *
get_images (Target *self)
{
  return vckc_memory_backend_get_images (get_backend (self));
}

static void
memory_write (Target *self, const char *path, guint64 offset, guint64 length)
{
  vckc_memory_images_write (get_images (self), path, offset, length);
}

static void
memory_lose_bitmap (Target *self, const char *path, const char *bitmap)
{
  g_assert_true (vckc_memory_images_lose_bitmap (get_images (self), path, bitmap));
}

static void
memory_break_bitmap (Target *self, const char *path, const char *bitmap)
{
  g_assert_true (vckc_memory_images_break_bitmap (get_images (self), path, bitmap));
}

static void
memory_add_bitmap (Target *self, const char *path, const char *bitmap)
{
  VckcBlockBackend *backend = get_backend (self);
  VckcBlockMachine machine = { .uuid = "any" };
  VckcBlockDisk disk = { .target = "any", .path = path, .format = "qcow2" };
  VckcBlockBitmapRef ref = { .disk = 0, .name = bitmap };
  VckcBlockSession *session =
      vckc_block_session_open (backend, &machine, &disk, 1, VCKC_BLOCK_SESSION_WRITE, NULL);

  g_assert_true (vckc_block_session_add_bitmaps (session, &ref, 1, NULL));
  g_assert_true (vckc_block_session_close (session, NULL));
}

const Target target_memory = {
  .name = "memory",
  .start = memory_start,
  .stop = memory_stop,
  .write = memory_write,
  .lose_bitmap = memory_lose_bitmap,
  .break_bitmap = memory_break_bitmap,
  .add_bitmap = memory_add_bitmap,
};
