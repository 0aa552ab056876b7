/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "vck-config.h"
#include "vck-private.h"

/**
 * VckDomainConfig:
 *
 * What a domain that is to be defined shall be, for [method@Connection.define_domain].
 *
 * It says what Vck itself knows of a domain: its name, its UUID, its disks, and the sockets where a
 * QEMU that runs can be reached. [ctor@DomainConfig.new_from_images] needs no more than the images.
 *
 * A configuration belongs to no connection. A call takes what it says when it is made: what is
 * changed later is for the next call. It may be used from one thread at a time.
 *
 * It is read from a `<domain>` document and written to one by the library's own parser and writer.
 * What libvirt needs besides to run a domain, such as its memory, is only in a document: see
 * [method@Connection.define_domain_xml].
 *
 * Since: 1.0
 */
struct _VckDomainConfig
{
  GObject parent_instance;

  char *name;         /* (nullable) */
  char *uuid;         /* (nullable) */
  char *qmp_socket;   /* (nullable) */
  char *agent_socket; /* (nullable) */
  GListStore *disks;  /* of VckDomainDiskConfig; owned reference; immutable */
};

enum
{
  PROP_NAME = 1,
  PROP_UUID,
  PROP_QMP_SOCKET,
  PROP_AGENT_SOCKET,
  PROP_DISKS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckDomainConfig, vck_domain_config, G_TYPE_OBJECT)

static void
vck_domain_config_finalize (GObject *object)
{
  VckDomainConfig *self = VCK_DOMAIN_CONFIG (object);

  g_free (self->name);
  g_free (self->uuid);
  g_free (self->qmp_socket);
  g_free (self->agent_socket);
  g_object_unref (self->disks);

  G_OBJECT_CLASS (vck_domain_config_parent_class)->finalize (object);
}

static void
vck_domain_config_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDomainConfig *self = VCK_DOMAIN_CONFIG (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_UUID:
      g_value_set_string (value, self->uuid);
      break;
    case PROP_QMP_SOCKET:
      g_value_set_string (value, self->qmp_socket);
      break;
    case PROP_AGENT_SOCKET:
      g_value_set_string (value, self->agent_socket);
      break;
    case PROP_DISKS:
      g_value_set_object (value, self->disks);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_domain_config_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  VckDomainConfig *self = VCK_DOMAIN_CONFIG (object);

  switch (id)
    {
    case PROP_NAME:
      vck_domain_config_set_name (self, g_value_get_string (value));
      break;
    case PROP_UUID:
      vck_domain_config_set_uuid (self, g_value_get_string (value));
      break;
    case PROP_QMP_SOCKET:
      vck_domain_config_set_qmp_socket (self, g_value_get_string (value));
      break;
    case PROP_AGENT_SOCKET:
      vck_domain_config_set_agent_socket (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_domain_config_class_init (VckDomainConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  object_class->finalize = vck_domain_config_finalize;
  object_class->get_property = vck_domain_config_get_property;
  object_class->set_property = vck_domain_config_set_property;

  /**
   * VckDomainConfig:name:
   *
   * The name of the domain; it must be set before the configuration is used.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", "Name", "The name of the domain", NULL, writable);

  /**
   * VckDomainConfig:uuid:
   *
   * The UUID of the domain; %NULL for that of the domain that has this name already, or for a
   * random one.
   *
   * Since: 1.0
   */
  props[PROP_UUID] = g_param_spec_string (
      "uuid", "UUID", "The UUID of the domain, or none to have one chosen", NULL, writable);

  /**
   * VckDomainConfig:qmp-socket:
   *
   * The absolute path of the Unix socket where QEMU speaks QMP, for Vck alone; %NULL if the domain
   * never runs. `local:` uses it.
   *
   * Since: 1.0
   */
  props[PROP_QMP_SOCKET] = g_param_spec_string (
      "qmp-socket", "QMP socket", "The path of the socket where QEMU speaks QMP", NULL, writable);

  /**
   * VckDomainConfig:agent-socket:
   *
   * The absolute path of the Unix socket of the guest agent, for [flags@CheckpointCreateFlags]
   * `QUIESCE`; %NULL for none. `local:` uses it.
   *
   * Since: 1.0
   */
  props[PROP_AGENT_SOCKET] = g_param_spec_string (
      "agent-socket", "Agent socket", "The path of the socket of the guest agent", NULL, writable);

  /**
   * VckDomainConfig:disks:
   *
   * The disks of the domain, in the order in which they were added.
   *
   * Since: 1.0
   */
  props[PROP_DISKS] = g_param_spec_object ("disks", "Disks", "The disks of the domain",
                                           G_TYPE_LIST_MODEL, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_domain_config_init (VckDomainConfig *self)
{
  self->disks = g_list_store_new (VCK_TYPE_DOMAIN_DISK_CONFIG);
}

/**
 * vck_domain_config_new:
 * @name: (nullable): the name of the domain; %NULL to set it later
 *
 * Creates a configuration of a domain that has no disk yet.
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 1.0
 */
VckDomainConfig *
vck_domain_config_new (const char *name)
{
  return g_object_new (VCK_TYPE_DOMAIN_CONFIG, "name", name, NULL);
}

/* "vda" to "vdz", then "vdaa" and so on. */
static char *
domain_config_make_target (guint number)
{
  GString *target = g_string_new (NULL);

  for (guint rest = number + 1; rest > 0; rest = (rest - 1) / 26)
    g_string_prepend_c (target, (char) ('a' + (rest - 1) % 26));
  g_string_prepend (target, "vd");
  return g_string_free (target, FALSE);
}

/* The name of a file without its folder and its suffix. */
static char *
domain_config_make_name (const char *path)
{
  char *name = g_path_get_basename (path);
  char *dot = strrchr (name, '.');

  if (dot != NULL && dot > name)
    *dot = '\0';
  return name;
}

/**
 * vck_domain_config_new_from_images:
 * @images: (array zero-terminated=1): the paths of images in the format qcow2
 *
 * Creates a configuration of a domain that has these images as its disks `vda`, `vdb` and so on.
 * The domain has the name of the first file, without its suffix: of `/vm/web.qcow2`, `web`.
 *
 * The images are not opened. A relative path is taken from the current directory. A disk in another
 * format is added with [method@DomainConfig.add_disk].
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 1.0
 */
VckDomainConfig *
vck_domain_config_new_from_images (const char *const *images)
{
  VckDomainConfig *self = NULL;

  g_return_val_if_fail (images != NULL, NULL);

  self = vck_domain_config_new (NULL);
  if (images[0] != NULL)
    self->name = domain_config_make_name (images[0]);
  for (guint i = 0; images[i] != NULL; i++)
    {
      g_autofree char *target = domain_config_make_target (i);

      vck_domain_config_add_disk (self, target, images[i], NULL);
    }
  return self;
}

/**
 * vck_domain_config_new_from_xml:
 * @xml: a `<domain>` document
 * @error: return location for an error
 *
 * Creates a configuration that says what a document says of a domain, as far as it can: the name,
 * the UUID, the sockets of QEMU, and the disks that are written and kept. Disks that are empty,
 * read-only, transient, or neither a file nor a block device are left out, and so is the rest of
 * the document.
 *
 * Fails with [error@Vck.Error] `XML_ERROR` or `XML_INVALID_SCHEMA` when @xml cannot be understood.
 *
 * Returns: (transfer full): a new configuration
 *
 * Since: 1.0
 */
VckDomainConfig *
vck_domain_config_new_from_xml (const char *xml, GError **error)
{
  VckcError *err = NULL;
  VckcDomainConfig *plain = NULL;
  VckDomainConfig *self = NULL;

  g_return_val_if_fail (xml != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plain = vckc_domain_config_parse (xml, &err);
  if (plain == NULL)
    {
      g_propagate_error (error, vck_error_take (err));
      return NULL;
    }
  self = vck_domain_config_new (plain->name);
  self->uuid = g_strdup (plain->uuid);
  self->qmp_socket = g_strdup (plain->qmp_socket);
  self->agent_socket = g_strdup (plain->agent_socket);
  for (guint i = 0; i < plain->n_disks; i++)
    {
      const VckcDomainDiskConfig *disk = &plain->disks[i];
      g_autoptr (VckDomainDiskConfig) config =
          vck_domain_disk_config_new (disk->target, disk->source, disk->format);

      g_list_store_append (self->disks, config);
    }
  vckc_domain_config_free (plain);
  return self;
}

VckcDomainConfig *
vck_domain_config_make_plain (VckDomainConfig *self)
{
  VckcDomainConfig *plain = g_new0 (VckcDomainConfig, 1);
  GListModel *model = G_LIST_MODEL (self->disks);

  plain->name = g_strdup (self->name);
  plain->uuid = g_strdup (self->uuid);
  plain->qmp_socket = g_strdup (self->qmp_socket);
  plain->agent_socket = g_strdup (self->agent_socket);
  plain->n_disks = g_list_model_get_n_items (model);
  plain->disks = g_new0 (VckcDomainDiskConfig, plain->n_disks);
  for (guint i = 0; i < plain->n_disks; i++)
    {
      g_autoptr (VckDomainDiskConfig) disk = g_list_model_get_item (model, i);

      plain->disks[i].target = g_strdup (vck_domain_disk_config_get_target (disk));
      plain->disks[i].source = g_strdup (vck_domain_disk_config_get_source (disk));
      plain->disks[i].format = g_strdup (vck_domain_disk_config_get_format (disk));
    }
  return plain;
}

/**
 * vck_domain_config_to_xml:
 * @self: a configuration
 * @error: return location for an error
 *
 * Writes the configuration as a `<domain>` document, to be kept or for
 * [method@Connection.define_domain_xml].
 *
 * Fails with [error@Vck.Error] `XML_ERROR` or `XML_INVALID_SCHEMA` when the configuration has no
 * name, when two disks have the same target, or when a text cannot be in such a document, and with
 * `INVALID_ARG` when the path of an image is relative, as it can be in a document.
 *
 * Returns: (transfer full): the document
 *
 * Since: 1.0
 */
char *
vck_domain_config_to_xml (VckDomainConfig *self, GError **error)
{
  VckcError *err = NULL;
  VckcDomainConfig *plain = NULL;
  char *xml = NULL;

  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plain = vck_domain_config_make_plain (self);
  xml = vckc_domain_config_format (plain, &err);
  vckc_domain_config_free (plain);
  if (xml == NULL)
    g_propagate_error (error, vck_error_take (err));
  return xml;
}

static void
domain_config_set_text (VckDomainConfig *self, char **text, const char *value, guint property)
{
  char *old = *text;

  if (g_strcmp0 (old, value) == 0)
    return;
  *text = g_strdup (value);
  g_free (old);
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

/**
 * vck_domain_config_get_name:
 * @self: a configuration
 *
 * Gets the name of the domain.
 *
 * Returns: (transfer none) (nullable): the name, which lives until another one is set; %NULL if
 *   none is set
 *
 * Since: 1.0
 */
const char *
vck_domain_config_get_name (VckDomainConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);

  return self->name;
}

/**
 * vck_domain_config_set_name:
 * @self: a configuration
 * @name: (nullable): the name, without `/` and control characters, and of at most 255 bytes; %NULL
 *   for none yet
 *
 * Sets the name of the domain. It is checked when the configuration is used.
 *
 * Since: 1.0
 */
void
vck_domain_config_set_name (VckDomainConfig *self, const char *name)
{
  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (self));

  domain_config_set_text (self, &self->name, name, PROP_NAME);
}

/**
 * vck_domain_config_get_uuid:
 * @self: a configuration
 *
 * Gets the UUID that the domain shall have.
 *
 * Returns: (transfer none) (nullable): the UUID, which lives until another one is set; %NULL for
 *   that of a domain of this name, or for a random one
 *
 * Since: 1.0
 */
const char *
vck_domain_config_get_uuid (VckDomainConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);

  return self->uuid;
}

/**
 * vck_domain_config_set_uuid:
 * @self: a configuration
 * @uuid: (nullable): the UUID, as 32 hexadecimal digits with or without the usual
 *   hyphens; %NULL for that of a
 *   domain of this name, or for a random one
 *
 * Sets the UUID that the domain shall have. It is checked when the configuration is used.
 *
 * Since: 1.0
 */
void
vck_domain_config_set_uuid (VckDomainConfig *self, const char *uuid)
{
  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (self));

  domain_config_set_text (self, &self->uuid, uuid, PROP_UUID);
}

/**
 * vck_domain_config_get_qmp_socket:
 * @self: a configuration
 *
 * Gets the path of the socket where QEMU speaks QMP.
 *
 * Returns: (transfer none) (nullable): the path, which lives until another one is set; %NULL
 *   for none
 *
 * Since: 1.0
 */
const char *
vck_domain_config_get_qmp_socket (VckDomainConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);

  return self->qmp_socket;
}

/**
 * vck_domain_config_set_qmp_socket:
 * @self: a configuration
 * @qmp_socket: (nullable): the absolute path; %NULL for none
 *
 * Sets the path of the socket where QEMU speaks QMP. It is checked when the configuration is used.
 *
 * Since: 1.0
 */
void
vck_domain_config_set_qmp_socket (VckDomainConfig *self, const char *qmp_socket)
{
  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (self));

  domain_config_set_text (self, &self->qmp_socket, qmp_socket, PROP_QMP_SOCKET);
}

/**
 * vck_domain_config_get_agent_socket:
 * @self: a configuration
 *
 * Gets the path of the socket of the guest agent.
 *
 * Returns: (transfer none) (nullable): the path, which lives until another one is set; %NULL
 *   for none
 *
 * Since: 1.0
 */
const char *
vck_domain_config_get_agent_socket (VckDomainConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);

  return self->agent_socket;
}

/**
 * vck_domain_config_set_agent_socket:
 * @self: a configuration
 * @agent_socket: (nullable): the absolute path; %NULL for none
 *
 * Sets the path of the socket of the guest agent. It is checked when the configuration is used.
 *
 * Since: 1.0
 */
void
vck_domain_config_set_agent_socket (VckDomainConfig *self, const char *agent_socket)
{
  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (self));

  domain_config_set_text (self, &self->agent_socket, agent_socket, PROP_AGENT_SOCKET);
}

/**
 * vck_domain_config_get_disks:
 * @self: a configuration
 *
 * Gets the disks. The list changes with the configuration.
 *
 * Returns: (transfer none): the list of [class@DomainDiskConfig], which lives as long as @self
 *
 * Since: 1.0
 */
GListModel *
vck_domain_config_get_disks (VckDomainConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_CONFIG (self), NULL);

  return G_LIST_MODEL (self->disks);
}

/**
 * vck_domain_config_add_disk:
 * @self: a configuration
 * @target: the name of the disk inside the domain, such as `vda`
 * @source: the path of its image, or of a block device below `/dev`; a relative one is taken from
 *   the current directory
 * @format: (nullable): the format of the image, such as `raw`; %NULL for `qcow2`, the only one in
 *   which a disk can be tracked
 *
 * Adds a disk. The image is not opened.
 *
 * Since: 1.0
 */
void
vck_domain_config_add_disk (VckDomainConfig *self,
                            const char *target,
                            const char *source,
                            const char *format)
{
  g_autofree char *path = NULL;
  g_autoptr (VckDomainDiskConfig) disk = NULL;

  g_return_if_fail (VCK_IS_DOMAIN_CONFIG (self));
  g_return_if_fail (target != NULL && source != NULL);

  /* Defining refuses an empty one; the current directory is not meant. */
  path = *source == '\0' || g_path_is_absolute (source) ? g_strdup (source)
                                                        : g_canonicalize_filename (source, NULL);
  disk = vck_domain_disk_config_new (target, path, format != NULL ? format : "qcow2");
  g_list_store_append (self->disks, disk);
}
