/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What configurations make of the disks of a domain. */

#include "../refusal.h"
#include "contract.h"

#define MAX_DISKS 4
#define TRACKABLE VCKC_DISK_POLICY_TRACKABLE
#define LISTED VCKC_DISK_POLICY_LISTED
#define ALL VCKC_DISK_POLICY_ALL
#define REST " vdc=no vdd=no vde=no vdf=no hda=no"
#define SKIP(target_)                                                                              \
  {                                                                                                \
    .target = (char *) target_                                                                     \
  }
#define TRACK(target_)                                                                             \
  {                                                                                                \
    .target = (char *) target_, .tracked = true                                                    \
  }
#define TRACK_AS(target_, bitmap_)                                                                 \
  {                                                                                                \
    (char *) target_, true, (char *) bitmap_                                                       \
  }

typedef struct
{
  const char *id;
  const char *name;
  VckcDiskPolicy policy;
  guint n_disks;
  VckcCheckpointDiskConfig disks[MAX_DISKS];
  int code;           /* expected VckcErrorCode; 0 for success */
  const char *expect; /* fixture_disks() afterwards */
} ConfigCase;

static const ConfigCase cases[] = {
  { "config-trackable", "a", TRACKABLE, 0, { { 0 } }, 0, "vda=bitmap:a vdb=bitmap:a" REST },
  { "config-skip", "a", TRACKABLE, 1, { SKIP ("vdb") }, 0, "vda=bitmap:a vdb=no" REST },
  { "config-skip-all",
    "a",
    LISTED,
    2,
    { SKIP ("vda"), SKIP ("vdb") },
    VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL },
  { "config-track",
    "a",
    TRACKABLE,
    1,
    { TRACK_AS ("@DIR@/b.qcow2", "b") },
    0,
    "vda=bitmap:a vdb=bitmap:b" REST },
  { "config-track-raw", "a", TRACKABLE, 1, { TRACK ("vdc") }, VCKC_ERROR_CONFIG_UNSUPPORTED, NULL },
  { "config-track-missing",
    "a",
    TRACKABLE,
    1,
    { TRACK ("vdz") },
    VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL },
  { "config-skip-missing",
    "a",
    TRACKABLE,
    1,
    { SKIP ("vdz") },
    VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL },
  { "config-twice",
    "a",
    TRACKABLE,
    2,
    { TRACK ("vda"), SKIP ("@DIR@/a.qcow2") },
    VCKC_ERROR_CONFIG_UNSUPPORTED,
    NULL },
  { "config-listed", "a", LISTED, 1, { TRACK ("vdb") }, 0, "vda=no vdb=bitmap:a" REST },
  { "config-none-listed", "a", LISTED, 0, { { 0 } }, VCKC_ERROR_CONFIG_UNSUPPORTED, NULL },
  { "config-all", "a", ALL, 0, { { 0 } }, VCKC_ERROR_CONFIG_UNSUPPORTED, NULL },
  { "config-all-but",
    "a",
    ALL,
    3,
    { SKIP ("vdc"), SKIP ("vde"), SKIP ("vdf") },
    0,
    "vda=bitmap:a vdb=bitmap:a" REST },
  { "config-no-target", "a", LISTED, 1, { TRACK (NULL) }, VCKC_ERROR_XML_INVALID_SCHEMA, NULL },
  { "config-name", "a/b", TRACKABLE, 0, { { 0 } }, VCKC_ERROR_XML_INVALID_SCHEMA, NULL },
  { "config-policy", "a", ALL + 1, 0, { { 0 } }, VCKC_ERROR_INVALID_ARG, NULL },
  { "config-no-disks", "a", LISTED, MAX_DISKS + 1, { { 0 } }, VCKC_ERROR_INVALID_ARG, NULL },
};

/* More disks than a case can have stand for an array that is NULL. */
static VckcDomainCheckpoint *
create_by_case (Fixture *fixture, const ConfigCase *self, VckcError **err)
{
  VckcCheckpointDiskConfig disks[MAX_DISKS];
  VckcCheckpointConfig config = { (char *) self->name, NULL, self->policy, self->n_disks, disks };
  const guint n_disks = self->n_disks <= MAX_DISKS ? self->n_disks : 0;
  VckcDomainCheckpoint *checkpoint;

  if (n_disks < self->n_disks)
    config.disks = NULL;
  for (guint i = 0; i < n_disks; i++)
    {
      const char *target = self->disks[i].target;

      disks[i] = self->disks[i];
      disks[i].target = target != NULL ? fixture_expand (fixture, target) : NULL;
    }
  checkpoint = vckc_domain_create_checkpoint (fixture->domain, &config, 0, err);
  for (guint i = 0; i < n_disks; i++)
    g_free (disks[i].target);
  return checkpoint;
}

static void
run_config_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const ConfigCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  const int code = difference != NULL ? difference->code : self->code;
  g_autofree char *disks = NULL;
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint = create_by_case (fixture, self, &error);

  if (code != 0)
    {
      g_assert_null (checkpoint);
      g_assert_nonnull (error);
      g_test_message ("%s", vckc_error_get_message (error));
      assert_refused (error, code);
      g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
      return;
    }
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  disks = fixture_disks (fixture, self->name, 0);
  g_assert_cmpstr (disks, ==, difference != NULL ? difference->expect : self->expect);
}

static void
assert_not_created (VckcDomain *domain, const VckcCheckpointConfig *config, int flags, int code)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_create_checkpoint (domain, config, (unsigned int) flags, &error));
  assert_refused (error, code);
}

/* A configuration has the flags, the names and the refusals of a document. */
static void
run_like_a_document (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcCheckpointDiskConfig disk = TRACK ("vda");
  VckcCheckpointConfig config = { NULL, (char *) "a < b", LISTED, 1, &disk };
  g_autoptr (VckcDomain) domain =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_create_checkpoint (fixture->domain, &config, 0, &error);
  char *description = NULL;

  g_assert_null (error);
  g_assert_cmpint (
      vckc_domain_checkpoint_get_details (checkpoint, &description, NULL, NULL, NULL, NULL, NULL),
      ==, 0);
  g_assert_cmpstr (description, ==, "a < b");
  g_free (description);

  config.name = (char *) vckc_domain_checkpoint_get_name (checkpoint, NULL);
  assert_not_created (fixture->domain, &config, 0, VCKC_ERROR_CHECKPOINT_EXISTS);
  config.name = NULL;
  assert_not_created (fixture->domain, &config, 1 << 3, VCKC_ERROR_INVALID_ARG);
  assert_not_created (fixture->domain, &config, VCKC_CHECKPOINT_CREATE_REDEFINE,
                      VCKC_ERROR_XML_ERROR);
  assert_not_created (fixture->domain, NULL, 0, VCKC_ERROR_INVALID_ARG);
  assert_not_created (NULL, &config, 0, VCKC_ERROR_INVALID_DOMAIN);
  assert_not_created (domain, &config, 0, VCKC_ERROR_OPERATION_DENIED);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
}

void
add_config_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_config_case, &cases[i]);
  add_case (target, "config-like-a-document", run_like_a_document, NULL);
}
