/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "contract.h"

#include <stdlib.h>
#include <string.h>

/* Two disks that can be tracked, one that cannot, one that is read-only, two with the same
 * image, and an empty drive. */
static const char domain_xml[] =
    "<domain type='@TYPE@'><name>t</name><uuid>@UUID@</uuid>@METADATA@"
    "<memory unit='MiB'>64</memory><os><type>hvm</type></os>"
    "<devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='@DIR@/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='@DIR@/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
    "<source file='@DIR@/c.raw'/><target dev='vdc' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='@DIR@/d.qcow2'/><target dev='vdd' bus='virtio'/><readonly/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
    "<source file='@DIR@/dup.raw'/><target dev='vde' bus='virtio'/><shareable/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
    "<source file='@DIR@/dup.raw'/><target dev='vdf' bus='virtio'/><shareable/></disk>"
    "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>"
    "<graphics type='vnc' passwd='secret'><listen type='none'/></graphics>"
    "<video><model type='none'/></video><memballoon model='none'/>"
    "<controller type='usb' model='none'/>"
    "</devices></domain>";

static char *
replace (char *text /* (transfer full) */, const char *what, const char *with)
{
  g_auto (GStrv) parts = g_strsplit (text, what, -1);

  g_free (text);
  return g_strjoinv (with, parts);
}

char *
fixture_expand (const Fixture *fixture, const char *xml)
{
  char *text = g_strdup (xml);

  if (strstr (text, "@DOMAIN@") != NULL)
    {
      char *domain = vckc_domain_get_xml_desc (fixture->domain, 0, NULL);

      text = replace (text, "@DOMAIN@", domain);
      free (domain);
    }
  text = replace (text, "@METADATA@",
                  fixture->target.metadata != NULL ? fixture->target.metadata : "");
  text = replace (text, "@DIR@", fixture->target.dir);
  text = replace (text, "@TYPE@", fixture->target.type != NULL ? fixture->target.type : "kvm");
  return replace (text, "@UUID@", DOMAIN_UUID);
}

static void
assert_no_error (const VckcError *error)
{
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
}

void
fixture_start (Fixture *fixture, const Target *target)
{
  g_autofree char *xml = NULL;
  g_autoptr (VckcError) error = NULL;

  fixture->target = *target;
  fixture->target.start (&fixture->target);
  fixture->connect = vckc_connect_open (fixture->target.uri, 0, &error);
  assert_no_error (error);
  fixture->target.connect = fixture->connect;
  xml = fixture_expand (fixture, domain_xml);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_no_error (error);
  if (fixture->target.power_on != NULL)
    fixture->target.power_on (&fixture->target);
  fixture->read_only = vckc_connect_open (fixture->target.uri, VCKC_CONNECTION_READ_ONLY, &error);
  assert_no_error (error);
}

void
fixture_stop (Fixture *fixture)
{
  g_assert_cmpint (vckc_domain_unref (fixture->domain, NULL), ==, 0);
  g_assert_cmpint (vckc_connect_unref (fixture->read_only, NULL), ==, 0);
  g_assert_cmpint (vckc_connect_unref (fixture->connect, NULL), ==, 0);
  fixture->target.stop (&fixture->target);
  g_clear_pointer (&fixture->target.uri, g_free);
  g_clear_pointer (&fixture->target.dir, g_free);
}

void
fixture_power_off (Fixture *fixture)
{
  if (fixture->target.power_off != NULL)
    fixture->target.power_off (&fixture->target);
}

bool
fixture_is_running (const Fixture *fixture)
{
  VckcDomainState state = VCKC_DOMAIN_STATE_NOSTATE;

  g_assert_cmpint (vckc_domain_get_state (fixture->domain, &state, NULL), ==, 0);
  return state == VCKC_DOMAIN_STATE_RUNNING || state == VCKC_DOMAIN_STATE_PAUSED;
}

char *
fixture_path (const Fixture *fixture, const char *disk)
{
  VckcDomainDisk **disks;
  char *path = NULL;

  g_assert_cmpint (vckc_domain_list_disks (fixture->domain, &disks, NULL), >, 0);
  for (guint i = 0; disks[i] != NULL; i++)
    {
      if (g_str_equal (vckc_domain_disk_get_target (disks[i], NULL), disk))
        path = g_strdup (vckc_domain_disk_get_source (disks[i], NULL));
      vckc_domain_disk_unref (disks[i], NULL);
    }
  free (disks);
  g_assert_nonnull (path);
  return path;
}

GBytes *
fixture_read_image (const Fixture *fixture, const char *disk)
{
  g_autofree char *path = fixture_path (fixture, disk);
  char *content = NULL;
  gsize length = 0;

  return g_file_get_contents (path, &content, &length, NULL) ? g_bytes_new_take (content, length)
                                                             : NULL;
}

VckcDomainCheckpoint *
fixture_lookup (Fixture *fixture, const char *name)
{
  g_autoptr (VckcError) error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, &error);

  assert_no_error (error);
  return checkpoint;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of a list, sorted; with parents if asked for. */
static GPtrArray *
list_names (Fixture *fixture, const char *checkpoint, unsigned int flags, bool parents)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  VckcDomainCheckpoint **list = NULL;
  g_autoptr (VckcError) error = NULL;
  int count;

  if (checkpoint == NULL)
    count = vckc_domain_list_all_checkpoints (fixture->domain, &list, flags, &error);
  else
    {
      g_autoptr (VckcDomainCheckpoint) parent = fixture_lookup (fixture, checkpoint);

      count = vckc_domain_checkpoint_list_all_children (parent, &list, flags, &error);
    }
  g_assert_null (error);
  g_assert_null (list[count]);
  for (int i = 0; i < count; i++)
    {
      const char *name = vckc_domain_checkpoint_get_name (list[i], NULL);
      char *parent = parents ? vckc_domain_checkpoint_get_parent_name (list[i], NULL) : NULL;

      g_ptr_array_add (names, g_strjoin ("<", name, parent, NULL));
      free (parent);
      vckc_domain_checkpoint_unref (list[i], NULL);
    }
  free (list);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static char *
join (GPtrArray *words /* (transfer full) */)
{
  char *text;

  g_ptr_array_add (words, NULL);
  text = g_strjoinv (" ", (char **) words->pdata);
  g_ptr_array_unref (words);
  return text;
}

char *
fixture_list (Fixture *fixture, const char *checkpoint, unsigned int flags)
{
  return join (list_names (fixture, checkpoint, flags, false));
}

char *
fixture_tree (Fixture *fixture)
{
  GPtrArray *words = list_names (fixture, NULL, 0, true);
  char *current;

  fixture_run (fixture, "create probe");
  {
    g_autoptr (VckcDomainCheckpoint) probe = fixture_lookup (fixture, "probe");

    current = vckc_domain_checkpoint_get_parent_name (probe, NULL);
  }
  fixture_run (fixture, "delete probe");
  g_ptr_array_add (words, g_strdup_printf ("cur=%s", current != NULL ? current : "-"));
  free (current);
  return join (words);
}

char *
fixture_disks (Fixture *fixture, const char *checkpoint, unsigned int flags)
{
  g_autoptr (VckcDomainCheckpoint) handle = fixture_lookup (fixture, checkpoint);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  VckcDomainCheckpointDisk **disks = NULL;
  g_autoptr (VckcError) error = NULL;
  int count = vckc_domain_checkpoint_list_disks (handle, &disks, flags, &error);

  g_assert_null (error);
  for (int i = 0; i < count; i++)
    {
      const char *name = vckc_domain_checkpoint_disk_get_name (disks[i], NULL);
      const char *bitmap = vckc_domain_checkpoint_disk_get_bitmap (disks[i], NULL);
      gint64 size = vckc_domain_checkpoint_disk_get_size (disks[i], NULL);

      if (bitmap == NULL)
        g_ptr_array_add (words, g_strdup_printf ("%s=no", name));
      else if (size < 0)
        g_ptr_array_add (words, g_strdup_printf ("%s=bitmap:%s", name, bitmap));
      else
        g_ptr_array_add (words,
                         g_strdup_printf ("%s=bitmap:%s:%" G_GINT64_FORMAT, name, bitmap, size));
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
  return join (words);
}

const Difference *
find_difference (const Target *target, const char *id)
{
  for (const Difference *row = target->differences; row != NULL && row->id != NULL; row++)
    if (g_str_equal (row->id, id))
      return row;
  return NULL;
}

/* GTest passes one pointer: the target and the row together. */
typedef struct
{
  const Target *target;
  GTestFixtureFunc run;
  gconstpointer row;
  const Difference *difference; /* NULL for none */
} Registered;

static void
set_up (gpointer fixture, gconstpointer data)
{
  const Registered *registered = data;

  if (registered->target->isolate == NULL)
    fixture_start (fixture, registered->target);
}

static void
run_here (Fixture *fixture, const Registered *registered)
{
  if (registered->difference != NULL)
    g_test_message ("differs: %s", registered->difference->reason);
  if (registered->difference != NULL && registered->difference->run != NULL)
    registered->difference->run (fixture);
  else
    registered->run (fixture, registered->row);
}

static void
run_whole_case (gpointer data)
{
  const Registered *registered = data;
  Fixture fixture = { .domain = NULL };

  fixture_start (&fixture, registered->target);
  run_here (&fixture, registered);
  fixture_stop (&fixture);
}

static void
run_case (gpointer fixture, gconstpointer data)
{
  const Registered *registered = data;

  if (registered->target->isolate == NULL)
    run_here (fixture, registered);
  else if (!registered->target->isolate (run_whole_case, (gpointer) data))
    g_test_fail ();
}

static void
tear_down (gpointer fixture, gconstpointer data)
{
  if (((const Registered *) data)->target->isolate == NULL)
    fixture_stop (fixture);
  g_free ((gpointer) data);
}

void
add_case (const Target *target, const char *id, GTestFixtureFunc run, gconstpointer row)
{
  g_autofree char *path = g_strdup_printf ("/vck/contract/%s/%s", target->name, id);
  Registered *registered = g_new (Registered, 1);

  registered->target = target;
  registered->run = run;
  registered->row = row;
  registered->difference = find_difference (target, id);
  g_test_add_vtable (path, sizeof (Fixture), registered, set_up, run_case, tear_down);
}

void
add_target (const Target *target)
{
  add_config_cases (target);
  add_entry_cases (target);
  add_xml_cases (target);
  add_announce_cases (target);
  add_tree_cases (target);
  add_list_cases (target);
  add_delete_plan_cases (target);
  add_lookup_cases (target);
  add_bitmap_cases (target);
  add_bitmap_list_cases (target);
  add_extents_cases (target);
  add_backup_cases (target);
  add_verify_cases (target);
}
