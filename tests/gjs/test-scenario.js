// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The eleven-step scenario of tests/languages/scenario.md, in JavaScript.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, MemoryBackend, UUID, assert, assertFails, assertIncludes, assertList,
  assertSame, checkpointXml, create, define, names, open, sizes, until,
} from './support.js';

const NAME = 'Bücher';
const DESCRIPTION = 'Erster Stand – 最初';
const MIB = 1024 * 1024;

function step1Open(backend) {
  const connection = open(backend);
  assert(connection.is_open);
  assert(!connection.is_read_only());
  assertSame(connection.get_uri(), backend.uri);
  return connection;
}

function step2Define(backend, connection) {
  const domain = define(connection, backend, NAME);
  assertSame(domain.get_name(), NAME);
  assertSame(domain.get_uuid(), UUID);
  assertSame(domain.query_state(), Vck.DomainState.SHUTOFF);
  const disks = domain.list_disks();
  assertList(disks.map(disk => disk.get_target()), ['vda', 'vdb']);
  assertList(disks.map(disk => disk.get_reason()), [null, null]);
  assert(disks.every(disk => disk.is_trackable()));
  assertSame(domain.count_checkpoints(), 0);
  return domain;
}

function step3Create(backend, connection, domain) {
  const first = create(domain, 'first', DESCRIPTION);
  backend.write('vda', 0, MIB);
  const second = create(domain, 'second');
  backend.write('vdb', 5 * MIB + 17, 1);
  const third = create(domain, 'third');
  backend.write('vda', 8 * MIB, 3 * GRANULARITY);
  assertList(names([first, second, third]), ['first', 'second', 'third']);
  assertSame(first.get_description(), DESCRIPTION);
  assertSame(second.get_description(), null);
  assertSame(third.get_domain(), domain);
  assertSame(third.get_connection(), connection);
  return [first, second, third];
}

function step4List(domain, expected) {
  const {ROOTS, TOPOLOGICAL, LEAVES, NO_LEAVES} = Vck.CheckpointListFlags;
  assertList(domain.list_checkpoints(TOPOLOGICAL), expected);
  assertList(names(domain.list_checkpoints(ROOTS)), ['first']);
  assertList(names(domain.list_checkpoints(LEAVES)), ['third']);
  assertSame(domain.count_checkpoints(), 3);
  assertSame(domain.count_checkpoints(NO_LEAVES), 2);
}

function step5LookUp(domain, second) {
  assertSame(domain.lookup_checkpoint('second'), second);
}

function step6Parent(first, second, third) {
  assertSame(third.query_parent(), second);
  assertSame(third.get_parent_name(), 'second');
  assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, () => first.query_parent());
  assertSame(first.get_parent_name(), null);
}

function step7Children(first, second, third) {
  const {DESCENDANTS, TOPOLOGICAL} = Vck.CheckpointListFlags;
  assertList(first.list_children(), [second]);
  assertList(first.list_children(DESCENDANTS | TOPOLOGICAL), [second, third]);
  assertSame(first.count_children(DESCENDANTS), 2);
  assertList(third.list_children(), []);
}

function step8Xml(backend, third) {
  const {SIZE, NO_DOMAIN} = Vck.CheckpointXmlFlags;
  const whole = third.get_xml_desc();
  assertIncludes(whole, '<name>third</name>');
  assertIncludes(whole, '<name>second</name>');
  assertIncludes(whole, `<name>${NAME}</name>`);
  assert(!whole.includes('size='));
  const brief = third.get_xml_desc(SIZE | NO_DOMAIN);
  assert(!brief.includes(NAME));
  const found = [...brief.matchAll(/<disk name='(\w+)'.* size='(\d+)'/g)];
  const written = backend.hasImages ? 3 * GRANULARITY : 0;
  assertList(found.map(match => match[1]), ['vda', 'vdb']);
  assertList(found.map(match => Number(match[2])), [written, 0]);
}

async function step9ChangedBlocks(backend, first, third) {
  const {DIRTY, DATA} = Vck.ExtentFlags;
  const ifWritten = (...items) => backend.hasImages ? items : [];
  const describe = extents => extents.map(e => `${e.offset}+${e.length}:${e.flags}`);
  const early = `0+${MIB}:${DIRTY | DATA}`;
  const late = `${8 * MIB}+${3 * GRANULARITY}:${DIRTY | DATA}`;
  assertList(describe(first.list_extents('vda')), ifWritten(early, late));
  assertList(describe(await first.list_extents_async('vda')), ifWritten(early, late));
  assertList(describe(third.list_extents('vda')), ifWritten(late));
  assertList(third.list_extents('vdb'), []);
  const brief = third.list_extents('vda', Vck.ExtentsFlags.NO_ZERO);
  assertList(brief.map(e => e.flags), ifWritten(DIRTY));
  const cursor = first.open_extents('vda');
  const read = [];
  for (let part = cursor.read(1); part.length > 0; part = cursor.read(1))
    read.push(...describe(part));
  assertList(read, ifWritten(early, late));
  assertSame(cursor.dirty_bytes, backend.hasImages ? MIB + 3 * GRANULARITY : 0);
  assertSame(cursor.zero_bytes, 0);
  assertFails(Vck.Error.INVALID_ARG, () => first.list_extents('vdz'));
}

async function step10Delete(backend, domain, first, second, third) {
  const written = (...bytes) => backend.hasImages ? bytes : [0, 0];
  assertSame(second.delete(), true);
  assertSame(domain.count_checkpoints(), 2);
  assertList(first.list_children(), [third]);
  assertSame(third.query_parent(), first);
  await until(() => third.parent_name === 'first', 'the new parent');
  assertList(sizes(first), written(MIB + 3 * GRANULARITY, GRANULARITY));
  assertList(sizes(third), written(3 * GRANULARITY, 0));
}

function step11Error(connection, domain) {
  const {NO_DOMAIN_CHECKPOINT, CHECKPOINT_EXISTS, OPERATION_INVALID, NO_DOMAIN} = Vck.Error;
  const gone = assertFails(NO_DOMAIN_CHECKPOINT, () => domain.lookup_checkpoint('second'));
  assertIncludes(gone, "'second'");
  const again = () => domain.create_checkpoint_xml(checkpointXml('first'));
  assertIncludes(assertFails(CHECKPOINT_EXISTS, again), "'first'");
  assertIncludes(assertFails(OPERATION_INVALID, () => domain.undefine()), NAME);
  assert(domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA));
  assertFails(NO_DOMAIN, () => connection.lookup_domain_by_name(NAME));
}

for (const Backend of [MemoryBackend, LocalBackend]) {
  describe(Backend.name, () => {
    it('goes through the scenario', async () => {
      const backend = new Backend();
      const connection = step1Open(backend);
      const domain = step2Define(backend, connection);
      const [first, second, third] = step3Create(backend, connection, domain);
      step4List(domain, [first, second, third]);
      step5LookUp(domain, second);
      step6Parent(first, second, third);
      step7Children(first, second, third);
      step8Xml(backend, third);
      await step9ChangedBlocks(backend, first, third);
      await step10Delete(backend, domain, first, second, third);
      step11Error(connection, domain);
    });
  });
}

run();
