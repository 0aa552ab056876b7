/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "support.h"

/* Long enough for the slowest host; reached only when a test fails. */
#define TIMEOUT (120 * G_TIME_SPAN_SECOND)

char *
support_memory_uri (void)
{
  static gint counter;

  return g_strdup_printf ("memory:///support-%d", g_atomic_int_add (&counter, 1));
}

VckConnection *
support_open (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  VckConnection *connection = vck_connection_open (uri, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (VCK_IS_CONNECTION (connection));
  return connection;
}

VckDomain *
support_lookup_test (VckConnection *connection)
{
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_lookup_domain_by_name (connection, "test", NULL, &error);

  g_assert_no_error (error);
  g_assert_true (VCK_IS_DOMAIN (domain));
  return domain;
}

VckCheckpoint *
support_create (VckDomain *domain, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  g_autoptr (GError) error = NULL;
  VckCheckpoint *checkpoint = vck_domain_create_checkpoint_xml (domain, xml, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (VCK_IS_CHECKPOINT (checkpoint));
  return checkpoint;
}

char *
support_domain_xml (const char *name)
{
  return g_strdup_printf ("<domain type='kvm'><name>%s</name></domain>", name);
}

void
support_delete (VckCheckpoint *checkpoint, VckCheckpointDeleteFlags flags)
{
  g_autoptr (GError) error = NULL;
  gboolean deleted = vck_checkpoint_delete (checkpoint, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (deleted);
}

void
support_change_at_random (VckConnection *connection, guint n_rounds, gint n_names)
{
  g_autoptr (VckDomain) domain = support_lookup_test (connection);

  for (guint i = 0; i < n_rounds; i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<domaincheckpoint><name>c%d</name></domaincheckpoint>", g_random_int_range (0, n_names));
      g_autofree char *name = g_strdup_printf ("c%d", g_random_int_range (0, n_names));
      G_GNUC_UNUSED g_autoptr (VckCheckpoint) created =
          vck_domain_create_checkpoint_xml (domain, xml, 0, NULL, NULL);
      g_autoptr (VckCheckpoint) found = vck_domain_lookup_checkpoint (domain, name, NULL, NULL);

      if (found != NULL)
        vck_checkpoint_delete (found, i % 7 == 0 ? VCK_CHECKPOINT_DELETE_CHILDREN : 0, NULL, NULL);
    }
}

char *
support_describe_disks (VckCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = vck_checkpoint_list_disks (checkpoint, 0, NULL, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < disks->len; i++)
    {
      VckCheckpointDisk *disk = g_ptr_array_index (disks, i);
      const char *bitmap = vck_checkpoint_disk_get_bitmap (disk);

      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "",
                              vck_checkpoint_disk_get_name (disk), bitmap != NULL ? bitmap : "");
    }
  return g_string_free (text, FALSE);
}

void
support_result_cb (GObject *source, GAsyncResult *result, gpointer slot)
{
  GAsyncResult **where = slot;

  g_assert_null (*where);
  *where = g_object_ref (result);
}

GAsyncResult *
support_wait (GAsyncResult **slot)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  while (*slot == NULL)
    g_main_context_iteration (context, TRUE);
  return g_steal_pointer (slot);
}

void
support_drain (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

void
support_gate_init (SupportGate *gate)
{
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->cond);
}

void
support_gate_clear (SupportGate *gate)
{
  g_cond_clear (&gate->cond);
  g_mutex_clear (&gate->lock);
}

void
support_gate_set (SupportGate *gate, gboolean *flag)
{
  g_mutex_lock (&gate->lock);
  *flag = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

void
support_gate_wait (SupportGate *gate, const gboolean *flag)
{
  g_mutex_lock (&gate->lock);
  while (!*flag)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

void
support_assert_cancelled (GError **error)
{
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (error);
}

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean dead; /* under lock */
} Death;

static void
death_cb (gpointer data, GObject *object)
{
  Death *death = data;

  g_mutex_lock (&death->lock);
  death->dead = TRUE;
  g_cond_signal (&death->cond);
  g_mutex_unlock (&death->lock);
}

void
support_assert_dies (gpointer object)
{
  const gint64 deadline = g_get_monotonic_time () + TIMEOUT;
  g_autofree char *type = g_strdup (G_OBJECT_TYPE_NAME (object));
  Death death = { .dead = FALSE };
  gboolean in_time = TRUE;

  g_mutex_init (&death.lock);
  g_cond_init (&death.cond);
  g_object_weak_ref (object, death_cb, &death);
  g_object_unref (object);

  g_mutex_lock (&death.lock);
  while (!death.dead && in_time)
    in_time = g_cond_wait_until (&death.cond, &death.lock, deadline);
  g_mutex_unlock (&death.lock);
  if (!in_time)
    g_error ("a reference to the %s is left", type);

  g_cond_clear (&death.cond);
  g_mutex_clear (&death.lock);
}

VckDomain *
support_define (VckConnection *connection, const char *name)
{
  g_autofree char *xml = support_domain_xml (name);
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_define_domain_xml (connection, xml, NULL, &error);

  g_assert_no_error (error);
  return domain;
}

void
support_undefine (VckDomain *domain)
{
  g_autoptr (GError) error = NULL;

  vck_domain_undefine (domain, VCK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL, &error);
  g_assert_no_error (error);
}

void
support_rename (VckDomain *domain, const char *name)
{
  g_autoptr (GError) error = NULL;

  vck_domain_rename (domain, name, NULL, &error);
  g_assert_no_error (error);
}

void
support_await_end (GWeakRef *weak)
{
  const gint64 deadline = g_get_monotonic_time () + TIMEOUT;

  for (gpointer object; (object = g_weak_ref_get (weak)) != NULL;)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("a reference to the %s is left", G_OBJECT_TYPE_NAME (object));
      g_object_unref (object);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_weak_ref_clear (weak);
}

typedef struct
{
  GCancellable *cancellable; /* (transfer full) */
  gulong after;              /* microseconds */
} Moment;

static gpointer
cancel_thread (gpointer data)
{
  g_autofree Moment *moment = data;

  g_usleep (moment->after);
  g_cancellable_cancel (moment->cancellable);
  g_object_unref (moment->cancellable);
  return NULL;
}

GThread *
support_cancel_after (GCancellable *cancellable, gint64 microseconds)
{
  Moment *moment = g_new (Moment, 1);

  *moment = (Moment){ g_object_ref (cancellable), (gulong) microseconds };
  return g_thread_new ("cancel", cancel_thread, moment);
}
