# SPDX-License-Identifier: LGPL-2.1-or-later

"""A backup of a running domain is interrupted at each command by which it leaves nothing in QEMU."""

from killed import KilledTestCase

COMMANDS = ('blockdev-del', 'block-dirty-bitmap-remove', 'job-dismiss')


class TestEnding(KilledTestCase):
    def go(self, mode):
        for command in COMMANDS:
            number = 1
            while self.try_point(mode, number, command):
                number += 1
            self.assertGreater(number, len(self.targets), command)  # it is sent for each disk

    def test_killed(self):
        self.go('kill')

    def test_command_fails(self):
        self.go('eio')

    def test_killed_twice(self):
        """The second time while what was left the first time is removed."""
        before = self.hash_now()
        for _ in range(2):
            self.assertTrue(self.interrupt('kill', 1, 'blockdev-del'))
        self.check_next(before, f'twice: {self.said}')
