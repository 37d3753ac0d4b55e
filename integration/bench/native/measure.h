// What both programs share: time, big-endian numbers, latency histograms, and what /proc says of processor time.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((noreturn, format(printf, 1, 2))) static inline void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(3);
}

static inline uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint16_t get16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return __builtin_bswap16(value); }
static inline uint32_t get32(const uint8_t *at) { uint32_t value; memcpy(&value, at, 4); return __builtin_bswap32(value); }
static inline uint64_t get64(const uint8_t *at) { uint64_t value; memcpy(&value, at, 8); return __builtin_bswap64(value); }
static inline void put16(uint8_t *at, uint16_t value) { value = __builtin_bswap16(value); memcpy(at, &value, 2); }
static inline void put32(uint8_t *at, uint32_t value) { value = __builtin_bswap32(value); memcpy(at, &value, 4); }
static inline void put64(uint8_t *at, uint64_t value) { value = __builtin_bswap64(value); memcpy(at, &value, 8); }

static inline void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes);
  if (memory == NULL) fail("no memory for %zu bytes", bytes);
  return memory;
}

// `key=value` among the arguments; `otherwise` when it is not there.
static inline const char *option_text(char **arguments, const char *key, const char *otherwise) {
  size_t length = strlen(key);
  for (; *arguments != NULL; arguments++)
    if (strncmp(*arguments, key, length) == 0 && (*arguments)[length] == '=') return *arguments + length + 1;
  return otherwise;
}
static inline uint64_t option(char **arguments, const char *key, uint64_t otherwise) {
  const char *text = option_text(arguments, key, NULL);
  return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

// Latencies in 64 steps for each power of two: off by 1.6 % at most.
#define STEP_BITS 6
#define STEPS (1u << STEP_BITS)
struct histogram {
  uint64_t counts[64 * STEPS];
  uint64_t total;
  uint64_t max_ns;
};

static inline unsigned step_of(uint64_t ns) {
  if (ns < STEPS) return (unsigned)ns;
  unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - STEP_BITS;
  return (shift + 1) * STEPS + (unsigned)((ns >> shift) - STEPS);
}
static inline uint64_t step_start(unsigned step) {
  if (step < STEPS) return step;
  unsigned shift = step / STEPS - 1;
  return (uint64_t)(step % STEPS + STEPS) << shift;
}
static inline void histogram_add(struct histogram *all, uint64_t ns) {
  all->counts[step_of(ns)]++;
  all->total++;
  if (ns > all->max_ns) all->max_ns = ns;
}
static inline double histogram_ms(const struct histogram *all, double share) {
  uint64_t wanted = (uint64_t)((double)all->total * share), seen = 0;
  for (unsigned step = 0; step < 64 * STEPS; step++) {
    seen += all->counts[step];
    if (seen > wanted) return (double)step_start(step) / 1e6;
  }
  return (double)all->max_ns / 1e6;
}
static inline void histogram_print(const char *name, const struct histogram *all) {
  if (all->total == 0) {
    printf(",\"%s\":null", name);
    return;
  }
  printf(",\"%s\":{\"count\":%llu,\"p50Ms\":%.4f,\"p99Ms\":%.4f,\"p999Ms\":%.4f,\"maxMs\":%.4f}", name,
         (unsigned long long)all->total, histogram_ms(all, 0.5), histogram_ms(all, 0.99), histogram_ms(all, 0.999),
         (double)all->max_ns / 1e6);
}

static inline uint64_t process_cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline size_t read_proc(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("%s cannot be read: %s", path, strerror(errno));
  size_t length = fread(text, 1, size - 1, file);
  fclose(file);
  text[length] = 0;
  return length;
}

// User and system time of all threads of a process, in clock ticks.
static inline uint64_t cpu_ticks_of(uint64_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%llu/stat", (unsigned long long)pid);
  read_proc(path, text, sizeof text);
  char *field = strrchr(text, ')');
  unsigned long long user = 0, system = 0;
  if (field == NULL || sscanf(field + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
    fail("%s has another form", path);
  return user + system;
}

struct machine_ticks {
  uint64_t busy, steal, all;
};
static inline struct machine_ticks machine_now(void) {
  char text[256];
  read_proc("/proc/stat", text, sizeof text);
  unsigned long long t[8] = {0};
  if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7) != 8)
    fail("/proc/stat has another form");
  uint64_t all = 0;
  for (unsigned index = 0; index < 8; index++) all += t[index];
  return (struct machine_ticks){.busy = all - t[3] - t[4] - t[7], .steal = t[7], .all = all};
}
