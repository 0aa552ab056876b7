/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: the drivers there are, and whether they can be used. */

#include "vckc-driver-info.h"

#include "api/driver-registry.h"
#include "api/entry.h"

struct _VckcDriverInfo
{
  VckcObject object;
  char *name;
  char **schemes; /* of no URI in particular: empty */
  char **tools;   /* paths */
  char *reason;   /* NULL if it is available */
};

static void
driver_info_free (gpointer object)
{
  VckcDriverInfo *info = object;

  g_free (info->name);
  g_strfreev (info->schemes);
  g_strfreev (info->tools);
  g_free (info->reason);
}

static const VckcObjectClass driver_info_class = {
  .name = "driver",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = driver_info_free,
};

static VckcDriverInfo *
driver_info_new (const char *name, const char *const *schemes)
{
  static const char *const none[] = { NULL };
  VckcDriverInfo *info = vckc_object_new (&driver_info_class, sizeof *info);

  info->name = g_strdup (name);
  info->schemes = g_strdupv ((char **) (schemes != NULL ? schemes : none));
  return info;
}

static VckcDriverInfo *
driver_info_look (const VckcDriver *driver)
{
  VckcDriverInfo *info = driver_info_new (driver->name, driver->schemes);
  g_autoptr (VckcError) error = NULL;
  GPtrArray *tools = g_ptr_array_new ();

  if (driver->find_tools != NULL && !driver->find_tools (tools, &error))
    info->reason = g_strdup (vckc_error_get_message (error));
  g_ptr_array_add (tools, NULL);
  info->tools = (char **) g_ptr_array_free (tools, FALSE);
  return info;
}

static VckcDriverInfo *
driver_info_of_absent (const VckcAbsentDriver *absent)
{
  VckcDriverInfo *info = driver_info_new (absent->name, NULL);

  info->tools = g_new0 (char *, 1);
  info->reason = g_strdup (absent->reason);
  return info;
}

int
vckc_list_drivers (VckcDriverInfo ***ret_drivers, VckcError **err)
{
  GPtrArray *list;

  VCKC_TRACE ("ret_drivers=%p", (void *) ret_drivers);

  if (!vckc_check_not_null (ret_drivers, "ret_drivers", err))
    return -1;
  list = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (guint i = 0; vckc_driver_get (i) != NULL; i++)
    g_ptr_array_add (list, driver_info_look (vckc_driver_get (i)));
  for (guint i = 0; vckc_driver_get_absent (i) != NULL; i++)
    g_ptr_array_add (list, driver_info_of_absent (vckc_driver_get_absent (i)));
  return vckc_object_array_return (list, (gpointer **) ret_drivers);
}

int
vckc_driver_info_ref (VckcDriverInfo *driver, VckcError **err)
{
  if (!vckc_check_handle (driver, &driver_info_class, err))
    return -1;
  vckc_object_ref (driver);
  return 0;
}

int
vckc_driver_info_unref (VckcDriverInfo *driver, VckcError **err)
{
  if (!vckc_check_handle (driver, &driver_info_class, err))
    return -1;
  vckc_object_unref (driver);
  return 0;
}

const char *
vckc_driver_info_get_name (VckcDriverInfo *driver, VckcError **err)
{
  return vckc_check_handle (driver, &driver_info_class, err) ? driver->name : NULL;
}

const char *const *
vckc_driver_info_get_schemes (VckcDriverInfo *driver, VckcError **err)
{
  return vckc_check_handle (driver, &driver_info_class, err) ? (const char *const *) driver->schemes
                                                             : NULL;
}

bool
vckc_driver_info_is_available (VckcDriverInfo *driver, VckcError **err)
{
  return vckc_check_handle (driver, &driver_info_class, err) && driver->reason == NULL;
}

const char *
vckc_driver_info_get_reason (VckcDriverInfo *driver, VckcError **err)
{
  return vckc_check_handle (driver, &driver_info_class, err) ? driver->reason : NULL;
}

const char *const *
vckc_driver_info_get_tools (VckcDriverInfo *driver, VckcError **err)
{
  return vckc_check_handle (driver, &driver_info_class, err) ? (const char *const *) driver->tools
                                                             : NULL;
}
