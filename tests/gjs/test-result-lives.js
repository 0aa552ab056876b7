// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lives of repositories, backups, mounts, plans and cursors: what docs/threads.md says, as a script can see it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, UUID, assert, assertFails, assertList, assertSame, create, define, open, until,
} from './support.js';

const MIB = 1024 * 1024;
const N_CALLS = 16;
const N_MOMENTS = 8;

const offsets = extents => extents.map(each => each.offset);
const exists = path => GLib.file_test(path, GLib.FileTest.EXISTS);

// A domain with a backup, and with a checkpoint since which it was written to.
function prepare(Backend) {
  const backend = new Backend();
  const connection = open(backend);
  const domain = define(connection, backend);
  const {folder} = new LocalBackend();
  const repository = Vck.Repository.open(`${folder}/store`, 'CREATE');
  const backup = repository.backup(domain, 'first');
  const checkpoint = create(domain, 'monday');
  for (const number of [0, 1, 2, 3])
    backend.write('vda', 2 * number * MIB, GRANULARITY);
  return {backend, connection, domain, folder, repository, backup, checkpoint,
    extents: offsets(checkpoint.list_extents('vda'))};
}

function assertServed(socket) {
  const client = new Gio.SocketClient();
  const connection = client.connect(Gio.UnixSocketAddress.new(socket), null);
  assertSame(new TextDecoder().decode(connection.get_input_stream().read_bytes(8, null).get_data()), 'NBDMAGIC');
  connection.close(null);
}

// Nothing holds what was dropped; objects are finalized in later iterations.
async function assertEnds(socket) {
  await until(() => {
    System.gc();
    return !exists(socket);
  }, 'the end of the mount');
}

// Makes a call to its end, and then cancels it at parts of the time that this took; returns how many were made.
async function countMade(call) {
  const start = GLib.get_monotonic_time();
  await call(0, null);
  const duration = (GLib.get_monotonic_time() - start) / 1000;
  let made = 1;
  for (let i = 1; i <= N_MOMENTS; i++) {
    const cancellable = new Gio.Cancellable();
    GLib.timeout_add(GLib.PRIORITY_HIGH, duration * i / N_MOMENTS, () => {
      cancellable.cancel();
      return GLib.SOURCE_REMOVE;
    });
    await call(i, cancellable).then(() => made++, error =>
      assert(error.matches?.(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `${error}`));
  }
  return made;
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`the last reference, with ${Backend.name}`, () => {
    it('may be dropped during calls', async () => {
      const {backend, folder, backup: {id}} = prepare(Backend);
      const socket = `${folder}/socket`;
      const begin = () => {
        const domain = Vck.Connection.open(backend.uri).lookup_domain_by_name('guest');
        const repository = Vck.Repository.open(`${folder}/store`);
        const backup = repository.lookup_backup(UUID, id);
        return [
          repository.plan_backup_async(domain), repository.mount_async(backup, socket),
          repository.restore_async(backup, 'vda', `${folder}/to`), repository.backup_async(domain),
          domain.plan_checkpoint_async(),
        ];
      };
      const calls = begin();
      System.gc();
      const served = await Promise.all(calls).then(ended => {
        assertServed(ended[1].socket);
        return ended.length;
      });
      assertSame(served, 5);
      assert(exists(`${folder}/to`));
      calls.length = 0;
      assertSame(Vck.Repository.open(`${folder}/store`).count_backups(UUID), 2);
    });

    it('of a cursor may be dropped while it reads', async () => {
      const {backend, extents} = prepare(Backend);
      const begin = () => open(backend).lookup_domain_by_name('guest').lookup_checkpoint('monday')
        .open_extents('vda').read_async(2);
      const read = begin();
      System.gc();
      assertList(offsets(await read), extents.slice(0, 2));
    });

    it('may be dropped in a handler', async () => {
      const {domain, folder, repository, backup, checkpoint, extents} = prepare(Backend);
      const socket = `${folder}/socket`;
      const held = {
        plan: repository.plan_backup(domain), mount: repository.mount(backup, socket),
        cursor: checkpoint.open_extents('vda'), checkpointPlan: domain.plan_checkpoint(),
      };
      let seen = 0;
      assertList(offsets([...held.cursor]), extents);
      domain.connect('checkpoint-added', () => {
        Object.keys(held).forEach(key => delete held[key]);
        System.gc();
        seen++;
      });
      await repository.backup_async(domain);
      await until(() => seen > 0, 'checkpoint-added');
      await assertEnds(socket);
      assertSame(repository.count_backups(UUID), 2);
    });
  });

  describe(`after closing, with ${Backend.name}`, () => {
    it('plans keep what they say, and a repository is read', () => {
      const {connection, domain, folder, repository, backup, checkpoint, extents} = prepare(Backend);
      const plan = repository.plan_backup(domain);
      const checkpointPlan = domain.plan_checkpoint();
      const cursor = checkpoint.open_extents('vda');
      const first = offsets(cursor.read(1));
      const mount = repository.mount(backup, `${folder}/socket`);
      connection.close();
      for (const call of [
        () => cursor.read(1), () => [...cursor], () => repository.plan_backup(domain), () => repository.backup(domain),
        () => domain.plan_checkpoint(), () => checkpoint.open_extents('vda'),
      ])
        assertFails(Vck.Error.NO_CONNECT, call);
      assertList(first, extents.slice(0, 1));
      assertSame(cursor.dirty_bytes, first.length * GRANULARITY);
      assertList(plan.list_disks().map(disk => disk.base), [backup.id, backup.id]);
      assertList(checkpointPlan.list_disks().map(disk => disk.target), ['vda', 'vdb']);
      repository.restore(backup, 'vda', `${folder}/to`);
      assertServed(mount.socket);
      mount.close();
    });

    it('a mount keeps its name, which can be used again', () => {
      const {folder, repository, backup} = prepare(Backend);
      const socket = `${folder}/socket`;
      const first = repository.mount(backup, socket);
      assertServed(socket);
      first.close();
      first.close();
      assert(!exists(socket));
      assertSame(first.socket, socket);
      const second = repository.mount(backup, socket);
      first.close();
      assertServed(second.socket);
      second.close();
    });

    it('a cursor at its end stays there', () => {
      const {checkpoint, extents} = prepare(Backend);
      const cursor = checkpoint.open_extents('vda');
      assertList(offsets([...cursor]), extents);
      assertList([...cursor], []);
      assertList(cursor.read(1), []);
    });
  });

  describe(`at every moment, with ${Backend.name}`, () => {
    it('a backup is cancelled or made', async () => {
      const {domain, repository} = prepare(Backend);
      const made = 1 + await countMade((_number, cancellable) =>
        repository.backup_async(domain, null, 0, 0, 0, cancellable));
      repository.recover(domain);
      const backups = repository.list_backups(UUID);
      assertSame(backups.length, made);
      assertList(repository.verify(UUID), []);
      assertSame(repository.plan_backup(domain).list_disks()[0].base, backups.at(-1).id);
    });

    it('a restore is cancelled or made', async () => {
      const {folder, repository, backup} = prepare(Backend);
      const made = await countMade((number, cancellable) =>
        repository.restore_async(backup, 'vda', `${folder}/to.${number}`, 0, cancellable));
      const files = Array.from({length: N_MOMENTS + 1}, (_none, number) => `${folder}/to.${number}`);
      assertSame(files.filter(exists).length, made);
    });

    it('a mount is cancelled or made', async () => {
      const {folder, repository, backup} = prepare(Backend);
      await countMade(async (number, cancellable) => {
        const mount = await repository.mount_async(backup, `${folder}/socket.${number}`, cancellable);
        assertServed(mount.socket);
        await mount.close_async();
        assert(!exists(mount.socket));
      });
    });

    it('a read is cancelled before it begins or not at all', async () => {
      const {checkpoint, extents} = prepare(Backend);
      const cursor = checkpoint.open_extents('vda');
      const read = [];
      for (let i = 0; i < N_CALLS; i++) {
        const cancellable = new Gio.Cancellable();
        const call = cursor.read_async(1, cancellable);
        for (let step = 0; step < i % 8; step++)
          GLib.MainContext.default().iteration(false);
        cancellable.cancel();
        await call.then(part => read.push(...offsets(part)), error =>
          assert(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), `${error}`));
      }
      assertList([...read, ...offsets([...cursor])], extents);
    });
  });

  describe(`many calls at once, with ${Backend.name}`, () => {
    it('of a cursor read each extent once', async () => {
      const {checkpoint, extents} = prepare(Backend);
      const cursor = checkpoint.open_extents('vda');
      const ended = await Promise.allSettled(Array.from({length: N_CALLS}, () => cursor.read_async(1)));
      const read = ended.filter(each => each.status === 'fulfilled').flatMap(each => offsets(each.value));
      for (const {reason} of ended.filter(each => each.status === 'rejected'))
        assert(reason.matches(Vck.Error, Vck.Error.BUSY), `${reason}`);
      assertList([...read, ...offsets([...cursor])].sort((a, b) => a - b), extents);
    });

    it('of a mount and its repository work', async () => {
      const {folder, domain, repository, backup} = prepare(Backend);
      const mount = repository.mount(backup, `${folder}/shared`);
      const numbers = Array.from({length: N_CALLS / 2}, (_none, number) => number);
      await Promise.all(numbers.flatMap(number => [
        repository.plan_backup_async(domain), repository.list_backups_async(UUID),
        repository.restore_async(backup, 'vda', `${folder}/to.${number}`),
        repository.mount_async(backup, `${folder}/socket.${number}`).then(each => each.close_async()),
      ]));
      await Promise.all(numbers.map(() => mount.close_async()));
      assert(!exists(`${folder}/shared`) && numbers.every(number => exists(`${folder}/to.${number}`)));
      assertList(repository.verify(UUID), []);
    });
  });
}

run();
