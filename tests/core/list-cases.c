/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-cases.h"

#include <stddef.h>

#include "vckc-domain-checkpoint.h"

#define ROOTS VCKC_CHECKPOINT_LIST_ROOTS
#define DESCENDANTS VCKC_CHECKPOINT_LIST_DESCENDANTS
#define TOPOLOGICAL VCKC_CHECKPOINT_LIST_TOPOLOGICAL
#define LEAVES VCKC_CHECKPOINT_LIST_LEAVES
#define NO_LEAVES VCKC_CHECKPOINT_LIST_NO_LEAVES

const ListCase list_cases[] = {
  { "T26", NULL, 0, "a b c root2 x y z" },
  { "T27", NULL, ROOTS, "a root2" },
  { "T28", NULL, TOPOLOGICAL, "a b c root2 x y z" },
  { "T29", NULL, ROOTS | TOPOLOGICAL, "a root2" },
  { "T30", NULL, LEAVES, "c y z" },
  { "T31", NULL, ROOTS | LEAVES, "" },
  { "T32", NULL, TOPOLOGICAL | LEAVES, "c y z" },
  { "T33", NULL, ROOTS | TOPOLOGICAL | LEAVES, "" },
  { "T34", NULL, NO_LEAVES, "a b root2 x" },
  { "T35", NULL, ROOTS | NO_LEAVES, "a root2" },
  { "T36", NULL, TOPOLOGICAL | NO_LEAVES, "a b root2 x" },
  { "T37", NULL, ROOTS | TOPOLOGICAL | NO_LEAVES, "a root2" },
  { "T38", NULL, LEAVES | NO_LEAVES, "" },
  { "T39", NULL, ROOTS | LEAVES | NO_LEAVES, "" },
  { "T40", NULL, TOPOLOGICAL | LEAVES | NO_LEAVES, "" },
  { "T41", NULL, ROOTS | TOPOLOGICAL | LEAVES | NO_LEAVES, "" },
  { "T42", "a", 0, "b x" },
  { "T43", "a", DESCENDANTS, "b c x y" },
  { "T44", "a", TOPOLOGICAL, "b x" },
  { "T45", "a", DESCENDANTS | TOPOLOGICAL, "b c x y" },
  { "T46", "a", LEAVES, "" },
  { "T47", "a", DESCENDANTS | LEAVES, "c y" },
  { "T48", "a", NO_LEAVES, "b x" },
  { "T49", "a", DESCENDANTS | NO_LEAVES, "b x" },
  { "T50", "a", LEAVES | NO_LEAVES, "" },
  { "T51", "b", LEAVES, "c" },
  { "T52", "c", DESCENDANTS, "" },
  { NULL, NULL, 0, NULL },
};
