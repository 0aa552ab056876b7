// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The disks of domains, as lists that follow what happens.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, assert, assertFails, assertList, assertSame, define, domainXml, open, until,
} from './support.js';

const targetsOf = disks => [...disks].map(disk => disk.target);

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`the list of disks on ${Backend.name}`, () => {
    const prepare = () => {
      const backend = new Backend();
      const connection = open(backend);
      const domain = define(connection, backend);
      const {disks} = domain;
      assertSame(disks.load(), true);
      return [domain, disks, (targets, change = xml => xml) =>
        assertSame(connection.define_domain_xml(change(domainXml('guest', backend.disks(...targets)))), domain)];
    };

    it('follows the definition', async () => {
      const [domain, disks, redefine] = prepare();
      const rows = [...disks];
      assertList(targetsOf(rows), ['vda', 'vdb']);
      assertList(rows, domain.list_disks());
      assertSame(domain.disks, disks);
      assertSame(disks.domain, domain);
      redefine(['vdc', 'vdb']);
      await until(() => targetsOf(disks).join() === 'vdc,vdb');
      assertSame(disks.get_item(1), rows[1]);
      assertSame(await disks.load_async(), true);
      assertList([...disks], domain.list_disks());
    });

    it('has disks that change', async () => {
      const [domain, disks, redefine] = prepare();
      const disk = disks.get_item(0);
      const seen = [];
      disk.connect('notify', (_disk, {name}) => seen.push(name));
      redefine(['vda', 'vdb'], xml => xml.replace("type='qcow2'", "type='raw'"));
      domain.list_disks();
      assertList([disk.trackable, disk.format, seen.length], [false, 'raw', 0]);
      assert(disk.reason !== null);
      await until(() => seen.length === 3);
      assertList(seen.sort(), ['format', 'reason', 'trackable']);
      assertSame(disks.get_item(0), disk);
    });

    it('is as a checkpoint tracks it', () => {
      const [domain] = prepare();
      const config = new Vck.CheckpointConfig({name: 'first'});
      config.skip('vdb');
      const first = domain.create_checkpoint(config);
      const {READY, UNKNOWN, UNTRACKED} = Vck.CheckpointState;
      for (const [flags, expected] of [[0, UNKNOWN], ['SIZE', READY]]) {
        const [vda, vdb] = first.list_disks(flags);
        assertList([vda.state, vdb.state], [expected, UNTRACKED]);
        assert(vda.capacity > 0);
        assertList([vda.granularity, vdb.granularity, vdb.capacity, vdb.bitmap], [GRANULARITY, -1, -1, null]);
      }
      assertSame(first.state, READY);
      assertList(domain.measure_checkpoints().map(disk => disk.name), ['vda']);
    });

    it('stays when the connection is closed', async () => {
      const [domain, disks] = prepare();
      const rows = [...disks];
      domain.connection.close();
      assertFails(Vck.Error.NO_CONNECT, () => disks.load());
      await until(() => disks.error !== null);
      assertList([...disks], rows);
    });
  });
}

run();
