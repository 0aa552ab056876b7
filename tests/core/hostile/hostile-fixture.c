/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "hostile-fixture.h"

#include <stdlib.h>
#include <string.h>

#include "../local/image-fixture.h"

#define MAX_MESSAGE 4096

static const char domain_xml[] =
    "<domain type='kvm'><name>t</name><uuid>" HOSTILE_UUID "</uuid><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='%s'/><target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='%s'/><target dev='vdb' bus='virtio'/></disk></devices></domain>";

static void
assert_fine (VckcError *error)
{
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
}

void
hostile_open (HostileFixture *fixture)
{
  VckcError *error = NULL;

  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_fine (error);
  fixture->domain = vckc_domain_lookup_by_uuid (fixture->connect, HOSTILE_UUID, &fixture->error);
}

void
hostile_close (HostileFixture *fixture)
{
  g_clear_pointer (&fixture->error, vckc_error_free);
  g_clear_pointer (&fixture->domain, vckc_object_unref);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
}

static void
define_machine (HostileFixture *fixture)
{
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  hostile_open (fixture);
  xml = g_strdup_printf (domain_xml, fixture->images[0], fixture->images[1]);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_fine (error);
}

static void
start_memory (HostileFixture *fixture)
{
  fixture->images[0] = g_strdup ("/hostile/a.qcow2");
  fixture->images[1] = g_strdup ("/hostile/b.qcow2");
  fixture->uri = g_strdup ("memory:///hostile");
  define_machine (fixture);
}

static void
start_local (HostileFixture *fixture)
{
  fixture->folder = image_fixture_new ();
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  fixture->uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  define_machine (fixture);
}

static void
stop (HostileFixture *fixture)
{
  hostile_close (fixture);
  g_free (fixture->uri);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  if (fixture->folder != NULL)
    image_fixture_remove (fixture->folder);
}

typedef struct
{
  HostileTest test;
  gconstpointer data;
  void (*start) (HostileFixture *fixture);
} Registered;

static void
run (gconstpointer data)
{
  const Registered *registered = data;
  HostileFixture fixture = { NULL };

  registered->start (&fixture);
  registered->test (&fixture, registered->data);
  stop (&fixture);
}

static void
add_test (const char *kind,
          const char *path,
          HostileTest test,
          gconstpointer data,
          void (*start) (HostileFixture *fixture))
{
  g_autofree char *full = g_strdup_printf ("/vck/hostile/%s/%s", kind, path);
  Registered registered = { test, data, start };

  g_test_add_data_func_full (full, g_memdup2 (&registered, sizeof registered), run, g_free);
}

void
hostile_add_local_test (const char *path, HostileTest test, gconstpointer data)
{
  add_test ("local", path, test, data, start_local);
}

void
hostile_add_test (const char *path, HostileTest test, gconstpointer data)
{
  add_test ("memory", path, test, data, start_memory);
  hostile_add_local_test (path, test, data);
}

char *
hostile_checkpoint_xml (const char *name)
{
  return g_strdup_printf ("<domaincheckpoint><name>%s</name><creationTime>5</creationTime><disks>"
                          "<disk name='vda'/><disk name='vdb'/></disks></domaincheckpoint>",
                          name);
}

void
hostile_create (HostileFixture *fixture, const char *name)
{
  g_autofree char *xml = hostile_checkpoint_xml (name);
  VckcError *error = NULL;

  vckc_object_unref (vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error));
  assert_fine (error);
}

char *
hostile_list (VckcDomain *domain)
{
  GString *names = g_string_new (NULL);
  VckcDomainCheckpoint **list = NULL;
  VckcError *error = NULL;
  int count =
      vckc_domain_list_all_checkpoints (domain, &list, VCKC_CHECKPOINT_LIST_TOPOLOGICAL, &error);

  assert_fine (error);
  for (int i = 0; i < count; i++)
    {
      g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
                              vckc_domain_checkpoint_get_name (list[i], NULL));
      vckc_object_unref (list[i]);
    }
  free (list);
  return g_string_free (names, FALSE);
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

char *
hostile_verify (VckcDomain *domain)
{
  GString *text = g_string_new (NULL);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int count = vckc_domain_verify_checkpoints (domain, &findings, &error);

  assert_fine (error);
  for (int i = 0; i < count; i++)
    {
      g_assert_true (g_utf8_validate (vckc_finding_get_message (findings[i], NULL), -1, NULL));
      g_string_append_printf (text, "%s%d:%s:%s", i > 0 ? " " : "",
                              (int) vckc_finding_get_kind (findings[i], NULL),
                              or_dash (vckc_finding_get_checkpoint (findings[i], NULL)),
                              or_dash (vckc_finding_get_disk (findings[i], NULL)));
      vckc_object_unref (findings[i]);
    }
  free (findings);
  return g_string_free (text, FALSE);
}

void
assert_refused (VckcError *error, VckcErrorCode code, VckcErrorCode other, const char *part)
{
  g_autoptr (VckcError) owned = error;
  const char *message;

  g_assert_nonnull (error);
  message = vckc_error_get_message (error);
  g_test_message ("%.200s", message);
  if (vckc_error_get_code (error) != other)
    g_assert_cmpint (vckc_error_get_code (error), ==, code);
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_cmpuint (strlen (message), <, MAX_MESSAGE);
  g_assert_null (strchr (message, '\n'));
  if (part != NULL && strstr (message, part) == NULL)
    g_error ("no '%s' in '%s'", part, message);
}
