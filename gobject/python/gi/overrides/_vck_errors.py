# SPDX-License-Identifier: LGPL-2.1-or-later

"""An exception class for each code of an error."""

from gi.repository import Gio, GLib, Vck

ErrorCode = Vck.Error
_DOMAIN = GLib.quark_to_string(Vck.error_quark())

_NAMES = {
    'INTERNAL': 'InternalError',
    'NO_SUPPORT': 'NotSupported',
    'NO_CONNECT': 'NotConnected',
    'INVALID_CONNECT': 'InvalidConnection',
    'INVALID_DOMAIN': 'InvalidDomain',
    'INVALID_DOMAIN_CHECKPOINT': 'InvalidCheckpoint',
    'INVALID_ARG': 'InvalidArgument',
    'OPERATION_FAILED': 'OperationFailed',
    'OPERATION_DENIED': 'OperationDenied',
    'OPERATION_INVALID': 'OperationInvalid',
    'OPERATION_UNSUPPORTED': 'OperationUnsupported',
    'BUSY': 'Busy',
    'CONFIG_UNSUPPORTED': 'ConfigUnsupported',
    'XML_ERROR': 'XmlError',
    'XML_INVALID_SCHEMA': 'XmlInvalidSchema',
    'SYSTEM_ERROR': 'SystemFailure',
    'NO_DOMAIN': 'DomainNotFound',
    'NO_DOMAIN_CHECKPOINT': 'CheckpointNotFound',
    'CHECKPOINT_INCONSISTENT': 'CheckpointInconsistent',
    'NO_BACKUP': 'BackupNotFound',
    'NO_SPACE': 'NoSpace',
    'BACKUP_INCONSISTENT': 'BackupInconsistent',
    'DOMAIN_EXISTS': 'DomainExists',
    'CHECKPOINT_EXISTS': 'CheckpointExists',
}


class Error(GLib.Error):
    """A call of Vck failed.

    Each code has a class of its own, such as `Vck.DomainNotFound`. `code` is one of the codes, which
    are constants of this class; `libvirt_code`, `libvirt_domain` and `libvirt_message` are libvirt's,
    0 and None if the failure did not come from libvirt.
    """

    libvirt_code = 0
    libvirt_domain = 0
    libvirt_message = None

    quark = staticmethod(Vck.error_quark)
    get_libvirt_code = staticmethod(Vck.error_get_libvirt_code)
    get_libvirt_domain = staticmethod(Vck.error_get_libvirt_domain)
    get_libvirt_message = staticmethod(Vck.error_get_libvirt_message)

    def __init__(self, message='unknown error', domain='pygi-error', code=0):
        # Of a code alone, as the enumeration can be called: Vck.Error(error.code).
        if isinstance(message, int):
            code = ErrorCode(message)
            message, domain = code.value_nick, _DOMAIN
        super().__init__(message, domain, code)

    @property
    def value_name(self):
        """The name of the code in C, such as 'VCK_ERROR_BUSY'."""
        return ErrorCode(self.code).value_name

    @property
    def value_nick(self):
        """The short name of the code, such as 'busy'."""
        return ErrorCode(self.code).value_nick

    def __str__(self):
        return self.message

    def __repr__(self):
        return f'Vck.{type(self).__name__}({self.message!r})'


class Cancelled(GLib.Error):
    """A call was cancelled: the error CANCELLED of GIO, as in all languages."""

    __str__ = Error.__str__
    __repr__ = Error.__repr__


def _make_classes():
    classes = {}
    for name in dir(ErrorCode):
        code = getattr(ErrorCode, name)
        if not isinstance(code, ErrorCode):
            continue
        setattr(Error, name, code)
        class_name = _NAMES.get(name) or name.title().replace('_', '')
        details = {'__module__': Vck.__name__, '__doc__': f'A call of Vck failed with {name}.'}
        classes[code] = type(class_name, (Error,), details)
    return classes


Error.__module__ = Cancelled.__module__ = Vck.__name__
CLASSES = _make_classes()


def convert(error):
    """The error of PyGObject as one of the classes here; anything else as it is."""
    if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
        return Cancelled(error.message, error.domain, error.code)
    if error.domain != _DOMAIN or isinstance(error, Error):
        return error
    converted = CLASSES.get(error.code, Error)(error.message, error.domain, error.code)
    if Vck.error_get_libvirt_code(error) != 0:
        converted.libvirt_code = Vck.error_get_libvirt_code(error)
        converted.libvirt_domain = Vck.error_get_libvirt_domain(error)
        converted.libvirt_message = Vck.error_get_libvirt_message(error)
    return converted
