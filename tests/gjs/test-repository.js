// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A store of backups that is new: what calls take and return, and how they fail.

import Gio from 'gi://Gio';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {LocalBackend, UUID, assert, assertFails, assertIncludes, assertList, assertSame} from './support.js';

Gio._promisify(Vck.Repository, 'open_async', 'open_finish');
Gio._promisify(Vck.Repository.prototype, 'list_backups_async', 'list_backups_finish');

const {CREATE, READ_ONLY} = Vck.RepositoryFlags;

describe('a store of backups', () => {
  it('is made, opened and listed', async () => {
    const path = `${new LocalBackend().folder}/store`;
    assertFails(Vck.Error.NO_BACKUP, () => Vck.Repository.open(path, 0, null));
    const made = Vck.Repository.open(path, CREATE, null);
    assertSame(made.path, path);
    const opened = await Vck.Repository.open_async(path, READ_ONLY, null);
    assertSame(opened.uuid, made.uuid);
    assert(opened.read_only && !made.read_only);
    assertList(made.list_backups(null, null), []);
    assertList(await opened.list_backups_async(UUID, null), []);
    assertList(made.verify(null, 0, null), []);
  });

  it('says what it does not have', () => {
    const path = `${new LocalBackend().folder}/store`;
    const repository = Vck.Repository.open(path, CREATE, null);
    const message = assertFails(Vck.Error.NO_BACKUP, () => repository.lookup_backup(UUID, 'x', null));
    assertIncludes(message, UUID);
    assertFails(Vck.Error.INVALID_ARG, () => repository.list_backups('x', null));
    assertFails(Vck.Error.INVALID_ARG, () => repository.prune(UUID, 0, 0, 0, 0, null));
    assertFails(Vck.Error.NO_BACKUP, () => repository.prune(UUID, 1, 0, 0, 0, null));
  });
});

run();
