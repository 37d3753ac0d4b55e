import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;

/** A producer and a consumer with their defaults: they push metrics when the broker asks for some. Ends with its standard input. */
public class Telemetry {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("group.id", "telemetry");
        settings.put("auto.offset.reset", "earliest");
        settings.put("compression.type", "lz4");
        settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        settings.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        Properties ofProducer = new Properties();
        ofProducer.putAll(settings);
        ofProducer.put("client.id", "telemetry-producer");
        Properties ofConsumer = new Properties();
        ofConsumer.putAll(settings);
        ofConsumer.put("client.id", "telemetry-consumer");
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(ofProducer);
                KafkaConsumer<String, String> consumer = new KafkaConsumer<>(ofConsumer)) {
            consumer.subscribe(List.of("measured"));
            boolean said = false;
            // The consumer has no id yet while nothing has been polled for.
            Uuid ofItself = null;
            while (System.in.available() == 0) {
                producer.send(new ProducerRecord<>("measured", "key", "value")).get();
                consumer.poll(Duration.ofMillis(100));
                if (ofItself == null) ofItself = consumer.clientInstanceId(Duration.ofSeconds(10));
                if (ofItself != null && !said) {
                    said = true;
                    System.out.println("producer " + producer.clientInstanceId(Duration.ofSeconds(10)));
                    System.out.println("consumer " + ofItself);
                }
            }
        }
        System.out.println("closed");
    }
}
