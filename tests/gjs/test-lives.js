// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lives of objects in calls and handlers: what docs/threads.md says, as a script can see it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assert, assertIncludes, assertList, assertRejects, assertSame, backupXml,
  checkpointXml, create, define, names, open, until,
} from './support.js';

const N_CALLS = 64;

function openDomain() {
  const backend = new MemoryBackend();
  const connection = open(backend);
  return [define(connection, backend), connection, backend];
}

// --- exceptions ---

// Handlers of all kinds that throw. GJS logs an exception as a critical message, which ends a test.
const PROGRAM = `
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

const connection = Vck.Connection.open('memory:///throw');
const domain = connection.lookup_domain_by_name('test');
const checkpoints = domain.checkpoints;
const seen = [];

function fail(kind) {
  return () => {
    seen.push(kind);
    throw new RangeError('of ' + kind);
  };
}

domain.connect('checkpoint-added', fail('signal'));
domain.connect('checkpoint-added', () => seen.push('next'));
checkpoints.connect('items-changed', fail('list'));
connection.connect('authenticate', fail('authenticate'));
connection.connect('authenticate', () => 'geheim');
const first = domain.create_checkpoint(new Vck.CheckpointConfig({name: 'a'}));
const second = domain.create_checkpoint(new Vck.CheckpointConfig({name: 'b'}));
second.connect('notify::parent-name', fail('property'));
checkpoints.load();
first.delete();
domain.create_checkpoint_async(new Vck.CheckpointConfig({name: 'c'}), 0, null, fail('callback'));
while (!seen.includes('callback') || !seen.includes('property'))
  GLib.MainContext.default().iteration(true);
seen.push(connection.emit('authenticate', Vck.Credential.PASSPHRASE, 'x', null));
print(JSON.stringify({
  counts: Object.fromEntries(seen.map(kind => [kind, seen.filter(each => each === kind).length])),
  listed: domain.list_checkpoints('TOPOLOGICAL').map(each => each.name), parent: second.parent_name,
}));
`;

describe('an exception in a handler', () => {
  it('is logged, and all goes on', () => {
    const path = `${new LocalBackend().folder}/program.js`;
    const launcher = new Gio.SubprocessLauncher({
      flags: Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_PIPE,
    });
    launcher.unsetenv('G_DEBUG');
    GLib.file_set_contents(path, PROGRAM);
    const child = launcher.spawnv(['gjs', '-m', path]);
    const [, stdout, stderr] = child.communicate_utf8(null, null);
    assert(child.get_successful(), stderr);

    const {counts, listed, parent} = JSON.parse(stdout);
    assertList(listed, ['b', 'c']);
    assertSame(parent, null);
    assertSame(counts.next, counts.signal);
    assertSame(counts.geheim, 1);
    for (const kind of ['signal', 'list', 'property', 'callback', 'authenticate']) {
      assert(counts[kind] >= 1, `${kind}: ${counts[kind]}`);
      assertIncludes(stderr, `RangeError: of ${kind}`);
    }
  });

  it('rejects the promise that was being made', async () => {
    const [domain] = openDomain();
    let caught = null;
    await domain.create_checkpoint_xml_async(checkpointXml('a'))
      .then(() => {
        throw new RangeError('later');
      })
      .catch(error => (caught = error));
    assert(caught instanceof RangeError, `${caught}`);
    assertList(names(domain.list_checkpoints()), ['a']);
  });
});

// --- the last reference ---

describe('the last reference', () => {
  it('may be dropped during calls', async () => {
    const [, connection, backend] = openDomain();
    const begin = () => {
      const domain = connection.lookup_domain_by_name('guest');
      return Array.from({length: N_CALLS}, (_none, i) => domain.create_checkpoint_xml_async(checkpointXml(`c${i}`)));
    };
    const calls = begin();
    System.gc();
    assertSame(new Set(names(await Promise.all(calls))).size, N_CALLS);
    assertSame(open(backend).lookup_domain_by_name('guest').count_checkpoints(), N_CALLS);
  });

  it('may be dropped in a handler', async () => {
    const [, connection] = openDomain();
    const held = {domain: connection.lookup_domain_by_name('guest')};
    const seen = [];
    held.domain.connect('checkpoint-added', (domain, checkpoint) => {
      delete held.domain;
      System.gc();
      seen.push(domain.name, checkpoint.name, domain.count_checkpoints());
    });
    create(held.domain, 'a');
    await until(() => seen.length > 0, 'checkpoint-added');
    assertList(seen, ['guest', 'a', 1]);
  });

  it('may be dropped while a list loads', async () => {
    const [domain] = openDomain();
    create(domain, 'a');
    const load = domain.checkpoints.load_async();
    System.gc();
    assertSame(await load, true);
  });

  it('may be dropped while a job is waited for', async () => {
    const [domain] = openDomain();
    const files = [['vda', '/memory/vda'], ['vdb', '/memory/vdb']];
    const wait = domain.begin_backup(backupXml(files), checkpointXml('monday')).wait_async();
    System.gc();
    assertSame(await wait, true);
    assertList(names(domain.list_checkpoints()), ['monday']);
  });
});

// --- many calls ---

describe('many calls on one connection', () => {
  it('complete, or fail once it is closed', async () => {
    const [domain, connection] = openDomain();
    const calls = Array.from({length: N_CALLS}, (_none, i) => domain.create_checkpoint_xml_async(checkpointXml(`c${i}`)));
    connection.close();
    const ended = await Promise.allSettled(calls);
    const failed = ended.filter(each => each.status === 'rejected');
    assertSame(ended.length, N_CALLS);
    for (const {reason} of failed)
      assert(reason.matches(Vck.Error, Vck.Error.NO_CONNECT), `${reason}`);
    await assertRejects(Vck.Error.NO_CONNECT, domain.list_checkpoints_async());
  });

  it('are made or cancelled, at any moment', async () => {
    const [domain] = openDomain();
    const made = [];
    for (let i = 0; i < N_CALLS; i++) {
      const cancellable = new Gio.Cancellable();
      const call = domain.create_checkpoint_xml_async(checkpointXml(`c${i}`), 0, cancellable);
      for (let step = 0; step < i % 8; step++)
        GLib.MainContext.default().iteration(false);
      cancellable.cancel();
      await call.then(checkpoint => made.push(checkpoint.name), error =>
        assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `${error}`));
    }
    assertList(names(domain.list_checkpoints('TOPOLOGICAL')), made);
  });
});

run();
