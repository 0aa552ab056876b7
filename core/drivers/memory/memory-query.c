/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-query.h"

#include "drivers/memory/memory-backend.h"

#define MAX_WRITE (G_GUINT64_CONSTANT (1) << 30)

static const struct
{
  const char *name;
  VckcErrorCode code;
} query_errors[] = {
  { "busy", VCKC_ERROR_BUSY },
  { "no-space", VCKC_ERROR_NO_SPACE },
  { "operation-failed", VCKC_ERROR_OPERATION_FAILED },
  { "system-error", VCKC_ERROR_SYSTEM_ERROR },
};

static bool
query_read_number (const char *value, guint64 most, guint64 *ret_number)
{
  return g_ascii_string_to_unsigned (value, 10, 0, most, ret_number, NULL);
}

static bool
query_read_fault (VckcMemoryQuery *query, const char *value, bool lasting)
{
  bool is_first = !query->has_fault;

  query->has_fault = true;
  query->lasting = lasting;
  return is_first && query_read_number (value, G_MAXUINT64, &query->first);
}

static bool
query_read_error (VckcMemoryQuery *query, const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (query_errors); i++)
    if (g_str_equal (value, query_errors[i].name))
      {
        query->code = query_errors[i].code;
        return true;
      }
  return false;
}

/* False if there is no such parameter, or it cannot have this value. */
static bool
query_read_parameter (VckcMemoryQuery *query, const char *name, const char *value)
{
  if (g_str_equal (name, "fail"))
    return query_read_fault (query, value, false);
  if (g_str_equal (name, "fail-from"))
    return query_read_fault (query, value, true);
  if (g_str_equal (name, "error"))
    return query_read_error (query, value);
  if (g_str_equal (name, "write"))
    return query_read_number (value, MAX_WRITE, &query->write);
  return false;
}

bool
vckc_memory_query_parse (const VckcUri *uri, VckcMemoryQuery *ret_query, VckcError **err)
{
  GUriParamsIter iter;
  char *name, *value;
  bool good = true;

  *ret_query = (VckcMemoryQuery){ .code = VCKC_ERROR_SYSTEM_ERROR };
  if (uri->query == NULL)
    return true;
  g_uri_params_iter_init (&iter, uri->query, -1, "&", G_URI_PARAMS_NONE);
  while (good)
    {
      g_autoptr (GError) error = NULL;

      if (!g_uri_params_iter_next (&iter, &name, &value, &error))
        {
          good = error == NULL;
          break;
        }
      good = query_read_parameter (ret_query, name, value);
      g_free (name);
      g_free (value);
    }
  if (!good)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "the query '%s' of the URI '%s' is not one of the memory driver; use "
                    "'write=BYTES', at most 1 GiB, 'fail=NUMBER' or 'fail-from=NUMBER', and "
                    "'error=' with busy, no-space, operation-failed or system-error",
                    uri->query, uri->text);
  return good;
}

void
vckc_memory_query_apply (const VckcMemoryQuery *query, VckcBlockBackend *backend)
{
  if (query->write > 0)
    vckc_memory_images_write_all (vckc_memory_backend_get_images (backend), query->write);
  if (query->has_fault)
    vckc_memory_fault_plan (vckc_memory_backend_get_fault (backend), query->first, query->lasting,
                            query->code);
}
