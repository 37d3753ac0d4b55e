// Load generator: one thread, epoll, requests that were packed before, many in flight on each connection.
//   load produce|fetch|open|idle port=N frames=FILE [key=value...]      prints figures as JSON
//   load touch bytes=N                                                  touches memory once
// An error code in an answer, an answer out of order, a lost connection or no answer for 20 s ends it with code 3.
#include "measure.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#define CORRELATION_AT 8
#define HEAD_BYTES 12 // size, key, version, correlation id: what differs from request to request
#define RECEIVE_BYTES (256 * 1024)
#define ANSWER_HEAD_MAX 512
#define BATCH_HEAD_BYTES 27 // up to the last offset delta
#define VECTORS_MAX 128
#define SILENCE_NS 20000000000ull

enum kind { PRODUCER, CONSUMER };

struct frame {
  uint8_t *bytes;
  size_t size;
};

struct request {
  uint64_t begun_ns;
  const struct frame *frame;
  uint8_t head[HEAD_BYTES];
};

struct connection {
  int fd;
  enum kind kind;
  unsigned index;
  bool waits_for_room;
  // Requests by number: answered <= written <= queued. Their slots are a ring.
  uint64_t answered, written, queued;
  size_t written_bytes; // of request `written`
  struct request *ring;
  unsigned ring_size;
  // The answer that arrives.
  uint8_t head[ANSWER_HEAD_MAX];
  size_t head_have, head_need;
  uint64_t body_left;
  // A consumer's.
  struct frame fetch;
  uint64_t offset, records_bytes;
};

static struct {
  const char *mode;
  struct frame *frames;
  size_t frame_count;
  unsigned connections, consumers, depth;
  uint64_t pid, warm_ns, window_ns, count, rate, batch_bytes, batch_records, end_offset;
  size_t topic_bytes, error_at, fetch_offset_at, head_wanted[2];
} o;

static int epoll_fd;
static uint8_t *received;
static uint64_t begun_ns, answers, answer_bytes, total_answers, scheduled, last_answer_ns;
static bool is_measuring, is_over;
static struct histogram request_times, delivery_times;

struct snapshot {
  uint64_t ns, own_ns, broker_ticks;
  struct machine_ticks machine;
};
static struct snapshot first, last;
static struct snapshot take_snapshot(void) {
  return (struct snapshot){
      .ns = now_ns(), .own_ns = process_cpu_ns(), .broker_ticks = o.pid ? cpu_ticks_of(o.pid) : 0, .machine = machine_now()};
}

static void read_frames(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat) < 0) fail("%s cannot be read: %s", path, strerror(errno));
  uint8_t *bytes = allocate((size_t)stat.st_size);
  for (off_t have = 0; have < stat.st_size;) {
    ssize_t count = read(fd, bytes + have, (size_t)(stat.st_size - have));
    if (count <= 0) fail("%s cannot be read", path);
    have += count;
  }
  close(fd);
  for (off_t at = 0; at < stat.st_size;) {
    size_t size = get32(bytes + at) + 4u;
    o.frames = realloc(o.frames, (o.frame_count + 1) * sizeof *o.frames);
    o.frames[o.frame_count++] = (struct frame){.bytes = bytes + at, .size = size};
    at += (off_t)size;
  }
}

static void watch(struct connection *c) {
  struct epoll_event event = {.events = EPOLLIN | (c->waits_for_room ? EPOLLOUT : 0u), .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void open_connection(struct connection *c, unsigned index, enum kind kind, uint16_t port) {
  *c = (struct connection){.index = index, .kind = kind, .head_need = 4, .ring_size = o.depth};
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect: %s", strerror(errno));
  int yes = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
  c->ring = allocate(c->ring_size * sizeof *c->ring);
  if (kind == CONSUMER) {
    // With a rate there are as many frames to fetch with behind those to produce with.
    size_t produces = o.rate > 0 ? o.frame_count / 2 : 0;
    const struct frame *frame = &o.frames[produces + index % (o.frame_count - produces)];
    c->fetch = (struct frame){.bytes = allocate(frame->size), .size = frame->size};
    memcpy(c->fetch.bytes, frame->bytes, frame->size);
  }
}

// An open-loop producer may have any number in flight: its ring grows.
static void grow_ring(struct connection *c) {
  struct request *ring = allocate(2 * c->ring_size * sizeof *ring);
  for (uint64_t number = c->answered; number < c->queued; number++)
    ring[number % (2 * c->ring_size)] = c->ring[number % c->ring_size];
  free(c->ring);
  c->ring = ring;
  c->ring_size *= 2;
}

static void queue(struct connection *c, const struct frame *frame, uint64_t begun) {
  if (c->queued - c->answered == c->ring_size) grow_ring(c);
  struct request *request = &c->ring[c->queued % c->ring_size];
  request->begun_ns = begun;
  request->frame = frame;
  memcpy(request->head, frame->bytes, HEAD_BYTES);
  put32(request->head + CORRELATION_AT, (uint32_t)c->queued & 0x7fffffff);
  c->queued++;
}

static void queue_next(struct connection *c) {
  if (c->kind == CONSUMER) {
    put64(c->fetch.bytes + o.fetch_offset_at, c->offset);
    queue(c, &c->fetch, now_ns());
  } else queue(c, &o.frames[(c->index + c->queued) % o.frame_count], now_ns());
}

static void send_queued(struct connection *c) {
  while (c->written < c->queued) {
    struct iovec vectors[VECTORS_MAX];
    int count = 0;
    size_t skip = c->written_bytes;
    for (uint64_t number = c->written; number < c->queued && count + 2 <= VECTORS_MAX; number++) {
      struct request *request = &c->ring[number % c->ring_size];
      if (skip < HEAD_BYTES) {
        vectors[count++] = (struct iovec){request->head + skip, HEAD_BYTES - skip};
        skip = HEAD_BYTES;
      }
      vectors[count++] = (struct iovec){request->frame->bytes + skip, request->frame->size - skip};
      skip = 0;
    }
    ssize_t sent = writev(c->fd, vectors, count);
    if (sent < 0 && errno != EAGAIN) fail("connection %u: %s", c->index, strerror(errno));
    bool is_full = sent < 0;
    for (size_t left = is_full ? 0 : (size_t)sent; left > 0;) {
      size_t rest = c->ring[c->written % c->ring_size].frame->size - c->written_bytes;
      if (left < rest) {
        c->written_bytes += left;
        break;
      }
      left -= rest;
      c->written_bytes = 0;
      c->written++;
    }
    if (is_full) break;
  }
  bool waits = c->written < c->queued;
  if (waits == c->waits_for_room) return;
  c->waits_for_room = waits;
  watch(c);
}

// Up to the bytes of the records: all of it is of fixed size but the topic's name, for one topic with one partition.
#define FETCH_ERROR_AT 12
#define FETCH_TOPICS_AT 18
static void check_fetch_head(struct connection *c) {
  const uint8_t *partition = c->head + FETCH_TOPICS_AT + 4 + 2 + o.topic_bytes + 4;
  int16_t error = (int16_t)get16(c->head + FETCH_ERROR_AT);
  if (error != 0) fail("fetch was answered with error code %d", error);
  if (get32(c->head + FETCH_TOPICS_AT) != 1) fail("fetch was answered with %u topics", get32(c->head + FETCH_TOPICS_AT));
  error = (int16_t)get16(partition + 4);
  if (error != 0) fail("fetch from offset %llu was answered with error code %d", (unsigned long long)c->offset, error);
  int32_t aborted = (int32_t)get32(partition + 30);
  if (aborted > 0) fail("there are %d aborted transactions", aborted);
  int32_t bytes = (int32_t)get32(partition + 38);
  c->records_bytes = bytes < 0 ? 0 : (uint64_t)bytes;
  if (c->records_bytes < o.batch_bytes) {
    if (c->records_bytes > 0) fail("fetch was answered with %d bytes, a batch has %llu", bytes, (unsigned long long)o.batch_bytes);
    return;
  }
  const uint8_t *batch = partition + 42;
  if (get64(batch) != c->offset || get32(batch + 8) + 12u != o.batch_bytes)
    fail("wanted a batch of %llu bytes at offset %llu, got %u bytes at %llu", (unsigned long long)o.batch_bytes,
         (unsigned long long)c->offset, get32(batch + 8) + 12u, (unsigned long long)get64(batch));
}

static void check_head(struct connection *c) {
  if (c->answered == c->queued) fail("connection %u: an answer to nothing", c->index);
  uint32_t correlation = get32(c->head + 4);
  if (correlation != ((uint32_t)c->answered & 0x7fffffff))
    fail("connection %u: answer %u where %llu was next", c->index, correlation, (unsigned long long)c->answered);
  if (c->kind == CONSUMER) {
    check_fetch_head(c);
    return;
  }
  if (c->head_have < o.error_at + 2) fail("an answer of %zu bytes is too short", c->head_have);
  int16_t error = (int16_t)get16(c->head + o.error_at);
  if (error != 0) fail("a request was answered with error code %d", error);
}

// When the record was to be sent: record n of partition p is number n * partitions + p of the schedule.
static uint64_t due_ns(uint64_t number) { return begun_ns + (uint64_t)((double)number * 1e9 / (double)o.rate); }

// Whether a moment of the schedule belongs to the window: its answer may come after it.
static bool is_in_window(uint64_t due) { return first.ns > 0 && due >= first.ns && (last.ns == 0 || due < last.ns); }

static bool has_all_scheduled(const struct connection *c) {
  uint64_t partition = c->index % o.connections;
  return c->offset * o.connections + partition >= scheduled;
}

static void take_records(struct connection *c, uint64_t now) {
  uint64_t batches = c->records_bytes / o.batch_bytes;
  if (o.rate > 0)
    for (uint64_t index = 0; index < batches; index++) {
      uint64_t due = due_ns((c->offset + index) * o.connections + c->index % o.connections);
      if (is_in_window(due)) histogram_add(&delivery_times, now - due);
    }
  c->offset += batches * o.batch_records;
  if (is_measuring) answer_bytes += batches * o.batch_bytes;
  if (o.end_offset == 0) return;
  if (batches == 0) fail("nothing at offset %llu", (unsigned long long)c->offset);
  if (c->offset >= o.end_offset) c->offset = 0;
}

static void take_answer(struct connection *c) {
  uint64_t now = last_answer_ns = now_ns();
  struct request *request = &c->ring[c->answered % c->ring_size];
  bool counts = o.rate == 0 ? is_measuring : c->kind == PRODUCER && is_in_window(request->begun_ns);
  if (counts) {
    histogram_add(&request_times, now - request->begun_ns);
    answers++;
    if (c->kind == PRODUCER && o.rate == 0) answer_bytes += o.batch_bytes;
  }
  total_answers++;
  c->answered++;
  if (c->kind == CONSUMER) take_records(c, now);
  if (o.rate > 0 ? c->kind == PRODUCER || (is_over && has_all_scheduled(c)) : is_over) return;
  if (o.count > 0 && total_answers + o.connections * o.depth > o.count) return;
  queue_next(c);
}

static void take_bytes(struct connection *c, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    if (c->head_have < c->head_need) {
      size_t part = c->head_need - c->head_have < count ? c->head_need - c->head_have : count;
      memcpy(c->head + c->head_have, bytes, part);
      c->head_have += part;
      bytes += part;
      count -= part;
      if (c->head_have < c->head_need) return;
      size_t size = get32(c->head) + 4ul;
      size_t wanted = size < o.head_wanted[c->kind] ? size : o.head_wanted[c->kind];
      if (c->head_need < wanted) {
        c->head_need = wanted;
        continue;
      }
      check_head(c);
      c->body_left = size - c->head_have;
    }
    size_t part = c->body_left < count ? c->body_left : count;
    c->body_left -= part;
    bytes += part;
    count -= part;
    if (c->body_left > 0) return;
    c->head_have = 0;
    c->head_need = 4;
    take_answer(c);
  }
}

static void receive(struct connection *c) {
  ssize_t count = recv(c->fd, received, RECEIVE_BYTES, 0);
  if (count == 0) fail("connection %u was closed by the broker", c->index);
  if (count < 0) {
    if (errno == EAGAIN) return;
    fail("connection %u: %s", c->index, strerror(errno));
  }
  take_bytes(c, received, (size_t)count);
}

// A consumer that has everything may wait in vain for more.
static uint64_t in_flight(const struct connection *all, unsigned count) {
  uint64_t sum = 0;
  for (unsigned index = 0; index < count; index++)
    if (all[index].kind == PRODUCER || o.rate == 0 || !has_all_scheduled(&all[index]))
      sum += all[index].queued - all[index].answered;
  return sum;
}

// Sends all that is due and says when the next is.
static void send_due(struct connection *all, int timer) {
  uint64_t now = now_ns();
  while (due_ns(scheduled) <= now) {
    struct connection *c = &all[scheduled % o.connections];
    queue(c, &o.frames[c->index % (o.frame_count / 2)], due_ns(scheduled));
    send_queued(c);
    scheduled++;
  }
  uint64_t due = due_ns(scheduled);
  struct itimerspec when = {.it_value = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

// The window begins and ends by the clock, or with the last of `count` answers.
static void move_window(void) {
  if (!is_measuring && !is_over && last_answer_ns >= begun_ns + o.warm_ns) {
    first = take_snapshot();
    is_measuring = true;
  } else if (is_measuring && (o.count > 0 ? total_answers >= o.count : last_answer_ns >= first.ns + o.window_ns)) {
    last = take_snapshot();
    is_measuring = false;
    is_over = true;
  }
}

static void run(struct connection *all, unsigned count) {
  int timer = -1;
  begun_ns = last_answer_ns = now_ns();
  if (o.count > 0) {
    first = take_snapshot();
    is_measuring = true;
  }
  for (unsigned index = 0; index < count; index++) {
    if (o.rate > 0 && all[index].kind == PRODUCER) continue;
    for (unsigned number = 0; number < (all[index].kind == CONSUMER ? 1 : o.depth); number++) queue_next(&all[index]);
    send_queued(&all[index]);
  }
  if (o.rate > 0) {
    prctl(PR_SET_TIMERSLACK, 1ul);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &event);
    send_due(all, timer);
  }
  while (!is_over || in_flight(all, count) > 0) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll_fd, events, 256, 1000);
    if (now_ns() > last_answer_ns + SILENCE_NS) fail("no answer for 20 s, %llu are awaited", (unsigned long long)in_flight(all, count));
    for (int index = 0; index < ready; index++) {
      struct connection *c = events[index].data.ptr;
      if (c == NULL) {
        uint64_t ticks;
        if (read(timer, &ticks, 8) == 8 && !is_over) send_due(all, timer);
        continue;
      }
      if (events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
      if (c->written < c->queued) send_queued(c);
    }
    move_window();
  }
}

static uint64_t status_kb(const char *key) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%llu/status", (unsigned long long)o.pid);
  read_proc(path, text, sizeof text);
  const char *line = strstr(text, key);
  return line == NULL ? 0 : strtoull(line + strlen(key), NULL, 10);
}

static void print_figures(void) {
  double tick_ms = 1000.0 / (double)sysconf(_SC_CLK_TCK);
  double seconds = (double)(last.ns - first.ns) / 1e9;
  double own_ms = (double)(last.own_ns - first.own_ns) / 1e6;
  double broker_ms = (double)(last.broker_ticks - first.broker_ticks) * tick_ms;
  double busy_ms = (double)(last.machine.busy - first.machine.busy) * tick_ms;
  double all = (double)(last.machine.all - first.machine.all);
  double foreign_ms = busy_ms - own_ms - broker_ms;
  printf("{\"seconds\":%.6f,\"requests\":%llu,\"bytes\":%llu", seconds, (unsigned long long)answers, (unsigned long long)answer_bytes);
  printf(",\"generatorCpuMs\":%.3f,\"brokerCpuMs\":%.3f", own_ms, broker_ms);
  printf(",\"stealShare\":%.4f", all > 0 ? (double)(last.machine.steal - first.machine.steal) / all : 0);
  printf(",\"foreignShare\":%.4f", all > 0 && foreign_ms > 0 ? foreign_ms / (all * tick_ms) : 0);
  printf(",\"residentKb\":%llu,\"peakKb\":%llu", (unsigned long long)(o.pid ? status_kb("VmRSS:") : 0),
         (unsigned long long)(o.pid ? status_kb("VmHWM:") : 0));
  histogram_print("latency", &request_times);
  histogram_print("delivery", &delivery_times);
  puts("}");
}

static void touch(uint64_t bytes) {
  uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("no %llu bytes to touch", (unsigned long long)bytes);
  for (uint64_t at = 0; at < bytes; at += 4096) memory[at] = 1;
}

// Every connection has been answered once; they stay until standard input ends.
static void hold(struct connection *all) {
  for (unsigned index = 0; index < o.connections; index++) {
    queue_next(&all[index]);
    send_queued(&all[index]);
    is_over = true;
  }
  while (in_flight(all, o.connections) > 0) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll_fd, events, 256, 20000);
    if (ready == 0) fail("no answer for 20 s");
    for (int index = 0; index < ready; index++) receive(events[index].data.ptr);
  }
  puts("open");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
}

int main(int argc, char **arguments) {
  if (argc < 2) fail("usage: load produce|fetch|open|idle|touch key=value...");
  o.mode = arguments[1];
  if (strcmp(o.mode, "touch") == 0) {
    touch(option(arguments, "bytes", 0));
    return 0;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  read_frames(option_text(arguments, "frames", "frames"));
  o.connections = (unsigned)option(arguments, "connections", 1);
  o.consumers = (unsigned)option(arguments, "consumers", 0);
  o.depth = (unsigned)option(arguments, "depth", 1);
  o.pid = option(arguments, "pid", 0);
  o.warm_ns = option(arguments, "warmUpMs", 0) * 1000000u;
  o.window_ns = option(arguments, "windowMs", 1000) * 1000000u;
  o.count = option(arguments, "count", 0);
  o.rate = option(arguments, "rate", 0);
  o.batch_bytes = option(arguments, "batchBytes", 0);
  o.batch_records = option(arguments, "batchRecords", 1);
  o.end_offset = option(arguments, "endOffset", 0);
  o.topic_bytes = (size_t)option(arguments, "topicBytes", 0);
  o.error_at = (size_t)option(arguments, "errorAt", 0);
  o.fetch_offset_at = (size_t)option(arguments, "fetchOffsetAt", 0);
  o.head_wanted[PRODUCER] = o.error_at + 2;
  o.head_wanted[CONSUMER] = FETCH_TOPICS_AT + 4 + 2 + o.topic_bytes + 4 + 42 + BATCH_HEAD_BYTES;
  if (o.head_wanted[PRODUCER] > ANSWER_HEAD_MAX || o.head_wanted[CONSUMER] > ANSWER_HEAD_MAX) fail("the topic's name is too long");
  epoll_fd = epoll_create1(0);
  received = allocate(RECEIVE_BYTES);
  bool fetches = strcmp(o.mode, "fetch") == 0;
  unsigned count = o.connections + o.consumers;
  struct connection *all = allocate(count * sizeof *all);
  for (unsigned index = 0; index < count; index++)
    open_connection(&all[index], index < o.connections ? index : index - o.connections,
                    fetches || index >= o.connections ? CONSUMER : PRODUCER, (uint16_t)option(arguments, "port", 0));
  if (strcmp(o.mode, "idle") == 0) hold(all);
  else {
    run(all, count);
    print_figures();
  }
  return 0;
}
