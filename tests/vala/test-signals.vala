// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Signals: which, in which order, and with which objects.

using Support;

// Notes what comes, as a text.
class Notes {
  public StringBuilder seen = new StringBuilder ();

  public void follow_connection (Vck.Connection connection) {
    connection.domain_added.connect (domain => note ("+" + domain.name));
    connection.domain_removed.connect (domain => note ("-" + domain.name));
    connection.closed.connect (reason => note (reason == CLIENT ? "closed" : "lost"));
  }

  public void follow_domain (Vck.Domain domain) {
    domain.checkpoint_added.connect (checkpoint => note ("+" + checkpoint.name));
    domain.checkpoint_removed.connect (checkpoint => note ("-" + checkpoint.name));
  }

  public void expect (string expected) {
    wait_until (() => seen.len >= expected.length);
    assert_cmpstr (seen.str, EQ, expected);
  }

  private void note (string text) {
    seen.append_printf ("%s%s", seen.len == 0 ? "" : " ", text);
  }
}

void keep_order (Backend backend) throws Error {
  var notes = new Notes ();
  var connection = Vck.Connection.open (backend.uri);
  notes.follow_connection (connection);
  var domain = define (connection, backend);
  notes.follow_domain (domain);
  var first = create (domain, "first");
  var second = create (domain, "second");
  first.delete ();
  domain.undefine (CHECKPOINTS_METADATA);
  connection.close ();
  assert_cmpstr (notes.seen.str, EQ, "");
  notes.expect ("+guest +first +second -first -second -guest closed");
  assert_cmpstr (second.name, EQ, "second");
}

void give_the_same_objects (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  Vck.Domain? added = null;
  Vck.Checkpoint? created = null;
  connection.domain_added.connect ((self, each) => {
    assert_true (self == connection);
    added = each;
  });
  var domain = define (connection, backend);
  domain.checkpoint_added.connect ((self, each) => {
    assert_true (self == domain);
    created = each;
  });
  var checkpoint = create (domain, "first");
  wait_until (() => created != null);
  assert_true (added == domain);
  assert_true (created == checkpoint);
}

void reach_another_connection (Backend backend) throws Error {
  var notes = new Notes ();
  var other = Vck.Connection.open (backend.uri);
  notes.follow_connection (other);
  var domain = define (Vck.Connection.open (backend.uri), backend, "Bücher");
  notes.expect ("+Bücher");
  assert_cmpstr (domain.name, EQ, "Bücher");
}

void close_inside_a_handler (Backend backend) throws Error {
  var notes = new Notes ();
  var connection = Vck.Connection.open (backend.uri);
  connection.domain_added.connect ((self, domain) => {
    try {
      self.close ();
    } catch (Error error) {
      GLib.error ("%s", error.message);
    }
  });
  connection.closed.connect (() => notes.seen.append ("closed"));
  define (connection, backend);
  notes.expect ("closed");
  assert_false (connection.is_open);
}

void answer_once () throws Error {
  var connection = new Vck.Connection (new MemoryBackend ().uri, READ_ONLY);
  var asked = new StringBuilder ();
  string?[] answers = { null, "geheim – 秘密", "never asked" };
  foreach (unowned var answer in answers) {
    var mine = answer;
    connection.authenticate.connect ((self, credential, prompt, suggestion) => {
      assert_true (self == connection && credential == PASSPHRASE);
      asked.append_printf ("%s(%s) ", prompt, suggestion ?? "-");
      return mine;
    });
  }
  assert_cmpstr (connection.authenticate (PASSPHRASE, "Schlüssel", null), EQ, "geheim – 秘密");
  assert_cmpstr (asked.str, EQ, "Schlüssel(-) Schlüssel(-) ");
}

void open_when_connected () throws Error {
  var connection = new Vck.Connection (new MemoryBackend ().uri, READ_ONLY);
  connection.authenticate.connect (() => null);
  assert_null (connection.authenticate (AUTHNAME, "Name", "nobody"));
  assert_fails (Vck.Error.INVALID_CONNECT, () => connection.list_domains ());
  assert_true (connection.init ());
  assert_true (connection.is_open && connection.is_read_only ());
  assert_cmpint (connection.list_domains ().length, EQ, 1);
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("signals/order", keep_order);
  add_both ("signals/objects", give_the_same_objects);
  add_both ("signals/another-connection", reach_another_connection);
  add_both ("signals/close-inside", close_inside_a_handler);
  add ("signals/authenticate/answer", answer_once);
  add ("signals/authenticate/open", open_when_connected);
  return Test.run ();
}
