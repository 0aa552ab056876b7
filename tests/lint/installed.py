# SPDX-License-Identifier: LGPL-2.1-or-later

"""An installed copy of the library in a folder of its own, and the environment to use it."""

import os
import pathlib
import re
import tempfile

from house import BUILD, meson_introspect, run

# For programs that are not ours: what a sanitizer preloads is not for them.
FOREIGN = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


class InstalledTree:
    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="vck-installed-")
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
            "--destdir", self._folder.name, env=FOREIGN)
        options = {option["name"]: option["value"] for option in meson_introspect("buildoptions")}
        self.prefix = pathlib.Path(self._folder.name + options["prefix"])
        self.libdir = self.prefix / options["libdir"]
        self.datadir = self.prefix / options["datadir"]
        self.includedir = self.prefix / options["includedir"]
        overrides, = self.prefix.glob("lib/python*/*-packages/gi/overrides")
        self.pythondir = overrides.parent.parent
        self._move_pkgconfig_file()

    def _move_pkgconfig_file(self):
        """The file names the final folder; here the library is somewhere else."""
        self.pkgconfig_file = self.libdir / "pkgconfig" / "vck-1.pc"
        text = self.pkgconfig_file.read_text(encoding="utf-8")
        text, count = re.subn(r"^prefix=.*$", f"prefix={self.prefix}", text, flags=re.MULTILINE)
        if count != 1:
            raise AssertionError(f"vck-1.pc has {count} prefixes")
        self.pkgconfig_file.write_text(text, encoding="utf-8")

    def environment(self, home):
        """What a user of the installed library sets; with `home` as home directory."""
        return dict(
            FOREIGN,
            GI_TYPELIB_PATH=str(self.libdir / "girepository-1.0"),
            HOME=str(home),
            LD_LIBRARY_PATH=str(self.libdir),
            PYTHONPATH=str(self.pythondir),
            PKG_CONFIG_PATH=str(self.libdir / "pkgconfig"),
            XDG_DATA_DIRS=f"{self.datadir}:/usr/local/share:/usr/share",
            XDG_DATA_HOME=str(pathlib.Path(home) / "data"),
        )

    def files(self):
        return [path for path in self.prefix.rglob("*") if not path.is_dir()]

    def remove(self):
        self._folder.cleanup()
