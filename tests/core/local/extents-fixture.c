/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "extents-fixture.h"

void
extents_fixture_begin (ExtentsFixture *fixture)
{
  fixture->folder = image_fixture_new ();
  fixture->n_files = image_fixture_count_files ();
  fixture->image = g_build_filename (fixture->folder, "disk.qcow2", NULL);
}

void
extents_fixture_define (ExtentsFixture *fixture)
{
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>vm</name><memory>1</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda'/></disk></devices></domain>",
      fixture->image);
  VckcError *error = NULL;

  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  fixture->domain = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (fixture->domain != NULL, error);
}

void
extents_fixture_end (ExtentsFixture *fixture)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  g_free (fixture->image);
  image_fixture_remove (fixture->folder);
}

VckcDomainCheckpoint *
extents_fixture_create (ExtentsFixture *fixture, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);

  assert_ok (checkpoint != NULL, error);
  return checkpoint;
}
