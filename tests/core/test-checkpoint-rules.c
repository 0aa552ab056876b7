/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Table X of docs/internals/semantics.md, as far as it is about definitions. */

#include "def-text.h"
#include "golden.h"
#include "model/checkpoint-xml.h"

typedef struct
{
  const char *id;
  bool redefine;
  const char *xml;
  /* Of a success: name, description and disks; else code and text of the error. */
  const char *expected;
} RuleCase;

static const RuleCase cases[] = {
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

/* What creating or redefining a checkpoint makes of a document. */
static VckcCheckpointDef *
read_document (const RuleCase *row, VckcError **err)
{
  g_autoptr (VckcDomainDef) t = def_text_domain ();
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse (row->xml, row->redefine, err);
  const VckcDomainDef *domain;

  if (def == NULL)
    return NULL;
  domain = row->redefine ? def->domain : t;
  if (domain != NULL && !vckc_checkpoint_def_align (def, domain, err))
    return NULL;
  if (def->name != NULL)
    vckc_checkpoint_def_name_bitmaps (def);
  return g_steal_pointer (&def);
}

static void
test_case (gconstpointer data)
{
  const RuleCase *row = data;
  VckcError *error = NULL;
  g_autoptr (VckcCheckpointDef) def = read_document (row, &error);
  g_autofree char *result = def != NULL ? def_text_describe (def) : golden_describe_error (error);

  g_assert_cmpstr (result, ==, row->expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/checkpoint-rules/", cases[i].id, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
