/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Table B of docs/internals/semantics.md, as far as it is about definitions, and what is ours. */

#include <string.h>

#include "golden.h"
#include "model/backup-xml.h"

#define BACKUP(inside) "<domainbackup>" inside "</domainbackup>"
#define PULL(inside)                                                                               \
  "<domainbackup mode='pull'><server transport='unix' socket='/s'/>" inside "</domainbackup>"
#define DISKS(inside) "<disks>" inside "</disks>"
#define INCREMENTAL "<incremental>c2</incremental>"

typedef struct
{
  const char *id;
  const char *xml;
  /* Of a success: mode, server and disks; else code and text of the error. */
  const char *expected;
} RuleCase;

static const char domain_xml[] =
    "<domain><name>t</name><devices>"
    "<disk type='file'><source file='/d/a.qcow2'/><target dev='vda'/></disk>"
    "<disk type='file'><source file='/d/b.raw'/><target dev='vdb'/></disk>"
    "<disk type='file'><source file='/d/r.qcow2'/><target dev='vdr'/><readonly/>"
    "<backingStore type='file'><source file='/d/base.qcow2'/></backingStore></disk>"
    "<disk type='block' device='lun'><source dev='/dev/x'/><target dev='vdk'/></disk>"
    "<disk type='network'><source protocol='nbd' name='n'/><target dev='vdn'/></disk>"
    "<disk type='file' device='cdrom'><target dev='hdc'/></disk>"
    "</devices></domain>";

#define LINE "15 backup description, line 1: "
#define OTHERS " vdr=no vdk=no vdn=no hdc=no"

static const RuleCase cases[] = {
  { "B03", "<domainbackup>",
    "14 backup description, line 1: not well-formed XML: Premature end of data in tag "
    "domainbackup line 1" },
  { "B03-root", "<foo/>",
    "14 backup description, line 1: the root element is 'foo', but it must be 'domainbackup'" },
  { "B06", "<domainbackup mode='foo'/>",
    LINE "attribute 'mode' of element 'domainbackup' is 'foo', but it must be 'push' or 'pull'" },
  { "B07", "<domainbackup mode='pull'/>",
    LINE "element 'domainbackup' with mode='pull' needs an element 'server' inside" },
  { "B08", BACKUP ("<server name='localhost' port='1'/>"),
    LINE "element 'server' is not allowed inside 'domainbackup' without mode='pull'" },
  { "B08-push", "<domainbackup mode='push'><server name='localhost'/></domainbackup>",
    LINE "element 'server' is not allowed inside 'domainbackup' with mode='push'" },
  { "B09", BACKUP ("<disks/>"), LINE "element 'disks' needs an element 'disk' inside" },
  /* Allowed by newer versions of libvirt. */
  { "B10", BACKUP (DISKS ("<disk name='vda'><target file='/x'/></disk>")),
    "push vda=full:qcow2:/x vdb=no" OTHERS },
  { "B11", BACKUP (DISKS ("<disk name='vda' backup='no'/>")),
    "13 no disk of domain 't' is selected for the backup; list at least one without "
    "backup='no'" },
  { "B11-type", BACKUP (DISKS ("<disk name='vda' backup='no' type='file'/>")),
    LINE "element 'disk' has the attribute 'type', which is not allowed with backup='no'" },
  { "B11-target", BACKUP (DISKS ("<disk name='vda' backup='no'><target file='/x'/></disk>")),
    LINE "element 'target' is not allowed inside 'disk' with backup='no'" },
  { "B12",
    "<domainbackup mode='pull'><server name='localhost'/>" DISKS (
        "<disk name='vda'/>") "</domainbackup>",
    "11 the server of the backup of domain 't' has no port; give <server> a port, or a socket" },
  { "B12-port",
    "<domainbackup mode='pull'><server name='::1' port='65535' tls='yes'/>" DISKS (
        "<disk name='vda'/>") "</domainbackup>",
    "pull ::1 65535 tls vda=full:qcow2:/d/a.qcow2.c9:vda vdb=no" OTHERS },
  { "B12-large", "<domainbackup mode='pull'><server name='h' port='65536'/></domainbackup>",
    LINE "attribute 'port' of element 'server' is '65536', but it must be a number from 0 to "
         "65535" },
  { "B12-no-name", "<domainbackup mode='pull'><server port='1'/></domainbackup>",
    LINE "element 'server' without transport='unix' needs the attribute 'name'" },
  { "B13", "<domainbackup mode='pull'><server transport='unix' socket='s'/></domainbackup>",
    LINE "attribute 'socket' of element 'server' is 's', but it must be an absolute path" },
  { "B13-missing", "<domainbackup mode='pull'><server transport='unix'/></domainbackup>",
    LINE "element 'server' with transport='unix' needs the attribute 'socket'" },
  { "B13-name",
    "<domainbackup mode='pull'><server transport='unix' socket='/s' name='h'/></domainbackup>",
    LINE "element 'server' has the attribute 'name', which is not allowed with "
         "transport='unix'" },
  { "B13-tcp", "<domainbackup mode='pull'><server name='h' socket='/s'/></domainbackup>",
    LINE "element 'server' has the attribute 'socket', which is not allowed without "
         "transport='unix'" },
  { "B14", BACKUP (DISKS ("<disk name='vdz' type='file'><target file='/x'/></disk>")),
    "13 domain 't' has no disk 'vdz'; its disks are 'vda', 'vdb', 'vdr', 'vdk', 'vdn', 'hdc'" },
  { "B15", BACKUP (DISKS ("<disk name='vda'/><disk name='vda' backup='no'/>")),
    "13 disk 'vda' of domain 't' is listed twice; list each disk once" },
  { "B16", BACKUP (DISKS ("<disk name='vda' backupmode='incremental'/>")),
    "13 disk 'vda' of domain 't' is to have an incremental backup, but neither it nor the "
    "backup names a checkpoint to start from; add <incremental>, or incremental='…' to the "
    "disk" },
  { "B17", BACKUP (DISKS ("<disk name='hdc' type='file'><target file='/x'/></disk>")),
    "13 disk 'hdc' of domain 't' is empty, so there is nothing to back up; leave it out or give "
    "it backup='no'" },
  { "B19", BACKUP (DISKS ("<disk name='vda' type='file' exportname='e'/>")),
    LINE "element 'disk' must not have the attribute 'exportname'; allowed are 'name', 'backup', "
         "'index', 'backupmode', 'incremental', 'type'" },
  { "B19-scratch", BACKUP (DISKS ("<disk name='vda'><scratch file='/x'/></disk>")),
    LINE "element 'scratch' is not allowed inside 'disk'; allowed are 'driver', 'target'" },
  /* libvirt 9.0 fails with an internal error. */
  { "B20", BACKUP (DISKS ("<disk name='vda' type='file'/>")),
    "push vda=full:qcow2:/d/a.qcow2.c9 vdb=no" OTHERS },
  { "B20-block", BACKUP (DISKS ("<disk name='vda' type='block'/>")),
    LINE "element 'disk' with type='block' needs an element 'target' inside" },
  { "B23", BACKUP (DISKS ("<disk name='vda' backupmode='full' incremental='c1' type='file'/>")),
    LINE "element 'disk' has the attribute 'incremental', which is not allowed with "
         "backupmode='full'" },
  { "B24", PULL (DISKS ("<disk name='vda'><driver type='raw'/></disk>")),
    LINE "attribute 'type' of element 'driver' is 'raw', but it must be 'qcow2'" },
  { "B37", BACKUP (INCREMENTAL DISKS ("<disk name='vda' backupmode='full'/><disk name='vdb'/>")),
    "push vda=full:qcow2:/d/a.qcow2.c9 vdb=incremental<c2:qcow2:/d/b.raw.c9" OTHERS },
  { "B37-own", BACKUP (INCREMENTAL DISKS ("<disk name='vdb' incremental='c1'/>")),
    "push vdb=incremental<c1:qcow2:/d/b.raw.c9 vda=no" OTHERS },
  { "B37-own-alone",
    BACKUP (DISKS ("<disk name='vdb' backupmode='incremental' incremental='c1'/>")),
    "push vdb=incremental<c1:qcow2:/d/b.raw.c9 vda=no" OTHERS },

  { "all-disks", BACKUP (""),
    "13 disk 'vdk' of domain 't' is not a file, so there is no name for its backup; give it a "
    "<target>" },
  { "all-disks-pull", PULL (""),
    "13 disk 'vdk' of domain 't' is not a file, so there is no name for its backup; give it a "
    "<scratch>" },
  { "network", BACKUP (DISKS ("<disk name='vdn'/>")),
    "13 disk 'vdn' of domain 't' is not a file, so there is no name for its backup; give it a "
    "<target>" },
  { "network-with-target", BACKUP (DISKS ("<disk name='vdn'><target file='/x'/></disk>")),
    "push vdn=full:qcow2:/x vda=no vdb=no vdr=no vdk=no hdc=no" },
  { "read-only", BACKUP (DISKS ("<disk name='vdr'/>")),
    "push vdr=full:qcow2:/d/r.qcow2.c9 vda=no vdb=no vdk=no vdn=no hdc=no" },
  { "empty-not-wanted", BACKUP (DISKS ("<disk name='hdc' backup='no'/><disk name='vda'/>")),
    "push hdc=no vda=full:qcow2:/d/a.qcow2.c9 vdb=no vdr=no vdk=no vdn=no" },
  { "raw-block-target",
    BACKUP (DISKS ("<disk name='vdk' type='block'><driver type='raw'/><target dev='/dev/y'/>"
                   "</disk>")),
    "push vdk=full:raw:/dev/y(block) vda=no vdb=no vdr=no vdn=no hdc=no" },
  { "block-is-no-file", BACKUP (DISKS ("<disk name='vda' type='block'><target file='/x'/></disk>")),
    LINE "element 'target' must not have the attribute 'file'; allowed is 'dev'" },
  { "pull-names",
    PULL (INCREMENTAL DISKS ("<disk name='vda' exportname='e' exportbitmap='b'/>"
                             "<disk name='vdb'/>")),
    "pull /s vda=incremental<c2:qcow2:/d/a.qcow2.c9:e+b "
    "vdb=incremental<c2:qcow2:/d/b.raw.c9:vdb+backup-vdb" OTHERS },
  { "pull-target", PULL (DISKS ("<disk name='vda'><target file='/x'/></disk>")),
    LINE "element 'target' is not allowed inside 'disk'; allowed are 'driver', 'scratch'" },
  { "path-for-name", BACKUP (DISKS ("<disk name='/d/a.qcow2'/>")),
    LINE "attribute 'name' of element 'disk' is '/d/a.qcow2', but it must be 'fd', 'hd', 'sd', "
         "'vd', 'xvd', 'ubd' or 'nvme', then letters or digits" },
  { "relative-target", BACKUP (DISKS ("<disk name='vda'><target file='x'/></disk>")),
    LINE "attribute 'file' of element 'target' is 'x', but it must be an absolute path" },
  { "bad-base", BACKUP ("<incremental>../x</incremental>"),
    LINE "the text of element 'incremental' is '../x', but it must be letters, digits, '_', '-' "
         "and '.', not beginning with '.'" },

  /* What would overwrite something. */
  { "own-image", BACKUP (DISKS ("<disk name='vda'><target file='/d/./a.qcow2'/></disk>")),
    "13 the backup of disk 'vda' would overwrite '/d/./a.qcow2', an image of disk 'vda' of domain "
    "'t'; use another file" },
  { "image-of-another", PULL (DISKS ("<disk name='vda'><scratch file='/d/b.raw'/></disk>")),
    "13 the backup of disk 'vda' would overwrite '/d/b.raw', an image of disk 'vdb' of domain "
    "'t'; use another file" },
  { "backing-image", BACKUP (DISKS ("<disk name='vda'><target file='/d//base.qcow2'/></disk>")),
    "13 the backup of disk 'vda' would overwrite '/d//base.qcow2', an image of disk 'vdr' of "
    "domain 't'; use another file" },
  { "one-target-for-two",
    BACKUP (DISKS ("<disk name='vda'><target file='/x'/></disk>"
                   "<disk name='vdb'><target file='/y/../x'/></disk>")),
    "13 the backups of the disks 'vda' and 'vdb' of domain 't' would both be written to "
    "'/y/../x'; use a file for each" },
  { "one-export-for-two", PULL (DISKS ("<disk name='vda' exportname='vdb'/><disk name='vdb'/>")),
    "13 the disks 'vda' and 'vdb' of domain 't' would both be exported as 'vdb'; give each an "
    "exportname of its own" },
  { "encrypted",
    BACKUP (DISKS ("<disk name='vda'><target file='/x'><encryption format='luks'>"
                   "<secret type='passphrase' usage='u'/></encryption></target></disk>")),
    "13 the backup of disk 'vda' of domain 't' is to be labelled or encrypted, which is not done "
    "here; leave out <seclabel> and <encryption>" },
};

static VckcDomainDef *
make_domain (const char *xml)
{
  VckcDomainDef *domain = vckc_domain_def_parse (xml, NULL);

  g_assert_nonnull (domain);
  return domain;
}

static void
describe_disk (GString *text, const VckcBackupDiskDef *disk)
{
  g_string_append_printf (text, " %s=", disk->name);
  if (!disk->backup)
    {
      g_string_append (text, "no");
      return;
    }
  g_assert_cmpint (disk->mode, !=, VCKC_BACKUP_DISK_DEFAULT);
  g_assert_true ((disk->incremental != NULL) == (disk->mode == VCKC_BACKUP_DISK_INCREMENTAL));
  if (disk->incremental != NULL)
    g_string_append_printf (text, "incremental<%s", disk->incremental);
  else
    g_string_append (text, "full");
  g_string_append_printf (text, ":%s:%s", disk->format, disk->path);
  if (disk->type == VCKC_BACKUP_STORE_BLOCK)
    g_string_append (text, "(block)");
  if (disk->export_name != NULL)
    g_string_append_printf (text, ":%s", disk->export_name);
  if (disk->export_bitmap != NULL)
    g_string_append_printf (text, "+%s", disk->export_bitmap);
}

/* "pull /s vda=full:qcow2:/x:vda vdb=no". */
static char *
describe (const VckcBackupDef *def)
{
  g_autoptr (GString) text = g_string_new (def->mode == VCKC_BACKUP_MODE_PULL ? "pull" : "push");

  g_assert_true ((def->server != NULL) == (def->mode == VCKC_BACKUP_MODE_PULL));
  if (def->server != NULL && def->server->transport == VCKC_BACKUP_TRANSPORT_UNIX)
    g_string_append_printf (text, " %s", def->server->socket);
  else if (def->server != NULL)
    g_string_append_printf (text, " %s %u", def->server->name, def->server->port);
  if (def->server != NULL && def->server->tls)
    g_string_append (text, " tls");
  for (guint i = 0; i < def->disks->len; i++)
    describe_disk (text, g_ptr_array_index (def->disks, i));
  return g_strdup (text->str);
}

static void
test_case (gconstpointer data)
{
  const RuleCase *row = data;
  g_autoptr (VckcDomainDef) domain = make_domain (domain_xml);
  VckcError *error = NULL;
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (row->xml, &error);
  g_autofree char *before = def != NULL ? vckc_backup_def_format (def) : NULL;
  bool is_aligned = def != NULL && vckc_backup_def_align (def, domain, "c9", &error);
  g_autofree char *after = def != NULL ? vckc_backup_def_format (def) : NULL;
  g_autofree char *result = NULL;

  g_assert_true (is_aligned == (error == NULL));
  if (def != NULL && !is_aligned)
    g_assert_cmpstr (after, ==, before);
  result = is_aligned ? describe (def) : golden_describe_error (error);
  g_assert_cmpstr (result, ==, row->expected);
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
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (
      BACKUP (DISKS ("<disk name='vda' backup='no'/><disk name='vdb'/>")), NULL);

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/backup-rules/", cases[i].id, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/vck/backup-rules/format-push", test_format_push);
  g_test_add_func ("/vck/backup-rules/format-pull", test_format_pull);
  g_test_add_func ("/vck/backup-rules/round-trip", test_round_trip);
  g_test_add_func ("/vck/backup-rules/align-again", test_align_again);
  g_test_add_func ("/vck/backup-rules/no-disks", test_no_disks);
  g_test_add_func ("/vck/backup-rules/find-disk", test_find_disk);
  g_test_add_func ("/vck/backup-rules/long-socket", test_long_socket);
  g_test_add_func ("/vck/backup-rules/many-disks", test_many_disks);
  g_test_add_func ("/vck/backup-rules/too-large", test_too_large);
  return g_test_run ();
}
