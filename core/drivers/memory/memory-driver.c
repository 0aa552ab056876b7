/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `memory:` – nothing touches a disk. */

#include <string.h>

#include "drivers/memory/memory-backend.h"
#include "drivers/memory/memory-query.h"
#include "drivers/memory/memory-route.h"
#include "drivers/memory/memory-store.h"
#include "managed/methods/engine-methods.h"

#define TEST_UUID "7b4f2a52-3f0e-4d7c-9a61-0c1d5f6e8a90"

/* The domain that every new `memory:` connection starts with. */
static const char test_domain[] = "<domain type='test'>\n"
                                  "  <name>test</name>\n"
                                  "  <uuid>" TEST_UUID "</uuid>\n"
                                  "  <memory unit='KiB'>1048576</memory>\n"
                                  "  <devices>\n"
                                  "    <disk type='file' device='disk'>\n"
                                  "      <driver name='qemu' type='qcow2'/>\n"
                                  "      <source file='/memory/test-vda.qcow2'/>\n"
                                  "      <target dev='vda' bus='virtio'/>\n"
                                  "    </disk>\n"
                                  "    <disk type='file' device='disk'>\n"
                                  "      <driver name='qemu' type='qcow2'/>\n"
                                  "      <source file='/memory/test-vdb.qcow2'/>\n"
                                  "      <target dev='vdb' bus='virtio'/>\n"
                                  "    </disk>\n"
                                  "  </devices>\n"
                                  "</domain>\n";

static VckcDomainState
memory_initial_state_cb (const char *uuid)
{
  return g_str_equal (uuid, TEST_UUID) ? VCKC_DOMAIN_STATE_RUNNING : VCKC_DOMAIN_STATE_SHUTOFF;
}

static bool
memory_make_parts_cb (const char *key, VckcEngineParts *ret_parts, VckcError **err)
{
  ret_parts->backend = vckc_memory_backend_new ();
  ret_parts->initial_state = memory_initial_state_cb;
  ret_parts->store = vckc_memory_store_new (vckc_memory_backend_get_fault (ret_parts->backend));
  return vckc_store_domain_save (ret_parts->store, TEST_UUID, test_domain, err);
}

static bool
memory_connect_open (VckcConnect *connect,
                     const VckcUri *uri,
                     const VckcAuthenticator *authenticator,
                     VckcError **err)
{
  g_autofree char *key = NULL;
  VckcMemoryQuery query;

  if (uri->host != NULL || uri->path[0] != '/' || uri->path[1] == '\0'
      || strchr (uri->path + 1, '/') != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "'%s' is not a URI of the memory driver; use 'memory:///default' or another "
                      "name instead of 'default'",
                      uri->text);
      return false;
    }

  key = g_strdup_printf ("memory:%s", uri->path);
  if (!vckc_memory_query_parse (uri, &query, err)
      || !vckc_engine_attach (connect, key, memory_make_parts_cb, err))
    return false;
  vckc_memory_query_apply (&query, vckc_engine_get_backend (connect->driver_data));
  return true;
}

static VckcSupportTable memory_support = {
  [VCKC_SUPPORT_URI] = "`memory:///name`",
  [VCKC_SUPPORT_DAEMON] = "no",
  [VCKC_SUPPORT_OTHER_HOSTS] = "no",
  [VCKC_SUPPORT_AUTHENTICATE] = "no",
  [VCKC_SUPPORT_DOMAINS] = "yes",
  [VCKC_SUPPORT_STATE] = "never changes",
  [VCKC_SUPPORT_CREATE_RUNNING] = "yes",
  [VCKC_SUPPORT_CREATE_OFF] = "yes",
  [VCKC_SUPPORT_DELETE_RUNNING] = "yes",
  [VCKC_SUPPORT_DELETE_OFF] = "yes",
  [VCKC_SUPPORT_SIZE_RUNNING] = "yes, of writes made by a test (`write=`)",
  [VCKC_SUPPORT_SIZE_OFF] = "yes, of writes made by a test (`write=`)",
  [VCKC_SUPPORT_EXTENTS_RUNNING] = "yes, of writes made by a test (`write=`)",
  [VCKC_SUPPORT_EXTENTS_OFF] = "yes, of writes made by a test (`write=`)",
  [VCKC_SUPPORT_BACKUP_RUNNING] = "push, which writes no file, and pull",
  [VCKC_SUPPORT_BACKUP_OFF] = "push, which writes no file, and pull",
  [VCKC_SUPPORT_REPOSITORY] = "yes, but nothing in place",
  [VCKC_SUPPORT_QUIESCE] = "yes, freezes nothing",
  [VCKC_SUPPORT_VALIDATE] = "yes",
  [VCKC_SUPPORT_BITMAPS] = "yes",
  [VCKC_SUPPORT_VERIFY] = "yes",
  [VCKC_SUPPORT_REPAIR] = "yes",
  [VCKC_SUPPORT_TRANSFER] = "yes",
  [VCKC_SUPPORT_OWN_SIGNALS] = "at once",
  [VCKC_SUPPORT_OTHER_SIGNALS] = "at once, of all connections of the process",
  [VCKC_SUPPORT_INTERRUPTED] = "cannot occur",
};

static const char *const memory_schemes[] = { "memory", NULL };

const VckcDriver vckc_memory_driver = {
  .name = "memory",
  .schemes = memory_schemes,
  .support = &memory_support,
  .connect_open = memory_connect_open,
  .domain_choose_backup_mode = vckc_memory_domain_choose_backup_mode,
  .domain_measure_disk = vckc_memory_domain_measure_disk,
  VCKC_ENGINE_METHODS,
};
