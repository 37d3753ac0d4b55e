import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.*;

/** What every version from 0.10.2 on can do; the classes Since… add what came later. */
public class Client {
  interface Step { Object run() throws Exception; }
  /** Steps that came with a version. */
  interface Later {
    default void create() throws Exception {}
    default void send() throws Exception {}
    default void read(ConsumerRecord<String, String> record) {}
    default void steps() throws Exception {}
  }

  static String bootstrap, name;
  static List<Later> later = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    name = args[1];
    for (String type : List.of("Since0_11", "Since1_1", "Since2_1", "Since2_8")) {
      try {
        later.add((Later) Class.forName(type).getDeclaredConstructor().newInstance());
      } catch (ClassNotFoundException e) {
        // Not compiled for this version.
      }
    }
    for (Later each : later) each.create();
    List<String> codecs = new ArrayList<>(List.of("none", "gzip", "snappy", "lz4"));
    if (has("Since2_1")) codecs.add("zstd");
    for (String codec : codecs) send(codec, codec, 20);
    try (Producer<String, String> producer = producer(Map.of())) {
      producer.send(new ProducerRecord<>(name, null, "null key")).get();
      producer.send(new ProducerRecord<>(name, "null value", null)).get();
      producer.send(new ProducerRecord<>(name, "large", "x".repeat(900_000))).get();
    }
    for (Later each : later) each.send();
    readAll(codecs);
    step("resume", () -> {
      send("none", "more", 5);
      return consume(Map.of("group.id", name), List.of(name), 5, record -> {}) + " read";
    });
    group();
    step("seek by time", Client::seekByTime);
    step("compacted", Client::compacted);
    for (Later each : later) each.steps();
    if (has("Since2_1")) step("error invalid topic", () -> code(() -> { try (var producer = producer(Map.of())) { producer.send(new ProducerRecord<>("bad name", "v")).get(); } }));
    step("error too large", () -> code(() -> { try (var producer = producer(Map.of())) { producer.send(new ProducerRecord<>(name + "-small", "x".repeat(2000))).get(); } }));
    step("error out of range", Client::outOfRange);
  }

  static boolean has(String type) { return later.stream().anyMatch(each -> each.getClass().getName().equals(type)); }

  static void step(String step, Step body) {
    Object result;
    try {
      result = body.run();
    } catch (Throwable e) {
      e.printStackTrace();
      result = "failed: " + e;
    }
    System.out.println(step + ": " + result);
  }

  interface Call { void run() throws Exception; }

  /** The code of the error that the call is to meet. */
  static Object code(Call call) {
    try {
      call.run();
      return "no error";
    } catch (Exception e) {
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      return Errors.forException(cause).code();
    }
  }

  static Map<String, Object> config(Map<String, ?> more) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap));
    config.putAll(more);
    return config;
  }

  static Producer<String, String> producer(Map<String, ?> more) {
    Map<String, Object> config = config(Map.of("acks", "all", "linger.ms", 20));
    config.putAll(more);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  static Consumer<String, String> consumer(Map<String, ?> more) {
    Map<String, Object> config = config(Map.of("auto.offset.reset", "earliest", "enable.auto.commit", "false"));
    config.putAll(more);
    return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  static void send(String codec, String prefix, int count) throws Exception {
    try (Producer<String, String> producer = producer(Map.of("compression.type", codec))) {
      List<Future<RecordMetadata>> acks = new ArrayList<>();
      for (int i = 0; i < count; i++) acks.add(producer.send(new ProducerRecord<>(name, prefix + "-" + i, prefix + "-" + i)));
      for (Future<RecordMetadata> ack : acks) if (ack.get().offset() < 0) throw new IllegalStateException("no offset");
    }
  }

  /** 4.0 took one away, 2.0 brought the other. */
  static ConsumerRecords<String, String> poll(Consumer<String, String> consumer, int ms) {
    try {
      try {
        return records(Consumer.class.getMethod("poll", Duration.class).invoke(consumer, Duration.ofMillis(ms)));
      } catch (NoSuchMethodException e) {
        return records(Consumer.class.getMethod("poll", long.class).invoke(consumer, (long) ms));
      }
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  static ConsumerRecords<String, String> records(Object polled) { return (ConsumerRecords<String, String>) polled; }

  /** Reads until `count` have come and then a little longer, so that one too many would show; commits. */
  static int consume(Map<String, ?> more, List<String> topics, int count, java.util.function.Consumer<ConsumerRecord<String, String>> each) {
    int read = 0, quiet = 0;
    try (Consumer<String, String> consumer = consumer(more)) {
      consumer.subscribe(topics);
      for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end && quiet < 3; ) {
        ConsumerRecords<String, String> records = poll(consumer, 200);
        for (ConsumerRecord<String, String> record : records) {
          read++;
          each.accept(record);
        }
        if (read >= count && !consumer.assignment().isEmpty() && records.isEmpty()) quiet++;
      }
      consumer.commitSync();
    }
    return read;
  }

  static void readAll(List<String> codecs) {
    Map<String, Integer> counts = new TreeMap<>();
    int expected = codecs.size() * 20 + 3 + (has("Since0_11") ? 1 : 0);
    String[] seen = new String[3];
    consume(Map.of("group.id", name), List.of(name), expected, record -> {
      if (record.key() == null) seen[0] = record.value().equals("null key") ? "read back" : record.value();
      else if (record.key().equals("null value")) seen[1] = record.value() == null ? "read back" : record.value();
      else if (record.key().equals("large")) seen[2] = record.value().replace("x", "").isEmpty() ? record.value().length() + " bytes" : "other bytes";
      else if (record.key().equals(record.value())) counts.merge(record.key().split("-")[0], 1, Integer::sum);
      for (Later each : later) each.read(record);
    });
    for (String codec : codecs) step(codec, () -> counts.get(codec) + " read back");
    step("null key", () -> seen[0]);
    step("null value", () -> seen[1]);
    step("large value", () -> seen[2]);
  }

  /** A member of a group in a thread of its own; what it has read it has committed. */
  static class Member implements AutoCloseable {
    final Set<TopicPartition> assigned = ConcurrentHashMap.newKeySet();
    final Thread thread;
    volatile boolean ends = false;
    volatile int rebalances = 0;
    volatile Throwable failed = null;

    Member(Map<String, ?> more, String topic, Map<String, Integer> counts) {
      thread = new Thread(() -> {
        try (Consumer<String, String> consumer = consumer(more)) {
          consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) { assigned.removeAll(partitions); }
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) { assigned.addAll(partitions); rebalances++; }
          });
          while (!ends) {
            ConsumerRecords<String, String> records = poll(consumer, 50);
            if (records.isEmpty()) continue;
            consumer.commitSync();
            for (ConsumerRecord<String, String> record : records) counts.merge(record.value(), 1, Integer::sum);
          }
        } catch (Throwable e) {
          failed = e;
        }
      });
      thread.start();
    }

    public void close() {
      ends = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (failed != null) throw new IllegalStateException(failed);
    }
  }

  static void until(String what, Callable<Boolean> holds) throws Exception {
    for (long end = System.nanoTime() + 60_000_000_000L; !holds.call(); Thread.sleep(10)) if (System.nanoTime() > end) throw new TimeoutException(what);
  }

  static boolean allHave(List<Member> members, int least) {
    return members.stream().allMatch(member -> member.assigned.size() >= least) && members.stream().mapToInt(member -> member.assigned.size()).sum() == 3;
  }

  static void group() {
    List<Member> members = new ArrayList<>();
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    for (int i = 0; i < 3; i++) members.add(new Member(Map.of("group.id", name + "-three"), name + "-three", counts));
    step("group of three", () -> {
      until("each has one partition", () -> allHave(members, 1));
      return spread("first", counts);
    });
    step("two after one left", () -> {
      members.remove(2).close();
      until("two share three partitions", () -> allHave(members, 1));
      return spread("second", counts);
    });
    for (Member member : members) member.close();
  }

  static String spread(String prefix, Map<String, Integer> counts) throws Exception {
    try (Producer<String, String> producer = producer(Map.of())) {
      for (int i = 0; i < 30; i++) producer.send(new ProducerRecord<>(name + "-three", i % 3, null, prefix + "-" + i));
    }
    until("all are read", () -> counts.keySet().stream().filter(value -> value.startsWith(prefix)).count() == 30);
    return counts.values().stream().allMatch(count -> count == 1) ? "30 once each" : "some twice: " + counts;
  }

  static Object seekByTime() throws Exception {
    try (Consumer<String, String> consumer = consumer(Map.of("group.id", name + "-time"))) {
      TopicPartition partition = new TopicPartition(name + "-time", 0);
      consumer.assign(List.of(partition));
      long offset = consumer.offsetsForTimes(Map.of(partition, 1_700_000_010_000L)).get(partition).offset();
      consumer.seek(partition, offset);
      List<String> read = new ArrayList<>();
      until("there is a record", () -> { for (var record : poll(consumer, 100)) read.add(record.value()); return !read.isEmpty(); });
      return "offset " + (read.get(0).equals("" + offset) ? read.get(0) : read.get(0) + " at " + offset);
    }
  }

  /** Versions whose format has no batches never get past the last record. */
  static Object compacted() throws Exception {
    String topic = name + "-compacted";
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Consumer<String, String> consumer = consumer(Map.of("group.id", topic)); Producer<String, String> producer = producer(Map.of())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      int[] read = new int[2];
      until("it is at the end", () -> {
        read[0] += poll(consumer, 100).count();
        return has("Since0_11") ? consumer.position(partition) >= end : read[0] >= 40;
      });
      producer.send(new ProducerRecord<>(topic, "behind", "v")).get();
      until("the next is read", () -> (read[1] += poll(consumer, 100).count()) > 0);
      return read[0] + " read, " + read[1] + " behind the gap";
    }
  }

  static Object outOfRange() throws Exception {
    try (Consumer<String, String> consumer = consumer(Map.of("group.id", name + "-range", "auto.offset.reset", "none"))) {
      TopicPartition partition = new TopicPartition(name + "-time", 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, 1_000_000);
      until("there is an error", () -> { poll(consumer, 100); return false; });
      return "no error";
    } catch (OffsetOutOfRangeException e) {
      return Errors.OFFSET_OUT_OF_RANGE.code();
    }
  }
}
