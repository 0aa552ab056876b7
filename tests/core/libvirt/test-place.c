/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-place.h"

char *
place_describe_domain (const char *name, const char *uuid)
{
  return g_strdup_printf (
      "<domain type='test'><name>%s</name><uuid>%s</uuid><memory>1024</memory>"
      "<os><type>hvm</type></os><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='/d/a'/><target dev='vda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='/d/b'/><target dev='vdb'/></disk>"
      "</devices></domain>",
      name, uuid);
}

void
place_set_up (Place *self, gconstpointer unused)
{
  g_autofree char *xml = place_describe_domain ("t", PLACE_UUID);

  self->connect = vckc_connect_open (PLACE_URI, 0, NULL);
  g_assert_nonnull (self->connect);
  self->conn = virConnectOpen (PLACE_URI);
  self->plain = virDomainDefineXML (self->conn, xml);
  g_assert_nonnull (self->plain);
  g_assert_cmpint (virDomainCreate (self->plain), ==, 0);
  self->domain = vckc_domain_lookup_by_name (self->connect, "t", NULL);
  g_assert_nonnull (self->domain);
}

/* libvirt may keep the place a little longer than the connections to it. */
void
place_tear_down (Place *self, gconstpointer unused)
{
  virDomainDestroy (self->plain);
  virDomainUndefine (self->plain);
  virDomainFree (self->plain);
  virConnectClose (self->conn);
  vckc_domain_unref (self->domain, NULL);
  vckc_connect_unref (self->connect, NULL);
}

void
place_make (Place *self,
            const char *name,
            const char *parent,
            const char *description,
            gint64 creation_time)
{
  g_autofree char *parent_xml =
      parent != NULL ? g_strdup_printf ("<parent><name>%s</name></parent>", parent) : g_strdup ("");
  g_autofree char *xml = g_strdup_printf (
      "<domaincheckpoint><name>%s</name><description>%s</description>%s"
      "<creationTime>%" G_GINT64_FORMAT "</creationTime><disks><disk name='vda'/></disks>"
      "</domaincheckpoint>",
      name, description != NULL ? description : "", parent_xml, creation_time);
  virDomainCheckpointPtr checkpoint = virDomainCheckpointCreateXML (
      self->plain, xml, creation_time != 0 ? VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE : 0);

  g_assert_nonnull (checkpoint);
  virDomainCheckpointFree (checkpoint);
}

void
place_delete (Place *self, const char *name, unsigned int flags)
{
  virDomainCheckpointPtr checkpoint = virDomainCheckpointLookupByName (self->plain, name, 0);

  g_assert_nonnull (checkpoint);
  g_assert_cmpint (virDomainCheckpointDelete (checkpoint, flags), ==, 0);
  virDomainCheckpointFree (checkpoint);
}
