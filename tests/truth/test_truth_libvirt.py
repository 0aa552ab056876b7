# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups of a domain that runs in libvirt hold what its disks held."""

import truth
from live import Libvirt


class TestLibvirt(truth.TruthTestCase):
    form_class = Libvirt
