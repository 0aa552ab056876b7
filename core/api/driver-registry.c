/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api/driver-registry.h"

#include <gio/gio.h>

#include "base/lock.h"
#include "base/misspelling.h"
#include "drivers/local/local-driver.h"
#include "drivers/memory/testing/memory-hooks.h"
#ifdef VCK_HAVE_LIBVIRT
#include "drivers/libvirt/libvirt-driver.h"
#endif

/* A new driver is one line here and a folder under drivers/. */
static const VckcDriver *const drivers[] = {
  &vckc_memory_driver,
  &vckc_local_driver,
#ifdef VCK_HAVE_LIBVIRT
  &vckc_libvirt_driver,
#endif
};

#define LIBVIRT_ADVICE "build it with -Dlibvirt=enabled, which needs Debian's package libvirt-dev"

/* The last one has no name. */
static const VckcAbsentDriver absent_drivers[] = {
#ifndef VCK_HAVE_LIBVIRT
  { "libvirt", "this build of Vck has no driver for libvirt; " LIBVIRT_ADVICE },
#endif
  { NULL, NULL },
};

const VckcAbsentDriver *
vckc_driver_get_absent (guint index)
{
  const VckcAbsentDriver *absent = absent_drivers;

  for (; index > 0 && absent->name != NULL; index--)
    absent++;
  return absent->name != NULL ? absent : NULL;
}

const VckcDriver *
vckc_driver_get (guint index)
{
  return index < G_N_ELEMENTS (drivers) ? drivers[index] : NULL;
}

/* Every driver is checked once for the methods it must have. */
static void
check_drivers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    {
      const VckcDriver *driver = drivers[i];

      g_assert (driver->name != NULL && driver->support != NULL);
      g_assert (driver->connect_open != NULL && driver->connect_close != NULL);
      g_assert (driver->connect_free != NULL && driver->connect_list_all_domains != NULL);
      g_assert (driver->domain_lookup_by_name != NULL && driver->domain_lookup_by_uuid != NULL);
    }
}

/* Advice for a scheme that no driver claims. */
static void
set_unclaimed_error (const char *scheme, VckcError **err)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    for (const char *const *claimed = drivers[i]->schemes; *claimed != NULL; claimed++)
      g_string_append_printf (known, "%s'%s:'", known->len > 0 ? ", " : "", *claimed);
  vckc_set_error (err, VCKC_ERROR_NO_CONNECT,
                  "this build of Vck knows only the URI schemes %s; for '%s:' and all others that "
                  "libvirt serves, " LIBVIRT_ADVICE,
                  known->str, scheme);
}

/* The scheme of a driver that was probably meant; NULL if there is none. */
static const char *
find_meant_scheme (const char *scheme)
{
  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    for (const char *const *claimed = drivers[i]->schemes; claimed != NULL && *claimed != NULL;
         claimed++)
      if (vckc_is_misspelling (scheme, *claimed))
        return *claimed;
  return NULL;
}

const VckcDriver *
vckc_driver_find (const char *scheme, VckcError **err)
{
  static VckcOnce checked = VCKC_ONCE_INIT;
  const VckcDriver *fallback = NULL;
  const char *meant;

  vckc_once (&checked, check_drivers);
  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    if (drivers[i]->schemes == NULL)
      fallback = drivers[i];
    else if (g_strv_contains (drivers[i]->schemes, scheme))
      return drivers[i];

  meant = find_meant_scheme (scheme);
  if (meant != NULL)
    {
      /* libvirt would look for a daemon, and report that there is none. */
      vckc_set_error (err, VCKC_ERROR_NO_CONNECT,
                      "no driver has the URI scheme '%s:'; did you mean '%s:'?", scheme, meant);
      return NULL;
    }
  if (fallback == NULL)
    set_unclaimed_error (scheme, err);
  return fallback;
}

/* Why the text is not a URI. */
static const char *
uri_explain (const char *text, const GError *error)
{
  if (g_uri_peek_scheme (text) == NULL)
    return "it has no scheme";
  switch (error->code)
    {
    case G_URI_ERROR_BAD_HOST:
      return "its host is malformed";
    case G_URI_ERROR_BAD_PORT:
      return "its port is malformed";
    default:
      return "it is malformed";
    }
}

bool
vckc_uri_parse (const char *text, VckcUri *ret_uri, VckcError **err)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri =
      g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_QUERY, &error);

  if (uri == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "'%s' is not a URI: %s; examples are 'local:' and 'memory:///default'", text,
                      uri_explain (text, error));
      return false;
    }

  ret_uri->text = g_strdup (text);
  ret_uri->scheme = g_ascii_strdown (g_uri_get_scheme (uri), -1);
  ret_uri->host = g_strdup (g_uri_get_host (uri));
  if (ret_uri->host != NULL && *ret_uri->host == '\0')
    g_clear_pointer (&ret_uri->host, g_free);
  ret_uri->path = g_strdup (g_uri_get_path (uri));
  ret_uri->query = g_strdup (g_uri_get_query (uri));
  return true;
}

void
vckc_uri_clear (VckcUri *uri)
{
  g_clear_pointer (&uri->text, g_free);
  g_clear_pointer (&uri->scheme, g_free);
  g_clear_pointer (&uri->host, g_free);
  g_clear_pointer (&uri->path, g_free);
  g_clear_pointer (&uri->query, g_free);
}
