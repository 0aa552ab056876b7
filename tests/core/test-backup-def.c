/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Definitions of backups: as documents, and at their limits. */

#include <libxml/parser.h>
#include <string.h>

#include "golden.h"
#include "model/backup-xml.h"
#include "xml/xml-explain.h"

static VckcDomainDef *
make_domain (const char *xml)
{
  VckcDomainDef *domain = vckc_domain_def_parse (xml, NULL);

  g_assert_nonnull (domain);
  return domain;
}

/* --- documents as they are written: B26, B30 and B36 --- */

#define TWO_DISKS                                                                                  \
  "<domain><name>t</name><devices>"                                                                \
  "<disk type='file'><source file='/a.qcow2'/><target dev='vda'/></disk>"                          \
  "<disk type='file'><source file='/b.qcow2'/><target dev='vdb'/></disk>"                          \
  "<disk device='cdrom'><source file='/c.iso'/><target dev='hda'/></disk>"                         \
  "</devices></domain>"

static char *
align_and_format (const char *xml, const char *suffix)
{
  g_autoptr (VckcDomainDef) domain = make_domain (TWO_DISKS);
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (xml, NULL);

  g_assert_nonnull (def);
  g_assert_true (vckc_backup_def_align (def, domain, suffix, NULL));
  return vckc_backup_def_format (def);
}

static void
test_format_push (void)
{
  g_autofree char *text = align_and_format ("<domainbackup/>", "c1");

  g_assert_cmpstr (text, ==,
                   "<domainbackup mode='push'>\n"
                   "  <disks>\n"
                   "    <disk name='vda' backup='yes' type='file' backupmode='full'>\n"
                   "      <driver type='qcow2'/>\n"
                   "      <target file='/a.qcow2.c1'/>\n"
                   "    </disk>\n"
                   "    <disk name='vdb' backup='yes' type='file' backupmode='full'>\n"
                   "      <driver type='qcow2'/>\n"
                   "      <target file='/b.qcow2.c1'/>\n"
                   "    </disk>\n"
                   "    <disk name='hda' backup='no'/>\n"
                   "  </disks>\n"
                   "</domainbackup>\n");
}

static void
test_format_pull (void)
{
  g_autofree char *text =
      align_and_format ("<domainbackup mode='pull'><incremental>c1</incremental><disks>"
                        "<disk name='vdb' type='block' index='7'><scratch dev='/dev/sb'/></disk>"
                        "<disk name='vda' exportname='e&amp;' exportbitmap='bm'/></disks>"
                        "<server name='h' port='10809' tls='yes'/></domainbackup>",
                        "1700000000");

  g_assert_cmpstr (text, ==,
                   "<domainbackup mode='pull'>\n"
                   "  <incremental>c1</incremental>\n"
                   "  <server transport='tcp' tls='yes' name='h' port='10809'/>\n"
                   "  <disks>\n"
                   "    <disk name='vdb' backup='yes' type='block' backupmode='incremental' "
                   "incremental='c1' exportname='vdb' exportbitmap='backup-vdb' index='7'>\n"
                   "      <driver type='qcow2'/>\n"
                   "      <scratch dev='/dev/sb'/>\n"
                   "    </disk>\n"
                   "    <disk name='vda' backup='yes' type='file' backupmode='incremental' "
                   "incremental='c1' exportname='e&amp;' exportbitmap='bm'>\n"
                   "      <driver type='qcow2'/>\n"
                   "      <scratch file='/a.qcow2.1700000000'/>\n"
                   "    </disk>\n"
                   "    <disk name='hda' backup='no'/>\n"
                   "  </disks>\n"
                   "</domainbackup>\n");
}

/* --- any definition comes out of its document as it went in --- */

static char *
pick (GRand *random, const char *const *values, guint n_values)
{
  guint i = (guint) g_rand_int_range (random, 0, (gint32) n_values + 1);

  return i < n_values ? g_strdup (values[i]) : NULL;
}

#define PICK(random, ...)                                                                          \
  pick (random, (const char *const[]){ __VA_ARGS__ },                                              \
        G_N_ELEMENTS (((const char *const[]){ __VA_ARGS__ })))

static VckcBackupDiskDef *
random_disk (GRand *random, VckcBackupMode mode, guint number)
{
  g_autofree char *name = g_strdup_printf ("vd%u", number);
  VckcBackupDiskDef *disk = vckc_backup_disk_def_new (name);

  disk->backup = g_rand_int_range (random, 0, 4) > 0;
  if (!disk->backup)
    return disk;
  disk->type = g_rand_boolean (random) ? VCKC_BACKUP_STORE_BLOCK : VCKC_BACKUP_STORE_FILE;
  disk->path = PICK (random, "/x", "/a 'b' \"c\" <&>", "/\té\n", "/x/../y");
  if (disk->path == NULL)
    disk->type = VCKC_BACKUP_STORE_FILE;
  disk->mode = (VckcBackupDiskMode) g_rand_int_range (random, 0, 3);
  if (disk->mode != VCKC_BACKUP_DISK_FULL)
    disk->incremental = PICK (random, "c1", "-", "A-z_0.9");
  disk->format = PICK (random, "qcow2");
  disk->index = g_rand_boolean (random) ? g_rand_int (random) : 0;
  if (mode == VCKC_BACKUP_MODE_PULL)
    {
      disk->export_name = PICK (random, "e", "&<'\">", "\xc3\xa9 ");
      disk->export_bitmap = PICK (random, "b", "\t");
    }
  return disk;
}

static VckcBackupDef *
random_backup (GRand *random)
{
  VckcBackupDef *def = vckc_backup_def_new ();
  guint n_disks = (guint) g_rand_int_range (random, 0, 6);

  def->mode = g_rand_boolean (random) ? VCKC_BACKUP_MODE_PULL : VCKC_BACKUP_MODE_PUSH;
  def->incremental = PICK (random, "c1", "a..b");
  def->has_disks = n_disks > 0;
  for (guint i = 0; i < n_disks; i++)
    g_ptr_array_add (def->disks, random_disk (random, def->mode, i));
  if (def->mode == VCKC_BACKUP_MODE_PUSH)
    return def;
  def->server = g_new0 (VckcBackupServer, 1);
  def->server->tls = g_rand_boolean (random);
  if (g_rand_boolean (random))
    {
      def->server->transport = VCKC_BACKUP_TRANSPORT_UNIX;
      def->server->socket = g_strdup ("/s & 't'");
      return def;
    }
  def->server->name = g_strdup (g_rand_boolean (random) ? "::1" : "a-b.example");
  def->server->port = (guint) g_rand_int_range (random, 0, 65536);
  return def;
}

static void
assert_same_disk (const VckcBackupDiskDef *one, const VckcBackupDiskDef *other)
{
  g_assert_cmpstr (one->name, ==, other->name);
  g_assert_true (one->backup == other->backup);
  g_assert_cmpint (one->type, ==, other->type);
  g_assert_cmpint (one->mode, ==, other->mode);
  g_assert_cmpstr (one->path, ==, other->path);
  g_assert_cmpstr (one->format, ==, other->format);
  g_assert_cmpstr (one->incremental, ==, other->incremental);
  g_assert_cmpstr (one->export_name, ==, other->export_name);
  g_assert_cmpstr (one->export_bitmap, ==, other->export_bitmap);
  g_assert_cmpuint (one->index, ==, other->index);
}

static void
assert_same (const VckcBackupDef *one, const VckcBackupDef *other)
{
  g_assert_cmpint (one->mode, ==, other->mode);
  g_assert_cmpstr (one->incremental, ==, other->incremental);
  g_assert_true (one->has_disks == other->has_disks);
  g_assert_true ((one->server == NULL) == (other->server == NULL));
  if (one->server != NULL)
    {
      g_assert_cmpint (one->server->transport, ==, other->server->transport);
      g_assert_cmpstr (one->server->name, ==, other->server->name);
      g_assert_cmpuint (one->server->port, ==, other->server->port);
      g_assert_cmpstr (one->server->socket, ==, other->server->socket);
      g_assert_true (one->server->tls == other->server->tls);
    }
  g_assert_cmpuint (one->disks->len, ==, other->disks->len);
  for (guint i = 0; i < one->disks->len; i++)
    assert_same_disk (g_ptr_array_index (one->disks, i), g_ptr_array_index (other->disks, i));
}

static void
test_round_trip (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (VckcBackupDef) def = random_backup (random);
      g_autofree char *text = vckc_backup_def_format (def);
      VckcError *error = NULL;
      g_autoptr (VckcBackupDef) again = vckc_backup_def_parse (text, &error);

      g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
      assert_same (again, def);
    }
}

/* --- what is large, missing or repeated --- */

/* Aligning what is aligned changes nothing. */
static void
test_align_again (void)
{
  g_autofree char *text = align_and_format ("<domainbackup mode='pull'><server name='h' port='1'/>"
                                            "<incremental>c1</incremental></domainbackup>",
                                            "c2");
  g_autofree char *again = align_and_format (text, "other");

  g_assert_cmpstr (again, ==, text);
}

static void
test_no_disks (void)
{
  g_autoptr (VckcDomainDef) domain = make_domain ("<domain><name>t</name></domain>");
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse ("<domainbackup/>", NULL);
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_false (vckc_backup_def_align (def, domain, "x", &error));
  message = golden_describe_error (error);
  g_assert_cmpstr (message, ==,
                   "13 domain 't' has no disk, so there is nothing to back up; add a disk first");
}

static void
test_find_disk (void)
{
  g_autoptr (VckcBackupDef) def =
      vckc_backup_def_parse ("<domainbackup><disks><disk name='vda' backup='no'/><disk "
                             "name='vdb'/></disks></domainbackup>",
                             NULL);

  g_assert_null (vckc_backup_def_find_disk (def, "vda"));
  g_assert_true (vckc_backup_def_find_disk (def, "vdb") == g_ptr_array_index (def->disks, 1));
  g_assert_null (vckc_backup_def_find_disk (def, "vdc"));
  vckc_backup_def_free (NULL);
  vckc_backup_disk_def_free (NULL);
  vckc_backup_server_free (NULL);
}

static void
test_long_socket (void)
{
  g_autofree char *longest = g_strnfill (106, 'x');
  g_autofree char *fits = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='/%s'/></domainbackup>", longest);
  g_autofree char *longer = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='/x%s'/></domainbackup>", longest);
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (fits, NULL);
  g_autoptr (VckcError) error = NULL;

  g_assert_nonnull (def);
  g_assert_null (vckc_backup_def_parse (longer, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_XML_ERROR);
  g_assert_nonnull (strstr (vckc_error_get_message (error), "longer than the 107 bytes"));
}

/* Thousands of disks, and a name of megabytes: no long message, no quadratic time. */
static void
test_many_disks (void)
{
  const guint n_disks = 6000;
  g_autoptr (GString) domain_text = g_string_new ("<domain><name>t</name><devices>");
  g_autoptr (GString) text = g_string_new ("<domainbackup><disks>");
  g_autofree char *name = g_strnfill (1000000, 'x');
  g_autoptr (VckcDomainDef) domain = NULL;
  g_autoptr (VckcBackupDef) def = NULL;
  g_autoptr (VckcBackupDef) unknown = NULL;
  g_autoptr (VckcError) error = NULL;

  for (guint i = 0; i < n_disks; i++)
    {
      g_string_append_printf (text, "<disk name='vd%u'/>", n_disks - 1 - i);
      if (i < n_disks / 2)
        g_string_append_printf (domain_text,
                                "<disk><source file='/%u'/><target dev='vd%u'/></disk>", i, i);
    }
  g_string_append (domain_text, "</devices></domain>");
  g_string_append (text, "</disks></domainbackup>");
  domain = make_domain (domain_text->str);
  def = vckc_backup_def_parse (text->str, NULL);
  g_assert_nonnull (def);
  g_assert_false (vckc_backup_def_align (def, domain, "x", NULL));

  g_ptr_array_remove_range (def->disks, 0, n_disks / 2);
  g_assert_true (vckc_backup_def_align (def, domain, "x", NULL));
  g_assert_cmpuint (def->disks->len, ==, n_disks / 2);

  g_string_printf (text, "<domainbackup><disks><disk name='vd%s'/></disks></domainbackup>", name);
  unknown = vckc_backup_def_parse (text->str, NULL);
  g_assert_nonnull (unknown);
  g_assert_false (vckc_backup_def_align (unknown, domain, "x", &error));
  g_assert_cmpuint (strlen (vckc_error_get_message (error)), <, 600);
}

/* With the names that are made up a definition can be too long to be read again. */
static void
test_too_large (void)
{
  g_autofree char *path = g_strnfill (VCKC_XML_MAX_SIZE - 300, 'x');
  g_autofree char *suffix = g_strnfill (247, 'y');
  g_autofree char *domain_text =
      g_strdup_printf ("<domain><name>t</name><devices><disk><source file='/%s'/>"
                       "<target dev='vda'/></disk></devices></domain>",
                       path);
  g_autoptr (VckcDomainDef) domain = make_domain (domain_text);
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse ("<domainbackup/>", NULL);
  g_autoptr (VckcError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_nonnull (def);
  g_assert_false (vckc_backup_def_align (def, domain, suffix, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_XML_ERROR);
  text = vckc_backup_def_format (def);
  g_assert_cmpstr (text, ==, "<domainbackup mode='push'>\n</domainbackup>\n");
}

/* --- refused documents --- */

typedef struct
{
  GRand *random;
  GString *text;
} DocumentWriter;

static bool
is_chosen (DocumentWriter *writer, guint percent)
{
  return (guint) g_rand_int_range (writer->random, 0, 100) < percent;
}

/* One of the words, which are separated by '|', or most often none. */
static void
write_one_of (DocumentWriter *writer, guint percent, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);
  gint32 n = (gint32) g_strv_length (list);

  if (is_chosen (writer, percent))
    g_string_append (writer->text, list[g_rand_int_range (writer->random, 0, n)]);
}

static void
write_random_disk (DocumentWriter *writer, bool is_pull)
{
  const char *store = is_chosen (writer, is_pull ? 95 : 5) ? "scratch" : "target";

  g_string_append (writer->text, "<disk");
  write_one_of (writer, 98, " name='vda'| name='vda'| name='vdb'| name='foo'");
  write_one_of (writer, 30, " backup='yes'| backup='no'");
  write_one_of (writer, 50, " type='file'| type='file'| type='block'| type='x'");
  write_one_of (writer, 30, " backupmode='full'| backupmode='incremental'");
  write_one_of (writer, 20, " incremental='c1'| incremental='.'");
  write_one_of (writer, is_pull ? 20 : 3, " exportname='e'| exportbitmap='b'| index='1'");
  g_string_append (writer->text, ">");
  write_one_of (writer, 30, "<driver type='qcow2'/>|<driver/>|<driver type='raw'/>");
  if (is_chosen (writer, 60))
    {
      g_string_append_printf (writer->text, "<%s", store);
      write_one_of (writer, 95, " file='/x'| file='/x'| dev='/x'| file='x'");
      g_string_append (writer->text, ">");
      write_one_of (writer, 10, "<seclabel/>|<encryption/>|text");
      g_string_append_printf (writer->text, "</%s>", store);
    }
  write_one_of (writer, 3, "<driver/>|<target file='/y'/>|text|<x/>");
  g_string_append (writer->text, "</disk>");
}

static char *
make_random_document (GRand *random)
{
  DocumentWriter writer = { random, g_string_new ("<domainbackup") };
  bool is_pull = is_chosen (&writer, 50);

  g_string_append (writer.text, is_pull ? " mode='pull'>" : ">");
  write_one_of (&writer, 30, "<incremental>c1</incremental>|<incremental/>");
  if (is_chosen (&writer, is_pull ? 95 : 3))
    {
      g_string_append (writer.text, "<server");
      write_one_of (&writer, 50, " transport='tcp'| transport='unix'");
      write_one_of (&writer, 70, " name='h'| name='h' port='1'| name='h' port='x'");
      write_one_of (&writer, 30, " socket='/s'| socket='s'");
      write_one_of (&writer, 20, " tls='yes'| tls='maybe'");
      g_string_append (writer.text, "/>");
    }
  if (is_chosen (&writer, 80))
    {
      g_string_append (writer.text, "<disks>");
      do
        write_random_disk (&writer, is_pull);
      while (is_chosen (&writer, 30));
      g_string_append (writer.text, "</disks>");
    }
  write_one_of (&writer, 3, "<disks/>|text|<x/>|<n:x xmlns:n='n'/>");
  g_string_append (writer.text, "</domainbackup>");
  return g_string_free (writer.text, FALSE);
}

/* The tables say what is wrong with every document that the grammar refuses, and that nothing is
 * wrong with any other. */
static void
test_explained (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  guint n_valid = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *text = make_random_document (random);
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (text, &error);
      g_autoptr (xmlDoc) doc = xmlReadDoc (BAD_CAST text, NULL, NULL, XML_PARSE_NONET);
      long line = 0;
      g_autofree char *explanation =
          vckc_xml_schema_explain (doc, vckc_xml_rules_domainbackup, &line);
      g_autofree char *expected = g_strconcat ("backup description, line 1: ", explanation, NULL);

      n_valid += def != NULL ? 1 : 0;
      if ((def != NULL) != (explanation == NULL))
        g_error ("%s: %s", def != NULL ? explanation : "not explained", text);
      if (def == NULL)
        g_assert_cmpstr (vckc_error_get_message (error), ==, expected);
    }
  g_assert_cmpuint (n_valid, >, 500);
  g_assert_cmpuint (n_valid, <, 4500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/backup-def/format-push", test_format_push);
  g_test_add_func ("/vck/backup-def/format-pull", test_format_pull);
  g_test_add_func ("/vck/backup-def/round-trip", test_round_trip);
  g_test_add_func ("/vck/backup-def/explained", test_explained);
  g_test_add_func ("/vck/backup-def/align-again", test_align_again);
  g_test_add_func ("/vck/backup-def/no-disks", test_no_disks);
  g_test_add_func ("/vck/backup-def/find-disk", test_find_disk);
  g_test_add_func ("/vck/backup-def/long-socket", test_long_socket);
  g_test_add_func ("/vck/backup-def/many-disks", test_many_disks);
  g_test_add_func ("/vck/backup-def/too-large", test_too_large);
  return g_test_run ();
}
