/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Listing the bitmaps in the images, and whose they are. */

#include "../bitmap-text.h"
#include "../refusal.h"
#include "contract.h"

#include <stdlib.h>

static char *
get_disk (VckcBitmap *bitmap)
{
  return g_strdup (vckc_bitmap_get_disk (bitmap, NULL));
}

/* All of them, or "error 7". */
static char *
list (VckcDomain *domain, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  char *text = bitmap_text_list (domain, flags, get_disk, &error);

  g_assert_true ((text == NULL) == (error != NULL));
  if (text != NULL)
    return text;
  assert_message_is_public (error);
  g_test_message ("%s", vckc_error_get_message (error));
  return g_strdup_printf ("error %d", (int) vckc_error_get_code (error));
}

typedef struct
{
  const char *id;
  const char *prepare;
  const char *expect;
} ListCase;

static const ListCase cases[] = {
  { "bitmaps-none", "", "" },
  { "bitmaps-checkpoints", "create k2; write vda 0 2; create k1; write vdb 1 1",
    "vda/k1=checkpoint:k1:0 vda/k2=checkpoint:k2:131072 "
    "vdb/k1=checkpoint:k1:65536 vdb/k2=checkpoint:k2:65536" },
  { "bitmaps-lost", "create k1; lose vda k1", "vdb/k1=checkpoint:k1:0" },
  { "bitmaps-foreign", "create k1; add vdb other; write vdb 3 1",
    "vda/k1=checkpoint:k1:0 vdb/k1=checkpoint:k1:65536 vdb/other=foreign::65536" },
  { "bitmaps-orphan", "create k1 k2; delete k1 metadata; add vda other",
    "vda/k1=orphan::0 vda/k2=checkpoint:k2:0 vda/other=foreign::0 "
    "vdb/k1=orphan::0 vdb/k2=checkpoint:k2:0" },
  { "bitmaps-inconsistent", "create k1; add vdb other; break vda k1; break vdb other",
    "vda/k1=checkpoint:k1:-1! vdb/k1=checkpoint:k1:0 vdb/other=foreign::-1!" },
};

/* What a target answers: its own difference, or the row's. */
static char *
expect (Fixture *fixture, const char *id, const char *otherwise)
{
  const Difference *difference = find_difference (&fixture->target, id);

  if (difference != NULL && difference->code != 0)
    return g_strdup_printf ("error %d", difference->code);
  return g_strdup (difference != NULL ? difference->expect : otherwise);
}

/* Running, off, and with the files below, of which there are none. */
static void
run_list_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const ListCase *self = row;
  g_autofree char *expected = expect (fixture, self->id, self->expect);

  fixture_run (fixture, self->prepare);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *listed = list (fixture->domain, 0);
      g_autofree char *with_backing = list (fixture->domain, VCKC_BITMAP_LIST_BACKING);

      g_assert_cmpstr (listed, ==, expected);
      g_assert_cmpstr (with_backing, ==, expected);
      if (i == 0)
        fixture_power_off (fixture);
    }
}

/* Looking takes no right to write; libvirt keeps QEMU from connections without it. */
static void
run_read_only (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  const char *const both = "vda/k1=checkpoint:k1:0 vdb/k1=checkpoint:k1:0";
  static const char *const ids[] = { "bitmaps-read-only", "bitmaps-read-only-off" };

  fixture_run (fixture, "create k1");
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *expected = expect (fixture, ids[i], both);
      g_autofree char *listed = list (reader, 0);

      g_assert_cmpstr (listed, ==, expected);
      if (i == 0)
        fixture_power_off (fixture);
    }
}

static void
run_refuses (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcBitmap **bitmaps = (VckcBitmap **) &bitmaps;
  g_autoptr (VckcError) error = NULL;
  g_autofree char *unknown = list (fixture->domain, VCKC_BITMAP_LIST_BACKING << 1);
  g_autofree char *expected = g_strdup_printf ("error %d", (int) VCKC_ERROR_INVALID_ARG);

  g_assert_cmpstr (unknown, ==, expected);
  g_assert_cmpint (vckc_domain_list_bitmaps (NULL, &bitmaps, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_INVALID_DOMAIN);
  g_assert_null (bitmaps);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_cmpint (vckc_domain_list_bitmaps (fixture->domain, NULL, 0, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_null (vckc_bitmap_get_name ((VckcBitmap *) fixture->domain, &error));
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
}

/* A bitmap that was listed stays as it was. */
static void
run_snapshot (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcBitmap **bitmaps = NULL;
  g_autofree char *path = fixture_path (fixture, "vda");

  fixture_run (fixture, "create k1");
  g_assert_cmpint (vckc_domain_list_bitmaps (fixture->domain, &bitmaps, 0, NULL), ==, 2);
  fixture_run (fixture, "write vda 0 1; delete k1");
  g_autofree char *now = list (fixture->domain, 0);
  g_assert_cmpstr (now, ==, "");
  g_assert_cmpint (vckc_bitmap_ref (bitmaps[0], NULL), ==, 0);
  for (guint i = 0; i < 2; i++)
    vckc_bitmap_unref (bitmaps[i], NULL);
  g_autofree char *then = bitmap_text (bitmaps[0]);
  g_assert_cmpstr (then, ==, "k1=checkpoint:k1:0");
  g_assert_cmpstr (vckc_bitmap_get_image (bitmaps[0], NULL), ==, path);
  vckc_bitmap_unref (bitmaps[0], NULL);
  free (bitmaps);
}

/* A connection is closed, and the other one still looks. */
static void
run_closed (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcConnect) other = vckc_connect_open (fixture->target.uri, 0, NULL);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_uuid (other, DOMAIN_UUID, NULL);
  g_autofree char *closed_code = g_strdup_printf ("error %d", (int) VCKC_ERROR_NO_CONNECT);

  g_assert_cmpint (vckc_connect_close (other, NULL), >=, 0);
  g_autofree char *closed = list (domain, 0);
  g_assert_cmpstr (closed, ==, closed_code);
  g_autofree char *expected = expect (fixture, "bitmaps-none", "");
  g_autofree char *listed = list (fixture->domain, 0);
  g_assert_cmpstr (listed, ==, expected);
}

void
add_bitmap_list_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_list_case, &cases[i]);
  add_case (target, "bitmaps-read-only", run_read_only, NULL);
  add_case (target, "bitmaps-refuses", run_refuses, NULL);
  add_case (target, "bitmaps-snapshot", run_snapshot, NULL);
  add_case (target, "bitmaps-closed", run_closed, NULL);
}
