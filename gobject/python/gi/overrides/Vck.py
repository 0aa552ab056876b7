# SPDX-License-Identifier: LGPL-2.1-or-later

"""What makes Vck natural in Python: PyGObject loads this with `from gi.repository import Vck`."""

import asyncio
import datetime
import sys

from gi.repository import Gio, GLib, GObject

from gi.module import get_introspection_module
from gi.overrides import _vck_await, _vck_calls, _vck_errors, _vck_texts, override

if sys.version_info < (3, 11):
    raise ImportError('Vck needs Python 3.11 or later')

_Vck = get_introspection_module('Vck')

ErrorCode = _vck_errors.ErrorCode
Error = _vck_errors.Error
Cancelled = _vck_errors.Cancelled
Task = _vck_await.Task
create_task = _vck_await.create_task

__all__ = ['Cancelled', 'Error', 'ErrorCode', 'Task', 'create_task']

for _class in _vck_errors.CLASSES.values():
    globals()[_class.__name__] = _class
    __all__.append(_class.__name__)

_EXTENTS_AT_ONCE = 1024


def _to_datetime(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def _to_python(value):
    """The value of a property: times become datetimes, failures one of the exceptions."""
    if isinstance(value, GLib.DateTime):
        return _to_datetime(value.to_unix())
    if isinstance(value, GLib.Error):
        return _vck_errors.convert(value)
    return value


def _find_getter(info, base):
    """The method that returns what the property has, which is faster than GObject's way to it."""
    name = 'get_' + info.get_name().replace('-', '_')
    method = next((each for each in base.__info__.get_methods() if each.get_name() == name), None)
    if method is None or method.get_arguments() or method.can_throw_gerror():
        return None
    if method.get_return_type().get_tag() != _vck_calls.type_of(info).get_tag():
        return None
    return getattr(base, name)


def _make_attribute(info, base):
    name = info.get_name()
    getter = _find_getter(info, base)
    is_plain = _vck_calls.type_of(info).get_tag() != _vck_calls.OBJECT

    def get(self):
        return _to_python(getter(self) if getter else self.get_property(name))

    def set(self, value):
        self.set_property(name, _vck_texts.check_text(name, value))

    flags = info.get_flags()
    writable = flags & GObject.ParamFlags.WRITABLE and not flags & GObject.ParamFlags.CONSTRUCT_ONLY
    attribute = name.replace('-', '_')
    doc = _vck_calls.DOCS.get(f'{base.__name__}.{attribute}')
    return property(getter if getter and is_plain else get, set if writable else None, doc=doc)


def _show(value):
    if isinstance(value, GObject.GEnum):
        # PyGObject crashes on the nick of a number that is none of the members.
        names = _vck_calls.member_names(type(value))
        known = int(value) in [int(getattr(type(value), name)) for name in names]
        return value.value_nick if known else str(int(value))
    if isinstance(value, GObject.GFlags):
        # PyGObject finds the one for 0 in every value.
        nicks = [nick for nick in value.value_nicks if nick != 'none']
        return '|'.join(nicks) or (str(int(value)) if value else 'none')
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return repr(value)


def _repr(self):
    """`<Vck.Disk target='vda' format='qcow2' trackable=True>`: what the object holds, without a call."""
    parts = [type(self).__name__]
    for name in self._attributes:
        value = getattr(self, name)
        if value is not None and not isinstance(value, (GObject.Object, GLib.Error)):
            parts.append(f'{name}={_show(value)}')
    return f"<Vck.{' '.join(parts)}>"


def _make_refusal(name):
    def __init_subclass__(cls, **_keywords):
        raise TypeError(f'Vck.{name} is final and cannot have a subclass; keep its object in an object of your own')

    return classmethod(__init_subclass__)


def _complete(extra):
    """The class of the typelib with its methods and properties made natural, and what is in `extra`."""
    base = getattr(_Vck, extra.__name__)
    info = base.__info__
    body = dict(_vck_calls.make_methods(info, extra.__name__))
    attributes = []
    methods = [each.get_name() for each in info.get_methods()]
    for each in info.get_properties() if isinstance(info, _ObjectInfo) else ():
        name = each.get_name().replace('-', '_')
        attributes.append(name)
        # Under the name of a method too, as in other languages.
        if name in methods or not hasattr(base, name):
            body[name] = _make_attribute(each, base)
    if attributes:
        body.update(_vck_texts.make_setters(base))
        body.update(_attributes=tuple(attributes), __repr__=_repr)
    body.update(
        (name, value)
        for name, value in vars(extra).items()
        if name not in ('__dict__', '__weakref__', '__doc__')
    )
    body['__init_subclass__'] = _make_refusal(extra.__name__)
    body['__doc__'] = extra.__doc__ or _vck_calls.DOCS.get(extra.__name__)
    body['__module__'] = __name__
    made = override(type(base)(extra.__name__, (base,), body))
    __all__.append(extra.__name__)
    return made


_ObjectInfo = type(_Vck.Domain.__info__)


@_complete
class Connection:
    __doc__ = _vck_calls.DOCS.get('Connection')
    locals().update(_vck_calls.make_methods(Gio.Initable.__info__, 'Connection', 'init'))
    locals().update(_vck_calls.make_methods(Gio.AsyncInitable.__info__, 'Connection', 'init'))

    def __init__(self, **properties):
        _vck_texts.check_texts(properties)
        if 'flags' in properties:
            flags = _vck_calls.to_flags(_Vck.ConnectionFlags, properties['flags'])
            properties['flags'] = flags
        # Signals are emitted in the context in which the object is made.
        with _vck_await.in_context():
            GObject.Object.__init__(self, **properties)

    @staticmethod
    def new(uri=None, flags=0):
        with _vck_await.in_context():
            return _Vck.Connection.new(_vck_texts.check_text('uri', uri), _vck_calls.to_flags(_Vck.ConnectionFlags, flags))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        try:
            await self.close_async()
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self):
        try:
            return _Vck.Connection.close(self)
        except GLib.Error as error:
            raise _vck_errors.convert(error) from None

    def __repr__(self):
        state = 'open' if self.is_open else 'closed'
        kind = ' read-only' if self.is_read_only() else ''
        return f'<Vck.Connection {self.get_uri()!r} {state}{kind}>'


@_complete
class Domain:
    def __repr__(self):
        return f'<Vck.Domain {self.get_name()!r} {_show(self.get_state())}>'


@_complete
class Checkpoint:
    def __repr__(self):
        domain = self.get_domain()
        return f'<Vck.Checkpoint {self.get_name()!r} of {domain.get_name() if domain else None!r}>'


@_complete
class CheckpointConfig:
    @staticmethod
    def new_from_xml(xml):
        try:
            return _Vck.CheckpointConfig.new_from_xml(_vck_texts.check_text('xml', xml))
        except GLib.Error as error:
            raise _vck_errors.convert(error) from None

    def to_xml(self):
        try:
            return _Vck.CheckpointConfig.to_xml(self)
        except GLib.Error as error:
            raise _vck_errors.convert(error) from None


@_complete
class DomainConfig:
    @staticmethod
    def new(name=None):
        return _Vck.DomainConfig.new(_vck_texts.check_text('name', name))

    @staticmethod
    def new_from_images(images):
        return _Vck.DomainConfig.new_from_images(_vck_texts.check_text('images', images))

    @staticmethod
    def new_from_xml(xml):
        try:
            return _Vck.DomainConfig.new_from_xml(_vck_texts.check_text('xml', xml))
        except GLib.Error as error:
            raise _vck_errors.convert(error) from None

    def to_xml(self):
        try:
            return _Vck.DomainConfig.to_xml(self)
        except GLib.Error as error:
            raise _vck_errors.convert(error) from None


@_complete
class Backup:
    @property
    def time(self):
        """The time of which the disks have the content, in UTC; None if the manifest is damaged."""
        seconds = self.get_time()
        return _to_datetime(seconds) if seconds >= 0 else None


@_complete
class ExtentCursor:
    def __iter__(self):
        """The extents that were not read yet; each step may block."""
        while extents := self.read(_EXTENTS_AT_ONCE):
            yield from extents

    async def __aiter__(self):
        """The extents that were not read yet."""
        while extents := await self.read_async(_EXTENTS_AT_ONCE):
            for extent in extents:
                yield extent


@_complete
class Mount:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        try:
            await self.close_async()
        except asyncio.CancelledError:
            self.close()
            raise


class Extent(_Vck.Extent):
    __doc__ = _vck_calls.DOCS.get('Extent')

    def __repr__(self):
        return f'<Vck.Extent {self.offset}+{self.length} {_show(self.flags)}>'


Extent = override(Extent)
__all__.append('Extent')

for _name in dir(_Vck):
    if _name in __all__:
        continue
    _item = getattr(_Vck, _name)
    if isinstance(_item, type) and issubclass(_item, GObject.Object):
        globals()[_name] = _complete(type(_name, (), {}))
