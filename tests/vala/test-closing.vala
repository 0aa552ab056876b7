// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Opening and closing: the property that says so, and closing without blocking.

using Support;

void follow_property (Backend backend) throws Error {
  var connection = new Vck.Connection (backend.uri);
  var seen = new StringBuilder ();
  connection.notify["is-open"].connect (() => seen.append (connection.is_open ? "open " : "not-open "));
  connection.closed.connect (() => seen.append ("closed "));
  assert_false (connection.is_open);
  assert_true (connection.init ());
  assert_true (connection.is_open);
  assert_cmpstr (seen.str, EQ, "");
  wait_until (() => seen.str == "open ");
  assert_true (connection.close ());
  assert_false (connection.is_open);
  assert_cmpstr (seen.str, EQ, "open ");
  wait_until (() => seen.str.has_suffix ("closed "));
  assert_cmpstr (seen.str, EQ, "open not-open closed ");
}

async void close_in_background (Backend backend) throws Error {
  var connection = yield Vck.Connection.open_async (backend.uri);
  assert_true (yield connection.close_async ());
  assert_false (connection.is_open);
  assert_true (yield connection.close_async ());
}

async void cancel_before (Backend backend) throws Error {
  var connection = yield Vck.Connection.open_async (backend.uri);
  var cancellable = new Cancellable ();
  var caught = false;
  cancellable.cancel ();
  try {
    yield connection.close_async (cancellable);
  } catch (IOError.CANCELLED error) {
    caught = true;
  }
  assert_true (caught && connection.is_open);
}

async void close_unopened (Backend backend) throws Error {
  var caught = false;
  try {
    yield new Vck.Connection (backend.uri).close_async ();
  } catch (Vck.Error.INVALID_CONNECT error) {
    caught = true;
  }
  assert_true (caught);
}

void check_the_version () throws Error {
  assert_cmpuint (Vck.get_major_version (), EQ, Vck.MAJOR_VERSION);
  assert_cmpuint (Vck.get_minor_version (), EQ, Vck.MINOR_VERSION);
  assert_cmpuint (Vck.get_micro_version (), EQ, Vck.MICRO_VERSION);
  assert_cmpstr (Vck.get_version (), EQ, Vck.VERSION_S);
  assert_true (Vck.check_version (Vck.MAJOR_VERSION, Vck.MINOR_VERSION, Vck.MICRO_VERSION));
  assert_true (Vck.check_version (Vck.MAJOR_VERSION - 1, 99, 0));
  assert_false (Vck.check_version (Vck.MAJOR_VERSION, Vck.MINOR_VERSION, Vck.MICRO_VERSION + 1));
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("closing/property", follow_property);
  add_both ("closing/background", backend => {
    complete (backend, (p, c) => close_in_background.begin (p, c), r => close_in_background.end (r));
  });
  add_both ("closing/cancelled", backend => {
    complete (backend, (p, c) => cancel_before.begin (p, c), r => cancel_before.end (r));
  });
  add_both ("closing/unopened", backend => {
    complete (backend, (p, c) => close_unopened.begin (p, c), r => close_unopened.end (r));
  });
  add ("closing/version", check_the_version);
  return Test.run ();
}
