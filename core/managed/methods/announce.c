/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Lists as events. Whatever changes in memory is changed and pushed to the events with the mutex
 * held once, and so is a list: it has what the events before it have led to.
 */

#include <string.h>

#include "managed/methods/engine-methods.h"

#include "managed/find-domain.h"

static gint
announce_compare_names_cb (gconstpointer a, gconstpointer b)
{
  const VckcDomain *const *one = a;
  const VckcDomain *const *other = b;

  return strcmp ((*one)->name, (*other)->name);
}

bool
vckc_engine_connect_announce_domains (VckcConnect *connect, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (connect);
  GPtrArray *handles;
  GHashTableIter iter;
  gpointer value;

  if (!vckc_engine_refresh (engine, vckc_look_of (connect), err))
    return false;

  handles = g_ptr_array_new_with_free_func (vckc_object_unref);
  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((VckcManagedDomain *) value)->loaded || ((VckcManagedDomain *) value)->unreadable)
      g_ptr_array_add (handles, vckc_managed_domain_new_handle (connect, value));
  g_ptr_array_sort (handles, announce_compare_names_cb);
  vckc_event_queue_push_list (connect->events, NULL, handles);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}

static gint
announce_compare_times_cb (gconstpointer a, gconstpointer b)
{
  const gint64 one = (*(const VckcCheckpointNode *const *) a)->def->creation_time;
  const gint64 other = (*(const VckcCheckpointNode *const *) b)->def->creation_time;

  return (one > other) - (one < other);
}

bool
vckc_engine_domain_announce_checkpoints (VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_autoptr (GPtrArray) nodes = NULL;
  GPtrArray *handles;

  if (domain == NULL)
    return false;

  handles = g_ptr_array_new_with_free_func (vckc_object_unref);
  vckc_mutex_lock (&engine->mutex);
  nodes = vckc_checkpoint_tree_list (domain->tree, NULL, VCKC_CHECKPOINT_LIST_TOPOLOGICAL);
  g_ptr_array_sort (nodes, announce_compare_times_cb); /* which is stable */
  for (guint i = 0; i < nodes->len && !domain->gone; i++)
    g_ptr_array_add (handles, vckc_managed_domain_new_checkpoint_handle (handle, nodes->pdata[i]));
  vckc_event_queue_push_list (handle->connect->events, handle, handles);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}
