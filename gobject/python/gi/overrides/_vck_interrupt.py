# SPDX-License-Identifier: LGPL-2.1-or-later

"""Ctrl-C ends a call that blocks.

Python runs the handler of a signal only when the main thread is back in Python, which a call into the
library is not. So while a call blocks the main thread, the handler only notes the signal, and a
thread that reads Python's wake-up descriptor cancels the call.

This is done only where Python's own handler would raise KeyboardInterrupt: a program's handler, and
that of an event loop, stay what they are.
"""

# The functions of `signal` make enumerations of numbers and handlers, by exceptions where they are none:
# they take ten times as long as the ones below, and two of each are called for every call.
import _signal as signal
import contextlib
import os
import threading

from gi.repository import Gio, GLib

from gi.overrides._vck_errors import convert

_MARK = 0  # not the number of a signal


class _Watcher:
    """The thread, and what the main thread has it cancel."""

    def __init__(self):
        self.reader, self.writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.writer, False)
        self.outer = -1  # the program's own wake-up descriptor
        self.cancellable = None  # of the call that blocks
        self.spare = Gio.Cancellable()  # not cancelled
        self.noted = False
        self.passed = threading.Event()
        threading.Thread(target=self.watch, name='vck-interrupt', daemon=True).start()

    def watch(self):
        while True:
            numbers = os.read(self.reader, 256)
            self.pass_on(bytes(each for each in numbers if each != _MARK))
            if _MARK in numbers:
                self.passed.set()
            cancellable = self.cancellable
            if signal.SIGINT in numbers and cancellable is not None:
                cancellable.cancel()

    def pass_on(self, numbers):
        """The program's own descriptor gets what Python would have written there."""
        if self.outer == -1 or not numbers:
            return
        try:
            os.write(self.outer, numbers)
        except OSError:  # full or closed: Python would have lost them too
            pass

    def finish_passing_on(self):
        """Waits until the program's own descriptor has what came so far."""
        if self.outer != -1:
            self.passed.clear()
            os.write(self.writer, bytes([_MARK]))
            self.passed.wait()
        self.outer = -1

    def note(self, _number, _frame):
        self.noted = True

    def get_cancellable(self):
        if self.spare.is_cancelled():
            self.spare = Gio.Cancellable()
        return self.spare


_watcher = None


def _forget_watcher():
    """In a forked child: its thread is not there, nor the call that blocked another thread."""
    global _watcher
    if _watcher is not None:
        if signal.getsignal(signal.SIGINT) == _watcher.note:
            _put_back(_watcher, _watcher.outer)
        os.close(_watcher.reader)
        os.close(_watcher.writer)
        _watcher = None


os.register_at_fork(after_in_child=_forget_watcher)


def _get_watcher():
    global _watcher
    if _watcher is None:
        _watcher = _Watcher()
    return _watcher


def _put_back(watcher, outer):
    """The program's handler and descriptor, unless something else was set meanwhile."""
    try:
        found = signal.set_wakeup_fd(outer)
    except (OSError, ValueError):  # closed meanwhile
        found = signal.set_wakeup_fd(-1)
    if found != watcher.writer:
        with contextlib.suppress(OSError, ValueError):
            signal.set_wakeup_fd(found)
    if signal.getsignal(signal.SIGINT) == watcher.note:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _restore(watcher, outer):
    """After a call."""
    watcher.cancellable = None
    _put_back(watcher, outer)
    watcher.finish_passing_on()


def _call_watched(watcher, function, arguments, index):
    """The call once; None if it was not begun, for a signal."""
    watcher.noted = False
    watcher.cancellable = arguments[index]
    outer = -1
    try:
        signal.signal(signal.SIGINT, watcher.note)
        outer = signal.set_wakeup_fd(watcher.writer, warn_on_full_buffer=False)
        watcher.outer = outer
        # From here on a signal cancels the call.
        return None if watcher.noted else (function(*arguments),)
    finally:
        _restore(watcher, outer)


def call(function, arguments, index):
    """Calls the function, with a cancellable as the argument at `index`, such that Ctrl-C ends it."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        return function(*arguments)
    watcher = _get_watcher()
    result = None
    while result is None:
        arguments[index] = watcher.get_cancellable()
        try:
            result = _call_watched(watcher, function, arguments, index)
        except GLib.Error as error:
            is_cancelled = error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
            if watcher.noted:
                raise KeyboardInterrupt from None if is_cancelled else convert(error)
            # Cancelled for a signal of an earlier call, it did nothing: it is called again.
            if not (is_cancelled and arguments[index].is_cancelled()):
                raise
        if watcher.noted:
            raise KeyboardInterrupt
    return result[0]
