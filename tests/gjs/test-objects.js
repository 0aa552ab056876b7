// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Errors, flags and enums, properties and notify, identity, and the death of objects.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  LocalBackend, MemoryBackend, assert, assertFails, assertIncludes, assertList, assertSame,
  checkpointXml, create, define, domainXml, names, open, until,
} from './support.js';

function openDomain(Backend = MemoryBackend, name = 'guest') {
  const backend = new Backend();
  const connection = open(backend);
  return [define(connection, backend, name), connection, backend];
}

describe('errors', () => {
  it('have a domain and a code', () => {
    const [domain] = openDomain();
    assertSame(Vck.error_quark(), GLib.quark_from_string('vck-error-quark'));
    const lookup = () => domain.lookup_checkpoint('größer');
    assertIncludes(assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, lookup), "'größer'");
  });

  it('say what is wrong with a URI', () => {
    const connect = uri => () => Vck.Connection.open(uri);
    assertIncludes(assertFails(Vck.Error.NO_CONNECT, connect('nosuch:///x')), 'nosuch');
    assertFails(Vck.Error.INVALID_ARG, connect('not a URI'));
  });

  it('say what is wrong with a description', () => {
    const [domain, connection] = openDomain();
    const make = xml => () => domain.create_checkpoint_xml(xml);
    assertFails(Vck.Error.XML_ERROR, make('<domaincheckpoint>'));
    assertFails(Vck.Error.XML_INVALID_SCHEMA, make(checkpointXml('größer')));
    assertFails(Vck.Error.XML_ERROR, () => connection.define_domain_xml('<domain>'));
    const disks = "<disks><disk name='vdz' checkpoint='bitmap'/></disks>";
    const unknown = make(`<domaincheckpoint><name>c</name>${disks}</domaincheckpoint>`);
    assertIncludes(assertFails(Vck.Error.CONFIG_UNSUPPORTED, unknown), "'vdz'");
  });

  it('come when flags contradict each other', () => {
    const checkpoint = create(openDomain()[0], 'first');
    const {CHILDREN, CHILDREN_ONLY} = Vck.CheckpointDeleteFlags;
    assertFails(Vck.Error.INVALID_ARG, () => checkpoint.delete(CHILDREN | CHILDREN_ONLY));
    assertSame(Vck.CheckpointDeleteFlags.NONE, 0);
  });

  it('protect what was opened read-only', () => {
    const [written, , backend] = openDomain();
    create(written, 'first');
    const reader = open(backend, Vck.ConnectionFlags.READ_ONLY);
    const domain = reader.lookup_domain_by_name('guest');
    const checkpoint = domain.lookup_checkpoint('first');
    const denied = call => assertFails(Vck.Error.OPERATION_DENIED, call);
    denied(() => checkpoint.delete());
    denied(() => create(domain, 'second'));
    denied(() => domain.undefine());
    denied(() => checkpoint.get_xml_desc(Vck.CheckpointXmlFlags.SECURE));
  });

  it('have a libvirt error only if there was one', () => {
    const [domain] = openDomain();
    try {
      domain.lookup_checkpoint('nosuch');
    } catch (error) {
      assert(error.matches(Vck.Error, Vck.Error.NO_DOMAIN_CHECKPOINT), `${error}`);
      assertSame(Vck.error_get_libvirt_code(error), 0);
      assertSame(Vck.error_get_libvirt_domain(error), 0);
      assertSame(Vck.error_get_libvirt_message(error), null);
      return;
    }
    throw new Error('the call did not fail');
  });

  it('come when a thing is gone or the connection is closed', () => {
    const [domain, connection] = openDomain();
    const checkpoint = create(domain, 'first');
    checkpoint.delete();
    assertSame(checkpoint.get_name(), 'first');
    assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, () => checkpoint.delete());
    assertSame(connection.close(), true);
    assertSame(connection.is_open, false);
    assertFails(Vck.Error.NO_CONNECT, () => domain.list_checkpoints());
  });
});

describe('bare objects', () => {
  function assertVckError(call) {
    try {
      call();
    } catch (error) {
      assert(error instanceof GLib.Error && error.domain === Vck.error_quark(), `${error}`);
      return;
    }
    throw new Error('the call did not fail');
  }

  it('give errors and do not crash', () => {
    const connection = GObject.Object.new(Vck.Connection.$gtype);
    assertVckError(() => connection.list_domains());
    assertSame(connection.is_open, false);
    const domain = new Vck.Domain();
    assertVckError(() => domain.list_checkpoints());
    assertVckError(() => domain.query_state());
    assertSame(domain.get_connection(), null);
    assertSame(domain.name, null);
    const checkpoint = new Vck.Checkpoint();
    assertVckError(() => checkpoint.delete());
    assertSame(checkpoint.get_domain(), null);
    assertSame(new Vck.Disk().get_target(), null);
    assertSame(new Vck.CheckpointDisk().is_tracked(), false);
  });
});

describe('types', () => {
  it('have the values of libvirt', () => {
    const {ROOTS, DESCENDANTS, LEAVES} = Vck.CheckpointListFlags;
    assertSame(ROOTS | LEAVES, 5);
    assertSame(ROOTS, DESCENDANTS);
    assertSame(Vck.CheckpointCreateFlags.REDEFINE_VALIDATE, 4);
    assertSame(Vck.CheckpointXmlFlags.SIZE, 4);
    assertSame(Vck.DomainListFlags.NO_CHECKPOINT, 1 << 15);
    assertSame(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, 16);
    assertSame(Vck.DomainState.SHUTOFF, 5);
    assertSame(GObject.enum_to_string(Vck.DomainState, 5), 'VCK_DOMAIN_STATE_SHUTOFF');
  });
});

describe('properties', () => {
  it('describe connections and domains', () => {
    const [domain, connection, backend] = openDomain(MemoryBackend, 'Bücher');
    assertSame(connection.uri, backend.uri);
    assertSame(connection.read_only, false);
    assertSame(domain.name, 'Bücher');
    assertSame(domain.uuid, domain.get_uuid());
    assertSame(domain.connection, connection);
    assertSame(domain.state, Vck.DomainState.SHUTOFF);
    const running = connection.lookup_domain_by_name('test');
    assertSame(running.state, Vck.DomainState.RUNNING);
  });

  it('describe checkpoints', () => {
    const [domain, connection] = openDomain();
    const before = GLib.DateTime.new_now_utc().to_unix();
    const first = create(domain, 'first', 'Stand – 最初 & <mehr>');
    const second = create(domain, 'second');
    assertSame(first.name, 'first');
    assertSame(first.domain, domain);
    assertSame(first.connection, connection);
    assertSame(first.description, 'Stand – 最初 & <mehr>');
    assertSame(first.parent_name, null);
    assertSame(second.parent_name, 'first');
    assert(first.creation_time.to_unix() >= before);
    assert(first.creation_time.to_unix() <= GLib.DateTime.new_now_utc().to_unix());
  });

  it('set how often a domain is refreshed', () => {
    const [domain] = openDomain();
    const notified = [];
    domain.connect('notify::refresh-interval', self => notified.push(self.refreshInterval));
    assertSame(domain.refresh_interval, 0);
    domain.refresh_interval = 2000;
    domain.set_refresh_interval(2000);
    assertSame(domain.get_refresh_interval(), 2000);
    assertList(notified, [2000]);
  });

  it('notify of a new parent', async () => {
    const [domain] = openDomain();
    const first = create(domain, 'first');
    const second = create(domain, 'second');
    const seen = [];
    assertSame(second.parent_name, 'first');
    second.connect('notify::parent-name', self => seen.push(self.parent_name));
    first.delete();
    await until(() => seen.length > 0, 'notify::parent-name');
    assertList(seen, [null]);
  });

  it('are right at once, though no main context has run', () => {
    const [domain, connection] = openDomain();
    const [, middle, last] = ['a', 'b', 'c'].map(name => create(domain, name));
    middle.delete();
    assertSame(last.parent_name, 'a');
    assertSame(last.query_parent().name, 'a');
    domain.rename('renamed');
    assertSame(domain.name, 'renamed');
    assertSame(connection.lookup_domain_by_name('renamed'), domain);
  });

  it('describe disks', () => {
    const [domain] = openDomain();
    const [vda] = domain.list_disks();
    assertList([vda.target, vda.format, vda.trackable, vda.reason], ['vda', 'qcow2', true, null]);
    assert(vda.source.endsWith('/vda.qcow2'));
    assertSame(domain.count_disks(), 2);
    const [tracked] = create(domain, 'first').list_disks();
    const {name, bitmap, size} = tracked;
    assertList([name, tracked.tracked, bitmap, size], ['vda', true, 'first', -1]);
  });

  it('measure all checkpoints', () => {
    const [domain] = openDomain();
    create(domain, 'first');
    create(domain, 'second');
    const disks = domain.measure_checkpoints();
    assertList(disks.map(disk => disk.checkpoint), ['first', 'first', 'second', 'second']);
    assert(disks.every(disk => disk.size === 0 && disk.state === Vck.CheckpointState.READY));
  });
});

describe('lists', () => {
  it('filter domains', () => {
    const [, connection, backend] = openDomain(MemoryBackend, 'Bücher');
    connection.define_domain_xml(domainXml('archive', backend.disks('vdc'), null));
    assertList(names(connection.list_domains()), ['Bücher', 'archive', 'test']);
    const {ACTIVE, INACTIVE, HAS_CHECKPOINT} = Vck.DomainListFlags;
    assertList(names(connection.list_domains(ACTIVE)), ['test']);
    assertSame(connection.count_domains(INACTIVE), 2);
    create(connection.lookup_domain_by_name('archive'), 'first');
    assertList(names(connection.list_domains(HAS_CHECKPOINT)), ['archive']);
  });
});

describe('drivers', () => {
  const local = () => Vck.list_drivers().find(driver => driver.name === 'local');

  it('are listed, with what they lack', () => {
    assertList(Vck.list_drivers().map(driver => driver.name), ['memory', 'local', 'libvirt']);
    const driver = local();
    assertSame(driver.available, true);
    assertSame(driver.reason, null);
    assertList(driver.schemes, ['local']);
    assertSame(driver.tools.length, 1);
    assertIncludes(driver.tools[0], 'qemu-storage-daemon');
    const path = GLib.getenv('PATH');
    GLib.setenv('PATH', '/nonexistent', true);
    const lacking = local();
    GLib.setenv('PATH', path, true);
    assertSame(lacking.available, false);
    assertIncludes(lacking.reason, "'qemu-storage-daemon'");
    assertList(lacking.get_tools(), []);
  });
});

describe('identity', () => {
  for (const Backend of [MemoryBackend, LocalBackend]) {
    it(`holds on ${Backend.name}`, () => {
      const [domain, connection] = openDomain(Backend);
      assertSame(connection.lookup_domain_by_name('guest'), domain);
      assertSame(connection.lookup_domain_by_uuid(domain.uuid), domain);
      assertSame(connection.lookup_domain('guest'), domain);
      assertSame(connection.lookup_domain(domain.uuid), domain);
      const message = assertFails(Vck.Error.NO_DOMAIN, () => connection.lookup_domain('nosuch'));
      assertIncludes(message, "'nosuch' is neither the name nor the UUID of a domain");
      const first = create(domain, 'first');
      const second = create(domain, 'second');
      assertSame(domain.lookup_checkpoint('first'), first);
      assertSame(second.query_parent(), first);
      assertSame(first.list_children()[0], second);
    });
  }

  it('ends at the connection', () => {
    const [domain, , backend] = openDomain();
    assert(open(backend).lookup_domain_by_name('guest') !== domain);
  });
});

describe('death', () => {
  // Makes objects, uses them in every way, and drops them without closing the connection.
  function useAndDrop(backend) {
    const connection = Vck.Connection.open(backend.uri);
    const domain = define(connection, backend);
    domain.connect('checkpoint-added', () => {});
    const checkpoint = create(domain, 'first');
    assertSame(domain.list_disks().length + checkpoint.list_disks().length, 4);
  }

  // A memory: backend lives as long as a connection to it, and a connection as long as its
  // domains and checkpoints.
  function backendIsNew(backend) {
    const connection = Vck.Connection.open(backend.uri);
    const count = connection.count_domains();
    connection.close();
    return count === 1;
  }

  it('comes when an object is no longer used', async () => {
    const backend = new MemoryBackend();
    useAndDrop(backend);
    assert(!backendIsNew(backend));
    await until(() => {
      System.gc();
      return backendIsNew(backend);
    }, 'the death of every object');
  });
});

run();
