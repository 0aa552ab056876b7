/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-config.h"
#include "vck-private.h"

/**
 * VckCheckpointConfig:
 *
 * What a checkpoint that is to be created shall be, for [method@Domain.create_checkpoint].
 *
 * Every part may be left out: a new configuration stands for a checkpoint with a name that the
 * library chooses, which tracks all disks that can be tracked. [method@CheckpointConfig.track] and
 * [method@CheckpointConfig.skip] say it of a disk by its name,
 * [property@CheckpointConfig:disk-policy] of all others.
 *
 * A configuration belongs to no domain, and can be used for several. A call takes what it says when
 * it is made: what is changed later is for the next call. It may be used from one thread at a time.
 *
 * It says what a `<domaincheckpoint>` document can say of a new checkpoint; it is read from one and
 * written to one by the library's own parser and writer. What describes a checkpoint that existed
 * before, to redefine it, is only in a document: see [method@Domain.create_checkpoint_xml].
 *
 * Since: 1.0
 */
struct _VckCheckpointConfig
{
  GObject parent_instance;

  char *name;        /* (nullable) */
  char *description; /* (nullable) */
  VckDiskPolicy disk_policy;
  GListStore *disks; /* of VckCheckpointDiskConfig; owned reference; immutable */
};

enum
{
  PROP_NAME = 1,
  PROP_DESCRIPTION,
  PROP_DISK_POLICY,
  PROP_DISKS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpointConfig, vck_checkpoint_config, G_TYPE_OBJECT)

static void
vck_checkpoint_config_finalize (GObject *object)
{
  VckCheckpointConfig *self = VCK_CHECKPOINT_CONFIG (object);

  g_free (self->name);
  g_free (self->description);
  g_object_unref (self->disks);

  G_OBJECT_CLASS (vck_checkpoint_config_parent_class)->finalize (object);
}

static void
vck_checkpoint_config_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckCheckpointConfig *self = VCK_CHECKPOINT_CONFIG (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, self->description);
      break;
    case PROP_DISK_POLICY:
      g_value_set_enum (value, (gint) self->disk_policy);
      break;
    case PROP_DISKS:
      g_value_set_object (value, self->disks);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_config_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  VckCheckpointConfig *self = VCK_CHECKPOINT_CONFIG (object);

  switch (id)
    {
    case PROP_NAME:
      vck_checkpoint_config_set_name (self, g_value_get_string (value));
      break;
    case PROP_DESCRIPTION:
      vck_checkpoint_config_set_description (self, g_value_get_string (value));
      break;
    case PROP_DISK_POLICY:
      vck_checkpoint_config_set_disk_policy (self, (VckDiskPolicy) g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_config_class_init (VckCheckpointConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  object_class->finalize = vck_checkpoint_config_finalize;
  object_class->get_property = vck_checkpoint_config_get_property;
  object_class->set_property = vck_checkpoint_config_set_property;

  /**
   * VckCheckpointConfig:name:
   *
   * The name of the checkpoint; %NULL for a unique, sortable one that the library chooses.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string (
      "name", "Name", "The name of the checkpoint, or none to have one chosen", NULL, writable);

  /**
   * VckCheckpointConfig:description:
   *
   * What the checkpoint is for, in words; %NULL for nothing.
   *
   * Since: 1.0
   */
  props[PROP_DESCRIPTION] = g_param_spec_string ("description", "Description",
                                                 "What the checkpoint is for", NULL, writable);

  /**
   * VckCheckpointConfig:disk-policy:
   *
   * Which disks are tracked, of those that [property@CheckpointConfig:disks] does not list.
   *
   * Since: 1.0
   */
  props[PROP_DISK_POLICY] = g_param_spec_enum (
      "disk-policy", "Disk policy", "Which disks are tracked, of those that are not listed",
      VCK_TYPE_DISK_POLICY, VCK_DISK_POLICY_TRACKABLE, writable);

  /**
   * VckCheckpointConfig:disks:
   *
   * What the configuration says of disks by their names, in the order in which it was said.
   *
   * Since: 1.0
   */
  props[PROP_DISKS] =
      g_param_spec_object ("disks", "Disks", "What the configuration says of disks by their names",
                           G_TYPE_LIST_MODEL, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_config_init (VckCheckpointConfig *self)
{
  self->disk_policy = VCK_DISK_POLICY_TRACKABLE;
  self->disks = g_list_store_new (VCK_TYPE_CHECKPOINT_DISK_CONFIG);
}

/**
 * vck_checkpoint_config_new:
 *
 * Creates a configuration that says nothing yet: the name is chosen, and all disks that can be
 * tracked are.
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 1.0
 */
VckCheckpointConfig *
vck_checkpoint_config_new (void)
{
  return g_object_new (VCK_TYPE_CHECKPOINT_CONFIG, NULL);
}

static void
config_put_disk (VckCheckpointConfig *self,
                 const char *target,
                 gboolean tracked,
                 const char *bitmap)
{
  g_autoptr (VckCheckpointDiskConfig) disk =
      vck_checkpoint_disk_config_new (target, tracked, bitmap);
  GListModel *model = G_LIST_MODEL (self->disks);
  const guint n_disks = g_list_model_get_n_items (model);
  guint at = 0;

  for (; at < n_disks; at++)
    {
      g_autoptr (VckCheckpointDiskConfig) other = g_list_model_get_item (model, at);

      if (g_strcmp0 (vck_checkpoint_disk_config_get_target (other), target) == 0)
        break;
    }
  g_list_store_splice (self->disks, at, at < n_disks ? 1 : 0, (gpointer *) &disk, 1);
}

/**
 * vck_checkpoint_config_new_from_xml:
 * @xml: a `<domaincheckpoint>` document
 * @error: return location for an error
 *
 * Creates a configuration that says what a document says of a new checkpoint. Its policy is `ALL`
 * if the document has no `<disks>`, and `LISTED` if it has.
 *
 * `<parent>`, `<creationTime>` and `<domain>` must be valid, and are not kept: they describe a
 * checkpoint that exists. So a configuration that is made of the document of one stands for another
 * checkpoint of that name.
 *
 * Fails with [error@Vck.Error] `XML_ERROR` or `XML_INVALID_SCHEMA` when @xml cannot be understood.
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 1.0
 */
VckCheckpointConfig *
vck_checkpoint_config_new_from_xml (const char *xml, GError **error)
{
  VckcError *err = NULL;
  VckcCheckpointConfig *plain = NULL;
  VckCheckpointConfig *self = NULL;

  g_return_val_if_fail (xml != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plain = vckc_checkpoint_config_parse (xml, &err);
  if (plain == NULL)
    {
      g_propagate_error (error, vck_error_take (err));
      return NULL;
    }
  self = vck_checkpoint_config_new ();
  self->name = g_strdup (plain->name);
  self->description = g_strdup (plain->description);
  self->disk_policy = (VckDiskPolicy) plain->policy;
  for (guint i = 0; i < plain->n_disks; i++)
    {
      const VckcCheckpointDiskConfig *disk = &plain->disks[i];
      g_autoptr (VckCheckpointDiskConfig) config =
          vck_checkpoint_disk_config_new (disk->target, disk->tracked, disk->bitmap);

      g_list_store_append (self->disks, config);
    }
  vckc_checkpoint_config_free (plain);
  return self;
}

VckcCheckpointConfig *
vck_checkpoint_config_make_plain (VckCheckpointConfig *self)
{
  VckcCheckpointConfig *plain = g_new0 (VckcCheckpointConfig, 1);
  GListModel *model = self != NULL ? G_LIST_MODEL (self->disks) : NULL;

  if (self == NULL)
    return plain;
  plain->name = g_strdup (self->name);
  plain->description = g_strdup (self->description);
  plain->policy = (VckcDiskPolicy) self->disk_policy;
  plain->n_disks = g_list_model_get_n_items (model);
  plain->disks = g_new0 (VckcCheckpointDiskConfig, plain->n_disks);
  for (guint i = 0; i < plain->n_disks; i++)
    {
      g_autoptr (VckCheckpointDiskConfig) disk = g_list_model_get_item (model, i);

      plain->disks[i].target = g_strdup (vck_checkpoint_disk_config_get_target (disk));
      plain->disks[i].tracked = vck_checkpoint_disk_config_is_tracked (disk);
      plain->disks[i].bitmap = g_strdup (vck_checkpoint_disk_config_get_bitmap (disk));
    }
  return plain;
}

/**
 * vck_checkpoint_config_to_xml:
 * @self: a configuration
 * @error: return location for an error
 *
 * Writes the configuration as a `<domaincheckpoint>` document, to be kept or for
 * [method@Domain.create_checkpoint_xml].
 *
 * A document has no policy: it lists the disks that are tracked, or has no list and stands for the
 * policy `ALL`.
 *
 * Fails with [error@Vck.Error] `OPERATION_INVALID` when no document says what the policy says for
 * every domain: for the policy `TRACKABLE`, for `ALL` if a disk is listed, and for `LISTED` if none
 * is. Fails with `XML_ERROR` or `XML_INVALID_SCHEMA` when the name, a target or a text cannot be in
 * such a document.
 *
 * Returns: (transfer full): the document
 *
 * Since: 1.0
 */
char *
vck_checkpoint_config_to_xml (VckCheckpointConfig *self, GError **error)
{
  VckcError *err = NULL;
  VckcCheckpointConfig *plain = NULL;
  char *xml = NULL;

  g_return_val_if_fail (VCK_IS_CHECKPOINT_CONFIG (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plain = vck_checkpoint_config_make_plain (self);
  xml = vckc_checkpoint_config_format (plain, &err);
  vckc_checkpoint_config_free (plain);
  if (xml == NULL)
    g_propagate_error (error, vck_error_take (err));
  return xml;
}

/**
 * vck_checkpoint_config_get_name:
 * @self: a configuration
 *
 * Gets the name that the checkpoint shall have.
 *
 * Returns: (transfer none) (nullable): the name, which lives until another one is set; %NULL to
 *   have one chosen
 *
 * Since: 1.0
 */
const char *
vck_checkpoint_config_get_name (VckCheckpointConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_CONFIG (self), NULL);

  return self->name;
}

static void
config_set_text (VckCheckpointConfig *self, char **text, const char *value, guint property)
{
  char *old = *text;

  if (g_strcmp0 (old, value) == 0)
    return;
  *text = g_strdup (value);
  g_free (old);
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

/**
 * vck_checkpoint_config_set_name:
 * @self: a configuration
 * @name: (nullable): the name, of letters, digits, `_`, `-` and `.`, not beginning with `.`, and of
 *   at most 247 bytes; or %NULL to have one chosen
 *
 * Sets the name that the checkpoint shall have. It is checked when the configuration is used.
 *
 * Since: 1.0
 */
void
vck_checkpoint_config_set_name (VckCheckpointConfig *self, const char *name)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_CONFIG (self));

  config_set_text (self, &self->name, name, PROP_NAME);
}

/**
 * vck_checkpoint_config_get_description:
 * @self: a configuration
 *
 * Gets what the checkpoint is for, in words.
 *
 * Returns: (transfer none) (nullable): the description, which lives until another one is set; %NULL
 *   for none
 *
 * Since: 1.0
 */
const char *
vck_checkpoint_config_get_description (VckCheckpointConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_CONFIG (self), NULL);

  return self->description;
}

/**
 * vck_checkpoint_config_set_description:
 * @self: a configuration
 * @description: (nullable): what the checkpoint is for, in words, or %NULL for nothing
 *
 * Sets what the checkpoint is for.
 *
 * Since: 1.0
 */
void
vck_checkpoint_config_set_description (VckCheckpointConfig *self, const char *description)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_CONFIG (self));

  config_set_text (self, &self->description, description, PROP_DESCRIPTION);
}

/**
 * vck_checkpoint_config_get_disk_policy:
 * @self: a configuration
 *
 * Gets which disks are tracked, of those that are not listed.
 *
 * Returns: the policy
 *
 * Since: 1.0
 */
VckDiskPolicy
vck_checkpoint_config_get_disk_policy (VckCheckpointConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_CONFIG (self), VCK_DISK_POLICY_TRACKABLE);

  return self->disk_policy;
}

/**
 * vck_checkpoint_config_set_disk_policy:
 * @self: a configuration
 * @disk_policy: the policy
 *
 * Sets which disks are tracked, of those that are not listed.
 *
 * Since: 1.0
 */
void
vck_checkpoint_config_set_disk_policy (VckCheckpointConfig *self, VckDiskPolicy disk_policy)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_CONFIG (self));
  g_return_if_fail (disk_policy <= VCK_DISK_POLICY_ALL);

  if (self->disk_policy == disk_policy)
    return;
  self->disk_policy = disk_policy;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DISK_POLICY]);
}

/**
 * vck_checkpoint_config_get_disks:
 * @self: a configuration
 *
 * Gets what the configuration says of disks by their names. The list changes with the
 * configuration.
 *
 * Returns: (transfer none): the list of
 *   [class@CheckpointDiskConfig], which lives as long as @self
 *
 * Since: 1.0
 */
GListModel *
vck_checkpoint_config_get_disks (VckCheckpointConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_CONFIG (self), NULL);

  return G_LIST_MODEL (self->disks);
}

/**
 * vck_checkpoint_config_track:
 * @self: a configuration
 * @target: the name of a disk inside the domain, such as `vda`, or the absolute path of its image
 * @bitmap: (nullable): the name of its bitmap, or %NULL for the name of the checkpoint
 *
 * Has a disk tracked, whatever the policy says. If the disk cannot be tracked, creating the
 * checkpoint fails. What was said of that target before is replaced.
 *
 * Since: 1.0
 */
void
vck_checkpoint_config_track (VckCheckpointConfig *self, const char *target, const char *bitmap)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_CONFIG (self));
  g_return_if_fail (target != NULL);

  config_put_disk (self, target, TRUE, bitmap);
}

/**
 * vck_checkpoint_config_skip:
 * @self: a configuration
 * @target: the name of a disk inside the domain, such as `vda`, or the absolute path of its image
 *
 * Has a disk not tracked, whatever the policy says. What was said of that target before is
 * replaced.
 *
 * Since: 1.0
 */
void
vck_checkpoint_config_skip (VckCheckpointConfig *self, const char *target)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_CONFIG (self));
  g_return_if_fail (target != NULL);

  config_put_disk (self, target, FALSE, NULL);
}
