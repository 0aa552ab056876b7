/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "place.h"

#include <stdlib.h>
#include <string.h>

#include "../local/image-fixture.h"

#define MAX_MESSAGE 4096

static const char domain_xml[] =
    "<domain type='kvm'><name>t</name><uuid>" PLACE_UUID "</uuid><devices>"
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
place_open (Place *place)
{
  VckcError *error = NULL;

  place->connect = vckc_connect_open (place->uri, 0, &error);
  assert_fine (error);
  place->domain = vckc_domain_lookup_by_uuid (place->connect, PLACE_UUID, &place->error);
}

void
place_close (Place *place)
{
  g_clear_pointer (&place->error, vckc_error_free);
  g_clear_pointer (&place->domain, vckc_object_unref);
  g_clear_pointer (&place->connect, vckc_object_unref);
}

static void
define_machine (Place *place)
{
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  place_open (place);
  xml = g_strdup_printf (domain_xml, place->images[0], place->images[1]);
  place->domain = vckc_domain_define_xml (place->connect, xml, &error);
  assert_fine (error);
}

static void
start_memory (Place *place)
{
  place->images[0] = g_strdup ("/hostile/a.qcow2");
  place->images[1] = g_strdup ("/hostile/b.qcow2");
  place->uri = g_strdup ("memory:///hostile");
  define_machine (place);
}

static void
start_local (Place *place)
{
  place->folder = image_fixture_new ();
  place->images[0] = image_fixture_make_image (place->folder, "a.qcow2", NULL);
  place->images[1] = image_fixture_make_image (place->folder, "b.qcow2", NULL);
  place->uri = g_strdup_printf ("local://%s/domains", place->folder);
  define_machine (place);
}

static void
stop (Place *place)
{
  place_close (place);
  g_free (place->uri);
  g_free (place->images[0]);
  g_free (place->images[1]);
  if (place->folder != NULL)
    image_fixture_remove (place->folder);
}

typedef struct
{
  PlaceTest test;
  gconstpointer data;
  void (*start) (Place *place);
} Registered;

static void
run (gconstpointer data)
{
  const Registered *registered = data;
  Place place = { NULL };

  registered->start (&place);
  registered->test (&place, registered->data);
  stop (&place);
}

static void
add_test (const char *kind,
          const char *path,
          PlaceTest test,
          gconstpointer data,
          void (*start) (Place *place))
{
  g_autofree char *full = g_strdup_printf ("/vck/hostile/%s/%s", kind, path);
  Registered registered = { test, data, start };

  g_test_add_data_func_full (full, g_memdup2 (&registered, sizeof registered), run, g_free);
}

void
place_add_local_test (const char *path, PlaceTest test, gconstpointer data)
{
  add_test ("local", path, test, data, start_local);
}

void
place_add_test (const char *path, PlaceTest test, gconstpointer data)
{
  add_test ("memory", path, test, data, start_memory);
  place_add_local_test (path, test, data);
}

char *
place_checkpoint_xml (const char *name)
{
  return g_strdup_printf ("<domaincheckpoint><name>%s</name><creationTime>5</creationTime><disks>"
                          "<disk name='vda'/><disk name='vdb'/></disks></domaincheckpoint>",
                          name);
}

void
place_create (Place *place, const char *name)
{
  g_autofree char *xml = place_checkpoint_xml (name);
  VckcError *error = NULL;

  vckc_object_unref (vckc_domain_checkpoint_create_xml (place->domain, xml, 0, &error));
  assert_fine (error);
}

char *
place_list (VckcDomain *domain)
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
place_verify (VckcDomain *domain)
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
