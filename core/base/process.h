/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which process this is. A child that was forked has all of the memory and files of its parent, but
 * one thread: what the others were at stays half done for ever, and what they had locked stays
 * locked. So a child leaves alone what the parent opened, and forgets what all connections share.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

/* 0; in a child one more than in its parent. */
guint vckc_process_number (void);

/* What is called as a child is forked is alone there, whatever ThreadSanitizer knows of the
 * threads of the parent. */
#define VCKC_IN_CHILD __attribute__ ((no_sanitize ("thread")))

/* Has `forget`, a function declared VCKC_IN_CHILD, called in each child as it is forked, where
 * nothing must be waited for. */
void vckc_process_on_fork (void (*forget) (void));
