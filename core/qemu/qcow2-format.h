/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The parts of the qcow2 format that bitmaps are about, from QEMU's docs/interop/qcow2.txt. Numbers
 * are big-endian. */

#pragma once

/* Where things are in the header of version 3. */
enum
{
  QCOW2_MAGIC = 0,
  QCOW2_VERSION = 4,
  QCOW2_BACKING_FILE = 8,
  QCOW2_BACKING_FILE_SIZE = 16,
  QCOW2_CLUSTER_BITS = 20,
  QCOW2_DISK_SIZE = 24,
  QCOW2_L1_SIZE = 36,
  QCOW2_L1_TABLE = 40,
  QCOW2_REFCOUNT_TABLE = 48,
  QCOW2_REFCOUNT_TABLE_CLUSTERS = 56,
  QCOW2_INCOMPATIBLE = 72,
  QCOW2_AUTOCLEAR = 88,
  QCOW2_REFCOUNT_ORDER = 96,
  QCOW2_HEADER_LENGTH = 100,
  QCOW2_HEADER_MIN = 104,
};

#define QCOW2_MAGIC_NUMBER 0x514649fbu /* "QFI\xfb" */
#define QCOW2_MAX_CLUSTER_BITS 21
#define QCOW2_INCOMPATIBLE_DIRTY (G_GUINT64_CONSTANT (1) << 0)
#define QCOW2_INCOMPATIBLE_CORRUPT (G_GUINT64_CONSTANT (1) << 1)
#define QCOW2_INCOMPATIBLE_EXTENDED_L2 (G_GUINT64_CONSTANT (1) << 4)
#define QCOW2_MIN_EXTENDED_L2_CLUSTER (16u << 10)
#define QCOW2_AUTOCLEAR_BITMAPS (G_GUINT64_CONSTANT (1) << 0)
#define QCOW2_AUTOCLEAR_RAW_DATA_FILE (G_GUINT64_CONSTANT (1) << 1)
/* A program that changes an image must clear all others: they stand for data that it does not
 * update. */
#define QCOW2_AUTOCLEAR_KNOWN (QCOW2_AUTOCLEAR_BITMAPS | QCOW2_AUTOCLEAR_RAW_DATA_FILE)

/* Extensions follow the header: type, length, data, padding to 8 bytes; the last is of type 0. */
#define QCOW2_EXTENSION_HEAD 8
#define QCOW2_EXTENSION_BITMAPS 0x23852875u
#define QCOW2_EXTENSION_BACKING_FORMAT 0xe2792acau
#define QCOW2_EXTENSION_FEATURE_NAMES 0x6803f857u

/* The data of the extension for bitmaps. */
enum
{
  QCOW2_DIRECTORY_COUNT = 0,
  QCOW2_DIRECTORY_SIZE = 8,
  QCOW2_DIRECTORY_OFFSET = 16,
  QCOW2_BITMAPS_SIZE = 24,
};

/* A bitmap in the directory: this, extra data, the name, padding to 8 bytes. */
enum
{
  QCOW2_ENTRY_TABLE_OFFSET = 0,
  QCOW2_ENTRY_TABLE_SIZE = 8,
  QCOW2_ENTRY_FLAGS = 12,
  QCOW2_ENTRY_TYPE = 16,
  QCOW2_ENTRY_GRANULARITY_BITS = 17,
  QCOW2_ENTRY_NAME_SIZE = 18,
  QCOW2_ENTRY_EXTRA_SIZE = 20,
  QCOW2_ENTRY_HEAD = 24,
};

#define QCOW2_BITMAP_IN_USE 1u
#define QCOW2_BITMAP_AUTO 2u
#define QCOW2_BITMAP_DIRTY_TRACKING 1
/* Of an entry in the table of a bitmap. */
#define QCOW2_BITMAP_CLUSTER G_GUINT64_CONSTANT (0x00fffffffffffe00)

/* QEMU's own limits. */
#define QCOW2_MAX_BITMAPS 65535u
#define QCOW2_MAX_DIRECTORY (G_GUINT64_CONSTANT (1024) * QCOW2_MAX_BITMAPS)
#define QCOW2_MAX_BITMAP_NAME 1023u
#define QCOW2_MAX_BACKING_NAME 1023u
#define QCOW2_MAX_L1_SIZE (G_GUINT64_CONSTANT (32) << 20)
#define QCOW2_MAX_BITMAP_BYTES (G_GUINT64_CONSTANT (512) << 20)
