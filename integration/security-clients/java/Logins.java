import java.io.FileReader;
import java.nio.file.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.serialization.*;

/** Each way to log in with the Java client, by its own login modules and callback handlers; a line for each outcome. */
public class Logins {
  static final Properties at = new Properties();
  static final int AGAIN = 3;

  public static void main(String[] args) throws Exception {
    try (FileReader reader = new FileReader(args[0])) {
      at.load(reader);
    }
    tls();
    for (String listener : List.of("sasl_plaintext", "sasl_ssl")) {
      for (String mechanism : List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")) passwords(listener, mechanism);
      tokens(listener);
    }
    say("SCRAM-SHA-512 where it is not offered", outcome(password("few", "SCRAM-SHA-512", "alice", at.getProperty("password.alice"))));
    delegationToken();
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<String>> lines = new ArrayList<>();
    for (String mechanism : List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")) {
      lines.add(threads.submit(() -> again(mechanism, password("again", mechanism, "alice", at.getProperty("password.alice")))));
    }
    lines.add(threads.submit(() -> again("OAUTHBEARER", bearer("again", "fresh.token"))));
    lines.add(threads.submit(Logins::expiry));
    for (Future<String> line : lines) System.out.println(line.get());
    threads.shutdown();
  }

  static void tls() throws Exception {
    say("TLS", outcome(ssl("tls", "ca.pem", null)));
    say("TLS, trusting others", outcome(ssl("tls", "strangers.pem", null)));
    say("mTLS", outcome(ssl("mtls", "ca.pem", "alice.pem")));
    say("mTLS as bob", outcome(ssl("mtls", "ca.pem", "bob.pem")));
    say("mTLS without a certificate", outcome(ssl("mtls", "ca.pem", null)));
    say("mTLS with a stranger's certificate", outcome(ssl("mtls", "ca.pem", "stranger.pem")));
  }

  static void passwords(String listener, String mechanism) throws Exception {
    String what = mechanism + " over " + listener;
    say(what, outcome(password(listener, mechanism, "alice", at.getProperty("password.alice"))));
    say(what + ", as bob", outcome(password(listener, mechanism, "bob", at.getProperty("password.bob"))));
    say(what + ", wrong password", outcome(password(listener, mechanism, "alice", "wrong")));
    say(what + ", nobody's name", outcome(password(listener, mechanism, "nobody", "wrong")));
  }

  static void tokens(String listener) throws Exception {
    String what = "OAUTHBEARER over " + listener;
    say(what, outcome(bearer(listener, "good.token")));
    say(what + ", as bob", outcome(bearer(listener, "bob.token")));
    for (String wrong : List.of("expired", "foreign", "other-audience")) say(what + ", " + wrong + " token", outcome(bearer(listener, wrong + ".token")));
  }

  /** alice asks for a token; whoever has it comes in as alice. (KIP-48) */
  static void delegationToken() throws Exception {
    try (Admin admin = Admin.create(password("sasl_ssl", "SCRAM-SHA-512", "alice", at.getProperty("password.alice")))) {
      var token = admin.createDelegationToken().delegationToken().get();
      Map<String, Object> config = password("sasl_ssl", "SCRAM-SHA-256", token.tokenInfo().tokenId(), token.hmacAsBase64String());
      config.compute("sasl.jaas.config", (key, jaas) -> jaas.toString().replace(";", " tokenauth=true;"));
      say("delegation token over sasl_ssl", eventually(config));
      config.compute("sasl.jaas.config", (key, jaas) -> jaas.toString().replace(token.hmacAsBase64String(), "wrong"));
      say("delegation token over sasl_ssl, wrong HMAC", outcome(config));
    }
  }

  /** A broker of Apache Kafka answers before it knows the token that it has just made. */
  static String eventually(Map<String, Object> config) throws Exception {
    for (int i = 0; ; i++) {
      String outcome = outcome(config);
      if (i == 20 || !outcome.equals("SaslAuthenticationException")) return outcome;
      Thread.sleep(200);
    }
  }

  static Map<String, Object> base(String listener, String protocol) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", at.getProperty(listener));
    config.put("security.protocol", protocol);
    if (protocol.endsWith("SSL")) trust(config, "ca.pem");
    return config;
  }

  static void trust(Map<String, Object> config, String authority) {
    config.put("ssl.truststore.type", "PEM");
    config.put("ssl.truststore.location", path(authority));
  }

  static Map<String, Object> ssl(String listener, String authority, String own) {
    Map<String, Object> config = base(listener, "SSL");
    trust(config, authority);
    if (own != null) {
      config.put("ssl.keystore.type", "PEM");
      config.put("ssl.keystore.location", path(own));
    }
    return config;
  }

  static Map<String, Object> sasl(String listener, String mechanism) {
    Map<String, Object> config = base(listener, listener.equals("sasl_plaintext") ? "SASL_PLAINTEXT" : "SASL_SSL");
    config.put("sasl.mechanism", mechanism);
    return config;
  }

  static Map<String, Object> password(String listener, String mechanism, String user, String password) {
    Map<String, Object> config = sasl(listener, mechanism);
    String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
    config.put("sasl.jaas.config", "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\"" + password + "\";");
    return config;
  }

  static Map<String, Object> bearer(String listener, String token) {
    String file = "file://" + path(token);
    Map<String, Object> config = sasl(listener, "OAUTHBEARER");
    synchronized (Logins.class) {
      String allowed = System.getProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", "");
      System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", allowed.isEmpty() ? file : allowed + "," + file);
    }
    config.put("sasl.oauthbearer.token.endpoint.url", file);
    config.put("sasl.login.callback.handler.class", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler");
    config.put("sasl.jaas.config", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;");
    config.put("sasl.login.refresh.min.period.seconds", "1");
    config.put("sasl.login.refresh.buffer.seconds", "0");
    return config;
  }

  static String path(String name) {
    return at.getProperty("directory") + "/" + name;
  }

  static void say(String what, String outcome) {
    System.out.println(what + ": " + outcome);
  }

  /** What comes of producing and reading back. */
  static String outcome(Map<String, Object> config) {
    String topic = "java-" + UUID.randomUUID();
    try (Producer<String, String> producer = producer(config)) {
      for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>(topic, 0, null, "" + i)).get();
      List<String> seen = read(config, topic, 5);
      return seen.equals(List.of("0", "1", "2", "3", "4")) ? "5 records" : "records " + seen;
    } catch (Exception e) {
      return named(e);
    }
  }

  static String named(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) if (cause instanceof ApiException) return cause.getClass().getSimpleName();
    return error.toString();
  }

  static Producer<String, String> producer(Map<String, Object> common) {
    Map<String, Object> config = new HashMap<>(common);
    config.put("max.block.ms", 20_000);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  static List<String> read(Map<String, Object> common, String topic, int count) {
    Map<String, Object> config = new HashMap<>(common);
    config.put("group.id", topic);
    List<String> seen = new ArrayList<>();
    try (Consumer<String, String> consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      for (long end = System.nanoTime() + 30_000_000_000L; seen.size() < count && System.nanoTime() < end; ) {
        for (var record : consumer.poll(Duration.ofMillis(200))) seen.add(record.value());
      }
      consumer.commitSync();
    }
    return seen;
  }

  /** Produces until it has logged in again often enough, on the connections that it had. (KIP-368) */
  static String again(String mechanism, Map<String, Object> config) {
    String topic = "java-again-" + mechanism;
    List<String> sent = new ArrayList<>();
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    try (Producer<String, String> producer = producer(config)) {
      for (long end = System.nanoTime() + 60_000_000_000L; metric(producer, "successful-reauthentication-total") < AGAIN; Thread.sleep(5)) {
        if (System.nanoTime() > end) return mechanism + ": not again within a minute";
        acks.add(producer.send(new ProducerRecord<>(topic, 0, null, "" + sent.size())));
        sent.add("" + sent.size());
      }
      for (var ack : acks) ack.get();
      if (metric(producer, "connection-close-total") > 0) return mechanism + ": connections were closed";
    } catch (Exception e) {
      return mechanism + ": " + named(e);
    }
    if (!read(config, topic, sent.size()).equals(sent)) return mechanism + ": other records than those sent";
    return mechanism + ", again and again while producing: one connection, nothing lost";
  }

  static double metric(Producer<?, ?> producer, String name) {
    return producer.metrics().entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name) && entry.getKey().group().equals("producer-metrics"))
        .mapToDouble(entry -> (Double) entry.getValue().metricValue()).sum();
  }

  /** A token that nobody renews: it is good until it has run out, and not after. */
  static String expiry() throws Exception {
    Files.copy(Path.of(path("fresh.token")), Path.of(path("java.token")), StandardCopyOption.REPLACE_EXISTING);
    String claims = new String(Base64.getUrlDecoder().decode(Files.readString(Path.of(path("java.token"))).split("\\.")[1]));
    long endMs = Long.parseLong(claims.replaceAll(".*\"exp\":(\\d+).*", "$1")) * 1000;
    try (Admin admin = Admin.create(bearer("sasl_ssl", "java.token"))) {
      int served = 0;
      for (long limitMs = endMs + 30_000; System.currentTimeMillis() < limitMs; Thread.sleep(100)) {
        try {
          admin.describeCluster().nodes().get();
          served++;
        } catch (ExecutionException e) {
          boolean inTime = System.currentTimeMillis() >= endMs - 1000;
          // Which of its kinds it is depends on when the client tries again: within a second a login is out of place.
          String kind = e.getCause() instanceof AuthenticationException ? "AuthenticationException" : named(e);
          return "OAUTHBEARER, token runs out: " + (served > 0 ? "served, then " : "never served, ") + kind + (inTime ? "" : " too early");
        }
      }
      return "OAUTHBEARER, token runs out: served on";
    }
  }
}
