# SPDX-License-Identifier: LGPL-2.1-or-later

"""What a guest's driver of disks does, through QEMU's interface for tests: the processor sleeps.

QEMU handles these requests as those of any guest, from its main loop. The command 'qemu-io' of its monitor
would wait for each in an event loop of its own, in which jobs of a backup end, too.
"""

import base64
import socket
import struct
import time

from support import TIMEOUT

# What the processor begins with, at the end of 64 KiB: cli, hlt. It has nothing to do.
FIRMWARE = bytes(0xfff0) + b'\xfa\xf4\xeb\xfd' + bytes(12)

# Ports of a PC: the configuration of PCI, and the removal of PCI devices.
PCI_ADDRESS, PCI_DATA, PCI_EJECT = 0xcf8, 0xcfc, 0xae08
BASE_ADDRESS, COMMAND, ENABLE = 0x10, 0x04, 0x7

# The legacy interface of virtio (1.1, section 4.1.4.8): ports, and bits of the status.
FEATURES, QUEUE_ADDRESS, QUEUE_SIZE, NOTIFY, STATUS = 4, 8, 12, 16, 18
ACKNOWLEDGE, DRIVER, DRIVER_OK = 1, 2, 4
PAGE = 4096
NEXT, DEVICE_WRITES = 1, 2

# virtio-blk (section 5.2): features, and types of requests.
FLUSH, DISCARD, WRITE_ZEROES = 1 << 9, 1 << 13, 1 << 14
TYPES = {'write': 1, 'flush': 4, 'discard': 11, 'zero': 13, 'unmap': 13}
SECTOR = 512

# The memory of the guest: a MiB for each disk.
MEMORY = 1 << 20
HEADER, RESULT, DATA = 4 * PAGE, 5 * PAGE, 16 * PAGE


class Board:
    """The ports and the memory of the guest."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.file = self.socket.makefile('r')

    def close(self):
        self.file.close()
        self.socket.close()

    def ask(self, line):
        self.socket.sendall(f'{line}\n'.encode())
        answer = self.file.readline().split()
        if answer[:1] != ['OK']:
            raise AssertionError(f'{line[:80]}: {answer}')
        return int(answer[1], 16) if len(answer) > 1 else None

    def write(self, address, data):
        self.ask(f'b64write {address:#x} {len(data):#x} {base64.b64encode(data).decode()}')

    def eject(self, slot):
        self.ask(f'outl {PCI_EJECT:#x} {1 << slot:#x}')


class DiskDriver:
    """The driver of the virtio-blk device in a slot of the PCI bus."""

    def __init__(self, board, slot):
        self.board = board
        self.slot = slot
        self.port = 0xc000 + slot * 0x100
        self.memory = MEMORY * (slot + 1)
        self.n_requests = 0
        self.configure(BASE_ADDRESS, self.port)
        self.configure(COMMAND, ENABLE)
        self.out('b', STATUS, 0)
        self.out('b', STATUS, ACKNOWLEDGE | DRIVER)
        self.out('l', FEATURES, FLUSH | DISCARD | WRITE_ZEROES)
        self.size = board.ask(f'inw {self.port + QUEUE_SIZE:#x}')
        self.available = self.memory + 16 * self.size
        self.used = (self.available + 2 * self.size + 6 + PAGE - 1) // PAGE * PAGE
        board.write(self.memory, bytes(DATA))
        self.out('l', QUEUE_ADDRESS, self.memory // PAGE)
        self.out('b', STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK)

    def configure(self, register, value):
        self.board.ask(f'outl {PCI_ADDRESS:#x} {1 << 31 | self.slot << 11 | register:#x}')
        self.board.ask(f'outl {PCI_DATA:#x} {value:#x}')

    def out(self, size, register, value):
        self.board.ask(f'out{size} {self.port + register:#x} {value:#x}')

    def request(self, kind, offset=0, length=0, pattern=0):
        """Ends when the device has done it."""
        sector = 0
        data = b''
        if kind == 'write':
            sector = offset // SECTOR
            data = bytes([pattern]) * length
        elif kind != 'flush':
            data = struct.pack('<QII', offset // SECTOR, length // SECTOR, kind == 'unmap')
        parts = [(HEADER, struct.pack('<IIQ', TYPES[kind], 0, sector)), (DATA, data), (RESULT, b'\xff')]
        table = b''
        for number, (position, content) in enumerate(each for each in parts if each[1]):
            self.board.write(self.memory + position, content)
            flags = DEVICE_WRITES if position == RESULT else NEXT
            table += struct.pack('<QIHH', self.memory + position, len(content), flags, number + 1)
        self.board.write(self.memory, table)
        self.n_requests = (self.n_requests + 1) % 0x10000
        self.board.write(self.available, struct.pack('<HH', 1, self.n_requests))  # no interrupts
        self.out('w', NOTIFY, 0)
        deadline = time.monotonic() + TIMEOUT
        while self.board.ask(f'readw {self.used + 2:#x}') != self.n_requests:
            if time.monotonic() > deadline:
                raise AssertionError(f"'{kind}' of the guest did not end")
        if self.board.ask(f'readb {self.memory + RESULT:#x}') != 0:
            raise AssertionError(f"'{kind}' of the guest failed at {offset}, {length} bytes")
