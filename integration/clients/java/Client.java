import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.*;

/** The newest Java client with its defaults: idempotent producer, acks=all. */
public class Client {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0], topic = args[1], group = args[2];
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
      if (admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == 3) System.out.println("created");
    }
    int sent = 0;
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      produce(bootstrap, topic, codec, codec, 20);
      sent += 20;
      System.out.println("produced " + codec);
    }
    System.out.println("consumed " + consume(bootstrap, topic, group, sent));
    if (consume(bootstrap, topic, group, 0) == 0) System.out.println("committed");
    produce(bootstrap, topic, "none", "more", 5);
    System.out.println("resumed " + consume(bootstrap, topic, group, 5));
    int first = generationOfStaticMember(bootstrap, topic, group + "-static");
    if (first == generationOfStaticMember(bootstrap, topic, group + "-static")) System.out.println("static member back without a rebalance");
  }

  /** Closing a static member sends no LeaveGroup: when it comes back in time the group's generation is as before. (KIP-345) */
  static int generationOfStaticMember(String bootstrap, String topic, String group) {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "group.id", group, "group.instance.id", "the-one");
    try (Consumer<String, String> consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      for (int i = 0; i < 100 && consumer.assignment().isEmpty(); i++) consumer.poll(Duration.ofMillis(100));
      return consumer.groupMetadata().generationId();
    }
  }

  static void produce(String bootstrap, String topic, String codec, String prefix, int count) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "compression.type", codec, "linger.ms", 20);
    try (Producer<String, String> producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      List<java.util.concurrent.Future<RecordMetadata>> acks = new ArrayList<>();
      for (int i = 0; i < count; i++) acks.add(producer.send(new ProducerRecord<>(topic, prefix + "-" + i, prefix + "-" + i)));
      for (var ack : acks) if (!ack.get().hasOffset()) throw new IllegalStateException("no offset");
    }
  }

  /** Reads until `count` have come and then a little longer, so that one too many would show. */
  static int consume(String bootstrap, String topic, String group, int count) {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", "false");
    Set<String> keys = new HashSet<>();
    int read = 0;
    try (Consumer<String, String> consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long end = System.nanoTime() + 20_000_000_000L;
      int quiet = 0;
      while (System.nanoTime() < end && quiet < 3) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
        for (var record : records) {
          read++;
          keys.add(record.key());
          if (!record.key().equals(record.value())) throw new IllegalStateException("value " + record.value() + " under key " + record.key());
        }
        if (read >= count && !consumer.assignment().isEmpty() && records.isEmpty()) quiet++;
      }
      consumer.commitSync();
    }
    return read == keys.size() ? read : -read;
  }
}
