/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What became of every symbol. */

#pragma once

#include "model.h"

/* One line with the sums. */
char *bg_report_summary (const BgModel *model);

/* A table and the summary. */
char *bg_report_text (const BgModel *model);

char *bg_report_json (const BgModel *model);
