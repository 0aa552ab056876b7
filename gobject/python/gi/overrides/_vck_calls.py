# SPDX-License-Identifier: LGPL-2.1-or-later

"""Methods with defaults and keywords, made of what the typelib says of them."""

import inspect
import os
from collections.abc import Iterable

from gi.repository import GLib, GObject

import gi._gi as _gi
from gi.overrides import _vck_await, _vck_interrupt
from gi.overrides._vck_errors import convert
from gi.overrides._vck_texts import check_text

try:
    from gi.overrides._vck_docs import DOCS
except ImportError:  # made by the build, for the installed copy and the one in the build folder
    DOCS = {}

_PATHS = ('path', 'socket', 'to')
_TEXTS = (_gi.TypeTag.UTF8, _gi.TypeTag.FILENAME)
_NUMBERS = (
    _gi.TypeTag.INT32,
    _gi.TypeTag.UINT32,
    _gi.TypeTag.INT64,
    _gi.TypeTag.UINT64,
)
OBJECT = _gi.TypeTag.INTERFACE
_OWN = ('cancellable', 'callback', 'user_data')


def member_names(enumeration):
    """The names of the members of an enumeration or of flags, with those that mean the same."""
    if hasattr(enumeration, '__members__'):  # an enum.IntEnum or IntFlag, from PyGObject 3.51 on
        return sorted(enumeration.__members__)
    return sorted(
        name for name in dir(enumeration) if isinstance(getattr(enumeration, name), enumeration)
    )


def to_flags(enumeration, value):
    """Flags of the type from a member, a number, a name, or several of them."""
    if isinstance(value, enumeration):
        return value
    if isinstance(value, str):
        name = value.replace('-', '_').upper()
        if name in member_names(enumeration):
            return getattr(enumeration, name)
        raise ValueError(
            f'{value!r} is not one of Vck.{enumeration.__name__}: '
            f"{', '.join(member_names(enumeration))}"
        )
    if isinstance(value, (bool, GObject.GFlags)) or not isinstance(value, (int, Iterable)):
        raise TypeError(f'{value!r} is not of Vck.{enumeration.__name__}')
    if isinstance(value, int):
        return enumeration(value)
    result = enumeration(0)
    for each in value:
        result |= to_flags(enumeration, each)
    return result


def type_of(argument):
    """The type of an argument of the typelib; the method has another name from PyGObject 3.51 on."""
    if hasattr(argument, 'get_type_info'):
        return argument.get_type_info()
    return argument.get_type()


class Parameter:
    """A parameter of a method, with the function that makes what PyGObject takes."""

    def __init__(self, info):
        self.name = info.get_name()
        self.default = inspect.Parameter.empty
        self.convert = None
        kind = type_of(info)
        interface = kind.get_interface() if kind.get_tag() == _gi.TypeTag.INTERFACE else None
        self.is_flags = isinstance(interface, _gi.EnumInfo) and interface.is_flags()
        self.is_number = kind.get_tag() in _NUMBERS
        self.is_text = kind.get_tag() in (*_TEXTS, _gi.TypeTag.ARRAY)
        self.is_nullable = info.may_be_null()
        if self.is_flags:
            self.convert = self.flags_converter(interface)
        elif self.is_text:
            self.convert = self.convert_text

    def convert_text(self, value):
        is_path = self.name in _PATHS and value is not None
        return check_text(self.name, os.fspath(value) if is_path else value)

    @staticmethod
    def flags_converter(interface):
        name = interface.get_name()

        def convert_flags(value):
            from gi.repository import Vck

            return to_flags(getattr(Vck, name), value)

        return convert_flags

    def find_default(self, flags_follow):
        if self.is_flags:
            return 0
        if self.is_nullable:
            return None
        if self.name == 'io_priority':
            return GLib.PRIORITY_DEFAULT
        return 0 if self.is_number and flags_follow else inspect.Parameter.empty


class Signature:
    """The parameters of a method before the callback, the last of which may have defaults."""

    def __init__(self, info, is_method):
        self.name = info.get_name()
        self.parameters = [Parameter(each) for each in info.get_arguments()]
        self.is_async = any(each.name == 'user_data' for each in self.parameters)
        self.parameters = [
            each for each in self.parameters if each.name not in ('callback', 'user_data')
        ]
        self.names = [each.name for each in self.parameters]
        self.cancellable = self.names.index('cancellable') if 'cancellable' in self.names else None
        self.takes_texts = any(each.is_text for each in self.parameters)
        flags_follow = False
        for each in reversed(self.parameters):
            each.default = each.find_default(flags_follow)
            if each.default is inspect.Parameter.empty:
                break
            flags_follow |= each.is_flags
        self.python = self.make_python(is_method)

    def make_python(self, is_method):
        """What inspect.signature() and help() show."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        shown = [inspect.Parameter('self', kind)] if is_method else []
        shown += [inspect.Parameter(each.name, kind, default=each.default) for each in self.parameters]
        if self.is_async:
            shown.append(inspect.Parameter('callback', kind, default=None))
            shown.append(inspect.Parameter('user_data', inspect.Parameter.VAR_POSITIONAL))
        return inspect.Signature(shown)

    def bind(self, given, keywords):
        """The arguments in their order; raises what Python does for a wrong call."""
        if len(given) > len(self.names):
            raise TypeError(f'{self.name}() takes {len(self.names)} arguments, not {len(given)}')
        values = list(given)
        for name in self.names[: len(given)]:
            if name in keywords:
                raise TypeError(f"{self.name}() got several values for the argument '{name}'")
        for each in self.parameters[len(given) :]:
            value = keywords.pop(each.name, each.default)
            if value is inspect.Parameter.empty:
                raise TypeError(f"{self.name}() lacks the argument '{each.name}'")
            values.append(value)
        if keywords:
            raise TypeError(f"{self.name}() has no argument '{next(iter(keywords))}'")
        for index, each in enumerate(self.parameters):
            if each.convert is not None:
                values[index] = each.convert(values[index])
        return values


def _describe(function, class_name, signature):
    function.__name__ = signature.name
    function.__qualname__ = f'{class_name}.{signature.name}'
    function.__module__ = 'gi.repository.Vck'
    function.__signature__ = signature.python
    function.__doc__ = DOCS.get(function.__qualname__)
    return function


def _make_blocking(info, signature, is_method):
    index = signature.cancellable + is_method

    def method(*given, **keywords):
        arguments = list(given[:is_method]) + signature.bind(given[is_method:], keywords)
        try:
            with _vck_await.in_context():
                if arguments[index] is not None:
                    return info(*arguments)
                return _vck_interrupt.call(info, arguments, index)
        except GLib.Error as error:
            raise convert(error) from None

    return method


def _make_finish(info, class_name):
    def method(*arguments, **keywords):
        try:
            return info(*arguments, **keywords)
        except GLib.Error as error:
            raise convert(error) from None

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = ['self'] * info.is_method() + [each.get_name() for each in info.get_arguments()]
    method.__name__ = info.get_name()
    method.__qualname__ = f'{class_name}.{method.__name__}'
    method.__module__ = 'gi.repository.Vck'
    method.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    method.__doc__ = DOCS.get(method.__qualname__)
    return method


def _make_async(info, signature, is_method, finish):
    index = signature.cancellable + is_method
    count = is_method + len(signature.names)

    def method(*given, callback=None, **keywords):
        if len(given) > count:
            callback, *user_data = given[count:]
        else:
            user_data = []
        arguments = list(given[:is_method]) + signature.bind(given[is_method:count], keywords)
        if callback is not None:
            with _vck_await.in_context():
                info(*arguments, callback, *user_data)
            return None
        owner = given[:is_method]
        return _vck_await.start(info, lambda result: finish(*owner, result), arguments, index)

    return method


def _make_plain(info, signature):
    def method(self, *given, **keywords):
        for name, value in [*zip(signature.names, given), *keywords.items()]:
            check_text(name, value)
        return info(self, *given, **keywords)

    return method


def make_methods(info, class_name, prefix=''):
    """The methods of a class that call the core or take texts, by their names, as attributes of a class."""
    infos = {each.get_name(): each for each in info.get_methods()}
    infos = {name: each for name, each in infos.items() if name.startswith(prefix)}
    made = {}
    for name, each in infos.items():
        if name.endswith('_finish'):
            made[name] = _make_finish(each, class_name)
    for name, each in infos.items():
        signature = Signature(each, each.is_method())
        if name in made:
            continue
        if signature.is_async:
            finish = made[name.replace('_async', '_finish')]
            method = _make_async(each, signature, each.is_method(), finish)
        elif signature.cancellable is not None:
            method = _make_blocking(each, signature, each.is_method())
        elif signature.takes_texts and each.is_method():
            method = _make_plain(each, signature)
        else:
            continue
        made[name] = _describe(method, class_name, signature)
    return {name: each if infos[name].is_method() else staticmethod(each) for name, each in made.items()}
