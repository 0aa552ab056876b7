/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backend-fixture.h"

#include <glib.h>

#include "assert-error.h"
#include "image-fixture.h"

const VckcBlockMachine backend_fixture_machine = { .uuid = "8a6e0f4e-0000-4000-8000-000000000001" };

void
backend_fixture_set_up (BackendFixture *fixture, gconstpointer unused)
{
  fixture->folder = image_fixture_new ();
  fixture->backend = vckc_local_backend_new (NULL);
  fixture->disks[0] =
      (VckcBlockDisk){ "vda", image_fixture_make_image (fixture->folder, "a.qcow2", NULL),
                       "qcow2" };
  fixture->disks[1] = (VckcBlockDisk){
    "vdb", image_fixture_make_image (fixture->folder, "b, =%20\"'\n\\ä.qcow2", NULL), "qcow2"
  };
  fixture->n_files = image_fixture_count_files ();
}

void
backend_fixture_tear_down (BackendFixture *fixture, gconstpointer unused)
{
  g_unsetenv (BACKEND_FIXTURE_DAEMON);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  vckc_block_backend_free (fixture->backend);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->disks); i++)
    g_free ((char *) fixture->disks[i].path);
  image_fixture_remove (fixture->folder);
}

VckcBlockSession *
backend_fixture_open (BackendFixture *fixture, VckcBlockSessionMode mode)
{
  VckcError *error = NULL;
  VckcBlockSession *session =
      vckc_block_session_open (fixture->backend, &backend_fixture_machine, fixture->disks,
                               G_N_ELEMENTS (fixture->disks), mode, &error);

  assert_ok (session != NULL, error);
  return session;
}

void
backend_fixture_close (VckcBlockSession *session)
{
  VckcError *error = NULL;
  bool ok = vckc_block_session_close (session, &error);

  assert_ok (ok, error);
}

void
backend_fixture_assert_no_session (BackendFixture *fixture,
                                   VckcBlockSessionMode mode,
                                   VckcErrorCode code,
                                   const char *part)
{
  VckcError *error = NULL;

  g_assert_null (vckc_block_session_open (fixture->backend, &backend_fixture_machine,
                                          fixture->disks, G_N_ELEMENTS (fixture->disks), mode,
                                          &error));
  assert_error (error, code, part);
}

bool
backend_fixture_add (VckcBlockSession *session, guint disk, const char *name, VckcError **err)
{
  const VckcBlockBitmapRef refs[] = { { disk % 2, name }, { 1, name } };

  return vckc_block_session_add_bitmaps (session, refs, disk == 2 ? 2 : 1, err);
}

void
backend_fixture_add_at_once (BackendFixture *fixture, guint disk, const char *name)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  VckcError *error = NULL;
  bool ok = backend_fixture_add (session, disk, name, &error);

  assert_ok (ok, error);
  backend_fixture_close (session);
}

char *
backend_fixture_describe (VckcBlockSession *session, guint disk)
{
  g_autoptr (GPtrArray) bitmaps = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  VckcError *error = NULL;
  bool ok = vckc_block_session_list_bitmaps (session, disk, &bitmaps, &error);

  assert_ok (ok, error);
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      g_string_append_printf (
          text, "%s/%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "%s%s%s%s;", bitmap->name,
          bitmap->granularity, bitmap->dirty, bitmap->recording ? "+recording" : "",
          bitmap->persistent ? "+persistent" : "", bitmap->inconsistent ? "+inconsistent" : "",
          bitmap->busy ? "+busy" : "");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
backend_fixture_assert_bitmaps (BackendFixture *fixture, const char *on_vda, const char *on_vdb)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_READ);
  g_autofree char *a = backend_fixture_describe (session, 0);
  g_autofree char *b = backend_fixture_describe (session, 1);

  backend_fixture_close (session);
  g_assert_cmpstr (a, ==, on_vda);
  g_assert_cmpstr (b, ==, on_vdb);
}
