# SPDX-License-Identifier: LGPL-2.1-or-later

"""libvirtd is killed and started again under open connections."""

from host import TOPOLOGICAL, LiveTestCase, LiveDomain, checkpoint_xml
from support import names
from gi.repository import Vck


class TestRestart(LiveTestCase):
    def setUp(self):
        super().setUp()
        self.closed = []
        self.states = []

    def open(self):
        connection = Vck.Connection.open(self.host.uri(), 0, None)
        self.addCleanup(connection.close)
        connection.connect('closed', lambda _connection, reason: self.closed.append(reason))
        return connection

    def restart(self):
        """Kills libvirtd and starts another one, which the class then talks to."""
        self.host.kill()
        self.wait_until(lambda: self.closed, 'closed')
        self.assertIn(self.closed, ([Vck.CloseReason.EOF], [Vck.CloseReason.ERROR]))
        self.host.start()
        self.connect()

    def test_restart(self):
        live = self.start_domain(('vda', 'vdb'))
        connection = self.open()
        domain = connection.lookup_domain_by_name(live.name, None)
        first = domain.create_checkpoint_xml(checkpoint_xml('first'), 0, None)
        domain.create_checkpoint_xml(checkpoint_xml('second'), 0, None)
        self.restart()

        self.assertFalse(connection.is_open)
        for call, *arguments in (
            (connection.list_domains, 0, None),
            (connection.lookup_domain_by_name, live.name, None),
            (domain.list_checkpoints, 0, None),
            (domain.create_checkpoint_xml, checkpoint_xml('third'), 0, None),
            (domain.refresh, None),
            (domain.verify_checkpoints, None),
            (domain.export_checkpoints, None),
            (first.delete, 0, None),
            (first.get_xml_desc, 0, None),
            (first.list_disks, Vck.CheckpointXmlFlags.SIZE, None),
        ):
            with self.subTest(call.__name__):
                message = self.assertFails(Vck.Error.NO_CONNECT, call, *arguments)
                self.assertIn(str(self.host.socket), message)
                self.assertIn('open a new one', message)
        self.assertEqual((domain.get_name(), first.get_name()), (live.name, 'first'))
        self.assertEqual(first.get_parent_name(), None)

        live.reconnect()
        self.assertChain(live, ['first', 'second'])
        self.assertEqual(live.findings(), [])
        live.create('third')
        self.assertChain(live, ['first', 'second', 'third'])
        live.vck.lookup_checkpoint('second', None).delete(0, None)
        self.assertChain(live, ['first', 'third'])
        self.assertEqual(self.closed, self.closed[:1])

    def test_call_under_way(self):
        """A call that waits for libvirt's answer when libvirtd ends gets none, and says so."""
        connection = self.open()
        stopped = LiveDomain(self)
        domain = connection.lookup_domain_by_name(stopped.name, None)
        self.host.freeze()
        results = []
        domain.list_checkpoints_async(0, None, lambda source, result: results.append(result))
        self.restart()
        self.wait_until(lambda: results, 'the end of the call')
        self.assertFails(Vck.Error.NO_CONNECT, domain.list_checkpoints_finish, results[0])

    def test_without_daemon(self):
        connection = self.open()
        self.host.kill()
        self.wait_until(lambda: self.closed, 'closed')
        message = self.assertFails(Vck.Error.NO_CONNECT, Vck.Connection.open, self.host.uri(), 0, None)
        self.assertIn(str(self.host.socket), message)
        self.assertFails(Vck.Error.NO_CONNECT, connection.count_domains, 0, None)
        self.host.start()
        self.connect()
        known = sorted(each.name() for each in self.libvirt.listAllDomains())
        self.assertEqual(names(self.open().list_domains(0, None)), known)

    def test_states(self):
        """The end of QEMU is reported, also when it was another libvirtd that started it."""
        domain = self.start_domain()
        self.open()
        self.restart()
        domain.reconnect()
        self.assertEqual(domain.bitmaps('vda'), [])  # libvirt has found QEMU again
        domain.vck.connect('notify::state', lambda each, _spec: self.states.append(each.get_state()))
        domain.kill()
        self.wait_until(lambda: self.states, 'notify::state')
        self.assertIn(self.states[-1], (Vck.DomainState.SHUTOFF, Vck.DomainState.CRASHED))
        self.assertEqual(domain.vck.list_checkpoints(TOPOLOGICAL, None), [])
