/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * `local:` and `local:///a/folder`: domains defined in a folder of this host, with the bitmaps of
 * their checkpoints in their own images. The managed engine does the work.
 */

#include "drivers/local/local-driver.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/local/images/local-backend.h"
#include "drivers/local/store/local-store.h"
#include "managed/methods/engine-methods.h"
#include "qemu/storage-daemon.h"

/* Engines of this driver are found by this and the folder. */
#define KEY_PREFIX "local:"

static bool
local_driver_make_parts_cb (const char *key, VckcEngineParts *ret_parts, VckcError **err)
{
  ret_parts->store = vckc_local_store_new (key + strlen (KEY_PREFIX));
  ret_parts->backend = vckc_local_backend_new (ret_parts->store);
  return true;
}

/* The canonical path of a folder, of which the last parts may not exist yet. */
static char *
local_driver_resolve (const char *folder)
{
  g_autofree char *path = g_canonicalize_filename (folder, "/");
  g_autofree char *rest = g_strdup ("");

  for (;;)
    {
      char *resolved = realpath (path, NULL);
      g_autofree char *name = NULL;
      g_autofree char *parent = NULL;
      char *longer;

      if (resolved != NULL || strcmp (path, "/") == 0)
        {
          longer = g_build_filename (resolved != NULL ? resolved : "/", rest, NULL);
          free (resolved);
          return longer;
        }
      name = g_path_get_basename (path);
      parent = g_path_get_dirname (path);
      longer = g_build_filename (name, rest, NULL);
      g_free (g_steal_pointer (&rest));
      rest = longer;
      g_free (g_steal_pointer (&path));
      path = g_steal_pointer (&parent);
    }
}

/* The folder that a URI names. */
static char *
local_driver_get_folder (const VckcUri *uri, VckcError **err)
{
  if (uri->host != NULL && uri->host[0] != '\0')
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "the URI '%s' names the host '%s', but 'local' is about this host; write "
                    "'local:///' and the path of a folder",
                    uri->text, uri->host);
  else if (uri->query != NULL)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "the URI '%s' has parameters, and 'local' knows none; leave out the '?' and "
                    "what follows",
                    uri->text);
  else if (uri->path[0] == '\0')
    return g_build_filename (g_get_user_data_dir (), "vck", "domains", NULL);
  else if (uri->path[0] != '/')
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "the URI '%s' has a relative path; write 'local:///' and the path of a folder "
                    "from the root",
                    uri->text);
  else
    return g_strdup (uri->path);
  return NULL;
}

static bool
local_driver_connect_open (VckcConnect *connect,
                           const VckcUri *uri,
                           const VckcAuthenticator *authenticator,
                           VckcError **err)
{
  g_autofree char *folder = local_driver_get_folder (uri, err);
  g_autofree char *path = folder != NULL ? local_driver_resolve (folder) : NULL;
  g_autofree char *key = path != NULL ? g_strconcat (KEY_PREFIX, path, NULL) : NULL;

  return key != NULL && vckc_engine_attach (connect, key, local_driver_make_parts_cb, err);
}

static bool
local_driver_find_tools (GPtrArray *tools, VckcError **err)
{
  char *daemon = vckc_storage_daemon_find (err);

  if (daemon != NULL)
    g_ptr_array_add (tools, daemon);
  return daemon != NULL;
}

static const char *const local_driver_schemes[] = { "local", NULL };

static VckcSupportTable local_support = {
  [VCKC_SUPPORT_URI] = "`local:`, `local:///folder`",
  [VCKC_SUPPORT_DAEMON] = "no",
  [VCKC_SUPPORT_OTHER_HOSTS] = "no",
  [VCKC_SUPPORT_AUTHENTICATE] = "no",
  [VCKC_SUPPORT_DOMAINS] = "yes",
  [VCKC_SUPPORT_STATE] = "yes",
  [VCKC_SUPPORT_CREATE_RUNNING] = "yes, with a QMP socket in the definition",
  [VCKC_SUPPORT_CREATE_OFF] = "yes",
  [VCKC_SUPPORT_DELETE_RUNNING] = "yes",
  [VCKC_SUPPORT_DELETE_OFF] = "yes",
  [VCKC_SUPPORT_SIZE_RUNNING] = "yes",
  [VCKC_SUPPORT_SIZE_OFF] = "yes",
  [VCKC_SUPPORT_EXTENTS_RUNNING] = "yes, with libnbd (`-Dnbd`)",
  [VCKC_SUPPORT_EXTENTS_OFF] = "yes",
  [VCKC_SUPPORT_BACKUP_RUNNING] = "push and pull",
  [VCKC_SUPPORT_BACKUP_OFF] = "push and pull",
  [VCKC_SUPPORT_REPOSITORY] = "yes",
  [VCKC_SUPPORT_QUIESCE] = "yes, with the guest's agent",
  [VCKC_SUPPORT_VALIDATE] = "yes",
  [VCKC_SUPPORT_BITMAPS] = "yes",
  [VCKC_SUPPORT_VERIFY] = "yes",
  [VCKC_SUPPORT_REPAIR] = "yes",
  [VCKC_SUPPORT_TRANSFER] = "yes",
  [VCKC_SUPPORT_OWN_SIGNALS] = "at once",
  [VCKC_SUPPORT_OTHER_SIGNALS] = "at once in this process, else within 200 ms",
  [VCKC_SUPPORT_INTERRUPTED] = "is rolled forward or back when the domain is next opened",
};

const VckcDriver vckc_local_driver = {
  .name = "local",
  .schemes = local_driver_schemes,
  .support = &local_support,
  .connect_open = local_driver_connect_open,
  .find_tools = local_driver_find_tools,
  VCKC_ENGINE_METHODS,
};
