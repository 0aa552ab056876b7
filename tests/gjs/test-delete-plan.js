// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What deleting checkpoints would do.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assertFails, assertIncludes, assertList, assertSame, create, define, open,
} from './support.js';

const Delete = Vck.CheckpointDeleteFlags;
const bitmaps = plan => plan.list_bitmaps().map(
  each => `${each.checkpoint} ${each.disk} ${each.name} ${each.removed}`);
const of = (name, removed = true) => ['vda', 'vdb'].map(disk => `${name} ${disk} ${name} ${removed}`);

for (const Backend of [MemoryBackend, LocalBackend]) {
  const setUp = () => {
    const backend = new Backend();
    const connection = open(backend);
    const domain = define(connection, backend);
    const [first, second, third] = ['first', 'second', 'third'].map(name => create(domain, name));
    return {backend, connection, domain, first, second, third};
  };

  describe(`the plan of a deletion on ${Backend.name}`, () => {
    it('is of one checkpoint between others', () => {
      const {domain, first, second, third} = setUp();
      const plan = second.plan_delete();
      assertList(plan.list_checkpoints(), [second]);
      assertList(bitmaps(plan), of('second'));
      assertList(plan.list_bitmaps().map(each => each.source), domain.list_disks().map(disk => disk.source));
      assertList(plan.list_bitmaps().map(each => each.reason), [null, null]);
      assertSame(domain.count_checkpoints(), 3);
      second.delete();
      assertList(domain.list_checkpoints(), [first, third]);
      assertList(bitmaps(plan), of('second'));
    });

    it('is of descendants', async () => {
      const {domain, first, second, third} = setUp();
      const all = first.plan_delete(Delete.CHILDREN);
      assertList(all.list_checkpoints(), [first, second, third]);
      assertList(bitmaps(all), [...of('first'), ...of('second'), ...of('third')]);
      const children = await first.plan_delete_async(Delete.CHILDREN_ONLY);
      assertList(children.list_checkpoints(), [second, third]);
      assertList(bitmaps(children), [...of('second'), ...of('third')]);
      assertSame(domain.count_checkpoints(), 3);
    });

    it('leaves the bitmaps', () => {
      const {domain, third} = setUp();
      const plan = third.plan_delete(Delete.METADATA_ONLY);
      const reason = 'only the metadata is deleted';
      assertList(bitmaps(plan), of('third', false));
      assertList(plan.list_bitmaps().map(each => each.reason), [reason, reason]);
      third.delete(Delete.METADATA_ONLY);
      assertFails(Vck.Error.OPERATION_FAILED,
        () => domain.plan_checkpoint(new Vck.CheckpointConfig({name: 'third'})));
    });

    it('needs no right to write', () => {
      const {backend} = setUp();
      const reader = open(backend, Vck.ConnectionFlags.READ_ONLY);
      const second = reader.lookup_domain('guest').lookup_checkpoint('second');
      const plan = second.plan_delete();
      assertList(plan.list_checkpoints(), [second]);
      assertList(bitmaps(plan), of('second'));
      assertFails(Vck.Error.OPERATION_DENIED, () => second.delete());
    });

    it('fails as deleting does', () => {
      const {connection, first, second} = setUp();
      const plan = first.plan_delete();
      assertFails(Vck.Error.INVALID_ARG, () => first.plan_delete(Delete.CHILDREN | Delete.CHILDREN_ONLY));
      second.delete();
      assertIncludes(assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, () => second.plan_delete()), 'second');
      connection.close();
      assertFails(Vck.Error.NO_CONNECT, () => first.plan_delete());
      assertList(plan.list_checkpoints(), [first]);
      assertList(bitmaps(plan), of('first'));
    });
  });
}

run();
