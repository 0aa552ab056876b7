# SPDX-License-Identifier: LGPL-2.1-or-later

"""The example `window` of a language shows what there is, and what another program does."""

import json
import os

from support import LocalBackend, VckTestCase
from window import Window

COMMAND = json.loads(os.environ['VCK_WINDOW_COMMAND'])
HEAD = 'Name | State | Size\n'
TITLE = 'Checkpoints\n'


class TestWindow(VckTestCase):
    backend_class = LocalBackend

    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection, 'web', targets=('vda',))

    def open_window(self):
        window = Window([*COMMAND, self.backend.uri], os.environ, os.environ['VCK_LOOK_FOLDER'])
        self.addCleanup(window.__exit__)
        return window

    def test_follows(self):
        window = self.open_window()
        window.wait_for(f'{HEAD}- web | shutoff | \n{TITLE}')
        monday = self.create(self.domain, 'monday')
        window.wait_for(f'{HEAD}- web | shutoff | \n  . monday | ready | 0 bytes\n{TITLE}')
        self.backend.write('vda', 0, 100 * 1024)
        window.wait_for(f'{HEAD}- web | shutoff | \n  . monday | ready | 131.1 kB\n{TITLE}')
        self.create(self.domain, 'tuesday')
        window.wait_for(f'{HEAD}- web | shutoff | \n  - monday | ready | 131.1 kB\n'
                        f'    . tuesday | ready | 0 bytes\n{TITLE}')
        monday.delete()
        window.wait_for(f'{HEAD}- web | shutoff | \n  . tuesday | ready | 0 bytes\n{TITLE}')
        self.domain.undefine('CHECKPOINTS_METADATA')
        window.wait_for(f'{HEAD}{TITLE}')
        self.assertEqual(window.close(), '')

    def test_closed_at_once(self):
        self.create(self.domain, 'monday')
        window = self.open_window()
        (window.folder / 'close').touch()
        self.assertEqual(window.close(), '')
