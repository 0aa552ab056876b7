# SPDX-License-Identifier: LGPL-2.1-or-later

"""The second scenario of tests/languages/scenario.md: metadata and images drift apart."""

import json
import os

from support import UUID, LocalBackend, VckTestCase, domain_xml, names, run, settle
from gi.repository import Vck

DESCRIPTION = 'Erster Stand – 最初'
State = Vck.CheckpointState
Kind = Vck.FindingKind
Delete = Vck.CheckpointDeleteFlags
Import = Vck.ImportFlags
Repair = Vck.RepairFlags
Severity = Vck.FindingSeverity
WOULD, DONE, LEFT = Vck.FindingOutcome.WOULD, Vck.FindingOutcome.DONE, Vck.FindingOutcome.LEFT
DRIFTED = [
    (Kind.BITMAP_MISSING, 'first', 'vda', 'first'),
    (Kind.BITMAP_ORPHAN, None, 'vda', 'second'),
    (Kind.BITMAP_ORPHAN, None, 'vdb', 'second'),
]


def found(findings):
    return [(each.get_kind(), each.get_checkpoint(), each.get_disk(), each.get_bitmap()) for each in findings]


def outcomes(findings):
    return [each.get_outcome() for each in findings]


def results(imported):
    return [(each.get_checkpoint(), each.is_imported()) for each in imported]


class TestRepair(VckTestCase):
    backend_class = LocalBackend

    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)
        self.first = self.create(self.domain, 'first', description=DESCRIPTION)
        self.second = self.create(self.domain, 'second')

    def states(self, flags):
        return [disk.props.state for disk in self.first.list_disks(flags, None)]

    def bitmaps(self, target):
        info = json.loads(run('qemu-img', 'info', '--output=json', self.backend.image(target)))
        return [each['name'] for each in info['format-specific']['data'].get('bitmaps', [])]

    def remove_bitmap(self, target, name):
        run('qemu-img', 'bitmap', '--remove', self.backend.image(target), name)

    def drift(self):
        self.remove_bitmap('vda', 'first')
        self.second.delete(Delete.METADATA_ONLY, None)

    def test_healthy(self):
        self.assertEqual(self.domain.verify_checkpoints(None), [])
        self.assertEqual(self.call(self.domain.verify_checkpoints_async, None), [])
        self.assertEqual(self.domain.repair_checkpoints(0, None), [])
        self.assertEqual(self.first.query_state(None), State.READY)
        self.assertEqual(self.states(0), [State.UNKNOWN, State.UNKNOWN])
        self.assertEqual(self.states(Vck.CheckpointXmlFlags.SIZE), [State.READY, State.READY])

    def test_verify(self):
        self.drift()
        findings = self.domain.verify_checkpoints(None)
        self.assertEqual(found(findings), DRIFTED)
        self.assertEqual(findings[0].props.kind, Kind.BITMAP_MISSING)
        self.assertIn("bitmap 'first' on disk 'vda' is missing", findings[0].props.message)
        self.assertIn('stop tracking', findings[0].props.remedy)
        severities = [each.props.severity for each in findings]
        self.assertEqual(severities, [Severity.PROBLEM, Severity.NOTE, Severity.NOTE])
        self.assertEqual(outcomes(findings), [WOULD, LEFT, LEFT])
        self.assertEqual(found(self.call(self.domain.verify_checkpoints_async, None)), DRIFTED)

    def test_state(self):
        self.drift()
        self.assertEqual(self.first.query_state(None), State.MISSING)
        self.assertEqual(self.call(self.first.query_state_async, None), State.MISSING)
        self.assertEqual(self.states(Vck.CheckpointXmlFlags.SIZE), [State.MISSING, State.READY])

    def test_dry_run(self):
        self.drift()
        self.assertEqual(found(self.domain.repair_checkpoints(Repair.DRY_RUN, None)), DRIFTED)
        orphans = self.domain.repair_checkpoints(Repair.DRY_RUN | Repair.ORPHANS, None)
        self.assertEqual(found(orphans), DRIFTED)
        self.assertEqual(outcomes(orphans), [LEFT, WOULD, WOULD])
        self.assertEqual(found(self.domain.verify_checkpoints(None)), DRIFTED)

    def test_repair(self):
        self.drift()
        repaired = self.call(self.domain.repair_checkpoints_async, 0, None)
        self.assertEqual(found(repaired), DRIFTED)
        self.assertEqual(outcomes(repaired), [DONE, LEFT, LEFT])
        self.assertEqual(repaired[0].props.outcome, DONE)
        self.assertEqual(found(self.domain.verify_checkpoints(None)), DRIFTED[1:])
        self.assertEqual(found(self.domain.repair_checkpoints(Repair.ORPHANS, None)), DRIFTED[1:])
        self.assertEqual(self.domain.verify_checkpoints(None), [])
        self.assertEqual((self.bitmaps('vda'), self.bitmaps('vdb')), ([], ['first']))
        tracked = [disk.is_tracked() for disk in self.first.list_disks(0, None)]
        self.assertEqual(tracked, [False, True])
        self.assertEqual(self.first.query_state(None), State.READY)

    def test_unreachable(self):
        image = self.backend.image('vda')
        expected = [(Kind.DISK_UNREACHABLE, name, 'vda', name) for name in ('first', 'second')]
        os.rename(image, f'{image}.away')
        findings = self.domain.verify_checkpoints(None)
        self.assertEqual(found(findings), expected)
        self.assertEqual(findings[0].props.severity, Severity.NOTE)
        self.assertIn('No such file', findings[0].props.message)
        for flags in (0, Repair.BROKEN):
            left = self.domain.repair_checkpoints(flags, None)
            self.assertEqual((found(left), outcomes(left)), (expected, [LEFT, LEFT]))
        self.assertEqual(self.first.query_state(None), State.UNKNOWN)
        self.assertEqual(self.states(Vck.CheckpointXmlFlags.SIZE), [State.UNKNOWN, State.READY])
        os.rename(f'{image}.away', image)
        self.assertEqual(self.domain.verify_checkpoints(None), [])
        self.assertEqual(self.first.query_state(None), State.READY)

    def test_foreign_bitmaps_are_kept(self):
        run('qemu-img', 'bitmap', '--add', self.backend.image('vdb'), 'theirs')
        expected = [(Kind.BITMAP_FOREIGN, None, 'vdb', 'theirs')]
        self.assertEqual(found(self.domain.verify_checkpoints(None)), expected)
        kept = self.domain.repair_checkpoints(0, None)
        self.assertEqual((found(kept), outcomes(kept)), (expected, [LEFT]))
        self.assertIn('theirs', self.bitmaps('vdb'))
        removed = self.domain.repair_checkpoints(Repair.FOREIGN, None)
        self.assertEqual((found(removed), outcomes(removed)), (expected, [DONE]))
        self.assertNotIn('theirs', self.bitmaps('vdb'))

    def test_export_and_import(self):
        document = self.domain.export_checkpoints(None)
        self.first.delete(Delete.METADATA_ONLY | Delete.CHILDREN, None)
        self.assertEqual(self.domain.count_checkpoints(0, None), 0)
        self.remove_bitmap('vdb', 'second')
        imported = self.domain.import_checkpoints(document, Import.VERIFY, None)
        self.assertEqual(results(imported), [('first', True), ('second', False)])
        self.assertIsNone(imported[0].props.message)
        self.assertIn("'second'", imported[1].props.message)

        first = self.domain.lookup_checkpoint('first', None)
        self.assertEqual(first.get_description(), DESCRIPTION)
        self.assertEqual(first.query_state(None), State.READY)
        again = self.call(self.domain.import_checkpoints_async, document, 0, None)
        self.assertEqual(results(again), [('first', False), ('second', True)])
        replaced = self.domain.import_checkpoints(document, Import.REPLACE, None)
        self.assertEqual(results(replaced), [('first', True), ('second', True)])
        everything = self.domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL, None)
        self.assertEqual(names(everything), ['first', 'second'])

    def test_import_on_another_host(self):
        document = self.domain.export_checkpoints(None)
        disks = {disk.get_target(): disk.get_source() for disk in self.domain.list_disks(None)}
        self.domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, None)
        moved = self.connection.define_domain_xml(domain_xml('moved', disks, None), None)
        self.assertNotEqual(moved.get_uuid(), UUID)
        imported = moved.import_checkpoints(document, Import.VERIFY, None)
        self.assertEqual(results(imported), [('first', True), ('second', True)])
        self.assertEqual(moved.verify_checkpoints(None), [])

    def test_hand_over(self):
        disks = {disk.get_target(): disk.get_source() for disk in self.domain.list_disks(None)}
        document = self.domain.hand_over_checkpoints(None)
        self.assertEqual(self.domain.count_checkpoints(0, None), 0)
        elsewhere = Vck.Connection.open(self.backend.uri + '-elsewhere', 0, None)
        moved = elsewhere.define_domain_xml(domain_xml('guest', disks, UUID), None)
        imported = moved.import_checkpoints(document, Import.VERIFY, None)
        self.assertEqual(results(imported), [('first', True), ('second', True)])
        foreign = self.domain.repair_checkpoints(Repair.ORPHANS, None)
        self.assertEqual({each.get_kind() for each in foreign}, {Kind.BITMAP_FOREIGN})
        self.assertEqual(outcomes(foreign), [LEFT] * 4)
        self.assertEqual(moved.verify_checkpoints(None), [])
        again = self.call(moved.hand_over_checkpoints_async, None)
        self.assertEqual(len(again), len(document))

    def test_rename(self):
        seen = []
        self.domain.connect('notify::name', lambda domain, _spec: seen.append(domain.props.name))
        self.assertTrue(self.domain.rename('Bücher', None))
        self.wait_until(lambda: seen, 'notify::name')
        self.assertEqual(seen, ['Bücher'])
        self.assertIs(self.connection.lookup_domain_by_name('Bücher', None), self.domain)
        self.assertIs(self.domain.lookup_checkpoint('second', None), self.second)
        self.assertEqual(self.domain.verify_checkpoints(None), [])
        self.assertFails(Vck.Error.NO_DOMAIN, self.connection.lookup_domain_by_name, 'guest', None)

    def test_errors(self):
        self.connection.define_domain_xml('<domain><name>other</name></domain>', None)
        message = self.assertFails(Vck.Error.DOMAIN_EXISTS, self.domain.rename, 'other', None)
        self.assertIn("'other'", message)
        load = self.domain.import_checkpoints
        self.assertFails(Vck.Error.XML_ERROR, load, '<domaincheckpoint/>', 0, None)
        document = self.domain.export_checkpoints(None)
        both = Import.VERIFY | Import.METADATA_ONLY
        self.assertFails(Vck.Error.INVALID_ARG, load, document, both, None)

    def test_read_only(self):
        document = self.domain.export_checkpoints(None)
        self.drift()
        reader = self.open(Vck.ConnectionFlags.READ_ONLY).lookup_domain_by_name('guest', None)
        denied = Vck.Error.OPERATION_DENIED
        self.assertFails(denied, reader.repair_checkpoints, 0, None)
        self.assertFails(denied, reader.import_checkpoints, document, 0, None)
        self.assertFails(denied, reader.rename, 'other', None)
        self.assertEqual(found(reader.verify_checkpoints(None)), DRIFTED)
        self.assertEqual(found(reader.repair_checkpoints(Repair.DRY_RUN, None)), DRIFTED)

    def test_death(self):
        self.drift()
        findings = self.domain.verify_checkpoints(None)
        imported = self.domain.import_checkpoints(self.domain.export_checkpoints(None), 0, None)
        living = set(range(len(findings) + len(imported)))
        self.assertEqual(len(living), 4)
        for index, each in enumerate(findings + imported):
            each.weak_ref(living.discard, index)
        del findings, imported, each
        settle()
        self.assertEqual(living, set())
