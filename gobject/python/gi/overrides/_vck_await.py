# SPDX-License-Identifier: LGPL-2.1-or-later

"""What an asynchronous call returns that is not given a callback: something to await.

With asyncio, each event loop gets a main context of GLib of its own, and dispatches it whenever it
has something to do. The calls that are started in the loop, and the signals of the connections that are
opened there, come through this context, so in the loop's thread; nothing else has to run.

Without asyncio, a coroutine runs in the main loop of GLib that the program runs: see `Task`.
"""

import asyncio
import contextlib
import ctypes
import sys
import threading
import weakref

from gi.repository import Gio, GLib

_NO_LOOP = (
    'this await is in no loop; run the coroutine with asyncio.run(), or with Vck.create_task() in a '
    'program that runs a main loop of GLib'
)
_OTHER_LOOP = 'this call was started outside of the asyncio loop; start it in the coroutine that awaits it'
_OWNERLESS_POLLING = 1
_MAXINT = 2**31 - 1


class _PollFD(ctypes.Structure):
    _fields_ = [('fd', ctypes.c_int), ('events', ctypes.c_ushort), ('revents', ctypes.c_ushort)]


def _load_glib():
    """Functions that PyGObject cannot call, as they fill an array of the caller's."""
    glib = ctypes.CDLL('libglib-2.0.so.0')
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    pointer_to_int = ctypes.POINTER(ctypes.c_int)
    for name, result, arguments in (
        ('new_with_flags', pointer, [integer]),
        ('unref', None, [pointer]),
        ('push_thread_default', None, [pointer]),
        ('pop_thread_default', None, [pointer]),
        ('acquire', integer, [pointer]),
        ('release', None, [pointer]),
        ('iteration', integer, [pointer, integer]),
        ('prepare', integer, [pointer, pointer_to_int]),
        (
            'query',
            integer,
            [pointer, integer, pointer_to_int, ctypes.POINTER(_PollFD), integer],
        ),
    ):
        function = getattr(glib, f'g_main_context_{name}')
        function.restype, function.argtypes = result, arguments
    return glib


_glib = _load_glib()


class _LoopContext:
    """The main context that an asyncio loop dispatches."""

    def __init__(self, loop):
        self.loop = weakref.ref(loop)
        self.pointer = _glib.g_main_context_new_with_flags(_OWNERLESS_POLLING)
        self.watched = {}  # descriptor -> events
        self.timer = None
        weakref.finalize(self, _glib.g_main_context_unref, self.pointer).atexit = False
        self.wait()

    @contextlib.contextmanager
    def pushed(self):
        """Calls that start here end in this context."""
        _glib.g_main_context_push_thread_default(self.pointer)
        try:
            yield
        finally:
            _glib.g_main_context_pop_thread_default(self.pointer)

    def dispatch(self):
        """In the loop: dispatches what is ready, and waits for more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        _glib.g_main_context_iteration(self.pointer, False)
        if not self.loop().is_closed():
            self.wait()

    def wait(self):
        timeout, polled = self.query()
        self.watch({each.fd: each.events for each in polled})
        loop = self.loop()
        if timeout == 0:
            self.timer = loop.call_soon(self.dispatch)
        elif timeout > 0:
            self.timer = loop.call_later(timeout / 1000, self.dispatch)

    def query(self):
        """How many milliseconds to wait (-1: without end), and for which descriptors."""
        priority, timeout = ctypes.c_int(), ctypes.c_int()
        size, needed = 0, 1
        _glib.g_main_context_acquire(self.pointer)
        _glib.g_main_context_prepare(self.pointer, priority)
        while needed > size:
            size = needed
            polled = (_PollFD * size)()
            needed = _glib.g_main_context_query(self.pointer, _MAXINT, timeout, polled, size)
        _glib.g_main_context_release(self.pointer)
        return timeout.value, polled[:needed]

    def watch(self, wanted):
        loop = self.loop()
        for fd in self.watched.keys() - wanted.keys():
            loop.remove_reader(fd)
            loop.remove_writer(fd)
        for fd in wanted.keys() - self.watched.keys():
            if wanted[fd] & GLib.IOCondition.IN:
                loop.add_reader(fd, self.dispatch)
            if wanted[fd] & GLib.IOCondition.OUT:
                loop.add_writer(fd, self.dispatch)
        self.watched = wanted


_contexts = weakref.WeakKeyDictionary()  # of asyncio loops


def running_loop():
    """The asyncio loop that runs in this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _drop_ended_loops():
    """The timer of a context that still waited when its loop ended keeps the loop."""
    for reference in _contexts.keyrefs():  # a copy: other threads have loops, too
        loop = reference()
        if loop is not None and loop.is_closed():
            _contexts.pop(loop, None)


def in_context():
    """What is started in this block is delivered in the asyncio loop that runs, if one does."""
    loop = running_loop()
    if loop is None:
        return contextlib.nullcontext()
    if loop not in _contexts:
        _drop_ended_loops()
        _contexts[loop] = _LoopContext(loop)
    return _contexts[loop].pushed()


def _is_cancelled(error):
    return isinstance(error, GLib.Error) and error.matches(
        Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED
    )


class _Entering:
    """`async with Vck.Connection.open_async(uri) as connection:` awaits and enters."""

    async def __aenter__(self):
        self._entered = await self
        return await self._entered.__aenter__()

    async def __aexit__(self, *exception):
        return await self._entered.__aexit__(*exception)


# asyncio task -> its count of cancels before the call that ended nevertheless, and the cancel's message
_late_cancels = weakref.WeakKeyDictionary()


def _count_cancels(task):
    """How often what the task awaited was cancelled for it, without a cancel that asyncio still holds."""
    return task.cancelling() - getattr(task, '_must_cancel', False)


def _is_late(task):
    """Is the task still to be cancelled? What cancelled it may have withdrawn that."""
    return task in _late_cancels and _count_cancels(task) > _late_cancels[task][0]


def _cancel_again(task):
    is_late = _is_late(task)
    _before, message = _late_cancels.pop(task, (0, None))
    if task.done() or not is_late:
        return
    task.cancel(message)
    task.uncancel()  # it was counted when it was asked for


class _AsyncioCall(_Entering, asyncio.Future):
    """A call under way in an asyncio loop.

    Cancelling it cancels the call; it is cancelled once the call is, and has the result of a call
    that could no longer be stopped. The task that awaits it is then cancelled at its next await.
    """

    def __init__(self, loop, cancellable):
        super().__init__(loop=loop)
        self._cancellable = cancellable
        self._cancel_asked = False
        self._message = None  # of the cancel

    def cancel(self, msg=None):
        if self.done():
            return False
        self._cancel_asked = True
        self._message = msg
        self._cancellable.cancel()
        return True

    def _cancel_next_await(self, task, before, message):
        if _count_cancels(task) > before:
            _late_cancels[task] = before, message
            self.get_loop().call_soon(_cancel_again, task)

    def __await__(self):
        task = asyncio.current_task(self.get_loop())
        if task is None:
            return (yield from super().__await__())
        before, message = _late_cancels[task] if _is_late(task) else (_count_cancels(task), None)
        try:
            yield from super().__await__()
        except Exception:
            if not self.done():
                raise
        except asyncio.CancelledError as cancelled:
            # Of a task that is cancelled when the call has ended, but it does not run yet?
            if not self.done() or self.cancelled() or _count_cancels(task) == before:
                raise
            message = next(iter(cancelled.args), None)
        self._cancel_next_await(task, before, self._message or message)
        return self.result()

    def _end(self, result, error):
        if self.done():
            return
        if error is None:
            self.set_result(result)
        elif self._cancel_asked and _is_cancelled(error):
            super().cancel(self._message)
        else:
            self.set_exception(error)


class _Pending:
    """A call, or a task, that ends in a main loop of GLib."""

    def __init__(self, cancellable):
        self._cancellable = cancellable
        self._cancel_asked = False
        self._callbacks = []
        self._done = False
        self._result = None
        self._error = None

    def __await__(self):
        if not self._done:
            if running_loop() is not None:
                raise RuntimeError(_OTHER_LOOP)
            if running_task() is None:
                raise RuntimeError(_NO_LOOP)
            yield self
        return self.result()

    def done(self):
        """Has it ended?"""
        return self._done

    def cancelled(self):
        """Did it end because it was cancelled?"""
        return isinstance(self._error, asyncio.CancelledError)

    def result(self):
        """What it returned; raises what it raised."""
        if not self._done:
            raise asyncio.InvalidStateError('this has not ended yet')
        self._seen = True
        if self._error is not None:
            raise self._error
        return self._result

    def add_done_callback(self, callback):
        """Has `callback(self)` called when it ends; at once, if it has."""
        if self._done:
            callback(self)
        else:
            self._callbacks.append(callback)

    def cancel(self):
        """Cancels it, if it has not ended; what cannot be stopped any more ends as it would have."""
        if self._done:
            return False
        self._cancel_asked = True
        self._cancellable.cancel()
        return True

    def _end(self, result, error):
        if self._cancel_asked and _is_cancelled(error):
            error = asyncio.CancelledError()
        self._done, self._result, self._error = True, result, error
        self._call_back()

    def _call_back(self):
        try:
            while self._callbacks:
                callback = self._callbacks.pop(0)
                try:
                    callback(self)
                except (KeyboardInterrupt, SystemExit):
                    raise
                except BaseException:
                    sys.excepthook(*sys.exc_info())
        finally:
            if self._callbacks:
                self._call_back()


class _GLibCall(_Entering, _Pending):
    """A call under way without asyncio."""


_thread = threading.local()


def running_task():
    """The task of create_task() that runs in this thread, or None."""
    return getattr(_thread, 'task', None)


class Task(_Pending):
    """A coroutine in a program that runs a main loop of GLib, such as one with GTK.

    It can await the calls of Vck and other tasks. Like asyncio's, it has done(), result(), cancel(),
    cancelled() and add_done_callback(), and can be awaited.
    """

    def __init__(self, coroutine):
        super().__init__(None)  # _cancel_asked: and not raised in the coroutine yet
        self._coroutine = coroutine
        self._waits_for = None
        self._seen = False
        GLib.idle_add(self._step)

    def cancel(self):
        """Cancels what it waits for, which raises asyncio.CancelledError in the coroutine.

        What cannot be stopped any more ends as it would have; then the next await raises it.
        """
        if self._done:
            return False
        self._cancel_asked = True
        if self._waits_for is not None:
            self._waits_for.cancel()
        return True

    def _step(self):
        outer, _thread.task = running_task(), self
        waited_for, self._waits_for = self._waits_for, None
        try:
            if waited_for is None and self._cancel_asked:
                self._cancel_asked = False
                waits_for = self._coroutine.throw(asyncio.CancelledError())
            else:
                if waited_for is not None and waited_for.cancelled():
                    self._cancel_asked = False
                waits_for = self._coroutine.send(None)
        except StopIteration as stop:
            self._end(stop.value, None)
        except (KeyboardInterrupt, SystemExit) as error:
            self._seen = True
            self._end(None, error)
            raise
        except BaseException as error:
            # Without the frame here, which holds the task.
            self._end(None, error.with_traceback(error.__traceback__.tb_next))
        else:
            self._wait(waits_for)
        finally:
            _thread.task = outer
        return GLib.SOURCE_REMOVE

    def _wait(self, waits_for):
        if not isinstance(waits_for, _Pending):
            self._coroutine.close()
            self._end(None, RuntimeError(f'a task of Vck cannot await {waits_for!r}'))
            return
        self._waits_for = waits_for
        waits_for.add_done_callback(lambda _: self._step())
        if self._cancel_asked:
            waits_for.cancel()

    def __del__(self):
        if self._error is not None and not self._seen and not self.cancelled():
            sys.excepthook(type(self._error), self._error, self._error.__traceback__)


def create_task(coroutine):
    """Runs the coroutine in the main loop of GLib of this thread, in the default main context.

    For programs that run such a loop, as those with GTK do; with asyncio, use its own functions.
    """
    return Task(coroutine)


def _cancel_if_due(pending, loop):
    """Cancels it if the task that runs was cancelled too late for what it awaited then."""
    if loop is None:
        if running_task() is not None and running_task()._cancel_asked:
            pending.cancel()
        return
    task = asyncio.current_task(loop)
    if task is not None and _is_late(task):
        pending.cancel(_late_cancels[task][1])


def start(call, finish, arguments, index):
    """Starts an asynchronous call without a callback, and returns what can be awaited.

    `call` gets the arguments and the callback; the cancellable is the argument at `index`. `finish`
    takes the result of the callback.
    """
    if arguments[index] is None:
        arguments[index] = Gio.Cancellable()
    loop = running_loop()
    pending = (
        _GLibCall(arguments[index]) if loop is None else _AsyncioCall(loop, arguments[index])
    )

    def ended(_source, result):
        try:
            value, error = finish(result), None
        except Exception as caught:
            value, error = None, caught
        except BaseException as caught:
            pending._end(None, caught)
            raise
        pending._end(value, error)

    _cancel_if_due(pending, loop)
    with in_context():
        call(*arguments, ended)
    return pending
