import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.StringSerializer;

/** Each function of the Java client's Admin that is not about KIP-848, share or streams groups or delegation tokens, once. */
public class AdminCalls {
    interface Call {
        Object run() throws Exception;
    }

    static final String TOPIC = "java-admin";
    static final String GROUP = "java-group";
    static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);

    static void call(String name, Call call) {
        String result;
        try {
            result = String.valueOf(call.run());
        } catch (ExecutionException failed) {
            result = failed.getCause().getClass().getSimpleName();
        } catch (Exception failed) {
            result = failed.toString();
        }
        System.out.println(name + ": " + result);
    }

    public static void main(String[] arguments) {
        String bootstrap = arguments[0];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            topics(admin, bootstrap);
            groups(admin);
            configs(admin);
            users(admin);
            cluster(admin);
            call("deleteTopics", () -> admin.deleteTopics(Set.of(TOPIC)).all().get());
        }
    }

    static void topics(Admin admin, String bootstrap) {
        call("createTopics", () -> admin.createTopics(Set.of(new NewTopic(TOPIC, 2, (short) 1))).numPartitions(TOPIC).get());
        call("createPartitions", () -> admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(3))).all().get());
        call("listTopics", () -> admin.listTopics().names().get().contains(TOPIC));
        call("describeTopics", () -> admin.describeTopics(Set.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().size());
        call("produce", () -> {
            Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                for (int at = 0; at < 2; at++) producer.send(new ProducerRecord<>(TOPIC, 0, null, "v" + at)).get();
                return producer.send(new ProducerRecord<>(TOPIC, 0, null, "v")).get().offset();
            }
        });
        call("listOffsets", () -> admin.listOffsets(Map.of(FIRST, OffsetSpec.latest())).all().get().get(FIRST).offset());
        call("deleteRecords", () -> admin.deleteRecords(Map.of(FIRST, RecordsToDelete.beforeOffset(1))).lowWatermarks().get(FIRST).get().lowWatermark());
        call("describeProducers", () -> admin.describeProducers(Set.of(FIRST)).all().get().get(FIRST).activeProducers().size());
        call("listTransactions", () -> admin.listTransactions().all().get().size());
        call("describeTransactions", () -> admin.describeTransactions(Set.of("none")).all().get());
        call("fenceProducers", () -> admin.fenceProducers(Set.of("java-transaction")).all().get());
        call("abortTransaction", () -> admin.abortTransaction(new AbortTransactionSpec(FIRST, 12345, (short) 0, 0)).all().get());
        call("forceTerminateTransaction", () -> admin.forceTerminateTransaction("java-transaction").result().get());
        call("electLeaders", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions().get().get(FIRST).get().getClass().getSimpleName());
        call("alterPartitionReassignments", () -> admin.alterPartitionReassignments(Map.of(FIRST, Optional.of(new NewPartitionReassignment(List.of(1))))).all().get());
        call("listPartitionReassignments", () -> admin.listPartitionReassignments().reassignments().get().size());
        call("describeLogDirs", () -> admin.describeLogDirs(Set.of(1)).allDescriptions().get().get(1).size());
        TopicPartitionReplica replica = new TopicPartitionReplica(TOPIC, 0, 1);
        call("describeReplicaLogDirs", () -> admin.describeReplicaLogDirs(Set.of(replica)).all().get().get(replica).getFutureReplicaLogDir());
        call("alterReplicaLogDirs", () -> admin.alterReplicaLogDirs(Map.of(replica, "/no/such/directory")).all().get());
    }

    static void groups(Admin admin) {
        call("alterConsumerGroupOffsets", () -> admin.alterConsumerGroupOffsets(GROUP, Map.of(FIRST, new OffsetAndMetadata(2))).all().get());
        call("listConsumerGroupOffsets", () -> admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get().get(FIRST).offset());
        call("listGroups", () -> admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals(GROUP)));
        call("listConsumerGroups", () -> admin.listConsumerGroups().all().get().stream().anyMatch(group -> group.groupId().equals(GROUP)));
        call("describeConsumerGroups", () -> admin.describeConsumerGroups(Set.of(GROUP)).all().get().get(GROUP).groupState());
        call("describeClassicGroups", () -> admin.describeClassicGroups(Set.of(GROUP)).all().get().get(GROUP).state());
        call("removeMembersFromConsumerGroup", () -> admin.removeMembersFromConsumerGroup(GROUP, new RemoveMembersFromConsumerGroupOptions()).all().get());
        call("deleteConsumerGroupOffsets", () -> admin.deleteConsumerGroupOffsets(GROUP, Set.of(FIRST)).all().get());
        call("deleteConsumerGroups", () -> admin.deleteConsumerGroups(Set.of(GROUP)).all().get());
    }

    static void configs(Admin admin) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "5"), AlterConfigOp.OpType.SET));
        call("incrementalAlterConfigs", () -> admin.incrementalAlterConfigs(Map.of(topic, change)).all().get());
        call("describeConfigs", () -> admin.describeConfigs(Set.of(topic)).all().get().get(topic).get("retention.ms").value());
        call("listConfigResources", () -> admin.listConfigResources().all().get().contains(topic));
        call("listClientMetricsResources", () -> admin.listClientMetricsResources().all().get());
        ClientQuotaEntity ann = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "ann"));
        List<ClientQuotaAlteration> quota = List.of(new ClientQuotaAlteration(ann, Set.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1024.0))));
        call("alterClientQuotas", () -> admin.alterClientQuotas(quota).all().get());
        call("describeClientQuotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().get(ann));
        AclBinding acl = new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
            new AccessControlEntry("User:ann", "*", AclOperation.READ, AclPermissionType.ALLOW));
        call("createAcls", () -> admin.createAcls(Set.of(acl)).all().get());
        call("describeAcls", () -> admin.describeAcls(AclBindingFilter.ANY).values().get().size());
        call("deleteAcls", () -> admin.deleteAcls(Set.of(acl.toFilter())).all().get().size());
    }

    /** A broker of Apache Kafka answers before it has read what it has just had changed. */
    static List<ScramCredentialInfo> credentialsOf(Admin admin, String user, boolean isThere) throws Exception {
        for (int tries = 0; ; tries++) {
            Map<String, UserScramCredentialsDescription> all = admin.describeUserScramCredentials().all().get();
            if (all.containsKey(user) == isThere || tries == 100) return isThere ? all.get(user).credentialInfos() : List.of();
            Thread.sleep(50);
        }
    }

    static void users(Admin admin) {
        ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
        call("alterUserScramCredentials", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("java-user", info, "secret"))).all().get());
        call("describeUserScramCredentials", () -> credentialsOf(admin, "java-user", true));
        call("alterUserScramCredentials", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("java-user", info.mechanism()))).all().get());
        call("describeUserScramCredentials", () -> credentialsOf(admin, "java-user", false));
    }

    static void cluster(Admin admin) {
        call("describeCluster", () -> admin.describeCluster().nodes().get().size());
        call("describeFeatures", () -> admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("metadata.version"));
        FeatureUpdate update = new FeatureUpdate((short) 99, FeatureUpdate.UpgradeType.UPGRADE);
        call("updateFeatures", () -> admin.updateFeatures(Map.of("transaction.version", update), new UpdateFeaturesOptions()).all().get());
        call("describeMetadataQuorum", () -> admin.describeMetadataQuorum().quorumInfo().get().leaderId());
        call("unregisterBroker", () -> admin.unregisterBroker(9).all().get());
        call("unregisterController", () -> admin.unregisterController(9).all().get());
        call("addRaftVoter", () -> admin.addRaftVoter(9, org.apache.kafka.common.Uuid.ONE_UUID, Set.of(new RaftVoterEndpoint("CONTROLLER", "localhost", 9))).all().get());
        call("removeRaftVoter", () -> admin.removeRaftVoter(9, org.apache.kafka.common.Uuid.ONE_UUID).all().get());
    }
}
