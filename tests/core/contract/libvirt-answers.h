/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What libvirt's drivers answer differently from Vck's own: what they have in common, and the
 * cases that are no rows. */

#pragma once

#include "contract.h"

/* A row that is the same in all drivers of libvirt. */
#define LIBVIRT_DIFFERENCES                                                                        \
  { .id = "X72",                                                                                   \
    .code = VCKC_ERROR_INTERNAL,                                                                   \
    .reason = "libvirt calls a missing creation time an internal error" },                         \
      { .id = "X73",                                                                               \
        .expect = "",                                                                              \
        .reason = "libvirt accepts 0 and then cannot read its own document" },                     \
      { .id = "X75",                                                                               \
        .code = VCKC_ERROR_INTERNAL,                                                               \
        .reason = "libvirt calls a creation time that is too large an internal error" },           \
  {                                                                                                \
    .id = "X10", .run = answer_unnamed,                                                            \
    .reason = "libvirt names a checkpoint after the second it is made in",                         \
  }

void answer_unnamed (Fixture *fixture);

/* Of the test driver. */
void answer_undefine_counts_nothing (Fixture *fixture);
void answer_domain_gone (Fixture *fixture);
void answer_dump_again (Fixture *fixture);
void answer_own_bitmap_name (Fixture *fixture);
void answer_any_length (Fixture *fixture);
void answer_any_bitmap_length (Fixture *fixture);
void answer_no_sizes (Fixture *fixture);
void answer_cannot_validate (Fixture *fixture);
void answer_no_foreign_bitmap (Fixture *fixture);
void answer_no_bitmaps (Fixture *fixture);
void answer_cannot_look (Fixture *fixture);
void answer_state_unknown (Fixture *fixture);
void answer_import_cannot_verify (Fixture *fixture);

/* Of the QEMU driver. */
void answer_undefine_miscounts (Fixture *fixture);
void answer_bitmap_named_otherwise (Fixture *fixture);
void answer_long_name (Fixture *fixture);
void answer_disk_listed_twice (Fixture *fixture);
void answer_disk_gone (Fixture *fixture);
