/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bitmap-text.h"

#include <stdlib.h>

#include <glib.h>

static const char *const owner_names[] = {
  [VCKC_BITMAP_OWNER_CHECKPOINT] = "checkpoint",
  [VCKC_BITMAP_OWNER_ORPHAN] = "orphan",
  [VCKC_BITMAP_OWNER_OTHER_DOMAIN] = "other-domain",
  [VCKC_BITMAP_OWNER_FOREIGN] = "foreign",
};

char *
bitmap_text (VckcBitmap *bitmap)
{
  const VckcBitmapOwner owner = vckc_bitmap_get_owner (bitmap, NULL);
  const char *checkpoint = vckc_bitmap_get_checkpoint (bitmap, NULL);
  const gint64 granularity = vckc_bitmap_get_granularity (bitmap, NULL);
  const gint64 size = vckc_bitmap_get_size (bitmap, NULL);
  const bool is_inconsistent = vckc_bitmap_is_inconsistent (bitmap, NULL);
  g_autofree char *more =
      granularity != 65536 ? g_strdup_printf ("/%" G_GINT64_FORMAT, granularity) : g_strdup ("");

  g_assert_true ((owner == VCKC_BITMAP_OWNER_CHECKPOINT) == (checkpoint != NULL));
  g_assert_true (size == -1 || (size >= 0 && size % granularity == 0));
  return g_strdup_printf ("%s=%s:%s:%" G_GINT64_FORMAT "%s%s%s%s%s",
                          vckc_bitmap_get_name (bitmap, NULL), owner_names[owner],
                          checkpoint != NULL ? checkpoint : "", size, is_inconsistent ? "!" : "",
                          is_inconsistent || vckc_bitmap_is_recording (bitmap, NULL) ? "" : "-",
                          vckc_bitmap_is_busy (bitmap, NULL) ? "*" : "",
                          vckc_bitmap_is_persistent (bitmap, NULL) ? "" : "~", more);
}

char *
bitmap_text_list (VckcDomain *domain,
                  unsigned int flags,
                  char *(*where) (VckcBitmap *bitmap),
                  VckcError **err)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  VckcBitmap **bitmaps = (VckcBitmap **) &bitmaps;
  int count = vckc_domain_list_bitmaps (domain, &bitmaps, flags, err);

  if (count < 0)
    {
      g_assert_null (bitmaps);
      return NULL;
    }
  g_assert_null (bitmaps[count]);
  for (int i = 0; i < count; i++)
    {
      g_autofree char *position = where (bitmaps[i]);
      g_autofree char *text = bitmap_text (bitmaps[i]);
      g_autofree char *word = g_strconcat (position, "/", text, NULL);

      g_strv_builder_add (builder, word);
      vckc_bitmap_unref (bitmaps[i], NULL);
    }
  free (bitmaps);
  g_auto (GStrv) words = g_strv_builder_end (builder);
  return g_strjoinv (" ", words);
}
