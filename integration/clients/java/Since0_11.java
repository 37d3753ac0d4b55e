import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;

/** Admin calls, headers, transactions. */
public class Since0_11 implements Client.Later {
  static AdminClient admin() { return AdminClient.create(Client.config(Map.of())); }

  public void create() {
    Client.step("create topic", () -> {
      try (AdminClient admin = admin(); Producer<String, String> producer = Client.producer(Map.of())) {
        admin.createTopics(List.of(new NewTopic(Client.name, 3, (short) 1))).all().get();
        Client.until("the topic is known", () -> producer.partitionsFor(Client.name).size() == 3);
        return producer.partitionsFor(Client.name).size() + " partitions";
      }
    });
  }

  public void send() throws Exception {
    ProducerRecord<String, String> record = new ProducerRecord<>(Client.name, "headers", "v");
    record.headers().add("a", "1".getBytes()).add("b", "2".getBytes());
    try (Producer<String, String> producer = Client.producer(Map.of())) {
      producer.send(record).get();
    }
  }

  public void read(ConsumerRecord<String, String> record) {
    if (!"headers".equals(record.key())) return;
    StringJoiner all = new StringJoiner(" ");
    for (Header header : record.headers()) all.add(header.key() + "=" + new String(header.value()));
    Client.step("headers", () -> all);
  }

  public void steps() {
    Client.step("transaction committed", () -> {
      transactions();
      return read("yes") + " read";
    });
    Client.step("transaction aborted", () -> read("no") + " read");
    Client.step("read uncommitted", () -> Client.consume(Map.of("group.id", Client.name + "-dirty"), List.of(Client.name + "-txn"), 10, record -> {}) + " read");
    Client.step("transaction offsets", Since0_11::offsets);
    Client.step("transaction fenced", Since0_11::fenced);
    if (!Client.has("Since2_8")) Client.step("admin config", () -> alteredConfig(Since0_11::alterAll));
    Client.step("admin delete topic", () -> {
      try (AdminClient admin = admin()) {
        admin.createTopics(List.of(new NewTopic(Client.name + "-gone", 1, (short) 1))).all().get();
        admin.deleteTopics(List.of(Client.name + "-gone")).all().get();
        Client.until("it is not listed", () -> !admin.listTopics().names().get().contains(Client.name + "-gone"));
        return "deleted";
      }
    });
    try (AdminClient admin = admin()) {
      Client.step("error topic exists", () -> Client.code(() -> admin.createTopics(List.of(new NewTopic(Client.name, 1, (short) 1))).all().get()));
      Client.step("error unknown topic", () -> Client.code(() -> admin.deleteTopics(List.of(Client.name + "-nothing")).all().get()));
    }
  }

  static Producer<String, String> transactional(String id) {
    Producer<String, String> producer = Client.producer(Map.of("transactional.id", Client.name + "-" + id));
    producer.initTransactions();
    return producer;
  }

  static void transactions() {
    try (Producer<String, String> producer = transactional("id")) {
      for (String prefix : List.of("yes", "no")) {
        producer.beginTransaction();
        for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>(Client.name + "-txn", prefix, prefix + "-" + i));
        producer.flush();
        if (prefix.equals("yes")) producer.commitTransaction();
        else producer.abortTransaction();
      }
    }
  }

  static int read(String prefix) {
    int[] count = {0};
    Client.consume(Map.of("group.id", Client.name + "-clean-" + prefix, "isolation.level", "read_committed"), List.of(Client.name + "-txn"), 5, record -> {
      if (record.key().equals(prefix)) count[0]++;
    });
    return count[0];
  }

  static Object offsets() throws Exception {
    TopicPartition partition = new TopicPartition(Client.name + "-time", 0);
    Map<String, String> config = Map.of("group.id", Client.name + "-offsets");
    try (Producer<String, String> producer = transactional("offsets"); Consumer<String, String> consumer = Client.consumer(config)) {
      producer.beginTransaction();
      sendOffsets(producer, Map.of(partition, new OffsetAndMetadata(7)), consumer);
      producer.commitTransaction();
      consumer.assign(List.of(partition));
      return "committed " + consumer.position(partition);
    }
  }

  /** 4.0 took one away, 2.5 brought the other. */
  static void sendOffsets(Producer<String, String> producer, Map<TopicPartition, OffsetAndMetadata> offsets, Consumer<String, String> consumer) throws Exception {
    try {
      Object metadata = Consumer.class.getMethod("groupMetadata").invoke(consumer);
      Class<?> type = Class.forName("org.apache.kafka.clients.consumer.ConsumerGroupMetadata");
      Producer.class.getMethod("sendOffsetsToTransaction", Map.class, type).invoke(producer, offsets, metadata);
    } catch (NoSuchMethodException e) {
      Producer.class.getMethod("sendOffsetsToTransaction", Map.class, String.class).invoke(producer, offsets, Client.name + "-offsets");
    }
  }

  static Object fenced() throws Exception {
    try (Producer<String, String> old = transactional("fenced")) {
      old.beginTransaction();
      old.send(new ProducerRecord<>(Client.name + "-three", "old", "old"));
      old.flush();
      transactional("fenced").close();
      Object code = Client.code(old::commitTransaction);
      return List.of(47, 90).contains(((Number) code).intValue()) ? "refused" : "met by " + code;
    }
  }

  interface Alter { Object all(AdminClient admin, ConfigResource topic, ConfigEntry entry) throws Exception; }

  /** 4.0 has taken this one away. */
  static Object alterAll(AdminClient admin, ConfigResource topic, ConfigEntry entry) throws Exception {
    return AdminClient.class.getMethod("alterConfigs", Map.class).invoke(admin, Map.of(topic, new Config(List.of(entry))));
  }

  static Object alteredConfig(Alter alter) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Client.name);
    try (AdminClient admin = admin()) {
      Object result = alter.all(admin, topic, new ConfigEntry("retention.ms", "60000"));
      ((org.apache.kafka.common.KafkaFuture<?>) result.getClass().getMethod("all").invoke(result)).get();
      Client.until("the value has changed", () -> "60000".equals(value(admin, topic)));
      return value(admin, topic);
    }
  }

  static String value(AdminClient admin, ConfigResource topic) throws Exception {
    return admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value();
  }
}
