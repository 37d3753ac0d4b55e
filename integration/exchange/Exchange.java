import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.zip.CRC32;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.*;

/** Fills a cluster with data of every sort, adds to it, or tells all that is in it. */
public class Exchange {
    static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
    static final long TIME = 1_700_000_000_000L;

    public static void main(String[] args) throws Exception {
        String bootstrap = args[1];
        switch (args[0]) {
            case "fill" -> fill(bootstrap, Short.parseShort(args[2]));
            case "sample" -> sample(bootstrap);
            case "add" -> add(bootstrap);
            case "dump" -> dump(bootstrap);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    static Properties client(String bootstrap) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    static KafkaProducer<byte[], byte[]> producer(String bootstrap, String codec, String transactionalId) {
        Properties properties = client(bootstrap);
        properties.put("compression.type", codec);
        properties.put("linger.ms", "20");
        properties.put("max.block.ms", "30000");
        if (transactionalId != null) properties.put("transactional.id", transactionalId);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes();
    }

    static void send(KafkaProducer<byte[], byte[]> producer, String topic, int partition, String key, String value, int n) {
        List<Header> headers = n % 3 == 0 ? List.of(new RecordHeader("h" + n, bytes("v" + n)), new RecordHeader("null", null)) : List.of();
        producer.send(new ProducerRecord<>(topic, partition, TIME + n, bytes(key), bytes(value), headers));
    }

    static void fill(String bootstrap, short copies) throws Exception {
        try (Admin admin = Admin.create(client(bootstrap))) {
            admin.createTopics(List.of(
                new NewTopic("plain", 3, copies).configs(Map.of("retention.ms", "-1", "max.message.bytes", "2000000")),
                new NewTopic("Plain", 1, copies).configs(Map.of("retention.ms", "-1")),
                new NewTopic("compacted", 1, copies).configs(Map.of("cleanup.policy", "compact", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "86400000")),
                new NewTopic("transactions", 2, copies).configs(Map.of("retention.ms", "-1")),
                new NewTopic("cut.from-the_start", 1, copies).configs(Map.of("retention.ms", "-1")),
                new NewTopic("append-time", 1, copies).configs(Map.of("message.timestamp.type", "LogAppendTime", "retention.ms", "-1")),
                new NewTopic("empty", 2, copies),
                new NewTopic("gone", 1, copies))).all().get();
            plain(bootstrap);
            transactions(bootstrap);
            compacted(bootstrap, admin);
            admin.deleteRecords(Map.of(new TopicPartition("cut.from-the_start", 0), RecordsToDelete.beforeOffset(17))).all().get();
            admin.deleteTopics(List.of("gone")).all().get();
            groups(bootstrap, admin);
            configs(admin);
        }
    }

    /** Little of everything that a log can hold. */
    static void sample(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(client(bootstrap))) {
            admin.createTopics(List.of(
                new NewTopic("sample", 2, (short) 1).configs(Map.of("retention.ms", "-1")),
                new NewTopic("old", 1, (short) 1).configs(Map.of("retention.ms", "-1")),
                new NewTopic("gone", 1, (short) 1))).all().get();
            for (String codec : CODECS) {
                try (var producer = producer(bootstrap, codec, null)) {
                    for (int n = 0; n < 4; n++) send(producer, "sample", 0, n == 1 ? null : codec + n, n == 2 ? null : "v" + n, n);
                }
            }
            try (var producer = producer(bootstrap, "none", "sample")) {
                producer.initTransactions();
                for (int n = 0; n < 2; n++) {
                    producer.beginTransaction();
                    send(producer, "sample", 1, "t", "transaction " + n, n);
                    producer.flush();
                    if (n == 0) producer.abortTransaction(); else producer.commitTransaction();
                }
            }
            admin.deleteRecords(Map.of(new TopicPartition("sample", 0), RecordsToDelete.beforeOffset(2))).all().get();
            admin.deleteTopics(List.of("gone")).all().get();
            admin.alterConsumerGroupOffsets("offsets-only", Map.of(new TopicPartition("sample", 0), new OffsetAndMetadata(7, "seven"))).all().get();
            configs(admin);
        }
    }

    static void plain(String bootstrap) {
        for (String codec : CODECS) {
            try (var producer = producer(bootstrap, codec, null)) {
                for (int n = 0; n < 60; n++) {
                    send(producer, "plain", n % 3, n % 5 == 0 ? null : codec + n, n % 7 == 0 ? null : "value ".repeat(n) + n, n);
                    send(producer, "append-time", 0, codec + n, "a" + n, n);
                    if (codec.equals("none")) send(producer, "cut.from-the_start", 0, codec, "c" + n, n);
                    if (codec.equals("zstd")) send(producer, "gone", 0, codec, "g" + n, n);
                    if (codec.equals("gzip")) send(producer, "Plain", 0, codec, "P" + n, n);
                }
            }
        }
    }

    static void transactions(String bootstrap) {
        try (var producer = producer(bootstrap, "lz4", "exchange-1"); var other = producer(bootstrap, "none", "exchange-2")) {
            producer.initTransactions();
            other.initTransactions();
            for (int n = 0; n < 6; n++) {
                producer.beginTransaction();
                other.beginTransaction();
                for (int i = 0; i < 10; i++) {
                    send(producer, "transactions", i % 2, "t" + i, "one " + n, i);
                    send(other, "transactions", i % 2, "t" + i, "two " + n, i);
                }
                producer.sendOffsetsToTransaction(
                    Map.of(new TopicPartition("plain", 0), new OffsetAndMetadata(n + 1, "in a transaction")),
                    new ConsumerGroupMetadata("transactional-group"));
                producer.flush();
                other.flush();
                if (n % 3 == 1) producer.abortTransaction(); else producer.commitTransaction();
                if (n % 2 == 0) other.abortTransaction(); else other.commitTransaction();
            }
        }
    }

    /** Writes every key many times, in several segments, and waits until the cleaner has been over them. */
    static void compacted(String bootstrap, Admin admin) throws Exception {
        for (int round = 0; round < 6; round++) {
            String codec = CODECS[round % CODECS.length];
            try (var producer = producer(bootstrap, codec, null)) {
                // Segments are rolled by the time of their records.
                for (int n = 0; n < 50; n++) send(producer, "compacted", 0, "k" + n % 10, n % 10 == 9 ? null : "r" + round + "-" + n, n + 10_000 * round);
            }
        }
        TopicPartition partition = new TopicPartition("compacted", 0);
        for (int tries = 0; records(bootstrap, partition, "read_uncommitted").size() > 150; tries++) {
            if (tries > 120) throw new IllegalStateException("never compacted");
            Thread.sleep(250);
        }
    }

    static void groups(String bootstrap, Admin admin) throws Exception {
        commitByReading(bootstrap, "classic-group", "classic");
        if (hasConsumerProtocol(admin)) commitByReading(bootstrap, "consumer-group", "consumer");
        admin.alterConsumerGroupOffsets("offsets-only", Map.of(
            new TopicPartition("plain", 1), new OffsetAndMetadata(7, Optional.of(0), "seven"),
            new TopicPartition("plain", 2), new OffsetAndMetadata(9))).all().get();
        admin.alterConsumerGroupOffsets("deleted-group", Map.of(new TopicPartition("plain", 1), new OffsetAndMetadata(3))).all().get();
        admin.deleteConsumerGroups(List.of("deleted-group")).all().get();
    }

    static boolean hasConsumerProtocol(Admin admin) throws Exception {
        var finalized = admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("group.version");
        return finalized != null && finalized.maxVersionLevel() > 0;
    }

    static void commitByReading(String bootstrap, String group, String protocol) {
        Properties properties = client(bootstrap);
        properties.put("group.id", group);
        properties.put("group.protocol", protocol);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("plain", "append-time"));
            int count = 0;
            while (count < 100) count += consumer.poll(Duration.ofMillis(200)).count();
            // Leaders on several nodes answer one after the other: without a position nothing is committed for a partition.
            for (TopicPartition each : consumer.assignment()) consumer.position(each);
            consumer.commitSync();
        }
    }

    static void configs(Admin admin) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        changes.put(new ConfigResource(ConfigResource.Type.BROKER, ""), List.of(set("log.retention.ms", "123456789012")));
        changes.put(new ConfigResource(ConfigResource.Type.BROKER, "1"), List.of(set("max.connections.per.ip", "1000")));
        changes.put(new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "metrics-1"), List.of(set("interval.ms", "60000"), set("metrics", "org.apache.kafka.producer.")));
        if (hasConsumerProtocol(admin)) {
            changes.put(new ConfigResource(ConfigResource.Type.GROUP, "consumer-group"), List.of(set("consumer.session.timeout.ms", "50000")));
        }
        admin.incrementalAlterConfigs(changes).all().get();
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
            new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "somebody")),
            List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e6))))).all().get();
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
            "somebody", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all().get();
    }

    static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    /** What a cluster that was taken over must still be able to do. */
    static void add(String bootstrap) throws Exception {
        for (String codec : CODECS) {
            try (var producer = producer(bootstrap, codec, null)) {
                for (int n = 0; n < 12; n++) send(producer, "plain", n % 3, codec, "added " + n, n);
            }
        }
        Properties properties = client(bootstrap);
        properties.put("group.id", "classic-group");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "none");
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("plain"));
            int count = 0;
            while (count < 60) count += consumer.poll(Duration.ofMillis(200)).count();
            consumer.commitSync();
        }
        try (Admin admin = Admin.create(client(bootstrap))) {
            admin.createTopics(List.of(new NewTopic("added", 2, (short) 1).configs(Map.of("retention.ms", "-1")))).all().get();
            admin.alterConsumerGroupOffsets("added-group", Map.of(new TopicPartition("plain", 0), new OffsetAndMetadata(5, "five"))).all().get();
        }
        try (var producer = producer(bootstrap, "zstd", null)) {
            for (int n = 0; n < 100; n++) send(producer, "added", n % 2, "k" + n, "v" + n, n);
        }
    }

    static void dump(String bootstrap) throws Exception {
        TreeSet<String> lines = new TreeSet<>();
        try (Admin admin = Admin.create(client(bootstrap))) {
            lines.add("cluster " + admin.describeCluster().clusterId().get());
            var names = new TreeSet<>(admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get());
            for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
                lines.add("topic " + topic.name() + " " + topic.topicId() + " " + topic.partitions().size() + (topic.isInternal() ? " internal" : ""));
                if (!topic.isInternal()) for (int p = 0; p < topic.partitions().size(); p++) dumpPartition(bootstrap, new TopicPartition(topic.name(), p));
                configLines(admin, new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, lines);
            }
            configLines(admin, new ConfigResource(ConfigResource.Type.BROKER, "1"), ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, lines);
            configLines(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, lines);
            configLines(admin, new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "metrics-1"), ConfigEntry.ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG, lines);
            configLines(admin, new ConfigResource(ConfigResource.Type.GROUP, "consumer-group"), ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG, lines);
            for (String group : List.of("classic-group", "consumer-group", "offsets-only", "deleted-group", "transactional-group", "added-group")) {
                for (var entry : offsets(admin, group).entrySet()) {
                    lines.add("offset " + group + " " + entry.getKey() + " " + entry.getValue());
                }
            }
        }
        for (String line : lines) System.out.println(line);
    }

    static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, String group) throws Exception {
        try {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        } catch (ExecutionException none) {
            return Map.of();
        }
    }

    static void configLines(Admin admin, ConfigResource resource, ConfigEntry.ConfigSource source, Set<String> lines) throws Exception {
        try {
            for (ConfigEntry entry : admin.describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
                if (entry.source() == source) lines.add("config " + resource.type() + " " + resource.name() + " " + entry.name() + "=" + entry.value());
            }
        } catch (ExecutionException failed) {
            // A Kafka 3.9 has no configs of groups.
            if (!(failed.getCause() instanceof InvalidRequestException)) throw failed;
        }
    }

    static void dumpPartition(String bootstrap, TopicPartition partition) {
        for (String line : records(bootstrap, partition, "read_uncommitted")) System.out.println("record " + partition + " " + line);
        var committed = records(bootstrap, partition, "read_committed");
        CRC32 crc = new CRC32();
        for (String line : committed) crc.update(line.getBytes());
        System.out.println("committed " + partition + " " + committed.size() + " " + crc.getValue());
    }

    static List<String> records(String bootstrap, TopicPartition partition, String isolation) {
        Properties properties = client(bootstrap);
        properties.put("isolation.level", isolation);
        properties.put("enable.auto.commit", "false");
        List<String> lines = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            lines.add("from " + begin + " to " + end);
            consumer.seek(partition, begin);
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) lines.add(text(record));
            }
        }
        return lines;
    }

    static String text(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder headers = new StringBuilder();
        for (Header header : record.headers()) headers.append(' ').append(header.key()).append('=').append(text(header.value()));
        // Format 2 has no word for a record without a kind of timestamp, as those of format 0 are.
        TimestampType type = record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE ? TimestampType.CREATE_TIME : record.timestampType();
        return record.offset() + " " + type + " " + record.timestamp() + " " + text(record.key()) + " " + text(record.value()) + headers;
    }

    static String text(byte[] bytes) {
        if (bytes == null) return "null";
        if (bytes.length <= 40) return "'" + new String(bytes) + "'";
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return bytes.length + " bytes " + crc.getValue();
    }
}
