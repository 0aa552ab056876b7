/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/error-private.h"

#include <string.h>

struct _VckcError
{
  VckcErrorCode code;
  char *message;
  int saved_errno; /* 0: not from the system */
  bool of_disk;
  int libvirt_code;      /* 0: not from libvirt */
  int libvirt_domain;    /* 0: not from libvirt */
  char *libvirt_message; /* (nullable) */
};

/* A message is one line of UTF-8 that is not too long, whatever names and texts from outside are
 * part of it. */
static char *
tidy_message (char *message /* (transfer full) */)
{
  const gsize max_size = 4000; /* twice the longest name of a bitmap, and what there is to say */
  char *tidy = g_utf8_make_valid (message, -1);

  g_free (message);
  for (char *c = tidy; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  if (strlen (tidy) > max_size)
    {
      char *cut = g_utf8_find_prev_char (tidy, tidy + max_size);
      g_autofree char *rest = tidy;

      *cut = '\0';
      tidy = g_strconcat (rest, "…", NULL);
    }
  return tidy;
}

static void
set_error_take_message (VckcError **err, VckcErrorCode code, char *message)
{
  VckcError *error;

  if (err == NULL)
    {
      g_free (message);
      return;
    }

  g_assert (*err == NULL);
  error = g_new0 (VckcError, 1);
  error->code = code;
  error->message = tidy_message (message);
  *err = error;
}

void
vckc_set_error (VckcError **err, VckcErrorCode code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  set_error_take_message (err, code, g_strdup_vprintf (format, args));
  va_end (args);
}

void
vckc_set_error_errno (VckcError **err, int saved_errno, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "%s: %s", text, g_strerror (saved_errno));
  if (err != NULL)
    (*err)->saved_errno = saved_errno;
}

bool
vckc_error_is_exhaustion (const VckcError *error)
{
  return error->saved_errno == EMFILE || error->saved_errno == ENFILE
         || error->saved_errno == ENOMEM;
}

bool
vckc_error_is_missing_file (const VckcError *error)
{
  return error->saved_errno == ENOENT;
}

static const int no_space_errors[] = { ENOSPC, EDQUOT, EFBIG };

bool
vckc_errno_is_no_space (int saved_errno)
{
  for (gsize i = 0; i < G_N_ELEMENTS (no_space_errors); i++)
    if (saved_errno == no_space_errors[i])
      return true;
  return false;
}

/* In English, or in the language of this program. */
bool
vckc_text_is_no_space (const char *text)
{
  static const char *const texts[] = { "No space left on device", "Disk quota exceeded",
                                       "File too large" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strstr (text, texts[i]) != NULL || strstr (text, g_strerror (no_space_errors[i])) != NULL)
      return true;
  return false;
}

void
vckc_error_note_no_space (VckcError **err)
{
  if (err != NULL && *err != NULL && vckc_errno_is_no_space ((*err)->saved_errno))
    (*err)->code = VCKC_ERROR_NO_SPACE;
}

void
vckc_error_set_of_disk (VckcError **err)
{
  if (err != NULL && *err != NULL)
    (*err)->of_disk = !vckc_error_is_exhaustion (*err);
}

bool
vckc_error_is_of_disk (const VckcError *error)
{
  return error->of_disk;
}

void
vckc_set_error_from_gerror (VckcError **err,
                            VckcErrorCode code,
                            GError *gerror,
                            const char *format,
                            ...)
{
  g_autoptr (GError) owned = gerror;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  vckc_set_error (err, code, "%s: %s", text, owned->message);
}

void
vckc_propagate_error (VckcError **err, VckcError *error)
{
  g_assert (error != NULL);

  if (err == NULL)
    {
      vckc_error_free (error);
      return;
    }

  g_assert (*err == NULL);
  *err = error;
}

bool
vckc_pass_result (bool succeeded, VckcError *error, VckcError **err)
{
  g_assert (succeeded == (error == NULL));
  if (!succeeded)
    vckc_propagate_error (err, error);
  return succeeded;
}

void
vckc_prefix_error (VckcError **err, const char *format, ...)
{
  g_autofree char *prefix = NULL;
  g_autofree char *message = NULL;
  va_list args;

  if (err == NULL || *err == NULL)
    return;

  va_start (args, format);
  prefix = g_strdup_vprintf (format, args);
  va_end (args);
  message = g_steal_pointer (&(*err)->message);
  (*err)->message = tidy_message (g_strdup_printf ("%s: %s", prefix, message));
}

void
vckc_keep_first_error (VckcError **err, VckcError *error)
{
  if (err != NULL && *err == NULL)
    *err = error;
  else
    vckc_error_free (error);
}

void
vckc_error_set_code (VckcError *error, VckcErrorCode code)
{
  error->code = code;
}

void
vckc_error_set_libvirt (VckcError *error, int code, int domain, const char *message)
{
  error->libvirt_code = code;
  error->libvirt_domain = domain;
  g_free (error->libvirt_message);
  error->libvirt_message = g_utf8_make_valid (message, -1);
}

VckcErrorCode
vckc_error_get_code (const VckcError *error)
{
  return error->code;
}

const char *
vckc_error_get_message (const VckcError *error)
{
  return error->message;
}

int
vckc_error_get_libvirt_code (const VckcError *error)
{
  return error->libvirt_code;
}

int
vckc_error_get_libvirt_domain (const VckcError *error)
{
  return error->libvirt_domain;
}

const char *
vckc_error_get_libvirt_message (const VckcError *error)
{
  return error->libvirt_message;
}

void
vckc_error_free (VckcError *error)
{
  if (error == NULL)
    return;

  g_free (error->libvirt_message);
  g_free (error->message);
  g_free (error);
}
