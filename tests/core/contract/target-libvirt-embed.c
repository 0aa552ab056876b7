/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libvirt's QEMU driver in this process: the images of the stopped domain of `local:`, opened by a
 * real QEMU that libvirt started. The domain is paused: it has no guest. */

#include "contract.h"

#include <stdlib.h>

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include "embed-root.h"
#include "libvirt-answers.h"
#include "qemu/qmp-client.h"

/* libvirt asks QEMU for each feature of the processor, some four hundred, unless QEMU is said to be
 * an old one. That takes most of the time of a start. */
static const char old_processor[] =
    "<qemu:capabilities xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
    "<qemu:del capability='cpu-unavailable-features'/></qemu:capabilities>";

static void
embed_start (Target *self)
{
  target_local.start (self);
  self->metadata = g_strdup (old_processor);
  g_free (self->uri);
  self->uri = g_strdup_printf ("qemu:///embed?root=%s", embed_root_get_path ());
}

static void
start_domain (Target *self)
{
  if (virDomainCreateWithFlags (self->domain, VIR_DOMAIN_START_PAUSED) < 0)
    g_error ("%s", virGetLastErrorMessage ());
}

/* The domain is libvirt's alone: Vck's connections come and go beside it. */
static void
embed_power_on (Target *self)
{
  virConnectPtr conn = virConnectOpen (self->uri);

  if (conn == NULL)
    g_error ("%s", virGetLastErrorMessage ());
  self->domain = virDomainLookupByUUIDString (conn, DOMAIN_UUID);
  virConnectClose (conn);
  start_domain (self);
}

/* QEMU ends in order and stores the bitmaps. */
static void
embed_power_off (Target *self)
{
  g_assert_cmpint (virDomainDestroyFlags (self->domain, VIR_DOMAIN_DESTROY_GRACEFUL), ==, 0);
}

static void
embed_stop (Target *self)
{
  virDomainDestroy (self->domain);
  virDomainUndefineFlags (self->domain, VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA);
  virDomainFree (self->domain);
  g_clear_pointer (&self->metadata, g_free);
  target_local.stop (self);
}

/* --- past libvirt, to QEMU --- */

static char *
ask_qemu (Target *self, const char *command, unsigned int flags)
{
  char *answer = NULL;

  g_assert_cmpint (virDomainQemuMonitorCommand (self->domain, command, &answer, flags), ==, 0);
  return answer;
}

/* What QEMU calls the disk with that image, or the node of the image. */
static char *
find_disk (Target *self, const char *path, bool node)
{
  g_autofree char *text = ask_qemu (self, "{\"execute\":\"query-block\"}", 0);
  g_autoptr (VckcQmpReply) reply = vckc_qmp_reply_new_from_text (text, NULL);
  const VckcQmpValue *disks =
      vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), "return", NULL);

  for (guint i = 0; i < vckc_qmp_array_get_length (disks); i++)
    {
      const VckcQmpValue *disk = vckc_qmp_array_get_element (disks, i);
      const VckcQmpValue *medium = vckc_qmp_value_get_object (disk, "inserted", NULL);

      if (medium != NULL && g_str_equal (vckc_qmp_value_get_string (medium, "file", NULL), path))
        return g_strdup (node ? vckc_qmp_value_get_string (medium, "node-name", NULL)
                              : vckc_qmp_value_get_string (disk, "qdev", NULL));
    }
  g_error ("QEMU has not opened '%s'", path);
}

/* As the guest would. */
static void
embed_write (Target *self, const char *path, guint64 offset, guint64 length)
{
  g_autofree char *disk = find_disk (self, path, false);
  g_autofree char *command =
      g_strdup_printf ("qemu-io -d %s \"write -q %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\"",
                       disk, offset, length);
  g_autofree char *answer = ask_qemu (self, command, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP);

  g_assert_cmpstr (answer, ==, "");
}

/* `more`: further arguments */
static void
change_bitmap (Target *self,
               const char *command,
               const char *path,
               const char *bitmap,
               const char *more)
{
  g_autofree char *node = find_disk (self, path, true);
  g_autofree char *text =
      g_strdup_printf ("{\"execute\":\"%s\",\"arguments\":{\"node\":\"%s\",\"name\":\"%s\"%s}}",
                       command, node, bitmap, more);
  g_autofree char *answer = ask_qemu (self, text, 0);

  g_test_message ("%s", answer);
  g_assert_true (g_str_has_prefix (answer, "{\"return\":{}"));
}

static void
embed_lose_bitmap (Target *self, const char *path, const char *bitmap)
{
  change_bitmap (self, "block-dirty-bitmap-remove", path, bitmap, "");
}

static void
embed_add_bitmap (Target *self, const char *path, const char *bitmap)
{
  change_bitmap (self, "block-dirty-bitmap-add", path, bitmap, ",\"persistent\":true");
}

/* In QEMU's memory a bitmap cannot break: it does while the domain is off. */
static void
embed_break_bitmap (Target *self, const char *path, const char *bitmap)
{
  embed_power_off (self);
  target_local.break_bitmap (self, path, bitmap);
  start_domain (self);
}

static const char own_name[] = "libvirt makes only bitmaps that are named like the checkpoint";
static const char two_rules[] =
    "libvirt validates by the checkpoint's name and deletes by the bitmap's";
static const char whose[] = "a bitmap does not say that libvirt made it";

static const Difference differences[] = {
  LIBVIRT_DIFFERENCES,
  { .id = "Q42-Q46",
    .run = answer_undefine_miscounts,
    .reason = "libvirt takes the flags of undefine for those of a list" },
  { .id = "X58", .code = VCKC_ERROR_CONFIG_UNSUPPORTED, .reason = own_name },
  { .id = "config-track", .code = VCKC_ERROR_CONFIG_UNSUPPORTED, .reason = own_name },
  { .id = "Q39", .run = answer_bitmap_named_otherwise, .reason = own_name },
  { .id = "long-bitmap-name", .run = answer_bitmap_named_otherwise, .reason = own_name },
  { .id = "Q34", .code = VCKC_ERROR_CHECKPOINT_INCONSISTENT, .reason = two_rules },
  { .id = "Q34-other", .reason = two_rules },
  { .id = "Q65-Q66",
    .run = answer_long_name,
    .reason = "libvirt makes the bitmaps before it finds that the name of the file is too long" },
  { .id = "disk-listed-twice",
    .run = answer_disk_listed_twice,
    .reason = "libvirt asks QEMU twice for what can be done once" },
  { .id = "verify-orphan",
    .expect = "foreign:-/vda/b foreign:-/vdb/b",
    .repaired = "",
    .left = "foreign:-/vda/b foreign:-/vdb/b",
    .reason = whose },
  { .id = "verify-orphan-kept",
    .expect = "foreign:-/vda/b foreign:-/vdb/b",
    .repaired = "",
    .left = "foreign:-/vda/b foreign:-/vdb/b",
    .reason = whose },
  { .id = "verify-only-orphans",
    .expect = "missing:a/vda/a foreign:-/vda/b foreign:-/vdb/b",
    .repaired = "",
    .left = "missing:a/vda/a foreign:-/vda/b foreign:-/vdb/b",
    .reason = whose },
  { .id = "bitmaps-orphan",
    .expect = "vda/k1=foreign::0 vda/k2=checkpoint:k2:0 vda/other=foreign::0 "
              "vdb/k1=foreign::0 vdb/k2=checkpoint:k2:0",
    .reason = whose },
  { .id = "bitmaps-read-only",
    .code = VCKC_ERROR_OPERATION_DENIED,
    .reason = "libvirt passes no command on to QEMU over a read-only connection" },
  { .id = "extents-by-path",
    .code = VCKC_ERROR_OPERATION_DENIED,
    .reason = "libvirt begins no backup over a read-only connection" },
  { .id = "verify-disk-gone",
    .run = answer_disk_gone,
    .reason = "a running domain keeps its disks until it stops" },
  { .id = NULL },
};

const Target target_libvirt_embed = {
  .name = "libvirt-embed",
  .differences = differences,
  .type = "qemu",
  .isolate = embed_root_run,
#ifndef VCK_HAVE_NBD
  .no_extents = "Vck was built without libnbd",
#endif
  .start = embed_start,
  .stop = embed_stop,
  .power_on = embed_power_on,
  .power_off = embed_power_off,
  .write = embed_write,
  .lose_bitmap = embed_lose_bitmap,
  .break_bitmap = embed_break_bitmap,
  .add_bitmap = embed_add_bitmap,
};
