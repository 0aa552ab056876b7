/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Files of a local store that were cut, overwritten or replaced by something else: opening and
 * looking works, what is not touched is there, verifying reports the rest, and once the file is
 * as it was, everything is.
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../local/image-fixture.h"
#include "hostile-fixture.h"

#define OTHER_UUID "8a6e0f4e-0000-4000-8000-000000000002"

static const char *const files[] = {
  "domain.xml", "checkpoints/a.xml", "checkpoints/b.xml", "current",
  "notes",      "pending",           "generation",        "lock",
};

/* --- ways to damage a file --- */

static void
write_file (const char *path, const char *bytes, gsize size)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (write (fd, bytes, size), ==, (gssize) size);
  close (fd);
}

typedef struct
{
  const char *path;
  const char *bytes; /* what was in the file; "" if there was none */
  gsize size;
} Target;

static void
make_empty (const Target *target)
{
  write_file (target->path, "", 0);
}

static void
cut_to_one (const Target *target)
{
  write_file (target->path, target->bytes, MIN (target->size, 1));
}

static void
cut_in_half (const Target *target)
{
  write_file (target->path, target->bytes, target->size / 2);
}

static void
cut_the_end (const Target *target)
{
  write_file (target->path, target->bytes, target->size - MIN (target->size, 2));
}

/* Part of 8 of the file. */
static void
flip (const Target *target, gsize part)
{
  g_autofree char *bytes = g_memdup2 (target->bytes, target->size + 1);

  if (target->size > 0)
    bytes[target->size * part / 8] ^= 0x15;
  write_file (target->path, bytes, target->size);
}

static void
flip_first (const Target *target)
{
  flip (target, 0);
}

static void
flip_second (const Target *target)
{
  flip (target, 2);
}

static void
flip_middle (const Target *target)
{
  flip (target, 4);
}

static void
flip_late (const Target *target)
{
  flip (target, 7);
}

static void
put_garbage (const Target *target)
{
  static const char garbage[] = "\xff\x00\x01garbage\n[change]\nversion=\xfe\n";

  write_file (target->path, garbage, sizeof garbage - 1);
}

static void
put_zeros (const Target *target)
{
  static const char zeros[4096];

  write_file (target->path, zeros, sizeof zeros);
}

static void
put_much (const Target *target)
{
  g_autofree char *much = g_strnfill (5 * 1024 * 1024, 'x');

  write_file (target->path, much, 5 * 1024 * 1024);
}

static void
put_folder (const Target *target)
{
  g_unlink (target->path);
  g_assert_cmpint (g_mkdir (target->path, 0700), ==, 0);
}

static void
put_link (const char *to, const Target *target)
{
  g_unlink (target->path);
  g_assert_cmpint (symlink (to, target->path), ==, 0);
}

static void
put_loop (const Target *target)
{
  g_autofree char *name = g_path_get_basename (target->path);

  put_link (name, target);
}

static void
put_link_outside (const Target *target)
{
  put_link ("/etc/hostname", target);
}

static void
put_dangling_link (const Target *target)
{
  put_link ("/nonexistent/file", target);
}

static void
put_fifo (const Target *target)
{
  g_unlink (target->path);
  g_assert_cmpint (mkfifo (target->path, 0600), ==, 0);
}

static void
take_away (const Target *target)
{
  g_unlink (target->path);
}

typedef struct
{
  const char *name;
  void (*damage) (const Target *target);
} Damage;

static const Damage damages[] = {
  { "empty", make_empty },
  { "cut-to-one", cut_to_one },
  { "cut-in-half", cut_in_half },
  { "cut-the-end", cut_the_end },
  { "flip-first", flip_first },
  { "flip-second", flip_second },
  { "flip-middle", flip_middle },
  { "flip-late", flip_late },
  { "garbage", put_garbage },
  { "zeros", put_zeros },
  { "much", put_much },
  { "folder", put_folder },
  { "loop", put_loop },
  { "link-outside", put_link_outside },
  { "link-dangling", put_dangling_link },
  { "fifo", put_fifo },
  { "gone", take_away },
};

/* --- what must hold --- */

/* A second domain beside the one that is damaged. */
static void
define_other (HostileFixture *fixture)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomain) other = vckc_domain_define_xml (
      fixture->connect,
      "<domain><name>other</name><uuid>" OTHER_UUID "</uuid><devices>"
      "<disk type='file'><driver type='qcow2'/><source file='/other.qcow2'/>"
      "<target dev='vda'/></disk></devices></domain>",
      &error);
  const char *xml = "<domaincheckpoint><name>o</name><creationTime>5</creationTime>"
                    "</domaincheckpoint>";

  g_assert_null (error);
  vckc_object_unref (
      vckc_domain_checkpoint_create_xml (other, xml, VCKC_CHECKPOINT_CREATE_REDEFINE, &error));
  g_assert_null (error);
}

static void
assert_other_untouched (HostileFixture *fixture)
{
  g_autoptr (VckcDomain) other = vckc_domain_lookup_by_name (fixture->connect, "other", NULL);
  g_autofree char *list = NULL;

  g_assert_nonnull (other);
  list = hostile_list (other);
  g_assert_cmpstr (list, ==, "o");
}

/* Only its own description or its lock can make a domain unusable, and the error says so. */
static void
assert_explained (HostileFixture *fixture, const char *file, const Damage *damage)
{
  bool exists = damage->damage != take_away || g_str_equal (file, "lock");
  VckcErrorCode code;

  g_assert_true (g_str_equal (file, "domain.xml") || g_str_equal (file, "lock"));
  code = vckc_error_get_code (fixture->error);
  if (exists)
    g_assert_cmpint (code, !=, VCKC_ERROR_NO_DOMAIN);
  assert_refused (g_steal_pointer (&fixture->error), code, 0, HOSTILE_UUID);
}

/* Looks at the damaged domain, as far as it can be seen. */
static void
look (HostileFixture *fixture, const char *file, const Damage *damage)
{
  bool about_checkpoint = g_str_has_prefix (file, "checkpoints/");
  g_autofree char *findings = NULL;
  g_autofree char *list = NULL;

  if (fixture->domain == NULL)
    {
      assert_explained (fixture, file, damage);
      return;
    }
  list = hostile_list (fixture->domain);
  g_assert_true (g_str_equal (file, "checkpoints/a.xml") || strchr (list, 'a') != NULL);
  g_assert_true (g_str_equal (file, "checkpoints/b.xml") || strchr (list, 'b') != NULL);
  findings = hostile_verify (fixture->domain);
  if (about_checkpoint && strlen (list) < strlen ("a b"))
    g_assert_true (*findings != '\0');
  g_test_message ("list '%s', findings '%s'", list, findings);
}

/* As it was before all damage. */
static void
assert_whole (HostileFixture *fixture)
{
  g_autofree char *list = NULL;
  g_autofree char *findings = NULL;

  hostile_open (fixture);
  g_assert_nonnull (fixture->domain);
  list = hostile_list (fixture->domain);
  g_assert_cmpstr (list, ==, "a b");
  findings = hostile_verify (fixture->domain);
  g_assert_cmpstr (findings, ==, "");
  assert_other_untouched (fixture);
  hostile_close (fixture);
}

static void
restore (const Target *target, bool was_there)
{
  g_remove (target->path);
  if (was_there)
    write_file (target->path, target->bytes, target->size);
}

static void
try_damage (HostileFixture *fixture, const char *file, const Damage *damage)
{
  g_autofree char *path = g_build_filename (fixture->folder, "domains", HOSTILE_UUID, file, NULL);
  g_autofree char *bytes = NULL;
  Target target = { .path = path };
  bool was_there = g_file_get_contents (path, &bytes, &target.size, NULL);

  target.bytes = was_there ? bytes : "";
  g_test_message ("%s: %s", file, damage->name);
  damage->damage (&target);
  hostile_open (fixture);
  look (fixture, file, damage);
  assert_other_untouched (fixture);
  hostile_close (fixture);
  restore (&target, was_there);
}

/* Every damage to one file, and then everything is there again. */
static void
test_file (HostileFixture *fixture, gconstpointer file)
{
  hostile_create (fixture, "a");
  hostile_create (fixture, "b");
  define_other (fixture);
  hostile_close (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    try_damage (fixture, file, &damages[i]);
  assert_whole (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("metadata/", files[i], NULL);

      hostile_add_local_test (path, test_file, files[i]);
    }
  return g_test_run ();
}
