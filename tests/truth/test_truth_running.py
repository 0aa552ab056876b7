# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups of a `local:` domain that runs hold what its disks held."""

import truth
from forms import Running
from story import Guest, Story


class TestRunning(truth.TruthTestCase):
    form_class = Running

    def test_busy_guest(self):
        """A guest that never stops writing makes no backup a full one."""
        story = Story(self, Running(self), 1)
        for number in range(6):
            with Guest(story.form, number) as guest:
                backup = story.repositories[0].backup(story.form.domain, None, 0, 0, 0, None)
            self.assertIsNone(guest.error)
            for disk in backup.list_disks():
                self.assertEqual(disk.get_base() is None, number == 0, disk.get_why_full())
