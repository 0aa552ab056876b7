// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Async pairs as promises, and cancellation.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {atEnd, describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, SilentQemu, assert, assertIncludes, assertList, assertRejects, assertSame,
  checkpointXml, define, domainXml, names, open, until,
} from './support.js';

async function openAndDefine(backend, name = 'guest') {
  const connection = await Vck.Connection.open_async(backend.uri);
  atEnd(() => connection.close());
  const xml = domainXml(name, backend.disks('vda', 'vdb'));
  return [connection, await connection.define_domain_xml_async(xml)];
}

async function isCancelled(promise) {
  try {
    await promise;
    return false;
  } catch (error) {
    return error instanceof GLib.Error &&
      error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
  }
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    it('creates, lists and deletes checkpoints', async () => {
      const [, domain] = await openAndDefine(new Backend());
      const first = await domain.create_checkpoint_xml_async(checkpointXml('first'));
      const second = await domain.create_checkpoint_xml_async(checkpointXml('second'));
      const flags = Vck.CheckpointListFlags.TOPOLOGICAL;
      assertList(await domain.list_checkpoints_async(flags), [first, second]);
      assertSame(await domain.count_checkpoints_async(), 2);
      assertSame(await domain.lookup_checkpoint_async('second'), second);
      assertSame(await second.query_parent_async(), first);
      assertList(await first.list_children_async(), [second]);
      assertSame(await first.count_children_async(), 1);
      assertIncludes(await second.get_xml_desc_async(), '<name>second</name>');
      const disks = await second.list_disks_async(Vck.CheckpointXmlFlags.SIZE);
      assertList(disks.map(disk => disk.get_size()), [0, 0]);
      assertSame(await first.delete_async(), true);
      assertList(names(domain.list_checkpoints()), ['second']);
    });

    it('finds and undefines domains', async () => {
      const [connection, domain] = await openAndDefine(new Backend(), 'Bücher');
      assert((await connection.list_domains_async()).includes(domain));
      assert(await connection.count_domains_async() >= 1);
      assertSame(await connection.lookup_domain_by_name_async('Bücher'), domain);
      assertSame(await connection.lookup_domain_by_uuid_async(domain.uuid), domain);
      assertSame(await connection.lookup_domain_async('Bücher'), domain);
      assertSame(await connection.lookup_domain_async(domain.uuid), domain);
      await assertRejects(Vck.Error.NO_DOMAIN, connection.lookup_domain_async('nosuch'));
      assertSame(await domain.query_state_async(), Vck.DomainState.SHUTOFF);
      assertSame((await domain.list_disks_async()).length, 2);
      assertIncludes(await domain.get_xml_desc_async(), 'Bücher');
      assertSame(await domain.undefine_async(), true);
      await assertRejects(Vck.Error.NO_DOMAIN, domain.query_state_async());
    });

    it('rejects with an error that can be matched', async () => {
      const [, domain] = await openAndDefine(new Backend());
      const lookup = domain.lookup_checkpoint_async('nosuch');
      assertIncludes(await assertRejects(Vck.Error.NO_DOMAIN_CHECKPOINT, lookup), "'nosuch'");
      const create = domain.create_checkpoint_xml_async('<domaincheckpoint>');
      await assertRejects(Vck.Error.XML_ERROR, create);
    });

    it('does many things at once', async () => {
      const [, domain] = await openAndDefine(new Backend());
      const wanted = [...Array(8).keys()].map(number => `c${number}`);
      const created = await Promise.all(wanted.map(name =>
        domain.create_checkpoint_xml_async(checkpointXml(name))));
      assertList(names(created), wanted);
      const chain = await domain.list_checkpoints_async(Vck.CheckpointListFlags.TOPOLOGICAL);
      assertList(names(chain).sort(), wanted);
      assertList(chain.map(each => each.parent_name), [null, ...names(chain).slice(0, -1)]);
    });
  });
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`cancellation on ${Backend.name}`, () => {
    function cancelled() {
      const cancellable = new Gio.Cancellable();
      cancellable.cancel();
      return cancellable;
    }

    it('ends a reader', async () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      assert(await isCancelled(Vck.Connection.open_async(backend.uri, 0, cancelled())));
      assert(await isCancelled(domain.count_checkpoints_async(0, cancelled())));
      assert(await isCancelled(domain.lookup_checkpoint_async('nosuch', cancelled())));
      assertSame(await domain.count_checkpoints_async(0, new Gio.Cancellable()), 0);
    });

    it('stops a change before it starts', async () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const xml = checkpointXml('first');
      assert(await isCancelled(domain.create_checkpoint_xml_async(xml, 0, cancelled())));
      assertSame(domain.count_checkpoints(), 0);
    });

    it('never hides a change that was made', async () => {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      const cancellable = new Gio.Cancellable();
      const created = domain.create_checkpoint_xml_async(checkpointXml('first'), 0, cancellable);
      cancellable.cancel();
      const expected = await isCancelled(created) ? [] : ['first'];
      assertList(names(domain.list_checkpoints()), expected);
    });
  });
}

describe('cancellation of waiting', () => {
  // The call is cancelled once it, or what it waits for, has connected to QEMU.
  async function isCancelledWhileWaiting(qemu, start) {
    const cancellable = new Gio.Cancellable();
    const before = qemu.clients.length;
    const call = isCancelled(start(cancellable));
    let ended = false;
    call.then(() => (ended = true));
    await until(() => qemu.clients.length > before, 'a connection');
    assert(!ended);
    cancellable.cancel();
    return call;
  }

  // The part "cancel" of scenario.md: a QEMU that does not answer makes calls wait.
  it('ends the call and changes nothing', async () => {
    const backend = new LocalBackend();
    const path = `${backend.folder}/qmp`;
    const domain = open(backend).define_domain_xml(
      domainXml('silent', backend.disks('vda'), undefined, path));
    const qemu = new SilentQemu(path);
    const xml = checkpointXml('first');
    assert(await isCancelledWhileWaiting(qemu, cancellable =>
      domain.create_checkpoint_xml_async(xml, 0, cancellable)));
    assertList(domain.list_checkpoints(), []);
    assert(await isCancelledWhileWaiting(qemu, cancellable =>
      domain.query_state_async(cancellable)));
    qemu.close();
    const created = domain.create_checkpoint_xml(xml);
    assertList(domain.list_checkpoints(), [created]);
  });
});

describe('callbacks', () => {
  it('work without promises and never come at once', async () => {
    const backend = new MemoryBackend();
    const domain = define(open(backend), backend);
    const counts = [];
    domain.count_checkpoints_async(0, null, (source, result) => {
      counts.push(source.count_checkpoints_finish(result));
    });
    assertSame(counts.length, 0);
    await until(() => counts.length > 0, 'the callback');
    assertList(counts, [0]);
  });
});

run();
