// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backup jobs: how far they are, how they end, and what is left, on memory: and with real images.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assert, assertFails, assertIncludes, assertList, assertRejects, assertSame,
  backupXml, checkpointXml, define, names, open, until,
} from './support.js';

const MiB = 1024 * 1024;

function isCancelled(error) {
  return error instanceof GLib.Error && error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
}

async function assertCancelled(promise) {
  let caught = null;
  await promise.catch(error => (caught = error));
  assert(isCancelled(caught), `${caught} does not say that it was cancelled`);
}

function checkpoints(domain) {
  return names(domain.list_checkpoints());
}

function exist(files) {
  return files.filter(([, path]) => GLib.file_test(path, GLib.FileTest.EXISTS));
}

function begin(domain, files, name = 'monday') {
  return domain.begin_backup_async(backupXml(files), checkpointXml(name));
}

// Begins one that does not end before it can be limited, however busy the computer is.
async function beginLimited(domain, files, speed) {
  for (let number = 1; ; number++) {
    const attempt = files.map(([target, path]) => [target, `${path}.${number}`]);
    const job = await begin(domain, attempt, `limited-${number}`);
    try {
      assertSame(job.limit_speed(speed), true);
      return job;
    } catch (error) {
      assert(error.matches(Vck.Error, Vck.Error.NO_BACKUP), error.message);
      await job.wait_async();
    }
  }
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    function prepare(size) {
      const backend = new Backend();
      const domain = define(open(backend), backend);
      for (const target of ['vda', 'vdb'])
        backend.write(target, 0, size);
      return [domain, backend.backups('monday', 'vda', 'vdb')];
    }

    it('follows a job to its end', async () => {
      const [domain, files] = prepare(MiB);
      assertFails(Vck.Error.NO_BACKUP, () => domain.get_backup_job());
      const job = await begin(domain, files);
      const heard = [];
      job.connect('notify::state', () => heard.push(job.state));
      job.connect('ended', (_job, state) => heard.push(`ended ${state}`));
      const disks = [...job.disks];
      assertList(disks.map(disk => disk.name), ['vda', 'vdb']);
      assertList(disks.map(disk => disk.file), files.map(([, path]) => path));
      assertList(disks.map(disk => disk.base), [null, null]);
      assertSame(job.domain, domain);
      assertSame(job.checkpoint_name, 'monday');
      assertSame(job.mode, Vck.BackupMode.PUSH);

      assertSame(await job.wait_async(), true);
      assertSame(job.state, Vck.JobState.DONE);
      assertSame(job.error, null);
      assertSame(job.bytes_done, job.bytes_total);
      assertSame(disks[0].bytes_done + disks[1].bytes_done, job.bytes_done);
      assertList([...job.get_disks()], disks);
      await until(() => heard.includes(`ended ${Vck.JobState.DONE}`), 'the end');
      assertList(heard.slice(-2), [Vck.JobState.DONE, `ended ${Vck.JobState.DONE}`]);
      assertList(checkpoints(domain), ['monday']);
      assertSame(await domain.get_backup_job_async(), job);
      assertSame(job.wait(), true);
    });

    it('leaves nothing of one that was cancelled', async () => {
      const [domain, files] = prepare(64 * MiB);
      const job = await begin(domain, files);
      const waits = [job.wait_async(), job.wait_async()];
      assertSame(await job.cancel_async(), true);
      for (const wait of waits)
        await assertCancelled(wait);
      assertSame(job.state, Vck.JobState.CANCELLED);
      assert(isCancelled(job.error));
      assertList(checkpoints(domain), []);
      assertList(exist(files), []);
      assertSame(job.cancel(), true);
    });

    it('goes on when a wait is cancelled', async () => {
      const [domain, files] = prepare(64 * MiB);
      const job = await begin(domain, files);
      const cancellable = new Gio.Cancellable();
      const cancelled = job.wait_async(cancellable);
      cancellable.cancel();
      await assertCancelled(cancelled);
      assertSame(await job.wait_async(), true);
    });

    it('is limited in speed, until it no longer is', async () => {
      const [domain, files] = prepare(64 * MiB);
      const job = await beginLimited(domain, files, 1024);
      await until(() => job.speed === 1024, 'the limit');
      job.speed = 0;
      assertSame(await job.wait_async(), true);
      assertFails(Vck.Error.NO_BACKUP, () => job.limit_speed(1));
    });

    it('is refused with a reason', async () => {
      const [domain, files] = prepare(64 * MiB);
      const broken = domain.begin_backup_async('<domainbackup><disks><disk/></disks></domainbackup>');
      await assertRejects(Vck.Error.XML_INVALID_SCHEMA, broken);
      const job = await beginLimited(domain, files, 1024);
      await assertRejects(Vck.Error.BUSY, begin(domain, files, 'tuesday'));
      job.speed = 0;
      await job.wait_async();
      assertList(checkpoints(domain).filter(name => name === 'tuesday'), []);
    });
  });
}

describe('a damaged image', () => {
  it('makes the job fail with its reason', async () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    const files = backend.backups('monday', 'vda', 'vdb');
    backend.write('vda', 0, 8 * MiB);
    backend.damage('vda');
    const job = await begin(domain, files);
    const message = await assertRejects(Vck.Error.OPERATION_FAILED, job.wait_async());
    assertIncludes(message, 'vda');
    assertSame(job.state, Vck.JobState.FAILED);
    assert(job.error.matches(Vck.Error, Vck.Error.OPERATION_FAILED));
    assertSame(job.error.message, message);
    assertList(checkpoints(domain), []);
    assertList(exist(files), []);
  });
});

run();
