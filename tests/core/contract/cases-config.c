/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What configurations make of the disks of a domain. */

#include <stdlib.h>

#include "../refusal.h"
#include "contract.h"

#define MAX_DISKS 4
#define TRACKABLE VCKC_DISK_POLICY_TRACKABLE
#define LISTED VCKC_DISK_POLICY_LISTED
#define ALL VCKC_DISK_POLICY_ALL
#define REDEFINE VCKC_CHECKPOINT_CREATE_REDEFINE
#define VALIDATE VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE
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

/* "vda=bitmap:a vdb=no": as fixture_disks() has it of the checkpoint that was planned. */
static char *
describe_plan (VckcCheckpointPlan *plan, const char *checkpoint)
{
  GString *text = g_string_new (NULL);
  VckcCheckpointPlanDisk **disks = NULL;
  const int count = vckc_checkpoint_plan_list_disks (plan, &disks, NULL);

  for (int i = 0; i < count; i++)
    {
      const bool tracked = vckc_checkpoint_plan_disk_is_tracked (disks[i], NULL);
      const char *bitmap = vckc_checkpoint_plan_disk_get_bitmap (disks[i], NULL);
      const char *reason = vckc_checkpoint_plan_disk_get_reason (disks[i], NULL);

      g_assert_true (tracked == (reason == NULL));
      g_assert_true (tracked || bitmap == NULL);
      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "",
                              vckc_checkpoint_plan_disk_get_target (disks[i], NULL),
                              tracked ? "bitmap:" : "no");
      if (tracked)
        g_string_append (text, bitmap != NULL ? bitmap : checkpoint);
      vckc_checkpoint_plan_disk_unref (disks[i], NULL);
    }
  free (disks);
  return g_string_free (text, FALSE);
}

/* Plans twice, since the first plan must not have changed anything. */
static VckcCheckpointPlan *
plan_twice (Fixture *fixture,
            const VckcCheckpointConfig *config,
            unsigned int flags,
            VckcError **err)
{
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  const int n_checkpoints = vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL);
  g_autoptr (GBytes) before = fixture_read_image (fixture, "vda");
  VckcCheckpointPlan *first = vckc_domain_plan_checkpoint (reader, config, flags, NULL);
  VckcCheckpointPlan *plan = vckc_domain_plan_checkpoint (fixture->domain, config, flags, err);
  g_autoptr (GBytes) after = fixture_read_image (fixture, "vda");

  g_assert_true ((first == NULL) == (plan == NULL));
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==,
                   n_checkpoints);
  g_assert_true ((before == NULL) == (after == NULL));
  g_assert_true (before == NULL || g_bytes_equal (before, after));
  vckc_object_unref (first);
  return plan;
}

/* Creates a checkpoint, which must come out, or be refused, as its plan says. */
static VckcDomainCheckpoint *
create_as_planned (Fixture *fixture,
                   const VckcCheckpointConfig *config,
                   unsigned int flags,
                   VckcError **err)
{
  g_autoptr (VckcError) unplanned = NULL;
  VckcError *error = NULL;
  VckcCheckpointPlan *plan = plan_twice (fixture, config, flags, &unplanned);
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_create_checkpoint (fixture->domain, config, flags, &error);

  if ((plan == NULL) != (checkpoint == NULL)
      || (plan == NULL && vckc_error_get_code (unplanned) != vckc_error_get_code (error)))
    g_error ("planned: %s; created: %s", plan == NULL ? vckc_error_get_message (unplanned) : "well",
             checkpoint == NULL ? vckc_error_get_message (error) : "well");
  if (plan != NULL)
    {
      const char *name = vckc_domain_checkpoint_get_name (checkpoint, NULL);
      g_autofree char *planned = describe_plan (plan, name);
      g_autofree char *created = fixture_disks (fixture, name, 0);

      g_assert_cmpstr (vckc_checkpoint_plan_get_name (plan, NULL), ==, config->name);
      g_assert_cmpstr (planned, ==, created);
      vckc_object_unref (plan);
    }
  if (error != NULL)
    vckc_propagate_error (err, error);
  return checkpoint;
}

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
  checkpoint = create_as_planned (fixture, &config, 0, err);
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

static void
assert_not_planned (Fixture *fixture,
                    const VckcCheckpointConfig *config,
                    unsigned int flags,
                    int code)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (create_as_planned (fixture, config, flags, &error));
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
  g_autoptr (VckcDomainCheckpoint) checkpoint = create_as_planned (fixture, &config, 0, &error);
  char *description = NULL;

  g_assert_null (error);
  g_assert_cmpint (
      vckc_domain_checkpoint_get_details (checkpoint, &description, NULL, NULL, NULL, NULL, NULL),
      ==, 0);
  g_assert_cmpstr (description, ==, "a < b");
  g_free (description);

  config.name = (char *) vckc_domain_checkpoint_get_name (checkpoint, NULL);
  assert_not_planned (fixture, &config, 0, VCKC_ERROR_CHECKPOINT_EXISTS);
  config.name = NULL;
  assert_not_planned (fixture, &config, 1 << 3, VCKC_ERROR_INVALID_ARG);
  assert_not_planned (fixture, &config, REDEFINE, VCKC_ERROR_XML_ERROR);
  assert_not_planned (fixture, &config, VALIDATE, VCKC_ERROR_INVALID_ARG);
  assert_not_planned (fixture, NULL, 0, VCKC_ERROR_INVALID_ARG);
  assert_not_created (NULL, &config, 0, VCKC_ERROR_INVALID_DOMAIN);
  assert_not_created (domain, &config, 0, VCKC_ERROR_OPERATION_DENIED);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 1);
}

#define N_RANDOM 40

static const char *
pick (const char *const *choices, gsize n_choices)
{
  return choices[g_test_rand_int_range (0, (int) n_choices)];
}

/* One that may be right, or wrong in several ways. */
static void
fill_at_random (Fixture *fixture, VckcCheckpointConfig *config)
{
  static const char *const names[] = { NULL, "a", "b", "c", "d", "e", "other" };
  static const char *const targets[] = { "vda", "vdb", "vda", "vdb",
                                         "vdc", "vdd", "vdz", "@DIR@/a.qcow2" };
  const bool is_libvirt = g_str_has_prefix (fixture->target.name, "libvirt");
  /* virDomainCheckpointAlignDisks() leaks the name of a disk that is listed by its path. */
  const gsize n_targets = G_N_ELEMENTS (targets) - (is_libvirt ? 1 : 0);
  static const char *const bitmaps[] = { NULL, NULL, NULL, "own", "a" };

  /* Those that libvirt chooses are the same within a second. */
  config->name = (char *) pick (names, G_N_ELEMENTS (names));
  if (config->name == NULL && is_libvirt)
    config->name = (char *) "f";
  config->policy = (VckcDiskPolicy) g_test_rand_int_range (0, ALL + 1);
  config->n_disks = (guint) g_test_rand_int_range (0, MAX_DISKS);
  for (guint i = 0; i < config->n_disks; i++)
    {
      config->disks[i].target = fixture_expand (fixture, pick (targets, n_targets));
      config->disks[i].tracked = g_test_rand_int_range (0, 3) > 0;
      config->disks[i].bitmap = (char *) pick (bitmaps, G_N_ELEMENTS (bitmaps));
    }
}

/* Whatever is asked for, and whatever there is already. */
static void
run_planned_at_random (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  guint n_created = 0;

  /* libvirt does not say what is in the way. */
  if (!g_str_has_prefix (fixture->target.name, "libvirt"))
    fixture_run (fixture, "add vda other");
  for (guint i = 0; i < N_RANDOM; i++)
    {
      VckcCheckpointDiskConfig disks[MAX_DISKS];
      VckcCheckpointConfig config = { .disks = disks };
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;

      fill_at_random (fixture, &config);
      checkpoint = create_as_planned (fixture, &config, 0, &error);
      g_test_message ("%s", error != NULL ? vckc_error_get_message (error) : "created");
      for (guint disk = 0; disk < config.n_disks; disk++)
        g_free (config.disks[disk].target);
      if (checkpoint == NULL)
        continue;
      n_created++;
      if (g_test_rand_int_range (0, 2) == 0)
        g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, 0, NULL), ==, 0);
    }
  g_assert_cmpuint (n_created, >, 0);
  g_assert_cmpuint (n_created, <, N_RANDOM);
}

/* Once QEMU has ended. */
static void
run_planned_off (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcCheckpointConfig config = { .name = (char *) "a", .policy = TRACKABLE };
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;

  fixture_power_off (fixture);
  checkpoint = create_as_planned (fixture, &config, 0, &error);
  if (checkpoint == NULL)
    assert_refused (error, VCKC_ERROR_OPERATION_UNSUPPORTED);
  g_assert_true ((checkpoint == NULL) == g_str_has_prefix (fixture->target.name, "libvirt"));
}

static void
run_plan_handles (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcCheckpointConfig config = { .policy = TRACKABLE };
  VckcCheckpointPlan *other = (VckcCheckpointPlan *) fixture->domain;
  VckcCheckpointPlanDisk *disk = (VckcCheckpointPlanDisk *) fixture->domain;
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_plan_checkpoint (NULL, &config, 0, &error));
  assert_refused (error, VCKC_ERROR_INVALID_DOMAIN);
  g_assert_null (vckc_checkpoint_plan_get_name (other, NULL));
  g_assert_cmpint (vckc_checkpoint_plan_list_disks (other, NULL, NULL), ==, -1);
  g_assert_cmpint (vckc_checkpoint_plan_ref (other, NULL), ==, -1);
  g_assert_cmpint (vckc_checkpoint_plan_unref (NULL, NULL), ==, -1);
  g_assert_null (vckc_checkpoint_plan_disk_get_target (disk, NULL));
  g_assert_null (vckc_checkpoint_plan_disk_get_reason (disk, NULL));
  g_assert_null (vckc_checkpoint_plan_disk_get_bitmap (disk, NULL));
  g_assert_false (vckc_checkpoint_plan_disk_is_tracked (disk, NULL));
  g_assert_cmpint (vckc_checkpoint_plan_disk_ref (disk, NULL), ==, -1);
  g_assert_cmpint (vckc_checkpoint_plan_disk_unref (NULL, NULL), ==, -1);
}

void
add_config_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_config_case, &cases[i]);
  add_case (target, "config-like-a-document", run_like_a_document, NULL);
  add_case (target, "config-planned-at-random", run_planned_at_random, NULL);
  add_case (target, "config-planned-off", run_planned_off, NULL);
  add_case (target, "config-plan-handles", run_plan_handles, NULL);
}
