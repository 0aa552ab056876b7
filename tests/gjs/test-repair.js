// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The second scenario of tests/languages/scenario.md: metadata and images drift apart.

import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, assert, assertFails, assertIncludes, assertList, assertRejects, assertSame, create,
  define, names, open, runProgram, until,
} from './support.js';

const DeleteFlags = Vck.CheckpointDeleteFlags;
const {SIZE} = Vck.CheckpointXmlFlags;
const DESCRIPTION = 'Erster Stand – 最初';
const State = Vck.CheckpointState;
const Kind = Vck.FindingKind;
const Severity = Vck.FindingSeverity;
const {WOULD, DONE, LEFT} = Vck.FindingOutcome;
const DRIFTED = [
  `${Kind.BITMAP_MISSING} first vda first`,
  `${Kind.BITMAP_ORPHAN} null vda second`,
  `${Kind.BITMAP_ORPHAN} null vdb second`,
];

const found = findings => findings.map(
  each => `${each.kind} ${each.checkpoint} ${each.disk} ${each.bitmap}`);
const outcomes = findings => findings.map(each => each.outcome);
const results = imported => imported.map(each => `${each.checkpoint} ${each.imported}`);
const states = (checkpoint, flags) => checkpoint.list_disks(flags).map(disk => disk.state);

// A domain with two checkpoints.
function prepare() {
  const backend = new LocalBackend();
  const connection = open(backend);
  const domain = define(connection, backend);
  const first = create(domain, 'first', DESCRIPTION);
  const second = create(domain, 'second');
  return {backend, connection, domain, first, second};
}

function removeBitmap(backend, target, name) {
  runProgram('qemu-img', 'bitmap', '--remove', backend.image(target), name);
}

// The same, with a bitmap removed and a checkpoint forgotten.
function prepareDrifted() {
  const story = prepare();
  removeBitmap(story.backend, 'vda', 'first');
  story.second.delete(DeleteFlags.METADATA_ONLY);
  return story;
}

describe('checkpoints that agree with the images', () => {
  it('are found healthy', async () => {
    const {domain, first} = prepare();
    assertList(domain.verify_checkpoints(), []);
    assertList(await domain.verify_checkpoints_async(), []);
    assertList(domain.repair_checkpoints(), []);
    assertSame(first.query_state(), State.READY);
    assertList(states(first, 0), [State.UNKNOWN, State.UNKNOWN]);
    assertList(states(first, SIZE), [State.READY, State.READY]);
  });

  it('go to another store folder and come back', async () => {
    const {backend, domain, first} = prepare();
    const document = domain.export_checkpoints();
    first.delete(DeleteFlags.METADATA_ONLY | DeleteFlags.CHILDREN);
    removeBitmap(backend, 'vdb', 'second');
    const verified = domain.import_checkpoints(document, Vck.ImportFlags.VERIFY);
    assertList(results(verified), ['first true', 'second false']);
    assertSame(verified[0].message, null);
    assertIncludes(verified[1].message, "'second'");
    assertSame(domain.lookup_checkpoint('first').description, DESCRIPTION);

    const again = await domain.import_checkpoints_async(document);
    assertList(results(again), ['first false', 'second true']);
    const replaced = domain.import_checkpoints(document, Vck.ImportFlags.REPLACE);
    assertList(results(replaced), ['first true', 'second true']);
    const everything = domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL);
    assertList(names(everything), ['first', 'second']);
  });

  it('are handed over to another store folder', async () => {
    const {backend, domain} = prepare();
    const xml = domain.get_xml_desc();
    const document = domain.hand_over_checkpoints();
    assertSame(domain.count_checkpoints(), 0);
    const elsewhere = Vck.Connection.open(`${backend.uri}-elsewhere`);
    const moved = elsewhere.define_domain_xml(xml);
    const imported = moved.import_checkpoints(document, Vck.ImportFlags.VERIFY);
    assertList(results(imported), ['first true', 'second true']);
    const foreign = domain.repair_checkpoints(Vck.RepairFlags.ORPHANS);
    assertList(foreign.map(each => each.kind), Array(4).fill(Kind.BITMAP_FOREIGN));
    assertList(outcomes(foreign), [LEFT, LEFT, LEFT, LEFT]);
    assertList(moved.verify_checkpoints(), []);
    const again = await moved.hand_over_checkpoints_async();
    assertSame(again.length, document.length);
  });

  it('stay when the domain is renamed', async () => {
    const {connection, domain, second} = prepare();
    const seen = [];
    domain.connect('notify::name', () => seen.push(domain.name));
    assert(domain.rename('Bücher'));
    await until(() => seen.length > 0, 'notify::name');
    assertList(seen, ['Bücher']);
    assertSame(connection.lookup_domain_by_name('Bücher'), domain);
    assertSame(domain.lookup_checkpoint('second'), second);
    assertFails(Vck.Error.NO_DOMAIN, () => connection.lookup_domain_by_name('guest'));
  });
});

describe('checkpoints that drifted away from the images', () => {
  it('are found', async () => {
    const {domain, first} = prepareDrifted();
    const findings = domain.verify_checkpoints();
    assertList(found(findings), DRIFTED);
    assertIncludes(findings[0].message, "bitmap 'first' on disk 'vda' is missing");
    assertIncludes(findings[0].remedy, 'stop tracking');
    assertList(findings.map(each => each.severity),
      [Severity.PROBLEM, Severity.NOTE, Severity.NOTE]);
    assertList(outcomes(findings), [WOULD, LEFT, LEFT]);
    assertList(found(await domain.verify_checkpoints_async()), DRIFTED);
    assertSame(first.query_state(), State.MISSING);
    assertList(states(first, SIZE), [State.MISSING, State.READY]);
  });

  it('are repaired, but not by a dry run', async () => {
    const {backend, domain, first} = prepareDrifted();
    const {DRY_RUN, ORPHANS} = Vck.RepairFlags;
    assertList(found(domain.repair_checkpoints(DRY_RUN)), DRIFTED);
    assertList(found(domain.verify_checkpoints()), DRIFTED);
    const planned = domain.repair_checkpoints(DRY_RUN | ORPHANS);
    assertList(outcomes(planned), [LEFT, WOULD, WOULD]);
    const repaired = await domain.repair_checkpoints_async();
    assertList(found(repaired), DRIFTED);
    assertList(outcomes(repaired), [DONE, LEFT, LEFT]);
    assertList(found(domain.repair_checkpoints(ORPHANS)), DRIFTED.slice(1));
    assertList(domain.verify_checkpoints(), []);
    assertList(backend.bitmaps('vda'), []);
    assertList(backend.bitmaps('vdb'), ['first']);
    assertList(first.list_disks().map(disk => disk.tracked), [false, true]);
    assertSame(first.query_state(), State.READY);
  });

  it('are not lost while an image is away', () => {
    const {backend, domain, first} = prepare();
    const image = backend.image('vda');
    const expected = ['first', 'second'].map(name => `${Kind.DISK_UNREACHABLE} ${name} vda ${name}`);
    runProgram('mv', image, `${image}.away`);
    const findings = domain.verify_checkpoints();
    assertList(found(findings), expected);
    assertSame(findings[0].severity, Severity.NOTE);
    assertIncludes(findings[0].message, 'No such file');
    for (const flags of [0, Vck.RepairFlags.BROKEN]) {
      const left = domain.repair_checkpoints(flags);
      assertList(found(left), expected);
      assertList(outcomes(left), [LEFT, LEFT]);
    }
    assertSame(first.query_state(), State.UNKNOWN);
    assertList(states(first, SIZE), [State.UNKNOWN, State.READY]);
    runProgram('mv', `${image}.away`, image);
    assertList(domain.verify_checkpoints(), []);
    assertSame(first.query_state(), State.READY);
  });

  it('are not repaired on a read-only connection', async () => {
    const {backend} = prepareDrifted();
    const reader = open(backend, Vck.ConnectionFlags.READ_ONLY);
    const domain = reader.lookup_domain_by_name('guest');
    const denied = Vck.Error.OPERATION_DENIED;
    assertFails(denied, () => domain.repair_checkpoints());
    await assertRejects(denied, domain.rename_async('other'));
    const document = domain.export_checkpoints();
    await assertRejects(denied, domain.import_checkpoints_async(document));
    assertList(found(domain.verify_checkpoints()), DRIFTED);
  });
});

describe('calls that make no sense', () => {
  it('are refused', () => {
    const {connection, domain} = prepare();
    connection.define_domain_xml('<domain><name>other</name></domain>');
    const message = assertFails(Vck.Error.DOMAIN_EXISTS, () => domain.rename('other'));
    assertIncludes(message, "'other'");
    assertFails(Vck.Error.XML_ERROR, () => domain.import_checkpoints('<x/>'));
    const {VERIFY, METADATA_ONLY} = Vck.ImportFlags;
    const document = domain.export_checkpoints();
    assertFails(Vck.Error.INVALID_ARG,
      () => domain.import_checkpoints(document, VERIFY | METADATA_ONLY));
  });
});

run();
