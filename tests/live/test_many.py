# SPDX-License-Identifier: LGPL-2.1-or-later

"""Twenty connections at once, asynchronous, in one program."""

import libvirt

from host import TOPOLOGICAL, LiveTestCase, checkpoint_xml
from support import names
from gi.repository import GLib, Vck

NUMBERS = range(20)


class Task:
    """Runs a generator that yields (start, arguments…) of asynchronous calls and is sent the results."""

    def __init__(self, generator):
        self.generator = generator
        self.over = False
        self.result = None
        self.problem = None
        self.advance(generator.send, None)

    def advance(self, step, value):
        try:
            start, *arguments = step(value)
        except StopIteration as end:
            self.over, self.result = True, end.value
        except Exception as problem:  # in a callback it would be lost
            self.over, self.problem = True, problem
        else:
            start(*arguments, self.on_end, start.__name__.replace('_async', '_finish'))

    def on_end(self, source, result, finish):
        try:
            value = getattr(source or Vck.Connection, finish)(result)
        except GLib.Error as error:
            self.advance(self.generator.throw, error)
        else:
            self.advance(self.generator.send, value)


def story(uri, name):
    """A whole life with checkpoints: what was listed at each step, and the signals."""
    seen = []
    connection = yield Vck.Connection.open_async, uri, 0, None
    domains = yield connection.list_domains_async, 0, None
    (domain,) = [each for each in domains if each.get_name() == name]
    for signal in ('checkpoint-added', 'checkpoint-removed'):
        domain.connect(signal, lambda _domain, each, what: seen.append((what, each.get_name())), signal)
    for each in ('first', 'second', 'third'):
        yield domain.create_checkpoint_xml_async, checkpoint_xml(each), 0, None
    chain = yield domain.list_checkpoints_async, TOPOLOGICAL, None
    yield chain[1].delete_async, 0, None
    left = yield domain.list_checkpoints_async, TOPOLOGICAL, None
    parent = yield left[1].query_parent_async, None
    return connection, names(chain), names(left), parent.get_name(), seen


def contribution(uri, domain_name, name):
    """One checkpoint, on a domain that others use, too."""
    connection = yield Vck.Connection.open_async, uri, 0, None
    domain = yield connection.lookup_domain_by_name_async, domain_name, None
    return (yield domain.create_checkpoint_xml_async, checkpoint_xml(name), 0, None)


def removal(checkpoint):
    yield checkpoint.delete_async, 0, None


class TestMany(LiveTestCase):
    def run_all(self, generators):
        tasks = [Task(each) for each in generators]
        self.wait_until(lambda: all(task.over for task in tasks), 'all tasks')
        self.assertEqual([task.problem for task in tasks if task.problem is not None], [])
        return [task.result for task in tasks]

    def domain_names(self):
        return [f'domain-{number}' for number in NUMBERS]

    def assertLived(self, results):
        added = [('checkpoint-added', name) for name in ('first', 'second', 'third')]
        for connection, chain, left, parent, seen in results:
            self.assertEqual(chain, ['first', 'second', 'third'])
            self.assertEqual((left, parent), (['first', 'third'], 'first'))
            self.wait_until(lambda: len(seen) >= 4, 'the signals')
            self.assertEqual(seen, [*added, ('checkpoint-removed', 'second')])
            self.assertTrue(connection.is_open)
            connection.close()

    def test_one_daemon(self):
        """Twenty domains, of libvirt's test driver, behind one daemon."""
        uri = self.host.uri('test', '/default')
        connection = libvirt.open(uri)
        self.addCleanup(connection.close)
        for name in self.domain_names():
            connection.defineXML(self.driver_xml(name)).create()
        self.assertLived(self.run_all(story(uri, name) for name in self.domain_names()))
        for name in self.domain_names():
            found = connection.lookupByName(name).listAllCheckpoints()
            self.assertEqual(sorted(each.getName() for each in found), ['first', 'third'])

    def test_in_this_process(self):
        """Twenty hosts of libvirt's test driver, each with a domain."""
        hosts = self.host.folder / 'hosts'
        hosts.mkdir()
        uris = []
        for name in self.domain_names():
            path = hosts / f'{name}.xml'
            path.write_text(f'<node>{self.driver_xml(name)}</node>')
            uris.append(f'test://{path}')
        pairs = zip(uris, self.domain_names())
        self.assertLived(self.run_all(story(uri, name) for uri, name in pairs))

    def driver_xml(self, name):
        return (
            f"<domain type='test'><name>{name}</name><memory unit='MiB'>16</memory>"
            "<os><type>hvm</type></os><devices><disk type='file'><source file='/nowhere'/>"
            "<target dev='vda'/></disk></devices></domain>"
        )

    def test_one_domain(self):
        """Twenty connections change one real domain at the same time."""
        domain = self.start_domain()
        made = [f'checkpoint-{number}' for number in NUMBERS]
        uri = self.host.uri()
        checkpoints = self.run_all(contribution(uri, domain.name, name) for name in made)
        parents = domain.parents()
        self.assertEqual(sorted(parents), sorted(made))
        self.assertChain(domain, list(parents))
        self.assertEqual(domain.bitmaps('vda'), sorted(made))
        self.run_all(removal(each) for each in checkpoints)
        self.assertChain(domain, [])
        self.assertEqual(domain.bitmaps('vda'), [])
