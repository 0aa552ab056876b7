// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every method of every class, with arguments made of what the typelib says of their types.
//
// As a program it makes these calls on objects in one state, and prints a line for each:
// `Domain.rename new_name="" = INVALID_ARG`. A line without an outcome is the call that the program died of.
//
//   gjs -m every-call.js STATE FOLDER

import Gio from 'gi://Gio';
import GIRepository from 'gi://GIRepository?version=2.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';
import Vck from 'gi://Vck?version=1';

const {InfoType, TypeTag} = GIRepository;
const repository = GIRepository.Repository.get_default();

const TIMEOUT = 100; // seconds until the program is ended: only ever reached by a defect
const LONGEST_MESSAGE = 4096;
const LONG = 1 << 20;
const URI = 'memory:///every-call';

// What no method takes for a name, a path or a document.
const TEXTS = ['', ' ', '/', '\n', '\x01', 'a\0b', '\udcff', "<a b='&'>", '%s%n', 'x'.repeat(LONG)];
const NUMBERS = [-1, -(2 ** 31), 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64, 1e300, NaN, Infinity, 1.5, 'x', {}];
const UNKNOWN_FLAGS = [2 ** 30, 2 ** 31];
// The methods of GIO that the classes have.
const INTERFACES = {
  Connection: [['Gio', 'Initable'], ['Gio', 'AsyncInitable']],
  CheckpointList: [['Gio', 'ListModel']],
  DiskList: [['Gio', 'ListModel']],
  DomainList: [['Gio', 'ListModel']],
};
// They begin or end what the others are called on.
const LAST = ['Connection.init', 'Connection.init_async', 'Connection.close', 'Connection.close_async'];
// Emits a signal by hand, or constructs an object of a type of choice.
const NOT_CALLED = ['items_changed', 'newv_async', 'newv'];

const stdout = Gio.UnixOutputStream.new(1, false);

// At once, so that the call the program dies of is known.
function write(text) {
  stdout.write_all(new TextEncoder().encode(text), null);
}

function infosOf(count, get) {
  return Array.from({length: count}, (_none, i) => get(i));
}

function classes() {
  return infosOf(repository.get_n_infos('Vck'), i => repository.get_info('Vck', i))
    .filter(info => info.get_type() === InfoType.OBJECT)
    .map(info => info.get_name());
}

function readArgument(info) {
  const type = GIRepository.arg_info_get_type(info);
  const tag = GIRepository.type_info_get_tag(type);
  const target = tag === TypeTag.INTERFACE ? GIRepository.type_info_get_interface(type) : null;

  return {
    name: info.get_name(), tag, nullable: GIRepository.arg_info_may_be_null(info),
    kind: target?.get_type() ?? null, type: target?.get_name() ?? null,
  };
}

function readCall(className, info) {
  const argumentsOf = infosOf(GIRepository.callable_info_get_n_args(info),
    i => readArgument(GIRepository.callable_info_get_arg(info, i)));

  return {
    className, name: info.get_name(), isMethod: GIRepository.callable_info_is_method(info),
    isAsync: info.get_name().endsWith('_async'),
    arguments: argumentsOf.filter(each => !['callback', 'user_data'].includes(each.name)),
  };
}

function callsOf(className) {
  const info = repository.find_by_name('Vck', className);
  const own = infosOf(GIRepository.object_info_get_n_methods(info),
    i => GIRepository.object_info_get_method(info, i));
  const borrowed = (INTERFACES[className] ?? []).flatMap(([namespace, name]) => {
    const each = repository.find_by_name(namespace, name);
    return infosOf(GIRepository.interface_info_get_n_methods(each),
      i => GIRepository.interface_info_get_method(each, i));
  });

  return [...own, ...borrowed].map(each => readCall(className, each))
    .filter(each => !each.name.endsWith('_finish') && !NOT_CALLED.includes(each.name))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

// A value of the type that means as little as possible; of a class, an object in the state.
function plainValue(argument, objects) {
  if (argument.name === 'cancellable')
    return objects.Cancellable ?? null;
  if (argument.kind === InfoType.OBJECT)
    return objects[argument.type];
  if (argument.kind !== null)
    return 0;
  if ([TypeTag.UTF8, TypeTag.FILENAME].includes(argument.tag))
    return 'x';
  return argument.tag === TypeTag.ARRAY ? ['x'] : 1;
}

// Values of the type that no call can want.
function hostileValues(argument) {
  const none = argument.nullable ? [] : [null];

  switch (argument.kind) {
  case InfoType.FLAGS:
    return [...UNKNOWN_FLAGS, -1, NaN, 'no-such-flag', {}];
  case InfoType.ENUM:
    return [-1, 99, NaN, 'x'];
  case InfoType.OBJECT:
    return [new GObject.Object(), {}, 'x', ...none];
  }
  if ([TypeTag.UTF8, TypeTag.FILENAME].includes(argument.tag))
    return [...TEXTS, 5, {}, ...none];
  if (argument.tag === TypeTag.ARRAY)
    return [[], [''], ['x'.repeat(LONG)], Array(1000).fill('x'), [null], [5], {}, null];
  return NUMBERS;
}

function show(value) {
  const text = typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) ?? 'null' : `${value}`;
  const plain = text.replace(/[^ -~]/g, '?');

  return plain.length < 40 ? plain : `${plain.slice(0, 20)}...${plain.length}`;
}

function checkMessage(message) {
  if (message === '' || message.length > LONGEST_MESSAGE || message.includes('\n'))
    throw new Error(`a message of ${message.length} characters: ${show(message)}`);
}

// What became of a call, in a word.
async function outcomeOf(call, owner, values, meanwhile) {
  try {
    const result = owner[call.name](...values);
    meanwhile();
    await result;
  } catch (error) {
    if (!(error instanceof GLib.Error))
      return error.constructor.name;
    if (error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
      return 'Cancelled';
    checkMessage(error.message);
    const code = Object.keys(Vck.Error).find(each => error.matches(Vck.Error, Vck.Error[each]));
    return code ?? `of-${GLib.quark_to_string(error.domain)}`;
  }
  return 'works';
}

async function make(call, objects, changed = null, value = null, meanwhile = () => {}) {
  const owner = call.isMethod ? objects[call.className] : Vck[call.className];
  const values = call.arguments.map(each => each === changed ? value : plainValue(each, objects));
  const what = changed === null ? '' : ` ${changed.name}=${show(value)}`;

  write(`${call.className}.${call.name}${what}`);
  write(` = ${await outcomeOf(call, owner, values, meanwhile)}\n`);
}

function allCalls(objects) {
  const order = call => LAST.indexOf(`${call.className}.${call.name}`);

  return Object.keys(objects).flatMap(callsOf).sort((a, b) => order(a) - order(b));
}

// Also reads and writes every property.
async function makeEveryCall(objects) {
  for (const call of allCalls(objects))
    await make(call, objects);
  for (const [className, subject] of Object.entries(objects))
    touchProperties(className, subject);
}

const takesTime = call => call.arguments.some(each => each.name === 'cancellable');

// All that can be cancelled, with a cancellable that is.
async function makeCancelledCalls(objects) {
  const Cancellable = new Gio.Cancellable();

  Cancellable.cancel();
  for (const call of allCalls(objects).filter(takesTime))
    await make(call, {...objects, Cancellable});
}

// Cancels each call right after it was begun.
async function makeAndCancelCalls(objects) {
  for (const call of allCalls(objects).filter(each => each.isAsync && takesTime(each))) {
    const Cancellable = new Gio.Cancellable();
    await make(call, {...objects, Cancellable}, null, null, () => Cancellable.cancel());
  }
}

function touchProperties(className, subject) {
  for (const {name, flags} of GObject.Object.list_properties.call(Vck[className])) {
    const property = name.replaceAll('-', '_');
    write(`${className}:${name}`);
    const value = subject[property];
    if (flags & GObject.ParamFlags.WRITABLE && !(flags & GObject.ParamFlags.CONSTRUCT_ONLY))
      subject[property] = value;
    write(' = works\n');
  }
  subject.toString();
}

async function makeHostileCalls(objects) {
  for (const className of Object.keys(objects)) {
    for (const call of callsOf(className)) {
      for (const argument of call.arguments) {
        if (['cancellable', 'io_priority'].includes(argument.name))
          continue;
        for (const value of hostileValues(argument))
          await make(call, objects, argument, value);
      }
    }
  }
}

// Objects that no call has made: of a connection, one that was not opened.
function bareObjects() {
  return Object.fromEntries(classes().map(name => [name, new Vck[name]()]));
}

// One object of each class, of a connection that is open.
function realObjects(folder) {
  const connection = Vck.Connection.open(URI);
  const domain = connection.lookup_domain_by_name('test');
  const store = Vck.Repository.open(`${folder}/store`, 'CREATE');
  const config = new Vck.CheckpointConfig({name: 'monday'});
  config.track('vda', null);
  const domainConfig = Vck.DomainConfig.new_from_images(['/nonexistent/vda.qcow2']);
  const plan = store.plan_backup(domain);
  const backup = store.backup(domain);
  const checkpoint = domain.create_checkpoint(config);
  const xml = ['vda', 'vdb'].map(name => `<disk name='${name}' type='file'><target file='/nonexistent/${name}'/></disk>`);
  const job = domain.begin_backup(`<domainbackup><disks>${xml.join('')}</disks></domainbackup>`, null);
  job.wait();
  const made = [
    connection, domain, store, config, domainConfig, plan, backup, checkpoint, job,
    config.disks.get_item(0), domainConfig.disks.get_item(0), plan.list_disks()[0], backup.list_disks()[0],
    domain.list_disks()[0], checkpoint.list_disks()[0], job.disks.get_item(0),
    domain.import_checkpoints(domain.export_checkpoints(), 'REPLACE')[0],
    checkpoint.open_extents('vda'), domain.checkpoints, connection.domains, domain.disks,
    store.prune(domain.uuid, 1, 0, 0, 'DRY_RUN')[0], store.mount(backup, `${folder}/socket`),
  ];
  domain.checkpoints.load();
  connection.domains.load();
  domain.disks.load();
  return {...bareObjects(), ...Object.fromEntries(made.map(each => [each.constructor.name.replace('Vck_', ''), each]))};
}

function closedObjects(folder) {
  const objects = realObjects(folder);

  objects.Connection.close();
  return objects;
}

// Of a domain that was undefined, with its checkpoints.
function goneObjects(folder) {
  const objects = realObjects(folder);

  objects.Domain.undefine('CHECKPOINTS_METADATA');
  return objects;
}

const STATES = {
  'bare': folder => makeEveryCall(bareObjects(folder)),
  'closed': folder => makeEveryCall(closedObjects(folder)),
  'gone': folder => makeEveryCall(goneObjects(folder)),
  'cancelled': folder => makeCancelledCalls(realObjects(folder)),
  'cancelled-meanwhile': folder => makeAndCancelCalls(realObjects(folder)),
  'hostile': folder => makeHostileCalls(realObjects(folder)),
  'hostile-bare': folder => makeHostileCalls(bareObjects(folder)),
};

function main([state, folder]) {
  const loop = new GLib.MainLoop(null, false);
  let status = 1;

  GLib.timeout_add_seconds(GLib.PRIORITY_HIGH, TIMEOUT, () => System.exit(2));
  GLib.chdir(folder);
  STATES[state](folder)
    .then(() => (status = 0), error => printerr(`${error}\n${error.stack}`))
    .finally(() => loop.quit());
  loop.run();
  while (GLib.MainContext.default().iteration(false))
    ;
  System.exit(status);
}

main(ARGV);
