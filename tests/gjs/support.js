// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the GJS tests share: assertions, backends to connect to, domains to define, a main
// context to wait on.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {atEnd} from './tap.js';

export const GRANULARITY = 64 * 1024;
export const UUID = '5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1';
const TIMEOUT = 60; // seconds until a wait is given up: only ever reached by a defect

// --- assertions ---

function show(value) {
  return JSON.stringify(value, (_key, each) => each?.constructor?.$gtype ? `${each}` : each);
}

export function assert(condition, message = 'the condition does not hold') {
  if (!condition)
    throw new Error(message);
}

// Is it the very same value or object?
export function assertSame(actual, expected) {
  assert(actual === expected, `${actual} is not ${expected}`);
}

// Are these arrays of the very same values or objects?
export function assertList(actual, expected) {
  const same = actual.length === expected.length && actual.every((each, i) => each === expected[i]);
  assert(same, `[${actual}] is not [${expected}]`);
}

export function assertIncludes(text, part) {
  assert(text.includes(part), `${show(text)} does not include ${show(part)}`);
}

function assertMatches(error, code) {
  assert(error instanceof GLib.Error, `${error} is no GLib.Error`);
  assert(error.matches(Vck.Error, code), `code ${error.code}, not ${code}: ${error.message}`);
  return error.message;
}

// The call fails with this error of Vck; returns the message.
export function assertFails(code, call) {
  try {
    call();
  } catch (error) {
    return assertMatches(error, code);
  }
  throw new Error(`the call did not fail with ${code}`);
}

// The same for a promise.
export async function assertRejects(code, promise) {
  try {
    await promise;
  } catch (error) {
    return assertMatches(error, code);
  }
  throw new Error(`the call did not fail with ${code}`);
}

// --- descriptions ---

const escape = text => GLib.markup_escape_text(text, -1);

// The definition of a domain with the disks [[target, path of a qcow2 image], …], and its QMP socket.
export function domainXml(name, disks, uuid = UUID, qmp = null) {
  const rows = disks.map(([target, path]) => `<disk type='file' device='disk'>
    <driver name='qemu' type='qcow2'/><source file='${escape(path)}'/>
    <target dev='${target}' bus='virtio'/></disk>`);
  const metadata = qmp === null ? '' : `<metadata>
    <vck:machine xmlns:vck='urn:vck:domain:1' qmp='${escape(qmp)}'/></metadata>`;
  return `<domain type='qemu'><name>${escape(name)}</name>${uuid ? `<uuid>${uuid}</uuid>` : ''}${metadata}
    <memory unit='MiB'>64</memory><os><type>hvm</type></os>
    <devices>${rows.join('')}</devices></domain>`;
}

export function checkpointXml(name, description = null) {
  const inner = description === null ? '' : `<description>${escape(description)}</description>`;
  return `<domaincheckpoint><name>${escape(name)}</name>${inner}</domaincheckpoint>`;
}

// The document of a backup of the disks [[target, path of the file], …].
export function backupXml(files) {
  const disks = files.map(([target, path]) =>
    `<disk name='${target}' type='file'><target file='${escape(path)}'/></disk>`);
  return `<domainbackup><disks>${disks.join('')}</disks></domainbackup>`;
}

// --- backends ---

export function runProgram(...words) {
  const flags = Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_MERGE;
  const launcher = new Gio.SubprocessLauncher({flags});
  launcher.unsetenv('LD_PRELOAD');
  const process = launcher.spawnv(words);
  const [, output] = process.communicate_utf8(null, null);
  assert(process.get_successful(), `${words.join(' ')} failed: ${output}`);
  return output;
}

let number = 0;

// A memory: URI of its own; no disk is touched.
export class MemoryBackend {
  constructor() {
    this.uri = `memory:///gjs-${++number}`;
    this.hasImages = false;
  }

  disks(...targets) {
    return targets.map(target => [target, `/nonexistent/${target}.qcow2`]);
  }

  backups(name, ...targets) {
    return targets.map(target => [target, `/nonexistent/${target}-${name}.qcow2`]);
  }

  write() {}
}

function removeFolder(file) {
  const none = Gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS;
  if (file.query_file_type(none, null) === Gio.FileType.DIRECTORY) {
    for (const info of file.enumerate_children('standard::name', none, null))
      removeFolder(file.get_child(info.get_name()));
  }
  file.delete(null);
}

// A new folder for a local: connection, with real qcow2 images in it.
export class LocalBackend {
  constructor() {
    this.folder = GLib.dir_make_tmp('vck test ä-XXXXXX');
    atEnd(() => removeFolder(Gio.File.new_for_path(this.folder)));
    const uri = GLib.filename_to_uri(`${this.folder}/domains`, null);
    this.uri = uri.replace('file:', 'local:');
    this.hasImages = true;
  }

  image(target) {
    return `${this.folder}/${target}.qcow2`;
  }

  disks(...targets) {
    return targets.map(target => {
      runProgram('qemu-img', 'create', '-q', '-f', 'qcow2', this.image(target), '64M');
      return [target, this.image(target)];
    });
  }

  // Files for a backup, not made yet.
  backups(name, ...targets) {
    return targets.map(target => [target, `${this.folder}/${target}-${name}.qcow2`]);
  }

  // A cluster of the image counts as compressed, and its content cannot be decompressed: cluster 100,
  // by its entry in the first table of an image that qemu-img made with its defaults.
  damage(target) {
    const stream = Gio.File.new_for_path(this.image(target)).open_readwrite(null);
    const entry = 0x40000 + 8 * 100;
    stream.seek(entry, GLib.SeekType.SET, null);
    assertSame(stream.input_stream.read_bytes(1, null).get_data()[0], 0x80);
    stream.seek(entry, GLib.SeekType.SET, null);
    stream.output_stream.write_bytes(new GLib.Bytes([0x40]), null);
    stream.close(null);
  }

  write(target, offset, length) {
    runProgram('qemu-io', '-f', 'qcow2', '-c', `write ${offset} ${length}`, this.image(target));
  }

  bitmaps(target) {
    const info = JSON.parse(runProgram('qemu-img', 'info', '--output=json', this.image(target)));
    return (info['format-specific'].data.bitmaps ?? []).map(bitmap => bitmap.name).sort();
  }
}

// A QMP socket that takes every connection and never says a word.
export class SilentQemu {
  constructor(path) {
    this.path = path;
    this.clients = [];
    this.service = new Gio.SocketService();
    this.service.add_address(new Gio.UnixSocketAddress({path}), Gio.SocketType.STREAM,
      Gio.SocketProtocol.DEFAULT, null);
    this.service.connect('incoming', (_service, connection) => {
      this.clients.push(connection);
      return true;
    });
    atEnd(() => this.close());
  }

  // Ends: nothing listens any more.
  close() {
    if (this.service === null)
      return;
    this.service.stop();
    this.service.close();
    this.service = null;
    this.clients.forEach(each => each.close(null));
    GLib.unlink(this.path);
  }
}

// A connection to the backend, closed when the case ends.
export function open(backend, flags = 0) {
  const connection = Vck.Connection.open(backend.uri, flags);
  atEnd(() => connection.close());
  return connection;
}

export function define(connection, backend, name = 'guest', targets = ['vda', 'vdb']) {
  return connection.define_domain_xml(domainXml(name, backend.disks(...targets)));
}

export function create(domain, name, description = null) {
  return domain.create_checkpoint_xml(checkpointXml(name, description));
}

export const names = objects => objects.map(each => each.get_name());

export function sizes(checkpoint) {
  return checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE).map(disk => disk.get_size());
}

// --- waiting ---

// Resolves in a later iteration of the main loop.
function laterIteration() {
  return new Promise(resolve => {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT_IDLE, 2, () => {
      resolve();
      return GLib.SOURCE_REMOVE;
    });
  });
}

// Resolves when the condition holds; the main loop runs meanwhile.
export async function until(condition, what = 'the condition') {
  const end = GLib.get_monotonic_time() + TIMEOUT * GLib.USEC_PER_SEC;
  while (!condition()) {
    assert(GLib.get_monotonic_time() < end, `gave up waiting for ${what}`);
    await laterIteration();
  }
}
