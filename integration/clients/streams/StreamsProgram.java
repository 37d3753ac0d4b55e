import java.time.Duration;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;

/** Kafka Streams: word count, a join of a stream with a table and of two streams, windows, exactly once over a restart. */
public class StreamsProgram {
  static String bootstrap, name, state;

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    name = args[1];
    state = args[2];
    step("word count", StreamsProgram::wordCount);
    step("stream joined with table", StreamsProgram::tableJoin);
    step("stream joined with stream", StreamsProgram::streamJoin);
    step("windows", StreamsProgram::windows);
    step("exactly once", StreamsProgram::exactlyOnce);
  }

  static void step(String step, Callable<Object> body) {
    Object result;
    try {
      result = body.call();
    } catch (Throwable e) {
      e.printStackTrace();
      result = "failed: " + e;
    }
    System.out.println(step + ": " + result);
  }

  static String topic(String suffix) { return name + "-" + suffix; }

  static void createTopics(String... suffixes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap))) {
      List<NewTopic> topics = new ArrayList<>();
      for (String suffix : suffixes) topics.add(new NewTopic(topic(suffix), 2, (short) 1));
      admin.createTopics(topics).all().get();
    }
  }

  static Properties config(String id, String guarantee) {
    Properties config = new Properties();
    config.putAll(Map.of("application.id", topic(id), "bootstrap.servers", bootstrap, "state.dir", state, "commit.interval.ms", 100, "processing.guarantee", guarantee));
    config.putAll(Map.of("default.key.serde", Serdes.StringSerde.class, "default.value.serde", Serdes.StringSerde.class, "auto.offset.reset", "earliest", "statestore.cache.max.bytes", 0));
    return config;
  }

  /** Runs a topology until the last value of each key of `output` is as wanted. */
  static Object latest(String id, Consumer<StreamsBuilder> topology, String output, Map<String, String> wanted) throws Exception {
    StreamsBuilder builder = new StreamsBuilder();
    topology.accept(builder);
    try (KafkaStreams streams = new KafkaStreams(builder.build(), config(id, "at_least_once"))) {
      streams.setUncaughtExceptionHandler(error -> { error.printStackTrace(); return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT; });
      streams.start();
      Map<String, String> values = new TreeMap<>();
      read(output, "read_uncommitted", record -> values.put(record.key(), record.value()), () -> values.equals(wanted));
      return values;
    }
  }

  static void send(String suffix, String... keysAndValues) throws Exception { send(suffix, 0, keysAndValues); }

  static void send(String suffix, long timeMs, String... keysAndValues) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap);
    try (Producer<String, String> producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < keysAndValues.length; i += 2)
        producer.send(new ProducerRecord<>(topic(suffix), null, timeMs == 0 ? null : timeMs, keysAndValues[i], keysAndValues[i + 1])).get();
    }
  }

  static void read(String suffix, String isolation, Consumer<ConsumerRecord<String, String>> each, Callable<Boolean> isEnough) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "group.id", topic("reader-" + suffix), "auto.offset.reset", "earliest", "isolation.level", isolation);
    try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic(suffix)));
      for (long end = System.nanoTime() + 90_000_000_000L; !isEnough.call() && System.nanoTime() < end; )
        for (var record : consumer.poll(Duration.ofMillis(100))) each.accept(record);
    }
  }

  static Object wordCount() throws Exception {
    createTopics("lines", "counts");
    send("lines", "1", "one two two", "2", "three Three", "3", "three");
    return latest("word-count", builder -> builder.<String, String>stream(topic("lines"))
        .flatMapValues(line -> List.of(line.toLowerCase().split(" ")))
        .groupBy((key, word) -> word).count().toStream().mapValues(count -> "" + count).to(topic("counts")), "counts", Map.of("one", "1", "two", "2", "three", "3"));
  }

  static Object tableJoin() throws Exception {
    createTopics("people", "visits", "visitors");
    send("people", "g", "Gregor", "j", "Josef");
    send("visits", "g", "monday", "j", "friday", "k", "never");
    return latest("table-join", builder -> {
      KTable<String, String> people = builder.table(topic("people"));
      builder.<String, String>stream(topic("visits")).join(people, (day, person) -> person + " on " + day).to(topic("visitors"));
    }, "visitors", Map.of("g", "Gregor on monday", "j", "Josef on friday"));
  }

  static Object streamJoin() throws Exception {
    createTopics("left", "right", "both");
    long nowMs = System.currentTimeMillis();
    send("left", nowMs, "a", "1", "b", "1");
    send("right", nowMs + 1000, "a", "2");
    send("right", nowMs + 60_000, "b", "2");
    return latest("stream-join", builder -> builder.<String, String>stream(topic("left"))
        .join(builder.<String, String>stream(topic("right")), (left, right) -> left + "+" + right, JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofSeconds(10)))
        .to(topic("both")), "both", Map.of("a", "1+2"));
  }

  static Object windows() throws Exception {
    createTopics("clicks", "windowed");
    long startMs = System.currentTimeMillis() / 60_000 * 60_000;
    for (long atMs : new long[] {0, 1000, 9999, 10_000, 25_000}) send("clicks", startMs + atMs, "k", "click");
    return latest("windows", builder -> builder.<String, String>stream(topic("clicks")).groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofSeconds(10))).count()
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded())).toStream()
        .map((window, count) -> KeyValue.pair("" + (window.window().start() - startMs) / 1000, "" + count)).to(topic("windowed")),
        "windowed", Map.of("0", "3", "10", "1"));
  }

  /** A running sum, stopped and begun again in the middle: each input counts once. */
  static Object exactlyOnce() throws Exception {
    createTopics("numbers", "sums");
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream(topic("numbers")).groupByKey().reduce((sum, next) -> "" + (Integer.parseInt(sum) + Integer.parseInt(next))).toStream().to(topic("sums"));
    Topology topology = builder.build();
    List<String> sums = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      try (KafkaStreams streams = new KafkaStreams(topology, config("exactly-once", "exactly_once_v2"))) {
        streams.start();
        for (int i = 1; i <= 10; i++) send("numbers", "n", "" + (round * 10 + i));
        int wanted = (round + 1) * 10;
        read("sums", "read_committed", record -> sums.add(record.value()), () -> sums.size() >= wanted);
      }
    }
    return sums.size() + " sums, the last " + sums.get(sums.size() - 1);
  }
}
