/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What only libvirt has, shown with its test driver: logging in, its errors, silent changes. */

#include "support.h"

#include <glib/gstdio.h>

#define AUTH_FAILED 45 /* VIR_ERR_AUTH_FAILED */

static char *host_uri;

/* The path of a description of a host with one domain, `d`, that accepts only the user anna. */
static char *
write_host (void)
{
  const char *xml = "<node><auth><user password='secret'>anna</user></auth>"
                    "<domain type='test'><name>d</name><memory>1024</memory>"
                    "<os><type>hvm</type></os></domain></node>";
  char *path = NULL;
  g_autoptr (GError) error = NULL;
  int file = g_file_open_tmp ("vck-host-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_assert_true (g_close (file, NULL));
  g_file_set_contents (path, xml, -1, &error);
  g_assert_no_error (error);
  return path;
}

/* The user. */
typedef struct
{
  const char *password;
  GString *asked;
  GThread *thread;           /* in which they were asked last */
  GCancellable *cancellable; /* cancelled instead of typing the password; (nullable) */
} Person;

static char *
authenticate_cb (VckConnection *connection,
                 VckCredential credential,
                 const char *prompt,
                 const char *suggestion,
                 gpointer data)
{
  Person *person = data;

  g_assert_cmpstr (prompt, !=, "");
  g_string_append_printf (person->asked, "%d ", (int) credential);
  person->thread = g_thread_self ();
  if (credential == VCK_CREDENTIAL_AUTHNAME)
    return g_strdup ("anna");
  if (person->cancellable != NULL)
    g_cancellable_cancel (person->cancellable);
  return g_strdup (person->password);
}

static VckConnection *
new_connection (Person *person)
{
  VckConnection *connection = vck_connection_new (host_uri, 0);

  person->asked = g_string_new (NULL);
  g_signal_connect (connection, "authenticate", G_CALLBACK (authenticate_cb), person);
  return connection;
}

static void
person_clear (Person *person)
{
  g_string_free (person->asked, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Person, person_clear)

static void
assert_logged_in (VckConnection *connection, const Person *person)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) domain =
      vck_connection_lookup_domain_by_name (connection, "d", NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (domain);
  g_assert_cmpstr (person->asked->str, ==, "2 5 ");
  g_assert_true (person->thread == g_thread_self ());
}

static void
test_login (void)
{
  g_auto (Person) person = { "secret" };
  g_autoptr (VckConnection) connection = new_connection (&person);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  assert_logged_in (connection, &person);
}

/* libvirt asks in another thread, the person is asked in this one. */
static void
test_login_cancellable (void)
{
  g_auto (Person) person = { "secret" };
  g_autoptr (VckConnection) connection = new_connection (&person);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_initable_init (G_INITABLE (connection), cancellable, &error));
  g_assert_no_error (error);
  assert_logged_in (connection, &person);
}

static void
test_login_async (void)
{
  g_auto (Person) person = { "secret" };
  g_autoptr (VckConnection) connection = new_connection (&person);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  g_async_initable_init_async (G_ASYNC_INITABLE (connection), G_PRIORITY_DEFAULT, NULL,
                               support_result_cb, &slot);
  result = support_wait (&slot);
  g_assert_true (g_async_initable_init_finish (G_ASYNC_INITABLE (connection), result, &error));
  g_assert_no_error (error);
  assert_logged_in (connection, &person);
}

static void
test_wrong_password (void)
{
  g_auto (Person) person = { "guess" };
  g_autoptr (VckConnection) connection = new_connection (&person);
  g_autoptr (GError) error = NULL;

  g_assert_false (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_cmpint (vck_error_get_libvirt_code (error), ==, AUTH_FAILED);
  g_assert_cmpint (vck_error_get_libvirt_domain (error), !=, 0);
  g_assert_nonnull (strstr (error->message, vck_error_get_libvirt_message (error)));
  support_assert_error (error, VCK_ERROR_OPERATION_DENIED);
  g_assert_false (vck_connection_is_open (connection));
}

static void
test_no_handler (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_connection_open (host_uri, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_OPERATION_DENIED);
}

/* Giving up is no failure for good: the same object may be tried again. */
static void
test_cancelled (void)
{
  g_auto (Person) person = { NULL };
  g_autoptr (VckConnection) connection = new_connection (&person);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  person.cancellable = cancellable;
  g_assert_false (g_initable_init (G_INITABLE (connection), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (vck_connection_is_open (connection));

  person.cancellable = NULL;
  person.password = "secret";
  g_string_truncate (person.asked, 0);
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  assert_logged_in (connection, &person);
}

static void
name_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_string_append_printf (data, "%s ", vck_checkpoint_get_name (checkpoint));
}

/* Changes by another connection are signalled, because the domain is refreshed in the
 * background. */
static void
test_refresh_interval (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open ("test:///default", 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open ("test:///default", 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (mine);
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GString) added = g_string_new (NULL);
  g_autoptr (GString) removed = g_string_new (NULL);

  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (name_cb), added);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (name_cb), removed);
  g_ptr_array_unref (vck_domain_list_checkpoints (domain, 0, NULL, &error));
  g_assert_no_error (error);
  vck_domain_set_refresh_interval (domain, 1);

  checkpoint = support_create (others_domain, "silent");
  while (added->len == 0)
    g_main_context_iteration (NULL, TRUE);
  support_delete (checkpoint, 0);
  while (removed->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (added->str, ==, "silent ");
  g_assert_cmpstr (removed->str, ==, "silent ");
}

static VckDomain *
define_disks (VckConnection *connection, const char *disks)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='test'><name>disks</name><uuid>6a1b4f0c-4a0f-4a53-8a5b-0c9a1c9f8e01</uuid>"
      "<memory>1024</memory><os><type>hvm</type></os><devices>%s</devices></domain>",
      disks);
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_define_domain_xml (connection, xml, NULL, &error);

  g_assert_no_error (error);
  return domain;
}

#define DISK(target)                                                                               \
  "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/nonexistent/" target         \
  "'/><target dev='" target "' bus='virtio'/></disk>"

/* libvirt's event about a definition has the list of disks look again. */
static void
test_disks (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open ("test:///default", 0, NULL, &error);
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckDomain) same = NULL;
  g_autoptr (VckDiskList) disks = NULL;
  g_autoptr (VckDisk) first = NULL;
  g_autoptr (VckDisk) again = NULL;

  g_assert_no_error (error);
  domain = define_disks (connection, DISK ("vda"));
  disks = vck_domain_get_disks (domain);
  g_assert_true (vck_disk_list_load (disks, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (disks)), ==, 1);
  first = g_list_model_get_item (G_LIST_MODEL (disks), 0);
  same = define_disks (connection, DISK ("vda") DISK ("vdb"));
  g_assert_true (same == domain);
  while (g_list_model_get_n_items (G_LIST_MODEL (disks)) != 2)
    g_main_context_iteration (NULL, TRUE);
  again = g_list_model_get_item (G_LIST_MODEL (disks), 0);
  g_assert_true (again == first);
  vck_domain_undefine (domain, 0, NULL, &error);
  g_assert_no_error (error);
  while (g_list_model_get_n_items (G_LIST_MODEL (disks)) != 0)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = write_host ();
  host_uri = g_strconcat ("test://", path, NULL);

  g_test_add_func ("/vck/libvirt/login", test_login);
  g_test_add_func ("/vck/libvirt/login-cancellable", test_login_cancellable);
  g_test_add_func ("/vck/libvirt/login-async", test_login_async);
  g_test_add_func ("/vck/libvirt/wrong-password", test_wrong_password);
  g_test_add_func ("/vck/libvirt/no-handler", test_no_handler);
  g_test_add_func ("/vck/libvirt/cancelled", test_cancelled);
  g_test_add_func ("/vck/libvirt/refresh-interval", test_refresh_interval);
  g_test_add_func ("/vck/libvirt/disks", test_disks);

  status = g_test_run ();
  g_free (host_uri);
  g_unlink (path);
  return status;
}
