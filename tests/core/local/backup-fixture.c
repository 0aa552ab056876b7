/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup-fixture.h"

#include <stdlib.h>

#include "image-fixture.h"

static const char *const targets[] = { "vda", "vdb" };

void
backup_fixture_connect (BackupFixture *fixture)
{
  VckcError *error = NULL;

  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "vm", NULL);
}

void
backup_fixture_disconnect (BackupFixture *fixture)
{
  if (fixture->domain != NULL)
    vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = NULL;
  vckc_connect_unref (fixture->connect, NULL);
  fixture->connect = NULL;
}

void
backup_fixture_define (BackupFixture *fixture)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>vm</name><uuid>8a6e0f4e-0000-4000-8000-000000000001</uuid>"
      "<metadata><m:machine xmlns:m='urn:vck:domain:1' qmp='%s'/></metadata>"
      "<memory>1</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda'/></disk>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vdb'/></disk></devices></domain>",
      fixture->qmp, fixture->images[0], fixture->images[1]);
  VckcError *error = NULL;

  if (fixture->domain != NULL)
    vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

void
backup_fixture_set_up (BackupFixture *fixture, gconstpointer form)
{
  guint first = GPOINTER_TO_UINT (form);

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->qmp = g_build_filename (fixture->folder, "qmp", NULL);
  fixture->n_files = image_fixture_count_files ();
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      const BackupForm *made =
          first < n_backup_forms ? &backup_forms[(first + i) % n_backup_forms] : &backup_form_large;

      fixture->images[i] = backup_images_make (fixture->folder, targets[i], made);
      fixture->sizes[i] = made->size;
    }
  backup_fixture_connect (fixture);
  backup_fixture_define (fixture);
}

/* The thread that has reported the last event may close the connection, and end after the test. */
static void
await_files_closed (BackupFixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (image_fixture_count_files () != fixture->n_files)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}

void
backup_fixture_tear_down (BackupFixture *fixture, gconstpointer form)
{
  backup_fixture_disconnect (fixture);
  await_files_closed (fixture);
  image_fixture_assert_no_child ();
  for (guint i = 0; i < BACKUP_DISKS; i++)
    g_free (fixture->images[i]);
  g_free (fixture->uri);
  g_free (fixture->qmp);
  image_fixture_remove (fixture->folder);
}

char *
backup_fixture_get_file (BackupFixture *fixture, guint disk, const char *name)
{
  return g_strdup_printf ("%s/%s-%s.qcow2", fixture->folder, targets[disk], name);
}

bool
backup_fixture_has_file (BackupFixture *fixture, guint disk, const char *name)
{
  g_autofree char *file = backup_fixture_get_file (fixture, disk, name);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

bool
backup_fixture_try_begin (BackupFixture *fixture,
                          const char *name,
                          const char *base,
                          unsigned int flags,
                          VckcError **err)
{
  g_autofree char *checkpoint =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  g_autoptr (GString) xml = g_string_new ("<domainbackup>");

  if (base != NULL)
    g_string_append_printf (xml, "<incremental>%s</incremental>", base);
  g_string_append (xml, "<disks>");
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *file = backup_fixture_get_file (fixture, i, name);

      g_string_append_printf (xml,
                              "<disk name='%s' type='file'><target file='%s'/>"
                              "<driver type='qcow2'/></disk>",
                              targets[i], file);
    }
  g_string_append (xml, "</disks></domainbackup>");
  return vckc_domain_backup_begin (fixture->domain, xml->str, checkpoint, flags, err) == 0;
}

void
backup_fixture_begin (BackupFixture *fixture, const char *name, const char *base)
{
  VckcError *error = NULL;
  bool begun = backup_fixture_try_begin (fixture, name, base, 0, &error);

  assert_ok (begun, error);
}

void
backup_fixture_make_files (BackupFixture *fixture, const char *name, const char *base)
{
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *file = backup_fixture_get_file (fixture, i, name);
      g_autofree char *below = base != NULL ? backup_fixture_get_file (fixture, i, base) : NULL;
      g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, fixture->sizes[i]);
      const char *const full[] = { "qemu-img", "create", "-q", "-f", "qcow2", file, size, NULL };
      const char *const based[] = { "qemu-img", "create", "-q",  "-f", "qcow2", "-F",
                                    "qcow2",    "-b",     below, file, size,    NULL };

      g_free (image_fixture_run (base != NULL ? based : full));
    }
}

char *
backup_fixture_wait (BackupFixture *fixture, VckcJobState state)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (fixture->domain, &error);
  char *why;

  assert_ok (info != NULL, error);
  why = g_strdup (vckc_job_info_get_error (info, NULL));
  if (vckc_job_info_get_state (info, NULL) != state && why != NULL)
    g_test_message ("%s", why);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, state);
  vckc_job_info_unref (info, NULL);
  return why;
}

void
backup_fixture_back_up (BackupFixture *fixture, const char *name, const char *base)
{
  VckcError *error = NULL;
  bool begun;

  backup_fixture_make_files (fixture, name, base);
  begun = backup_fixture_try_begin (fixture, name, base, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, &error);
  assert_ok (begun, error);
  g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_DONE));
}

char *
backup_fixture_list (BackupFixture *fixture)
{
  VckcDomainCheckpoint **checkpoints = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_list_all_checkpoints (fixture->domain, &checkpoints,
                                            VCKC_CHECKPOINT_LIST_TOPOLOGICAL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                              vckc_domain_checkpoint_get_name (checkpoints[i], NULL));
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  free (checkpoints);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
backup_fixture_assert_list (BackupFixture *fixture, const char *expected)
{
  g_autofree char *found = backup_fixture_list (fixture);

  g_assert_cmpstr (found, ==, expected);
}
