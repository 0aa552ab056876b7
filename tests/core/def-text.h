/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Definitions of checkpoints as text, for tests. */

#pragma once

#include "model/checkpoint-def.h"

#define NAMED(rest) "<domaincheckpoint><name>a</name>" rest "</domaincheckpoint>"
#define NAME(name) "<domaincheckpoint><name>" name "</name></domaincheckpoint>"
#define DISKS(disks) NAMED ("<disks>" disks "</disks>")
#define TIMED(rest) NAMED ("<creationTime>5</creationTime>" rest)
#define DOMAIN_OF(name, devices)                                                                   \
  "<domain type='test'><name>" name "</name>"                                                      \
  "<uuid>11111111-2222-3333-4444-555555555555</uuid>" devices "</domain>"
#define ONE_DISK                                                                                   \
  "<devices><disk type='file'><source file='/a'/><target dev='vda'/></disk></devices>"

/* The domain of the tests of definitions: data/t.xml. */
VckcDomainDef *def_text_domain (void);

/* "a (description) <parent @5 vda=bitmap:a vdb=no": what a definition has, if it has it. */
char *def_text_describe (const VckcCheckpointDef *def);
