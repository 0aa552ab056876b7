// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What only libvirt has, shown with its test driver: logging in, its errors, silent changes.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {atEnd, describe, it, run} from './tap.js';
import {
  assert, assertFails, assertIncludes, assertList, assertRejects, assertSame, create, until,
} from './support.js';

const PASSWORD = 'geheim – 秘密';
const HOST = `<node><auth><user password='${PASSWORD}'>anna</user></auth>
  <domain type='test'><name>d</name><memory>1024</memory><os><type>hvm</type></os></domain></node>`;

// A new connection to a host that lets only anna in; the handler gets the question.
function connectionTo(password, asked = []) {
  const folder = GLib.dir_make_tmp('vck-host-XXXXXX');
  const file = Gio.File.new_for_path(`${folder}/host.xml`);
  file.replace_contents(HOST, null, false, Gio.FileCreateFlags.NONE, null);
  atEnd(() => {
    file.delete(null);
    file.get_parent().delete(null);
  });
  const connection = new Vck.Connection({uri: `test://${file.get_path()}`});
  connection.connect('authenticate', (self, credential) => {
    assertSame(self, connection);
    asked.push(credential);
    return credential === Vck.Credential.AUTHNAME ? 'anna' : password;
  });
  return connection;
}

describe('logging in', () => {
  const both = [Vck.Credential.AUTHNAME, Vck.Credential.PASSPHRASE];

  it('works while the caller waits', () => {
    for (const cancellable of [null, new Gio.Cancellable()]) {
      const asked = [];
      const connection = connectionTo(PASSWORD, asked);
      assertSame(connection.init(cancellable), true);
      assertList(asked, both);
      assertSame(connection.lookup_domain_by_name('d').name, 'd');
    }
  });

  it('works while the main loop runs', async () => {
    const asked = [];
    const connection = connectionTo(PASSWORD, asked);
    await connection.init_async();
    assertList(asked, both);
    assertSame(connection.lookup_domain_by_name('d').name, 'd');
  });

  it('is refused', async () => {
    const denied = Vck.Error.OPERATION_DENIED;
    assertFails(denied, () => connectionTo('guess').init());
    assertFails(denied, () => connectionTo(null).init());
    await assertRejects(denied, connectionTo('guess').init_async());
    assertFails(denied, () => Vck.Connection.open(connectionTo(PASSWORD).uri));
  });
});

describe('the host that all share', () => {
  function openDefault() {
    const connection = Vck.Connection.open('test:///default');
    atEnd(() => connection.close());
    return connection;
  }

  it('says what libvirt said', () => {
    const connection = openDefault();
    try {
      connection.lookup_domain_by_name('nosuch');
    } catch (error) {
      assert(error.matches(Vck.Error, Vck.Error.NO_DOMAIN), `${error}`);
      assertSame(Vck.error_get_libvirt_code(error), 42);
      assert(Vck.error_get_libvirt_domain(error) > 0);
      assertIncludes(error.message, Vck.error_get_libvirt_message(error));
      return;
    }
    throw new Error('the call did not fail');
  });

  it('is looked at again and again', async () => {
    const domain = openDefault().lookup_domain_by_name('test');
    const seen = [];
    domain.connect('checkpoint-added', (_self, each) => seen.push(`+${each.name}`));
    domain.connect('checkpoint-removed', (_self, each) => seen.push(`-${each.name}`));
    assertList(domain.list_checkpoints(), []);
    domain.refresh_interval = 1;
    const checkpoint = create(openDefault().lookup_domain_by_name('test'), 'silent');
    await until(() => seen.length === 1, 'checkpoint-added');
    checkpoint.delete();
    await until(() => seen.length === 2, 'checkpoint-removed');
    domain.refresh_interval = 0;
    assertList(seen, ['+silent', '-silent']);
  });
});

run();
