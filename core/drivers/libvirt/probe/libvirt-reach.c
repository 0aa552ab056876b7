/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-reach.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xml/xml-node.h"

char *
vckc_libvirt_find_host (VckcDomain *domain)
{
  g_autofree char *uri = virConnectGetURI (vckc_libvirt_get_connection (domain->connect)->conn);
  const char *authority = uri != NULL ? strstr (uri, "://") : NULL;
  char *host = NULL;

  if (authority == NULL || authority[3] == '/' || authority[3] == '\0')
    return NULL;
  /* What cannot be read as a host is one all the same. */
  if (!g_uri_split_network (uri, G_URI_FLAGS_NON_DNS, NULL, &host, NULL, NULL) || host == NULL)
    return g_strdup (authority + 3);
  return host;
}

/* The user in the label of a running domain, such as "+64055:+108"; -1 if there is none. */
static gint64
libvirt_reach_find_label (const VckcDomainDef *def)
{
  const xmlNode *node = vckc_xml_child (xmlDocGetRootElement (def->doc), "seclabel");

  for (; node != NULL; node = vckc_xml_next (node, "seclabel"))
    {
      const xmlNode *child = vckc_xml_child (node, "label");
      g_autofree char *model = vckc_xml_attribute (node, "model");
      g_autofree char *label = child != NULL ? vckc_xml_text (child) : NULL;

      if (g_strcmp0 (model, "dac") == 0 && label != NULL && label[0] == '+'
          && g_ascii_isdigit (label[1]))
        return (gint64) g_ascii_strtoull (label + 1, NULL, 10);
    }
  return -1;
}

/* The owner of an image that QEMU writes to; -1 if it is none, or not known. */
static gint64
libvirt_reach_find_owner (const VckcDomainDiskDef *disk)
{
  struct stat status;

  return disk != NULL && disk->source != NULL && !disk->is_block && !disk->read_only
                 && stat (disk->source, &status) == 0
             ? (gint64) status.st_uid
             : -1;
}

gint64
vckc_libvirt_find_user (const VckcDomainDef *def, const char *target)
{
  gint64 user = libvirt_reach_find_label (def);

  if (user >= 0 || geteuid () != 0)
    return user;
  if (target != NULL)
    user = libvirt_reach_find_owner (vckc_domain_def_find_disk (def, target));
  for (guint i = 0; user < 0 && i < def->disks->len; i++)
    user = libvirt_reach_find_owner (g_ptr_array_index (def->disks, i));
  return user;
}

bool
vckc_libvirt_share_folder (VckcDomain *domain,
                           VckcPrivateFolder *folder,
                           gint64 user,
                           const char *what,
                           VckcError **err)
{
  if (user < 0 || user == (gint64) geteuid ())
    return true;
  if (geteuid () == 0)
    return vckc_private_folder_give_to (folder, (guint) user, err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "%s: the QEMU of domain '%s' runs as the user %u, and shares no folder with this "
                  "one; run this program as root",
                  what, domain->name, (guint) user);
  return false;
}
