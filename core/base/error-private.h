/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How the inside of the core makes and passes on errors. */

#pragma once

#include <errno.h>
#include <glib.h>
#include <stdbool.h>

#include "vckc-error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcError, vckc_error_free)

/* Sets *err if err is given. *err must be NULL: an error is set once. */
void vckc_set_error (VckcError **err, VckcErrorCode code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The same with code SYSTEM_ERROR and the text of an errno value behind the message. */
void vckc_set_error_errno (VckcError **err, int saved_errno, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Notes in *err, if there is one, that it concerns one disk of several, so that the others can be
 * examined all the same. Not so if descriptors or memory ran out, which says nothing of a disk. */
void vckc_error_set_of_disk (VckcError **err);
bool vckc_error_is_of_disk (const VckcError *error);

/* Does that value of errno say that there is no room, or no more that may be used? */
bool vckc_errno_is_no_space (int saved_errno);
/* Does a text of QEMU or libvirt, which say why in no other way? */
bool vckc_text_is_no_space (const char *text);
/* Makes *err NO_SPACE, if there is one and the system had no room for something. */
void vckc_error_note_no_space (VckcError **err);

/* Did descriptors or memory run out? */
bool vckc_error_is_exhaustion (const VckcError *error);

/* Is it certain that a file does not exist? */
bool vckc_error_is_missing_file (const VckcError *error);

/* Takes over a GError of GLib or GIO: its message goes behind ours. */
void vckc_set_error_from_gerror (VckcError **err,
                                 VckcErrorCode code,
                                 GError *gerror, /* (transfer full) */
                                 const char *format,
                                 ...) G_GNUC_PRINTF (4, 5);

/* Moves an error to where the caller wants it, or frees it if nowhere. */
void vckc_propagate_error (VckcError **err, VckcError *error /* (transfer full) */);

/* At the end of a call of an implementation: asserts that it failed if and only if it set an error,
 * and passes both on. */
bool vckc_pass_result (bool succeeded, VckcError *error /* (transfer full) */, VckcError **err);

/* Puts "text: " before the message of *err, if there is one. */
void vckc_prefix_error (VckcError **err, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Of several errors only the first is reported: sets *err only if unset. */
void vckc_keep_first_error (VckcError **err, VckcError *error /* (transfer full) */);

/* For a failure whose cause is found only afterwards. */
void vckc_error_set_code (VckcError *error, VckcErrorCode code);

/* Keeps with an error what libvirt said of the failure. */
void vckc_error_set_libvirt (VckcError *error, int code, int domain, const char *message);
