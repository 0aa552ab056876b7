/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-call.h"
#include "vck-private.h"

/* What libvirt said; all zero if the error is not from libvirt. */
typedef struct
{
  int code;
  int domain;
  char *message; /* owned; (nullable) */
} Libvirt;

/* GLib keeps it in front of the error, as in G_DEFINE_EXTENDED_ERROR(), which would give the domain
 * another name. */
static Libvirt *
error_get_libvirt (const GError *error)
{
  const gsize alignment = 2 * sizeof (gsize);
  const gsize size = (sizeof (Libvirt) + alignment - 1) / alignment * alignment;
  gpointer libvirt = (guint8 *) error - size;

  return libvirt;
}

static void
error_free_cb (gpointer error)
{
  g_error_free (error);
}

/* The last failure of a call in this thread, if libvirt had reported it. */
static GPrivate error_last = G_PRIVATE_INIT (error_free_cb);

/* What libvirt said of any error; NULL if it is not of Vck. PyGObject makes a new error of the
 * domain, code and message, which then are those of the last failure. */
static const Libvirt *
error_find_libvirt (const GError *error)
{
  const GError *last = g_private_get (&error_last);
  const Libvirt *libvirt = error->domain == VCK_ERROR ? error_get_libvirt (error) : NULL;

  if (libvirt == NULL || libvirt->code != 0 || last == NULL || last->code != error->code
      || g_strcmp0 (last->message, error->message) != 0)
    return libvirt;
  return error_get_libvirt (last);
}

void
vck_error_keep_last (GError *const *error)
{
  GError *last = NULL;

  if (error != NULL && *error != NULL && (*error)->domain == VCK_ERROR
      && error_get_libvirt (*error)->code != 0)
    last = g_error_copy (*error);
  g_private_replace (&error_last, last);
}

static void
error_init_libvirt (GError *error)
{
  *error_get_libvirt (error) = (Libvirt){ .code = 0 };
}

static void
error_copy_libvirt (const GError *error, GError *copy)
{
  const Libvirt *from = error_get_libvirt (error);
  Libvirt *to = error_get_libvirt (copy);

  *to = *from;
  to->message = g_strdup (from->message);
}

static void
error_clear_libvirt (GError *error)
{
  g_free (error_get_libvirt (error)->message);
}

/**
 * vck_error_quark:
 *
 * Gets the error domain of Vck.
 *
 * In C, write `VCK_ERROR`. In Python, match an error with
 * `error.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN)`, in JavaScript with
 * `error.matches(Vck.Error, Vck.Error.NO_DOMAIN)`.
 *
 * Returns: the quark of `vck-error-quark`
 *
 * Since: 1.0
 */
GQuark
vck_error_quark (void)
{
  static gsize quark = 0;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_error_domain_register_static (
                                   "vck-error-quark", sizeof (Libvirt), error_init_libvirt,
                                   error_copy_libvirt, error_clear_libvirt));
  return (GQuark) quark;
}

/**
 * vck_error_get_libvirt_code:
 * @error: an error, of any domain
 *
 * Gets the libvirt code of a failure, one of its `virErrorNumber`. Several of them may map to one
 * code of [error@Vck.Error].
 *
 * Copies of @error keep it, also in Vala and JavaScript. A binding that keeps only the domain, the
 * code and the message of an error, such as Python's, gets it too, until the next call fails in
 * the same thread; in Python the attribute `libvirt_code` of the exception keeps it.
 *
 * Returns: the number, or 0 if the error did not come from libvirt
 *
 * Since: 1.0
 */
int
vck_error_get_libvirt_code (const GError *error)
{
  const Libvirt *libvirt = NULL;

  g_return_val_if_fail (error != NULL, 0);

  libvirt = error_find_libvirt (error);
  return libvirt != NULL ? libvirt->code : 0;
}

/**
 * vck_error_get_libvirt_domain:
 * @error: an error, of any domain
 *
 * Gets the libvirt subsystem that reported a failure, one of its `virErrorDomain`. See
 * [func@Error.get_libvirt_code] about copies of @error.
 *
 * Returns: the number, or 0 if the error did not come from libvirt
 *
 * Since: 1.0
 */
int
vck_error_get_libvirt_domain (const GError *error)
{
  const Libvirt *libvirt = NULL;

  g_return_val_if_fail (error != NULL, 0);

  libvirt = error_find_libvirt (error);
  return libvirt != NULL ? libvirt->domain : 0;
}

/**
 * vck_error_get_libvirt_message:
 * @error: an error, of any domain
 *
 * Gets the message of libvirt, unchanged, in the language of the process. See
 * [func@Error.get_libvirt_code] about copies of @error.
 *
 * Returns: (transfer none) (nullable): the message, which lives as long as @error and, if that was
 *   made of another error's domain, code and message, until the next failure in this thread; or
 *   %NULL if the error did not come from libvirt
 *
 * Since: 1.0
 */
const char *
vck_error_get_libvirt_message (const GError *error)
{
  const Libvirt *libvirt = NULL;

  g_return_val_if_fail (error != NULL, NULL);

  libvirt = error_find_libvirt (error);
  return libvirt != NULL ? libvirt->message : NULL;
}

static void
error_take_libvirt (GError *error, const VckcError *from)
{
  Libvirt *libvirt = error_get_libvirt (error);

  libvirt->code = vckc_error_get_libvirt_code (from);
  libvirt->domain = vckc_error_get_libvirt_domain (from);
  libvirt->message = g_strdup (vckc_error_get_libvirt_message (from));
}

GError *
vck_error_take (VckcError *error)
{
  const VckcErrorCode code = vckc_error_get_code (error);
  const char *message = vckc_error_get_message (error);
  GError *result = code == VCKC_ERROR_CANCELLED
                       ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, message)
                       : g_error_new_literal (VCK_ERROR, (int) code, message);

  if (result->domain == VCK_ERROR)
    error_take_libvirt (result, error);
  vckc_error_free (error);
  return result;
}
