#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# wrapper.sh sanitize|tsan|valgrind PROGRAM [ARGUMENT]...: runs a test in an environment for finding
# errors of memory. For meson test --wrapper.
#
# Only our own programs are looked at closely. What an interpreter or another tool leaves behind
# is not ours; but a library built with the sanitizer needs it loaded before everything else.

kind=$1
shift

is_ours () {
  case $1 in
    /usr/* | /bin/*) return 1 ;;
  esac
  [ "$(head -c 4 "$1" | tr -d '\177')" = ELF ]
}

# Programs with libvirt's QEMU driver inside. They run without valgrind: that driver starts QEMU from forked
# children, for which valgrind reports leaks of libvirt's own and changes their exit status, so that
# libvirt cannot start any domain. Vck's calls are covered by contract-libvirt-test and contract-local-*.
embeds_libvirt () {
  case ${1##*/} in
    test-contract-libvirt-embed | test-libvirt-backup) return 0 ;;
  esac
  return 1
}

# libvirt's way to encode messages. The sanitizer wraps it, if it is there when the program starts, and
# else calls nothing at all.
find_xdr () {
  /sbin/ldconfig -p | sed -n 's/.* => \(.*libtirpc\.so\.[0-9]*\)$/\1/p' | head -n 1
}

case $kind in
  sanitize)
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export P11_KIT_DEBUG=none # see build_with_sanitizers in dev
    if is_ours "$1"; then
      export ASAN_OPTIONS=detect_leaks=1
      # The sanitizer mistakes what stands before the dynamic thread-local storage of loaded drivers
      # for its size, and crashes while it looks for leaks.
      if embeds_libvirt "$1"; then
        ASAN_OPTIONS=$ASAN_OPTIONS:intercept_tls_get_addr=0
      fi
    else
      export ASAN_OPTIONS=detect_leaks=0
      # This one measures memory, so little of what is freed may be held back. The others keep all of it
      # for a while, which finds uses after the end.
      case " $* " in
        *" test_signals "*)
          ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1:thread_local_quarantine_size_kb=16
          ;;
      esac
      LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so) $(find_xdr)"
      export LD_PRELOAD
    fi
    exec "$@"
    ;;
  tsan)
    # GLib's own slices go from thread to thread unseen.
    export G_SLICE=always-malloc
    export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=${0%/*}/tsan.supp"
    exec "$@"
    ;;
  valgrind)
    is_ours "$1" && ! embeds_libvirt "$1" || exec "$@"
    export G_SLICE=always-malloc
    export VCK_TEST_SMALL=1 # a million of something takes too long here
    export VCK_TEST_VALGRIND=1
    exec valgrind --quiet --error-exitcode=1 --num-callers=40 \
      --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
      --suppressions=/usr/share/glib-2.0/valgrind/glib.supp \
      --suppressions="$(dirname "$0")/valgrind.supp" \
      "$@"
    ;;
  *)
    echo "$0: unknown kind '$kind'" >&2
    exit 2
    ;;
esac
