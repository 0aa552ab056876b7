/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/domain-def.h"

#include <string.h>

#include "golden.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static VckcDomainDef *
parse (const char *text)
{
  VckcError *error = NULL;
  VckcDomainDef *def = vckc_domain_def_parse (text, &error);

  g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
  g_assert_nonnull (def);
  return def;
}

static char *
format (const VckcDomainDef *def, bool secure)
{
  GString *out = g_string_new (NULL);

  vckc_domain_def_format (def, secure, out);
  return g_string_free (out, FALSE);
}

static char *
make_normal_form (const char *text, VckcError **err)
{
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (text, err);

  return def != NULL ? format (def, true) : NULL;
}

/* --- disks --- */

typedef struct
{
  const char *name;
  const char *xml;      /* of the disk */
  const char *expected; /* target source format bus, then what it is */
} DiskCase;

static const DiskCase disk_cases[] = {
  { "file",
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='/a'/><target dev='vda' bus='virtio'/></disk>",
    "vda /a qcow2 virtio" },
  { "block",
    "<disk type='block'><driver type='qcow2'/><source dev='/dev/x'/>"
    "<target dev='sda' bus='scsi'/></disk>",
    "sda /dev/x qcow2 scsi" },
  { "default-type", "<disk><source file='/a'/><target dev='vda'/></disk>", "vda /a raw -" },
  { "default-format",
    "<disk type='file'><driver name='qemu'/><source file='/a'/>"
    "<target dev='vda'/></disk>",
    "vda /a raw -" },
  { "empty-format",
    "<disk type='file'><driver type=''/><source file='/a'/>"
    "<target dev='vda'/></disk>",
    "vda /a raw -" },
  { "any-order",
    "<disk type='file'><target dev='vda'/><source file='/a'/>"
    "<driver type='qcow2'/></disk>",
    "vda /a qcow2 -" },
  { "read-only", "<disk type='file'><source file='/a'/><target dev='vda'/><readonly/></disk>",
    "vda /a raw - read-only" },
  { "transient",
    "<disk type='file'><source file='/a'/><target dev='vda'/>"
    "<transient shareBacking='yes'/></disk>",
    "vda /a raw - transient" },
  { "cdrom", "<disk type='file' device='cdrom'><source file='/a'/><target dev='hda'/></disk>",
    "hda /a raw - read-only" },
  { "empty-cdrom", "<disk type='file' device='cdrom'><target dev='hda'/></disk>",
    "hda - raw - read-only empty" },
  { "empty-floppy", "<disk type='file' device='floppy'><target dev='fda'/></disk>",
    "fda - raw - empty" },
  { "empty-path", "<disk type='file' device='floppy'><source file=''/><target dev='fda'/></disk>",
    "fda - raw - empty" },
  { "network",
    "<disk type='network'><driver type='raw'/><source protocol='nbd' name='x'>"
    "<host name='h'/></source><target dev='vda'/></disk>",
    "vda - raw -" },
  { "volume-without-source", "<disk type='volume' device='cdrom'><target dev='hda'/></disk>",
    "hda - raw - read-only empty" },
  { "wrong-attribute",
    "<disk type='block' device='cdrom'><source file='/a'/>"
    "<target dev='hda'/></disk>",
    "hda - raw - read-only empty" },
  { "backing-file",
    "<disk type='file'><driver type='qcow2'/><source file='/a'><seclabel/></source>"
    "<backingStore type='file'><format type='raw'/><source file='/b'/>"
    "</backingStore><target dev='vda'/></disk>",
    "vda /a qcow2 -" },
  { "nvme", "<disk type='file'><source file='/a'/><target dev='nvme0n1' bus='nvme'/></disk>",
    "nvme0n1 /a raw nvme" },
  { "foreign-elements",
    "<disk type='file'><x:source xmlns:x='urn:x' file='/b'/>"
    "<source file='/a'/><target dev='vda'/>"
    "<x:readonly xmlns:x='urn:x'/></disk>",
    "vda /a raw -" },
};

static char *
describe_disk (const VckcDomainDiskDef *disk)
{
  return g_strdup_printf ("%s %s %s %s%s%s%s", disk->target,
                          disk->source != NULL ? disk->source : "-", disk->format,
                          disk->bus != NULL ? disk->bus : "-", disk->read_only ? " read-only" : "",
                          disk->transient ? " transient" : "", disk->empty ? " empty" : "");
}

static void
test_disk (gconstpointer data)
{
  const DiskCase *disk_case = data;
  g_autofree char *text =
      g_strdup_printf ("<domain><name>a</name><devices>%s</devices></domain>", disk_case->xml);
  g_autoptr (VckcDomainDef) def = parse (text);
  g_autofree char *description = NULL;

  g_assert_cmpuint (def->disks->len, ==, 1);
  description = describe_disk (g_ptr_array_index (def->disks, 0));
  g_assert_cmpstr (description, ==, disk_case->expected);
}

static void
test_disks (void)
{
  g_autofree char *text = golden_read ("t.xml");
  g_autoptr (VckcDomainDef) def = parse (text);
  g_autoptr (GString) targets = g_string_new (NULL);

  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_string_append_printf (targets, "%s ", disk->target);
      g_assert_true (vckc_domain_def_find_disk (def, disk->target) == disk);
    }
  g_assert_cmpstr (targets->str, ==, "vda vdb vdc vdd vde vdf hda ");
  g_assert_null (vckc_domain_def_find_disk (def, "vdz"));
}

/* The image that is written to and those below it, as libvirt reports them of a running domain. */
static const char images_text[] =
    "<domain><name>a</name><devices><disk type='file'><target dev='vda'/>"
    "<source file='/top' index='2'/>"
    "<backingStore type='block' index='1'><source dev='/dev/below'/>"
    "<backingStore type='volume'><source pool='p' volume='v'/>"
    "<backingStore/></backingStore></backingStore></disk></devices></domain>";

static char *
describe_images (const VckcDomainDef *def)
{
  const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, 0);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < disk->images->len; i++)
    {
      const VckcDomainImage *image = g_ptr_array_index (disk->images, i);

      g_string_append_printf (text, "%s %s/%s %s;", image->path != NULL ? image->path : "-",
                              image->pool != NULL ? image->pool : "-",
                              image->volume != NULL ? image->volume : "-",
                              image->index != NULL ? image->index : "-");
    }
  return g_string_free (text, FALSE);
}

static void
test_images (void)
{
  const char *const expected = "/top -/- 2;/dev/below -/- 1;- p/v -;";
  g_autoptr (VckcDomainDef) def = parse (images_text);
  g_autoptr (VckcDomainDef) copy = vckc_domain_def_with_uuid (def, UUID);
  g_autofree char *images = describe_images (def);
  g_autofree char *copied = describe_images (copy);

  g_assert_cmpstr (images, ==, expected);
  g_assert_cmpstr (copied, ==, expected);
}

/* --- UUID --- */

static const struct
{
  const char *uuid;
  const char *expected;
} uuid_cases[] = {
  { UUID, UUID },
  { "C7A5FDBD-EDAF-9455-926A-D65C16DB1809", UUID },
  { "c7a5fdbdedaf9455926ad65c16db1809", UUID },
  { "", NULL },
  { "-", NULL },
  { "c7a5fdbdedaf9455926ad65c16db180", NULL },
  { "c7a5fdbdedaf9455926ad65c16db18090", NULL },
  { "c7a5fdbdedaf9455926ad65c16db180g", NULL },
  { "c7a5fdbd-edaf-9455-926a-d65c16db180", NULL },
  { "c7a5fdb-dedaf-9455-926a-d65c16db1809", NULL },
  { "c7a5fdbd--edaf9455-926a-d65c16db1809", NULL },
  { "c7a5fdbd-edaf-9455-926ad65c16db1809-", NULL },
  { "-c7a5fdbdedaf-9455-926a-d65c16db1809", NULL },
  { "c7a5fdbd-edaf-9455-926ad65c16db18090", NULL },
  { " c7a5fdbd-edaf-9455-926a-d65c16db1809", NULL },
  { "{c7a5fdbdedaf9455926ad65c16db180900}", NULL },
};

static void
test_uuid (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (uuid_cases); i++)
    {
      g_autofree char *uuid = vckc_uuid_normalize (uuid_cases[i].uuid);

      g_assert_cmpstr (uuid, ==, uuid_cases[i].expected);
    }
}

static void
test_with_uuid (void)
{
  g_autofree char *text = golden_read ("t.xml");
  g_autoptr (VckcDomainDef) def = parse (text);
  g_autoptr (VckcDomainDef) other = vckc_domain_def_with_uuid (def, UUID);
  g_autofree char *other_text = format (other, true);
  g_autoptr (VckcDomainDef) again = parse (other_text);

  g_assert_cmpstr (def->uuid, ==, "11111111-2222-3333-4444-555555555555");
  g_assert_cmpstr (other->uuid, ==, UUID);
  g_assert_cmpstr (again->uuid, ==, UUID);
  g_assert_cmpstr (other->name, ==, "t");
  g_assert_cmpuint (other->disks->len, ==, def->disks->len);
  for (guint i = 0; i < def->disks->len; i++)
    {
      g_autofree char *one = describe_disk (g_ptr_array_index (def->disks, i));
      g_autofree char *two = describe_disk (g_ptr_array_index (other->disks, i));

      g_assert_cmpstr (one, ==, two);
    }
}

static void
test_give_uuid (void)
{
  g_autoptr (VckcDomainDef) def = parse ("<domain><memory>1</memory><name>a</name></domain>");
  g_autoptr (VckcDomainDef) other = vckc_domain_def_with_uuid (def, UUID);
  g_autofree char *text = format (other, true);

  g_assert_null (def->uuid);
  g_assert_cmpstr (text, ==,
                   "<domain>\n  <memory>1</memory>\n  <name>a</name>\n"
                   "  <uuid>" UUID "</uuid>\n</domain>\n");
}

/* --- writing --- */

static void
test_secrets (void)
{
  g_autoptr (VckcDomainDef) def =
      parse ("<domain><name>a</name><metadata><x passwd='kept'/></metadata><devices>"
             "<graphics type='vnc' passwd='p1' passwdValidTo='t1' port='1'><listen/></graphics>"
             "<graphics type='spice' passwd='p2'/></devices></domain>");
  g_autofree char *with = format (def, true);
  g_autofree char *without = format (def, false);
  g_autofree char *with_again = format (def, true);

  g_assert_cmpstr (with, ==,
                   "<domain>\n  <name>a</name>\n  <metadata>\n    <x passwd='kept'/>\n"
                   "  </metadata>\n  <devices>\n"
                   "    <graphics type='vnc' passwd='p1' passwdValidTo='t1' port='1'>\n"
                   "      <listen/>\n    </graphics>\n"
                   "    <graphics type='spice' passwd='p2'/>\n  </devices>\n</domain>\n");
  g_assert_cmpstr (without, ==,
                   "<domain>\n  <name>a</name>\n  <metadata>\n    <x passwd='kept'/>\n"
                   "  </metadata>\n  <devices>\n    <graphics type='vnc' port='1'>\n"
                   "      <listen/>\n    </graphics>\n    <graphics type='spice'/>\n"
                   "  </devices>\n</domain>\n");
  g_assert_cmpstr (with_again, ==, with);
}

static void
test_element (void)
{
  g_autoptr (VckcDomainDef) def =
      parse ("<domain><name>a</name><description>two\nlines</description><devices>"
             "<graphics type='vnc' passwd='p1'/></devices></domain>");
  const char *text = vckc_domain_def_get_element (def, true);

  g_assert_cmpstr (text, ==,
                   "  <domain>\n    <name>a</name>\n"
                   "    <description>two\nlines</description>\n    <devices>\n"
                   "      <graphics type='vnc' passwd='p1'/>\n    </devices>\n  </domain>\n");
  g_assert_cmpstr (vckc_domain_def_get_element (def, false), ==,
                   "  <domain>\n    <name>a</name>\n"
                   "    <description>two\nlines</description>\n    <devices>\n"
                   "      <graphics type='vnc'/>\n    </devices>\n  </domain>\n");
  g_assert_true (vckc_domain_def_get_element (def, true) == text);
}

static void
test_from_node (void)
{
  const char *text = "<domaincheckpoint xmlns:q='urn:q'><domain><name>a</name>"
                     "<uuid>C7A5FDBDEDAF9455926AD65C16DB1809</uuid><q:x q:y='1'/></domain>"
                     "</domaincheckpoint>";
  g_autoptr (xmlDoc) doc = vckc_xml_parse (text, VCKC_XML_SCHEMA_CHECKPOINT, "test", NULL);
  g_autoptr (VckcDomainDef) def = NULL;
  g_autofree char *formatted = NULL;

  g_assert_nonnull (doc);
  def = vckc_domain_def_new_from_node (vckc_xml_child (xmlDocGetRootElement (doc), "domain"), NULL);
  g_clear_pointer (&doc, xmlFreeDoc);
  g_assert_cmpstr (def->name, ==, "a");
  g_assert_cmpstr (def->uuid, ==, UUID);
  formatted = format (def, true);
  g_assert_cmpstr (formatted, ==,
                   "<domain xmlns:q='urn:q'>\n  <name>a</name>\n  <uuid>" UUID
                   "</uuid>\n  <q:x q:y='1'/>\n</domain>\n");
}

static void
test_references (void)
{
  VckcDomainDef *def = parse ("<domain><name>a</name></domain>");

  g_assert_true (vckc_domain_def_ref (def) == def);
  vckc_domain_def_unref (def);
  g_assert_cmpstr (def->name, ==, "a");
  vckc_domain_def_unref (def);
  vckc_domain_def_unref (NULL);
}

/* --- the sockets of QEMU --- */

static void
test_machine (void)
{
  g_autofree char *text = golden_read ("domain/machine.xml");
  g_autoptr (VckcDomainDef) def = parse (text);
  g_autoptr (VckcDomainDef) copy = vckc_domain_def_with_uuid (def, UUID);
  g_autoptr (VckcDomainDef) without = parse ("<domain><name>a</name></domain>");

  g_assert_cmpstr (def->qmp_socket, ==, "/run/vm.qmp");
  g_assert_cmpstr (def->agent_socket, ==, "/run/vm's.qga");
  g_assert_cmpstr (copy->qmp_socket, ==, "/run/vm.qmp");
  g_assert_cmpstr (copy->agent_socket, ==, "/run/vm's.qga");
  g_assert_null (without->qmp_socket);
  g_assert_null (without->agent_socket);
}

/* --- bounds: what was read can be written and read again --- */

/* A domain of exactly this many elements. */
static char *
make_domain_of (guint n_elements)
{
  GString *text = g_string_new ("<domain><name>a</name>");

  for (guint i = 2; i < n_elements; i++)
    g_string_append (text, "<x/>");
  g_string_append (text, "</domain>");
  return g_string_free (text, FALSE);
}

static void
test_most_elements (void)
{
  g_autofree char *most = make_domain_of (VCKC_XML_MAX_DOMAIN_ELEMENTS - 1);
  g_autofree char *too_many = make_domain_of (VCKC_XML_MAX_DOMAIN_ELEMENTS);
  g_autoptr (VckcDomainDef) def = parse (most);
  g_autoptr (VckcDomainDef) with_uuid = vckc_domain_def_with_uuid (def, UUID);
  g_autofree char *text = format (with_uuid, true);
  g_autoptr (VckcDomainDef) again = parse (text);
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_cmpstr (again->uuid, ==, UUID);
  g_assert_null (vckc_domain_def_parse (too_many, &error));
  message = golden_describe_error (error);
  g_assert_cmpstr (message, ==,
                   "14 the description of domain 'a' has more than the 15000 elements "
                   "that are read, a <uuid> among them");
}

static void
test_normal_form_too_large (void)
{
  g_autofree char *quotes = g_strnfill (VCKC_XML_MAX_SIZE / 5, '"');
  g_autofree char *text =
      g_strdup_printf ("<domain><name>a</name><title>%s</title></domain>", quotes);
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_null (vckc_domain_def_parse (text, &error));
  message = golden_describe_error (error);
  g_assert_true (g_str_has_prefix (message, "14 the normal form of the domain description has "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden_add_tests ("/vck/domain-def/golden", "domain", make_normal_form);
  for (guint i = 0; i < G_N_ELEMENTS (disk_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/domain-def/disk/", disk_cases[i].name, NULL);

      g_test_add_data_func (path, &disk_cases[i], test_disk);
    }
  g_test_add_func ("/vck/domain-def/disks", test_disks);
  g_test_add_func ("/vck/domain-def/images", test_images);
  g_test_add_func ("/vck/domain-def/uuid", test_uuid);
  g_test_add_func ("/vck/domain-def/with-uuid", test_with_uuid);
  g_test_add_func ("/vck/domain-def/give-uuid", test_give_uuid);
  g_test_add_func ("/vck/domain-def/secrets", test_secrets);
  g_test_add_func ("/vck/domain-def/element", test_element);
  g_test_add_func ("/vck/domain-def/from-node", test_from_node);
  g_test_add_func ("/vck/domain-def/references", test_references);
  g_test_add_func ("/vck/domain-def/machine", test_machine);
  g_test_add_func ("/vck/domain-def/most-elements", test_most_elements);
  g_test_add_func ("/vck/domain-def/normal-form-too-large", test_normal_form_too_large);
  return g_test_run ();
}
