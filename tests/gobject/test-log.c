/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Messages of the log say in fields what they are about. */

#include <glib/gstdio.h>
#include <string.h>

#include "../core/local/image-fixture.h"
#include "base/log.h"
#include "support.h"

static GMutex lock;    /* covers what follows */
static GString *noted; /* owned: of each message of Vck, its fields in a line */

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0)
      g_string_append_printf (noted, "%s=%s|", fields[i].key, (const char *) fields[i].value);
  g_string_append_c (noted, '\n');
  return G_LOG_WRITER_HANDLED;
}

/* What was logged since the last call. */
static char *
take_log (void)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  char *taken = g_strdup (noted->str);

  g_string_truncate (noted, 0);
  return taken;
}

/* The message with that text. */
static char *
find_line (const char *text)
{
  g_autofree char *log = take_log ();
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], text) != NULL)
      return g_strdup (lines[i]);
  g_error ("'%s' is not in the log: %s", text, log);
}

static void
assert_field (const char *line, const char *name, const char *value)
{
  g_autofree char *field = g_strdup_printf ("|%s=%s|", name, value);

  if (strstr (line, field) == NULL)
    g_error ("no field %s: %s", field, line);
}

/* The nick of a code in the log is that of the enumeration. */
static void
test_nicks (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (VCK_TYPE_ERROR);

  g_assert_cmpuint (codes->n_values, >, 20);
  for (guint i = 0; i < codes->n_values; i++)
    g_assert_cmpstr (vckc_log_code_nick ((VckcErrorCode) codes->values[i].value), ==,
                     codes->values[i].value_nick);
  g_assert_cmpstr (vckc_log_code_nick (VCKC_ERROR_CANCELLED), ==, "cancelled");
  g_assert_null (vckc_log_code_nick ((VckcErrorCode) 0));
  g_assert_null (vckc_log_code_nick ((VckcErrorCode) 1000));
}

static void
test_fields (void)
{
  g_autofree char *line = NULL;
  g_autofree char *bare = NULL;

  vckc_log_info (
      VCKC_ABOUT (.uri = "local:", .domain = "u", .checkpoint = "c", .disk = "vda", .backup = "b"),
      "all %d", 5);
  line = find_line ("MESSAGE=all 5|");
  assert_field (line, "VCK_URI", "local:");
  assert_field (line, "VCK_DOMAIN", "u");
  assert_field (line, "VCK_CHECKPOINT", "c");
  assert_field (line, "VCK_DISK", "vda");
  assert_field (line, "VCK_BACKUP", "b");
  assert_field (line, "GLIB_DOMAIN", "Vck");
  assert_field (line, "PRIORITY", "6");
  assert_field (line, "CODE_FUNC", "test_fields");

  vckc_log_debug (VCKC_ABOUT (.uri = NULL), "none");
  bare = find_line ("MESSAGE=none|");
  assert_field (bare, "PRIORITY", "7");
  g_assert_null (strstr (bare, "VCK_"));
}

static void
test_failed_call (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  g_assert_null (vck_connection_lookup_domain_by_name (connection, "nosuch", NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
  line = find_line ("'nosuch'");
  assert_field (line, "VCK_URI", vck_connection_get_uri (connection));
  assert_field (line, "VCK_ERROR", "no-domain");
}

/* Writes a checkpoint that cannot be read to the store folder of a domain. */
static void
break_checkpoint (const char *folder, const char *uuid)
{
  g_autofree char *checkpoints = g_build_filename (folder, uuid, "checkpoints", NULL);
  g_autofree char *file = g_build_filename (checkpoints, "monday.xml", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (checkpoints, 0700), ==, 0);
  g_file_set_contents (file, "<domaincheckpoint", -1, &error);
  g_assert_no_error (error);
}

static void
test_left_out (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = image_fixture_new ();
  g_autofree char *uri = g_strdup_printf ("local://%s", folder);
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_define (connection, "guest");
  g_autofree char *uuid = g_strdup (vck_domain_get_uuid (domain));
  g_autofree char *line = NULL;

  g_clear_object (&domain);
  support_assert_dies (g_steal_pointer (&connection));
  break_checkpoint (folder, uuid);
  connection = vck_connection_open (uri, 0, NULL, &error);
  domain = vck_connection_lookup_domain_by_uuid (connection, uuid, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, 0);
  line = find_line ("is left out");
  assert_field (line, "VCK_DOMAIN", uuid);
  assert_field (line, "VCK_CHECKPOINT", "monday");
  image_fixture_remove (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  noted = g_string_new (NULL);
  g_log_set_writer_func (write_cb, NULL, NULL);

  g_test_add_func ("/vck/log/nicks", test_nicks);
  g_test_add_func ("/vck/log/fields", test_fields);
  g_test_add_func ("/vck/log/failed-call", test_failed_call);
  g_test_add_func ("/vck/log/left-out", test_left_out);

  return g_test_run ();
}
