# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the page for packagers says of options and files is so."""

import fnmatch
import re

from house import SOURCE, meson_introspect
from programs import PAGES, Programs, blocks

PAGE = PAGES["packaging.md"]
OPTION = re.compile(r"^option\('(\w+)', type: '\w+', value: ([^,]+),", re.MULTILINE)
ROW = re.compile(r"^\| `-D(\w+)` \| (.+?) \|", re.MULTILINE)


class Packaging(Programs):
    def setUp(self):
        super().setUp()
        self.text = PAGE.read_text(encoding="utf-8")

    def test_options(self):
        options = OPTION.findall((SOURCE / "meson_options.txt").read_text(encoding="utf-8"))
        self.assertGreater(len(options), 5)
        shown = {"''": "that of Python"}
        self.assertEqual({name: shown.get(value, f"`{value.strip(chr(39))}`") for name, value in options},
                         dict(ROW.findall(self.text)))

    def test_versions(self):
        build = (SOURCE / "meson.build").read_text(encoding="utf-8")
        for name, shown in {"glib-2.0": "GLib", "libxml-2.0": "libxml2", "json-glib-1.0": "json-glib",
                            "libvirt": "libvirt", "libnbd": "libnbd"}.items():
            version = re.search(rf"dependency\('{name}', version: '>= ([\d.]+)'", build)[1]
            self.assertRegex(self.text, rf"{shown} {re.escape(version)}\b")

    def test_commands(self):
        """The first block was followed to build what is tested; its programs are Meson's."""
        _build, check = blocks(PAGE, "sh")
        self.assertRegex(self.call("sh", "-ec", check), r"^\S+Z\n[\d.]+\n$")

    def test_every_installed_file_has_a_package(self):
        folders = {option["name"]: option["value"] for option in meson_introspect("buildoptions")
                   if option["name"] in ("libdir", "datadir", "includedir")}
        table = self.text.partition("## What is installed")[2].partition("## At run time")[0]
        patterns = [re.sub(r"\$(\w+)", lambda match: f"*/{folders[match[1]]}", name)
                    for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line)[1:]]
        patterns = [name if name.startswith("*") else f"*/{name}" for name in patterns]
        homeless = [path for path in map(str, self.tree.files())
                    if not any(fnmatch.fnmatch(path, end) for name in patterns for end in (name, f"{name}/*", f"{name}.*"))]
        self.assertEqual([], homeless)
