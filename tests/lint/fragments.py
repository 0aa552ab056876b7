# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every code block of every page is compiled or run: parts of programs here, whole programs in guide.py."""

import collections
import os
import re
import unittest

from house import SOURCE
from programs import BLOCK, PAGES, PYTHON, README, Programs, blocks

JOBS = PAGES["backup-jobs.md"]
CONCEPTS = PAGES["concepts.md"]
GUIDE = PAGES["getting-started.md"]
LIBVIRT = PAGES["from-python-libvirt.md"]
OVERVIEW = PAGES["overview.md"]
RUNNING = PAGES["running-domains.md"]

# How many blocks of each language the tests run, or compare with what is printed. A page with a new block needs a test of it.
TESTED = {
    "README.md": {"": 1, "python": 1},
    "backup-jobs.md": {"javascript": 1, "python": 1, "text": 1, "vala": 1},
    "backup-recipes.md": {"python": 8},
    "backups.md": {"python": 3},
    "c.md": {"c": 3},
    "concepts.md": {"text": 2},
    "connection-uris.md": {},
    "errors.md": {},
    "from-python-libvirt.md": {"python": 3},
    "getting-started.md": {"c": 1, "javascript": 2, "python": 3, "sh": 2, "vala": 1},
    "glossary.md": {},
    "javascript.md": {"javascript": 3, "json": 1, "sh": 1},
    "lists.md": {"c": 3, "javascript": 3, "python": 4, "text": 1, "vala": 3},
    "overview.md": {"python": 1, "xml": 1},
    "packaging.md": {"sh": 2},
    "python.md": {"python": 3},
    "repository-folder.md": {"sh": 2, "text": 1},
    "running-domains.md": {"xml": 1},
    "testing.md": {"python": 2},
    "threads.md": {"python": 1, "text": 1},
    "vala.md": {"vala": 3},
    "verify-and-repair.md": {"python": 2, "sh": 1, "text": 1},
    "xml.md": {"python": 1, "sh": 1, "text": 1},
}

IMPORT = """
import gi
gi.require_version('Vck', '1')
from gi.repository import Vck
"""

SOCKETS = IMPORT + """
import sys
config = Vck.DomainConfig.new_from_xml(sys.stdin.read())
print(config.name, config.qmp_socket, config.agent_socket, [disk.target for disk in config.disks])
"""

CHAIN = IMPORT + """
config = Vck.DomainConfig.new_from_images(['disk.qcow2'])
domain = Vck.Connection.open('local:').define_domain(config)
for name in 'monday', 'tuesday', 'wednesday':
    domain.create_checkpoint(Vck.CheckpointConfig(name=name))
for checkpoint in domain.list_checkpoints('TOPOLOGICAL'):
    print(checkpoint.name, checkpoint.parent_name)
"""

HOST = """<node><auth><user password='secret'>anna</user></auth><domain type='test'><name>web</name>
<memory>1024</memory><os><type>hvm</type></os></domain></node>"""

TRANSLATED = """
import libvirt
libvirt.registerErrorHandler(lambda _data, _error: None, None)
theirs = libvirt.open('test:///default')
ours = Vck.Connection.open('test:///default')
for dom in theirs.lookupByName('test'), ours.lookup_domain_by_name('test'):
    exec(THEIRS if isinstance(dom, libvirt.virDomain) else OURS)
    print(type(dom).__name__)
"""

JAVASCRIPT_JOB = """
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

const loop = new GLib.MainLoop(null, false);
const domain = Vck.Connection.open('memory:///job').lookup_domain_by_name('test');
const backup = '<domainbackup/>';
const checkpoint = '<domaincheckpoint><name>monday</name></domaincheckpoint>';

async function run() {
%s
  print(Vck.JobState[job.state], domain.lookup_checkpoint('monday').name);
}

run().catch(error => printerr(error.message)).finally(() => loop.quit());
loop.run();
"""

# That a job has ended may be known before its signal is emitted, for which the program must hold it.
VALA_JOB = """
bool ended = false;
Vck.BackupJob held;

async void run (Vck.Domain domain, string backup, string checkpoint) throws Error {
%s
  held = job;
}

int main () {
  var loop = new MainLoop ();
  try {
    var domain = Vck.Connection.open ("memory:///job").lookup_domain_by_name ("test");
    domain.checkpoint_added.connect (checkpoint => print ("%%s\\n", checkpoint.name));
    run.begin (domain, "<domainbackup/>", "<domaincheckpoint><name>monday</name></domaincheckpoint>", (_, result) => {
      try {
        run.end (result);
      } catch (Error error) {
        printerr ("%%s\\n", error.message);
      }
      loop.quit ();
    });
    loop.run ();
    while (!ended)
      MainContext.@default ().iteration (true);
  } catch (Error error) {
    printerr ("%%s\\n", error.message);
  }
  return 0;
}
"""


class Fragments(Programs):
    def test_commands_of_the_readme(self):
        commands, = blocks(README, "")
        usage = self.call(SOURCE / "dev", "help")
        names = [line.split()[1] for line in commands.splitlines() if line.startswith("./dev ")]
        self.assertEqual(["demo", "test"], names)
        self.assertEqual([], [name for name in names if f"\n  {name} " not in usage])

    @unittest.skipUnless(os.environ.get("VCK_HAVE_LIBVIRT"), "Vck is built without libvirt")
    def test_authenticate(self):
        """The terminal of the example is a pipe here, as getpass also allows."""
        self.save("host.xml", HOST)
        program, = blocks(OVERVIEW, "python")
        self.assertIn("'qemu+tls://host/system'", program)
        program = program.replace("qemu+tls://host/system", f"test://{self.folder}/host.xml")
        self.save("login.py", program + "print([domain.name for domain in connection.list_domains()])\n")
        self.save("answers", "anna\nsecret\n")
        self.assertRegex(self.call("sh", "-c", f"{PYTHON} -W ignore login.py <answers"), r"\['web'\]\n$")

    def sockets(self, document):
        self.save("domain.xml", document)
        self.save("sockets.py", SOCKETS)
        return self.call("sh", "-c", f"{PYTHON} sockets.py <domain.xml")

    def test_definitions(self):
        self.assertEqual("web /run/web.qmp None ['vda']\n", self.sockets(blocks(OVERVIEW, "xml")[0]))
        metadata, = blocks(RUNNING, "xml")
        self.assertEqual("web /run/web.qmp /run/web.qga []\n",
                         self.sockets(f"<domain><name>web</name>{metadata}</domain>"))

    def test_concepts(self):
        """The chain that is drawn, and the names in the store folder but that of a journal, which is there meanwhile."""
        chain, folder = blocks(CONCEPTS, "text")
        self.call("qemu-img", "create", "-q", "-f", "qcow2", "disk.qcow2", "1M")
        self.save("chain.py", CHAIN)
        names = re.findall(r"\b(\w+day)\b", chain)
        self.assertEqual("".join(f"{name} {parent}\n" for parent, name in zip([None, *names], names)),
                         self.call(PYTHON, "chain.py"))
        self.assertRegex(chain, rf"{names[-1]} +the current one")
        stored, = (self.folder / "data" / "vck" / "domains").iterdir()
        shown = set(re.findall(r"^    ([\w.]+)/?  ", folder, re.MULTILINE))
        self.assertIn("pending", shown)
        self.assertEqual(names[-1], (stored / "current").read_text(encoding="utf-8").strip())
        self.assertEqual(set(), shown - {"pending"} - {path.name for path in stored.iterdir()})

    def test_refresh_interval(self):
        _changes, signals, interval = blocks(GUIDE, "python")
        self.save("interval.py", f"{signals}{interval}print(domain.refresh_interval)\n")
        self.assertEqual("test has a new checkpoint: monday\n5000\n", self.call(PYTHON, "interval.py"))

    @unittest.skipUnless(os.environ.get("VCK_HAVE_LIBVIRT"), "Vck is built without libvirt")
    def test_errors_in_both_libraries(self):
        imports, theirs, ours = blocks(LIBVIRT, "python")
        self.save("both.py", f"{imports}THEIRS = {theirs!r}\nOURS = {ours!r}\n{TRANSLATED}")
        self.assertEqual("virDomain\nDomain\n", self.call(PYTHON, "both.py"))

    def test_job_in_javascript(self):
        self.save("job.js", JAVASCRIPT_JOB % blocks(JOBS, "javascript")[0])
        lines = self.call("gjs", "-m", "job.js").splitlines()
        lines.remove("DONE monday")
        for line in lines:
            self.assertRegex(line, r"^\d+ of \d+ bytes, -?\d+ a second$")

    def test_job_in_vala(self):
        program, = blocks(JOBS, "vala")
        connect = "job.ended.connect"
        self.assertIn(connect, program)
        program = program.replace(connect, f"{connect} (() => {{ ended = true; }});\n{connect}")
        self.compile_vala("job", VALA_JOB % program)
        printed = self.call("./job").splitlines()
        self.assertEqual(["VCK_JOB_STATE_DONE", "monday"], sorted(printed))

    def test_every_block_is_tested(self):
        for name, page in {**PAGES, README.name: README}.items():
            with self.subTest(page=name):
                counts = collections.Counter(language for language, _block in
                                             BLOCK.findall(page.read_text(encoding="utf-8")))
                self.assertEqual(TESTED.get(name), counts)
