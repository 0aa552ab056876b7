/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib.h>
#include <string.h>

#include "assert-error.h"
#include "backup/backup-names.h"
#include "backup/manifest.h"
#include "base/clock.h"

#define ID "20261127T075307.120667Z-1fae9c02"
#define BASE_ID "20261126T075307.000001Z-00000001"
#define STORE "6f9f9ad1-4a5e-4c0b-9c3e-aa0000000001"
#define DOMAIN_UUID "0b2c4f0e-64c5-4e9c-9d3e-000000000001"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* A manifest as Vck writes it, with members of other programs at every level. */
static const char full_text[] = "{\n"
                                "  \"format\" : 1,\n"
                                "  \"id\" : \"" ID "\",\n"
                                "  \"time\" : 1795765987,\n"
                                "  \"store\" : \"" STORE "\",\n"
                                "  \"domain\" : {\n"
                                "    \"uuid\" : \"" DOMAIN_UUID "\",\n"
                                "    \"name\" : \"mail / ä\",\n"
                                "    \"uri\" : \"qemu:///system\",\n"
                                "    \"title\" : \"theirs\"\n"
                                "  },\n"
                                "  \"checkpoint\" : {\n"
                                "    \"name\" : \"vck.6f9f9ad1." ID "\",\n"
                                "    \"uuid\" : \"11111111-2222-3333-4444-555555555555\"\n"
                                "  },\n"
                                "  \"label\" : \"before the upgrade\",\n"
                                "  \"left_out\" : \"disk 'hdc': it is empty\",\n"
                                "  \"quiesced\" : true,\n"
                                "  \"kind\" : \"push\",\n"
                                "  \"vck\" : \"1.0.0\",\n"
                                "  \"qemu\" : \"7.2.0\",\n"
                                "  \"disks\" : {\n"
                                "    \"vda\" : {\n"
                                "      \"file\" : \"vda.qcow2\",\n"
                                "      \"virtual_size\" : 10737418240,\n"
                                "      \"cluster_size\" : 65536,\n"
                                "      \"base\" : \"" BASE_ID "\",\n"
                                "      \"base_checkpoint\" : \"vck.6f9f9ad1." BASE_ID "\",\n"
                                "      \"why_full\" : null,\n"
                                "      \"bytes\" : 107347968,\n"
                                "      \"file_size\" : 107806720,\n"
                                "      \"blocks\" : \"vda.blocks\",\n"
                                "      \"sha256\" : \"" SHA256 "\",\n"
                                "      \"source\" : \"/var/lib/images/mail.qcow2\",\n"
                                "      \"note\" : [\n"
                                "        1,\n"
                                "        {\n"
                                "          \"a\" : null\n"
                                "        }\n"
                                "      ]\n"
                                "    },\n"
                                "    \"vdb\" : {\n"
                                "      \"file\" : \"vdb.qcow2\",\n"
                                "      \"virtual_size\" : 0,\n"
                                "      \"cluster_size\" : 512,\n"
                                "      \"base\" : null,\n"
                                "      \"base_checkpoint\" : null,\n"
                                "      \"why_full\" : \"disk 'vdb' is new\",\n"
                                "      \"bytes\" : 0,\n"
                                "      \"file_size\" : 196616,\n"
                                "      \"blocks\" : null,\n"
                                "      \"sha256\" : null,\n"
                                "      \"source\" : null\n"
                                "    }\n"
                                "  },\n"
                                "  \"color\" : \"red\"\n"
                                "}\n";

static void
test_read (void)
{
  VckcError *error = NULL;
  g_autoptr (VckcManifest) manifest = vckc_manifest_parse (full_text, "m", &error);
  const VckcManifestDisk *disk;

  assert_ok (manifest != NULL, error);
  g_assert_cmpstr (manifest->id, ==, ID);
  g_assert_cmpint (manifest->time, ==, 1795765987);
  g_assert_cmpstr (manifest->store, ==, STORE);
  g_assert_cmpstr (manifest->domain_uuid, ==, DOMAIN_UUID);
  g_assert_cmpstr (manifest->domain_name, ==, "mail / ä");
  g_assert_cmpstr (manifest->domain_uri, ==, "qemu:///system");
  g_assert_cmpstr (manifest->label, ==, "before the upgrade");
  g_assert_true (manifest->quiesced);
  g_assert_cmpuint (manifest->disks->len, ==, 2);
  disk = vckc_manifest_find_disk (manifest, "vda");
  g_assert_cmpstr (disk->file, ==, "vda.qcow2");
  g_assert_cmpuint (disk->virtual_size, ==, G_GUINT64_CONSTANT (10737418240));
  g_assert_cmpuint (disk->cluster_size, ==, 65536);
  g_assert_cmpstr (disk->base, ==, BASE_ID);
  g_assert_null (disk->why_full);
  g_assert_cmpstr (disk->sha256, ==, SHA256);
  disk = vckc_manifest_find_disk (manifest, "vdb");
  g_assert_null (disk->base);
  g_assert_cmpstr (disk->why_full, ==, "disk 'vdb' is new");
  g_assert_null (vckc_manifest_find_disk (manifest, "vdc"));
}

/* What others have put there stays, wherever it is; what Vck knows is written anew. */
static void
test_unknown_members_stay (void)
{
  VckcError *error = NULL;
  g_autoptr (VckcManifest) manifest = vckc_manifest_parse (full_text, "m", &error);
  g_autoptr (VckcManifest) again = NULL;
  g_autofree char *same = NULL;
  g_autofree char *changed = NULL;
  VckcManifestDisk *disk;

  assert_ok (manifest != NULL, error);
  same = vckc_manifest_format (manifest, full_text);
  g_assert_cmpstr (same, ==, full_text);
  disk = vckc_manifest_find_disk (manifest, "vda");
  g_clear_pointer (&disk->base, g_free);
  disk->file_size = 5;
  g_ptr_array_remove_index (manifest->disks, 1);
  changed = vckc_manifest_format (manifest, full_text);
  for (const char *const *part =
           (const char *const[]){ "\"title\"", "\"note\"", "\"color\"", NULL };
       *part != NULL; part++)
    g_assert_nonnull (strstr (changed, *part));
  again = vckc_manifest_parse (changed, "m", &error);
  assert_ok (again != NULL, error);
  g_assert_cmpuint (again->disks->len, ==, 1);
  disk = vckc_manifest_find_disk (again, "vda");
  g_assert_null (disk->base);
  g_assert_cmpuint (disk->file_size, ==, 5);
}

/* Replaces a part of the text, which must be there. */
static char *
replace (const char *text, const char *part, const char *by)
{
  const char *found = strstr (text, part);

  g_assert_nonnull (found);
  return g_strdup_printf ("%.*s%s%s", (int) (found - text), text, by, found + strlen (part));
}

static void
assert_damaged (const char *text, VckcErrorCode code, const char *message)
{
  VckcError *error = NULL;

  g_assert_null (vckc_manifest_parse (text, "/store/backup.json", &error));
  assert_error (error, code, message);
}

typedef struct
{
  const char *part;
  const char *by;
  const char *message;
} Change;

static const Change hostile[] = {
  { "\"format\" : 1", "\"format\" : 0", "has no format" },
  { "\"format\" : 1", "\"format\" : \"1\"", "has no format" },
  { "\"format\" : 1,", "", "has no format" },
  { "\"id\" : \"" ID "\"", "\"id\" : \"../../etc\"", "'id' cannot be '../../etc'" },
  { "\"id\" : \"" ID "\"", "\"id\" : null", "lacks the member 'id'" },
  { "\"id\" : \"" ID "\"", "\"id\" : 7", "'id' is not a text" },
  { "\"time\" : 1795765987", "\"time\" : -1", "'time' is negative" },
  { "\"time\" : 1795765987", "\"time\" : 1.5", "'time' is not a number" },
  { "\"store\" : \"6f9f", "\"store\" : \"6F9F", "'store' cannot be" },
  { "\"uuid\" : \"0b2c", "\"uuid\" : \"/b2c", "'uuid' cannot be" },
  { "\"domain\" : {", "\"other\" : {", "lacks the member 'domain.uuid'" },
  { "\"quiesced\" : true", "\"quiesced\" : 1", "'quiesced' is not true or false" },
  { "\"kind\" : \"push\"", "\"kind\" : \"fetch\"", "'kind' cannot be 'fetch'" },
  { "\"vda\" : {", "\"../vda\" : {", "its target cannot be the name of a file" },
  { "\"vda\" : {", "\".vda\" : {", "its target cannot be the name of a file" },
  { "\"vda\" : {", "\"\" : {", "its target cannot be the name of a file" },
  { "\"file\" : \"vda.qcow2\"", "\"file\" : \"/etc/shadow\"", "'file' cannot be '/etc/shadow'" },
  { "\"file\" : \"vda.qcow2\"", "\"file\" : \"backup.json\"", "'file' cannot be 'backup.json'" },
  { "\"file\" : \"vda.qcow2\"", "\"file\" : \".qcow2\"", "'file' cannot be '.qcow2'" },
  { "\"file\" : \"vdb.qcow2\"", "\"file\" : \"vda.qcow2\"", "another disk has the same file" },
  { "\"blocks\" : \"vda.blocks\"", "\"blocks\" : \"../x.blocks\"", "'blocks' cannot be" },
  { "\"virtual_size\" : 10737418240", "\"virtual_size\" : -5", "'virtual_size' is negative" },
  { "\"virtual_size\" : 10737418240", "\"virtual_size\" : 1e99", "is not a number" },
  { "\"color\" : \"red\"", "\"color\" : [1e999]", "has a number that is too large" },
  { "\"color\" : \"red\"", "\"color\" : \"\\ud800\"", "has half of a character" },
  { "\"cluster_size\" : 65536", "\"cluster_size\" : 65535", "cannot have clusters of 65535" },
  { "\"cluster_size\" : 65536", "\"cluster_size\" : 4294967296", "cannot have clusters of" },
  { "\"base\" : \"" BASE_ID "\"", "\"base\" : \"" ID "\"", "disk 'vda': it is based on itself" },
  { "\"base\" : \"" BASE_ID "\"", "\"base\" : \"..\"", "'base' cannot be '..'" },
  { "\"sha256\" : \"" SHA256 "\"", "\"sha256\" : \"abc\"", "'sha256' cannot be 'abc'" },
  { "\"disks\" : {", "\"slices\" : {", "does not have 1 to 1024 disks" },
  { "\"color\" : \"red\"", "\"disks\" : {}", "does not have 1 to 1024 disks" },
  { "\"color\" : \"red\"", "\"disks\" : []", "does not have 1 to 1024 disks" },
  { "\"color\" : \"red\"", "\"disks\" : {\"vda\": 7}", "disk 'vda': it is not an object" },
  { "}\n", "", "backup.json' is damaged" },
};

static void
test_hostile (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *text = replace (full_text, hostile[i].part, hostile[i].by);

      assert_damaged (text, VCKC_ERROR_BACKUP_INCONSISTENT, hostile[i].message);
    }
  assert_damaged ("", VCKC_ERROR_BACKUP_INCONSISTENT, "it is not an object");
  assert_damaged ("[]", VCKC_ERROR_BACKUP_INCONSISTENT, "it is not an object");
}

static void
test_long_text (void)
{
  g_autofree char *label = g_strnfill (4097, 'l');
  g_autofree char *text = replace (full_text, "before the upgrade", label);

  assert_damaged (text, VCKC_ERROR_BACKUP_INCONSISTENT, "'label' is longer than 4096 bytes");
}

static void
test_later_format (void)
{
  g_autofree char *text = replace (full_text, "\"format\" : 1", "\"format\" : 2");
  g_autofree char *nothing_known = replace ("{\"format\" : 1}", ": 1", ": 9");

  assert_damaged (text, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "has the format 2, and only 1 is known here; use the version of Vck that wrote");
  assert_damaged (nothing_known, VCKC_ERROR_OPERATION_UNSUPPORTED, "has the format 9");
}

static void
test_ids (void)
{
  static const char *const bad[] = { "",
                                     "..",
                                     "20261127T075307.120667Z-1fae9c0",
                                     "20261127T075307.120667Z-1fae9c022",
                                     "20261127T075307.120667Z-1FAE9C02",
                                     "20261127T075307/120667Z-1fae9c02",
                                     "20261127T07530a.120667Z-1fae9c02",
                                     NULL };
  g_autofree char *first = vckc_backup_id_new ();
  g_autofree char *second = vckc_backup_id_new ();
  g_autofree char *frozen = NULL;

  g_assert_true (vckc_backup_id_is_valid (ID));
  for (const char *const *id = bad; *id != NULL; id++)
    g_assert_false (vckc_backup_id_is_valid (*id));
  g_assert_true (vckc_backup_id_is_valid (first));
  g_assert_cmpstr (first, !=, second);
  vckc_clock_freeze (G_GINT64_CONSTANT (1795765987120667));
  frozen = vckc_backup_id_new ();
  vckc_clock_freeze (0);
  g_assert_true (g_str_has_prefix (frozen, "20261127T075307.120667Z-"));
}

static void
test_checkpoint_names (void)
{
  g_autofree char *name = vckc_backup_make_checkpoint_name (STORE, ID);

  g_assert_cmpstr (name, ==, "vck.6f9f9ad1." ID);
  g_assert_cmpstr (vckc_backup_find_id (name, STORE), ==, ID);
  g_assert_null (vckc_backup_find_id (name, DOMAIN_UUID));
  g_assert_null (vckc_backup_find_id ("vck.6f9f9ad1.x", STORE));
  g_assert_null (vckc_backup_find_id ("vck.6f9f9ad1." ID "0", STORE));
  g_assert_null (vckc_backup_find_id ("", STORE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/backup/manifest/read", test_read);
  g_test_add_func ("/vck/backup/manifest/unknown-members-stay", test_unknown_members_stay);
  g_test_add_func ("/vck/backup/manifest/hostile", test_hostile);
  g_test_add_func ("/vck/backup/manifest/long-text", test_long_text);
  g_test_add_func ("/vck/backup/manifest/later-format", test_later_format);
  g_test_add_func ("/vck/backup/manifest/ids", test_ids);
  g_test_add_func ("/vck/backup/manifest/checkpoint-names", test_checkpoint_names);
  return g_test_run ();
}
