// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every method of every class, in every state of its object and with arguments that mean harm: an answer or an error.
//
// The calls are made in a program of their own, which a critical message of GLib ends as well as a crash (every-call.js).

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Vck from 'gi://Vck?version=1';

import {atEnd, describe, it, run} from './tap.js';
import {LocalBackend, assert, assertSame} from './support.js';

const LINE = /^(\w+)[.:]([\w-]+)(?: (\w+)=(.*))? = ([\w-]+)$/;
// GJS throws a plain Error for an argument that is none of its type.
const REFUSED = ['Error', 'TypeError', 'RangeError'];
const CODES = Object.keys(Vck.Error).filter(name => /^[A-Z_]+$/.test(name) && name !== 'INTERNAL');

// What a call that may take time fails with, by class.
const CLOSED = {
  Connection: 'NO_CONNECT', Domain: 'NO_CONNECT', Checkpoint: 'NO_CONNECT', CheckpointList: 'NO_CONNECT',
  DiskList: 'NO_CONNECT', DomainList: 'NO_CONNECT', ExtentCursor: 'NO_CONNECT', BackupJob: 'NO_CONNECT',
};
const GONE = {
  Domain: 'NO_DOMAIN', Checkpoint: 'NO_DOMAIN', CheckpointList: 'NO_DOMAIN', DiskList: 'NO_DOMAIN', BackupJob: 'NO_DOMAIN',
};
const BARE = {
  Connection: 'INVALID_CONNECT', DomainList: 'INVALID_CONNECT', Domain: 'INVALID_DOMAIN',
  CheckpointList: 'INVALID_DOMAIN', DiskList: 'INVALID_DOMAIN', Checkpoint: 'INVALID_DOMAIN_CHECKPOINT', BackupJob: 'INVALID_ARG',
  ExtentCursor: 'INVALID_ARG', Mount: 'INVALID_ARG', Repository: 'INVALID_ARG',
};
// Calls that need no connection.
const EXCEPT = ['Connection.open', 'Connection.init', 'Connection.close', 'Repository.open'];

// Makes all calls on objects in that state; returns what became of each, which was an answer or an error that says something.
function outcomes(state) {
  const [program] = GLib.filename_from_uri(GLib.Uri.resolve_relative(import.meta.url, 'every-call.js', 0));
  const launcher = new Gio.SubprocessLauncher({
    flags: Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_PIPE,
  });
  launcher.setenv('G_DEBUG', 'fatal-criticals', true);
  launcher.setenv('VCK_URI', 'memory:///every-call', true);
  const child = launcher.spawnv(['gjs', '-m', program, state, new LocalBackend().folder]);
  atEnd(() => child.force_exit());
  const [, stdout, stderr] = child.communicate_utf8(null, null);
  const lines = stdout.trimEnd().split('\n');
  assert(child.get_successful() && stderr === '', `${state}: ended in ${lines.at(-1)}\n${stderr}`);

  const rows = lines.map(line => {
    const [, className, name, argument, value, outcome] = line.match(LINE) ?? assert(false, line);
    return {className, name: name.replace(/_async$/, ''), isAsync: name.endsWith('_async'), argument, value, outcome, line};
  });
  const allowed = ['works', 'Cancelled', ...REFUSED, ...CODES];
  assertSame(rows.filter(row => !allowed.includes(row.outcome)).map(row => row.line).join('\n'), '');
  assert(rows.length > 50, `${rows.length} calls`);
  return rows;
}

function assertFail(state, expected, except = []) {
  const rows = outcomes(state);
  const asynchronous = new Set(rows.filter(row => row.isAsync).map(row => `${row.className}.${row.name}`));
  const waiting = rows.filter(row => asynchronous.has(`${row.className}.${row.name}`));
  const wrong = waiting.filter(row => ![...EXCEPT, ...except].includes(`${row.className}.${row.name}`)
    && row.outcome !== (expected[row.className] ?? row.outcome));

  assertSame(wrong.map(row => row.line).join('\n'), '');
  assertSame(Object.keys(expected).filter(name => !waiting.some(row => row.className === name)).join(), '');
}

describe('every call', () => {
  it('fails on a closed connection', () => assertFail('closed', CLOSED, ['BackupJob.wait']));
  it('fails on what is gone', () => assertFail('gone', GONE, ['BackupJob.wait']));
  it('fails on objects that no call has made', () => assertFail('bare', BARE));

  it('is not begun if it was cancelled before', () => {
    const rows = outcomes('cancelled');
    assertSame(rows.filter(row => row.outcome !== 'Cancelled').map(row => row.line).join('\n'), '');
  });

  it('may be cancelled meanwhile', () => {
    assert(outcomes('cancelled-meanwhile').some(row => row.outcome === 'Cancelled'));
  });

  it('takes no hostile arguments', () => {
    const rows = outcomes('hostile').filter(row => `${row.className}.${row.name}` !== 'Connection.new');
    const unknown = rows.filter(row => row.argument === 'flags');
    const texts = rows.filter(row => row.value === '"a\\u0000b"' && row.isAsync);

    assert(unknown.length > 20 && texts.length > 10, `${unknown.length} ${texts.length}`);
    assertSame(unknown.filter(row => ![...REFUSED, 'INVALID_ARG'].includes(row.outcome)).map(row => row.line).join('\n'), '');
    assertSame(texts.filter(row => row.outcome !== 'TypeError').map(row => row.line).join('\n'), '');
  });

  it('takes no hostile arguments on objects that no call has made', () => outcomes('hostile-bare'));
});

run();
