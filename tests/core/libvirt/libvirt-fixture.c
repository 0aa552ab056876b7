/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "libvirt-fixture.h"

char *
libvirt_fixture_describe_domain (const char *name, const char *uuid)
{
  return g_strdup_printf (
      "<domain type='test'><name>%s</name><uuid>%s</uuid><memory>1024</memory>"
      "<os><type>hvm</type></os><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='/d/a'/><target dev='vda'/></disk>"
      "<disk type='file'><driver type='qcow2'/><source file='/d/b'/><target dev='vdb'/></disk>"
      "</devices></domain>",
      name, uuid);
}

typedef struct
{
  const char *uuid;
  GMutex mutex;
  GCond received;
  bool gone; /* under the mutex */
} Marker;

static int
marker_cb (virConnectPtr conn, virDomainPtr domain, int event, int detail, void *opaque)
{
  Marker *self = opaque;
  char uuid[VIR_UUID_STRING_BUFLEN];

  virDomainGetUUIDString (domain, uuid);
  g_mutex_lock (&self->mutex);
  if (event == VIR_DOMAIN_EVENT_UNDEFINED && g_str_equal (uuid, self->uuid))
    self->gone = true;
  g_cond_broadcast (&self->received);
  g_mutex_unlock (&self->mutex);
  return 0;
}

static void
make_marker (LibvirtFixture *self, const char *uuid)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("marker", uuid);
  virDomainPtr marker = virDomainDefineXML (self->conn, xml);

  g_assert_nonnull (marker);
  g_assert_cmpint (virDomainUndefine (marker), ==, 0);
  virDomainFree (marker);
}

/* Events that libvirt has not sent yet also go to later subscribers: waits until they are sent,
 * with an event that comes after all others. */
static void
wait_until_sent (LibvirtFixture *self)
{
  g_autofree char *uuid = g_uuid_string_random ();
  Marker marker = { .uuid = uuid };
  int id;

  g_mutex_init (&marker.mutex);
  g_cond_init (&marker.received);
  id = virConnectDomainEventRegisterAny (self->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK (marker_cb), &marker, NULL);
  g_assert_cmpint (id, >=, 0);
  make_marker (self, uuid);
  g_mutex_lock (&marker.mutex);
  while (!marker.gone)
    g_cond_wait (&marker.received, &marker.mutex);
  g_mutex_unlock (&marker.mutex);
  g_assert_cmpint (virConnectDomainEventDeregisterAny (self->conn, id), ==, 0);
  g_cond_clear (&marker.received);
  g_mutex_clear (&marker.mutex);
}

void
libvirt_fixture_set_up (LibvirtFixture *self, gconstpointer unused)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("t", TEST_DOMAIN_UUID);

  self->connect = vckc_connect_open (TEST_DRIVER_URI, 0, NULL);
  g_assert_nonnull (self->connect);
  self->conn = virConnectOpen (TEST_DRIVER_URI);
  self->plain = virDomainDefineXML (self->conn, xml);
  g_assert_nonnull (self->plain);
  g_assert_cmpint (virDomainCreate (self->plain), ==, 0);
  wait_until_sent (self);
  self->domain = vckc_domain_lookup_by_name (self->connect, "t", NULL);
  g_assert_nonnull (self->domain);
}

/* libvirt may keep the host a little longer than the connections to it. */
void
libvirt_fixture_tear_down (LibvirtFixture *self, gconstpointer unused)
{
  virDomainDestroy (self->plain);
  virDomainUndefine (self->plain);
  virDomainFree (self->plain);
  virConnectClose (self->conn);
  vckc_domain_unref (self->domain, NULL);
  vckc_connect_unref (self->connect, NULL);
}

void
libvirt_fixture_make (LibvirtFixture *self,
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
libvirt_fixture_delete (LibvirtFixture *self, const char *name, unsigned int flags)
{
  virDomainCheckpointPtr checkpoint = virDomainCheckpointLookupByName (self->plain, name, 0);

  g_assert_nonnull (checkpoint);
  g_assert_cmpint (virDomainCheckpointDelete (checkpoint, flags), ==, 0);
  virDomainCheckpointFree (checkpoint);
}
