/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The definition of a domain: libvirt's `<domain>` document, of which the name, the UUID, the
 * disks and the sockets of QEMU are read; the rest is kept as it is. Immutable once made, and
 * counted by reference, so that checkpoints can share the one they were made under.
 */

#pragma once

#include "model/domain-images.h"
#include "xml/xml-parse.h"

/* The sockets of QEMU in `<metadata>`: <vck:machine xmlns:vck='…' qmp='/path' agent='/path'/> */
#define VCKC_DOMAIN_NAMESPACE "urn:vck:domain:1"

typedef struct
{
  char *target;      /* such as "vda" */
  char *source;      /* (nullable): a path; NULL if empty or not a file or block device */
  char *format;      /* driver type; "raw" if not given, as in libvirt */
  char *bus;         /* (nullable) */
  bool is_block;     /* the source is a block device */
  bool read_only;    /* <readonly/>, or a cdrom */
  bool empty;        /* a drive without a medium */
  bool transient;    /* <transient/> */
  GPtrArray *images; /* of VckcDomainImage, owned reference; shared by copies of the definition */
} VckcDomainDiskDef;

typedef struct
{
  gint ref_count; /* atomic */
  char *name;
  char *uuid;         /* 36 characters, lower case; NULL if the document has none */
  GPtrArray *disks;   /* of VckcDomainDiskDef, in document order */
  char *qmp_socket;   /* (nullable): absolute path of a socket where QEMU speaks QMP */
  char *agent_socket; /* (nullable): and of one where the guest's agent listens */
  xmlDoc *doc;        /* owned; <domain> is its root; has <uuid> if uuid is set */
  char *elements[2];  /* (nullable), owned, atomic: what vckc_domain_def_get_element() returns,
                       * without and with secrets; NULL until it was first asked for */
} VckcDomainDef;

/* Reads a `<domain>` document. */
VckcDomainDef *vckc_domain_def_parse (const char *text, VckcError **err);
/* Reads a `<domain>` element inside another, already validated document. */
VckcDomainDef *vckc_domain_def_new_from_node (const xmlNode *node, VckcError **err);
/* The same definition with another name, if it can be one. */
VckcDomainDef *
vckc_domain_def_with_name (const VckcDomainDef *def, const char *name, VckcError **err);
/* The same definition with another UUID. */
VckcDomainDef *vckc_domain_def_with_uuid (const VckcDomainDef *def, const char *uuid);
VckcDomainDef *vckc_domain_def_ref (VckcDomainDef *def);
void vckc_domain_def_unref (VckcDomainDef *def);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainDef, vckc_domain_def_unref)

/* As a document of its own. Without `secure`, secrets (console passwords) are left out. */
void vckc_domain_def_format (const VckcDomainDef *def, bool secure, GString *out);
/* As an element inside the element that is another document. Belongs to the definition: all
 * checkpoints that were made under it have this text in their documents. */
const char *vckc_domain_def_get_element (VckcDomainDef *def, bool secure);

/* Has it an image, in a format that can keep bitmaps? */
bool vckc_domain_disk_def_may_have_bitmaps (const VckcDomainDiskDef *disk);

const VckcDomainDiskDef *vckc_domain_def_find_disk (const VckcDomainDef *def, const char *target);

/* Do both have the same disks in the same order, and the same QEMU? */
bool vckc_domain_def_has_same_disks (const VckcDomainDef *one, const VckcDomainDef *other);

/* "'vda', 'vdb'", a few at most, for messages: those with that source, or all if it is NULL. */
char *vckc_domain_def_describe_targets (const VckcDomainDef *def, const char *source);

/* Is this a UUID? Then its 36-character lower-case form, else NULL. */
char *vckc_uuid_normalize (const char *uuid);
