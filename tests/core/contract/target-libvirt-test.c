/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libvirt's test driver: an imaginary domain, so that its disks need no images and its
 * checkpoints have no bitmaps. */

#include "contract.h"

#include <libvirt/libvirt.h>

#include "libvirt-answers.h"

static void
test_start (Target *self)
{
  self->uri = g_strdup ("test:///default");
  self->dir = g_strdup ("/d");
}

/* All connections of a process see the same domains: this one is libvirt's alone. */
static void
test_power_on (Target *self)
{
  virConnectPtr conn = virConnectOpen (self->uri);
  virDomainPtr domain = virDomainLookupByUUIDString (conn, DOMAIN_UUID);

  g_assert_cmpint (virDomainCreate (domain), ==, 0);
  virConnectClose (conn);
  self->domain = domain;
}

static void
test_power_off (Target *self)
{
  g_assert_cmpint (virDomainDestroy (self->domain), ==, 0);
}

static void
test_stop (Target *self)
{
  virDomainDestroy (self->domain);
  virDomainUndefine (self->domain);
  virDomainFree (self->domain);
}

static void
test_write (Target *self, const char *path, guint64 offset, guint64 length)
{
}

static void
test_touch_bitmap (Target *self, const char *path, const char *bitmap)
{
}

static const char no_sizes[] = "libvirt's test driver reports no sizes";
static const char no_bitmaps[] = "libvirt's test driver has no bitmaps";
static const char no_validation[] = "libvirt's test driver does not know REDEFINE_VALIDATE";
static const char no_checks[] = "libvirt's test driver does not look at the disks";
static const char no_count[] =
    "libvirt's test driver does not count checkpoints, nor knows the flag";

#define WITHOUT_SIZES(id_, name)                                                                   \
  {                                                                                                \
    .id = id_, .expect = "vda=bitmap:" name " vdb=bitmap:" name, .reason = no_sizes                \
  }
#define NOT_VALIDATED(id_)                                                                         \
  {                                                                                                \
    .id = id_, .code = VCKC_ERROR_INVALID_ARG, .reason = no_validation                             \
  }
#define NOT_LOOKED_AT(id_)                                                                         \
  {                                                                                                \
    .id = id_, .code = VCKC_ERROR_OPERATION_UNSUPPORTED, .reason = no_bitmaps                      \
  }

static const Difference differences[] = {
  LIBVIRT_DIFFERENCES,
  { .id = "Q42-Q46", .run = answer_undefine_counts_nothing, .reason = no_count },
  { .id = "Q56", .run = answer_domain_gone, .reason = no_count },
  { .id = "X59",
    .expect = "vda=bitmap: vdb=no vdc=no vdd=no vde=no vdf=no hda=no",
    .reason = no_checks },
  { .id = "X95", .run = answer_dump_again, .reason = no_validation },
  { .id = "Q11",
    .expect = "vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "Q12",
    .expect = "vda=bitmap:a vdb=no vdc=bitmap:a vdd=no vde=no vdf=no hda=no",
    .reason = no_checks },
  { .id = "config-trackable",
    .expect = "vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "config-skip",
    .expect = "vda=bitmap:a vdb=no vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "config-track",
    .expect = "vda=bitmap:a vdb=bitmap:b vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "config-track-raw",
    .expect = "vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "config-all",
    .expect = "vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no vde=bitmap:a vdf=bitmap:a hda=no",
    .reason = no_checks },
  { .id = "Q20",
    .expect = "vda=bitmap:k1 vdb=bitmap:k1",
    .tree = "k1 taken<k1 cur=taken",
    .reason = no_bitmaps },
  WITHOUT_SIZES ("Q21-k1", "k1"),
  WITHOUT_SIZES ("Q21-k2", "k2"),
  WITHOUT_SIZES ("Q21-same-granule", "k1"),
  WITHOUT_SIZES ("Q23-size", "k1"),
  { .id = "Q23-delete", .tree = "k2 cur=k2", .reason = no_bitmaps },
  WITHOUT_SIZES ("Q24", "a3"),
  { .id = "Q19",
    .code = VCKC_ERROR_CHECKPOINT_EXISTS,
    .expect = "vda=bitmap:a1 vdb=bitmap:a1",
    .reason = no_sizes },
  WITHOUT_SIZES ("Q25", "a2"),
  WITHOUT_SIZES ("Q29", "a3"),
  { .id = "Q28", .tree = "a1 a2<a1 cur=a2", .reason = no_bitmaps },
  WITHOUT_SIZES ("Q30", "k1"),
  WITHOUT_SIZES ("Q30-parent-gone", "k2"),
  WITHOUT_SIZES ("Q38", "k1"),
  WITHOUT_SIZES ("Q41-size", "k1"),
  { .id = "Q64", .tree = "cur=-", .reason = no_bitmaps },
  { .id = "Q71",
    .expect = "vda=bitmap:a3 vdb=bitmap:a3",
    .tree = "a1 a3<a1 cur=a3",
    .reason = no_bitmaps },
  NOT_LOOKED_AT ("bitmaps-none"),
  NOT_LOOKED_AT ("bitmaps-checkpoints"),
  NOT_LOOKED_AT ("bitmaps-lost"),
  NOT_LOOKED_AT ("bitmaps-foreign"),
  NOT_LOOKED_AT ("bitmaps-orphan"),
  NOT_LOOKED_AT ("bitmaps-inconsistent"),
  NOT_LOOKED_AT ("bitmaps-read-only"),
  NOT_LOOKED_AT ("bitmaps-read-only-off"),
  { .id = "bitmaps-snapshot", .run = answer_no_bitmaps, .reason = no_bitmaps },
  NOT_VALIDATED ("Q31"),
  NOT_VALIDATED ("Q32"),
  NOT_VALIDATED ("Q33"),
  NOT_VALIDATED ("Q34"),
  NOT_VALIDATED ("Q34-other"),
  NOT_VALIDATED ("Q36"),
  NOT_VALIDATED ("Q41-validate"),
  { .id = "Q39", .run = answer_own_bitmap_name, .reason = no_sizes },
  { .id = "Q65-Q66", .run = answer_any_length, .reason = "its checkpoints are in no file" },
  { .id = "long-bitmap-name", .run = answer_any_bitmap_length, .reason = no_bitmaps },
  { .id = "Q72", .run = answer_no_sizes, .reason = no_sizes },
  { .id = "disk-listed-twice", .run = answer_cannot_validate, .reason = no_validation },
  { .id = "foreign-bitmap-survives", .run = answer_no_foreign_bitmap, .reason = no_bitmaps },
  NOT_LOOKED_AT ("verify-healthy"),
  NOT_LOOKED_AT ("verify-missing"),
  NOT_LOOKED_AT ("verify-missing-all"),
  NOT_LOOKED_AT ("verify-current-goes"),
  NOT_LOOKED_AT ("verify-inconsistent"),
  NOT_LOOKED_AT ("verify-inconsistent-all"),
  NOT_LOOKED_AT ("verify-orphan"),
  NOT_LOOKED_AT ("verify-orphan-kept"),
  NOT_LOOKED_AT ("verify-orphan-adopted"),
  NOT_LOOKED_AT ("verify-foreign-kept"),
  NOT_LOOKED_AT ("verify-foreign-removed"),
  NOT_LOOKED_AT ("verify-only-orphans"),
  NOT_LOOKED_AT ("verify-redefined-disk-gone"),
  { .id = "repair-partial-is-useful", .run = answer_cannot_look, .reason = no_bitmaps },
  { .id = "states", .run = answer_state_unknown, .reason = no_bitmaps },
  { .id = "verify-disk-gone", .run = answer_cannot_look, .reason = no_bitmaps },
  { .id = "verify-many", .run = answer_cannot_look, .reason = no_bitmaps },
  { .id = "repair-refuses", .run = answer_cannot_look, .reason = no_bitmaps },
  { .id = "export-round-trip", .run = answer_import_cannot_verify, .reason = no_validation },
  { .id = "export-text", .run = answer_import_cannot_verify, .reason = no_validation },
  { .id = "hand-over-forgets", .run = answer_cannot_look, .reason = no_bitmaps },
  { .id = NULL },
};

const Target target_libvirt_test = {
  .name = "libvirt-test",
  .differences = differences,
  .type = "test",
  .no_extents = no_bitmaps,
  .no_backups = "libvirt's test driver has none",
  .start = test_start,
  .stop = test_stop,
  .power_on = test_power_on,
  .power_off = test_power_off,
  .write = test_write,
  .lose_bitmap = test_touch_bitmap,
  .break_bitmap = test_touch_bitmap,
  .add_bitmap = test_touch_bitmap,
};
