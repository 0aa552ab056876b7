// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What only libvirt has, shown with its test driver: logging in, its errors, silent changes.

using Support;

const string PASSWORD = "geheim – 秘密";

// A host that lets only anna in, and a connection to it that is not open yet.
class Host : Object {
  private string folder;
  public string uri;
  public Vck.Connection connection;
  public StringBuilder asked = new StringBuilder ();

  public Host (string? password) throws Error {
    folder = DirUtils.make_tmp ("vck-host-XXXXXX");
    FileUtils.set_contents (folder + "/host.xml",
      "<node><auth><user password='%s'>anna</user></auth>".printf (PASSWORD)
      + "<domain type='test'><name>d</name><memory>1024</memory><os><type>hvm</type></os>"
      + "</domain></node>");
    uri = "test://%s/host.xml".printf (folder);
    connection = new Vck.Connection (uri, 0);
    connection.authenticate.connect ((self, credential, prompt, suggestion) => {
      asked.append_printf ("%d ", credential);
      return credential == AUTHNAME ? "anna" : password;
    });
  }

  ~Host () {
    FileUtils.remove (folder + "/host.xml");
    DirUtils.remove (folder);
  }

  public void check_logged_in () throws Error {
    assert_cmpstr (asked.str, EQ, "2 5 ");
    assert_cmpstr (connection.lookup_domain_by_name ("d").name, EQ, "d");
  }
}

void log_in () throws Error {
  Cancellable?[] cancellables = { null, new Cancellable () };
  foreach (var cancellable in cancellables) {
    var host = new Host (PASSWORD);
    assert_true (host.connection.init (cancellable));
    host.check_logged_in ();
  }
}

void log_in_async () throws Error {
  var host = new Host (PASSWORD);
  AsyncResult? done = null;
  host.connection.init_async.begin (Priority.DEFAULT, null, (source, result) => {
    done = result;
  });
  wait_until (() => done != null);
  assert_true (host.connection.init_async.end (done));
  host.check_logged_in ();
}

void be_refused () throws Error {
  var wrong = new Host ("guess");
  assert_fails (Vck.Error.OPERATION_DENIED, () => wrong.connection.init ());
  var silent = new Host (null);
  assert_fails (Vck.Error.OPERATION_DENIED, () => silent.connection.init ());
  assert_false (silent.connection.is_open ());
  assert_fails (Vck.Error.OPERATION_DENIED, () => Vck.Connection.open (silent.uri, 0));
}

void say_what_libvirt_said () throws Error {
  var caught = false;
  try {
    Vck.Connection.open ("test:///default", 0).lookup_domain_by_name ("nosuch");
  } catch (Vck.Error.NO_DOMAIN error) {
    assert_cmpint (Vck.Error.get_libvirt_code (error), EQ, 42);
    assert_cmpint (Vck.Error.get_libvirt_domain (error), GT, 0);
    assert_true (Vck.Error.get_libvirt_message (error) in error.message);
    caught = true;
  }
  assert_true (caught);
}

void look_again_and_again () throws Error {
  var mine = Vck.Connection.open ("test:///default", 0);
  var other = Vck.Connection.open ("test:///default", 0);
  var domain = mine.lookup_domain_by_name ("test");
  var seen = new StringBuilder ();
  domain.checkpoint_added.connect (each => seen.append ("+" + each.name));
  domain.checkpoint_removed.connect (each => seen.append ("-" + each.name));
  assert_cmpint (domain.list_checkpoints (0).length, EQ, 0);
  domain.refresh_interval = 1;
  var checkpoint = create (other.lookup_domain_by_name ("test"), "silent");
  wait_until (() => seen.len > 0);
  checkpoint.delete (0);
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
