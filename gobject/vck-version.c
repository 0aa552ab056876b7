/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The version of the library that a program runs with, which may be newer than its headers. */

#include <vck/vck.h>

/**
 * vck_get_major_version:
 *
 * Gets the major version of the library that the program runs with: 1 of version 1.2.3. The macro
 * %VCK_MAJOR_VERSION is that of the headers it was compiled against.
 *
 * Returns: the major version
 *
 * Since: 1.0
 */
guint
vck_get_major_version (void)
{
  return VCK_MAJOR_VERSION;
}

/**
 * vck_get_minor_version:
 *
 * Gets the minor version of the library that the program runs with: 2 of version 1.2.3. The macro
 * %VCK_MINOR_VERSION is that of the headers it was compiled against.
 *
 * Returns: the minor version
 *
 * Since: 1.0
 */
guint
vck_get_minor_version (void)
{
  return VCK_MINOR_VERSION;
}

/**
 * vck_get_micro_version:
 *
 * Gets the micro version of the library that the program runs with: 3 of version 1.2.3. The macro
 * %VCK_MICRO_VERSION is that of the headers it was compiled against.
 *
 * Returns: the micro version
 *
 * Since: 1.0
 */
guint
vck_get_micro_version (void)
{
  return VCK_MICRO_VERSION;
}

/**
 * vck_get_version:
 *
 * Gets the version of the library that the program runs with, as text: `1.2.3`. The macro
 * %VCK_VERSION_S is that of the headers it was compiled against.
 *
 * Returns: (transfer none): the version, which lives as long as the program
 *
 * Since: 1.0
 */
const char *
vck_get_version (void)
{
  return VCK_VERSION_S;
}

/**
 * vck_check_version:
 * @major: the major version to ask for
 * @minor: the minor version to ask for
 * @micro: the micro version to ask for
 *
 * Gets whether the library that the program runs with has this version or a newer one. At compile
 * time, `VCK_CHECK_VERSION()` asks the same of the headers.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
vck_check_version (guint major, guint minor, guint micro)
{
  if (major != vck_get_major_version ())
    return major < vck_get_major_version ();
  if (minor != vck_get_minor_version ())
    return minor < vck_get_minor_version ();
  return micro <= vck_get_micro_version ();
}
