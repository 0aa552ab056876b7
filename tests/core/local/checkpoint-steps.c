/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "checkpoint-steps.h"

#include "assert-error.h"

void
create_checkpoint (VckcDomain *domain, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_create_xml (domain, xml, 0, &error);

  assert_ok (checkpoint != NULL, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}

void
delete_checkpoint (VckcDomain *domain, const char *name)
{
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (domain, name, 0, &error);
  bool deleted;

  assert_ok (checkpoint != NULL, error);
  deleted = vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0;
  assert_ok (deleted, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}
