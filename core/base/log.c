/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/log.h"

/* Five that every message has, the text, and those of VckcLogAbout. */
#define MAX_FIELDS (6 + 6)

static const char *const nicks[] = {
  [VCKC_ERROR_INTERNAL] = "internal",
  [VCKC_ERROR_NO_SUPPORT] = "no-support",
  [VCKC_ERROR_NO_CONNECT] = "no-connect",
  [VCKC_ERROR_INVALID_CONNECT] = "invalid-connect",
  [VCKC_ERROR_INVALID_DOMAIN] = "invalid-domain",
  [VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT] = "invalid-domain-checkpoint",
  [VCKC_ERROR_INVALID_ARG] = "invalid-arg",
  [VCKC_ERROR_OPERATION_FAILED] = "operation-failed",
  [VCKC_ERROR_OPERATION_DENIED] = "operation-denied",
  [VCKC_ERROR_OPERATION_INVALID] = "operation-invalid",
  [VCKC_ERROR_OPERATION_UNSUPPORTED] = "operation-unsupported",
  [VCKC_ERROR_BUSY] = "busy",
  [VCKC_ERROR_CONFIG_UNSUPPORTED] = "config-unsupported",
  [VCKC_ERROR_XML_ERROR] = "xml-error",
  [VCKC_ERROR_XML_INVALID_SCHEMA] = "xml-invalid-schema",
  [VCKC_ERROR_SYSTEM_ERROR] = "system-error",
  [VCKC_ERROR_NO_DOMAIN] = "no-domain",
  [VCKC_ERROR_NO_DOMAIN_CHECKPOINT] = "no-domain-checkpoint",
  [VCKC_ERROR_CHECKPOINT_INCONSISTENT] = "checkpoint-inconsistent",
  [VCKC_ERROR_CANCELLED] = "cancelled",
  [VCKC_ERROR_NO_BACKUP] = "no-backup",
  [VCKC_ERROR_NO_SPACE] = "no-space",
  [VCKC_ERROR_BACKUP_INCONSISTENT] = "backup-inconsistent",
  [VCKC_ERROR_DOMAIN_EXISTS] = "domain-exists",
  [VCKC_ERROR_CHECKPOINT_EXISTS] = "checkpoint-exists",
};

const char *
vckc_log_code_nick (VckcErrorCode code)
{
  return code > 0 && code < G_N_ELEMENTS (nicks) ? nicks[code] : NULL;
}

/* The number that syslog has for it. */
static const char *
level_priority (GLogLevelFlags level)
{
  return level == G_LOG_LEVEL_DEBUG ? "7" : "6";
}

static void
add_field (GLogField *fields, gsize *n_fields, const char *key, const char *value)
{
  if (value != NULL)
    fields[(*n_fields)++] = (GLogField){ key, value, -1 };
}

void
vckc_log (GLogLevelFlags level,
          const char *file,
          const char *line,
          const char *function,
          const VckcLogAbout *about,
          const char *format,
          ...)
{
  const char *nick =
      about->error != NULL ? vckc_log_code_nick (vckc_error_get_code (about->error)) : NULL;
  GLogField fields[MAX_FIELDS];
  g_autofree char *message = NULL;
  gsize n_fields = 0;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  add_field (fields, &n_fields, "MESSAGE", message);
  add_field (fields, &n_fields, "PRIORITY", level_priority (level));
  add_field (fields, &n_fields, "GLIB_DOMAIN", G_LOG_DOMAIN);
  add_field (fields, &n_fields, "CODE_FILE", file);
  add_field (fields, &n_fields, "CODE_LINE", line);
  add_field (fields, &n_fields, "CODE_FUNC", function);
  add_field (fields, &n_fields, "VCK_URI", about->uri);
  add_field (fields, &n_fields, "VCK_DOMAIN", about->domain);
  add_field (fields, &n_fields, "VCK_CHECKPOINT", about->checkpoint);
  add_field (fields, &n_fields, "VCK_DISK", about->disk);
  add_field (fields, &n_fields, "VCK_BACKUP", about->backup);
  add_field (fields, &n_fields, "VCK_ERROR", nick);
  g_log_structured_array (level, fields, n_fields);
}
