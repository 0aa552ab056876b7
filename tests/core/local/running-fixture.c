/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "running-fixture.h"

#include <stdlib.h>

#include "drivers/local/images/local-backend.h"
#include "image-fixture.h"
#include "managed/engine.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000002"

VckcDomain *
running_define_from_disk (RunningFixture *fixture, const char *metadata, guint first)
{
  static const char *const targets[] = { "vda", "vdb" };
  GString *xml = g_string_new ("<domain><name>vm</name><uuid>" UUID "</uuid>");
  VckcError *error = NULL;
  VckcDomain *domain;

  g_string_append_printf (xml, "<metadata>%s</metadata><devices>", metadata);
  for (guint i = first; i < G_N_ELEMENTS (targets); i++)
    g_string_append_printf (xml,
                            "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                            "<target dev='%s'/></disk>",
                            fixture->images[i], targets[i]);
  g_string_append (xml, "</devices></domain>");
  domain = vckc_domain_define_xml (fixture->connect, xml->str, &error);
  g_string_free (xml, TRUE);
  assert_ok (domain != NULL, error);
  return domain;
}

VckcDomain *
running_define (RunningFixture *fixture, const char *metadata)
{
  return running_define_from_disk (fixture, metadata, 0);
}

char *
running_make_metadata (RunningFixture *fixture)
{
  return g_strdup_printf ("<m:machine xmlns:m='urn:vck:domain:1' qmp='%s'/>", fixture->qmp);
}

static MachineFixture *
make_machine (RunningFixture *fixture)
{
  g_autofree char *a = g_strdup_printf ("file=%s,if=none,id=a,format=qcow2", fixture->images[0]);
  g_autofree char *b = g_strdup_printf (
      "driver=qcow2,node-name=b,file.driver=file,file.filename=%s", fixture->images[1]);
  const char *const arguments[] = { "-drive", a, "-blockdev", b, NULL };

  return machine_fixture_new (fixture->qmp, arguments);
}

void
running_set_timeout (RunningFixture *fixture, guint timeout)
{
  vckc_local_backend_set_timeouts (vckc_engine_get_backend (fixture->connect->driver_data), timeout,
                                   timeout);
}

void
running_set_up (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = NULL;
  g_autofree char *metadata = NULL;
  VckcError *error = NULL;

  fixture->forbidden_state = -1;
  fixture->folder = image_fixture_new ();
  fixture->qmp = g_build_filename (fixture->folder, "qmp", NULL);
  fixture->agent = g_build_filename (fixture->folder, "qga", NULL);
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  vckc_mutex_init (&fixture->mutex);
  vckc_cond_init (&fixture->changed);
  fixture->n_files = image_fixture_count_files ();

  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  running_set_timeout (fixture, 60 * 1000);
  metadata = g_strdup_printf ("<m:machine xmlns:m='urn:vck:domain:1' qmp='%s'%s%s%s/>",
                              fixture->qmp, data != NULL ? "" : " agent='",
                              data != NULL ? "" : fixture->agent, data != NULL ? "" : "'");
  fixture->domain = running_define (fixture, metadata);
  fixture->machine = make_machine (fixture);
}

/* The thread that has reported the last event may close the connection, and end after the test. */
static void
await_files_closed (RunningFixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (image_fixture_count_files () != fixture->n_files)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_thread_yield ();
    }
}

void
running_tear_down (RunningFixture *fixture, gconstpointer data)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  machine_fixture_free (fixture->machine);
  await_files_closed (fixture);
  image_fixture_assert_no_child ();
  vckc_cond_clear (&fixture->changed);
  vckc_mutex_clear (&fixture->mutex);
  g_free (fixture->qmp);
  g_free (fixture->agent);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_remove (fixture->folder);
}

/* `disks`: the elements of those that the checkpoint is of; "" for all. */
static bool
try_create_of_disks (RunningFixture *fixture,
                     const char *name,
                     const char *disks,
                     unsigned int flags,
                     VckcError **err)
{
  g_autofree char *xml = g_strdup_printf (
      *disks != '\0' ? "<domaincheckpoint><name>%s</name><disks>%s</disks></domaincheckpoint>"
                     : "<domaincheckpoint><name>%s</name>%s</domaincheckpoint>",
      name, disks);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, err);

  return checkpoint != NULL;
}

bool
running_try_create (RunningFixture *fixture, const char *name, unsigned int flags, VckcError **err)
{
  return try_create_of_disks (fixture, name, "", flags, err);
}

void
running_create_of_disks (RunningFixture *fixture, const char *name, const char *disks)
{
  VckcError *error = NULL;

  assert_ok (try_create_of_disks (fixture, name, disks, 0, &error), error);
}

void
running_create (RunningFixture *fixture, const char *name)
{
  running_create_of_disks (fixture, name, "");
}

bool
running_try_delete (RunningFixture *fixture, const char *name, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, err);

  return checkpoint != NULL && vckc_domain_checkpoint_delete (checkpoint, 0, err) == 0;
}

void
running_assert_findings (RunningFixture *fixture, const char *expected)
{
  g_autoptr (GString) kinds = g_string_new (NULL);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      g_string_append_printf (kinds, "%s%d", i > 0 ? " " : "",
                              (int) vckc_finding_get_kind (findings[i], NULL));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  g_assert_cmpstr (kinds->str, ==, expected);
}

gint64
running_get_size (RunningFixture *fixture, const char *name)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);
  VckcDomainCheckpointDisk **disks = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_checkpoint_list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, &error);
  gint64 size = 0;

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      size += MAX (0, vckc_domain_checkpoint_disk_get_size (disks[i], NULL));
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
  return size;
}

int
running_count (RunningFixture *fixture)
{
  return vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL);
}

int
running_get_state (RunningFixture *fixture)
{
  VckcDomainState state = VCKC_DOMAIN_STATE_NOSTATE;
  VckcError *error = NULL;

  assert_ok (vckc_domain_get_state (fixture->domain, &state, &error) == 0, error);
  return state;
}

void
running_start_with (RunningFixture *fixture, const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; arguments[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (arguments[i], "@", -1);
      g_autofree char *argument = g_strjoinv (fixture->folder, parts);

      g_strv_builder_add (builder, argument);
    }
  g_auto (GStrv) all = g_strv_builder_end (builder);
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  fixture->machine = machine_fixture_new (fixture->qmp, (const char *const *) all);
  machine_fixture_start (fixture->machine);
}

char *
running_make_nodes (RunningFixture *fixture, bool with_bitmaps)
{
  static const char bitmap[] =
      "\"dirty-bitmaps\": [{\"name\": \"a\", \"granularity\": 65536, \"count\": 0, "
      "\"recording\": true, \"persistent\": true, \"busy\": false}], ";
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < 2; i++)
    g_string_append_printf (text,
                            "%s{\"node-name\": \"n%u\", \"drv\": \"qcow2\", %s\"image\": "
                            "{\"filename\": \"%s\", \"virtual-size\": 67108864}}",
                            i > 0 ? ", " : "", i, with_bitmaps ? bitmap : "", fixture->images[i]);
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}
