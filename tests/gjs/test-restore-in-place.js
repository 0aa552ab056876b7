// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Disks that are restored under their own paths, and the next backup of them.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, assertFails, assertList, assertSame, define, open, runProgram,
} from './support.js';

function bases(backup) {
  return backup.list_disks().map(disk => disk.base);
}

describe('a domain that is restored in place', () => {
  it('goes on from the backup', async () => {
    const backend = new LocalBackend();
    const repository = Vck.Repository.open(`${backend.folder}/store`, Vck.RepositoryFlags.CREATE);
    const domain = define(open(backend), backend);
    backend.write('vda', 0, GRANULARITY);
    const first = await repository.backup_async(domain);
    runProgram('cp', backend.image('vda'), `${backend.folder}/kept`);
    backend.write('vda', 0, 4 * GRANULARITY);
    const second = await repository.backup_async(domain);
    assertSame(await repository.restore_in_place_async(domain, first, 'vda'), true);
    runProgram('qemu-img', 'compare', '-q', backend.image('vda'), `${backend.folder}/kept`);
    const third = await repository.backup_async(domain);
    assertList(bases(third), [first.id, second.id]);
    assertList(await repository.verify_domain_async(domain), []);
    repository.restore_in_place(domain, second, null, Vck.RestoreFlags.NO_CHECKPOINT);
    assertSame(domain.count_checkpoints(), 0);
    assertList(bases(repository.backup(domain)), [null, null]);
    assertFails(Vck.Error.INVALID_ARG,
      () => repository.restore_in_place(domain, first, null, Vck.RestoreFlags.REPLACE));
  });
});

run();
