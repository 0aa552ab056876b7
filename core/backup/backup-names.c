/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-names.h"

#include <string.h>

#include "base/clock.h"

/* What the characters of an id are: d a digit, x one of a hexadecimal number in lower case, and
 * others themselves. */
#define ID_PATTERN "ddddddddTdddddd.ddddddZ-xxxxxxxx"
#define MAX_TARGET 64
#define MAX_FILE 128
#define CHECKPOINT_PREFIX "vck."
#define STORE_PART 8

G_STATIC_ASSERT (sizeof ID_PATTERN - 1 == VCKC_BACKUP_ID_LENGTH);

char *
vckc_backup_id_new (void)
{
  gint64 now = vckc_clock_now ();
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y%m%dT%H%M%S");

  return g_strdup_printf ("%s.%06dZ-%08x", text, (int) (now % G_USEC_PER_SEC), g_random_int ());
}

static bool
is_lower_xdigit (char c)
{
  return g_ascii_isdigit (c) || (c >= 'a' && c <= 'f');
}

bool
vckc_backup_id_is_valid (const char *id)
{
  if (strlen (id) != VCKC_BACKUP_ID_LENGTH)
    return false;
  for (gsize i = 0; i < VCKC_BACKUP_ID_LENGTH; i++)
    {
      char wanted = ID_PATTERN[i];

      if (wanted == 'd' ? !g_ascii_isdigit (id[i])
                        : (wanted == 'x' ? !is_lower_xdigit (id[i]) : id[i] != wanted))
        return false;
    }
  return true;
}

bool
vckc_backup_uuid_is_valid (const char *uuid)
{
  for (const char *c = uuid; *c != '\0'; c++)
    if (*c != '-' && !is_lower_xdigit (*c))
      return false;
  return g_uuid_string_is_valid (uuid);
}

static bool
backup_name_is_valid (const char *name, gsize max_length)
{
  if (!g_ascii_isalnum (name[0]) || strlen (name) > max_length)
    return false;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_.", *c) == NULL)
      return false;
  return true;
}

bool
vckc_backup_target_is_valid (const char *target)
{
  return backup_name_is_valid (target, MAX_TARGET);
}

bool
vckc_backup_file_is_valid (const char *file)
{
  return backup_name_is_valid (file, MAX_FILE);
}

char *
vckc_backup_make_checkpoint_name (const char *store_uuid, const char *id)
{
  return g_strdup_printf (CHECKPOINT_PREFIX "%.*s.%s", STORE_PART, store_uuid, id);
}

/* The id in the name of a checkpoint that a backup has made, or NULL if none has. */
static const char *
find_id (const char *checkpoint)
{
  const gsize id_at = strlen (CHECKPOINT_PREFIX) + STORE_PART + 1;

  if (strlen (checkpoint) != id_at + VCKC_BACKUP_ID_LENGTH
      || !g_str_has_prefix (checkpoint, CHECKPOINT_PREFIX) || checkpoint[id_at - 1] != '.'
      || !vckc_backup_id_is_valid (checkpoint + id_at))
    return NULL;
  return checkpoint + id_at;
}

const char *
vckc_backup_find_id (const char *checkpoint, const char *store_uuid)
{
  const char *id = find_id (checkpoint);

  return id != NULL
                 && strncmp (checkpoint + strlen (CHECKPOINT_PREFIX), store_uuid, STORE_PART) == 0
             ? id
             : NULL;
}

char *
vckc_backup_find_store (const char *checkpoint)
{
  const char *store = checkpoint + strlen (CHECKPOINT_PREFIX);

  if (find_id (checkpoint) == NULL)
    return NULL;
  for (gsize i = 0; i < STORE_PART; i++)
    if (!is_lower_xdigit (store[i]))
      return NULL;
  return g_strndup (store, STORE_PART);
}
