/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A kernel that lacks a system call. */

#pragma once

/* From now on the call fails with ENOSYS in this thread, and in threads and processes that it
 * starts. */
void forbid_call (int number);
