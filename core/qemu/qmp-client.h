/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A client for QEMU's machine protocol (QMP) on a connected stream socket. It blocks,
 * needs no main loop and works in any thread, but in one at a time. The guest's agent speaks
 * nearly the same: it does not greet, and its answers have no numbers.
 *
 * The peer is not trusted: an answer is bounded in size, depth and number of values, must be UTF-8
 * and JSON and belong to a command that was sent, and must come in time and without too much else.
 * After any breach of this the client is broken, and every further call fails at once.
 *
 * Errors: SYSTEM_ERROR if the connection ends, fails or stays silent too long, CANCELLED if waiting
 * was cancelled, INTERNAL if what comes makes no sense. A refusal by QEMU is not an error here but a
 * reply, which says so: see vckc_qmp_reply_get_refusal().
 */

#pragma once

#include "base/error-private.h"

/* The largest answer that is read, in bytes, how deep it may be nested, and how many values may be
 * in it, where a list or an object, which takes more memory, counts as VCKC_QMP_CONTAINER values. */
#define VCKC_QMP_MAX_ANSWER (64 * 1024 * 1024)
#define VCKC_QMP_MAX_DEPTH 512
#define VCKC_QMP_MAX_VALUES (2 * 1024 * 1024)
#define VCKC_QMP_CONTAINER 4

/* The longest reason for a refusal that is passed on, in characters. */
#define VCKC_QMP_MAX_REASON 1000

/* How many messages that are no answer to it may come while one answer is waited for. */
#define VCKC_QMP_MAX_OTHERS 4096

typedef struct _VckcQmpClient VckcQmpClient;
typedef struct _VckcQmpArgs VckcQmpArgs;
typedef struct _VckcQmpReply VckcQmpReply;
typedef struct _VckcQmpValue VckcQmpValue; /* part of a reply, and lives as long */

typedef struct
{
  bool agent;       /* the peer is a guest's agent */
  const char *peer; /* how messages call the other side, such as "qemu-storage-daemon" */
  guint timeout;    /* milliseconds that each answer may take */
  gint64 deadline;  /* of g_get_monotonic_time(), for all answers together; 0: none */
  int cancel_fd;    /* waiting ends with CANCELLED once this is readable; -1: none */
  /* Number of the first command; 0 for one by chance. QEMU may answer what it was asked by a
   * client that is gone to the one that comes next, so numbers must tell clients apart. */
  guint64 first_id;
  /* Called for each event that comes while waiting for an answer; NULL to ignore them. */
  void (*event_cb) (const char *name, const VckcQmpValue *event, gpointer opaque);
  gpointer event_opaque;
} VckcQmpOptions;

/* Greets the peer and negotiates capabilities, or gets in step with the agent, past what others
 * have left unread. Takes over `fd`, also on failure. */
VckcQmpClient *vckc_qmp_client_new (int fd, const VckcQmpOptions *options, VckcError **err);
void vckc_qmp_client_free (VckcQmpClient *client);

/* What comes next changes something: it has so long, all in all, and is not cancelled. */
void vckc_qmp_client_begin_change (VckcQmpClient *client, guint milliseconds);

/* Sends a command and waits for what comes back; NULL if nothing usable does. */
VckcQmpReply *vckc_qmp_client_execute (VckcQmpClient *client,
                                       const char *command,
                                       VckcQmpArgs *args /* (transfer full) (nullable) */,
                                       VckcError **err);

/* The same in two steps, so that several commands can be under way, but not with an agent: 0 on
 * failure, else a number to wait for, once each. */
guint64 vckc_qmp_client_send (VckcQmpClient *client,
                              const char *command,
                              VckcQmpArgs *args /* (transfer full) (nullable) */,
                              VckcError **err);
VckcQmpReply *vckc_qmp_client_wait (VckcQmpClient *client, guint64 id, VckcError **err);

/* Waits so long for an event, which is told to the callback. True if one came or the time has
 * passed, false if the connection is of no more use or waiting was cancelled. */
bool vckc_qmp_client_listen (VckcQmpClient *client, guint milliseconds, VckcError **err);

/* The process that listens at the other end of a Unix socket; 0 if unknown. */
int vckc_qmp_client_get_pid (const VckcQmpClient *client);

bool vckc_qmp_client_is_broken (const VckcQmpClient *client);

/* Arguments of a command: an object, filled member by member. Texts must be UTF-8. Inside
 * an array names are NULL. */
VckcQmpArgs *vckc_qmp_args_new (void);
void vckc_qmp_args_free (VckcQmpArgs *args);
void vckc_qmp_args_add_string (VckcQmpArgs *args, const char *name, const char *value);
void vckc_qmp_args_add_bool (VckcQmpArgs *args, const char *name, bool value);
void vckc_qmp_args_add_null (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_begin_object (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_end_object (VckcQmpArgs *args);
void vckc_qmp_args_begin_array (VckcQmpArgs *args, const char *name);
void vckc_qmp_args_end_array (VckcQmpArgs *args);

void vckc_qmp_reply_free (VckcQmpReply *reply);
/* Why QEMU refused, in its own words, of which there are not too many, or NULL if it did not. */
const char *vckc_qmp_reply_get_refusal (const VckcQmpReply *reply);
/* Reads a JSON object that does not come by itself but as a text; its value is the object. */
VckcQmpReply *vckc_qmp_reply_new_from_text (const char *text, VckcError **err);
/* The text that the command returned; NULL if it did not return one. */
const char *vckc_qmp_reply_get_text (const VckcQmpReply *reply);
/* What the command returned; NULL if QEMU refused it. */
const VckcQmpValue *vckc_qmp_reply_get_value (const VckcQmpReply *reply);

/* Looking into a value. `object` may be of any type: what does not fit is INTERNAL, with a
 * message that names the member. */
bool vckc_qmp_value_has (const VckcQmpValue *object, const char *name);
/* A member that is an object itself. */
const VckcQmpValue *
vckc_qmp_value_get_object (const VckcQmpValue *object, const char *name, VckcError **err);
const char *
vckc_qmp_value_get_string (const VckcQmpValue *object, const char *name, VckcError **err);
bool vckc_qmp_value_get_bool (const VckcQmpValue *object,
                              const char *name,
                              bool *ret_value,
                              VckcError **err);
bool vckc_qmp_value_get_uint (const VckcQmpValue *object,
                              const char *name,
                              guint64 *ret_value,
                              VckcError **err);
/* A member that is an array; with `name` NULL the value itself must be one. */
const VckcQmpValue *
vckc_qmp_value_get_array (const VckcQmpValue *value, const char *name, VckcError **err);
guint vckc_qmp_array_get_length (const VckcQmpValue *array);
const VckcQmpValue *vckc_qmp_array_get_element (const VckcQmpValue *array, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpClient, vckc_qmp_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpArgs, vckc_qmp_args_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpReply, vckc_qmp_reply_free)
