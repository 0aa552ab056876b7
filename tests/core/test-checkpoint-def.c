/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-xml.h"

#include <string.h>

#include "def-text.h"
#include "golden.h"

/* --- golden files: a redefinition, with its domain and secrets --- */

static char *
make_redefinition (const char *text, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse (text, true, err);

  return def != NULL ? vckc_checkpoint_def_format (def, true, true) : NULL;
}

/* --- reading --- */

static VckcCheckpointDef *
parse (const char *text, bool redefine)
{
  VckcError *error = NULL;
  VckcCheckpointDef *def = vckc_checkpoint_def_parse (text, redefine, &error);

  g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
  g_assert_nonnull (def);
  return def;
}

/* parse(format(def)) == def, for a definition with everything in it. */
static void
test_round_trip (void)
{
  g_autofree char *domain_text = golden_read ("t.xml");
  g_autofree char *text = g_strconcat (
      "<domaincheckpoint><name>a</name><description>d</description><parent><name>p</name></parent>"
      "<creationTime>1700000000</creationTime>",
      domain_text, "</domaincheckpoint>", NULL);
  g_autoptr (VckcCheckpointDef) def = parse (text, true);
  g_autoptr (VckcCheckpointDef) again = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *written = NULL;
  g_autofree char *rewritten = NULL;

  g_assert_true (vckc_checkpoint_def_align (def, def->domain, NULL));
  vckc_checkpoint_def_name_bitmaps (def);
  written = vckc_checkpoint_def_format (def, true, true);
  again = parse (written, true);
  g_assert_true (vckc_checkpoint_def_align (again, again->domain, NULL));
  rewritten = vckc_checkpoint_def_format (again, true, true);
  g_assert_cmpstr (rewritten, ==, written);

  one = def_text_describe (def);
  two = def_text_describe (again);
  g_assert_cmpstr (one, ==,
                   "a (d) <p @1700000000 vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no "
                   "vde=bitmap:a vdf=bitmap:a hda=no");
  g_assert_cmpstr (two, ==, one);
  g_assert_true (again->has_disks == def->has_disks);
  g_assert_cmpstr (again->domain->uuid, ==, def->domain->uuid);
}

static void
test_copy (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<description>d</description><parent><name>p</name></parent>"
                    "<disks><disk name='vda' bitmap='b'/>"
                    "<disk name='vdb' checkpoint='no'/></disks>" DOMAIN_OF ("t", ONE_DISK)),
             true);
  g_autoptr (VckcCheckpointDef) copy = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 0))->size = 65536;
  copy = vckc_checkpoint_def_copy (def);
  g_assert_true (copy->domain == def->domain);
  one = vckc_checkpoint_def_format (def, true, true);
  g_clear_pointer (&def, vckc_checkpoint_def_free);
  two = vckc_checkpoint_def_format (copy, true, true);
  g_assert_cmpstr (two, ==, one);
  vckc_checkpoint_def_free (NULL);
}

/* What is stored besides the document is read back, is copied, and is invisible to other readers of
 * the document. */
static void
test_disk_info (void)
{
  static const char uuid[] = "00112233-4455-6677-8899-aabbccddeeff";
  g_autoptr (VckcCheckpointDef) def = parse (
      TIMED ("<disks><disk name='vda' bitmap='b'/><disk name='vdb' checkpoint='no'/></disks>"),
      true);
  VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, 0);
  g_autoptr (VckcCheckpointDef) copy = NULL;
  g_autoptr (VckcCheckpointDef) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *rewritten = NULL;

  def->uuid = g_strdup (uuid);
  disk->capacity = 1 << 30;
  disk->granularity = 65536;
  disk->image = (VckcImageIdentity){ .path = g_strdup ("/a'b?>&c"),
                                     .number = G_MAXUINT64,
                                     .birth = G_MAXINT64 };
  copy = vckc_checkpoint_def_copy (def);
  written = vckc_checkpoint_def_format_stored (copy);
  again = parse (written, true);
  disk = g_ptr_array_index (again->disks, 0);
  g_assert_cmpstr (again->uuid, ==, uuid);
  g_assert_cmpint (disk->capacity, ==, 1 << 30);
  g_assert_cmpint (disk->granularity, ==, 65536);
  g_assert_cmpstr (disk->image.path, ==, "/a'b?>&c");
  g_assert_cmpuint (disk->image.number, ==, G_MAXUINT64);
  g_assert_cmpint (disk->image.birth, ==, G_MAXINT64);
  rewritten = vckc_checkpoint_def_format_stored (again);
  g_assert_cmpstr (rewritten, ==, written);
}

/* A file of a version that stored less, and one that makes no sense. */
static void
test_disk_info_partial (void)
{
  g_autoptr (VckcCheckpointDef) def = parse (
      TIMED ("<disks><disk name='vda'/></disks>") "<?vck-checkpoint uuid='no'?>\n<?vck-disk "
                                                  "name='vdz' file='1'?>\n"
                                                  "<?vck-disk name='vda' capacity='5' file='-1' "
                                                  "birth='x' granularity='9' <?>\n",
      true);
  const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, 0);

  g_assert_null (def->uuid);
  g_assert_cmpint (disk->capacity, ==, -1);
  g_assert_null (disk->image.path);
  g_assert_cmpuint (disk->image.number, ==, 0);
  g_assert_cmpint (disk->image.birth, ==, 0);
}

static void
test_copy_empty (void)
{
  g_autoptr (VckcCheckpointDef) def = parse ("<domaincheckpoint/>", false);
  g_autoptr (VckcCheckpointDef) copy = vckc_checkpoint_def_copy (def);
  g_autofree char *text = vckc_checkpoint_def_format (copy, true, true);

  g_assert_null (copy->name);
  g_assert_null (copy->domain);
  g_assert_false (copy->has_disks);
  g_assert_cmpstr (text, ==, "<domaincheckpoint>\n</domaincheckpoint>\n");
}

/* What only counts when redefining is ignored otherwise: X34. */
static void
test_create_ignores (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<parent><name>p</name></parent>" DOMAIN_OF ("t", ONE_DISK)), false);

  g_assert_null (def->parent_name);
  g_assert_cmpint (def->creation_time, ==, 0);
  g_assert_null (def->domain);
}

static void
test_report (void)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse_report (
      TIMED ("<disks><disk name='vda' size='65536'/><disk name='vdb' checkpoint='no'/>"
             "<disk name='vdc' size='18446744073709551615'/></disks>"),
      NULL);
  static const gint64 sizes[] = { 65536, -1, -1 };

  g_assert_nonnull (def);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_assert_cmpint (((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, i))->size, ==,
                     sizes[i]);
}

/* --- alignment --- */

/* A second time changes nothing. */
static void
test_align_again (void)
{
  g_autoptr (VckcDomainDef) domain = def_text_domain ();
  g_autoptr (VckcCheckpointDef) def =
      parse (DISKS ("<disk name='vdb' bitmap='x'/><disk name='/d/a.qcow2'/>"), false);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  one = def_text_describe (def);
  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  two = def_text_describe (def);
  g_assert_cmpstr (one, ==, "a vda=bitmap vdb=bitmap:x vdc=no vdd=no vde=no vdf=no hda=no");
  g_assert_cmpstr (two, ==, one);
}

/* A failure leaves the definition as it was. */
static void
test_align_fails (void)
{
  g_autoptr (VckcDomainDef) domain = def_text_domain ();
  g_autoptr (VckcCheckpointDef) def =
      parse (DISKS ("<disk name='/d/a.qcow2'/><disk name='vdz'/>"), false);
  g_autofree char *text = NULL;

  g_assert_false (vckc_checkpoint_def_align (def, domain, NULL));
  text = def_text_describe (def);
  g_assert_cmpstr (text, ==, "a /d/a.qcow2=bitmap vdz=bitmap");
}

/* Many disks, named backwards, alternately by target and by path. */
static void
test_align_many (void)
{
  const guint n_disks = 4000;
  g_autoptr (GString) domain_text = g_string_new ("<domain><name>t</name><devices>");
  g_autoptr (GString) text = g_string_new ("<domaincheckpoint><disks>");
  g_autoptr (VckcDomainDef) domain = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;

  for (guint i = 0; i < n_disks; i++)
    {
      g_string_append_printf (domain_text, "<disk><source file='/%u'/><target dev='vd%u'/></disk>",
                              i, i);
      g_string_append_printf (text, "<disk name='%s%u'/>", i % 2 == 0 ? "vd" : "/",
                              n_disks - 1 - i);
    }
  g_string_append (domain_text, "</devices></domain>");
  g_string_append (text, "</disks></domaincheckpoint>");
  domain = vckc_domain_def_parse (domain_text->str, NULL);
  def = parse (text->str, false);
  g_assert_nonnull (domain);
  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  g_assert_cmpuint (def->disks->len, ==, n_disks);
  for (guint i = 0; i < n_disks; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_assert_cmpstr (disk->name, ==, vckc_domain_def_find_disk (domain, disk->name)->target);
      g_assert_true (disk->tracked);
    }
}

/* --- writing --- */

static void
test_sizes (void)
{
  g_autoptr (VckcCheckpointDef) def = parse (
      DISKS ("<disk name='vda'/><disk name='vdb'/><disk name='vdc' checkpoint='no'/>"), false);
  g_autofree char *text = NULL;

  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 0))->size = 0;
  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 1))->size = G_MAXINT64;
  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 2))->size = 1;
  vckc_checkpoint_def_name_bitmaps (def);
  text = vckc_checkpoint_def_format (def, true, true);
  g_assert_cmpstr (text, ==,
                   "<domaincheckpoint>\n  <name>a</name>\n  <disks>\n"
                   "    <disk name='vda' checkpoint='bitmap' bitmap='a' size='0'/>\n"
                   "    <disk name='vdb' checkpoint='bitmap' bitmap='a' "
                   "size='9223372036854775807'/>\n"
                   "    <disk name='vdc' checkpoint='no'/>\n  </disks>\n</domaincheckpoint>\n");
}

/* X91: order of elements, new line at the end. */
static void
test_order (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<parent><name>p</name></parent>" DOMAIN_OF (
                 "t", ONE_DISK) "<description>d</description><disks><disk name='vda'/></disks>"),
             true);
  g_autofree char *text = vckc_checkpoint_def_format (def, true, true);

  g_assert_cmpstr (text, ==,
                   "<domaincheckpoint>\n  <name>a</name>\n  <description>d</description>\n"
                   "  <parent>\n    <name>p</name>\n  </parent>\n"
                   "  <creationTime>5</creationTime>\n  <disks>\n"
                   "    <disk name='vda' checkpoint='bitmap'/>\n  </disks>\n"
                   "  <domain type='test'>\n    <name>t</name>\n"
                   "    <uuid>11111111-2222-3333-4444-555555555555</uuid>\n    <devices>\n"
                   "      <disk type='file'>\n        <source file='/a'/>\n"
                   "        <target dev='vda'/>\n      </disk>\n    </devices>\n  </domain>\n"
                   "</domaincheckpoint>\n");
}

/* X92, X93, X94. */
static void
test_domain_and_secrets (void)
{
  g_autofree char *domain_text = golden_read ("t.xml");
  g_autofree char *text = g_strconcat ("<domaincheckpoint><name>a</name>"
                                       "<creationTime>5</creationTime>",
                                       domain_text, "</domaincheckpoint>", NULL);
  g_autoptr (VckcCheckpointDef) def = parse (text, true);
  g_autofree char *secure = vckc_checkpoint_def_format (def, true, true);
  g_autofree char *plain = vckc_checkpoint_def_format (def, true, false);
  g_autofree char *bare = vckc_checkpoint_def_format (def, false, false);
  g_autofree char *secure_bare = vckc_checkpoint_def_format (def, false, true);

  g_assert_nonnull (strstr (secure, "passwd='geheim'"));
  g_assert_null (strstr (plain, "geheim"));
  g_assert_nonnull (strstr (plain, "<graphics type='vnc' port='-1'/>"));
  g_assert_null (strstr (bare, "<domain>"));
  g_assert_null (strstr (bare, "<domain "));
  g_assert_cmpstr (secure_bare, ==, bare);
}

static void
test_check_size (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse ("<domaincheckpoint><name>a</name></domaincheckpoint>", false);
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_true (vckc_checkpoint_def_check_size (def, NULL));
  def->description = g_strnfill (VCKC_XML_MAX_SIZE / 6, '"');
  g_assert_false (vckc_checkpoint_def_check_size (def, &error));
  message = golden_describe_error (error);
  g_assert_true (g_str_has_prefix (message, "14 the description of the checkpoint and its domain "
                                            "has "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden_add_tests ("/vck/checkpoint-def/golden", "checkpoint", make_redefinition);
  g_test_add_func ("/vck/checkpoint-def/round-trip", test_round_trip);
  g_test_add_func ("/vck/checkpoint-def/copy", test_copy);
  g_test_add_func ("/vck/checkpoint-def/copy-empty", test_copy_empty);
  g_test_add_func ("/vck/checkpoint-def/disk-info", test_disk_info);
  g_test_add_func ("/vck/checkpoint-def/disk-info-partial", test_disk_info_partial);
  g_test_add_func ("/vck/checkpoint-def/create-ignores", test_create_ignores);
  g_test_add_func ("/vck/checkpoint-def/report", test_report);
  g_test_add_func ("/vck/checkpoint-def/align-again", test_align_again);
  g_test_add_func ("/vck/checkpoint-def/align-fails", test_align_fails);
  g_test_add_func ("/vck/checkpoint-def/align-many", test_align_many);
  g_test_add_func ("/vck/checkpoint-def/sizes", test_sizes);
  g_test_add_func ("/vck/checkpoint-def/order", test_order);
  g_test_add_func ("/vck/checkpoint-def/domain-and-secrets", test_domain_and_secrets);
  g_test_add_func ("/vck/checkpoint-def/check-size", test_check_size);
  return g_test_run ();
}
