/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Preloaded into a program, counts every call by which it changes something outside, and at the
 * chosen one ends the program, or its child, or makes the call fail.
 *
 *   VCK_CRASH_PROGRAM  name of the program that is counted; others are left alone
 *   VCK_CRASH_MODE     what happens, see modes[] below
 *   VCK_CRASH_AT       at which call, from 1
 *   VCK_CRASH_TEXT     if set, only a message to a peer that holds this text is counted
 *   VCK_CRASH_MARK     a file that is made when it happens, and says where; while it exists
 *                      nothing happens any more, but in the mode "full"
 *
 * Calls are made directly to the kernel, so that it does not matter what else is loaded.
 */

#define _GNU_SOURCE /* memmem() */
/* open() and open64() are both defined here. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum
{
  KILL_SELF = 1 << 0,
  KILL_CHILD = 1 << 1,
  AFTERWARDS = 1 << 2,
  FOR_EVER = 1 << 3,
} Effect;

typedef struct
{
  const char *name;
  int effects;
  int error; /* errno of the call that fails, or 0 */
} Mode;

static const Mode modes[] = {
  { "kill", KILL_SELF, 0 },        { "kill-after", KILL_SELF | AFTERWARDS, 0 },
  { "kill-child", KILL_CHILD, 0 }, { "kill-both", KILL_CHILD | KILL_SELF, 0 },
  { "enospc", 0, ENOSPC },         { "eio", 0, EIO },
  { "full", FOR_EVER, ENOSPC },
};

static const Mode *mode; /* NULL if this program is not counted */
static unsigned long at;
static const char *mark;
static const char *text;    /* (nullable) */
static unsigned long count; /* atomic */

__attribute__ ((constructor)) static void
crash_points_init (void)
{
  const char *program = getenv ("VCK_CRASH_PROGRAM");
  const char *name = getenv ("VCK_CRASH_MODE");
  const char *number = getenv ("VCK_CRASH_AT");

  mark = getenv ("VCK_CRASH_MARK");
  text = getenv ("VCK_CRASH_TEXT");
  if (program == NULL || name == NULL || number == NULL || mark == NULL
      || strcmp (program, program_invocation_short_name) != 0)
    return;
  at = strtoul (number, NULL, 10);
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
    if (strcmp (modes[i].name, name) == 0)
      mode = &modes[i];
}

/* Notes that it happens now; false if it did before. */
static bool
make_mark (const char *call)
{
  long fd = syscall (SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    return false;
  syscall (SYS_write, fd, call, strlen (call));
  syscall (SYS_close, fd);
  return true;
}

/* Kills the children of this thread, and waits until they are dead, not reaping them. */
static void
kill_children (void)
{
  char list[256] = { 0 };
  long fd = syscall (SYS_openat, AT_FDCWD, "/proc/thread-self/children", O_RDONLY | O_CLOEXEC, 0);
  char *next = list;

  if (fd < 0)
    return;
  syscall (SYS_read, fd, list, sizeof list - 1);
  syscall (SYS_close, fd);
  for (long pid; (pid = strtol (next, &next, 10)) > 0;)
    {
      siginfo_t info;

      kill ((pid_t) pid, SIGKILL);
      waitid (P_PID, (id_t) pid, &info, WEXITED | WNOWAIT);
    }
}

static void
strike (void)
{
  if (mode->effects & KILL_CHILD)
    kill_children ();
  if (mode->effects & KILL_SELF)
    for (;;)
      syscall (SYS_kill, getpid (), SIGKILL);
}

/* What is to happen with one call. */
typedef enum
{
  GOES_ON,
  FAILS,
  STRUCK_AFTERWARDS,
} CallOutcome;

static CallOutcome
meet_point (const char *call)
{
  unsigned long number;

  if (mode == NULL || (text != NULL && strcmp (call, "sendmsg") != 0))
    return GOES_ON;
  number = __atomic_add_fetch (&count, 1, __ATOMIC_SEQ_CST);
  if (number < at || (number > at && !(mode->effects & FOR_EVER)))
    return GOES_ON;
  if (!make_mark (call) && !(mode->effects & FOR_EVER))
    return GOES_ON;
  if (mode->error != 0)
    {
      errno = mode->error;
      return FAILS;
    }
  if (mode->effects & AFTERWARDS)
    return STRUCK_AFTERWARDS;
  strike ();
  return GOES_ON;
}

/* Writing counts if it is to a file, a device or a peer: not to a pipe or an event counter. */
static bool
matters (int fd)
{
  struct stat info;

  return mode != NULL && fstat (fd, &info) == 0
         && (S_ISREG (info.st_mode) || S_ISBLK (info.st_mode) || S_ISSOCK (info.st_mode));
}

/* Does the message count? */
static bool
is_sent (const struct msghdr *message)
{
  for (size_t i = 0; mode != NULL && text != NULL && i < message->msg_iovlen; i++)
    {
      const struct iovec *part = &message->msg_iov[i];

      if (memmem (part->iov_base, part->iov_len, text, strlen (text)) != NULL)
        return true;
    }
  return text == NULL;
}

#define VISIBLE __attribute__ ((visibility ("default")))

/* Defines a function that counts if `counts`, and makes the kernel's call. */
#define POINT(type, name, parameters, counts, call)                                                \
  VISIBLE type name parameters                                                                     \
  {                                                                                                \
    CallOutcome outcome = (counts) ? meet_point (#name) : GOES_ON;                                 \
    type result;                                                                                   \
                                                                                                   \
    if (outcome == FAILS)                                                                          \
      return -1;                                                                                   \
    result = (type) call;                                                                          \
    if (outcome == STRUCK_AFTERWARDS)                                                              \
      strike ();                                                                                   \
    return result;                                                                                 \
  }

POINT (ssize_t,
       write,
       (int fd, const void *data, size_t size),
       matters (fd),
       syscall (SYS_write, fd, data, size))
POINT (ssize_t,
       pwrite,
       (int fd, const void *data, size_t size, off_t offset),
       matters (fd),
       syscall (SYS_pwrite64, fd, data, size, offset))
POINT (ssize_t,
       pwrite64,
       (int fd, const void *data, size_t size, off64_t offset),
       matters (fd),
       syscall (SYS_pwrite64, fd, data, size, offset))
POINT (ssize_t,
       writev,
       (int fd, const struct iovec *data, int n),
       matters (fd),
       syscall (SYS_writev, fd, data, n))
/* The kernel takes an offset in two halves, of which the upper one is nothing on 64 bits. */
POINT (ssize_t,
       pwritev,
       (int fd, const struct iovec *data, int n, off_t offset),
       matters (fd),
       syscall (SYS_pwritev, fd, data, n, offset, 0L))
POINT (ssize_t,
       pwritev64,
       (int fd, const struct iovec *data, int n, off64_t offset),
       matters (fd),
       syscall (SYS_pwritev, fd, data, n, offset, 0L))
POINT (int, ftruncate, (int fd, off_t size), true, syscall (SYS_ftruncate, fd, size))
POINT (int, ftruncate64, (int fd, off64_t size), true, syscall (SYS_ftruncate, fd, size))
POINT (int,
       fallocate,
       (int fd, int how, off_t offset, off_t size),
       true,
       syscall (SYS_fallocate, fd, how, offset, size))
POINT (int,
       fallocate64,
       (int fd, int how, off64_t offset, off64_t size),
       true,
       syscall (SYS_fallocate, fd, how, offset, size))
POINT (int, fsync, (int fd), true, syscall (SYS_fsync, fd))
POINT (int, fdatasync, (int fd), true, syscall (SYS_fdatasync, fd))
POINT (int,
       rename,
       (const char *from, const char *to),
       true,
       syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0))
POINT (int,
       renameat,
       (int from_fd, const char *from, int to_fd, const char *to),
       true,
       syscall (SYS_renameat2, from_fd, from, to_fd, to, 0))
POINT (int,
       renameat2,
       (int from_fd, const char *from, int to_fd, const char *to, unsigned int flags),
       true,
       syscall (SYS_renameat2, from_fd, from, to_fd, to, flags))
POINT (int, unlink, (const char *path), true, syscall (SYS_unlinkat, AT_FDCWD, path, 0))
POINT (int,
       unlinkat,
       (int fd, const char *path, int flags),
       true,
       syscall (SYS_unlinkat, fd, path, flags))
POINT (int, rmdir, (const char *path), true, syscall (SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
POINT (int,
       mkdir,
       (const char *path, mode_t rights),
       true,
       syscall (SYS_mkdirat, AT_FDCWD, path, rights))
POINT (int,
       mkdirat,
       (int fd, const char *path, mode_t rights),
       true,
       syscall (SYS_mkdirat, fd, path, rights))
POINT (ssize_t,
       send,
       (int fd, const void *data, size_t size, int flags),
       true,
       syscall (SYS_sendto, fd, data, size, flags, NULL, 0))
POINT (ssize_t,
       sendto,
       (int fd,
        const void *data,
        size_t size,
        int flags,
        const struct sockaddr *to,
        socklen_t to_size),
       true,
       syscall (SYS_sendto, fd, data, size, flags, to, to_size))
POINT (ssize_t,
       sendmsg,
       (int fd, const struct msghdr *message, int flags),
       is_sent (message),
       syscall (SYS_sendmsg, fd, message, flags))

/* Opening counts if it may make a file. */
#define OPENING_POINT(name, parameters, dir_fd)                                                    \
  VISIBLE int name parameters                                                                      \
  {                                                                                                \
    CallOutcome outcome = (flags & O_CREAT) != 0 ? meet_point (#name) : GOES_ON;                   \
    mode_t rights;                                                                                 \
    va_list args;                                                                                  \
    int fd;                                                                                        \
                                                                                                   \
    va_start (args, flags);                                                                        \
    rights = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg (args, mode_t) : 0;                     \
    va_end (args);                                                                                 \
    if (outcome == FAILS)                                                                          \
      return -1;                                                                                   \
    fd = (int) syscall (SYS_openat, dir_fd, path, flags, rights);                                  \
    if (outcome == STRUCK_AFTERWARDS)                                                              \
      strike ();                                                                                   \
    return fd;                                                                                     \
  }

OPENING_POINT (open, (const char *path, int flags, ...), AT_FDCWD)
OPENING_POINT (open64, (const char *path, int flags, ...), AT_FDCWD)
OPENING_POINT (openat, (int dir, const char *path, int flags, ...), dir)
OPENING_POINT (openat64, (int dir, const char *path, int flags, ...), dir)
