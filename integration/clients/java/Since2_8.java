import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.config.ConfigResource;

/** Static members (2.3), admin calls for groups (2.0), configs one by one (2.3). */
public class Since2_8 implements Client.Later {
  public void steps() {
    Client.step("static member", Since2_8::staticMember);
    Client.step("admin config", () -> Since0_11.alteredConfig(Since2_8::alterOne));
    try (AdminClient admin = Since0_11.admin()) {
      Client.step("admin group", () -> {
        ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(Client.name)).all().get().get(Client.name);
        boolean isListed = admin.listConsumerGroups().all().get().stream().anyMatch(each -> each.groupId().equals(Client.name));
        return isListed ? group.members().isEmpty() ? "Empty" : "not empty" : "not listed";
      });
      Client.step("admin delete group", () -> {
        admin.deleteConsumerGroups(List.of(Client.name)).all().get();
        return "deleted";
      });
      Client.step("error unknown group", () -> Client.code(() -> admin.deleteConsumerGroups(List.of(Client.name + "-nobody")).all().get()));
    }
  }

  static Object alterOne(AdminClient admin, ConfigResource topic, ConfigEntry entry) {
    return admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))));
  }

  /** Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345) */
  static Object staticMember() throws Exception {
    String topic = Client.name + "-three";
    Map<String, String> group = Map.of("group.id", Client.name + "-static", "session.timeout.ms", "20000");
    Map<String, String> one = new HashMap<>(group);
    one.put("group.instance.id", "the-one");
    try (Client.Member other = new Client.Member(group, topic, new HashMap<>())) {
      Client.Member first = new Client.Member(one, topic, new HashMap<>());
      Client.until("both have partitions", () -> Client.allHave(List.of(first, other), 1));
      int before = other.rebalances;
      first.close();
      try (Client.Member again = new Client.Member(one, topic, new HashMap<>())) {
        Client.until("it has partitions again", () -> Client.allHave(List.of(again, other), 1));
        return other.rebalances == before ? "back without a rebalance" : "rebalanced";
      }
    }
  }
}
