// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Real qcow2 images: what changed, what can be tracked, who holds an image, what stays on disk.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {describe, it, run} from './tap.js';
import {
  GRANULARITY, LocalBackend, assert, assertFails, assertIncludes, assertList, assertSame, create,
  define, domainXml, names, open, runProgram, sizes, until,
} from './support.js';

// Starts a program that holds an image open; returns the function that ends it.
function hold(image) {
  const {STDIN_PIPE, STDOUT_PIPE} = Gio.SubprocessFlags;
  const launcher = new Gio.SubprocessLauncher({flags: STDIN_PIPE | STDOUT_PIPE});
  launcher.unsetenv('LD_PRELOAD');
  const holder = launcher.spawnv(['qemu-io', '-f', 'qcow2', image]);
  const input = holder.get_stdin_pipe();
  input.write_all(new TextEncoder().encode('length\n'), null);
  holder.get_stdout_pipe().read_bytes(1, null); // it answers once it has opened the image
  return () => {
    input.close(null);
    holder.wait(null);
  };
}

// What another program does: it makes a checkpoint, then a domain.
const OTHER_PROGRAM = `
import Vck from 'gi://Vck?version=1';
const connection = Vck.Connection.open(ARGV[0]);
const domain = connection.lookup_domain_by_name('guest');
const xml = '<domaincheckpoint><name>theirs</name></domaincheckpoint>';
domain.create_checkpoint_xml(xml);
connection.define_domain_xml('<domain><name>other</name></domain>');
`;

describe('local images', () => {
  it('are measured in blocks', () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    const first = create(domain, 'first');
    backend.write('vda', GRANULARITY - 1, 2);
    const second = create(domain, 'second');
    backend.write('vda', 0, GRANULARITY);
    assertList(sizes(first), [2 * GRANULARITY, 0]);
    assertList(sizes(second), [GRANULARITY, 0]);
  });

  it('hold one bitmap per checkpoint', () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    create(domain, 'first');
    const second = create(domain, 'second');
    assertList(backend.bitmaps('vda'), ['first', 'second']);
    second.delete();
    assertList(backend.bitmaps('vda'), ['first']);
    assertList(backend.bitmaps('vdb'), ['first']);
  });

  it('say why they cannot be tracked', () => {
    const backend = new LocalBackend();
    const raw = `${backend.folder}/raw.img`;
    runProgram('qemu-img', 'create', '-q', '-f', 'raw', raw, '1M');
    const xml = domainXml('guest', [...backend.disks('vda'), ['vdb', raw]]);
    const last = xml.lastIndexOf("type='qcow2'");
    const mixed = `${xml.slice(0, last)}type='raw'${xml.slice(last + "type='qcow2'".length)}`;
    const domain = open(backend).define_domain_xml(mixed);
    const [vda, vdb] = domain.list_disks();
    assert(vda.trackable && !vdb.trackable);
    assertSame(vda.reason, null);
    assertIncludes(vdb.reason, 'raw');
    assertFails(Vck.Error.CONFIG_UNSUPPORTED, () => create(domain, 'first'));
  });

  it('are left alone while another program holds them', () => {
    const backend = new LocalBackend();
    const domain = define(open(backend), backend);
    create(domain, 'first');
    const release = hold(backend.image('vdb'));
    const message = assertFails(Vck.Error.BUSY, () => create(domain, 'second'));
    assertIncludes(message, 'vdb.qcow2');
    release();
    assertList(backend.bitmaps('vda'), ['first']);
    assertSame(create(domain, 'second').parent_name, 'first');
  });

  it('are changed by others, which is heard', async () => {
    const backend = new LocalBackend();
    const connection = open(backend);
    const domain = define(connection, backend);
    const program = `${backend.folder}/other.js`;
    const heard = [];
    connection.connect('domain-added', (_, each) => heard.push(each.name));
    domain.connect('checkpoint-added', (_, each) => heard.push(each.name));
    GLib.file_set_contents(program, OTHER_PROGRAM);
    const other = Gio.Subprocess.new(['gjs', '-m', program, backend.uri], Gio.SubprocessFlags.NONE);
    await until(() => heard.includes('other'), 'two signals');
    other.wait(null);
    assertList(heard.slice(-2), ['theirs', 'other']);
  });

  it('outlive the connection', () => {
    const backend = new LocalBackend();
    const connection = open(backend);
    const uuid = define(connection, backend, 'Bücher').uuid;
    create(connection.lookup_domain_by_uuid(uuid), 'first', 'Stand – 最初');
    connection.close();
    const domain = open(backend).lookup_domain_by_name('Bücher');
    assertSame(domain.uuid, uuid);
    const checkpoints = domain.list_checkpoints();
    assertList(names(checkpoints), ['first']);
    assertSame(checkpoints[0].description, 'Stand – 最初');
  });
});

run();
