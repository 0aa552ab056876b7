# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every method of every class, with arguments made of what the typelib says of their types.

As a program it makes these calls on objects in one state, and prints a line for each: `Domain.rename name='' = INVALID_ARG`.
A line without an outcome is the call that the program died of.

    every_call.py STATE FOLDER
"""

import os
import pathlib
import signal
import sys

import gi

gi.require_version('Vck', '1')
import gi._gi as _gi  # noqa: E402
from gi.module import get_introspection_module  # noqa: E402
from gi.repository import Gio, GLib, GObject, Vck  # noqa: E402, I001
from gi.overrides._vck_calls import type_of  # noqa: E402

TIMEOUT = 100  # seconds until the program is killed: only ever reached by a defect
LONGEST_MESSAGE = 4096
LONG = 1 << 20
URI = 'memory:///every-call'
TAGS = _gi.TypeTag

# What no method takes for a name, a path or a document, or only as it is.
TEXTS = ('', ' ', '/', '\n', '\x01', 'a\0b', '\udcff', "<a b='&'>", '%s%n', 'x' * LONG)
NUMBERS = {
    TAGS.INT32: (-1, -(1 << 31), (1 << 31) - 1, 1 << 31),
    TAGS.UINT32: (-1, (1 << 32) - 1, 1 << 32),
    TAGS.INT64: (-1, -(1 << 63), (1 << 63) - 1, 1 << 63),
    TAGS.UINT64: (-1, (1 << 64) - 1, 1 << 64),
}
UNKNOWN_FLAGS = (1 << 30, 1 << 31)
# The methods of GIO that the classes have.
INTERFACES = {
    'Connection': (Gio.Initable, Gio.AsyncInitable),
    'CheckpointList': (Gio.ListModel,),
    'DiskList': (Gio.ListModel,),
    'DomainList': (Gio.ListModel,),
}
# They begin or end what the others are called on.
LAST = ('Connection.init', 'Connection.init_async', 'Connection.close', 'Connection.close_async')
# Emits a signal by hand, or constructs an object of a type of choice.
NOT_CALLED = ('items_changed', 'newv', 'newv_async')
# As PyGObject refuses an argument that is none of its type.
REFUSALS = (TypeError, ValueError, OverflowError)


def classes():
    """The names of all classes of the library."""
    module = get_introspection_module('Vck')
    found = {name: getattr(module, name) for name in dir(module)}
    return sorted(name for name, each in found.items()
                  if isinstance(each, type) and issubclass(each, GObject.Object))


class Call:
    """A method or static function of a class, with its asynchronous form's finish."""

    def __init__(self, class_name, info):
        self.class_name = class_name
        self.name = info.get_name()
        self.is_method = info.is_method()
        self.is_async = self.name.endswith('_async')
        self.arguments = [each for each in info.get_arguments()
                          if each.get_name() not in ('callback', 'user_data')]
        self.takes_time = 'cancellable' in [each.get_name() for each in self.arguments]

    def __str__(self):
        return f'{self.class_name}.{self.name}'

    def run(self, owner, values, meanwhile):
        """Makes the call, waits for its end, and returns what came out."""
        start = getattr(owner, self.name)
        if not self.is_async:
            return start(*values)
        ended = []
        start(*values, lambda _source, result: ended.append(result))
        meanwhile()
        while not ended:
            GLib.MainContext.default().iteration(True)
        return getattr(owner, self.name.replace('_async', '_finish'))(ended[0])


def calls_of(class_name):
    infos = list(getattr(Vck, class_name).__info__.get_methods())
    for interface in INTERFACES.get(class_name, ()):
        infos += interface.__info__.get_methods()
    calls = [Call(class_name, each) for each in infos if not each.get_name().endswith('_finish')]
    return sorted((each for each in calls if each.name not in NOT_CALLED), key=str)


def interface_of(argument):
    kind = type_of(argument)
    return kind.get_interface() if kind.get_tag() == TAGS.INTERFACE else None


def plain_value(argument, objects):
    """A value of the type that means as little as possible; of a class, an object in the state."""
    tag = type_of(argument).get_tag()
    interface = interface_of(argument)
    if argument.get_name() == 'cancellable':
        return objects.get('Cancellable')
    if isinstance(interface, _gi.EnumInfo):
        return getattr(Vck, interface.get_name())(0)
    if interface is not None:
        return objects[interface.get_name()]
    if tag in (TAGS.UTF8, TAGS.FILENAME):
        return 'x'
    if tag == TAGS.ARRAY:
        return ['x']
    return 1


def hostile_values(argument):
    """Values of the type that no call can want."""
    tag = type_of(argument).get_tag()
    interface = interface_of(argument)
    if isinstance(interface, _gi.EnumInfo) and interface.is_flags():
        return [*UNKNOWN_FLAGS, -1]
    if isinstance(interface, _gi.EnumInfo):
        return [-1, 99]
    if interface is not None:
        return [GObject.Object(), 'x', *([] if argument.may_be_null() else [None])]
    if tag in (TAGS.UTF8, TAGS.FILENAME):
        return [*TEXTS, 5, *([] if argument.may_be_null() else [None])]
    if tag == TAGS.ARRAY:
        return [[], [''], ['a\0b'], ['x' * LONG], ['x'] * 1000, [None], None]
    return [*NUMBERS.get(tag, ()), 'x']


def show(value):
    text = ascii(value)
    return text if len(text) < 40 else f'{text[:20]}…{len(text)}'


def outcome_of(call, owner, values, meanwhile):
    """What became of a call, in a word; raises what no call may."""
    try:
        call.run(owner, values, meanwhile)
    except Vck.Cancelled:
        return 'Cancelled'
    except Vck.Error as error:
        check_message(error.message)
        return error.value_nick.upper().replace('-', '_')
    except REFUSALS as error:
        return type(error).__name__
    return 'works'


def check_message(message):
    if not message or len(message) > LONGEST_MESSAGE or '\n' in message:
        raise AssertionError(f'a message of {len(message)} characters: {show(message)}')


def make(call, objects, changed=None, value=None, meanwhile=lambda: None):
    """Makes one call and prints what became of it."""
    owner = objects[call.class_name] if call.is_method else getattr(Vck, call.class_name)
    values = [value if each is changed else plain_value(each, objects) for each in call.arguments]
    what = '' if changed is None else f' {changed.get_name()}={show(value)}'
    print(f'{call}{what}', end='', flush=True)
    print(f' = {outcome_of(call, owner, values, meanwhile)}', flush=True)


def all_calls(objects):
    calls = [each for class_name in objects for each in calls_of(class_name)]
    return sorted(calls, key=lambda each: LAST.index(str(each)) if str(each) in LAST else -1)


def make_every_call(objects):
    """Also reads and writes every property."""
    for call in all_calls(objects):
        make(call, objects)
    for class_name, subject in objects.items():
        touch_properties(class_name, subject)
        repr(subject)


def make_cancelled_calls(objects):
    """All that can be cancelled, with a cancellable that is."""
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    for call in all_calls(objects):
        if call.takes_time:
            make(call, {**objects, 'Cancellable': cancellable})


def make_and_cancel_calls(objects):
    """Cancels each call right after it was begun."""
    for call in all_calls(objects):
        if call.takes_time and call.is_async:
            cancellable = Gio.Cancellable()
            make(call, {**objects, 'Cancellable': cancellable}, meanwhile=cancellable.cancel)


def touch_properties(class_name, subject):
    for spec in subject.list_properties():
        print(f'{class_name}:{spec.name}', end='', flush=True)
        value = subject.get_property(spec.name)
        if spec.flags & GObject.ParamFlags.WRITABLE and not spec.flags & GObject.ParamFlags.CONSTRUCT_ONLY:
            subject.set_property(spec.name, value)
        print(' = works', flush=True)


def make_hostile_calls(objects):
    for class_name in objects:
        for call in calls_of(class_name):
            for argument in call.arguments:
                if argument.get_name() not in ('cancellable', 'io_priority'):
                    for value in hostile_values(argument):
                        make(call, objects, argument, value)


def settle():
    while GLib.MainContext.default().iteration(False):
        pass


def bare_objects():
    """Objects that no call has made: of a connection, one that was not opened."""
    return {name: GObject.new(getattr(Vck, name)) for name in classes()}


def real_objects(folder):
    """One object of each class, of a connection that is open."""
    connection = Vck.Connection.open(URI)
    domain = connection.lookup_domain_by_name('test')
    repository = Vck.Repository.open(folder / 'store', Vck.RepositoryFlags.CREATE)
    config = Vck.CheckpointConfig(name='monday')
    config.track('vda', None)
    domain_config = Vck.DomainConfig.new_from_images(['/nonexistent/vda.qcow2'])
    plan = repository.plan_backup(domain)
    backup = repository.backup(domain)
    checkpoint = domain.create_checkpoint(config)
    findings = domain.verify_checkpoints()
    document = domain.export_checkpoints()
    xml = ''.join(f"<disk name='{name}' type='file'><target file='/nonexistent/{name}'/></disk>"
                  for name in ('vda', 'vdb'))
    job = domain.begin_backup(f'<domainbackup><disks>{xml}</disks></domainbackup>', None)
    job.wait()
    made = [
        connection, domain, repository, config, domain_config, plan, backup, checkpoint, job,
        config.disks[0], domain_config.disks[0], plan.list_disks()[0], backup.list_disks()[0],
        domain.list_disks()[0], checkpoint.list_disks()[0], job.disks[0],
        domain.import_checkpoints(document, Vck.ImportFlags.REPLACE)[0],
        checkpoint.open_extents('vda'), domain.checkpoints, connection.domains,
        domain.disks, repository.prune(domain.uuid, 1, flags=Vck.PruneFlags.DRY_RUN)[0],
        repository.mount(backup, folder / 'socket'),
    ]
    assert findings == []
    for each in (domain.checkpoints, connection.domains, domain.disks):
        each.load()
    objects = {type(each).__name__: each for each in made}
    return {name: objects.get(name) or GObject.new(getattr(Vck, name)) for name in classes()}


def closed_objects(folder):
    objects = real_objects(folder)
    objects['Connection'].close()
    return objects


def gone_objects(folder):
    """Of a domain that was undefined, with its checkpoints."""
    objects = real_objects(folder)
    objects['Domain'].undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA)
    return objects


STATES = {
    'bare': lambda _folder: make_every_call(bare_objects()),
    'closed': lambda folder: make_every_call(closed_objects(folder)),
    'gone': lambda folder: make_every_call(gone_objects(folder)),
    'cancelled': lambda folder: make_cancelled_calls(real_objects(folder)),
    'cancelled-meanwhile': lambda folder: make_and_cancel_calls(real_objects(folder)),
    'hostile': lambda folder: make_hostile_calls(real_objects(folder)),
    'hostile-bare': lambda _folder: make_hostile_calls(bare_objects()),
}


def main(state, folder):
    signal.alarm(TIMEOUT)
    os.chdir(folder)
    STATES[state](pathlib.Path(folder))
    settle()


if __name__ == '__main__':
    main(*sys.argv[1:])
