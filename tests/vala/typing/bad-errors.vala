// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Errors that valac must see: in each line that ends in a comment "wrong:", and no other.

namespace Errors {
  public void forget_cancellation (Vck.Domain domain) throws Vck.Error {
    domain.refresh (); // wrong: unhandled error `GLib.IOError'
  }

  public void forget_failures (Vck.Domain domain) throws IOError {
    domain.refresh (); // wrong: unhandled error `Vck.Error'
  }

  public async void forget_later (Vck.Domain domain) throws IOError {
    yield domain.refresh_async (); // wrong: unhandled error `Vck.Error'
  }

  public void forget_all (Vck.Connection connection) {
    connection.close (); // wrong: unhandled error `Vck.Error'
  }

  public void expect_too_much (Vck.Connection connection) {
    try {
      connection.close ();
    } catch (Vck.Error error) {
      print ("%s\n", error.message);
    } catch (IOError error) { // wrong: unreachable catch clause detected
      print ("%s\n", error.message);
    }
  }

  public void catch_all (Vck.Connection connection) {
    try {
      connection.lookup_domain_by_name ("web");
    } catch (Vck.Error error) {
      print ("%s\n", error.message);
    } catch (IOError error) {
      print ("%s\n", error.message);
    }
  }
}
