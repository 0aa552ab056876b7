/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Looks at the windows of the program that loads it, which is any program of GTK with the folder
 * of this module in GIO_EXTRA_MODULES: the file $VCK_LOOK gets what they show, whenever that
 * changes, and $VCK_LOOK_PICTURE, if there is one, a picture of the first window. That is closed
 * when there is a file $VCK_LOOK_CLOSE. */

#include "shown.h"

static void
save_picture (GtkWidget *window, const char *path)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window),
                          gtk_widget_get_height (window));
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    return;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  gdk_texture_save_to_png (texture, path);
}

static gboolean
look_cb (gpointer data)
{
  static char *before;
  GListModel *windows = gtk_is_initialized () ? gtk_window_get_toplevels () : NULL;
  g_autoptr (GtkWidget) window = windows != NULL ? g_list_model_get_item (windows, 0) : NULL;
  g_autofree char *shown = NULL;

  if (window == NULL || !gtk_widget_get_mapped (window))
    return G_SOURCE_CONTINUE;
  if (g_file_test (g_getenv ("VCK_LOOK_CLOSE"), G_FILE_TEST_EXISTS))
    {
      gtk_window_close (GTK_WINDOW (window));
      return G_SOURCE_REMOVE;
    }
  shown = shown_describe (window);
  if (g_strcmp0 (shown, before) == 0)
    return G_SOURCE_CONTINUE;
  if (g_getenv ("VCK_LOOK_PICTURE") != NULL)
    save_picture (window, g_getenv ("VCK_LOOK_PICTURE"));
  g_file_set_contents (g_getenv ("VCK_LOOK"), shown, -1, NULL);
  g_free (before);
  before = g_steal_pointer (&shown);
  return G_SOURCE_CONTINUE;
}

G_MODULE_EXPORT void
g_io_module_load (GIOModule *module)
{
  static gsize once;

  /* GIO unloads what nothing uses. */
  if (!g_once_init_enter (&once))
    return;
  g_type_module_use (G_TYPE_MODULE (module));
  g_timeout_add (50, look_cb, NULL);
  g_once_init_leave (&once, 1);
}

G_MODULE_EXPORT void
g_io_module_unload (GIOModule *module)
{
}
