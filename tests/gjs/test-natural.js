// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the override of GJS adds: defaults, flags by name, promises, for…of, text of objects.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Vck from 'gi://Vck?version=1';

import {atEnd, describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, assert, assertFails, assertIncludes, assertList, assertRejects,
  assertSame, backupXml, checkpointXml, create, define, names, open, runProgram, until,
} from './support.js';

const MIB = 1024 * 1024;

function openDomain(Backend = MemoryBackend) {
  const backend = new Backend();
  const connection = open(backend);
  return [define(connection, backend), connection, backend];
}

// The call throws this kind of error; returns the message.
function assertThrows(Kind, call) {
  try {
    call();
  } catch (error) {
    assert(error instanceof Kind, `${error} is no ${Kind.name}`);
    return error.message;
  }
  throw new Error(`the call did not throw ${Kind.name}`);
}

// The same for a promise.
async function assertRejectsWith(Kind, promise) {
  let caught = null;
  await promise.catch(error => (caught = error));
  return assertThrows(Kind, () => {
    if (caught !== null)
      throw caught;
  });
}

describe('arguments', () => {
  it('have defaults', () => {
    const [domain, connection] = openDomain();
    const first = domain.create_checkpoint_xml(checkpointXml('first'));
    assertList(domain.list_checkpoints(), [first]);
    assertList(domain.list_checkpoints(undefined, undefined), [first]);
    assertSame(domain.lookup_checkpoint('first'), first);
    assertSame(connection.list_domains().length, 2);
    assertSame(first.delete(), true);
    assertList(domain.list_checkpoints(0, new Gio.Cancellable()), []);
  });

  it('have defaults in static functions and constructors', () => {
    const {uri} = new MemoryBackend();
    assert(Vck.Connection.open(uri).is_open);
    assertSame(Vck.Connection.new(uri).uri, uri);
    assertSame(Vck.Connection.new().uri, null);
    const connection = new Vck.Connection({uri});
    assertSame(connection.init(), true);
    assertSame(new Vck.Connection().uri, null);
  });

  it('are missed and counted by GJS', () => {
    const [domain] = openDomain();
    assertIncludes(assertThrows(Error, () => domain.create_checkpoint_xml()), 'arguments required');
    assertIncludes(assertThrows(Error, () => domain.lookup_checkpoint()), 'arguments required');
    assertThrows(Error, () => domain.create_checkpoint_xml(undefined));
    assertThrows(Error, () => Vck.Domain.prototype.list_checkpoints.call({}));
  });

  // GJS alone passes on what is before it.
  it('have no NUL in a text', async () => {
    const [domain, connection, backend] = openDomain();
    const config = new Vck.CheckpointConfig({name: 'monday'});
    const guest = new Vck.DomainConfig();
    for (const call of [
      () => domain.lookup_checkpoint('a\0b'),
      () => connection.lookup_domain_by_name('guest\0'),
      () => Vck.Connection.open(`${backend.uri}\0`),
      () => Vck.Connection.new(`${backend.uri}\0`),
      () => new Vck.Connection({uri: `${backend.uri}\0`}),
      () => GObject.Object.new(Vck.Connection, {uri: `${backend.uri}\0`}),
      () => Vck.Repository.open('a\0b'),
      () => config.track('vda\0'),
      () => config.set_name('a\0b'),
      () => (config.name = 'a\0b'),
      () => config.set({name: 'a\0b'}),
      () => config.set_property('name', 'a\0b'),
      () => (guest.qmp_socket = '/a\0b'),
      () => (guest.qmpSocket = '/a\0b'),
      () => (guest['qmp-socket'] = '/a\0b'),
      () => new Vck.CheckpointConfig({name: 'a\0b'}),
      () => new Vck.DomainConfig({'qmp-socket': '/a\0b'}),
    ])
      assertIncludes(assertThrows(TypeError, call), 'must not contain the character NUL');
    await assertRejectsWith(TypeError, connection.lookup_domain_by_name_async('guest\0'));
    assertSame(config.disks.get_n_items(), 0);
    assertSame(config.name, 'monday');
    assertSame(guest.qmp_socket, null);
  });

  it('are attributes that can be set under each spelling', () => {
    const guest = new Vck.DomainConfig({name: 'guest', qmpSocket: '/qmp'});
    const seen = [];
    guest.connect('notify::qmp-socket', () => seen.push(guest.qmp_socket));
    for (const [attribute, value] of [['qmpSocket', '/a'], ['qmp_socket', '/b'], ['qmp-socket', null]])
      guest[attribute] = value;
    guest.set({name: 'other'});
    guest.set_property('qmp-socket', '/c');
    assertSame(guest.name, 'other');
    assertList(seen, ['/a', '/b', null, '/c']);
  });

  it('of a call that was cancelled', () => {
    const [domain] = openDomain();
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    const error = (() => {
      try {
        return domain.list_checkpoints('ROOTS', cancellable);
      } catch (caught) {
        return caught;
      }
    })();
    assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `${error}`);
  });
});

describe('flags', () => {
  it('are numbers, names or several', () => {
    const [domain] = openDomain();
    for (const name of ['first', 'second'])
      create(domain, name);
    const {LEAVES, TOPOLOGICAL} = Vck.CheckpointListFlags;
    for (const flags of [LEAVES | TOPOLOGICAL, ['LEAVES', 'TOPOLOGICAL'], [LEAVES, 'topological'], 'LEAVES'])
      assertList(names(domain.list_checkpoints(flags)), ['second']);
    assertSame(domain.count_checkpoints('no-leaves'), 1);
    for (const none of [Vck.CheckpointListFlags.NONE, 'NONE', 0, [], undefined])
      assertSame(domain.count_checkpoints(none), 2);
  });

  it('protect what is opened read-only by name', async () => {
    const [, , backend] = openDomain();
    const opened = [
      Vck.Connection.open(backend.uri, 'READ_ONLY'),
      await Vck.Connection.open_async(backend.uri, 'READ_ONLY'),
      Vck.Connection.new(backend.uri, ['read-only']),
      new Vck.Connection({uri: backend.uri, flags: 'READ_ONLY'}),
    ];
    for (const reader of opened) {
      atEnd(() => reader.close());
      assertSame(reader.flags, Vck.ConnectionFlags.READ_ONLY);
      if (!reader.is_open)
        reader.init();
      assert(reader.is_read_only());
    }
  });

  it('with wrong names are refused', async () => {
    const [domain, , backend] = openDomain();
    assertSame(assertThrows(RangeError, () => domain.list_checkpoints('SORTED')),
      "'SORTED' is not one of Vck.CheckpointListFlags: DESCENDANTS, LEAVES, NONE, NO_LEAVES, ROOTS, TOPOLOGICAL");
    const expected = "'READONLY' is not one of Vck.ConnectionFlags: NONE, READ_ONLY";
    for (const call of [
      () => Vck.Connection.open(backend.uri, 'READONLY'),
      () => new Vck.Connection({uri: backend.uri, flags: 'READONLY'}),
    ])
      assertSame(assertThrows(RangeError, call), expected);
    const promise = Vck.Connection.open_async(backend.uri, ['READONLY']);
    assertSame(await assertRejectsWith(RangeError, promise), expected);
    assertThrows(RangeError, () => domain.list_checkpoints('$gtype'));
  });

  it('of other kinds are refused', async () => {
    const [domain, , backend] = openDomain();
    for (const wrong of [NaN, 1.5, -1, 2 ** 32, Infinity, true, null, {}, [null], [undefined], 1n, Symbol('x')]) {
      const message = assertThrows(TypeError, () => domain.list_checkpoints(wrong));
      assertIncludes(message, 'is not of Vck.CheckpointListFlags');
      assertThrows(TypeError, () => new Vck.Connection({uri: backend.uri, flags: wrong}));
      await assertRejectsWith(TypeError, domain.list_checkpoints_async(wrong));
    }
    assertThrows(Error, () => domain.list_checkpoints(1 << 20));
  });
});

describe('members of enumerations', () => {
  it('have names by number', () => {
    const [domain] = openDomain();
    assertSame(Vck.DomainState[domain.state], 'SHUTOFF');
    assertSame(Vck.CheckpointListFlags[Vck.CheckpointListFlags.LEAVES], 'LEAVES');
    assertSame(Vck.DomainState[99], undefined);
    assert(!Object.keys(Vck.DomainState).includes('5'));
  });
});

describe('asynchronous calls', () => {
  it('all return promises', async () => {
    const [domain, connection] = openDomain();
    const owners = Object.values(Vck).filter(each => each?.prototype instanceof GObject.Object);
    let count = 0;
    for (const owner of owners.flatMap(each => [each, each.prototype])) {
      for (const name of Object.getOwnPropertyNames(owner).filter(each => each.endsWith('_async'))) {
        const promise = name === 'open_async' ? owner[name]('nosuch:') : owner[name].call(null);
        assert(promise instanceof Promise, name);
        await promise.catch(() => count++);
      }
    }
    assert(count > 50, `${count}`);
    const first = await domain.create_checkpoint_xml_async(checkpointXml('first'));
    assertList(await domain.list_checkpoints_async(), [first]);
    assertSame(await connection.lookup_domain_by_name_async('guest'), domain);
    assertSame(await first.delete_async(), true);
  });

  it('are initialised', async () => {
    const connection = new Vck.Connection({uri: new MemoryBackend().uri});
    assertSame(await connection.init_async(), true);
    assert(connection.is_open);
    const missing = new Vck.Connection({uri: 'nosuch:'});
    await assertRejects(Vck.Error.NO_CONNECT, missing.init_async(GLib.PRIORITY_DEFAULT));
  });

  it('reject with the error and where the call was', async () => {
    const [domain] = openDomain();
    const lookup = domain.lookup_checkpoint_async('nosuch');
    assertIncludes(await assertRejects(Vck.Error.NO_DOMAIN_CHECKPOINT, lookup), "'nosuch'");
    const error = await domain.lookup_checkpoint_async('nosuch').catch(caught => caught);
    assertIncludes(error.stack, 'test-natural.js');
    assertIncludes(await assertRejectsWith(Error, domain.lookup_checkpoint_async()), 'arguments required');
  });

  it('take a callback, last', async () => {
    const [domain] = openDomain();
    const counts = [];
    const callback = (source, result) => counts.push(source.count_checkpoints_finish(result));
    assertSame(domain.count_checkpoints_async(callback), undefined);
    domain.count_checkpoints_async('ROOTS', callback);
    domain.count_checkpoints_async(0, null, callback);
    assertSame(counts.length, 0);
    await until(() => counts.length === 3, 'three callbacks');
    assertList(counts, [0, 0, 0]);
    domain.count_checkpoints_async(0, null, null);
    assertThrows(RangeError, () => domain.count_checkpoints_async('SORTED', callback));
  });

  it('may be promisified by the program', async () => {
    const [domain] = openDomain();
    Gio._promisify(Vck.Domain.prototype, 'count_checkpoints_async', 'count_checkpoints_finish');
    assertSame(await domain.count_checkpoints_async(0, null), 0);
    assertSame(await domain.count_checkpoints_async(), 0);
    let count = -1;
    domain.count_checkpoints_async(0, null, (_, result) => (count = domain.count_checkpoints_finish(result)));
    await until(() => count === 0, 'the callback');
  });
});

describe('iteration', () => {
  it('goes over the disks of a job', async () => {
    const [domain, , backend] = openDomain();
    const job = await domain.begin_backup_async(backupXml(backend.backups('monday', 'vda', 'vdb')));
    const targets = [];
    for (const disk of job.disks)
      targets.push(disk.name);
    assertList(targets, ['vda', 'vdb']);
    assertIncludes(`${job}`, '<Vck.BackupJob ');
    await job.wait_async();
  });

  it('goes over extents', async () => {
    const [domain, , backend] = openDomain(LocalBackend);
    const checkpoint = create(domain, 'first');
    for (const offset of [0, MIB, 2 * MIB])
      backend.write('vda', offset, GRANULARITY);
    const extents = [...checkpoint.open_extents('vda')];
    assertList(extents.map(each => each.offset), [0, MIB, 2 * MIB]);
    assertSame(`${extents[0]}`, '<Vck.Extent 0+65536 dirty|data>');
    const offsets = [];
    for await (const extent of await checkpoint.open_extents_async('vda', 'NO_ZERO'))
      offsets.push(extent.offset);
    assertList(offsets, [0, MIB, 2 * MIB]);
    assertList([...checkpoint.open_extents('vdb')], []);
  });
});

describe('the override', () => {
  // Without it, flags by name would be taken for no flags.
  it('is not left out because one of its files is missing', () => {
    const {folder} = new LocalBackend();
    const [installed] = GLib.getenv('GJS_PATH').split(':');
    runProgram('cp', '-rL', `${installed}/overrides`, folder);
    GLib.unlink(`${folder}/overrides/_vck_defaults.js`);
    const output = runProgram('env', `GJS_PATH=${folder}`, 'gjs', '-c',
      'try { print(imports.gi.Vck); } catch (error) { print(error.message); }');
    assertIncludes(output, 'the files of Vck for GJS are not complete');
  });
});

describe('objects', () => {
  it('are shown with what they hold', () => {
    const [domain, connection, backend] = openDomain();
    const checkpoint = create(domain, 'first');
    assertSame(`${connection}`, `<Vck.Connection '${backend.uri}' open>`);
    assertSame(`${domain}`, "<Vck.Domain 'guest' shutoff>");
    assertSame(`${checkpoint}`, "<Vck.Checkpoint 'first' of 'guest'>");
    assertSame(`${checkpoint.list_disks('SIZE')[0]}`,
      "<Vck.CheckpointDisk bitmap='first' capacity=1073741824 checkpoint='first' granularity=65536 " +
      "name='vda' size=0 state=ready tracked=true>");
    const reader = open(backend, 'READ_ONLY');
    assertSame(`${reader}`, `<Vck.Connection '${backend.uri}' open read-only>`);
    reader.close();
    assertSame(`${reader}`, `<Vck.Connection '${backend.uri}' closed read-only>`);
    assertSame(`${Vck.Connection.new(backend.uri)}`, `<Vck.Connection '${backend.uri}' closed>`);
  });

  it('are shown though they are empty', () => {
    for (const [name, klass] of Object.entries(Vck)) {
      if (klass?.prototype instanceof GObject.Object)
        assertIncludes(`${new klass()}`, `<Vck.${name}`);
    }
    assertSame(`${new Vck.Domain()}`, '<Vck.Domain null nostate>');
    assertSame(`${new Vck.Checkpoint()}`, '<Vck.Checkpoint null of null>');
  });

  it('keep their errors', () => {
    const [domain] = openDomain();
    assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, () => domain.lookup_checkpoint('nosuch'));
  });
});

describe('a subclass', () => {
  it('is refused, and the program goes on', () => {
    for (const [name, klass] of Object.entries(Vck)) {
      if (!(klass?.prototype instanceof GObject.Object))
        continue;
      const message = assertThrows(TypeError, () => GObject.registerClass(class Own extends klass {}));
      assertIncludes(message, `Vck.${name} is final`);
      const options = {GTypeName: `Own${name}`};
      assertThrows(TypeError, () => GObject.registerClass(options, class Own extends klass {}));
    }
    class Plain extends Vck.Domain {}
    assertThrows(Error, () => new Plain());
  });
});

describe('a list', () => {
  it('is iterated, with the objects that calls return', () => {
    const [domain, connection] = openDomain();
    const created = ['a', 'b', 'c'].map(name => create(domain, name));
    const {checkpoints} = domain;
    assertSame(domain.checkpoints, checkpoints);
    assertSame(checkpoints.n_items, 0);
    checkpoints.load();
    assertSame(checkpoints.error, null);
    assertSame(checkpoints.loading, false);
    assertList([...checkpoints].map(each => each.name), ['a', 'b', 'c']);
    assertSame(checkpoints.get_item(0), created[0]);
    assertSame(created[0].parent, null);
    assertSame(created[2].parent, created[1]);
    const {children} = created[1];
    assertList([...domain.root_checkpoints], [created[0]]);
    assertList([...children], [created[2]]);
    assertSame(children.parent, created[1]);
    assertList([...created[2].children], []);
    created[1].delete();
    checkpoints.load();
    assertList([...created[0].children], [created[2]]);
    assertList([...children], []);
    const found = [];
    for (const each of checkpoints)
      found.push(each.name);
    assertList(found, ['a', 'c']);
    const {domains} = connection;
    domains.load();
    assert([...domains].includes(domain));
    connection.close();
    assertFails(Vck.Error.NO_CONNECT, () => domains.load());
    assert([...domains].includes(domain));
  });
});

describe('a store of backups', () => {
  it('is used without what is not needed', () => {
    const [domain, , backend] = openDomain(LocalBackend);
    const store = `${backend.folder}/store`;
    assertFails(Vck.Error.NO_BACKUP, () => Vck.Repository.open(store));
    const repository = Vck.Repository.open(store, 'CREATE');
    const backup = repository.backup(domain, 'first');
    assertSame(backup.label, 'first');
    assertIncludes(`${backup}`, "label='first'");
    assertList(repository.list_backups().map(each => each.id), [backup.id]);
    repository.restore(backup, 'vda', `${backend.folder}/restored.qcow2`);
    runProgram('qemu-img', 'compare', `${backend.folder}/restored.qcow2`, backend.image('vda'));
    assertFails(Vck.Error.INVALID_ARG, () => repository.prune(domain.uuid, 0));
    assertList(repository.prune(domain.uuid, 1, 0, 0).map(each => each.kept), [true]);
  });
});

run();
