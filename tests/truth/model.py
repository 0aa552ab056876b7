# SPDX-License-Identifier: LGPL-2.1-or-later

"""What a disk holds, and what becomes of it by what a guest writes: without any image or QEMU."""

import hashlib

SECTOR = 512
PAGE = 4096
BLOCK = 65536
MIB = 1 << 20

# Blocks that only tampering writes to: each is written to once in a while, so that it is not among those
# that the last backup copied.
RESERVED = range(2 * MIB, 3 * MIB, BLOCK)


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Disk:
    """A disk of the domain: what it holds, and what each repository can know of its bitmaps."""

    def __init__(self, target):
        self.target = target
        self.attached = True
        self.n_images = 0
        self.reserved = 0
        self.renew(None, b'', BLOCK)

    def renew(self, image, content, cluster):
        """Gives it another image, with clusters of that size, of which no repository knows anything."""
        self.image = image
        self.cluster = cluster
        self.content = bytearray(content)
        self.hidden = b''  # what was cut off, and may be left in the cluster in which the disk ends
        self.unknown = bytearray(len(content))  # 1 where a sector may read as zeroes: it was discarded, or cut off
        self.saved = None  # a copy of the image, and what it holds
        self.base = {}  # repository -> the backup that the next one has to be based on
        self.checked = {}  # repository -> the checkpoint whose bitmap can be compared with an older one
        self.tampered = set()  # repositories whose next backup must find that out
        self.shrunk = set()  # repositories that have only backups from before that

    def doubt(self, repository=None):
        """The next backup may be full, or based on an older one."""
        for known in (self.base, self.checked):
            if repository is None:
                known.clear()
            else:
                known.pop(repository, None)

    def next_reserved(self):
        self.reserved += 1
        return RESERVED[self.reserved % len(RESERVED)]

    # --- what is written ---

    def apply(self, kind, offset, length, pattern):
        if kind == 'discard':
            self.unknown[offset:offset + length] = b'\1' * length
            return
        self.content[offset:offset + length] = bytes([pattern if kind == 'write' else 0]) * length
        self.unknown[offset:offset + length] = bytes(length)

    def ends_inside_cluster(self):
        return len(self.content) % self.cluster != 0

    def resize(self, size):
        """QEMU shows again what was cut off in a cluster that was kept, and zeroes after that."""
        before = len(self.content)
        known = self.content + self.hidden
        self.content = known[:size] + bytes(max(0, size - len(known)))
        self.hidden = known[size:-(-size // self.cluster) * self.cluster]
        self.unknown = bytearray(size)
        back = len(known[before:size])
        self.unknown[before:before + back] = b'\1' * back

    def observe(self, content):
        """What it holds indeed: as was written, but for sectors that may read as zeroes."""
        assert len(content) == len(self.content), f'{self.target}: {len(content)} is not {len(self.content)} bytes'
        for offset in differing(self.content, content):
            where = slice(offset, offset + SECTOR)
            assert any(self.unknown[where]) and not any(content[where]), f'{self.target} at {offset}: not as written'
            self.content[where] = content[where]
        self.unknown = bytearray(len(content))


def differing(one, other, step=BLOCK):
    """The sectors in which they differ."""
    found = []
    for begin in range(0, len(one), step):
        if one[begin:begin + step] != other[begin:begin + step]:
            found += range(begin, min(begin + step, len(one)), SECTOR) if step == SECTOR else [
                begin + each for each in differing(one[begin:begin + step], other[begin:begin + step], SECTOR)]
    return [each for each in found if one[each:each + SECTOR] != other[each:each + SECTOR]]


def random_offset(random, size, length, step):
    """Where something of that length does not touch the reserved blocks."""
    while True:
        offset = random.randrange(0, size - length + 1, step)
        if offset >= RESERVED.stop or offset + length <= RESERVED.start:
            return offset


def random_change(random, size):
    """One change to a disk: (kind, offset, length, pattern)."""
    length = random.choice([SECTOR, PAGE, BLOCK, 200 * 1024, MIB // 2])
    offset = random_offset(random, size, length, SECTOR)
    kind = random.choice(['write', 'write', 'write', 'zero', 'unmap', 'discard'])
    return kind, offset, length, random.randrange(1, 256)


# --- what a guest writes while a backup is made ---


class Write:
    """A guest's write of whole pages to one of the disks."""

    def __init__(self, random, disks):
        self.disk = random.choice(disks)
        length = random.choice([PAGE, PAGE, 4 * PAGE, BLOCK])
        self.offset = random_offset(random, len(self.disk.content), length, PAGE)
        self.change = ('write', self.offset, length, random.randrange(1, 256))
        self.pages = range(self.offset, self.offset + length, PAGE)


def find_moments(writes, found):
    """After which numbers of writes the disks held, all at once, what was found: {target: content}."""
    shown, wanted = {}, {}
    for write in writes:
        for page in write.pages:
            key = (write.disk.target, page)
            shown[key] = bytes(write.disk.content[page:page + PAGE])
            wanted[key] = found[write.disk.target][page:page + PAGE]
    wrong = {key for key in shown if shown[key] != wanted[key]}
    moments = [] if wrong else [0]
    for number, write in enumerate(writes, 1):
        content = bytes([write.change[3]]) * PAGE
        for page in write.pages:
            key = (write.disk.target, page)
            (wrong.discard if content == wanted[key] else wrong.add)(key)
        if not wrong:
            moments.append(number)
    return moments
