# SPDX-License-Identifier: LGPL-2.1-or-later

"""Texts have no NUL: PyGObject passes on what is before it, which is another name or path."""

from gi.repository import GObject


def check_text(name, value):
    """The value, which may be no text, or several of them."""
    for each in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(each, str) and '\0' in each or isinstance(each, bytes) and b'\0' in each:
            raise ValueError(f'{name!r} must not contain the character NUL, as {each[:80]!r} does')
    return value


def check_texts(values):
    for name, value in values.items():
        check_text(name, value)


class _Props:
    """`object.props` of PyGObject, with texts checked that are set."""

    def __init__(self, native):
        object.__setattr__(self, '_native', native)

    def __getattr__(self, name):
        return getattr(self._native, name)

    def __setattr__(self, name, value):
        setattr(self._native, name, check_text(name, value))

    def __dir__(self):
        return dir(self._native)

    def __iter__(self):
        return iter(self._native)

    def __len__(self):
        return len(self._native)


class _PropsOfClass:
    def __init__(self, base):
        self._native = next(vars(each)['props'] for each in base.__mro__ if 'props' in vars(each))

    def __get__(self, owner, klass=None):
        native = self._native.__get__(owner, klass)
        return native if owner is None else _Props(native)


def _is_text_to_set(spec):
    return spec.value_type == GObject.TYPE_STRING and spec.flags & GObject.ParamFlags.WRITABLE


def make_setters(base):
    """What sets properties of a class by their names, if texts are among them, as attributes of a class."""
    if not any(map(_is_text_to_set, base.list_properties())):
        return {}

    def __init__(self, **properties):
        check_texts(properties)
        base.__init__(self, **properties)

    def set_property(self, name, value):
        base.set_property(self, name, check_text(name, value))

    def set_properties(self, **properties):
        check_texts(properties)
        base.set_properties(self, **properties)

    return {
        '__init__': __init__,
        'set_property': set_property,
        'set_properties': set_properties,
        'props': _PropsOfClass(base),
    }
