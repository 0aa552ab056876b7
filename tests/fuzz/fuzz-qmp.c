/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a QMP peer says, from its greeting on, to a client that asks for bitmaps. */

#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu/qmp-block.h"
#include "qemu/qmp-client.h"

/* What a socket holds unread. */
#define MAX_SIZE 65536
#define TIMEOUT 60000

#define START                                                                                      \
  "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n{\"return\": {}, \"id\": 1}\r\n"
#define NODE(name)                                                                                 \
  "{\"node-name\": \"" name "\", \"drv\": \"qcow2\", \"image\": {\"virtual-size\": 1048576}, "     \
  "\"dirty-bitmaps\": [{\"name\": \"a\", \"recording\": true, \"persistent\": true, "              \
  "\"busy\": false, \"granularity\": 65536, \"count\": 131072}, {\"name\": \"b\", "                \
  "\"recording\": false, \"persistent\": true, \"inconsistent\": true, \"busy\": false, "          \
  "\"granularity\": 65536, \"count\": 0}]}"

static const char *const seeds[] = {
  START "{\"return\": [" NODE ("vck0") ", " NODE ("vck1") "], \"id\": 2}\n"
                                                          "{\"return\": [" NODE ("vck1") ", " NODE (
                                                              "vck0") "], \"id\": 3}\n",
  START "{\"event\": \"STOP\", \"data\": {}}\n{\"error\": {\"class\": \"GenericError\", "
        "\"desc\": \"no\"}, \"id\": 2}\n{\"return\": [{\"node-name\": \"x\"}], \"id\": 3}\n",
  START "{\"return\": {\"s\": \"a\\nb\\u00e9\", \"b\": true, \"n\": 4294967296, \"l\": [{}, 7], "
        "\"null\": null, \"x\": -1.5e3}, \"id\": 2}\n",
  "{\"QMP\": {}}\n{\"error\": {\"desc\": \"no way\"}, \"id\": 1}\n",
  NULL,
};

static const char *const words[] = {
  "{",
  "}",
  "[",
  "]",
  "\"",
  ",",
  ":",
  "\n",
  "\r\n",
  "null",
  "true",
  "-1",
  "1e999",
  "18446744073709551616",
  "9223372036854775808",
  "\\u0000",
  "\\ud800",
  "\\\"",
  "\"id\": 2",
  "\"id\": 3",
  "\"return\": ",
  "\"error\": ",
  "\"event\": \"A\"",
  "[[[[[[[[[[[[[[[[",
  "\"dirty-bitmaps\": ",
  "\"name\": \"a\"",
  "\"granularity\": 0",
  "/* */",
  "//",
  "\xff",
  "\xc3\xa9",
  NULL,
};

const FuzzTarget fuzz_target = {
  .name = "qmp",
  .seeds = seeds,
  .words = words,
};

/* Looks for all kinds of things in a value, and whatever comes is fine. */
static void
look_into (const VckcQmpValue *value)
{
  static const char *const names[] = { "s", "b", "n", "l", "x", "null", "node-name" };
  const VckcQmpValue *list = vckc_qmp_value_get_array (value, NULL, NULL);
  bool flag;
  guint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = vckc_qmp_value_get_string (value, names[i], NULL);

      g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
      vckc_qmp_value_get_bool (value, names[i], &flag, NULL);
      vckc_qmp_value_get_uint (value, names[i], &number, NULL);
      vckc_qmp_value_get_array (value, names[i], NULL);
    }
  for (guint i = 0; list != NULL && i < vckc_qmp_array_get_length (list); i++)
    vckc_qmp_value_has (vckc_qmp_array_get_element (list, i), "dirty-bitmaps");
}

static void
ask (VckcQmpClient *client)
{
  static const VckcQmpDisk disks[] = {
    { .node = "vck0", .target = "vda", .path = "/a" },
    { .node = "vck1", .target = "vdb", .path = "/b" },
  };
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcError) list_error = NULL;
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, "query", NULL, &error);
  g_autoptr (GPtrArray) bitmaps = NULL;

  g_assert_true ((reply == NULL) == (error != NULL));
  if (reply == NULL)
    return;
  if (vckc_qmp_reply_get_refusal (reply) == NULL)
    look_into (vckc_qmp_reply_get_value (reply));
  bitmaps = vckc_qmp_block_list (client, disks, G_N_ELEMENTS (disks), &list_error);
  g_assert_true ((bitmaps == NULL) == (list_error != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  VckcQmpOptions options = {
    .peer = "the peer", .timeout = TIMEOUT, .cancel_fd = -1, .first_id = 1
  };
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQmpClient) client = NULL;
  int fds[2];

  size = MIN (size, MAX_SIZE);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_cmpint (write (fds[1], data, size), ==, (gssize) size);
  g_assert_cmpint (shutdown (fds[1], SHUT_WR), ==, 0);
  client = vckc_qmp_client_new (fds[0], &options, &error);
  g_assert_true ((client == NULL) == (error != NULL));
  if (client != NULL)
    ask (client);
  g_clear_pointer (&client, vckc_qmp_client_free);
  close (fds[1]);
  return 0;
}
