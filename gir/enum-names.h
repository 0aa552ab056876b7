/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the values of enums and flags are called in the library. */

#pragma once

#include "model.h"

/* VCKC_DOMAIN_LIST_ACTIVE -> VCK_DOMAIN_LIST_ACTIVE */
char *bg_enum_member_name (const BgModel *model, const BgMember *member);

/* VckDomainListFlags -> VCK_DOMAIN_LIST_NONE, for no flag at all, unless core has a name for 0.
 * NULL if there is none. */
char *bg_enum_none_name (const BgModel *model, const BgEnum *enumeration);

/* VCKC_DOMAIN_LIST_ACTIVE of VckDomainListFlags -> "active". The name of the type says more
 * than what the values have in common, which is all of it if there is only one value. */
char *bg_enum_member_nick (const BgModel *model, const BgEnum *enumeration, const BgMember *member);
