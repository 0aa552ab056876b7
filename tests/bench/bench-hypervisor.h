/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A libvirtd of the measurement's own, and a domain without guest that runs in it. */

#pragma once

#include <gio/gio.h>
#include <libvirt/libvirt.h>
#include <stdbool.h>

typedef struct
{
  char *dir;
  char *uri;
  GSubprocess *process;
  virConnect *connect;
  virDomain *domain;
} BenchHypervisor;

/* False if there is no libvirtd here, or none that starts. All files are its own; root runs it as
 * another user, to whom `image`, the disk of the domain, is given with its folder. */
bool bench_hypervisor_start (BenchHypervisor *self, const char *image);
void bench_hypervisor_stop (BenchHypervisor *self);

/* Lets its QEMU have a file or folder. */
void bench_hypervisor_give (const char *path);

/* QEMU starts or, storing the bitmaps, ends. */
void bench_hypervisor_power_on (BenchHypervisor *self);
void bench_hypervisor_power_off (BenchHypervisor *self);
