/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Table B of docs/internals/semantics.md, as far as it is about definitions, and what is ours. */

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
  { "B11-mode",
    BACKUP (DISKS ("<disk name='vdb' backup='no' backupmode='incremental'/>"
                   "<disk name='vda'/>")),
    "push vdb=no vda=full:qcow2:/d/a.qcow2.c9" OTHERS },
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
    LINE "element 'disk' must not have the attribute 'exportname' without mode='pull'" },
  { "B19-scratch", BACKUP (DISKS ("<disk name='vda'><scratch file='/x'/></disk>")),
    LINE "element 'scratch' is not allowed inside 'disk' without mode='pull'" },
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
    LINE "element 'target' must not have the attribute 'file' without type='file'" },
  { "file-is-no-block", PULL (DISKS ("<disk name='vda'><scratch dev='/x'/></disk>")),
    LINE "element 'scratch' must not have the attribute 'dev' without type='block'" },
  { "unknown-attribute", BACKUP (DISKS ("<disk name='vda' checkpoint='no'/>")),
    LINE "element 'disk' must not have the attribute 'checkpoint'; allowed are 'name', "
         "'backupmode', 'incremental', 'backup', 'index', 'type'" },
  { "pull-names",
    PULL (INCREMENTAL DISKS ("<disk name='vda' exportname='e' exportbitmap='b'/>"
                             "<disk name='vdb'/>")),
    "pull /s vda=incremental<c2:qcow2:/d/a.qcow2.c9:e+b "
    "vdb=incremental<c2:qcow2:/d/b.raw.c9:vdb+backup-vdb" OTHERS },
  { "pull-target", PULL (DISKS ("<disk name='vda'><target file='/x'/></disk>")),
    LINE "element 'target' is not allowed inside 'disk' without mode='push'" },
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
  g_autoptr (VckcDomainDef) domain = vckc_domain_def_parse (domain_xml, NULL);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/backup-rules/", cases[i].id, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
