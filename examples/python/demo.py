#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Creates checkpoints of a domain with two qcow2 disks and shows what changed since each; kills
programs while they work, and shows what is left and how it is repaired; backs the disks up, damages
them and restores them.

Everything happens in a new temporary folder, with real images and without root. Every figure
that is shown is compared with what was written; the demo fails if one differs.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import time
from xml.sax.saxutils import escape

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck

from qemu import Qemu, QemuError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB
GRANULARITY = 64 * KIB  # of the bitmaps QEMU makes for ordinary qcow2 images
TARGETS = ('vda', 'vdb')

DOMAIN = """
<domain type='qemu'>
  <name>web</name>
  <metadata>
    <machine xmlns='urn:vck:domain:1' qmp='{socket}'/>
  </metadata>
  <memory unit='MiB'>64</memory>
  <os><type>hvm</type></os>
  <devices>{disks}</devices>
</domain>
"""
DISK = """
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{}'/>
      <target dev='{}' bus='virtio'/>
    </disk>
"""
CHECKPOINT = """
<domaincheckpoint>
  <name>{}</name>
  <description>{}</description>
</domaincheckpoint>
"""
PROGRAM = """
import sys, gi
gi.require_version('Vck', '1')
from gi.repository import Vck
uri, name, xml = sys.argv[1:]
domain = Vck.Connection.open(uri).lookup_domain_by_name(name)
domain.create_checkpoint_xml(xml)
"""


class DemoError(Exception):
    """Something is not as it should be."""


class Screen:
    """Prints steps, notes and tables; in colour on a terminal, unless NO_COLOR is set."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and not os.environ.get('NO_COLOR')
        self.step_number = 0

    def paint(self, code, text):
        return f'\033[{code}m{text}\033[0m' if self.colour else text

    def title(self, text):
        print(self.paint('1', text))

    def step(self, text):
        self.step_number += 1
        print(f"\n{self.paint('1;36', f'{self.step_number}.')} {text}")

    def note(self, text):
        print(f"     {self.paint('2', text)}")

    def good(self, text):
        print(f"     {self.paint('32', '✓')} {text}")

    def bad(self, text):
        first, *rest = textwrap.wrap(text, 88)
        print(f"     {self.paint('31', '✗')} {first}", *rest, sep='\n       ')

    def table(self, header, rows):
        """Prints rows of strings: the first column to the left, the others to the right."""
        widths = [max(map(len, column)) for column in zip(header, *rows)]
        print(self.paint('4', self.line(header, widths)))
        for row in rows:
            print(self.line(row, widths))

    @staticmethod
    def line(cells, widths):
        first = cells[0].ljust(widths[0])
        return '     ' + '   '.join([first, *map(str.rjust, cells[1:], widths[1:])])


def human(size):
    """A size in words, such as "1.5 MiB"; exact to the granularity in this demo."""
    for unit, name in ((GIB, 'GiB'), (MIB, 'MiB'), (KIB, 'KiB')):
        if size >= unit:
            return f'{size / unit:.4g} {name}'
    return f'{size} B'


def quote(path):
    """A path as the value of an XML attribute."""
    return escape(str(path), {"'": '&apos;'})


def run(*command):
    """Runs a QEMU tool and returns what it prints."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        raise DemoError(f'the program {command[0]} is missing; install qemu-utils') from None
    except subprocess.CalledProcessError as error:
        raise DemoError(f'{command[0]} failed: {error.stderr.strip()}') from None


class Ledger:
    """What was written: for each disk, which blocks since which checkpoint."""

    def __init__(self):
        self.blocks = {}  # checkpoint -> target -> set of block numbers

    def begin(self, checkpoint):
        self.blocks[checkpoint] = {target: set() for target in TARGETS}

    def forget(self, checkpoint):
        del self.blocks[checkpoint]

    def write(self, target, offset, length):
        first, last = offset // GRANULARITY, (offset + length - 1) // GRANULARITY
        for disks in self.blocks.values():
            disks[target].update(range(first, last + 1))

    def sizes(self, checkpoint):
        disks = self.blocks[checkpoint]
        return {target: len(disks[target]) * GRANULARITY for target in TARGETS}

    def between(self, checkpoint, later, target):
        """How much was written after one checkpoint, and not again after a later one."""
        blocks = self.blocks[checkpoint][target] - self.blocks[later][target]
        return len(blocks) * GRANULARITY


class Demo:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.images = {target: self.folder / f'{target}.qcow2' for target in TARGETS}
        self.socket = self.folder / 'qemu.socket'
        self.uri = GLib.filename_to_uri(str(self.folder / 'domains'), None)
        self.uri = self.uri.replace('file:', 'local:', 1)
        self.ledger = Ledger()
        self.screen = Screen()
        self.domain = None

    def run(self):
        self.screen.title('Vck: which blocks of a disk changed since when? With real qcow2 disks')
        self.make_disks()
        self.define_domain()
        self.take_checkpoints()
        self.screen.step('What changed since each checkpoint, in blocks of 64 KiB, as Vck sees it:')
        before = self.show_tree()
        self.show_bitmaps()
        self.delete_middle(before)
        self.kill_program()
        with Qemu(self.images, self.socket) as qemu:
            self.checkpoint_running(qemu)
            self.kill_qemu(qemu)
        self.start_over()
        self.back_up()
        self.damage_and_restore()

    def make_disks(self):
        self.screen.step(f'Two empty disks are made with qemu-img in {self.folder}:')
        for target, size in zip(TARGETS, (GIB, 256 * MIB)):
            image = self.images[target]
            run('qemu-img', 'create', '-q', '-f', 'qcow2', str(image), str(size))
            self.screen.note(f'{target}: {image.name}, {human(size)}')

    def define_domain(self):
        self.screen.step('A domain (a virtual machine) is defined with them. No service is needed:')
        connection = Vck.Connection.open(self.uri)
        disks = ''.join(
            DISK.format(quote(image), target) for target, image in self.images.items()
        )
        xml = DOMAIN.format(socket=quote(self.socket), disks=disks)
        self.domain = connection.define_domain_xml(xml)
        state = self.domain.query_state().value_nick
        self.screen.note(f'{self.domain.get_name()} at {self.uri}, {state}')

    def take_checkpoints(self):
        self.screen.step('Three checkpoints are taken, and qemu-io writes to the disks after each:')
        self.checkpoint('monday', 'Before the week')
        self.write('vda', 0, 24 * MIB)
        self.write('vdb', 8 * MIB, 2 * MIB)
        self.checkpoint('tuesday', 'After the update')
        self.write('vda', 512 * MIB, 6 * MIB)
        self.write('vdb', 64 * MIB, 100 * KIB)
        self.checkpoint('wednesday', 'Before the release')
        self.write('vda', GIB - 192 * KIB, 192 * KIB)

    def checkpoint(self, name, description):
        self.domain.create_checkpoint_xml(CHECKPOINT.format(name, description))
        self.ledger.begin(name)
        self.screen.note(f'checkpoint {name}: {description}')

    def write(self, target, offset, length):
        run('qemu-io', '-f', 'qcow2', '-c', f'write {offset} {length}', str(self.images[target]))
        self.note_write(target, offset, length)

    def note_write(self, target, offset, length):
        self.ledger.write(target, offset, length)
        blocks = -(-length // GRANULARITY) * GRANULARITY
        rounded = '' if blocks == length else f', which is {human(blocks)} in whole blocks'
        self.screen.note(f'  write {human(length)} to {target}{rounded}')

    def show_tree(self):
        """Prints the tree with the changed bytes; returns them by checkpoint and disk."""
        found = {}
        rows = [(self.domain.get_name(),) + ('',) * len(TARGETS)]
        for branch, checkpoint in self.walk():
            sizes = self.sizes(checkpoint)
            found[checkpoint.get_name()] = sizes
            cells = tuple(human(sizes[target]) for target in TARGETS)
            rows.append((branch + checkpoint.get_name(),) + cells)
        self.screen.table(('domain, checkpoints',) + TARGETS, rows)
        self.compare(found)
        return found

    @staticmethod
    def sizes(checkpoint):
        disks = checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE)
        return {disk.get_name(): disk.get_size() for disk in disks}

    def walk(self):
        """Every checkpoint with the branch to draw before its name, parents first."""
        roots = self.domain.list_checkpoints(Vck.CheckpointListFlags.ROOTS)
        levels = [('', roots)]
        while levels:
            indent, siblings = levels[-1]
            if not siblings:
                levels.pop()
                continue
            checkpoint = siblings.pop(0)
            yield indent + ('├─ ' if siblings else '└─ '), checkpoint
            indent += '│  ' if siblings else '   '
            levels.append((indent, checkpoint.list_children()))

    def compare(self, found):
        expected = {name: self.ledger.sizes(name) for name in self.ledger.blocks}
        if found != expected:
            raise DemoError(f'the sizes are {found}, but written was {expected}')
        self.screen.good('every figure is what was written, in whole blocks')

    def show_bitmaps(self):
        self.screen.step('The same in qemu-img info: one dirty bitmap per checkpoint and disk.')
        rows = []
        for target, image in self.images.items():
            for bitmap in self.bitmaps(image):
                flags = ' '.join(bitmap['flags'])
                rows.append((image.name, bitmap['name'], human(bitmap['granularity']), flags))
        self.screen.table(('image', 'bitmap', 'granularity', 'flags'), rows)
        self.check_bitmaps()

    def bitmaps(self, image):
        info = json.loads(run('qemu-img', 'info', '--output=json', str(image)))
        return info['format-specific']['data'].get('bitmaps', [])

    def check_bitmaps(self):
        listed = self.domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL)
        expected = sorted(checkpoint.get_name() for checkpoint in listed)
        for image in self.images.values():
            found = sorted(bitmap['name'] for bitmap in self.bitmaps(image))
            if found != expected:
                raise DemoError(f'{image} has the bitmaps {found}, not {expected}')
        self.screen.good(f"both images have exactly these bitmaps: {', '.join(expected)}")

    def delete_middle(self, before):
        self.screen.step('Checkpoint tuesday is deleted. The others have bitmaps of their own.')
        middle = self.domain.lookup_checkpoint('tuesday')
        middle.delete()
        self.ledger.forget('tuesday')
        after = self.show_tree()
        if after != {name: before[name] for name in ('monday', 'wednesday')}:
            raise DemoError(f'the sizes were {before} and are now {after}')
        self.check_bitmaps()
        self.check_sum(after)
        self.check_gone()

    def check_sum(self, sizes):
        """What changed since monday is what changed until wednesday and what changed since."""
        for target in TARGETS:
            since, rest = sizes['monday'][target], sizes['wednesday'][target]
            until = self.ledger.between('monday', 'wednesday', target)
            if until + rest != since:
                raise DemoError(f'the sizes of {target} do not add up: {sizes}')
            self.screen.good(
                f'{target} adds up: {human(until)} until wednesday + {human(rest)} since'
                f' = {human(since)} since monday'
            )

    def check_gone(self):
        try:
            self.domain.lookup_checkpoint('tuesday')
        except GLib.Error as error:
            if not error.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN_CHECKPOINT):
                raise
            self.screen.good(f'asking for it is an error one can match: {error.message}')
        else:
            raise DemoError('checkpoint tuesday is still there')

    def kill_program(self):
        self.screen.step('A program is killed with kill -9 while it takes checkpoint thursday.')
        while not self.kill_half_way():  # it was faster than we are
            self.domain.lookup_checkpoint('thursday').delete()
        self.screen.note('It left a journal entry. Its change is undone when the domain is used next:')
        self.expect([])
        if self.is_half_way():
            raise DemoError('the journal entry is still there')
        self.screen.good('the journal entry is gone, and verify finds nothing wrong')
        self.compare({each.get_name(): self.sizes(each) for _branch, each in self.walk()})
        self.check_bitmaps()

    def kill_half_way(self):
        """Whether a program was killed between its first and its last step."""
        xml = CHECKPOINT.format('thursday', 'Before the power went')
        command = [sys.executable, '-c', PROGRAM, self.uri, self.domain.get_name(), xml]
        with subprocess.Popen(command) as program:
            while program.poll() is None and not self.is_half_way():
                time.sleep(0.001)
            program.kill()
        return self.is_half_way()

    def is_half_way(self):
        """Vck keeps a journal entry during a change, so that it can be completed or undone."""
        return any(self.folder.glob('domains/*/pending'))

    def expect(self, expected):
        """Compares what Vck finds wrong with what must be."""
        findings = self.domain.verify_checkpoints()
        found = [(finding.get_kind(), finding.get_checkpoint()) for finding in findings]
        if found != expected:
            raise DemoError(f'found was {found}, not {expected}')
        return findings

    def show(self, findings):
        """Prints what is wrong, and of each kind once why."""
        causes = {}
        for finding in findings:
            causes.setdefault(finding.get_kind(), finding.get_message())
        rows = [
            (finding.get_checkpoint(), finding.get_disk(), finding.get_kind().value_nick)
            for finding in findings
        ]
        self.screen.table(('checkpoint', 'disk', 'what verify finds'), rows)
        for cause in causes.values():
            self.screen.bad(cause)

    def repair(self):
        """Lets Vck repair what it found, and prints what it did."""
        repaired = self.domain.repair_checkpoints()
        done = [each for each in repaired if each.get_outcome() == Vck.FindingOutcome.DONE]
        for remedy in dict.fromkeys(finding.get_remedy() for finding in done):
            self.screen.note(f'repair: {remedy}')
        self.expect([])
        self.screen.good('now verify finds nothing wrong')

    def checkpoint_running(self, qemu):
        self.screen.step('The domain starts. Vck connects to the QMP socket in its definition:')
        self.screen.note(f'{qemu.command[0]}, process {qemu.process.pid}')
        self.checkpoint('friday', 'While it runs')
        for target, offset, length in (('vda', 100 * MIB, 3 * MIB), ('vdb', 0, 70 * KIB)):
            qemu.write(target, offset, length)
            self.note_write(target, offset, length)
        self.show_tree()

    def kill_qemu(self, qemu):
        self.screen.step('QEMU is killed with kill -9. Its bitmaps were in its memory:')
        qemu.kill()
        worthless, missing = Vck.FindingKind.BITMAP_INCONSISTENT, Vck.FindingKind.BITMAP_MISSING
        kinds = {'monday': worthless, 'wednesday': worthless, 'friday': missing}
        self.show(self.expect([(kind, name) for name, kind in kinds.items() for _ in TARGETS]))
        for name in kinds:
            self.ledger.forget(name)
        self.repair()

    def start_over(self):
        self.screen.step('No checkpoint is left that cannot be trusted. The next one starts anew:')
        self.checkpoint('saturday', 'With a full backup')
        self.write('vda', 0, 1 * MIB)
        self.show_tree()
        self.check_bitmaps()

    def back_up(self):
        self.screen.step('A repository is made, and backs up the domain. The first backup is full:')
        self.repository = Vck.Repository.open(
            str(self.folder / 'backups'), Vck.RepositoryFlags.CREATE, None
        )
        self.contents = {}  # backup -> target -> hash
        self.backup()
        self.screen.step('After some more writes the second one copies only what was written:')
        self.write('vda', 300 * MIB, 5 * MIB)
        self.write('vdb', 16 * MIB, 64 * KIB)
        self.backup(vda=5 * MIB, vdb=64 * KIB)

    def backup(self, **expected):
        """Makes a backup, shows it, and compares what was copied with what is expected of each disk."""
        backup = self.repository.backup(self.domain)
        disks = backup.list_disks()
        rows = [
            (disk.get_target(), human(disk.get_bytes()), disk.get_why_full() or 'incremental')
            for disk in disks
        ]
        self.screen.table(('disk', 'copied', 'why'), rows)
        copied = {disk.get_target(): disk.get_bytes() for disk in disks if disk.get_base()}
        if copied != expected:
            raise DemoError(f'copied was {copied}, not {expected}')
        self.contents[backup.get_id()] = {
            target: self.hash(image) for target, image in self.images.items()
        }

    def hash(self, image):
        """Of all that the guest sees on a disk."""
        raw = self.folder / 'content.raw'
        run('qemu-img', 'convert', '-O', 'raw', str(image), str(raw))
        with open(raw, 'rb') as file:
            digest = hashlib.file_digest(file, 'sha256').hexdigest()
        raw.unlink()
        return digest

    def damage_and_restore(self):
        self.screen.step('The first 32 MiB of vda are overwritten by accident, and noticed late:')
        self.write('vda', 0, 32 * MIB)
        self.screen.step('Every backup is restored, and compared with what the disks had then:')
        for backup in self.repository.list_backups():
            folder = self.folder / f'restored-{backup.get_id()}'
            self.repository.restore(backup, None, str(folder))
            found = {target: self.hash(folder / f'{target}.qcow2') for target in TARGETS}
            if found != self.contents[backup.get_id()]:
                raise DemoError(f'backup {backup.get_id()} is not what was backed up')
            digest = found['vda'][:12]
            self.screen.good(f'{backup.get_id()}: both disks are as they were; vda is {digest}…')


def main():
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix='vck-demo-') as folder:
            Demo(folder).run()
    except (DemoError, QemuError, GLib.Error) as error:
        message = error.message if isinstance(error, GLib.Error) else error
        sys.exit(f'demo: {message}')
    print(f'\nDone in {time.monotonic() - start:.1f} s; the folder is removed again.')


if __name__ == '__main__':
    main()
