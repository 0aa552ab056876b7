/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-def.h"

#include <string.h>

#include "golden.h"

/* --- golden files: a redefinition, with its domain and secrets --- */

static char *
make_redefinition (const char *text, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse (text, true, err);

  return def != NULL ? vckc_checkpoint_def_format (def, true, true) : NULL;
}

/* --- table X of docs/internals/semantics.md, as far as definitions go --- */

typedef struct
{
  const char *id;
  bool redefine;
  const char *xml;
  /* Of a success: name, description and disks; else code and text of the error. */
  const char *expected;
} Vector;

#define NAMED(rest) "<domaincheckpoint><name>a</name>" rest "</domaincheckpoint>"
#define NAME(name) "<domaincheckpoint><name>" name "</name></domaincheckpoint>"
#define DISKS(disks) NAMED ("<disks>" disks "</disks>")
#define TIMED(rest) NAMED ("<creationTime>5</creationTime>" rest)
#define DOMAIN_OF(name, devices)                                                                   \
  "<domain type='test'><name>" name "</name>"                                                      \
  "<uuid>11111111-2222-3333-4444-555555555555</uuid>" devices "</domain>"
#define ONE_DISK                                                                                   \
  "<devices><disk type='file'><source file='/a'/><target dev='vda'/></disk></devices>"

static const Vector vectors[] = {
  { "X01", false, "", "14 checkpoint description is empty; give an XML document" },
  { "X02", false, "<domaincheckpoint>",
    "14 checkpoint description, line 1: not well-formed XML: Premature end of data in tag "
    "domaincheckpoint line 1" },
  { "X03", false, "<foo/>",
    "14 checkpoint description, line 1: the root element is 'foo', but it must be "
    "'domaincheckpoint'" },
  { "X04", false, "<domaincheckpoint xmlns='http://x'/>",
    "15 checkpoint description, line 1: element 'domaincheckpoint' must be in no namespace, "
    "but it is in 'http://x'" },
  { "X05", false, "<domaincheckpoint foo='1'/>",
    "15 checkpoint description, line 1: element 'domaincheckpoint' must not have the "
    "attribute 'foo'" },
  { "X06", false, "<domaincheckpoint><bogus/></domaincheckpoint>",
    "15 checkpoint description, line 1: element 'bogus' is not allowed inside "
    "'domaincheckpoint'; allowed are 'name', 'description', 'creationTime', 'disks', "
    "'parent', 'domain'" },
  { "X07", false, "<domaincheckpoint>text</domaincheckpoint>",
    "15 checkpoint description, line 1: text is not allowed directly inside "
    "'domaincheckpoint'" },
  { "X08", false, "<domaincheckpoint/>",
    "- vda=bitmap vdb=bitmap vdc=bitmap vdd=no vde=bitmap vdf=bitmap hda=no" },
  { "X11", false, NAME (".x"),
    "15 checkpoint description, line 1: the text of element 'name' is '.x', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X12", false, NAME ("a/b"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a/b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X14", false, NAME ("a "),
    "15 checkpoint description, line 1: the text of element 'name' is 'a ', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X15", false, NAME ("a b"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X16", false, NAME ("a:b"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a:b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X17", false, NAME ("a+b"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a+b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X18", false, NAME ("a\nb"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X19", false, NAME ("../x"),
    "15 checkpoint description, line 1: the text of element 'name' is '../x', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X20", false, NAME ("a&amp;b"),
    "15 checkpoint description, line 1: the text of element 'name' is 'a&b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X21", false, NAME ("é"),
    "15 checkpoint description, line 1: the text of element 'name' is 'é', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X22", false, NAME (""),
    "15 checkpoint description, line 1: the text of element 'name' is '', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X23", false,
    "<domaincheckpoint><name>-</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "- vda=bitmap:- vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X24", false,
    "<domaincheckpoint><name>_</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "_ vda=bitmap:_ vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X25", false,
    "<domaincheckpoint><name>a.</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "a. vda=bitmap:a. vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X26", false,
    "<domaincheckpoint><name>a..b</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "a..b vda=bitmap:a..b vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X27", false,
    "<domaincheckpoint><name>0</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "0 vda=bitmap:0 vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X28", false,
    "<domaincheckpoint><name>A-z_0.9</name><disks><disk name='vda'/></disks></domaincheckpoint>",
    "A-z_0.9 vda=bitmap:A-z_0.9 vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X29", false,
    NAME ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxxxxxxx"),
    "14 checkpoint name 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' has 248 characters; use at most "
    "247, so that it can be the name of a file" },
  { "X30", false, NAMED ("<name>b</name>"),
    "15 checkpoint description, line 1: element 'name' may be there only once inside "
    "'domaincheckpoint'" },
  { "X31", false, NAMED ("<description/><disks><disk name='vda'/></disks>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X32", false,
    NAMED ("<description> x &lt; &amp; &gt; ' \" </description><disks><disk name='vda'/></disks>"),
    "a ( x < & > ' \" ) vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X33", false, NAMED ("<description><b/></description>"),
    "15 checkpoint description, line 1: element 'b' is not allowed inside 'description'" },
  { "X34", false,
    "<domaincheckpoint><disks><disk name='vda'/></disks><creationTime>7</creationTime>"
    "<parent><name>zz</name></parent><name>a</name></domaincheckpoint>",
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X35", false, "<domaincheckpoint><creationTime>-5</creationTime></domaincheckpoint>",
    "15 checkpoint description, line 1: the text of element 'creationTime' is '-5', but it "
    "must be a number from 0 to 18446744073709551615" },
  { "X36", false, "<domaincheckpoint><creationTime/></domaincheckpoint>",
    "15 checkpoint description, line 1: the text of element 'creationTime' is '', but it "
    "must be a number from 0 to 18446744073709551615" },
  { "X37", false, "<domaincheckpoint><parent/></domaincheckpoint>",
    "15 checkpoint description, line 1: element 'parent' needs an element 'name' inside" },
  { "X38", false, "<domaincheckpoint><parent><name>a b</name></parent></domaincheckpoint>",
    "15 checkpoint description, line 1: the text of element 'name' is 'a b', but it must be "
    "letters, digits, '_', '-' and '.', not beginning with '.'" },
  { "X39", false, "<domaincheckpoint><domain/></domaincheckpoint>",
    "15 checkpoint description, line 1: element 'domain' needs an element 'name' inside" },
  { "X40", false, "<domaincheckpoint><disks/></domaincheckpoint>",
    "15 checkpoint description, line 1: element 'disks' needs an element 'disk' inside" },
  { "X41", false, DISKS ("<disk/>"),
    "15 checkpoint description, line 1: element 'disk' needs the attribute 'name'" },
  { "X42", false, DISKS ("<disk name='foo'/>"),
    "15 checkpoint description, line 1: attribute 'name' of element 'disk' is 'foo', but it "
    "must be a disk's target, such as 'vda', or the absolute path of its image" },
  { "X43", false, DISKS ("<disk name=''/>"),
    "15 checkpoint description, line 1: attribute 'name' of element 'disk' is '', but it "
    "must be a disk's target, such as 'vda', or the absolute path of its image" },
  { "X44", false, DISKS ("<disk name='nvme0n1'/>"),
    "13 domain 't' has no disk 'nvme0n1'; its disks are 'vda', 'vdb', 'vdc', 'vdd', 'vde', "
    "'vdf', 'hda'" },
  { "X45", false, DISKS ("<disk name='relative.qcow2'/>"),
    "15 checkpoint description, line 1: attribute 'name' of element 'disk' is "
    "'relative.qcow2', but it must be a disk's target, such as 'vda', or the absolute path "
    "of its image" },
  { "X46", false, DISKS ("<disk name='vda'/>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X47", false, DISKS ("<disk name='vda' checkpoint='bitmap'/>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X48", false, DISKS ("<disk name='/d/a.qcow2'/>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X49", false, DISKS ("<disk name='vdz'/>"),
    "13 domain 't' has no disk 'vdz'; its disks are 'vda', 'vdb', 'vdc', 'vdd', 'vde', "
    "'vdf', 'hda'" },
  { "X50", false, DISKS ("<disk name='/d/zz'/>"),
    "13 domain 't' has no disk '/d/zz'; its disks are 'vda', 'vdb', 'vdc', 'vdd', 'vde', "
    "'vdf', 'hda'" },
  { "X51", false, DISKS ("<disk name='/d/dup.qcow2'/>"),
    "13 several disks of domain 't' have the image '/d/dup.qcow2'; use one of the targets "
    "'vde', 'vdf'" },
  { "X52", false, DISKS ("<disk name='vda'/><disk name='vda'/>"),
    "13 disk 'vda' of domain 't' is listed twice; list each disk once" },
  { "X53", false, DISKS ("<disk name='vda'/><disk name='/d/a.qcow2'/>"),
    "13 disk '/d/a.qcow2' of domain 't' is listed twice; list each disk once" },
  { "X54", false, DISKS ("<disk name='vda' checkpoint='no'/>"),
    "a vda=no vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X55", false, DISKS ("<disk name='vda' checkpoint='default'/>"),
    "15 checkpoint description, line 1: attribute 'checkpoint' of element 'disk' is "
    "'default', but it must be 'bitmap' or 'no'" },
  { "X56", false, DISKS ("<disk name='vda' checkpoint='no' bitmap='b'/>"),
    "15 checkpoint description, line 1: element 'disk' has the attribute 'bitmap', which is "
    "not allowed with checkpoint='no'" },
  { "X57", false, DISKS ("<disk name='vda' checkpoint='no' size='1'/>"),
    "15 checkpoint description, line 1: element 'disk' has the attribute 'size', which is "
    "not allowed with checkpoint='no'" },
  { "X58", false, DISKS ("<disk name='vda' bitmap='b'/>"),
    "a vda=bitmap:b vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X59", false, DISKS ("<disk name='vda' bitmap=''/>"),
    "a vda=bitmap: vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X60", false, DISKS ("<disk name='vda' size='5'/>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X61", false, DISKS ("<disk name='vda' size='-5'/>"),
    "15 checkpoint description, line 1: attribute 'size' of element 'disk' is '-5', but it "
    "must be a number from 0 to 18446744073709551615" },
  { "X62", false, DISKS ("<disk name='vda' foo='5'/>"),
    "15 checkpoint description, line 1: element 'disk' must not have the attribute 'foo'; "
    "allowed are 'name', 'checkpoint', 'bitmap', 'size'" },
  { "X63", false, DISKS ("<disk name='vda'>x</disk>"),
    "15 checkpoint description, line 1: the text of element 'disk' is 'x', but it must be "
    "empty" },
  { "X64", false, DISKS ("<disk name='vdd'/>"),
    "13 disk 'vdd' of domain 't' is read-only, so nothing can be tracked on it; leave it out "
    "or give it checkpoint='no'" },
  { "X65", false, DISKS ("<disk name='hda'/>"),
    "13 disk 'hda' of domain 't' is empty, so nothing can be tracked on it; leave it out or "
    "give it checkpoint='no'" },
  { "X66", false, DISKS ("<disk name='vda'/><disk name='vdd' checkpoint='no'/>"),
    "a vda=bitmap:a vdb=no vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X67", false, DISKS ("<disk name='vdb'/><disk name='vda'/>"),
    "a vda=bitmap:a vdb=bitmap:a vdc=no vdd=no vde=no vdf=no hda=no" },
  { "X68", false,
    DISKS ("<disk name='vda'/><disk name='vdb'/><disk name='vdc'/><disk name='vdd'/>"
           "<disk name='vde'/><disk name='vdf'/><disk name='hda'/><disk name='vdz'/>"),
    "13 domain 't' has fewer disks (7) than the checkpoint lists (8); list only disks of the "
    "domain, each once" },
  { "X69", false, DISKS ("<disk name='vdz'/><disk name='vdd'/>"),
    "13 domain 't' has no disk 'vdz'; its disks are 'vda', 'vdb', 'vdc', 'vdd', 'vde', "
    "'vdf', 'hda'" },
  { "X70", false, DISKS ("<disk name='ioemu:vda'/>"),
    "13 domain 't' has no disk 'ioemu:vda'; its disks are 'vda', 'vdb', 'vdc', 'vdd', 'vde', "
    "'vdf', 'hda'" },
  { "X71", true, "<domaincheckpoint/>",
    "14 checkpoint description has no <name>, which redefining needs; give the name of the "
    "checkpoint's bitmaps" },
  { "X72", true, NAMED (""),
    "14 redefining checkpoint 'a' needs a <creationTime>; take the XML from before, or give "
    "a time in seconds since 1970" },
  { "X73", true, NAMED ("<creationTime>0</creationTime>"),
    "14 checkpoint 'a' has the <creationTime> '0', which is no time; give seconds since "
    "1970, at least 1 and less than 2^63" },
  { "X74", true, NAMED ("<creationTime>9223372036854775807</creationTime>"),
    "a @9223372036854775807" },
  { "X75", true, NAMED ("<creationTime>9223372036854775808</creationTime>"),
    "14 checkpoint 'a' has the <creationTime> '9223372036854775808', which is no time; give "
    "seconds since 1970, at least 1 and less than 2^63" },
  { "X76", true, NAMED ("<creationTime>18446744073709551616</creationTime>"),
    "15 checkpoint description, line 1: the text of element 'creationTime' is "
    "'18446744073709551616', but it must be a number from 0 to 18446744073709551615" },
  { "X77", true, NAMED ("<creationTime> 5 </creationTime>"),
    "15 checkpoint description, line 1: the text of element 'creationTime' is ' 5 ', but it "
    "must be a number from 0 to 18446744073709551615" },
  { "X78", true, TIMED (""), "a @5" },
  { "X79", true,
    TIMED ("<disks><disk name='vdz'/><disk name='vda' checkpoint='no'/>"
           "<disk name='vda' bitmap='q'/></disks>"),
    "a @5 vdz=bitmap:a vda=no vda=bitmap:q" },
  { "X82", true, TIMED (DOMAIN_OF ("t", ONE_DISK)), "a @5 vda=bitmap:a" },
  { "X84", true, TIMED ("<disks><disk name='vdz'/></disks>" DOMAIN_OF ("t", ONE_DISK)),
    "13 domain 't' has no disk 'vdz'; its disks are 'vda'" },
  { "X86", true, TIMED ("<domain><name>t</name>" ONE_DISK "</domain>"), "a @5 vda=bitmap:a" },
  { "X87", true, TIMED (DOMAIN_OF ("other", ONE_DISK)), "a @5 vda=bitmap:a" },
  { "X88", true, TIMED (DOMAIN_OF ("t", "")),
    "13 domain 't' has no disk, so a checkpoint has nothing to track; add a disk first" },
  { "X89", true, TIMED ("<disks><disk name='vda'/></disks>" DOMAIN_OF ("t", "")),
    "13 domain 't' has fewer disks (0) than the checkpoint lists (1); list only disks of the "
    "domain, each once" },
  { "X90", true, TIMED ("<domain><uuid/></domain>"),
    "15 checkpoint description, line 1: element 'domain' needs an element 'name' inside" },
};

/* Differences from libvirt: X29 (a name must fit into a file name), X44 (NVMe disks), X72 and
 * X75 (the XML is at fault, not an internal error), X73 (a time of 0 could not be read back). */

static VckcDomainDef *
domain_t (void)
{
  g_autofree char *text = golden_read ("t.xml");
  VckcDomainDef *domain = vckc_domain_def_parse (text, NULL);

  g_assert_nonnull (domain);
  return domain;
}

static char *
describe_def (const VckcCheckpointDef *def)
{
  g_autoptr (GString) text = g_string_new (def->name != NULL ? def->name : "-");

  if (def->description != NULL)
    g_string_append_printf (text, " (%s)", def->description);
  if (def->parent_name != NULL)
    g_string_append_printf (text, " <%s", def->parent_name);
  if (def->creation_time != 0)
    g_string_append_printf (text, " @%" G_GINT64_FORMAT, def->creation_time);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_string_append_printf (text, " %s=%s", disk->name, disk->tracked ? "bitmap" : "no");
      if (disk->bitmap != NULL)
        g_string_append_printf (text, ":%s", disk->bitmap);
      g_assert_cmpint (disk->size, ==, -1);
    }
  return g_strdup (text->str);
}

/* What creating or redefining a checkpoint makes of a document. */
static VckcCheckpointDef *
run_vector (const Vector *vector, VckcError **err)
{
  g_autoptr (VckcDomainDef) t = domain_t ();
  g_autoptr (VckcCheckpointDef) def =
      vckc_checkpoint_def_parse (vector->xml, vector->redefine, err);
  const VckcDomainDef *domain;

  if (def == NULL)
    return NULL;
  domain = vector->redefine ? def->domain : t;
  if (domain != NULL && !vckc_checkpoint_def_align (def, domain, err))
    return NULL;
  if (def->name != NULL)
    vckc_checkpoint_def_name_bitmaps (def);
  return g_steal_pointer (&def);
}

static void
test_vector (gconstpointer data)
{
  const Vector *vector = data;
  VckcError *error = NULL;
  g_autoptr (VckcCheckpointDef) def = run_vector (vector, &error);
  g_autofree char *result = def != NULL ? describe_def (def) : golden_describe_error (error);

  g_assert_cmpstr (result, ==, vector->expected);
}

/* --- reading --- */

static VckcCheckpointDef *
parse (const char *text, bool redefine)
{
  VckcError *error = NULL;
  VckcCheckpointDef *def = vckc_checkpoint_def_parse (text, redefine, &error);

  g_assert_cmpstr (error != NULL ? vckc_error_get_message (error) : NULL, ==, NULL);
  g_assert_nonnull (def);
  return def;
}

/* parse(format(def)) == def, for a definition with everything in it. */
static void
test_round_trip (void)
{
  g_autofree char *domain_text = golden_read ("t.xml");
  g_autofree char *text = g_strconcat (
      "<domaincheckpoint><name>a</name><description>d</description><parent><name>p</name></parent>"
      "<creationTime>1700000000</creationTime>",
      domain_text, "</domaincheckpoint>", NULL);
  g_autoptr (VckcCheckpointDef) def = parse (text, true);
  g_autoptr (VckcCheckpointDef) again = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *written = NULL;
  g_autofree char *rewritten = NULL;

  g_assert_true (vckc_checkpoint_def_align (def, def->domain, NULL));
  vckc_checkpoint_def_name_bitmaps (def);
  written = vckc_checkpoint_def_format (def, true, true);
  again = parse (written, true);
  g_assert_true (vckc_checkpoint_def_align (again, again->domain, NULL));
  rewritten = vckc_checkpoint_def_format (again, true, true);
  g_assert_cmpstr (rewritten, ==, written);

  one = describe_def (def);
  two = describe_def (again);
  g_assert_cmpstr (one, ==,
                   "a (d) <p @1700000000 vda=bitmap:a vdb=bitmap:a vdc=bitmap:a vdd=no "
                   "vde=bitmap:a vdf=bitmap:a hda=no");
  g_assert_cmpstr (two, ==, one);
  g_assert_true (again->has_disks == def->has_disks);
  g_assert_cmpstr (again->domain->uuid, ==, def->domain->uuid);
}

static void
test_copy (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<description>d</description><parent><name>p</name></parent>"
                    "<disks><disk name='vda' bitmap='b'/>"
                    "<disk name='vdb' checkpoint='no'/></disks>" DOMAIN_OF ("t", ONE_DISK)),
             true);
  g_autoptr (VckcCheckpointDef) copy = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 0))->size = 65536;
  copy = vckc_checkpoint_def_copy (def);
  g_assert_true (copy->domain == def->domain);
  one = vckc_checkpoint_def_format (def, true, true);
  g_clear_pointer (&def, vckc_checkpoint_def_free);
  two = vckc_checkpoint_def_format (copy, true, true);
  g_assert_cmpstr (two, ==, one);
  vckc_checkpoint_def_free (NULL);
}

/* What is recorded besides the document comes back, as a copy has it too, and other readers of the
 * document see none of it. */
static void
test_facts (void)
{
  static const char uuid[] = "00112233-4455-6677-8899-aabbccddeeff";
  g_autoptr (VckcCheckpointDef) def = parse (
      TIMED ("<disks><disk name='vda' bitmap='b'/><disk name='vdb' checkpoint='no'/></disks>"),
      true);
  VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, 0);
  g_autoptr (VckcCheckpointDef) copy = NULL;
  g_autoptr (VckcCheckpointDef) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *rewritten = NULL;

  def->uuid = g_strdup (uuid);
  disk->capacity = 1 << 30;
  disk->granularity = 65536;
  disk->image = (VckcImageIdentity){ .path = g_strdup ("/a'b?>&c"),
                                     .number = G_MAXUINT64,
                                     .birth = G_MAXINT64 };
  copy = vckc_checkpoint_def_copy (def);
  written = vckc_checkpoint_def_format_stored (copy);
  again = parse (written, true);
  disk = g_ptr_array_index (again->disks, 0);
  g_assert_cmpstr (again->uuid, ==, uuid);
  g_assert_cmpint (disk->capacity, ==, 1 << 30);
  g_assert_cmpint (disk->granularity, ==, 65536);
  g_assert_cmpstr (disk->image.path, ==, "/a'b?>&c");
  g_assert_cmpuint (disk->image.number, ==, G_MAXUINT64);
  g_assert_cmpint (disk->image.birth, ==, G_MAXINT64);
  rewritten = vckc_checkpoint_def_format_stored (again);
  g_assert_cmpstr (rewritten, ==, written);
}

/* A record of a version that noted less, and one that makes no sense. */
static void
test_facts_partial (void)
{
  g_autoptr (VckcCheckpointDef) def = parse (
      TIMED ("<disks><disk name='vda'/></disks>") "<?vck-checkpoint uuid='no'?>\n<?vck-disk "
                                                  "name='vdz' file='1'?>\n"
                                                  "<?vck-disk name='vda' capacity='5' file='-1' "
                                                  "birth='x' granularity='9' <?>\n",
      true);
  const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, 0);

  g_assert_null (def->uuid);
  g_assert_cmpint (disk->capacity, ==, -1);
  g_assert_null (disk->image.path);
  g_assert_cmpuint (disk->image.number, ==, 0);
  g_assert_cmpint (disk->image.birth, ==, 0);
}

static void
test_copy_empty (void)
{
  g_autoptr (VckcCheckpointDef) def = parse ("<domaincheckpoint/>", false);
  g_autoptr (VckcCheckpointDef) copy = vckc_checkpoint_def_copy (def);
  g_autofree char *text = vckc_checkpoint_def_format (copy, true, true);

  g_assert_null (copy->name);
  g_assert_null (copy->domain);
  g_assert_false (copy->has_disks);
  g_assert_cmpstr (text, ==, "<domaincheckpoint>\n</domaincheckpoint>\n");
}

/* What only counts when redefining is ignored otherwise: X34. */
static void
test_create_ignores (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<parent><name>p</name></parent>" DOMAIN_OF ("t", ONE_DISK)), false);

  g_assert_null (def->parent_name);
  g_assert_cmpint (def->creation_time, ==, 0);
  g_assert_null (def->domain);
}

static void
test_report (void)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse_report (
      TIMED ("<disks><disk name='vda' size='65536'/><disk name='vdb' checkpoint='no'/>"
             "<disk name='vdc' size='18446744073709551615'/></disks>"),
      NULL);
  static const gint64 sizes[] = { 65536, -1, -1 };

  g_assert_nonnull (def);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_assert_cmpint (((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, i))->size, ==,
                     sizes[i]);
}

/* --- alignment --- */

/* A second time changes nothing. */
static void
test_align_again (void)
{
  g_autoptr (VckcDomainDef) domain = domain_t ();
  g_autoptr (VckcCheckpointDef) def =
      parse (DISKS ("<disk name='vdb' bitmap='x'/><disk name='/d/a.qcow2'/>"), false);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  one = describe_def (def);
  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  two = describe_def (def);
  g_assert_cmpstr (one, ==, "a vda=bitmap vdb=bitmap:x vdc=no vdd=no vde=no vdf=no hda=no");
  g_assert_cmpstr (two, ==, one);
}

/* A failure leaves the definition as it was. */
static void
test_align_fails (void)
{
  g_autoptr (VckcDomainDef) domain = domain_t ();
  g_autoptr (VckcCheckpointDef) def =
      parse (DISKS ("<disk name='/d/a.qcow2'/><disk name='vdz'/>"), false);
  g_autofree char *text = NULL;

  g_assert_false (vckc_checkpoint_def_align (def, domain, NULL));
  text = describe_def (def);
  g_assert_cmpstr (text, ==, "a /d/a.qcow2=bitmap vdz=bitmap");
}

/* Many disks, named backwards and by turns by target and by path. */
static void
test_align_many (void)
{
  const guint n_disks = 4000;
  g_autoptr (GString) domain_text = g_string_new ("<domain><name>t</name><devices>");
  g_autoptr (GString) text = g_string_new ("<domaincheckpoint><disks>");
  g_autoptr (VckcDomainDef) domain = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;

  for (guint i = 0; i < n_disks; i++)
    {
      g_string_append_printf (domain_text, "<disk><source file='/%u'/><target dev='vd%u'/></disk>",
                              i, i);
      g_string_append_printf (text, "<disk name='%s%u'/>", i % 2 == 0 ? "vd" : "/",
                              n_disks - 1 - i);
    }
  g_string_append (domain_text, "</devices></domain>");
  g_string_append (text, "</disks></domaincheckpoint>");
  domain = vckc_domain_def_parse (domain_text->str, NULL);
  def = parse (text->str, false);
  g_assert_nonnull (domain);
  g_assert_true (vckc_checkpoint_def_align (def, domain, NULL));
  g_assert_cmpuint (def->disks->len, ==, n_disks);
  for (guint i = 0; i < n_disks; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_assert_cmpstr (disk->name, ==, vckc_domain_def_find_disk (domain, disk->name)->target);
      g_assert_true (disk->tracked);
    }
}

/* --- writing --- */

static void
test_sizes (void)
{
  g_autoptr (VckcCheckpointDef) def = parse (
      DISKS ("<disk name='vda'/><disk name='vdb'/><disk name='vdc' checkpoint='no'/>"), false);
  g_autofree char *text = NULL;

  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 0))->size = 0;
  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 1))->size = G_MAXINT64;
  ((VckcCheckpointDiskDef *) g_ptr_array_index (def->disks, 2))->size = 1;
  vckc_checkpoint_def_name_bitmaps (def);
  text = vckc_checkpoint_def_format (def, true, true);
  g_assert_cmpstr (text, ==,
                   "<domaincheckpoint>\n  <name>a</name>\n  <disks>\n"
                   "    <disk name='vda' checkpoint='bitmap' bitmap='a' size='0'/>\n"
                   "    <disk name='vdb' checkpoint='bitmap' bitmap='a' "
                   "size='9223372036854775807'/>\n"
                   "    <disk name='vdc' checkpoint='no'/>\n  </disks>\n</domaincheckpoint>\n");
}

/* X91: order of elements, new line at the end. */
static void
test_order (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse (TIMED ("<parent><name>p</name></parent>" DOMAIN_OF (
                 "t", ONE_DISK) "<description>d</description><disks><disk name='vda'/></disks>"),
             true);
  g_autofree char *text = vckc_checkpoint_def_format (def, true, true);

  g_assert_cmpstr (text, ==,
                   "<domaincheckpoint>\n  <name>a</name>\n  <description>d</description>\n"
                   "  <parent>\n    <name>p</name>\n  </parent>\n"
                   "  <creationTime>5</creationTime>\n  <disks>\n"
                   "    <disk name='vda' checkpoint='bitmap'/>\n  </disks>\n"
                   "  <domain type='test'>\n    <name>t</name>\n"
                   "    <uuid>11111111-2222-3333-4444-555555555555</uuid>\n    <devices>\n"
                   "      <disk type='file'>\n        <source file='/a'/>\n"
                   "        <target dev='vda'/>\n      </disk>\n    </devices>\n  </domain>\n"
                   "</domaincheckpoint>\n");
}

/* X92, X93, X94. */
static void
test_domain_and_secrets (void)
{
  g_autofree char *domain_text = golden_read ("t.xml");
  g_autofree char *text = g_strconcat ("<domaincheckpoint><name>a</name>"
                                       "<creationTime>5</creationTime>",
                                       domain_text, "</domaincheckpoint>", NULL);
  g_autoptr (VckcCheckpointDef) def = parse (text, true);
  g_autofree char *secure = vckc_checkpoint_def_format (def, true, true);
  g_autofree char *plain = vckc_checkpoint_def_format (def, true, false);
  g_autofree char *bare = vckc_checkpoint_def_format (def, false, false);
  g_autofree char *secure_bare = vckc_checkpoint_def_format (def, false, true);

  g_assert_nonnull (strstr (secure, "passwd='geheim'"));
  g_assert_null (strstr (plain, "geheim"));
  g_assert_nonnull (strstr (plain, "<graphics type='vnc' port='-1'/>"));
  g_assert_null (strstr (bare, "<domain>"));
  g_assert_null (strstr (bare, "<domain "));
  g_assert_cmpstr (secure_bare, ==, bare);
}

static void
test_check_size (void)
{
  g_autoptr (VckcCheckpointDef) def =
      parse ("<domaincheckpoint><name>a</name></domaincheckpoint>", false);
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_true (vckc_checkpoint_def_check_size (def, NULL));
  def->description = g_strnfill (VCKC_XML_MAX_SIZE / 6, '"');
  g_assert_false (vckc_checkpoint_def_check_size (def, &error));
  message = golden_describe_error (error);
  g_assert_true (g_str_has_prefix (message, "14 the description of the checkpoint and its domain "
                                            "has "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  golden_add_tests ("/vck/checkpoint-def/golden", "checkpoint", make_redefinition);
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/checkpoint-def/vector/", vectors[i].id, NULL);

      g_test_add_data_func (path, &vectors[i], test_vector);
    }
  g_test_add_func ("/vck/checkpoint-def/round-trip", test_round_trip);
  g_test_add_func ("/vck/checkpoint-def/copy", test_copy);
  g_test_add_func ("/vck/checkpoint-def/copy-empty", test_copy_empty);
  g_test_add_func ("/vck/checkpoint-def/facts", test_facts);
  g_test_add_func ("/vck/checkpoint-def/facts-partial", test_facts_partial);
  g_test_add_func ("/vck/checkpoint-def/create-ignores", test_create_ignores);
  g_test_add_func ("/vck/checkpoint-def/report", test_report);
  g_test_add_func ("/vck/checkpoint-def/align-again", test_align_again);
  g_test_add_func ("/vck/checkpoint-def/align-fails", test_align_fails);
  g_test_add_func ("/vck/checkpoint-def/align-many", test_align_many);
  g_test_add_func ("/vck/checkpoint-def/sizes", test_sizes);
  g_test_add_func ("/vck/checkpoint-def/order", test_order);
  g_test_add_func ("/vck/checkpoint-def/domain-and-secrets", test_domain_and_secrets);
  g_test_add_func ("/vck/checkpoint-def/check-size", test_check_size);
  return g_test_run ();
}
