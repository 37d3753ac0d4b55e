/* LD_PRELOAD: fdatasync fails with EIO for files whose path contains what the file named by ODRADEK_FAIL_FLUSH holds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int must_fail(int descriptor) {
  const char *name = getenv("ODRADEK_FAIL_FLUSH");
  char link[64], path[4096], part[512];
  if (name == NULL) return 0;
  int control = open(name, O_RDONLY | O_CLOEXEC);
  if (control < 0) return 0;
  ssize_t part_length = read(control, part, sizeof part - 1);
  close(control);
  if (part_length <= 0) return 0;
  part[part_length] = 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t path_length = readlink(link, path, sizeof path - 1);
  if (path_length <= 0) return 0;
  path[path_length] = 0;
  return strstr(path, part) != NULL;
}

int fdatasync(int descriptor) {
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (must_fail(descriptor)) {
    errno = EIO;
    return -1;
  }
  return next(descriptor);
}
