import java.io.File;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.*;

/** Writes a segment of message formats 0 and 1 into a partition of a stopped Kafka 3.9, as a Kafka before 0.11 left it there. */
public class Legacy {
    static final long TIME = 1_500_000_000_000L;

    public static void main(String[] args) throws Exception {
        Path segment = Path.of(args[0], "00000000000000000000.log");
        long offset = 0;
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (byte magic : new byte[] {0, 1}) {
                for (CompressionType type : new CompressionType[] {CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4}) {
                    offset = write(file, magic, type, TimestampType.CREATE_TIME, offset);
                    if (magic == 1) offset = write(file, magic, type, TimestampType.LOG_APPEND_TIME, offset);
                    // As compaction leaves it.
                    offset += 3;
                }
            }
        }
        // Kafka makes these anew.
        for (File each : new File(args[0]).listFiles()) if (each.getName().matches("0+\\.(index|timeindex|snapshot)|leader-epoch-checkpoint")) each.delete();
        Files.deleteIfExists(Path.of(args[0], "..", ".kafka_cleanshutdown"));
        Files.deleteIfExists(Path.of(args[0], "..", "recovery-point-offset-checkpoint"));
    }

    static long write(FileChannel file, byte magic, CompressionType type, TimestampType timestampType, long from) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        MemoryRecordsBuilder builder = MemoryRecords.builder(buffer, magic, Compression.of(type).build(), timestampType, from, TIME + from);
        for (int n = 0; n < 8; n++) {
            byte[] key = n % 3 == 0 ? null : ("k" + n).getBytes();
            byte[] value = n == 5 ? null : ("value ".repeat(n) + from).getBytes();
            builder.appendWithOffset(from + n, magic == 0 ? RecordBatch.NO_TIMESTAMP : TIME + n, key, value);
        }
        builder.build().writeFullyTo(file);
        return from + 8;
    }
}
