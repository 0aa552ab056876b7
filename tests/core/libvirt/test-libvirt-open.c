/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Opening connections: read-only, with a password, and what they are good for afterwards. */

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "../local/assert-error.h"
#include "base/error-private.h"
#include "drivers/libvirt/link/libvirt-connection.h"
#include "drivers/libvirt/link/libvirt-login.h"
#include "libvirt-fixture.h"

/* --- read-only --- */

static void
test_read_only (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcConnect) connect =
      vckc_connect_open (TEST_DRIVER_URI, VCKC_CONNECTION_READ_ONLY, NULL);
  g_autoptr (VckcDomain) domain = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  VckcError *error = NULL;

  g_assert_nonnull (connect);
  g_assert_true (vckc_connect_is_read_only (connect, NULL));
  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  domain = vckc_domain_lookup_by_name (connect, "t", NULL);
  checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, "a", 0, NULL);
  g_assert_nonnull (checkpoint);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 1);
  g_assert_cmpint (vckc_domain_refresh (domain, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, &error), ==, -1);
  assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_DENIED, "read-only");
  g_assert_null (vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint/>", 0, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_DENIED, "read-only");
  g_assert_null (
      vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_SECURE, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_DENIED, "");
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 1);
}

/* libvirt itself knows it is read-only, too: what Vck might forget to refuse would be refused. */
static void
test_read_only_for_libvirt (void)
{
  g_autoptr (VckcConnect) connect =
      vckc_connect_open (TEST_DRIVER_URI, VCKC_CONNECTION_READ_ONLY, NULL);
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainPtr domain = virDomainLookupByName (conn, "test");

  g_assert_cmpint (virDomainSuspend (domain), ==, -1);
  g_assert_cmpint (virGetLastErrorCode (), ==, VIR_ERR_OPERATION_DENIED);
  virDomainFree (domain);
}

/* --- passwords --- */

static const char node_xml[] =
    "<node><auth><user password='secret'>anna</user><user>otto</user></auth>"
    "<domain type='test'><name>d</name><memory>1024</memory><os><type>hvm</type></os>"
    "</domain></node>";

/* Answers, and notes what was asked. NULL as an answer gives up. */
typedef struct
{
  const char *name;
  const char *password;
  GString *asked;
} Person;

static char *
answer_cb (VckcCredential credential, const char *prompt, const char *suggestion, void *opaque)
{
  Person *self = opaque;
  const char *answer = credential == VCKC_CREDENTIAL_PASSPHRASE ? self->password : self->name;

  g_assert_nonnull (prompt);
  g_string_append_printf (self->asked, "%d ", (int) credential);
  return answer != NULL ? strdup (answer) : NULL;
}

typedef struct
{
  const char *name; /* of the case */
  const char *user;
  const char *password;
  const char *asked;  /* which credentials */
  VckcErrorCode code; /* 0 for success */
} AuthCase;

static const AuthCase auth_cases[] = {
  { "right", "anna", "secret", "2 5 ", 0 },
  { "no-password-needed", "otto", NULL, "2 ", 0 },
  { "wrong-password", "anna", "guess", "2 5 ", VCKC_ERROR_OPERATION_DENIED },
  { "wrong-name", "eve", "secret", "2 5 ", VCKC_ERROR_OPERATION_DENIED },
  { "gives-up-at-once", NULL, NULL, "2 ", VCKC_ERROR_OPERATION_DENIED },
  { "gives-up-late", "anna", NULL, "2 5 ", VCKC_ERROR_OPERATION_DENIED },
  { "empty-password", "anna", "", "2 5 ", VCKC_ERROR_OPERATION_DENIED },
};

/* Written by main(). */
static char *node_path;

static void
write_node (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("vck-test-XXXXXX", &error);

  g_assert_no_error (error);
  node_path = g_build_filename (folder, "node.xml", NULL);
  g_file_set_contents (node_path, node_xml, -1, &error);
  g_assert_no_error (error);
}

static void
remove_node (void)
{
  g_autofree char *folder = g_path_get_dirname (node_path);

  g_assert_cmpint (g_remove (node_path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (node_path);
}

static char *
make_node_uri (void)
{
  return g_strconcat ("test://", node_path, NULL);
}

static void
test_auth (gconstpointer data)
{
  const AuthCase *self = data;
  g_autofree char *uri = make_node_uri ();
  g_autoptr (GString) asked = g_string_new (NULL);
  Person person = { self->user, self->password, asked };
  VckcError *error = NULL;
  g_autoptr (VckcConnect) connect = vckc_connect_open_auth (uri, 0, answer_cb, &person, &error);

  g_assert_cmpstr (asked->str, ==, self->asked);
  if (self->code != 0)
    {
      g_assert_null (connect);
      assert_error (error, self->code, uri);
      return;
    }
  assert_ok (connect != NULL, error);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "d", NULL);
  g_assert_nonnull (domain);
}

/* Without a callback for credentials. */
static void
test_no_callback (void)
{
  g_autofree char *uri = make_node_uri ();
  VckcError *error = NULL;

  g_assert_null (vckc_connect_open (uri, 0, &error));
  g_assert_cmpint (vckc_error_get_libvirt_code (error), ==, VIR_ERR_AUTH_FAILED);
  assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_DENIED,
                "connect a handler to the signal 'authenticate' before");
  g_assert_null (vckc_connect_open (uri, 0, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_DENIED, uri);
  g_assert_null (vckc_connect_open_auth (uri, 0, NULL, NULL, &error));
  assert_error (error, VCKC_ERROR_OPERATION_DENIED, uri);
}

/* Opens a connection through a program instead of ssh, which must fail. */
static VckcError *
open_through (const char *script)
{
  g_autofree char *folder = g_dir_make_tmp ("vck-test-XXXXXX", NULL);
  g_autofree char *ssh = g_build_filename (folder, "ssh", NULL);
  g_autofree char *uri =
      g_strdup_printf ("qemu+ssh://anna@host.invalid/system?command=%s&no_verify=1", ssh);
  VckcError *error = NULL;

  g_assert_true (g_file_set_contents (ssh, script, -1, NULL));
  g_assert_cmpint (g_chmod (ssh, 0700), ==, 0);
  g_assert_null (vckc_connect_open (uri, 0, &error));
  g_assert_cmpint (g_remove (ssh), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_nonnull (strstr (vckc_error_get_message (error), uri));
  return error;
}

/* An ssh that is not let in, and cannot ask the user, and one that fails otherwise. */
static void
test_ssh (void)
{
  g_autoptr (VckcError) silent = open_through ("#!/bin/sh\nhead -c 1 >/dev/null\nexit 255\n");

  assert_error (open_through ("#!/bin/sh\nhead -c 1 >/dev/null\n"
                              "echo 'anna@host.invalid: Permission denied (publickey).' >&2\n"
                              "exit 255\n"),
                VCKC_ERROR_NO_CONNECT, "put yours there with 'ssh-copy-id'");
  g_assert_null (strstr (vckc_error_get_message (silent), "ssh-copy-id"));
}

/* It may have ended before libvirt has written anything, or not: each time there is advice. */
static void
test_ssh_at_once (void)
{
  for (guint i = 0; i < 20; i++)
    assert_error (open_through ("#!/bin/sh\n"
                                "echo 'anna@host.invalid: Permission denied (publickey).' >&2\n"
                                "exit 255\n"),
                  VCKC_ERROR_NO_CONNECT, "'ssh-copy-id'");
}

/* --- signals --- */

typedef void (*SignalFunc) (int number);

static void
signal_cb (int number)
{
}

/* The action of the signal after a connection was opened. */
static SignalFunc
open_with_action (SignalFunc before)
{
  g_autoptr (VckcConnect) connect = NULL;

  signal (SIGPIPE, before);
  connect = vckc_connect_open (TEST_DRIVER_URI, 0, NULL);
  g_assert_nonnull (connect);
  return signal (SIGPIPE, SIG_DFL);
}

/* A link that breaks does not end the program, and a handler of the program stays. */
static void
test_signal (void)
{
  g_assert_true (open_with_action (SIG_DFL) == SIG_IGN);
  g_assert_true (open_with_action (SIG_IGN) == SIG_IGN);
  g_assert_true (open_with_action (signal_cb) == signal_cb);
}

typedef struct
{
  const char *name;
  const char *uri;
  int code;
  int domain;
  const char *said;
  const char *advice; /* NULL for none */
} LoginCase;

static const LoginCase login_cases[] = {
  { "refused", "qemu+ssh://h/system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
    "Cannot recv data: Host key verification failed.: Connection reset by peer",
    "ssh cannot ask here" },
  { "not-written", "qemu+ssh://h/system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
    "Cannot write data: Broken pipe", "what it said is lost" },
  { "not-begun", "qemu+ssh://h/system", VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC,
    "internal error: client socket is closed", "what it said is lost" },
  { "other-reason", "qemu+ssh://h/system", VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
    "Cannot recv data: ssh: Could not resolve hostname h: Connection reset by peer", NULL },
  { "other-error", "qemu+ssh://h/system", VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU,
    "internal error: x", NULL },
  { "other-way", "qemu+tcp://h/system?x=+ssh", VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC,
    "internal error: client socket is closed", NULL },
};

static void
test_login (gconstpointer data)
{
  const LoginCase *self = data;
  g_autoptr (VckcError) explained = NULL;
  VckcError *error = NULL;

  vckc_set_error (&error, VCKC_ERROR_NO_CONNECT, "cannot connect: %s", self->said);
  vckc_error_set_libvirt (error, self->code, self->domain, self->said);
  explained = vckc_libvirt_login_explain (error, self->uri, true);
  g_assert_true (g_str_has_prefix (vckc_error_get_message (explained), "cannot connect: "));
  g_assert_cmpint (vckc_error_get_libvirt_code (explained), ==, self->code);
  g_assert_cmpstr (vckc_error_get_libvirt_message (explained), ==, self->said);
  if (self->advice != NULL)
    g_assert_nonnull (strstr (vckc_error_get_message (explained), self->advice));
  else
    g_assert_null (strstr (vckc_error_get_message (explained), "ssh-copy-id"));
}

/* Nearly a scheme of libvirt, which only libvirt can refuse: it looks for a daemon. */
static void
test_misspelled (void)
{
  VckcError *error = NULL;

  g_assert_null (vckc_connect_open ("tset:///default", 0, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_CONNECT,
                "; did you mean 'test' for the scheme 'tset'?");
  g_assert_null (
      vckc_connect_open ("qmeu+ssh://host.invalid/system?command=/bin/false", 0, &error));
  g_assert_cmpint (vckc_error_get_libvirt_code (error), !=, 0);
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_CONNECT,
                "; did you mean 'qemu' for the scheme 'qmeu'?");
  g_assert_null (vckc_connect_open ("test:///nonexistent/node.xml", 0, &error));
  g_assert_null (strstr (vckc_error_get_message (error), "did you mean"));
  vckc_error_free (error);
}

/* Who needs no password is not asked. */
static void
test_not_asked (void)
{
  g_autoptr (GString) asked = g_string_new (NULL);
  Person person = { "anna", "secret", asked };
  g_autoptr (VckcConnect) connect =
      vckc_connect_open_auth (TEST_DRIVER_URI, 0, answer_cb, &person, NULL);

  g_assert_nonnull (connect);
  g_assert_cmpstr (asked->str, ==, "");
}

/* --- closing --- */

/* Handles outlive the connection they are of, and refuse. */
static void
test_closed (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcError *error = NULL;

  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_refresh (fixture->domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_CONNECT, TEST_DRIVER_URI);
  g_assert_cmpstr (vckc_domain_get_name (fixture->domain, NULL), ==, "t");
  g_assert_cmpint (virDomainIsActive (fixture->plain), ==, 1);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-open/read-only", test_read_only);
  g_test_add_func ("/vck/libvirt-open/read-only-for-libvirt", test_read_only_for_libvirt);
  for (gsize i = 0; i < G_N_ELEMENTS (auth_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/libvirt-open/auth/", auth_cases[i].name, NULL);

      g_test_add_data_func (path, &auth_cases[i], test_auth);
    }
  g_test_add_func ("/vck/libvirt-open/auth/no-callback", test_no_callback);
  g_test_add_func ("/vck/libvirt-open/auth/not-asked", test_not_asked);
  g_test_add_func ("/vck/libvirt-open/signal", test_signal);
  g_test_add_func ("/vck/libvirt-open/misspelled", test_misspelled);
  g_test_add_func ("/vck/libvirt-open/auth/ssh", test_ssh);
  g_test_add_func ("/vck/libvirt-open/auth/ssh-at-once", test_ssh_at_once);
  for (gsize i = 0; i < G_N_ELEMENTS (login_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/libvirt-open/login/", login_cases[i].name, NULL);

      g_test_add_data_func (path, &login_cases[i], test_login);
    }
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-open/closed", test_closed);
  write_node ();
  result = g_test_run ();
  remove_node ();
  return result;
}
