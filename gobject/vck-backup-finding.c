/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackupFinding:
 *
 * One thing that [method@Repository.verify] found in the backups of a domain.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBackupFinding
{
  GObject parent_instance;

  VckcBackupFinding *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_KIND = 1,
  PROP_DOMAIN_UUID,
  PROP_BACKUP,
  PROP_DISK,
  PROP_MESSAGE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackupFinding, vck_backup_finding, G_TYPE_OBJECT)

static void
vck_backup_finding_finalize (GObject *object)
{
  VckBackupFinding *self = VCK_BACKUP_FINDING (object);

  if (self->handle != NULL)
    vckc_backup_finding_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_backup_finding_parent_class)->finalize (object);
}

static void
vck_backup_finding_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBackupFinding *handle = VCK_BACKUP_FINDING (object)->handle;

  switch (id)
    {
    case PROP_KIND:
      g_value_set_enum (value, (int) vckc_backup_finding_get_kind (handle, NULL));
      break;
    case PROP_DOMAIN_UUID:
      g_value_set_string (value, vckc_backup_finding_get_domain_uuid (handle, NULL));
      break;
    case PROP_BACKUP:
      g_value_set_string (value, vckc_backup_finding_get_backup (handle, NULL));
      break;
    case PROP_DISK:
      g_value_set_string (value, vckc_backup_finding_get_disk (handle, NULL));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, vckc_backup_finding_get_message (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_finding_class_init (VckBackupFindingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_finding_finalize;
  object_class->get_property = vck_backup_finding_get_property;

  /**
   * VckBackupFinding:kind:
   *
   * What is wrong.
   *
   * Since: 1.0
   */
  props[PROP_KIND] =
      g_param_spec_enum ("kind", "Kind", "What kind of problem it is", VCK_TYPE_BACKUP_FINDING_KIND,
                         VCK_BACKUP_FINDING_MANIFEST, flags);

  /**
   * VckBackupFinding:domain-uuid:
   *
   * The UUID of the domain.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN_UUID] =
      g_param_spec_string ("domain-uuid", "Domain UUID", "The UUID of the domain", NULL, flags);

  /**
   * VckBackupFinding:backup:
   *
   * The id of the backup.
   *
   * Since: 1.0
   */
  props[PROP_BACKUP] =
      g_param_spec_string ("backup", "Backup", "The id of the backup", NULL, flags);

  /**
   * VckBackupFinding:disk:
   *
   * The target name of the disk it is about, such as `vda`; %NULL if it is about none.
   *
   * Since: 1.0
   */
  props[PROP_DISK] = g_param_spec_string (
      "disk", "Disk", "The target name of the disk it is about, such as vda", NULL, flags);

  /**
   * VckBackupFinding:message:
   *
   * What is wrong, human-readable.
   *
   * Since: 1.0
   */
  props[PROP_MESSAGE] =
      g_param_spec_string ("message", "Message", "What is wrong, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_finding_init (VckBackupFinding *self)
{
}

VckcBackupFinding *
vck_backup_finding_get_handle (VckBackupFinding *self)
{
  return self->handle;
}

VckBackupFinding *
vck_backup_finding_wrap (gpointer origin, VckcBackupFinding *handle)
{
  VckBackupFinding *self = g_object_new (VCK_TYPE_BACKUP_FINDING, NULL);

  self->handle = handle;
  return self;
}
