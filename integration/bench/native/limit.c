// The limit: the least that a broker must do, in C, one thread and epoll. It takes Produce 7 (receives, checks the
// CRC-32C, sets the offset, writes each batch to its partition's file, answers) and Fetch 11 (sendfile, or pread and send).
//   limit data=DIRECTORY partitions=N [flush=1] [fetch=sendfile|pread]        prints its port
// With flush=1 answers wait for fdatasync, by threads; batches that come meanwhile are the next group.
#include "measure.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_CRC __attribute__((target("sse4.2")))
#define CRC64(crc, value) ((uint32_t)_mm_crc32_u64(crc, value))
#define CRC8(crc, value) _mm_crc32_u8(crc, value)
#elif defined(__aarch64__)
#include <arm_acle.h>
#define WITH_CRC __attribute__((target("+crc")))
#define CRC64(crc, value) __crc32cd(crc, value)
#define CRC8(crc, value) __crc32cb(crc, value)
#else
#error "an x86-64 or ARM64 processor is needed"
#endif

#define RECEIVE_BYTES (64 * 1024)
#define FRAME_BYTES_MAX (64u * 1024 * 1024)
#define FLUSH_THREADS 16

struct answer {
  struct connection *to;
  uint8_t bytes[320];
  uint32_t size;
};

struct group {
  struct answer *answers;
  uint32_t count, room;
};

struct indexed_batch {
  uint64_t offset, position;
};

struct partition {
  int fd;
  uint64_t next_offset, bytes;
  struct indexed_batch *batches;
  size_t batch_count, batch_room;
  struct group gathered, flushed;
  bool is_flushing;
  struct partition *next; // in a queue of partitions
};

struct connection {
  int fd;
  uint8_t *in;
  size_t in_have, in_room;
  uint8_t *out;
  size_t out_have, out_sent, out_room;
  bool waits_for_room;
  // Behind what is in `out`: a range of a file.
  int file;
  off_t file_at;
  size_t file_left;
};

static int epoll_fd, flushed_event;
static struct partition *partitions;
static uint32_t partition_count;
static bool flushes, preads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static struct partition *to_flush, *flushed;

WITH_CRC static uint32_t crc32c(const uint8_t *bytes, size_t size) {
  uint64_t crc = 0xffffffff;
  for (; size >= 8; bytes += 8, size -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = CRC64((uint32_t)crc, word);
  }
  for (; size > 0; bytes++, size--) crc = CRC8((uint32_t)crc, *bytes);
  return ~(uint32_t)crc;
}

static void *flush_files(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (to_flush == NULL) pthread_cond_wait(&has_work, &lock);
    struct partition *partition = to_flush;
    to_flush = partition->next;
    pthread_mutex_unlock(&lock);
    if (fdatasync(partition->fd) < 0) fail("fdatasync: %s", strerror(errno));
    pthread_mutex_lock(&lock);
    partition->next = flushed;
    flushed = partition;
    pthread_mutex_unlock(&lock);
    uint64_t one = 1;
    if (write(flushed_event, &one, 8) != 8) fail("eventfd: %s", strerror(errno));
  }
  return NULL;
}

static void begin_flush(struct partition *partition) {
  if (partition->is_flushing || partition->gathered.count == 0) return;
  partition->is_flushing = true;
  struct group group = partition->flushed;
  partition->flushed = partition->gathered;
  group.count = 0;
  partition->gathered = group;
  pthread_mutex_lock(&lock);
  partition->next = to_flush;
  to_flush = partition;
  pthread_cond_signal(&has_work);
  pthread_mutex_unlock(&lock);
}

static void reserve(uint8_t **bytes, size_t *room, size_t wanted) {
  if (*room >= wanted) return;
  while (*room < wanted) *room = *room == 0 ? RECEIVE_BYTES : *room * 2;
  *bytes = realloc(*bytes, *room);
  if (*bytes == NULL) fail("no memory for %zu bytes", *room);
}

static uint8_t *add_out(struct connection *c, size_t bytes) {
  reserve(&c->out, &c->out_room, c->out_have + bytes);
  c->out_have += bytes;
  return c->out + c->out_have - bytes;
}

static void close_connection(struct connection *c) {
  close(c->fd); // its memory stays: a flush may still hold an answer to it
  c->fd = -1;
}

static void send_out(struct connection *c) {
  while (c->out_sent < c->out_have) {
    int more = c->file_left > 0 ? MSG_MORE : 0;
    ssize_t sent = send(c->fd, c->out + c->out_sent, c->out_have - c->out_sent, MSG_NOSIGNAL | more);
    if (sent < 0) goto full;
    c->out_sent += (size_t)sent;
  }
  c->out_have = c->out_sent = 0;
  while (c->file_left > 0) {
    ssize_t sent = sendfile(c->fd, c->file, &c->file_at, c->file_left);
    if (sent < 0) goto full;
    if (sent == 0) fail("a file is shorter than it was");
    c->file_left -= (size_t)sent;
  }
full:
  if ((c->out_have > 0 || c->file_left > 0) && errno != EAGAIN) {
    close_connection(c);
    return;
  }
  bool waits = c->out_have > 0 || c->file_left > 0;
  if (waits == c->waits_for_room) return;
  c->waits_for_room = waits;
  struct epoll_event event = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

// The whole request lies in memory: size, key, version, correlation id, client id.
static const uint8_t *skip_string(const uint8_t *at) {
  int16_t length = (int16_t)get16(at);
  return at + 2 + (length < 0 ? 0 : length);
}

static void append(struct partition *partition, uint8_t *batch, size_t bytes) {
  if (bytes < 61 || get32(batch + 8) + 12ul != bytes || crc32c(batch + 21, bytes - 21) != get32(batch + 17))
    fail("a batch of %zu bytes is damaged", bytes);
  put64(batch, partition->next_offset);
  put32(batch + 12, 0);
  if (write(partition->fd, batch, bytes) != (ssize_t)bytes) fail("write: %s", strerror(errno));
  if (partition->batch_count == partition->batch_room) {
    partition->batch_room = partition->batch_room == 0 ? 1024 : partition->batch_room * 2;
    partition->batches = realloc(partition->batches, partition->batch_room * sizeof *partition->batches);
  }
  partition->batches[partition->batch_count++] = (struct indexed_batch){partition->next_offset, partition->bytes};
  partition->next_offset += get32(batch + 23) + 1;
  partition->bytes += bytes;
}

static struct partition *partition_at(const uint8_t *at) {
  uint32_t index = get32(at);
  if (index >= partition_count) fail("there is no partition %u", index);
  return &partitions[index];
}

static void produce(struct connection *c, uint8_t *frame) {
  const uint8_t *topic = skip_string(skip_string(frame + 12)) + 10; // acks, timeout, count of topics
  const uint8_t *at = skip_string(topic);
  size_t topic_bytes = (size_t)(at - topic);
  struct partition *partition = partition_at(at + 4);
  uint64_t base = partition->next_offset;
  append(partition, frame + (at + 12 - frame), get32(at + 8));
  struct answer answer = {.to = c, .size = (uint32_t)(12 + topic_bytes + 4 + 30 + 4)};
  if (answer.size > sizeof answer.bytes) fail("the topic's name is too long");
  uint8_t *out = answer.bytes;
  put32(out, answer.size - 4);
  memcpy(out + 4, frame + 8, 4);
  put32(out + 8, 1);
  memcpy(out + 12, topic, topic_bytes);
  out += 12 + topic_bytes;
  put32(out, 1);
  memcpy(out + 4, at + 4, 4);
  put64(out + 10, base);
  put64(out + 18, (uint64_t)-1);
  if (!flushes) {
    memcpy(add_out(c, answer.size), answer.bytes, answer.size);
    return;
  }
  struct group *group = &partition->gathered;
  if (group->count == group->room) {
    group->room = group->room == 0 ? 64 : group->room * 2;
    group->answers = realloc(group->answers, group->room * sizeof answer);
  }
  group->answers[group->count++] = answer;
}

static void fetch(struct connection *c, uint8_t *frame) {
  const uint8_t *topic = skip_string(frame + 12) + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 4;
  const uint8_t *at = skip_string(topic);
  size_t topic_bytes = (size_t)(at - topic);
  struct partition *partition = partition_at(at + 4);
  uint64_t offset = get64(at + 12);
  uint32_t bytes_max = get32(at + 28);
  size_t low = 0, high = partition->batch_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (partition->batches[middle].offset < offset) low = middle + 1;
    else high = middle;
  }
  uint64_t position = low < partition->batch_count ? partition->batches[low].position : partition->bytes;
  uint64_t rest = partition->bytes - position;
  uint32_t bytes = rest < bytes_max ? (uint32_t)rest : bytes_max;
  size_t head = 22 + topic_bytes + 46;
  uint8_t *out = add_out(c, head);
  memset(out, 0, head);
  put32(out, (uint32_t)(head - 4) + bytes);
  memcpy(out + 4, frame + 8, 4);
  put32(out + 18, 1);
  memcpy(out + 22, topic, topic_bytes);
  out += 22 + topic_bytes;
  put32(out, 1);
  memcpy(out + 4, at + 4, 4);
  put64(out + 10, partition->next_offset);
  put64(out + 18, partition->next_offset);
  put32(out + 34, (uint32_t)-1);
  put32(out + 38, (uint32_t)-1);
  put32(out + 42, bytes);
  if (preads) {
    uint8_t *records = add_out(c, bytes);
    if (pread(partition->fd, records, bytes, (off_t)position) != (ssize_t)bytes) fail("pread: %s", strerror(errno));
  } else {
    c->file = partition->fd;
    c->file_at = (off_t)position;
    c->file_left = bytes;
  }
}

static void take_frame(struct connection *c, uint8_t *frame) {
  uint16_t key = get16(frame + 4), version = get16(frame + 6);
  if (key == 0 && version == 7) produce(c, frame);
  else if (key == 1 && version == 11) fetch(c, frame);
  else fail("request %u in version %u is not taken", key, version);
}

// A frame that is longer than what is read at once is read to its end and no further: nothing has to be moved.
static size_t wanted_bytes(const struct connection *c) {
  if (c->in_have < 4) return RECEIVE_BYTES;
  size_t size = get32(c->in) + 4ul;
  if (size > FRAME_BYTES_MAX) fail("a request of %zu bytes", size);
  return size > RECEIVE_BYTES ? size - c->in_have : RECEIVE_BYTES;
}

static void take_frames(struct connection *c) {
  if (c->fd < 0) return;
  size_t at = 0;
  // One fetch after the other: the file's bytes stand behind those in memory.
  while (c->in_have - at >= 4 && c->file_left == 0) {
    size_t size = get32(c->in + at) + 4ul;
    if (c->in_have - at < size) break;
    take_frame(c, c->in + at);
    at += size;
    if (c->file_left > 0) send_out(c);
  }
  c->in_have -= at;
  if (c->in_have > 0 && at > 0) memmove(c->in, c->in + at, c->in_have);
}

static void receive(struct connection *c) {
  size_t wanted = wanted_bytes(c);
  reserve(&c->in, &c->in_room, c->in_have + wanted);
  ssize_t count = recv(c->fd, c->in + c->in_have, wanted, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    close_connection(c);
    return;
  }
  c->in_have += (size_t)count;
  take_frames(c);
  if (c->fd >= 0) send_out(c);
}

static void answer_flushed(void) {
  uint64_t count;
  if (read(flushed_event, &count, 8) != 8) return;
  pthread_mutex_lock(&lock);
  struct partition *partition = flushed;
  flushed = NULL;
  pthread_mutex_unlock(&lock);
  while (partition != NULL) {
    struct partition *next = partition->next;
    partition->is_flushing = false;
    for (uint32_t index = 0; index < partition->flushed.count; index++) {
      struct answer *answer = &partition->flushed.answers[index];
      if (answer->to->fd < 0) continue;
      memcpy(add_out(answer->to, answer->size), answer->bytes, answer->size);
      send_out(answer->to);
    }
    partition = next;
  }
}

static void take_connection(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct connection *c = allocate(sizeof *c);
  c->fd = fd;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void open_partitions(const char *directory) {
  partitions = allocate(partition_count * sizeof *partitions);
  for (uint32_t index = 0; index < partition_count; index++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%u.log", directory, index);
    partitions[index].fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_TRUNC, 0600);
    if (partitions[index].fd < 0) fail("%s cannot be opened: %s", path, strerror(errno));
  }
}

static int listen_on_loopback(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0) fail("listen: %s", strerror(errno));
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%u\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int argc, char **arguments) {
  (void)argc;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  partition_count = (uint32_t)option(arguments, "partitions", 1);
  flushes = option(arguments, "flush", 0) == 1;
  preads = strcmp(option_text(arguments, "fetch", "sendfile"), "pread") == 0;
  open_partitions(option_text(arguments, "data", "."));
  epoll_fd = epoll_create1(0);
  flushed_event = eventfd(0, EFD_NONBLOCK);
  int listener = listen_on_loopback();
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  event.data.ptr = &flushed_event;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, flushed_event, &event);
  for (int index = 0; flushes && index < FLUSH_THREADS; index++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, flush_files, NULL) != 0) fail("no thread");
  }
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll_fd, events, 256, -1);
    for (int index = 0; index < ready; index++) {
      if (events[index].data.ptr == NULL) take_connection(listener);
      else if (events[index].data.ptr == &flushed_event) answer_flushed();
      else {
        struct connection *c = events[index].data.ptr;
        if (c->waits_for_room) {
          send_out(c);
          if (!c->waits_for_room) {
            take_frames(c);
            if (c->fd >= 0) send_out(c);
          }
        } else receive(c);
      }
    }
    for (uint32_t index = 0; flushes && index < partition_count; index++) begin_flush(&partitions[index]);
  }
}
