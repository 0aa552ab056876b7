/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * How generated methods run a blocking function: in the calling thread, or in one
 * of a bounded pool, with a result for a GAsyncResult.
 *
 * A call is a struct that starts with LibCall and holds copies of the arguments
 * and, later, the result. It has one owner: the caller, then the thread that runs it,
 * then the caller again, who takes the result. An abandoned call also goes back to its caller once
 * the function has returned, and is freed in the caller's main context; if that no longer exists,
 * in the default one. So no object of the program, and no closure, is finalized in a thread of the
 * pool.
 *
 * A reader is abandoned at once when it is cancelled. A mutator is cancelled only
 * before it starts; afterwards its true outcome is reported.
 *
 * While a call runs, it may have a function run by its caller.
 */

#pragma once

#include <gio/gio.h>

typedef struct _LibCall LibCall;

typedef enum
{
  LIB_CALL_READER,
  LIB_CALL_MUTATOR,
} LibCallKind;

typedef struct
{
  const char *name; /* of the public function */
  gsize size;       /* of the whole struct */
  LibCallKind kind;
  gboolean urgent; /* it does not wait for a thread that another call may hold */
  /* Take a reference to the handle and drop it; NULL both if it lives as long as the object. */
  void (*hold) (gpointer handle);
  void (*drop) (gpointer handle);
  gboolean (*run) (LibCall *call, GError **error); /* blocks */
  void (*clear) (LibCall *call);                   /* (nullable): frees arguments and result */
} LibCallInfo;

struct _LibCall
{
  const LibCallInfo *info;
  gpointer self;   /* the object the method is called on, with a reference; or NULL */
  gpointer handle; /* its handle, with a reference if it has any; NULL for an object without one */
  gpointer job;    /* borrowed: what runs it in another thread; NULL in the caller's */
};

/* `self` may be NULL, for a function that makes objects. */
gpointer lib_call_new (const LibCallInfo *info, gpointer self, gpointer handle);
void lib_call_free (LibCall *call);

/* Runs the call and gives it back, or drops it and returns NULL with `error` set. */
LibCall *lib_call_sync (LibCall *call, /* (transfer full) */
                        GCancellable *cancellable,
                        GError **error);

/* Runs the call in another thread; `callback` gets what lib_call_finish() takes. */
void lib_call_async (LibCall *call, /* (transfer full) */
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data,
                     gpointer source_tag);

/* The call that ended, to be freed, or NULL with `error` set. */
LibCall *lib_call_finish (GAsyncResult *result, gpointer self, gpointer source_tag, GError **error);

/* Ends a call that has no result but its success: FALSE for NULL. */
gboolean lib_call_end (LibCall *call /* (transfer full) (nullable) */);

/* For run(): calls `func` with `data` in the caller's thread or, of an asynchronous call, in the
 * caller's main context, and waits until it returns. Returns FALSE as soon as the call is
 * cancelled, whether `func` was called or not; `data` is then freed with `free_data` once it is not
 * used. */
gboolean lib_call_run_in_caller (LibCall *call,
                                 void (*func) (gpointer data),
                                 gpointer data, /* (transfer full) if FALSE is returned */
                                 GDestroyNotify free_data);

/* Of the library: keeps what the core said of a failure that the calling thread gets, if `error` is
 * set, for bindings that keep only the domain, code and message of an error. */
void lib_error_keep_last (GError *const *error);

/* For run(): sets `error` to `reason` and returns FALSE. Explains an object without a handle. */
gboolean lib_call_fail (LibCall *call, GError *reason /* (transfer full) */, GError **error);
