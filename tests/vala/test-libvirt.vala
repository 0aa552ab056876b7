// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What only libvirt has, shown with its test driver: logging in, its errors, silent changes.

using Support;

const string PASSWORD = "geheim – 秘密";

// A host that lets only anna in.
class Host : Object {
  private string folder;
  public string uri;

  public Host () throws Error {
    folder = DirUtils.make_tmp ("vck-host-XXXXXX");
    uri = "test://%s/host.xml".printf (folder);
    FileUtils.set_contents (folder + "/host.xml",
      "<node><auth><user password='%s'>anna</user></auth>".printf (PASSWORD)
      + "<domain type='test'><name>d</name><memory>1024</memory><os><type>hvm</type></os>"
      + "</domain></node>");
  }

  ~Host () {
    FileUtils.remove (folder + "/host.xml");
    DirUtils.remove (folder);
  }
}

// What was asked.
class Questions : Object {
  public string numbers = "";
}

// A connection that is not open yet.
Vck.Connection connect_to (Host host, string? password, Questions asked) {
  var connection = new Vck.Connection (host.uri, 0);
  connection.authenticate.connect ((self, credential, prompt, suggestion) => {
    asked.numbers += "%d ".printf (credential);
    return credential == AUTHNAME ? "anna" : password;
  });
  return connection;
}

void check_logged_in (Vck.Connection connection, Questions asked) throws Error {
  assert_cmpstr (asked.numbers, EQ, "2 5 ");
  assert_cmpstr (connection.lookup_domain_by_name ("d").name, EQ, "d");
}

void log_in () throws Error {
  var host = new Host ();
  Cancellable?[] cancellables = { null, new Cancellable () };
  foreach (var cancellable in cancellables) {
    var asked = new Questions ();
    var connection = connect_to (host, PASSWORD, asked);
    assert_true (connection.init (cancellable));
    check_logged_in (connection, asked);
  }
}

void log_in_async () throws Error {
  var host = new Host ();
  var asked = new Questions ();
  var connection = connect_to (host, PASSWORD, asked);
  AsyncResult? done = null;
  connection.init_async.begin (Priority.DEFAULT, null, (source, result) => {
    done = result;
  });
  wait_until (() => done != null);
  assert_true (connection.init_async.end (done));
  check_logged_in (connection, asked);
}

void be_refused () throws Error {
  var host = new Host ();
  var wrong = connect_to (host, "guess", new Questions ());
  assert_fails (Vck.Error.OPERATION_DENIED, () => wrong.init ());
  var silent = connect_to (host, null, new Questions ());
  assert_fails (Vck.Error.OPERATION_DENIED, () => silent.init ());
  assert_false (silent.is_open);
  assert_fails (Vck.Error.OPERATION_DENIED, () => Vck.Connection.open (host.uri));
}

void say_what_libvirt_said () throws Error {
  var caught = false;
  try {
    Vck.Connection.open ("test:///default").lookup_domain_by_name ("nosuch");
  } catch (Vck.Error.NO_DOMAIN error) {
    assert_cmpint (Vck.Error.get_libvirt_code (error), EQ, 42);
    assert_cmpint (Vck.Error.get_libvirt_domain (error), GT, 0);
    assert_true (Vck.Error.get_libvirt_message (error) in error.message);
    caught = true;
  }
  assert_true (caught);
}

void look_again_and_again () throws Error {
  var mine = Vck.Connection.open ("test:///default");
  var other = Vck.Connection.open ("test:///default");
  var domain = mine.lookup_domain_by_name ("test");
  var seen = new StringBuilder ();
  domain.checkpoint_added.connect (each => seen.append ("+" + each.name));
  domain.checkpoint_removed.connect (each => seen.append ("-" + each.name));
  assert_cmpint (domain.list_checkpoints ().length, EQ, 0);
  domain.refresh_interval = 1;
  var checkpoint = create (other.lookup_domain_by_name ("test"), "silent");
  wait_until (() => seen.len > 0);
  checkpoint.delete ();
  wait_until (() => seen.len > "+silent".length);
  assert_cmpstr (seen.str, EQ, "+silent-silent");
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add ("libvirt/login", log_in);
  add ("libvirt/login-async", log_in_async);
  add ("libvirt/refused", be_refused);
  add ("libvirt/error", say_what_libvirt_said);
  add ("libvirt/refresh-interval", look_again_and_again);
  return Test.run ();
}
