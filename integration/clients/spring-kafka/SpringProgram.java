import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.logging.*;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.*;
import org.springframework.kafka.core.*;
import org.springframework.kafka.listener.*;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.util.backoff.FixedBackOff;

/** Spring Kafka without the rest of Spring: admin, template, listener containers, dead letters, request and reply, transactions. */
public class SpringProgram {
  static String bootstrap, name;

  public static void main(String[] args) throws Exception {
    LogManager.getLogManager().reset();
    bootstrap = args[0];
    name = args[1];
    step("admin", SpringProgram::admin);
    step("three listeners", SpringProgram::listeners);
    step("dead letters", SpringProgram::deadLetters);
    step("request and reply", SpringProgram::requestReply);
    step("transactions", SpringProgram::transactions);
    System.exit(0);
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

  static DefaultKafkaProducerFactory<String, String> producers() {
    return new DefaultKafkaProducerFactory<>(Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer());
  }

  static DefaultKafkaConsumerFactory<String, String> consumers() {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "isolation.level", "read_committed");
    return new DefaultKafkaConsumerFactory<>(config, new StringDeserializer(), new StringDeserializer());
  }

  static ConcurrentMessageListenerContainer<String, String> container(String group, String topic, int concurrency, MessageListener<String, String> listener) {
    ContainerProperties properties = new ContainerProperties(name + topic);
    properties.setGroupId(name + group);
    properties.setMessageListener(listener);
    var container = new ConcurrentMessageListenerContainer<>(consumers(), properties);
    container.setConcurrency(concurrency);
    return container;
  }

  static void until(String what, Callable<Boolean> holds) throws Exception {
    for (long end = System.nanoTime() + 60_000_000_000L; !holds.call(); Thread.sleep(10)) if (System.nanoTime() > end) throw new TimeoutException(what);
  }

  static Object admin() {
    KafkaAdmin admin = new KafkaAdmin(Map.of("bootstrap.servers", bootstrap));
    admin.createOrModifyTopics(new NewTopic(name + "-made", 2, (short) 1));
    admin.createOrModifyTopics(new NewTopic(name + "-made", 4, (short) 1));
    String id = admin.clusterId();
    return admin.describeTopics(name + "-made").get(name + "-made").partitions().size() + " partitions, " + (id == null ? "no" : "a") + " cluster id";
  }

  static Object listeners() throws Exception {
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    Set<String> threads = ConcurrentHashMap.newKeySet();
    var container = container("-listeners", "-three", 3, record -> {
      counts.merge(record.value(), 1, Integer::sum);
      threads.add(Thread.currentThread().getName());
    });
    container.start();
    until("all are assigned", () -> container.getContainers().stream().allMatch(each -> each.getAssignedPartitions().size() == 1));
    var template = new KafkaTemplate<>(producers());
    for (int i = 0; i < 30; i++) template.send(name + "-three", i % 3, "k", "v" + i).get();
    until("all are read", () -> counts.size() == 30);
    container.stop();
    return (counts.values().stream().allMatch(count -> count == 1) ? "30 once each" : "some twice") + " in " + threads.size() + " threads";
  }

  static Object deadLetters() throws Exception {
    var template = new KafkaTemplate<>(producers());
    BlockingQueue<ConsumerRecord<String, String>> dead = new LinkedBlockingQueue<>();
    int[] tries = {0};
    var container = container("-failing", "-failing", 1, record -> {
      tries[0]++;
      throw new IllegalStateException("no");
    });
    container.setCommonErrorHandler(new DefaultErrorHandler(new DeadLetterPublishingRecoverer(template), new FixedBackOff(10, 2)));
    var letters = container("-letters", "-failing-dlt", 1, dead::add);
    template.send(name + "-failing", "k", "bad").get();
    container.start();
    letters.start();
    var letter = dead.poll(60, TimeUnit.SECONDS);
    container.stop();
    letters.stop();
    String from = new String(letter.headers().lastHeader(KafkaHeaders.DLT_ORIGINAL_TOPIC).value());
    return letter.value() + " after " + tries[0] + " tries, " + (from.equals(name + "-failing") ? "from its topic" : "from " + from);
  }

  static Object requestReply() throws Exception {
    var template = new KafkaTemplate<>(producers());
    var server = container("-server", "-requests", 1, record -> {
      var reply = new ProducerRecord<>(name + "-replies", record.key(), record.value().toUpperCase());
      reply.headers().add(KafkaHeaders.CORRELATION_ID, record.headers().lastHeader(KafkaHeaders.CORRELATION_ID).value());
      template.send(reply);
    });
    server.start();
    ReplyingKafkaTemplate<String, String, String> client = new ReplyingKafkaTemplate<>(producers(), container("-client", "-replies", 1, record -> {}));
    client.setDefaultReplyTimeout(Duration.ofSeconds(60));
    client.start();
    client.waitForAssignment(Duration.ofSeconds(30));
    String reply = client.sendAndReceive(new ProducerRecord<>(name + "-requests", "k", "hello")).get(60, TimeUnit.SECONDS).value();
    client.stop();
    server.stop();
    return reply;
  }

  static Object transactions() throws Exception {
    var factory = producers();
    factory.setTransactionIdPrefix(name + "-spring-");
    var template = new KafkaTemplate<>(factory);
    template.executeInTransaction(inside -> {
      for (int i = 0; i < 5; i++) inside.send(name + "-txn", "yes", "v" + i);
      return null;
    });
    try {
      template.executeInTransaction(inside -> {
        inside.send(name + "-txn", "no", "v");
        throw new IllegalStateException("undone");
      });
    } catch (IllegalStateException e) {
      // As meant.
    }
    template.executeInTransaction(inside -> inside.send(name + "-txn", "last", "v"));
    List<String> keys = Collections.synchronizedList(new ArrayList<>());
    var container = container("-reader", "-txn", 1, record -> keys.add(record.key()));
    container.start();
    until("the last has come", () -> keys.contains("last"));
    container.stop();
    return Collections.frequency(keys, "yes") + " committed, " + Collections.frequency(keys, "no") + " undone read";
  }
}
