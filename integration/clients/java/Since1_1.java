import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;

/** Admin calls for partitions and records. */
public class Since1_1 implements Client.Later {
  public void steps() {
    Client.step("admin partitions", () -> {
      try (AdminClient admin = Since0_11.admin(); Producer<String, String> producer = Client.producer(Map.of("metadata.max.age.ms", 100))) {
        admin.createPartitions(Map.of(Client.name, NewPartitions.increaseTo(5))).all().get();
        Client.until("there are more", () -> producer.partitionsFor(Client.name).size() == 5);
        return producer.partitionsFor(Client.name).size();
      }
    });
    Client.step("admin delete records", () -> {
      TopicPartition partition = new TopicPartition(Client.name + "-time", 0);
      try (AdminClient admin = Since0_11.admin(); Consumer<String, String> consumer = Client.consumer(Map.of("group.id", Client.name + "-deleted"))) {
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5))).all().get();
        return "begins at " + consumer.beginningOffsets(List.of(partition)).get(partition);
      }
    });
  }
}
