// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A store of backups: one that is new, and one that a domain is backed up to, as in every language: see
// tests/languages/scenario.md.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {GRANULARITY, LocalBackend, UUID, assert, assertFails, assertIncludes, assertList, assertSame, define, domainXml,
  names, open, runProgram} from './support.js';

const {CREATE, READ_ONLY} = Vck.RepositoryFlags;

describe('a store of backups', () => {
  it('is made, opened and listed', async () => {
    const path = `${new LocalBackend().folder}/store`;
    assertFails(Vck.Error.NO_BACKUP, () => Vck.Repository.open(path));
    const made = Vck.Repository.open(path, CREATE);
    assertSame(made.path, path);
    const opened = await Vck.Repository.open_async(path, READ_ONLY);
    assertSame(opened.uuid, made.uuid);
    assert(opened.read_only && !made.read_only);
    assertList(made.list_backups(), []);
    assertList(await opened.list_backups_async(UUID), []);
    assertList(made.verify(), []);
  });

  it('says what it does not have', () => {
    const path = `${new LocalBackend().folder}/store`;
    const repository = Vck.Repository.open(path, CREATE);
    const message = assertFails(Vck.Error.NO_BACKUP, () => repository.lookup_backup(UUID, 'x'));
    assertIncludes(message, UUID);
    assertFails(Vck.Error.INVALID_ARG, () => repository.list_backups('x'));
    assertFails(Vck.Error.INVALID_ARG, () => repository.prune(UUID));
    assertFails(Vck.Error.NO_BACKUP, () => repository.prune(UUID, 1));
  });
});

describe('a domain', () => {
  const MIB = 1 << 20;

  // Of vda and vdb: what each is based on, and how much is copied.
  function assertBased(disks, base, bytes) {
    assertList(disks.map(disk => disk.target), ['vda', 'vdb']);
    assertList(disks.map(disk => disk.base), [base, base]);
    if (base !== null) {
      assertList(disks.map(disk => disk.why_full), [null, null]);
      assertList(disks.map(disk => disk.bytes), bytes);
    } else {
      disks.forEach(disk => assertIncludes(disk.why_full, 'no backup'));
    }
  }

  it('is backed up, restored and pruned', async () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    const repository = Vck.Repository.open(`${backend.folder}/store`, CREATE);
    const copy = `${backend.folder}/copy.qcow2`;
    const plan = () => repository.plan_backup(domain);
    const assertRestored = (backup, image) => {
      const to = `${backend.folder}/restored.qcow2`;
      repository.restore(backup, 'vda', to, Vck.RestoreFlags.REPLACE);
      runProgram('qemu-img', 'compare', to, image);
    };

    backend.write('vda', 0, 2 * GRANULARITY);
    assert(plan().needed);
    assertSame(plan().left_out, null);
    assertBased(plan().list_disks(), null);
    assertSame(repository.count_backups(domain.uuid), 0);

    const first = repository.backup(domain, 'night 1');
    assertSame(first.label, 'night 1');
    assertSame(first.problem, null);
    assertBased(first.list_disks(), null);
    assertList(names(domain.list_checkpoints()), [first.checkpoint]);

    runProgram('cp', backend.image('vda'), copy);
    backend.write('vda', MIB, 2 * GRANULARITY);
    assertBased(plan().list_disks(), first.id, [2 * GRANULARITY, 0]);
    const second = await repository.backup_async(domain, 'night 2');
    assertBased(second.list_disks(), first.id, [2 * GRANULARITY, 0]);
    assertSame(domain.count_checkpoints(), 2);

    assertList(repository.list_backups(domain.uuid).map(each => each.id), [first.id, second.id]);
    assertSame(repository.lookup_backup(domain.uuid, second.id).label, 'night 2');
    assertRestored(first, copy);
    assertRestored(second, backend.image('vda'));

    for (const [flags, left] of [[Vck.PruneFlags.DRY_RUN, 2], [0, 1]]) {
      const decisions = repository.prune(domain.uuid, 1, 0, 0, flags);
      assertList(decisions.map(each => each.backup), [first.id, second.id]);
      assertList(decisions.map(each => each.kept), [false, true]);
      assertSame(repository.count_backups(domain.uuid), left);
    }
    assertRestored(repository.list_backups(domain.uuid)[0], backend.image('vda'));
  });

  it('is backed up without its empty drive', () => {
    const backend = new LocalBackend();
    const drive = "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>";
    const xml = domainXml('guest', backend.disks('vda', 'vdb')).replace('</devices>', `${drive}</devices>`);
    const domain = open(backend).define_domain_xml(xml);
    const repository = Vck.Repository.open(`${backend.folder}/store`, CREATE);
    const plan = repository.plan_backup(domain);
    const backup = repository.backup(domain);
    for (const each of [plan, backup]) {
      assertSame(each.left_out, "disk 'hdc': it is empty");
      assertBased(each.list_disks(), null);
    }
  });
});

run();
