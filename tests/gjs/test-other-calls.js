// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Calls that no other scenario of tests/languages/scenario.md has.

import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, assert, assertFails, assertIncludes, assertList, assertRejects,
  assertSame, create, define, open, runProgram,
} from './support.js';

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    function prepare() {
      const backend = new Backend();
      const connection = open(backend);
      return [define(connection, backend), connection, backend];
    }

    it('opens and closes connections', async () => {
      const connection = Vck.Connection.new(prepare()[2].uri);
      assertSame(connection.is_open, false);
      assertFails(Vck.Error.INVALID_CONNECT, () => connection.count_domains());
      assertSame(await connection.init_async(), true);
      assertSame(connection.is_open, true);
      assertSame(connection.close(), true);
      assertSame(connection.close(), true);
      assertSame(connection.is_open, false);
      await assertRejects(Vck.Error.NO_CONNECT, connection.count_domains_async());
    });

    it('finds and lists domains', () => {
      const [domain, connection] = prepare();
      assertSame(connection.lookup_domain_by_name('guest'), domain);
      assertSame(connection.lookup_domain_by_uuid(domain.uuid), domain);
      for (const [flags, listed] of [[0, true], ['INACTIVE', true], ['ACTIVE', false]]) {
        const domains = connection.list_domains(flags);
        assertSame(domains.includes(domain), listed);
        assertSame(domains.length, connection.count_domains(flags));
      }
      assertFails(Vck.Error.INVALID_ARG, () => connection.lookup_domain_by_uuid('x'));
    });

    it('counts disks and children', () => {
      const [domain] = prepare();
      const [first, second] = [create(domain, 'first'), create(domain, 'second')];
      assertList([domain.count_disks(), first.count_disks()], [2, 2]);
      assertList([first.count_children(), second.count_children()], [1, 0]);
    });

    it('reads documents', async () => {
      const [domain] = prepare();
      assertIncludes(await domain.get_xml_desc_async(), '<name>guest</name>');
      assertFails(Vck.Error.NO_BACKUP, () => domain.get_backup_xml());
    });

    it('measures all checkpoints', async () => {
      const [domain, , backend] = prepare();
      create(domain, 'first');
      backend.write('vda', 0, 1);
      const disks = await domain.measure_checkpoints_async();
      assertList(disks.map(disk => `${disk.checkpoint} ${disk.name}`), ['first vda', 'first vdb']);
      assertList(disks.map(disk => disk.size), [backend.hasImages ? GRANULARITY : 0, 0]);
      assertSame(domain.refresh(), true);
    });

    it('lists bitmaps', async () => {
      const [domain, connection, backend] = prepare();
      create(domain, 'first').delete('METADATA_ONLY');
      create(domain, 'second');
      backend.write('vda', 0, 1);
      const bitmaps = domain.list_bitmaps('BACKING');
      const {CHECKPOINT, ORPHAN} = Vck.BitmapOwner;
      assertList(bitmaps.map(each => `${each.disk} ${each.name} ${each.owner} ${each.checkpoint}`), [
        `vda first ${ORPHAN} null`, `vda second ${CHECKPOINT} second`,
        `vdb first ${ORPHAN} null`, `vdb second ${CHECKPOINT} second`,
      ]);
      const written = backend.hasImages ? GRANULARITY : 0;
      assertList(bitmaps.map(each => each.size), [written, written, 0, 0]);
      for (const each of bitmaps) {
        assertSame(each.granularity, GRANULARITY);
        assert(each.recording && each.persistent && !each.inconsistent && !each.busy);
      }
      assertSame(bitmaps[0].image, domain.list_disks()[0].source);
      assertSame((await domain.list_bitmaps_async()).length, 4);
      connection.close();
      assertFails(Vck.Error.NO_CONNECT, () => domain.list_bitmaps());
    });

    it('loads lists', async () => {
      const [domain, connection] = prepare();
      const [first, second] = [create(domain, 'first'), create(domain, 'second')];
      const {checkpoints} = domain;
      const {domains} = connection;
      assertSame(checkpoints.load(), true);
      assertList([...checkpoints], [first, second]);
      first.delete();
      assertSame(await checkpoints.load_async(), true);
      assertList([...checkpoints], [second]);
      assertSame(domains.load(), true);
      const rows = [...domains];
      assertList(rows, connection.list_domains());
      connection.close();
      assertFails(Vck.Error.NO_CONNECT, () => domains.load());
      assertList([...domains], rows);
    });
  });
}

describe('bitmaps in images', () => {
  it('are all listed, or none', () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    const image = backend.image('vdb');
    runProgram('qemu-img', 'bitmap', '--add', image, 'other');
    let [bitmap] = domain.list_bitmaps();
    assertList([bitmap.name, bitmap.owner, bitmap.checkpoint], ['other', Vck.BitmapOwner.FOREIGN, null]);
    runProgram('sh', '-c', 'qemu-io -f qcow2 -c abort "$0" || true', image);
    [bitmap] = domain.list_bitmaps();
    assertList([bitmap.inconsistent, bitmap.size], [true, -1]);
    GLib.unlink(image);
    assertIncludes(assertFails(Vck.Error.OPERATION_FAILED, () => domain.list_bitmaps()), "disk 'vdb'");
  });
});

describe('a store of backups', () => {
  it('is verified, recovered and mounted', async () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    const store = Vck.Repository.open(`${backend.folder}/store`, 'CREATE');
    const plan = store.plan_backup(domain);
    assertList([plan.mode, plan.why_pull], [Vck.BackupMode.PUSH, null]);
    const backup = await store.backup_async(domain);
    assertSame(store.count_backups(domain.uuid), 1);
    assertList(await store.verify_async(), []);
    assertSame(store.recover(domain), true);
    const socket = `${backend.folder}/socket`;
    const mount = store.mount(backup, socket);
    assertSame(mount.socket, socket);
    assert(GLib.file_test(socket, GLib.FileTest.EXISTS));
    assertSame(await mount.close_async(), true);
    assert(!GLib.file_test(socket, GLib.FileTest.EXISTS));
  });
});

run();
