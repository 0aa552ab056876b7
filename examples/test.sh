#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs the examples of one language and compares what they print, which is the same in every
# language. Reports in TAP.
#
# Usage: test.sh INTERPRETER PREFIX SUFFIX    the example "list" is run by: INTERPRETER PREFIXlistSUFFIX

set -u

interpreter=$1
prefix=$2
suffix=$3
number=0
failures=0
folder=$(mktemp -d "${TMPDIR:-/tmp}/vck examples XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
uri="local://$(printf %s "$folder" | sed 's/ /%20/g')/domains"
image="$folder/it's a disk.qcow2"

# example NAME ARGUMENT...: runs it; its output and its exit status become $output.
example () {
  name=$1
  shift
  # The interpreter may be several words.
  # shellcheck disable=SC2086
  output=$($interpreter "$prefix$name$suffix" "$@" 2>&1)
  output="$output
status $?"
}

# expect WHAT TEXT: one case, passed if $output is the text.
expect () {
  number=$((number + 1))
  if [ "$output" = "$2" ]; then
    echo "ok $number - $1"
  else
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "expected:" "$2" "got:" "$output" | sed 's/^/# /'
  fi
}

# expect_error WHAT PATTERN: one case, passed if the example failed with one line that matches.
expect_error () {
  number=$((number + 1))
  case $output in
    $2"
status 1") echo "ok $number - $1" ;;
    *)
      failures=$((failures + 1))
      echo "not ok $number - $1"
      printf '%s\n' "expected:" "$2" "got:" "$output" | sed 's/^/# /'
      ;;
  esac
}

# Leaks of an interpreter are ignored, those of our own programs are not: see tests/wrapper.sh.
if [ -z "$interpreter" ]; then
  unset LD_PRELOAD
  export ASAN_OPTIONS=detect_leaks=1
fi

qemu-img create -q -f qcow2 "$image" 64M || exit 1

example create "$uri" "$image" monday
expect "create: nothing has changed yet" "monday: vda 0 bytes
status 0"

qemu-io -f qcow2 -c "write 0 100k" "$image" >/dev/null || exit 1
example create "$uri" "$image" tuesday
expect "create: what was written since the first" "monday: vda 131072 bytes
tuesday: vda 0 bytes
status 0"

example create "$uri" "$image" tuesday
expect_error "create: a name that is taken" "create: *'tuesday'*"

example changed "$uri" example monday
expect "changed: what was written since the first" "vda: 131072 bytes at 0, data
status 0"

example changed "$uri" example tuesday
expect "changed: nothing since the second" "
status 0"

example changed "$uri" example friday
expect_error "changed: a checkpoint that does not exist" "changed: *'friday'*"

example tree "$uri"
expect "tree: checkpoints under their parents" "example (shutoff)
  monday
    tuesday
status 0"

example list "$uri"
expect "list: a domain with its disk" "example: shutoff, disks: vda, checkpoints: 2
status 0"

example list memory:///default
expect "list: the predefined domain" "test: running, disks: vda vdb, checkpoints: 0
status 0"

if [ -n "${VCK_HAVE_LIBVIRT:-}" ]; then
  example tree test:///default
  expect "tree: a domain of libvirt" "test (running)
status 0"
fi

# Those of GTK are looked at in tests/gtk.
windows=
if [ -n "${VCK_HAVE_GTK:-}" ]; then
  windows=window
fi

for name in list tree $windows; do
  example "$name" nosuch:///host
  expect_error "$name: a driver that does not exist" "$name: *nosuch*"
done

# Many connections are read at the same time, which is shown in one language.
if [ "$suffix" = .py ]; then
  example fleet "$uri" memory:///default
  output=$(printf %s "$output" | tr -s ' ')
  expect "fleet: one table" "CONNECTION DOMAIN STATE CHECKPOINTS NEWEST
$uri example shutoff 2 tuesday
memory:///default test running 0 -
status 0"

  example fleet memory:///default nosuch:///host
  expect_error "fleet: a connection that cannot be read" "*memory:///default  test    *running*
nosuch:///host     -       unreachable*
fleet: nosuch:///host: *"
fi

store="$folder/the store"
example backup "$uri" "$store"
expect "backup: all data the first time" "example: vda 131072 bytes, full
status 0"

qemu-io -f qcow2 -c "write 1M 64k" "$image" >/dev/null || exit 1
example backup "$uri" "$store"
expect "backup: then only what was written" "example: vda 65536 bytes, incremental
status 0"

# A domain that comes before the other, and whose image is not there.
uuid=00000000-0000-4000-8000-000000000001
mkdir "$folder/domains/$uuid"
sed -e 's/>example</>another</' -e "s/<uuid>.*</<uuid>$uuid</" -e 's/a disk/no disk/' \
  "$folder"/domains/*/domain.xml >"$folder/domains/$uuid/domain.xml"
qemu-io -f qcow2 -c "write 2M 64k" "$image" >/dev/null || exit 1
example backup "$uri" "$store"
expect_error "backup: the domains after one that fails" "backup: another: *no disk.qcow2*
example: vda 65536 bytes, incremental"
rm -r "$folder/domains/$uuid"

example backup "$uri" "$folder/it's a disk.qcow2"
expect_error "backup: a repository that is a file" "backup: *"

example watch
expect "watch: signals in order" "test: + first
test: - first
closed
status 0"

# Only what is asked for goes to stdout: a mistake of the user goes to stderr, in a line or two.
names="list tree create changed watch backup $windows"
if [ "$suffix" = .py ]; then
  names="$names fleet"
fi
for name in $names; do
  # shellcheck disable=SC2086
  output=$($interpreter "$prefix$name$suffix" --help 2>/dev/null; echo "status $?")
  case $output in
    *"usage: "*"$name"*URI*"
status 0") output=shown ;;
  esac
  expect "$name: how it is used" shown

  example "$name" --nonsense
  expect_error "$name: an unknown option" "usage: *$name*URI*"
  case $output in
    *Traceback* | *" at "*.js*) output=trace ;;
    *) output=none ;;
  esac
  expect "$name: no trace of the program's calls" none

  # shellcheck disable=SC2086
  output=$($interpreter "$prefix$name$suffix" --nonsense 2>/dev/null)
  expect "$name: a mistake is not printed on stdout" ""
done

echo "1..$number"
[ "$failures" = 0 ]
