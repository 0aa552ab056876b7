/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backup descriptions: what is understood is the same when it was written and read again, before
 * and after it was lined up with a domain. */

#include "fuzz-explain.h"

#include "model/backup-xml.h"

static const char *const seeds[] = {
  "<domainbackup mode='push'><incremental>c1</incremental><disks>"
  "<disk name='vda' backup='yes' type='file' backupmode='incremental' incremental='c1'>"
  "<driver type='qcow2'/><target file='/t/a'/></disk><disk name='vdb' backup='no'/></disks>"
  "</domainbackup>\n",
  "<domainbackup mode='pull'><server transport='unix' socket='/s'/><disks>"
  "<disk name='vda' exportname='e' exportbitmap='b' index='7'><scratch file='/t/a'/></disk>"
  "<disk name='vdb' type='block'><scratch dev='/dev/b'/></disk></disks></domainbackup>\n",
  "<domainbackup mode='pull'><server name='h' port='10809' tls='yes'/></domainbackup>\n",
  NULL,
};

static const char *const words[] = {
  "<disks>",
  "</disks>",
  "<disk name='vdb'/>",
  " mode='push'",
  " mode='pull'",
  " backup='no'",
  " backup='yes'",
  " type='file'",
  " type='block'",
  " type='raw'",
  " backupmode='full'",
  " backupmode='incremental'",
  " incremental='c2'",
  "<incremental>c2</incremental>",
  " exportname='vdb'",
  " exportbitmap=''",
  " index='4294967296'",
  "<target file='/a'/>",
  "<target dev='/b'/>",
  "<scratch file='/b'><seclabel relabel='no'/></scratch>",
  "<encryption format='luks'/>",
  "<driver type='qcow2'/>",
  "<server transport='tcp' name='h'/>",
  " port='65535'",
  "&#13;",
  "&#10;",
  "&#0;",
  "&lt;",
  "<![CDATA[",
  "<!--",
  "-->",
  "<!DOCTYPE x>",
  " xmlns='urn:x'",
  "<n:x xmlns:n='n'/>",
  "\xff",
  "\xc3\xa9",
  "'",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "backup",
  .seeds = seeds,
  .words = words,
};

static const char domain_xml[] =
    "<domain><name>t</name><devices>"
    "<disk type='file'><source file='/a'/><target dev='vda'/></disk>"
    "<disk type='block'><source dev='/b'/><target dev='vdb'/></disk>"
    "<disk device='cdrom'><target dev='hda'/></disk></devices></domain>";

static void
check_round_trip (const VckcBackupDef *def)
{
  g_autofree char *text = vckc_backup_def_format (def);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcBackupDef) again = vckc_backup_def_parse (text, &error);
  g_autofree char *text_again = NULL;

  if (again == NULL)
    g_error ("what was written cannot be read: %s\n%s", vckc_error_get_message (error), text);
  text_again = vckc_backup_def_format (again);
  g_assert_cmpstr (text_again, ==, text);
}

static void
check_alignment (VckcBackupDef *def)
{
  g_autoptr (VckcDomainDef) domain = vckc_domain_def_parse (domain_xml, NULL);
  g_autoptr (VckcError) error = NULL;
  bool is_aligned = vckc_backup_def_align (def, domain, "c3", &error);

  g_assert_true (is_aligned == (error == NULL));
  check_round_trip (def);
  if (!is_aligned)
    return;
  g_assert_cmpuint (def->disks->len, ==, domain->disks->len);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcBackupDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_assert_true (!disk->backup || (disk->path != NULL && disk->format != NULL));
      g_assert_true (g_strcmp0 (disk->path, "/a") != 0 && g_strcmp0 (disk->path, "/b") != 0);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcBackupDef) def = vckc_backup_def_parse (text, &error);

  g_assert_true ((def == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_utf8_validate (vckc_error_get_message (error), -1, NULL));
  if (def != NULL || vckc_error_get_code (error) == VCKC_ERROR_XML_INVALID_SCHEMA)
    fuzz_check_explanation (text, vckc_xml_rules_domainbackup, def != NULL);
  if (def != NULL)
    {
      check_round_trip (def);
      check_alignment (def);
    }
  return 0;
}
