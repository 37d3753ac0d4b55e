import java.util.*;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.*;

/** A client of 2017: it has no admin calls, writes format 1 by Produce 2 and reads by Fetch 3. */
public class Client {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0], topic = args[1], group = args[2];
    try (Producer<String, String> producer = producer(bootstrap, "none")) {
      if (producer.partitionsFor(topic).size() >= 1) System.out.println("created");
    }
    int sent = 0;
    for (String codec : Arrays.asList("none", "gzip", "snappy", "lz4")) {
      produce(bootstrap, topic, codec, codec, 20);
      sent += 20;
      System.out.println("produced " + codec);
    }
    System.out.println("consumed " + consume(bootstrap, topic, group, sent));
    if (consume(bootstrap, topic, group, 0) == 0) System.out.println("committed");
    produce(bootstrap, topic, "none", "more", 5);
    System.out.println("resumed " + consume(bootstrap, topic, group, 5));
  }

  static Producer<String, String> producer(String bootstrap, String codec) {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("compression.type", codec);
    config.put("acks", "all");
    config.put("linger.ms", "20");
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  static void produce(String bootstrap, String topic, String codec, String prefix, int count) throws Exception {
    try (Producer<String, String> producer = producer(bootstrap, codec)) {
      List<Future<RecordMetadata>> acks = new ArrayList<>();
      for (int i = 0; i < count; i++) acks.add(producer.send(new ProducerRecord<>(topic, prefix + "-" + i, prefix + "-" + i)));
      for (Future<RecordMetadata> ack : acks) if (ack.get().offset() < 0) throw new IllegalStateException("no offset");
    }
  }

  /** Reads until `count` have come and then a little longer, so that one too many would show. */
  static int consume(String bootstrap, String topic, String group, int count) {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("group.id", group);
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", "false");
    Set<String> keys = new HashSet<>();
    int read = 0;
    try (Consumer<String, String> consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(Collections.singletonList(topic));
      long end = System.nanoTime() + 20_000_000_000L;
      int quiet = 0;
      while (System.nanoTime() < end && quiet < 3) {
        ConsumerRecords<String, String> records = consumer.poll(200);
        for (ConsumerRecord<String, String> record : records) {
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
