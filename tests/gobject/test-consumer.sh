#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# test-consumer.sh SOURCE BUILD PREFIX LIBDIR HAS_GIR HAS_VAPI: builds the consumer against a
# staged install of BUILD, and with SOURCE as its subproject.

set -eu
source=$1 build=$2 prefix=$3 libdir=$4 has_gir=$5 has_vapi=$6
consumer=$source/tests/gobject/consumer
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset DESTDIR CFLAGS CXXFLAGS LDFLAGS
count=0

# check WHAT COMMAND...: one line of TAP; the output of what fails is shown.
check () {
  what=$1
  shift
  count=$((count + 1))
  if "$@" >"$scratch/log" 2>&1; then
    echo "ok $count $what"
  else
    sed 's/^/# /' "$scratch/log"
    echo "not ok $count $what"
  fi
}

stage=$scratch/stage
staged_lib=$stage$prefix/$libdir

# The .pc file contains the prefix; the stage is elsewhere.
relocate () {
  sed -i "s|^prefix=.*|prefix=$stage$prefix|" "$staged_lib/pkgconfig/vck-1.pc"
}

with_stage () {
  env PKG_CONFIG_PATH="$staged_lib/pkgconfig" LD_LIBRARY_PATH="$staged_lib" "$@"
}

files_exist () {
  for file in "$@"; do
    [ -e "$file" ] || { echo "there is no $file"; return 1; }
  done
}

# Headers are not for inclusion by themselves, and say so.
refuses_single_headers () {
  for header in "$stage$prefix"/include/vck-1/vck/vck-*.h; do
    echo "#include <vck/$(basename "$header")>" >"$scratch/single.c"
    # shellcheck disable=SC2046
    if cc -fsyntax-only $(with_stage pkg-config --cflags vck-1) "$scratch/single.c" 2>"$scratch/why"
    then
      echo "$header can be included directly"
      return 1
    fi
    grep -q 'Only <vck/vck.h> can be included directly' "$scratch/why" ||
      { echo "$header does not say why"; cat "$scratch/why"; return 1; }
  done
}

# Nothing private is exported.
exports_only_vck () {
  nm -D --defined-only "$staged_lib/libvck-1.so.0" | awk '$2 != "A" { print $3 }' >"$scratch/symbols"
  [ -s "$scratch/symbols" ] || { echo "no symbol is exported"; return 1; }
  ! grep -v '^vck_' "$scratch/symbols"
}

needs_no_private_package () {
  ! with_stage pkg-config --print-requires --print-requires-private vck-1 | grep -E 'xml|json'
}

# As a distribution builds it that has a static library, too.
configures_both () {
  meson setup --default-library=both -Dtests=false -Dintrospection=disabled -Dvapi=disabled \
    -Ddocs=disabled "$scratch/both" "$source"
}

# What `pkg-config --static` says is enough to link what a static library consists of.
links_statically () {
  libs=$(PKG_CONFIG_PATH="$scratch/both/meson-private" pkg-config --static --libs vck-1 |
    sed 's/-lvck-1//')
  # shellcheck disable=SC2046,SC2086
  cc -o "$scratch/static-consumer" "$consumer/consumer.c" $(with_stage pkg-config --cflags vck-1) \
    -Wl,--start-group "$build/gobject/libvck-internal.a" "$build/core/libvckc.a" -Wl,--end-group $libs
}

check 'it installs' meson install -C "$build" --no-rebuild --destdir "$stage"
check 'the .pc file is there' relocate
check 'libraries and headers are there' files_exist "$staged_lib/libvck-1.so" \
  "$staged_lib/libvck-1.so.0" "$stage$prefix/include/vck-1/vck/vck.h"
if [ "$has_gir" = true ]; then
  check 'GIR and typelib are where the .pc file says' files_exist \
    "$(with_stage pkg-config --variable=girdir vck-1)/Vck-1.gir" \
    "$(with_stage pkg-config --variable=typelibdir vck-1)/Vck-1.typelib"
fi
if [ "$has_vapi" = true ]; then
  check 'the Vala binding is there' files_exist "$stage$prefix/share/vala/vapi/vck-1.vapi" \
    "$stage$prefix/share/vala/vapi/vck-1.deps"
fi
check 'only <vck/vck.h> can be included' refuses_single_headers
check 'only vck_ is exported' exports_only_vck
check 'programs need no package of the insides' needs_no_private_package

check 'configures against the install' \
  with_stage meson setup --wrap-mode=nofallback "$scratch/installed" "$consumer"
check 'compiles against the install' with_stage ninja -C "$scratch/installed"
check 'runs with the install' with_stage "$scratch/installed/consumer"
check 'runs with the install, in C++' with_stage "$scratch/installed/consumer-cpp"

check 'configures both kinds of library' configures_both
check 'links what is static' links_statically
check 'runs with what is static' "$scratch/static-consumer"

cp -r "$consumer" "$scratch/project"
mkdir "$scratch/project/subprojects"
ln -s "$source" "$scratch/project/subprojects/vck"
check 'configures with the subproject' env PKG_CONFIG_PATH= \
  meson setup --force-fallback-for=vck-1 -Dvck:tests=false -Dvck:introspection=disabled \
  -Dvck:vapi=disabled -Dvck:docs=disabled "$scratch/subproject" "$scratch/project"
check 'compiles with the subproject' ninja -C "$scratch/subproject"
check 'runs with the subproject' "$scratch/subproject/consumer"
check 'runs with the subproject, in C++' "$scratch/subproject/consumer-cpp"

echo "1..$count"
