# SPDX-License-Identifier: LGPL-2.1-or-later

"""What holds for every source file, and which layer may use which."""

import re
import subprocess
import unittest

from house import SOURCE, core_public_headers, included_files, shown, source_files

CODE = (".c", ".h", ".h.in", ".py", ".js", ".vala", ".sh", "meson.build", "meson_options.txt",
        ".rng", ".toml.in", "dev", ".ci/run", "run.in")
TEXT = CODE + (".md", "NEWS", ".editorconfig", ".clang-format")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
PRINTING = re.compile(r"\b(?:v?f?printf|puts|fputs|putchar|perror|g_print|g_printerr|g_message"
                      r"|g_warning)\s*\(")
RISKY = re.compile(r"\b(?:system|popen|gets|strcpy|strcat|sprintf|mktemp|tmpnam|tempnam"
                   r"|g_spawn_command_line_sync|g_spawn_command_line_async)\s*\(")


def bare_code(path):
    """The C code of a file, without comments and the inside of strings."""
    return STRING.sub('""', COMMENT.sub(" ", path.read_text(encoding="utf-8")))


def driver_of(path):
    """The name of the driver a file below core/drivers belongs to."""
    return shown(path).split("/")[2]


def library_sources():
    """The files that end up in the library: core and gobject without the command."""
    return [path for path in source_files(".c", ".h")
            if shown(path).startswith(("core/", "gobject/"))
            and not shown(path).startswith("gobject/tool/")]


class Files(unittest.TestCase):
    def assert_no_hits(self, hits):
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def search(self, pattern, files, read=lambda path: path.read_text(encoding="utf-8")):
        return [f"{shown(path)}: {match.group(0).strip()}"
                for path in files for match in pattern.finditer(read(path))]

    def test_every_file_names_its_licence(self):
        self.assert_no_hits([
            shown(path) for path in source_files(*CODE)
            if "SPDX-License-Identifier: LGPL-2.1-or-later"
            not in "\n".join(path.read_text(encoding="utf-8").splitlines()[:5])])

    def test_lines_end_where_their_text_ends(self):
        hits = []
        for path in source_files(*TEXT):
            text = path.read_text(encoding="utf-8")
            hits += [f"{shown(path)}:{number}: blanks at the end of the line"
                     for number, line in enumerate(text.split("\n"), 1) if line != line.rstrip()]
            if text and not text.endswith("\n"):
                hits.append(f"{shown(path)}: no newline at the end of the file")
        self.assert_no_hits(hits)

    def test_no_tab_in_c_code(self):
        self.assert_no_hits(self.search(re.compile("\t.*"), source_files(".c", ".h", ".h.in")))

    def test_c_code_is_formatted(self):
        files = [path for path in source_files(".c", ".h")
                 if "golden" not in path.parent.parts]
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files],
                              capture_output=True, text=True, check=False, cwd=SOURCE)
        self.assertEqual(0, done.returncode, "run clang-format -i:\n" + done.stderr[:4000])

    def test_c_code_is_at_most_100_columns_wide(self):
        hits = [f"{shown(path)}:{number}"
                for path in source_files(".c", ".h") if "golden" not in path.parent.parts
                for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
                # What the scanner reads stands on one line.
                if len(line) > 100 and "(attributes " not in line]
        self.assert_no_hits(hits)

    def test_nothing_is_left_for_later(self):
        files = [path for path in source_files(*CODE) if path.name != "sources.py"]
        self.assert_no_hits(self.search(UNFINISHED, files))

    def test_the_library_never_prints(self):
        self.assert_no_hits(self.search(PRINTING, library_sources(), bare_code))

    def test_no_call_that_is_easy_to_misuse(self):
        self.assert_no_hits(self.search(RISKY, source_files(".c"), bare_code))


class Layers(unittest.TestCase):
    def includes(self, folder):
        """(file, included file) for every file below the folder."""
        for path in source_files(".c", ".h", ".h.in"):
            if shown(path).startswith(folder + "/"):
                for included in included_files(path):
                    yield path, included

    def assert_none(self, folder, forbidden):
        pairs = list(self.includes(folder))
        self.assertTrue(pairs, f"{folder} includes nothing at all?")
        hits = [f"{shown(path)} includes {shown(included)}"
                for path, included in pairs if forbidden(path, included)]
        self.assertEqual([], hits)

    def test_gobject_sees_the_public_face_of_core_only(self):
        public = core_public_headers()
        self.assert_none("gobject", lambda path, included:
                         shown(included).startswith("core/") and included not in public)

    def test_core_knows_no_other_layer(self):
        self.assert_none("core", lambda path, included: not shown(included).startswith("core/"))

    def test_the_generator_knows_no_other_layer(self):
        self.assert_none("gir", lambda path, included: not shown(included).startswith("gir/"))

    def test_a_driver_knows_no_other_driver(self):
        self.assert_none("core/drivers", lambda path, included:
                         shown(included).startswith("core/drivers/")
                         and driver_of(included) != driver_of(path))

    def test_the_engine_knows_no_driver(self):
        self.assert_none("core/managed", lambda path, included:
                         shown(included).startswith("core/drivers/"))

    def test_backends_and_stores_know_no_xml(self):
        self.assert_none("core/managed", lambda path, included:
                         path.name in ("block-backend.h", "store.h")
                         and shown(included).startswith(("core/xml/", "core/model/checkpoint-def",
                                                         "core/model/domain-def")))
