/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stopped-fixture.h"

#include "assert-error.h"
#include "image-fixture.h"

void
stopped_fixture_init (StoppedFixture *fixture)
{
  g_autofree char *uri = NULL;
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
}

void
stopped_fixture_clear (StoppedFixture *fixture)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_assert_no_child ();
  image_fixture_remove (fixture->folder);
}
