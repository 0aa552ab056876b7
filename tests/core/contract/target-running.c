/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with a running domain: the images of the stopped one, opened by a real QEMU. The
 * disks vda and vdb are given to it in the two ways there are. */

#include "contract.h"

#include <string.h>

#include "../local/machine-fixture.h"

static char *
get_node (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  return g_strndup (name, strcspn (name, "."));
}

static void
running_start (Target *self)
{
  g_autofree char *socket = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  target_local.start (self);
  socket = g_build_filename (self->dir, "qmp", NULL);
  self->metadata = g_strdup_printf (
      "<metadata><vck:machine xmlns:vck='urn:vck:domain:1' qmp='%s'/></metadata>", socket);
  g_autofree char *a = g_strdup_printf ("file=%s/a.qcow2,if=none,id=a,format=qcow2", self->dir);
  g_autofree char *b = g_strdup_printf (
      "driver=qcow2,node-name=b,file.driver=file,file.filename=%s/b.qcow2", self->dir);
  g_autofree char *c =
      g_strdup_printf ("driver=raw,node-name=c,file.driver=file,file.filename=%s/c.raw", self->dir);
  g_autofree char *d = g_strdup_printf (
      "driver=qcow2,node-name=d,read-only=on,file.driver=file,file.filename=%s/d.qcow2", self->dir);
  g_autofree char *dup = g_strdup_printf (
      "driver=raw,node-name=dup,file.driver=file,file.filename=%s/dup.raw", self->dir);
  g_strv_builder_add_many (builder, "-drive", a, "-blockdev", b, "-blockdev", c, "-blockdev", d,
                           "-blockdev", dup, NULL);
  g_auto (GStrv) arguments = g_strv_builder_end (builder);
  self->domain = machine_fixture_new (socket, (const char *const *) arguments);
  machine_fixture_start (self->domain);
}

static void
running_stop (Target *self)
{
  g_clear_pointer (&self->domain, machine_fixture_free);
  g_clear_pointer (&self->metadata, g_free);
  target_local.stop (self);
}

static void
running_write (Target *self, const char *path, guint64 offset, guint64 length)
{
  g_autofree char *node = get_node (path);

  machine_fixture_write (self->domain, node, offset, length);
}

static void
running_lose_bitmap (Target *self, const char *path, const char *bitmap)
{
  g_autofree char *node = get_node (path);

  machine_fixture_remove_bitmap (self->domain, node, bitmap);
}

/* In QEMU's memory a bitmap cannot break: it does while the domain is off. */
static void
running_break_bitmap (Target *self, const char *path, const char *bitmap)
{
  machine_fixture_stop (self->domain);
  target_local.break_bitmap (self, path, bitmap);
  machine_fixture_start (self->domain);
}

static void
running_add_bitmap (Target *self, const char *path, const char *bitmap)
{
  g_autofree char *node = get_node (path);

  machine_fixture_add_bitmap (self->domain, node, bitmap);
}

const Target target_running = {
  .name = "local-running",
#ifndef VCK_HAVE_NBD
  .no_extents = "Vck was built without libnbd",
  .no_extents_late = true,
#endif
  .start = running_start,
  .stop = running_stop,
  .write = running_write,
  .lose_bitmap = running_lose_bitmap,
  .break_bitmap = running_break_bitmap,
  .add_bitmap = running_add_bitmap,
};
