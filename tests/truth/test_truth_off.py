# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups of a `local:` domain that is off hold what its disks held."""

import truth
from forms import Off


class TestOff(truth.TruthTestCase):
    form_class = Off
