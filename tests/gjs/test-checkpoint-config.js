// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Checkpoints that are created from a configuration instead of XML.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assertFails, assertIncludes, assertList, assertSame, checkpointXml, define, open,
} from './support.js';

const tracked = checkpoint => checkpoint.list_disks().map(disk => disk.bitmap);

function openDomain(Backend) {
  const backend = new Backend();
  return define(open(backend), backend);
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(`a configuration on ${Backend.name}`, () => {
    it('may be left out', () => {
      const checkpoint = openDomain(Backend).create_checkpoint();
      assertList(tracked(checkpoint), [checkpoint.name, checkpoint.name]);
    });

    it('says which disks are tracked', () => {
      const domain = openDomain(Backend);
      const config = new Vck.CheckpointConfig({name: 'first', description: 'a < b & c'});
      config.skip('vda');
      const first = domain.create_checkpoint(config);
      assertSame(first.description, 'a < b & c');
      assertList(tracked(first), [null, 'first']);
      config.name = 'second';
      config.track('vda', 'other');
      assertList(tracked(domain.create_checkpoint(config)), ['other', 'second']);
      config.name = 'third';
      config.track('vda');
      config.disk_policy = Vck.DiskPolicy.LISTED;
      assertList(tracked(domain.create_checkpoint(config)), ['third', null]);
    });

    it('is planned before it is created', async () => {
      const domain = openDomain(Backend);
      const config = new Vck.CheckpointConfig({name: 'first'});
      config.skip('vda');
      const plan = domain.plan_checkpoint(config);
      assertSame(plan.name, 'first');
      const disks = plan.list_disks();
      assertList(disks.map(disk => disk.target), ['vda', 'vdb']);
      assertList(disks.map(disk => disk.bitmap), [null, 'first']);
      assertList(disks.map(disk => disk.reason), ['the configuration leaves it out', null]);
      assertSame(domain.count_checkpoints(), 0);
      assertList(tracked(domain.create_checkpoint(config)), [null, 'first']);
      assertFails(Vck.Error.CHECKPOINT_EXISTS, () => domain.plan_checkpoint(config));
      const nothing = await domain.plan_checkpoint_async();
      assertSame(nothing.name, null);
      assertList(nothing.list_disks().map(disk => disk.tracked), [true, true]);
    });

    it('is taken as it is when a call begins', async () => {
      const config = new Vck.CheckpointConfig({name: 'first'});
      const promise = openDomain(Backend).create_checkpoint_async(config);
      config.name = 'later';
      assertSame((await promise).name, 'first');
    });
  });
}

describe('a configuration', () => {
  it('lists disks', () => {
    const config = new Vck.CheckpointConfig();
    config.track('vda');
    config.skip('vdb');
    assertSame(config.disks.get_n_items(), 2);
    assertSame(config.disks.get_item(0).target, 'vda');
    assertSame(config.disks.get_item(1).tracked, false);
  });

  it('is read from XML and written to it', () => {
    const config = Vck.CheckpointConfig.new_from_xml(checkpointXml('a', 'b'));
    assertSame(config.disk_policy, Vck.DiskPolicy.ALL);
    assertSame(Vck.CheckpointConfig.new_from_xml(config.to_xml()).description, 'b');
    assertSame(openDomain(MemoryBackend).create_checkpoint_xml(config.to_xml()).name, 'a');
  });

  it('fails where it cannot be used', () => {
    const domain = openDomain(MemoryBackend);
    const config = new Vck.CheckpointConfig();
    assertFails(Vck.Error.XML_ERROR, () => Vck.CheckpointConfig.new_from_xml('<domaincheckpoint>'));
    assertFails(Vck.Error.OPERATION_INVALID, () => config.to_xml());
    config.track('vdz');
    assertIncludes(assertFails(Vck.Error.CONFIG_UNSUPPORTED, () => domain.create_checkpoint(config)), "'vdz'");
    domain.create_checkpoint(new Vck.CheckpointConfig({name: 'first'}));
    assertFails(Vck.Error.CHECKPOINT_EXISTS,
      () => domain.create_checkpoint(new Vck.CheckpointConfig({name: 'first'})));
  });
});

run();
