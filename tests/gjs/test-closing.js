// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Opening and closing: the property that says so, and closing without blocking.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assert, assertList, assertRejects, assertSame, open, until,
} from './support.js';

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    it('is open in between', async () => {
      const connection = new Vck.Connection({uri: new Backend().uri});
      const seen = [];
      connection.connect('notify::is-open', self => seen.push(self.isOpen));
      connection.connect('closed', () => seen.push('closed'));
      assertSame(connection.isOpen, false);
      connection.init();
      assertSame(connection.is_open, true);
      assertList(seen, []);
      await until(() => seen.length > 0, 'notify::is-open');
      assertList(seen, [true]);
      connection.close();
      assertSame(connection.isOpen, false);
      assertList(seen, [true]);
      await until(() => seen.includes('closed'), 'closed');
      assertList(seen, [true, false, 'closed']);
    });

    it('is closed in the background', async () => {
      const connection = open(new Backend());
      assertSame(await connection.close_async(), true);
      assertSame(connection.isOpen, false);
      assertSame(await connection.close_async(), true);
    });

    it('stays open if closing is cancelled before', async () => {
      const connection = open(new Backend());
      const cancellable = new Gio.Cancellable();
      cancellable.cancel();
      let caught = null;
      await connection.close_async(cancellable).catch(error => (caught = error));
      assert(caught instanceof GLib.Error && caught.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
      assertSame(connection.isOpen, true);
    });

    it('is not closed before it is open', async () => {
      const connection = new Vck.Connection({uri: new Backend().uri});
      await assertRejects(Vck.Error.INVALID_CONNECT, connection.close_async());
    });
  });
}

describe('the version of the library', () => {
  it('is that of the typelib', () => {
    const version = [Vck.get_major_version(), Vck.get_minor_version(), Vck.get_micro_version()];
    assertList(version, [Vck.MAJOR_VERSION, Vck.MINOR_VERSION, Vck.MICRO_VERSION]);
    assertSame(Vck.get_version(), version.join('.'));
    assert(Vck.check_version(...version) && Vck.check_version(version[0] - 1, 99, 0));
    assertSame(Vck.check_version(version[0], version[1], version[2] + 1), false);
  });
});

run();
