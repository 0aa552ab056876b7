/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the crash test runs in a process of its own: crash-actor FOLDER COMMAND, where COMMAND
 * is "prepare", "prepare-broken", "check", or the name of an operation. Ends with 0 if
 * it was done, 1 if it failed in order, with the error on stderr.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handles/handles.h"
#include "handles/job-info.h"
#include "qemu/qmp-block.h"
#include "qemu/storage-daemon.h"
#include "vckc.h"

#define UUID "0b2c4f0e-64c5-4e9c-9d3e-000000000001"

typedef struct
{
  const char *folder;
  VckcConnect *connect;
  VckcDomain *domain;
  VckcError *error;
} Actor;

static bool
actor_open (Actor *self)
{
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", self->folder);

  self->connect = vckc_connect_open (uri, 0, &self->error);
  if (self->connect == NULL)
    return false;
  self->domain = vckc_domain_lookup_by_name (self->connect, "t", &self->error);
  return self->domain != NULL;
}

static void
actor_close (Actor *self)
{
  g_clear_pointer (&self->domain, vckc_object_unref);
  g_clear_pointer (&self->connect, vckc_object_unref);
  g_clear_pointer (&self->error, vckc_error_free);
}

static bool
create (Actor *self, const char *xml, unsigned int flags)
{
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_create_xml (self->domain, xml, flags, &self->error);

  if (checkpoint != NULL)
    vckc_object_unref (checkpoint);
  return checkpoint != NULL;
}

static bool delete (Actor *self, const char *name, unsigned int flags)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (self->domain, name, 0, &self->error);

  return checkpoint != NULL && vckc_domain_checkpoint_delete (checkpoint, flags, &self->error) == 0;
}

#define NAMED(name) "<domaincheckpoint><name>" name "</name></domaincheckpoint>"

static bool
run_create (Actor *self)
{
  return create (self,
                 "<domaincheckpoint><name>d</name><disks><disk name='vda'/>"
                 "<disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>",
                 0);
}

static bool
run_create_on_two (Actor *self)
{
  return create (self, NAMED ("d"), 0);
}

static bool
run_delete (Actor *self)
{
  return delete (self, "b", 0);
}

static bool
run_delete_children (Actor *self)
{
  return delete (self, "b", VCKC_CHECKPOINT_DELETE_CHILDREN);
}

static bool
run_delete_children_only (Actor *self)
{
  return delete (self, "a", VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY);
}

static bool
run_delete_metadata (Actor *self)
{
  return delete (self, "b", VCKC_CHECKPOINT_DELETE_METADATA_ONLY);
}

static bool
run_redefine_new (Actor *self)
{
  return create (self,
                 "<domaincheckpoint><name>r</name><parent><name>c</name></parent>"
                 "<creationTime>7</creationTime><disks><disk name='vda' bitmap='a'/></disks>"
                 "</domaincheckpoint>",
                 VCKC_CHECKPOINT_CREATE_REDEFINE);
}

static bool
run_redefine_known (Actor *self)
{
  return create (self,
                 "<domaincheckpoint><name>b</name><description>new</description>"
                 "<creationTime>7</creationTime></domaincheckpoint>",
                 VCKC_CHECKPOINT_CREATE_REDEFINE);
}

static bool
run_repair (Actor *self)
{
  VckcFinding **findings = NULL;
  int n = vckc_domain_repair_checkpoints (self->domain, &findings, 0, &self->error);

  for (int i = 0; i < n; i++)
    vckc_object_unref (findings[i]);
  g_free (findings);
  return n >= 0;
}

/* A full backup of both disks to its end, with a checkpoint. */
static bool
run_backup (Actor *self)
{
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup><disks><disk name='vda' type='file'><target file='%s/vda.backup'/></disk>"
      "<disk name='vdb' type='file'><target file='%s/vdb.backup'/></disk></disks></domainbackup>",
      self->folder, self->folder);
  g_autoptr (VckcJobInfo) info = NULL;

  if (vckc_domain_backup_begin (self->domain, xml, NAMED ("d"), 0, &self->error) < 0)
    return false;
  info = vckc_domain_wait_job (self->domain, &self->error);
  if (info == NULL || info->state == VCKC_JOB_STATE_DONE)
    return info != NULL;
  vckc_set_error (&self->error, VCKC_ERROR_OPERATION_FAILED, "%s", info->error);
  return false;
}

/* Takes back what was left of a backup, and drops its result. */
static bool
end_backup (Actor *self)
{
  g_autoptr (VckcJobInfo) info = NULL;

  if (vckc_domain_recover_backup (self->domain, &self->error) < 0)
    return false;
  info = vckc_domain_get_job_info (self->domain, VCKC_JOB_INFO_COMPLETED, NULL);
  return true;
}

/* Runs a program: arguments up to NULL. */
static bool run (const char *program, ...) G_GNUC_NULL_TERMINATED;

static bool
run (const char *program, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  int status = -1;
  va_list args;

  va_start (args, program);
  for (const char *argument = program; argument != NULL; argument = va_arg (args, const char *))
    g_ptr_array_add (arguments, (gpointer) argument);
  va_end (args);
  g_ptr_array_add (arguments, NULL);
  g_spawn_sync (NULL, (char **) arguments->pdata, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                NULL, NULL, NULL, &status, NULL);
  return status == 0;
}

static const char *const disks[] = { "vda", "vdb" };

static char *
get_image (Actor *self, const char *disk)
{
  return g_strdup_printf ("%s/%s.qcow2", self->folder, disk);
}

static bool
write_disk (Actor *self, const char *disk, guint64 at)
{
  g_autofree char *command = g_strdup_printf ("write %" G_GUINT64_FORMAT " 65536", at);
  g_autofree char *image = get_image (self, disk);

  return run ("qemu-io", "-f", "qcow2", "-c", command, image, NULL);
}

/* Makes the images, and a domain with them as disks. */
static bool
define (Actor *self)
{
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", self->folder);
  GString *xml = g_string_new ("<domain><name>t</name><uuid>" UUID "</uuid><devices>");
  g_autofree char *text = NULL;
  bool made = true;

  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    {
      g_autofree char *image = get_image (self, disks[i]);

      made = made
             && run ("qemu-img", "create", "-f", "qcow2", "-o", "cluster_size=4096", image, "8M",
                     NULL);
      g_string_append_printf (xml,
                              "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                              "<target dev='%s'/></disk>",
                              image, disks[i]);
    }
  text = g_string_free (g_string_append (xml, "</devices></domain>"), FALSE);
  self->connect = vckc_connect_open (uri, 0, &self->error);
  if (self->connect != NULL)
    self->domain = vckc_domain_define_xml (self->connect, text, &self->error);
  return made && self->domain != NULL;
}

/* Checkpoints a, b and c in a row, with something written after each, and a bitmap of another
 * program: a loss shows. */
static bool
prepare (Actor *self)
{
  static const char *const documents[] = { NAMED ("a"), NAMED ("b"), NAMED ("c") };
  g_autofree char *vda = get_image (self, "vda");

  if (!define (self) || !run ("qemu-img", "bitmap", "--add", vda, "foreign", NULL))
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    if (!create (self, documents[i], 0) || !write_disk (self, "vda", i * 65536)
        || !write_disk (self, "vdb", i * 131072))
      return false;
  return true;
}

/* The same with what repairing puts right: a bitmap is missing, all on the other disk are
 * inconsistent, and one is left of a forgotten checkpoint. The last one is good. */
static bool
prepare_broken (Actor *self)
{
  g_autofree char *vda = get_image (self, "vda");
  g_autofree char *vdb = get_image (self, "vdb");

  if (!prepare (self) || !delete (self, "c", VCKC_CHECKPOINT_DELETE_METADATA_ONLY)
      || !run ("qemu-img", "bitmap", "--remove", vda, "b", NULL))
    return false;
  run ("qemu-io", "-f", "qcow2", "-c", "abort", vdb, NULL);
  return create (self, NAMED ("e"), 0);
}

static bool
show_document (Actor *self)
{
  g_autofree char *document = vckc_domain_export_checkpoints (self->domain, &self->error);

  if (document != NULL)
    puts (document);
  return document != NULL;
}

static bool
show_findings (Actor *self)
{
  VckcFinding **findings = NULL;
  int n = vckc_domain_verify_checkpoints (self->domain, &findings, &self->error);

  for (int i = 0; i < n; i++)
    {
      printf ("finding: %s\n", vckc_finding_get_message (findings[i], NULL));
      vckc_object_unref (findings[i]);
    }
  g_free (findings);
  return n >= 0;
}

static gint
compare_bitmaps (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const VckcBlockBitmap *const *) a)->name,
                 (*(const VckcBlockBitmap *const *) b)->name);
}

static void
show_disk (const char *target, GPtrArray *bitmaps)
{
  g_ptr_array_sort (bitmaps, compare_bitmaps);
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      printf ("bitmap: %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "%s%s%s\n", target,
              bitmap->name, bitmap->granularity, bitmap->dirty,
              bitmap->recording ? " recording" : "", bitmap->persistent ? " persistent" : "",
              bitmap->inconsistent ? " inconsistent" : "");
    }
}

/* All bitmaps as QEMU sees them. */
static bool
show_bitmaps (Actor *self)
{
  g_autoptr (VckcStorageDaemon) daemon = vckc_storage_daemon_start (NULL, NULL, 0, &self->error);
  g_autofree char *vda = get_image (self, "vda");
  g_autofree char *vdb = get_image (self, "vdb");
  const VckcQmpDisk nodes[] = { { .node = "n0", .target = "vda", .path = vda },
                                { .node = "n1", .target = "vdb", .path = vdb } };
  VckcQmpClient *qmp = daemon != NULL ? vckc_storage_daemon_get_qmp (daemon) : NULL;
  g_autoptr (GPtrArray) lists = NULL;

  if (qmp == NULL || !vckc_qmp_block_open (qmp, nodes, 2, true, &self->error))
    return false;
  lists = vckc_qmp_block_list (qmp, nodes, 2, &self->error);
  for (guint i = 0; lists != NULL && i < 2; i++)
    show_disk (disks[i], g_ptr_array_index (lists, i));
  return lists != NULL;
}

/* Verifying first: it waits for a daemon that still has the domain, and completes what was
 * interrupted; a document shows what is stored, even if another process has the domain. */
static bool
check (Actor *self)
{
  return end_backup (self) && show_findings (self) && show_document (self) && show_bitmaps (self);
}

typedef struct
{
  const char *name;
  bool (*run) (Actor *self);
  bool is_new;
} Command;

static const Command commands[] = {
  { "prepare", prepare, true },
  { "prepare-broken", prepare_broken, true },
  { "check", check, false },
  { "backup", run_backup, false },
  { "create", run_create, false },
  { "create-on-two", run_create_on_two, false },
  { "delete", run_delete, false },
  { "delete-children", run_delete_children, false },
  { "delete-children-only", run_delete_children_only, false },
  { "delete-metadata", run_delete_metadata, false },
  { "redefine-new", run_redefine_new, false },
  { "redefine-known", run_redefine_known, false },
  { "repair", run_repair, false },
};

int
main (int argc, char **argv)
{
  Actor actor = { .folder = argc == 3 ? argv[1] : NULL };
  bool done = false;

  for (gsize i = 0; argc == 3 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, argv[2]))
      done = (commands[i].is_new || actor_open (&actor)) && commands[i].run (&actor);
  if (!done)
    fprintf (stderr, "%s\n",
             actor.error != NULL ? vckc_error_get_message (actor.error) : "wrong arguments");
  actor_close (&actor);
  return done ? 0 : 1;
}
