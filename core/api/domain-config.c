/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of domains: from XML, to XML, and defined. */

#include "vckc-domain-config.h"

#include "api/entry.h"
#include "model/domain-def.h"
#include "xml/xml-format.h"

/* Is there something written to it that is kept, where a configuration can say? */
static bool
domain_config_has_disk (const VckcDomainDiskDef *disk)
{
  return disk->source != NULL && !disk->read_only && !disk->transient;
}

static VckcDomainConfig *
domain_config_from_def (const VckcDomainDef *def)
{
  VckcDomainConfig *config = g_new0 (VckcDomainConfig, 1);

  config->name = g_strdup (def->name);
  config->uuid = g_strdup (def->uuid);
  config->qmp_socket = g_strdup (def->qmp_socket);
  config->agent_socket = g_strdup (def->agent_socket);
  config->disks = g_new0 (VckcDomainDiskConfig, def->disks->len);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);
      VckcDomainDiskConfig *copy = &config->disks[config->n_disks];

      if (!domain_config_has_disk (disk))
        continue;
      copy->target = g_strdup (disk->target);
      copy->source = g_strdup (disk->source);
      copy->format = g_strdup (disk->format);
      config->n_disks++;
    }
  return config;
}

VckcDomainConfig *
vckc_domain_config_parse (const char *xml_desc, VckcError **err)
{
  g_autoptr (VckcDomainDef) def = NULL;

  VCKC_TRACE ("xml_desc=%s", VCKC_TRACE_TEXT (xml_desc));

  if (!vckc_check_not_null (xml_desc, "xml_desc", err))
    return NULL;
  def = vckc_domain_def_parse (xml_desc, err);
  return def != NULL ? domain_config_from_def (def) : NULL;
}

static void
domain_config_append_sockets (GString *xml, const VckcDomainConfig *config)
{
  if (config->qmp_socket == NULL && config->agent_socket == NULL)
    return;
  g_string_append (xml, "  <metadata>\n    <vck:machine xmlns:vck='" VCKC_DOMAIN_NAMESPACE "'");
  if (config->qmp_socket != NULL)
    vckc_xml_append_attribute (xml, "qmp", config->qmp_socket);
  if (config->agent_socket != NULL)
    vckc_xml_append_attribute (xml, "agent", config->agent_socket);
  g_string_append (xml, "/>\n  </metadata>\n");
}

/* A target that is missing becomes an empty attribute, which the grammar refuses. */
static void
domain_config_append_disk (GString *xml, const VckcDomainDiskConfig *disk)
{
  const bool is_block =
      g_str_has_prefix (disk->source, "/dev/") && !g_str_has_prefix (disk->source, "/dev/shm/");

  g_string_append_printf (xml, "    <disk type='%s' device='disk'>\n      <driver name='qemu'",
                          is_block ? "block" : "file");
  vckc_xml_append_attribute (xml, "type", disk->format != NULL ? disk->format : "qcow2");
  g_string_append (xml, "/>\n      <source");
  vckc_xml_append_attribute (xml, is_block ? "dev" : "file", disk->source);
  g_string_append (xml, "/>\n      <target");
  vckc_xml_append_attribute (xml, "dev", disk->target != NULL ? disk->target : "");
  g_string_append (xml, "/>\n    </disk>\n");
}

static char *
domain_config_write (const VckcDomainConfig *config)
{
  GString *xml = g_string_new ("<domain>\n");

  vckc_xml_append_element (xml, 1, "name", config->name != NULL ? config->name : "");
  if (config->uuid != NULL)
    vckc_xml_append_element (xml, 1, "uuid", config->uuid);
  domain_config_append_sockets (xml, config);
  if (config->n_disks > 0)
    g_string_append (xml, "  <devices>\n");
  for (guint i = 0; i < config->n_disks; i++)
    domain_config_append_disk (xml, &config->disks[i]);
  if (config->n_disks > 0)
    g_string_append (xml, "  </devices>\n");
  g_string_append (xml, "</domain>\n");
  return g_string_free (xml, FALSE);
}

/* In a document, a disk without a path is a drive that is empty. */
static bool
domain_config_check (const VckcDomainConfig *config, VckcError **err)
{
  if (!vckc_check_not_null (config, "config", err)
      || (config->n_disks > 0 && !vckc_check_not_null (config->disks, "config->disks", err)))
    return false;
  for (guint i = 0; i < config->n_disks; i++)
    {
      const VckcDomainDiskConfig *disk = &config->disks[i];

      if (disk->source != NULL && g_path_is_absolute (disk->source))
        continue;
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "the source of disk %u of domain '%s' must be the path of an image and start "
                      "with '/', and is '%s'",
                      i + 1, config->name != NULL ? config->name : "",
                      disk->source != NULL ? disk->source : "");
      return false;
    }
  return true;
}

char *
vckc_domain_config_format (const VckcDomainConfig *config, VckcError **err)
{
  g_autoptr (VckcDomainDef) parsed = NULL;
  g_autofree char *xml = NULL;

  VCKC_TRACE ("config=%p", (const void *) config);

  if (!domain_config_check (config, err))
    return NULL;
  xml = domain_config_write (config);
  parsed = vckc_domain_def_parse (xml, err);
  return parsed != NULL ? g_steal_pointer (&xml) : NULL;
}

void
vckc_domain_config_free (VckcDomainConfig *config)
{
  if (config == NULL)
    return;
  for (guint i = 0; i < config->n_disks; i++)
    {
      g_free (config->disks[i].target);
      g_free (config->disks[i].source);
      g_free (config->disks[i].format);
    }
  g_free (config->disks);
  g_free (config->name);
  g_free (config->uuid);
  g_free (config->qmp_socket);
  g_free (config->agent_socket);
  g_free (config);
}

VckcDomain *
vckc_domain_define (VckcConnect *connect, const VckcDomainConfig *config, VckcError **err)
{
  g_autofree char *xml = NULL;

  VCKC_TRACE ("connect=%p config=%p", (void *) connect, (const void *) config);

  if (!vckc_check_handle (connect, &vckc_connect_class, err) || !domain_config_check (config, err)
      || !vckc_check_writable (connect, "define domains", err))
    return NULL;
  xml = domain_config_write (config);
  return vckc_domain_define_xml (connect, xml, err);
}
