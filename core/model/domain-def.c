/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/domain-def.h"

#include <string.h>
#include <sys/un.h>

#include "xml/xml-format.h"

/* So that it can be part of a file name. */
#define MAX_NAME_SIZE 255

static void
disk_def_free (gpointer data)
{
  VckcDomainDiskDef *disk = data;

  g_ptr_array_unref (disk->images);
  g_free (disk->target);
  g_free (disk->source);
  g_free (disk->format);
  g_free (disk->bus);
  g_free (disk);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainDiskDef, disk_def_free)

/* The next node in document order, within the tree below `top`. */
static xmlNode *
next_node (xmlNode *node, const xmlNode *top)
{
  if (node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != top && node->next == NULL)
    node = node->parent;
  return node == top ? NULL : node->next;
}

/* --- reading --- */

char *
vckc_uuid_normalize (const char *uuid)
{
  char digits[33];
  guint n = 0;
  bool has_hyphens = strlen (uuid) == 36;

  for (const char *c = uuid; *c != '\0'; c++)
    {
      bool is_gap =
          has_hyphens && (n == 8 || n == 12 || n == 16 || n == 20) && *c == '-' && c[-1] != '-';

      if (is_gap)
        continue;
      if (!g_ascii_isxdigit (*c) || n == 32)
        return NULL;
      digits[n++] = g_ascii_tolower (*c);
    }
  if (n != 32)
    return NULL;
  return g_strdup_printf ("%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
                          digits + 20);
}

/* A path if it is one we know how to use. */
static char *
parse_source (const xmlNode *disk_node)
{
  g_autofree char *type = vckc_xml_attribute (disk_node, "type");
  const xmlNode *node = vckc_xml_child (disk_node, "source");
  g_autofree char *path = NULL;

  if (type == NULL || g_str_equal (type, "file"))
    path = vckc_xml_attribute (node, "file");
  else if (g_str_equal (type, "block"))
    path = vckc_xml_attribute (node, "dev");
  return path == NULL || *path == '\0' ? NULL : g_steal_pointer (&path);
}

/* A disk that is neither file nor block device, such as one on the network, is not empty
 * because it has no path. */
static bool
is_empty (const xmlNode *disk_node, const VckcDomainDiskDef *disk)
{
  g_autofree char *type = vckc_xml_attribute (disk_node, "type");
  bool is_local = type == NULL || g_str_equal (type, "file") || g_str_equal (type, "block");

  return disk->source == NULL && (is_local || vckc_xml_child (disk_node, "source") == NULL);
}

static VckcDomainDiskDef *
parse_disk (const xmlNode *node)
{
  g_autoptr (VckcDomainDiskDef) disk = g_new0 (VckcDomainDiskDef, 1);
  const xmlNode *target = vckc_xml_child (node, "target");
  g_autofree char *device = vckc_xml_attribute (node, "device");
  g_autofree char *type = vckc_xml_attribute (node, "type");

  disk->images = vckc_domain_images_parse (node);
  disk->target = vckc_xml_attribute (target, "dev");
  disk->bus = vckc_xml_attribute (target, "bus");
  disk->source = parse_source (node);
  disk->is_block = disk->source != NULL && g_strcmp0 (type, "block") == 0;
  disk->format = vckc_xml_attribute (vckc_xml_child (node, "driver"), "type");
  if (disk->format == NULL || *disk->format == '\0')
    {
      g_free (disk->format);
      disk->format = g_strdup ("raw");
    }
  disk->read_only = g_strcmp0 (device, "cdrom") == 0 || vckc_xml_child (node, "readonly") != NULL;
  disk->transient = vckc_xml_child (node, "transient") != NULL;
  disk->empty = is_empty (node, disk);
  return g_steal_pointer (&disk);
}

static bool
parse_disks (VckcDomainDef *def, const xmlNode *root, VckcError **err)
{
  g_autoptr (GHashTable) targets = g_hash_table_new (g_str_hash, g_str_equal);
  const xmlNode *node = vckc_xml_child (vckc_xml_child (root, "devices"), "disk");

  for (; node != NULL; node = vckc_xml_next (node, "disk"))
    {
      VckcDomainDiskDef *disk = parse_disk (node);

      g_ptr_array_add (def->disks, disk);
      if (!g_hash_table_add (targets, disk->target))
        {
          g_autofree char *shown = vckc_xml_tidy_message (disk->target);

          vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                          "domain '%s' has two disks with the target '%s'; give each disk a "
                          "target of its own",
                          def->name, shown);
          return false;
        }
    }
  return true;
}

static bool
has_control_character (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return true;
  return false;
}

/* The grammar has refused '/' and an empty name. */
static bool
check_name (const char *name, VckcError **err)
{
  const char *problem = NULL;
  g_autofree char *shown = NULL;

  if (strlen (name) > MAX_NAME_SIZE)
    problem = "it is longer than " G_STRINGIFY (MAX_NAME_SIZE) " bytes";
  else if (has_control_character (name))
    problem = "it contains a control character";
  if (problem == NULL)
    return true;

  shown = vckc_xml_tidy_message (name);
  vckc_set_error (err, VCKC_ERROR_XML_ERROR, "domain name '%s' cannot be used: %s; choose another",
                  shown, problem);
  return false;
}

/* The next of several nodes that is the element `machine` of our namespace. */
static const xmlNode *
find_machine (const xmlNode *node)
{
  for (; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && node->ns != NULL
        && xmlStrEqual (node->ns->href, BAD_CAST VCKC_DOMAIN_NAMESPACE)
        && xmlStrEqual (node->name, BAD_CAST "machine"))
      return node;
  return NULL;
}

/* Reads the path of a socket, of which there need not be one. */
static bool
parse_socket (const xmlNode *machine,
              const char *domain,
              const char *attribute,
              char **ret_path,
              VckcError **err)
{
  const gsize max_size = sizeof ((struct sockaddr_un *) NULL)->sun_path - 1;
  g_autofree char *path = vckc_xml_attribute (machine, attribute);
  g_autofree char *problem = NULL;
  g_autofree char *shown = NULL;

  if (path == NULL)
    return true;
  if (!g_path_is_absolute (path))
    problem = g_strdup ("must be the path of a socket and start with '/'");
  else if (strlen (path) > max_size)
    problem = g_strdup_printf ("is longer than the %" G_GSIZE_FORMAT " bytes that the path of a "
                               "socket can have",
                               max_size);
  if (problem == NULL)
    {
      *ret_path = g_steal_pointer (&path);
      return true;
    }
  shown = vckc_xml_tidy_message (path);
  vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                  "the %s='%s' of the element 'machine' of domain '%s' %s", attribute, shown,
                  domain, problem);
  return false;
}

/* Report an attribute that has no meaning: it is a mistake. */
static bool
check_machine_attributes (const xmlNode *machine, const char *domain, VckcError **err)
{
  for (const xmlAttr *attribute = machine->properties; attribute != NULL;
       attribute = attribute->next)
    if (attribute->ns == NULL && !xmlStrEqual (attribute->name, BAD_CAST "qmp")
        && !xmlStrEqual (attribute->name, BAD_CAST "agent"))
      {
        g_autofree char *shown = vckc_xml_tidy_message ((const char *) attribute->name);

        vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                        "the element 'machine' of domain '%s' has the unknown attribute '%s'; "
                        "there are 'qmp' and 'agent'",
                        domain, shown);
        return false;
      }
  return true;
}

static bool
parse_machine (VckcDomainDef *def, const xmlNode *root, VckcError **err)
{
  const xmlNode *machine = NULL;

  for (const xmlNode *metadata = vckc_xml_child (root, "metadata"); metadata != NULL;
       metadata = vckc_xml_next (metadata, "metadata"))
    for (const xmlNode *node = find_machine (metadata->children); node != NULL;
         node = find_machine (node->next))
      {
        if (machine != NULL)
          {
            vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                            "the metadata of domain '%s' has two 'machine' elements; leave one out",
                            def->name);
            return false;
          }
        machine = node;
      }
  return machine == NULL
         || (check_machine_attributes (machine, def->name, err)
             && parse_socket (machine, def->name, "qmp", &def->qmp_socket, err)
             && parse_socket (machine, def->name, "agent", &def->agent_socket, err));
}

/* Puts <uuid> right behind <name>. */
static void
write_uuid (xmlDoc *doc, const char *uuid)
{
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *node = vckc_xml_child (root, "uuid");

  if (node != NULL)
    {
      xmlUnlinkNode (node);
      xmlFreeNode (node);
    }
  node = xmlNewDocNode (doc, NULL, BAD_CAST "uuid", BAD_CAST uuid);
  xmlAddNextSibling (vckc_xml_child (root, "name"), node);
}

static guint
count_elements (xmlNode *top)
{
  guint n_elements = 0;

  for (xmlNode *node = top; node != NULL; node = next_node (node, top))
    if (node->type == XML_ELEMENT_NODE)
      n_elements++;
  return n_elements;
}

/* The parser has checked what was read. This is about what will be written, which may be
 * larger, have a UUID besides, and must be possible to read again. */
static bool
check_bounds (const VckcDomainDef *def, VckcError **err)
{
  xmlNode *root = xmlDocGetRootElement (def->doc);
  bool has_uuid = vckc_xml_child (root, "uuid") != NULL;
  g_autoptr (GString) text = g_string_new ("<uuid>00000000-0000-0000-0000-000000000000</uuid>\n");

  if (count_elements (root) + (has_uuid ? 0 : 1) > VCKC_XML_MAX_DOMAIN_ELEMENTS)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "the description of domain '%s' has more than the %d elements that are read, "
                      "a <uuid> among them",
                      def->name, VCKC_XML_MAX_DOMAIN_ELEMENTS);
      return false;
    }
  vckc_domain_def_format (def, true, text);
  return vckc_xml_check_size (text->len, "the normal form of the domain description", err);
}

static VckcDomainDef *
domain_def_alloc (xmlDoc *doc)
{
  VckcDomainDef *def = g_new0 (VckcDomainDef, 1);

  def->ref_count = 1;
  def->disks = g_ptr_array_new_with_free_func (disk_def_free);
  def->doc = doc;
  return def;
}

static VckcDomainDef *
new_from_doc (xmlDoc *doc /* (transfer full) */, VckcError **err)
{
  g_autoptr (VckcDomainDef) def = domain_def_alloc (doc);
  const xmlNode *root = xmlDocGetRootElement (doc);
  g_autofree char *uuid = vckc_xml_text (vckc_xml_child (root, "uuid"));

  def->name = vckc_xml_text (vckc_xml_child (root, "name"));
  if (!check_name (def->name, err) || !parse_disks (def, root, err)
      || !parse_machine (def, root, err) || !check_bounds (def, err))
    return NULL;
  if (uuid != NULL)
    {
      def->uuid = vckc_uuid_normalize (uuid);
      write_uuid (doc, def->uuid);
    }
  return g_steal_pointer (&def);
}

VckcDomainDef *
vckc_domain_def_parse (const char *text, VckcError **err)
{
  xmlDoc *doc = vckc_xml_parse (text, VCKC_XML_SCHEMA_DOMAIN, "domain description", err);

  return doc == NULL ? NULL : new_from_doc (doc, err);
}

VckcDomainDef *
vckc_domain_def_new_from_node (const xmlNode *node, VckcError **err)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");

  xmlDocSetRootElement (doc, xmlDocCopyNode ((xmlNode *) node, doc, 1));
  return new_from_doc (doc, err);
}

static void
copy_disks (VckcDomainDef *def, const GPtrArray *disks)
{
  for (guint i = 0; i < disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (disks, i);
      VckcDomainDiskDef *copy = g_new (VckcDomainDiskDef, 1);

      *copy = *disk;
      copy->target = g_strdup (disk->target);
      copy->source = g_strdup (disk->source);
      copy->format = g_strdup (disk->format);
      copy->bus = g_strdup (disk->bus);
      copy->images = g_ptr_array_ref (disk->images);
      g_ptr_array_add (def->disks, copy);
    }
}

VckcDomainDef *
vckc_domain_def_with_uuid (const VckcDomainDef *def, const char *uuid)
{
  VckcDomainDef *copy = domain_def_alloc (xmlCopyDoc (def->doc, 1));

  copy->name = g_strdup (def->name);
  copy->uuid = g_strdup (uuid);
  copy->qmp_socket = g_strdup (def->qmp_socket);
  copy->agent_socket = g_strdup (def->agent_socket);
  copy_disks (copy, def->disks);
  write_uuid (copy->doc, uuid);
  return copy;
}

VckcDomainDef *
vckc_domain_def_with_name (const VckcDomainDef *def, const char *name, VckcError **err)
{
  g_autoptr (xmlDoc) doc = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  xmlNode *node, *content;

  if (!g_utf8_validate (name, -1, NULL))
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "the new name of domain '%s' is not UTF-8",
                      def->name);
      return NULL;
    }
  doc = xmlCopyDoc (def->doc, 1);
  node = vckc_xml_child (xmlDocGetRootElement (doc), "name");
  xmlNodeSetContent (node, NULL);
  content = xmlNewDocText (doc, BAD_CAST name);
  xmlAddChild (node, content);
  vckc_xml_format_node (text, xmlDocGetRootElement (doc), 0);
  return vckc_domain_def_parse (text->str, err);
}

VckcDomainDef *
vckc_domain_def_ref (VckcDomainDef *def)
{
  g_atomic_int_inc (&def->ref_count);
  return def;
}

void
vckc_domain_def_unref (VckcDomainDef *def)
{
  if (def == NULL || !g_atomic_int_dec_and_test (&def->ref_count))
    return;
  g_free (def->name);
  g_free (def->uuid);
  g_free (def->qmp_socket);
  g_free (def->agent_socket);
  g_ptr_array_unref (def->disks);
  xmlFreeDoc (def->doc);
  g_free (def->elements[false]);
  g_free (def->elements[true]);
  g_free (def);
}

/* --- writing --- */

/* Secrets, omitted unless SECURE is set. */
static void
remove_secrets (xmlNode *node)
{
  static const char *const console_secrets[] = { "passwd", "passwdValidTo", NULL };

  if (xmlStrEqual (node->name, BAD_CAST "graphics"))
    for (guint i = 0; console_secrets[i] != NULL; i++)
      xmlUnsetNsProp (node, NULL, BAD_CAST console_secrets[i]);
}

static xmlDoc *
copy_without_secrets (xmlDoc *doc)
{
  xmlDoc *copy = xmlCopyDoc (doc, 1);
  xmlNode *root = xmlDocGetRootElement (copy);

  for (xmlNode *node = root; node != NULL; node = next_node (node, root))
    if (node->type == XML_ELEMENT_NODE)
      remove_secrets (node);
  return copy;
}

static void
format_level (const VckcDomainDef *def, bool secure, guint level, GString *out)
{
  g_autoptr (xmlDoc) copy = secure ? NULL : copy_without_secrets (def->doc);

  vckc_xml_format_node (out, xmlDocGetRootElement (secure ? def->doc : copy), level);
}

void
vckc_domain_def_format (const VckcDomainDef *def, bool secure, GString *out)
{
  format_level (def, secure, 0, out);
}

/* If two threads come here at the same time, one of them formats for nothing. */
const char *
vckc_domain_def_get_element (VckcDomainDef *def, bool secure)
{
  char *element = g_atomic_pointer_get (&def->elements[secure]);
  GString *out;

  if (element != NULL)
    return element;
  out = g_string_new (NULL);
  format_level (def, secure, 1, out);
  element = g_string_free (out, FALSE);
  if (g_atomic_pointer_compare_and_exchange (&def->elements[secure], NULL, element))
    return element;
  g_free (element);
  return g_atomic_pointer_get (&def->elements[secure]);
}

bool
vckc_domain_disk_def_may_have_bitmaps (const VckcDomainDiskDef *disk)
{
  return !disk->empty && g_strcmp0 (disk->format, "qcow2") == 0;
}

const VckcDomainDiskDef *
vckc_domain_def_find_disk (const VckcDomainDef *def, const char *target)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (g_str_equal (disk->target, target))
        return disk;
    }
  return NULL;
}

static bool
is_same_disk (const VckcDomainDiskDef *one, const VckcDomainDiskDef *other)
{
  return g_str_equal (one->target, other->target) && g_strcmp0 (one->source, other->source) == 0
         && g_strcmp0 (one->format, other->format) == 0 && g_strcmp0 (one->bus, other->bus) == 0
         && one->is_block == other->is_block && one->read_only == other->read_only
         && one->empty == other->empty && one->transient == other->transient;
}

bool
vckc_domain_def_has_same_disks (const VckcDomainDef *one, const VckcDomainDef *other)
{
  if (one->disks->len != other->disks->len || g_strcmp0 (one->qmp_socket, other->qmp_socket) != 0)
    return false;
  for (guint i = 0; i < one->disks->len; i++)
    if (!is_same_disk (one->disks->pdata[i], other->disks->pdata[i]))
      return false;
  return true;
}

char *
vckc_domain_def_describe_targets (const VckcDomainDef *def, const char *source)
{
  const guint max = 8;
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < def->disks->len && n <= max; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (source != NULL && g_strcmp0 (disk->source, source) != 0)
        continue;
      if (n++ < max)
        g_string_append_printf (text, "%s'%s'", n > 1 ? ", " : "", disk->target);
      else
        g_string_append (text, ", …");
    }
  return vckc_xml_tidy_message (text->str);
}
