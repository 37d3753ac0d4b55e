import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/**
 * Consume, transform, produce, as KIP-447 has it: one transactional producer a process, whose offsets carry the consumer's
 * generation. Anything unusual ends the process; its successor has the same transactional id.
 */
public class Transformer {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0], input = args[1], output = args[2], group = args[3], name = args[4];
    Map<String, Object> producing = Map.of(
        "bootstrap.servers", bootstrap, "transactional.id", group + "-" + name, "transaction.timeout.ms", 20_000,
        "reconnect.backoff.max.ms", 200, "linger.ms", 2);
    Map<String, Object> consuming = Map.of(
        "bootstrap.servers", bootstrap, "group.id", group, "isolation.level", "read_committed", "enable.auto.commit", false,
        "auto.offset.reset", "earliest", "session.timeout.ms", 2000, "heartbeat.interval.ms", 300, "reconnect.backoff.max.ms", 200);
    var strings = new StringDeserializer();
    try (Producer<String, String> producer = new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer());
        Consumer<String, String> consumer = new KafkaConsumer<>(consuming, strings, strings)) {
      producer.initTransactions();
      consumer.subscribe(List.of(input));
      System.out.println("begun");
      while (true) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
        if (!records.isEmpty()) transform(records, consumer, producer, output);
      }
    } catch (Throwable failure) {
      failure.printStackTrace();
      // Whatever threads are still there: a process that cannot go on must go.
      Runtime.getRuntime().halt(3);
    }
  }

  static void transform(ConsumerRecords<String, String> records, Consumer<String, String> consumer, Producer<String, String> producer, String output) {
    producer.beginTransaction();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (var record : records) {
      producer.send(new ProducerRecord<>(output, record.partition(), record.key(), "t" + record.value()));
      offsets.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
  }
}
