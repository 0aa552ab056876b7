/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Manifests of backups: what is understood has safe names, and is the same when written and read
 * again. */

#include "fuzz.h"

#include "backup/backup-names.h"
#include "backup/manifest.h"

#define ID "20261127T075307.120667Z-1fae9c02"
#define UUID "6f9f9ad1-4a5e-4c0b-9c3e-aa0000000001"

static const char *const seeds[] = {
  "{\"format\":1,\"id\":\"" ID "\",\"time\":1795765987,\"store\":\"" UUID
  "\",\"domain\":{\"uuid\":\"" UUID
  "\",\"name\":\"mail\",\"more\":1},\"checkpoint\":{\"name\":\"c\",\"uuid\":\"" UUID
  "\"},\"label\":\"l\",\"quiesced\":true,\"kind\":\"push\",\"vck\":\"1.0.0\",\"disks\":{\"vda\":"
  "{\"file\":\"vda.qcow2\",\"virtual_size\":1024,\"cluster_size\":65536,\"base\":"
  "\"20261126T075307.120667Z-1fae9c02\",\"bytes\":5,\"file_size\":6,\"blocks\":\"vda.blocks\"},"
  "\"vdb\":{\"file\":\"vdb.qcow2\",\"virtual_size\":0,\"cluster_size\":512,\"why_full\":\"new\","
  "\"bytes\":5,\"file_size\":6,\"x\":[{}]}}}",
  "{\"format\":2}",
  NULL,
};

static const char *const words[] = {
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "true",
  "-1",
  "1e99",
  "9223372036854775807",
  "../",
  "/",
  "\"base\":\"" ID "\"",
  "\"vdb\":",
  "\"disks\":{",
  "\"format\":1",
  "\"file\":\"",
  ".qcow2\"",
  "\\u0000",
  "\\ud800",
  "\"",
  "\xff",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "manifest",
  .seeds = seeds,
  .words = words,
};

static void
assert_safe (const VckcManifest *manifest)
{
  g_assert_true (vckc_backup_id_is_valid (manifest->id));
  g_assert_true (vckc_backup_uuid_is_valid (manifest->domain_uuid));
  g_assert_cmpuint (manifest->disks->len, >, 0);
  for (guint i = 0; i < manifest->disks->len; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);

      g_assert_null (strchr (disk->target, '/'));
      g_assert_null (strchr (disk->file, '/'));
      g_assert_cmpint (disk->file[0], !=, '.');
      g_assert_true (disk->base == NULL || vckc_backup_id_is_valid (disk->base));
      g_assert_cmpstr (disk->base, !=, manifest->id);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcManifest) manifest = vckc_manifest_parse (text, "m", &error);
  g_autoptr (VckcManifest) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *rewritten = NULL;

  g_assert_true ((manifest == NULL) == (error != NULL));
  if (manifest == NULL)
    return 0;
  assert_safe (manifest);
  written = vckc_manifest_format (manifest, text);
  again = vckc_manifest_parse (written, "m", &error);
  if (again == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), written);
  rewritten = vckc_manifest_format (again, written);
  g_assert_cmpstr (written, ==, rewritten);
  return 0;
}
