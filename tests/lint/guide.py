# SPDX-License-Identifier: LGPL-2.1-or-later

"""The programs shown in README and in the pages of the guide work as they are printed there."""

import json
import shlex

from programs import PAGES, PYTHON, README, Programs, blocks

GUIDE = PAGES["getting-started.md"]
BACKUP = PAGES["backup-jobs.md"]
BACKUPS = PAGES["backups.md"]
FOLDER = PAGES["repository-folder.md"]
RECIPES = PAGES["backup-recipes.md"]
C = PAGES["c.md"]
PAGE = PAGES["python.md"]
JAVASCRIPT = PAGES["javascript.md"]
REPAIR = PAGES["verify-and-repair.md"]
TESTING = PAGES["testing.md"]
THREADS = PAGES["threads.md"]
VALA = PAGES["vala.md"]
XML = PAGES["xml.md"]

DEFINE_BROKEN = """
import gi
gi.require_version('Vck', '1')
from gi.repository import Vck
Vck.Connection.open('local:').define_domain_xml(
    "<domain type='qemu'><name>broken</name><devices><disk type='file'><driver type='qcow2'/>"
    "<source file='/nowhere/none.qcow2'/><target dev='vda'/></disk></devices></domain>")
"""

UNCHANGED = "vda: 0 bytes since monday\n"
CHANGED = "vda: 5242880 bytes since monday\n"


class Guide(Programs):
    def check_changes(self, *command):
        """Runs a program as the guide says: before and after a write."""
        create, write = blocks(GUIDE, "sh")
        self.call("sh", "-ec", create)
        self.assertEqual(UNCHANGED, self.call(*command))
        self.call("sh", "-ec", write)
        self.assertEqual(CHANGED, self.call(*command))

    def test_guide_in_python(self):
        self.save("changes.py", blocks(GUIDE, "python")[0])
        self.check_changes(PYTHON, "changes.py")

    def test_backup(self):
        """The backup that follows the guide has what was written there, and nothing else."""
        self.test_guide_in_python()
        self.save("backup.py", blocks(BACKUP, "python")[0])
        self.assertEqual(blocks(BACKUP, "text")[0], self.call(PYTHON, "backup.py"))
        mapped = self.call("qemu-img", "map", "--output=json", "backup.qcow2")
        self.assertEqual(5242880, sum(part["length"] for part in json.loads(mapped) if part["data"]))

    def test_guide_in_javascript(self):
        self.save("changes.js", blocks(GUIDE, "javascript")[0])
        self.check_changes("gjs", "changes.js")

    def test_guide_in_vala(self):
        self.compile_vala("changes", blocks(GUIDE, "vala")[0])
        self.check_changes("./changes")

    def test_guide_in_c(self):
        self.compile_c("changes", blocks(GUIDE, "c")[0])
        self.check_changes("./changes")

    def test_page_of_c(self):
        for number, (program, printed) in enumerate(zip(blocks(C, "c"), (
                "vda: 0\nvdb: 0\nmonday is there already\n",
                "1 domain\n",
                "test has a new checkpoint: monday\n"), strict=True)):
            self.compile_c(f"page{number}", program)
            self.assertEqual(printed, self.call(f"./page{number}"))

    def test_promises_in_javascript(self):
        self.save("disks.js", blocks(GUIDE, "javascript")[1])
        self.assertEqual("vda: can be tracked\nvdb: can be tracked\n",
                         self.call("gjs", "disks.js"))

    def test_signals_in_python(self):
        self.save("signals.py", blocks(GUIDE, "python")[1])
        self.assertEqual("test has a new checkpoint: monday\n", self.call(PYTHON, "signals.py"))

    def test_page_of_python(self):
        calls, awaits, tasks = blocks(PAGE, "python")
        for number, (program, printed) in enumerate((
                (calls, "monday [0, 0]\nmonday is there already\n"),
                (awaits, "[<Vck.Checkpoint 'monday' of 'test'>]\n"),
                (tasks, "1 domain\n"))):
            self.save(f"page{number}.py", program)
            self.assertEqual(printed, self.call(PYTHON, f"page{number}.py"))

    def test_page_of_javascript(self):
        calls, promises, signals = blocks(JAVASCRIPT, "javascript")
        for number, (program, printed) in enumerate((
                (calls, "monday 0,0\nmonday is there already\n"),
                (promises, "<Vck.Checkpoint 'monday' of 'test'>\n"),
                (signals, "test has a new checkpoint: monday\n"))):
            self.save(f"page{number}.js", program)
            self.assertEqual(printed, self.call("gjs", "-m", f"page{number}.js"))

    def test_types_of_javascript(self):
        """The options of tsconfig.json; the packages come from the network."""
        options, = blocks(JAVASCRIPT, "json")
        packages = shlex.split(blocks(JAVASCRIPT, "sh")[0])[2:]
        self.assertEqual([f"{name}/ambient" for name in packages], json.loads(f"{{{options}}}")["types"])

    def test_page_of_threads(self):
        self.save("threads.py", blocks(THREADS, "python")[0])
        self.assertEqual(blocks(THREADS, "text")[0], self.call(PYTHON, "threads.py"))

    def test_page_of_testing(self):
        rotate, steps = blocks(TESTING, "python")
        self.save("rotate.py", rotate)
        self.call(PYTHON, "rotate.py")
        self.save("steps.py", steps)
        lines = self.call(PYTHON, "steps.py").splitlines()
        self.assertGreater(len(lines), 5)
        self.assertEqual([f"step {number} failed, checkpoints: 0" for number in range(1, len(lines))], lines[:-1])
        self.assertEqual("no step failed, checkpoints: 1", lines[-1])

    def test_page_of_vala(self):
        """Each program, in the way of valac that looks at null, too."""
        for number, (program, printed) in enumerate(zip(blocks(VALA, "vala"), (
                "vda: 0 since monday, before: none\nvdb: 0 since monday, before: none\n"
                "monday is there already\n",
                "monday, after nothing\n",
                "monday\ncancelled\n"), strict=True)):
            for options in (), ("--enable-experimental-non-null",):
                self.compile_vala(f"page{number}", program, *options)
                self.assertEqual(printed, self.call(f"./page{number}"))

    def make_checkpoint(self):
        """The domain of "Getting started" with its checkpoint, which the other page continues with."""
        self.save("changes.py", blocks(GUIDE, "python")[0])
        self.call("sh", "-ec", blocks(GUIDE, "sh")[0])
        self.assertEqual(UNCHANGED, self.call(PYTHON, "changes.py"))

    def test_verify_and_repair(self):
        damage, = blocks(REPAIR, "sh")
        printed, = blocks(REPAIR, "text")
        self.save("check.py", blocks(REPAIR, "python")[0])
        self.make_checkpoint()
        self.assertEqual("", self.call(PYTHON, "check.py"))
        self.call("sh", "-ec", damage)
        self.assertEqual(printed, self.call(PYTHON, "check.py"))
        done = printed.replace("(would)", "(done)")
        self.assertEqual(done, self.call(PYTHON, "check.py", "repair"))
        self.assertEqual("", self.call(PYTHON, "check.py"))
        self.assertEqual(UNCHANGED, self.call(PYTHON, "changes.py"))

    def test_recipes(self):
        """One after the other, as if they were one program."""
        self.save("recipes.py", "".join(blocks(RECIPES, "python")))
        self.make_checkpoint()
        printed = self.call(PYTHON, "recipes.py").splitlines()
        self.assertRegex(printed[0], "^vda [1-9][0-9]* the store has no backup of the domain$")
        self.assertEqual("room: enough", printed[1])
        self.assertRegex(printed[2], "^[0-9TZ.]*-[0-9a-f]* is kept: it is the newest$")
        self.assertEqual(f"nbd+unix:///vda?socket={self.folder}/disks.socket", printed[3])
        self.assertEqual(4, len(printed))

    def test_move(self):
        self.save("move.py", blocks(REPAIR, "python")[1])
        self.make_checkpoint()
        self.assertEqual("monday: imported\n", self.call(PYTHON, "move.py"))

    def back_up(self):
        """Two nightly backups, and something written in between."""
        self.save("nightly.py", blocks(BACKUPS, "python")[0])
        self.make_checkpoint()
        command = PYTHON, "nightly.py", "local:", "backups"
        self.assertRegex(self.call(*command), r"^web vda 0 (?!incremental).+\n$")
        self.assertEqual("web vda 0 incremental\n", self.call(*command))
        self.call("sh", "-ec", blocks(GUIDE, "sh")[1])
        self.assertEqual("web vda 5242880 incremental\n", self.call(*command))

    def test_backup_after_a_failure(self):
        """A domain that cannot be backed up is reported, and the next one is backed up."""
        self.back_up()
        self.save("define.py", DEFINE_BROKEN)
        self.call(PYTHON, "define.py")
        script = f"{PYTHON} nightly.py local: backups 2>errors && exit 9; echo status $?; cat errors"
        self.assertRegex(self.call("sh", "-c", script),
                         r"^web vda 0 incremental\nstatus 1\nbroken: .*none\.qcow2.*\n$")

    def test_backup_and_restore(self):
        self.back_up()
        self.save("restore.py", blocks(BACKUPS, "python")[1])
        self.call(PYTHON, "restore.py", "backups", "restored")
        self.call("qemu-img", "compare", "disk.qcow2", "restored/vda.qcow2")

    def test_restore_in_place(self):
        self.back_up()
        self.save("restore.py", blocks(BACKUPS, "python")[1])
        self.call(PYTHON, "restore.py", "backups", "restored")
        self.call("qemu-io", "-c", "write -P 0x55 1M 1M", "disk.qcow2")
        self.save("in_place.py", blocks(BACKUPS, "python")[2])
        self.call(PYTHON, "in_place.py", "local:", "backups", "web")
        self.call("qemu-img", "compare", "disk.qcow2", "restored/vda.qcow2")
        self.assertEqual("web vda 0 incremental\n", self.call(PYTHON, "nightly.py", "local:", "backups"))

    def test_restore_without_vck(self):
        convert, export = blocks(FOLDER, "sh")
        self.back_up()
        self.call("sh", "-ec", convert)
        self.call("qemu-img", "compare", "disk.qcow2", "vda.qcow2")
        self.assertIn("export-size: 1073741824 (1G)", self.call("sh", "-ec", export))

    def test_page_of_xml(self):
        self.save("config.py", blocks(XML, "python")[0])
        self.assertEqual(blocks(XML, "text")[0], self.call(PYTHON, "config.py"))
        self.save("checkpoint.xml", blocks(XML, "text")[0].partition("monday [")[0])
        check, = blocks(XML, "sh")
        self.call("sh", "-ec", check)
        self.save("checkpoint.xml", "<domaincheckpoint><nam>monday</nam></domaincheckpoint>")
        self.assertRaisesRegex(AssertionError, "fails to validate", self.call, "sh", "-ec", check)

    def test_program_of_the_readme(self):
        program, = blocks(README, "python")
        self.save("readme.py", program)
        self.assertEqual("vda 0 full\nvda 5242880 incremental\n", self.call(PYTHON, "readme.py"))
        self.assertTrue((self.folder / "restored" / "vda.qcow2").exists())
