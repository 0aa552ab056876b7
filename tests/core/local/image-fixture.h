/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A folder with qcow2 images for a test, and checks of what a test leaves behind. */

#pragma once

#include <glib.h>
#include <stdbool.h>

/* Makes a new folder; to be removed with everything in it by image_fixture_remove(). */
char *image_fixture_new (void);
void image_fixture_remove (char *folder /* (transfer full) */);

/* Runs a program, which must succeed; returns what it wrote. */
char *image_fixture_run (const char *const *argv);
/* The same for one that must write nothing. */
void image_fixture_run_quietly (const char *const *argv);

/* Makes an image in the folder with qemu-img; `options` as for its -o, or NULL. */
char *image_fixture_make_image (const char *folder, const char *name, const char *options);
/* Makes an encrypted qcow2 image of the size at a path; its secret is `secret`. */
void image_fixture_make_encrypted (const char *path, const char *size);

/* A new image that is open for reading and writing, as the fixture of a test. */
typedef struct
{
  char *folder;
  char *path;
  int fd;
} OpenImage;

void open_image_set_up (OpenImage *image, gconstpointer options);
void open_image_tear_down (OpenImage *image, gconstpointer options);

/* Writes `length` bytes to an image with qemu-io. */
void image_fixture_write (const char *image, guint64 offset, guint64 length);

/* Opens an image for writing with qemu-io and kills that: its bitmaps are inconsistent then. */
void image_fixture_abandon (const char *image);

/* A qemu-io that holds an image open for writing. */
typedef struct
{
  GPid pid;
  int in;
  int out;
} ImageHolder;

void image_holder_start (ImageHolder *holder, const char *image);
void image_holder_stop (ImageHolder *holder);

/* A hash of what a file holds. */
char *image_fixture_hash (const char *file);

/* Writes an executable shell script. */
char *image_fixture_make_script (const char *folder, const char *name, const char *body);

/* How many files this process has open. */
guint image_fixture_count_files (void);
/* The process id of the only child of this process; fails the test if there is not one. */
int image_fixture_get_child (void);
/* Fails the test if this process has a child, running or not reaped. */
void image_fixture_assert_no_child (void);
/* Waits until that many are left, also counting those that have ended and were not waited for. */
void image_fixture_await_children (guint n);
/* Is there a thread of the library whose name begins so? "vck-": any. */
bool image_fixture_has_thread (const char *prefix);
/* Waits until all threads of the library have ended: before a fork, as a sanitizer has it. */
void image_fixture_await_threads (void);
