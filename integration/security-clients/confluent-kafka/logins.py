"""Each way to log in with confluent-kafka (librdkafka beneath); a line for each outcome."""

import base64
import json
import os
import shutil
import sys
import threading
import time
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

with open(sys.argv[1], encoding="utf-8") as settings:
    AT = dict(line.strip().split("=", 1) for line in settings if "=" in line)
AGAIN = 3
# What librdkafka says of a connection that does not come about: the first of these counts, most telling first.
TELLING = [KafkaError._AUTHENTICATION, KafkaError._SSL, KafkaError.TOPIC_AUTHORIZATION_FAILED]
# It says this of a broker that ends a connection, for whatever reason, and goes on trying.
VAGUE = KafkaError._TRANSPORT
VAGUE_SECONDS_MAX = 3


def path(name):
    return os.path.join(AT["directory"], name)


def text_of(name):
    with open(path(name), encoding="ascii") as file:
        return file.read()


def ssl(listener, authority="ca.pem", own=None):
    config = {"bootstrap.servers": AT[listener], "security.protocol": "SSL", "ssl.ca.location": path(authority)}
    if own is not None:
        config |= {"ssl.certificate.location": path(own + ".crt"), "ssl.key.location": path(own + ".key")}
    return config


def sasl(listener, mechanism):
    protocol = "SASL_PLAINTEXT" if listener == "sasl_plaintext" else "SASL_SSL"
    config = {"bootstrap.servers": AT[listener], "security.protocol": protocol, "sasl.mechanism": mechanism}
    return config | ({} if protocol == "SASL_PLAINTEXT" else {"ssl.ca.location": path("ca.pem")})


def password(listener, mechanism, user, secret):
    return sasl(listener, mechanism) | {"sasl.username": user, "sasl.password": secret}


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def bearer(listener, name):
    """The client looks at no token itself: what it is told of the end is later than that of an expired one."""

    def token(_config):
        text = text_of(name)
        return text, max(claims(text)["exp"], time.time() + 2)

    return sasl(listener, "OAUTHBEARER") | {"oauth_cb": token}


class Errors:
    """What a client says in its callback."""

    def __init__(self):
        self.said = {}

    def take(self, error):
        self.said.setdefault(error.code(), time.time())

    def name(self):
        if time.time() - self.said.get(VAGUE, time.time()) > VAGUE_SECONDS_MAX:
            return KafkaError(VAGUE).name()
        return next((KafkaError(code).name() for code in TELLING if code in self.said), None)


def outcome(config):
    """What comes of producing and reading back."""
    topic = f"confluent-{uuid.uuid4()}"
    errors = Errors()
    producer = Producer(config | {"error_cb": errors.take, "log_level": 0})
    failed = []
    for number in range(5):
        producer.produce(topic, str(number), partition=0, callback=lambda error, _message: failed.append(error) if error else None)
    end = time.time() + 20
    while len(producer) > 0 and time.time() < end and errors.name() is None:
        producer.poll(0.05)
    refusal = errors.name() or next((error.name() for error in failed), None)
    if refusal is None and len(producer) > 0:
        refusal = "nothing said"
    if refusal is not None:
        producer.purge()
        return refusal
    seen = read(config, topic, 5)
    return "5 records" if seen == ["0", "1", "2", "3", "4"] else f"records {seen}"


def read(config, topic, count):
    consumer = Consumer(config | {"group.id": topic, "enable.auto.commit": False, "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, 0)])
    seen = []
    end = time.time() + 30
    while len(seen) < count and time.time() < end:
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            seen.append(message.value().decode())
    consumer.commit(offsets=[TopicPartition(topic, 0, len(seen))], asynchronous=False)
    consumer.close()
    return seen


def say(what, result):
    print(f"{what}: {result}", flush=True)


def over_tls():
    say("TLS", outcome(ssl("tls")))
    say("TLS, trusting others", outcome(ssl("tls", "strangers.pem")))
    say("mTLS", outcome(ssl("mtls", own="alice")))
    say("mTLS as bob", outcome(ssl("mtls", own="bob")))
    say("mTLS without a certificate", outcome(ssl("mtls")))
    say("mTLS with a stranger's certificate", outcome(ssl("mtls", own="stranger")))


def passwords(listener, mechanism):
    what = f"{mechanism} over {listener}"
    say(what, outcome(password(listener, mechanism, "alice", AT["password.alice"])))
    say(f"{what}, as bob", outcome(password(listener, mechanism, "bob", AT["password.bob"])))
    say(f"{what}, wrong password", outcome(password(listener, mechanism, "alice", "wrong")))
    say(f"{what}, nobody's name", outcome(password(listener, mechanism, "nobody", "wrong")))


def tokens(listener):
    what = f"OAUTHBEARER over {listener}"
    say(what, outcome(bearer(listener, "good.token")))
    say(f"{what}, as bob", outcome(bearer(listener, "bob.token")))
    for wrong in ["expired", "foreign", "other-audience"]:
        say(f"{what}, {wrong} token", outcome(bearer(listener, f"{wrong}.token")))


class Counts:
    """What the statistics say of all brokers."""

    def __init__(self):
        self.handshakes = self.connects = self.disconnects = 0

    def take(self, text):
        brokers = json.loads(text)["brokers"].values()
        self.connects = sum(broker["connects"] for broker in brokers)
        self.disconnects = sum(broker["disconnects"] for broker in brokers)
        self.handshakes = sum(broker["req"].get("SaslHandshake", 0) for broker in brokers)


def again(mechanism, config):
    """Produces until it has logged in again often enough, on the connections that it had. (KIP-368)"""
    topic = f"confluent-again-{mechanism}"
    counts, failed, sent = Counts(), [], 0
    watched = {"stats_cb": counts.take, "statistics.interval.ms": 200, "enable.idempotence": True, "linger.ms": 0, "log_level": 0}
    producer = Producer(config | watched)
    end = time.time() + 60
    while counts.handshakes - counts.connects < AGAIN:
        if time.time() > end:
            return f"{mechanism}: not again within a minute"
        producer.produce(topic, str(sent), partition=0, callback=lambda error, _message: failed.append(error) if error else None)
        sent += 1
        producer.poll(0.005)
    producer.flush(20)
    if counts.disconnects > 0:
        return f"{mechanism}: connections were closed"
    if failed or read(config, topic, sent) != [str(number) for number in range(sent)]:
        return f"{mechanism}: other records than those sent"
    return f"{mechanism}, again and again while producing: one connection, nothing lost"


def expiry():
    """A token that nobody renews: it is good until it has run out, and not after."""
    shutil.copy(path("fresh.token"), path("confluent.token"))
    end = claims(text_of("confluent.token"))["exp"]
    errors, served = Errors(), 0
    producer = Producer(bearer("sasl_ssl", "confluent.token") | {"error_cb": errors.take, "log_level": 0})
    while errors.name() is None and time.time() < end + 30:
        producer.poll(0.1)
        try:
            producer.list_topics(timeout=1)
            served += 1
        except KafkaException:
            pass
    early = "" if time.time() >= end - 1 else " too early"
    before = "served, then" if served > 0 else "never served,"
    return f"OAUTHBEARER, token runs out: {before} {errors.name() or 'nothing said'}{early}"


MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


def main():
    over_tls()
    for listener in ["sasl_plaintext", "sasl_ssl"]:
        for mechanism in MECHANISMS:
            passwords(listener, mechanism)
        tokens(listener)
    say("SCRAM-SHA-512 where it is not offered", outcome(password("few", "SCRAM-SHA-512", "alice", AT["password.alice"])))
    jobs = [lambda m=m: again(m, password("again", m, "alice", AT["password.alice"])) for m in MECHANISMS]
    jobs += [lambda: again("OAUTHBEARER", bearer("again", "fresh.token")), expiry]
    lines = [""] * len(jobs)

    def keep(index):
        lines[index] = jobs[index]()

    threads = [threading.Thread(target=keep, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for line in lines:
        print(line, flush=True)


main()
