/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What cannot be reached from outside: identities, errors of the core, states of domains. */

#include "base/error-private.h"
#include "handles/handles.h"
#include "managed/engine.h"
#include "support.h"
#include "vck-private.h"

static void
test_children (void)
{
  g_autoptr (VckIdentity) root = vck_identity_new ();
  g_autoptr (VckIdentity) a = vck_identity_get_child (root, "a", 1);
  g_autoptr (VckIdentity) a_again = vck_identity_get_child (root, "a", 1);
  g_autoptr (VckIdentity) b = vck_identity_get_child (root, "b", 1);
  g_autoptr (VckIdentity) deep = vck_identity_get_child (a, "b", 1);

  g_assert_true (a == a_again);
  g_assert_true (a != b);
  g_assert_true (deep != b);
  g_assert_true (vck_identity_get_parent (deep) == a);
  g_assert_null (vck_identity_get_parent (root));
}

/* A parent lives as long as its children, and knows them no longer than they live. */
static void
test_lifetimes (void)
{
  g_autoptr (VckIdentity) deep = NULL;
  g_autoptr (VckIdentity) other = NULL;
  VckIdentity *root = vck_identity_new ();
  VckIdentity *middle = vck_identity_get_child (root, "middle", 1);

  deep = vck_identity_get_child (middle, "deep", 1);
  vck_identity_unref (middle);
  other = vck_identity_get_child (root, "middle", 1);
  g_assert_true (other == vck_identity_get_parent (deep));
  vck_identity_unref (root);
}

/* One name, two incarnations: two identities, in any order. */
static void
test_incarnations (void)
{
  g_autoptr (VckIdentity) root = vck_identity_new ();
  g_autoptr (VckIdentity) new = vck_identity_get_child (root, "a", 2);
  g_autoptr (VckIdentity) old = vck_identity_get_child (root, "a", 1);
  g_autoptr (VckIdentity) below = vck_identity_get_child (old, "x", 3);
  g_autoptr (VckIdentity) new_below = vck_identity_get_child (new, "x", 3);
  g_autoptr (VckIdentity) still = NULL;

  g_assert_true (new != old);
  g_assert_true (new_below != below);
  g_assert_true (vck_identity_get_parent (new_below) == new);

  g_clear_pointer (&below, vck_identity_unref);
  g_clear_pointer (&old, vck_identity_unref);
  still = vck_identity_get_child (root, "a", 2);
  g_assert_true (still == new);
}

static void
test_bind_object (void)
{
  g_autoptr (VckIdentity) root = vck_identity_new ();
  g_autoptr (VckProperties) properties = vck_properties_new ();
  g_autoptr (GObject) first = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) second = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) bound = NULL;
  guint change_count = vck_identity_get_change_count (root);

  g_assert_null (vck_identity_ref_object (root));
  bound = vck_identity_bind_object (root, first, properties, change_count);
  g_assert_true (bound == first);
  g_clear_object (&bound);
  bound = vck_identity_bind_object (root, second, properties, change_count);
  g_assert_true (bound == first);
  g_clear_object (&bound);

  g_clear_object (&first);
  g_assert_null (vck_identity_ref_object (root));
  bound = vck_identity_bind_object (root, second, properties, change_count);
  g_assert_true (bound == second);
}

/* What changed while an object was being made is not lost on it. */
static void
test_change_count (void)
{
  g_autoptr (VckIdentity) root = vck_identity_new ();
  g_autoptr (VckProperties) properties = vck_properties_new ();
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) bound = NULL;
  g_autoptr (VckProperties) changed = NULL;
  guint change_count = vck_identity_get_change_count (root);

  g_assert_null (vck_identity_add_change (root));
  g_assert_null (vck_identity_bind_object (root, object, properties, change_count));
  bound = vck_identity_bind_object (root, object, properties, vck_identity_get_change_count (root));
  g_assert_true (bound == object);

  changed = vck_identity_add_change (root);
  g_assert_true (changed == properties);
}

static void
test_properties (void)
{
  g_autoptr (VckProperties) properties = vck_properties_new ();
  g_autofree char *text = NULL;
  const char *before;

  g_assert_null (vck_properties_get_name (properties));
  g_assert_true (vck_properties_set_text (properties, VCK_PROPERTY_NAME, "before"));
  g_assert_cmpuint (vck_properties_take_changes (properties), ==,
                    VCK_PROPERTIES_TEXT (VCK_PROPERTY_NAME));
  before = vck_properties_get_name (properties);
  g_assert_false (vck_properties_set_text (properties, VCK_PROPERTY_NAME, "before"));
  g_assert_cmpuint (vck_properties_take_changes (properties), ==, 0);
  g_assert_true (vck_properties_set_text (properties, VCK_PROPERTY_NAME, "after"));
  g_assert_cmpstr (before, ==, "before");
  g_assert_cmpstr (vck_properties_get_name (properties), ==, "after");

  g_assert_false (vck_properties_set_number (properties, VCK_PROPERTY_STATE, 0));
  g_assert_true (vck_properties_set_number (properties, VCK_PROPERTY_STATE, 3));
  g_assert_cmpuint (vck_properties_take_changes (properties), ==,
                    VCK_PROPERTIES_TEXT (VCK_PROPERTY_NAME)
                        | VCK_PROPERTIES_NUMBER (VCK_PROPERTY_STATE));
  g_assert_cmpint (vck_properties_get_number (properties, VCK_PROPERTY_STATE), ==, 3);
  text = vck_properties_dup_text (properties, VCK_PROPERTY_PARENT_NAME);
  g_assert_null (text);
}

/* What a list had found, before and after its object is made. */
static void
assert_past_life (VckDomain *domain, VckcDomainCheckpoint *handle, VckCheckpoint *now)
{
  g_autoptr (VckCheckpoint) past = vck_checkpoint_wrap (domain, handle);
  g_autoptr (GError) error = NULL;

  g_assert_true (past != now);
  g_assert_null (vck_checkpoint_get_xml_desc (past, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_false (vck_checkpoint_delete (past, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN_CHECKPOINT);
}

static VckcDomainCheckpoint *
list_the_one (VckDomain *domain)
{
  VckcDomainCheckpoint **list = NULL;
  VckcDomainCheckpoint *checkpoint;

  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (vck_domain_get_handle (domain), &list, 0, NULL), ==, 1);
  checkpoint = list[0];
  free (list);
  return checkpoint;
}

/* A list is asked for, the checkpoint is deleted and made again, and only then is the object made
 * of what the list found: it is not the new checkpoint, and does nothing to it. */
static void
test_listed_before (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) first = support_create (domain, "a");
  VckcDomainCheckpoint *listed_first = list_the_one (domain);
  g_autoptr (VckCheckpoint) second = NULL;
  g_autoptr (GPtrArray) still = NULL;
  g_autoptr (GError) error = NULL;

  support_delete (first, 0);
  second = support_create (domain, "a");
  g_assert_true (first != second);
  assert_past_life (domain, listed_first, second);

  still = vck_domain_list_checkpoints (domain, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (still->len, ==, 1);
  g_assert_true (g_ptr_array_index (still, 0) == second);
}

/* The same while there is none, without a reference to the old object. */
static void
test_listed_before_and_gone (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) ghost = NULL;
  g_autoptr (VckCheckpoint) second = NULL;
  VckcDomainCheckpoint *listed;
  VckCheckpoint *first = support_create (domain, "a");

  listed = list_the_one (domain);
  support_delete (first, 0);
  support_assert_dies (first);
  ghost = vck_checkpoint_wrap (domain, listed);
  second = support_create (domain, "a");
  g_assert_true (second != ghost);
}

/* Of domains as well. */
static void
test_domain_listed_before (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) old = support_lookup_test (connection);
  VckcDomain *listed = vckc_domain_lookup_by_uuid (vck_connection_get_handle (connection),
                                                   vck_domain_get_uuid (old), NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = vck_domain_get_xml_desc (old, 0, NULL, &error);
  g_autoptr (VckDomain) new = NULL;
  g_autoptr (VckDomain) past = NULL;

  g_assert_true (vck_domain_undefine (old, 0, NULL, &error));
  new = vck_connection_define_domain_xml (connection, xml, NULL, &error);
  g_assert_no_error (error);
  past = vck_domain_wrap (connection, listed);
  g_assert_true (past == old);
  g_assert_true (past != new);
  g_assert_false (vck_domain_undefine (past, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_DOMAIN);
}

static void
test_errors (void)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (VCK_TYPE_ERROR);

  /* All but the one for being cancelled. */
  g_assert_cmpuint (klass->n_values, ==, VCKC_ERROR_CHECKPOINT_EXISTS - 1);
  g_assert_null (g_enum_get_value (klass, VCKC_ERROR_CANCELLED));
  for (VckcErrorCode code = VCKC_ERROR_INTERNAL; code <= VCKC_ERROR_CHECKPOINT_EXISTS; code++)
    {
      VckcError *core = NULL;
      g_autoptr (GError) error = NULL;

      vckc_set_error (&core, code, "cannot do '%s'", "this");
      error = vck_error_take (core);
      /* Programs know one error of cancelling. */
      if (code == VCKC_ERROR_CANCELLED)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_error (error, VCK_ERROR, (int) code);
      g_assert_cmpstr (error->message, ==, "cannot do 'this'");
    }
  g_assert_cmpint (VCK_ERROR_INTERNAL, ==, VCKC_ERROR_INTERNAL);
  g_assert_cmpint (VCK_ERROR_BUSY, ==, VCKC_ERROR_BUSY);
  g_assert_cmpint (VCK_ERROR_CHECKPOINT_INCONSISTENT, ==, VCKC_ERROR_CHECKPOINT_INCONSISTENT);
}

static void
assert_libvirt (const GError *error, int code, int domain, const char *message)
{
  g_assert_cmpint (vck_error_get_libvirt_code (error), ==, code);
  g_assert_cmpint (vck_error_get_libvirt_domain (error), ==, domain);
  g_assert_cmpstr (vck_error_get_libvirt_message (error), ==, message);
}

static GError *
new_libvirt_error (VckcErrorCode code)
{
  VckcError *core = NULL;

  vckc_set_error (&core, code, "cannot do 'this'");
  vckc_error_set_libvirt (core, 42, 10, "Domain not found");
  return vck_error_take (core);
}

/* What libvirt said goes wherever the error goes. */
static void
test_libvirt_error (void)
{
  g_autoptr (GError) error = new_libvirt_error (VCKC_ERROR_NO_DOMAIN);
  g_autoptr (GError) copy = g_error_copy (error);
  g_autoptr (GError) moved = NULL;

  assert_libvirt (error, 42, 10, "Domain not found");
  g_propagate_prefixed_error (&moved, g_steal_pointer (&error), "looking: ");
  assert_libvirt (moved, 42, 10, "Domain not found");
  g_clear_error (&moved);
  g_assert_error (copy, VCK_ERROR, VCK_ERROR_NO_DOMAIN);
  assert_libvirt (copy, 42, 10, "Domain not found");
}

/* Any error may be asked. */
static void
test_other_errors (void)
{
  g_autoptr (GError) ours = g_error_new (VCK_ERROR, VCK_ERROR_BUSY, "later");
  g_autoptr (GError) copy = g_error_copy (ours);
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "later");
  g_autoptr (GError) cancelled = new_libvirt_error (VCKC_ERROR_CANCELLED);

  assert_libvirt (ours, 0, 0, NULL);
  assert_libvirt (copy, 0, 0, NULL);
  assert_libvirt (foreign, 0, 0, NULL);
  assert_libvirt (cancelled, 0, 0, NULL);
}

static void
state_cb (VckDomain *domain, GParamSpec *pspec, gpointer data)
{
  GString *states = data;

  g_string_append_printf (states, " %d", (int) vck_domain_get_state (domain));
}

/* As if the domain with that UUID had changed its state. */
static void
set_state (VckConnection *connection, const char *uuid, VckcDomainState state)
{
  VckcEngine *engine = vck_connection_get_handle (connection)->driver_data;

  g_assert_true (vckc_engine_set_state (engine, uuid, state));
}

/* `notify` is emitted in the context of the connection, once for several changes. The property is
 * updated before that. */
static void
test_state (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GString) states = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (domain, "notify::state", G_CALLBACK (state_cb), states);
  set_state (connection, vck_domain_get_uuid (domain), VCKC_DOMAIN_STATE_PAUSED);
  set_state (connection, vck_domain_get_uuid (domain), VCKC_DOMAIN_STATE_PAUSED);
  g_assert_cmpint (vck_domain_query_state (domain, NULL, &error), ==, VCK_DOMAIN_STATE_PAUSED);
  g_assert_no_error (error);
  set_state (connection, vck_domain_get_uuid (domain), VCKC_DOMAIN_STATE_SHUTOFF);
  g_assert_cmpint (vck_domain_get_state (domain), ==, VCK_DOMAIN_STATE_SHUTOFF);
  g_assert_cmpstr (states->str, ==, "");

  support_drain (NULL);
  g_assert_cmpstr (states->str, ==, " 5");
  g_assert_cmpint (vck_domain_get_state (domain), ==, VCK_DOMAIN_STATE_SHUTOFF);
}

/* An object made later starts with the state there is then. */
static void
test_state_without_object (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autofree char *uuid = g_strdup (vck_domain_get_uuid (domain));

  g_clear_object (&domain);
  set_state (connection, uuid, VCKC_DOMAIN_STATE_PAUSED);
  support_drain (NULL);
  domain = support_lookup_test (connection);
  g_assert_cmpint (vck_domain_get_state (domain), ==, VCK_DOMAIN_STATE_PAUSED);
}

/* A driver that counts what it is asked. */
static VckcDriver counting_driver;
static const VckcDriver *counted_driver;
static gint n_questions; /* atomic */

static int
count_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err)
{
  g_atomic_int_inc (&n_questions);
  return counted_driver->domain_get_state (domain, ret_state, err);
}

static bool
count_get_details (VckcDomainCheckpoint *checkpoint,
                   VckcCheckpointDetails *ret_details,
                   VckcError **err)
{
  g_atomic_int_inc (&n_questions);
  return counted_driver->domain_checkpoint_get_details (checkpoint, ret_details, err);
}

static void
count_questions (VckConnection *connection)
{
  VckcConnect *handle = vck_connection_get_handle (connection);

  counted_driver = handle->driver;
  counting_driver = *handle->driver;
  counting_driver.domain_get_state = count_get_state;
  counting_driver.domain_checkpoint_get_details = count_get_details;
  handle->driver = &counting_driver;
  g_atomic_int_set (&n_questions, 0);
}

static void
ignore_cb (gpointer object, gpointer change, gpointer data)
{
}

/* What others do: a new domain, and a checkpoint of the one there is. */
static void
change (VckConnection *connection, const char *name)
{
  g_autofree char *xml = support_domain_xml (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) domain = vck_connection_define_domain_xml (connection, xml, NULL, &error);
  g_autoptr (VckDomain) test = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = support_create (test, name);

  g_assert_no_error (error);
  g_assert_nonnull (checkpoint);
}

/* The driver, which may be remote, is not called for signals without a handler. */
static void
test_no_handler (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (mine);

  count_questions (mine);
  change (other, "no-handler");
  support_drain (NULL);
  g_assert_cmpint (g_atomic_int_get (&n_questions), ==, 0);

  g_signal_connect (mine, "domain-added", G_CALLBACK (ignore_cb), NULL);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (ignore_cb), NULL);
  change (other, "handler");
  support_drain (NULL);
  g_assert_cmpint (g_atomic_int_get (&n_questions), >, 0);
}

static void
added_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  *(VckDomainState *) data = vck_domain_get_state (domain);
}

/* Nor for what the event itself contains. */
static void
test_added_with_state (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  VckcConnect *handle = vck_connection_get_handle (connection);
  g_autoptr (VckcDomain) domain =
      vckc_domain_new (handle, "new", "11111111-2222-4333-8444-555555555555");
  VckDomainState state = VCK_DOMAIN_STATE_NOSTATE;

  count_questions (connection);
  g_signal_connect (connection, "domain-added", G_CALLBACK (added_cb), &state);
  g_signal_connect (connection, "domain-removed", G_CALLBACK (ignore_cb), NULL);
  vckc_event_queue_push (handle->events, VCKC_EVENT_DOMAIN_ADDED, domain, NULL,
                         VCKC_DOMAIN_STATE_PAUSED);
  vckc_event_queue_push (handle->events, VCKC_EVENT_DOMAIN_REMOVED, domain, NULL, 0);
  vckc_event_queue_flush (handle->events);
  support_drain (NULL);
  g_assert_cmpint (state, ==, VCK_DOMAIN_STATE_PAUSED);
  g_assert_cmpint (g_atomic_int_get (&n_questions), ==, 0);
}

static void
closed_cb (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_string_append_printf (data, " %d", (int) reason);
}

/* As if drivers had lost their connections, each for another reason. */
static void
test_closed (void)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (VCK_TYPE_CLOSE_REASON);
  g_autoptr (GString) reasons = g_string_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    {
      g_autoptr (VckConnection) connection = support_open ();
      VckcEventQueue *events = vck_connection_get_handle (connection)->events;

      g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), reasons);
      vckc_event_queue_push (events, VCKC_EVENT_CLOSED, NULL, NULL, klass->values[i].value);
      vckc_event_queue_flush (events);
      support_drain (NULL);
    }
  g_assert_cmpstr (reasons->str, ==, " 0 1 2 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/identity/children", test_children);
  g_test_add_func ("/vck/identity/lifetimes", test_lifetimes);
  g_test_add_func ("/vck/identity/incarnations", test_incarnations);
  g_test_add_func ("/vck/identity/bind-object", test_bind_object);
  g_test_add_func ("/vck/identity/change-count", test_change_count);
  g_test_add_func ("/vck/identity/properties", test_properties);
  g_test_add_func ("/vck/identity/listed-before", test_listed_before);
  g_test_add_func ("/vck/identity/listed-before-and-gone", test_listed_before_and_gone);
  g_test_add_func ("/vck/identity/domain-listed-before", test_domain_listed_before);
  g_test_add_func ("/vck/error/take", test_errors);
  g_test_add_func ("/vck/error/libvirt", test_libvirt_error);
  g_test_add_func ("/vck/error/not-libvirt", test_other_errors);
  g_test_add_func ("/vck/domain/state", test_state);
  g_test_add_func ("/vck/domain/state-without-object", test_state_without_object);

  g_test_add_func ("/vck/connection/no-handler", test_no_handler);
  g_test_add_func ("/vck/connection/added-with-state", test_added_with_state);
  g_test_add_func ("/vck/connection/closed", test_closed);

  return g_test_run ();
}
