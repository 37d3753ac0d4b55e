// sarama, speaking as the newest Kafka that it knows.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	. "odradek.integration/steps"
)

var codecs = map[string]sarama.CompressionCodec{"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}
var names = []string{"none", "gzip", "snappy", "lz4", "zstd"}
var brokers = []string{Bootstrap}

func config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	return config
}

func message(topic string, record Record) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{Topic: topic}
	if record.Key != nil {
		message.Key = sarama.ByteEncoder(record.Key)
	}
	if record.Value != nil {
		message.Value = sarama.ByteEncoder(record.Value)
	}
	if string(record.Key) == "headers" {
		message.Headers = []sarama.RecordHeader{{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("b"), Value: []byte("2")}}
	}
	return message
}

func send(topic string, records []Record, with func(*sarama.Config)) error {
	config := config()
	with(config)
	producer, err := sarama.NewSyncProducer(brokers, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	messages := make([]*sarama.ProducerMessage, len(records))
	for i, record := range records {
		messages[i] = message(topic, record)
		messages[i].Partition = int32(i % 3)
	}
	return producer.SendMessages(messages)
}

func plain(*sarama.Config) {}

// A member of a group; what it has read it has committed.
type member struct {
	group      sarama.ConsumerGroup
	each       func(*sarama.ConsumerMessage)
	partitions atomic.Int32
	rebalances atomic.Int32
	failed     error
	cancel     context.CancelFunc
	ended      chan bool
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	for _, partitions := range session.Claims() {
		m.partitions.Store(int32(len(partitions)))
	}
	m.rebalances.Add(1)
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.partitions.Store(0)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		session.MarkMessage(message, "")
		session.Commit()
		m.each(message)
	}
	return nil
}

func join(group, topic string, each func(*sarama.ConsumerMessage), with func(*sarama.Config)) *member {
	config := config()
	with(config)
	client, err := sarama.NewConsumerGroup(brokers, group, config)
	Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	m := &member{group: client, each: each, cancel: cancel, ended: make(chan bool)}
	go func() {
		for ctx.Err() == nil {
			if err := client.Consume(ctx, []string{topic}, m); err != nil {
				m.failed = err
				break
			}
		}
		close(m.ended)
	}()
	return m
}

func (m *member) leave() {
	m.cancel()
	<-m.ended
	Check(m.group.Close())
}

// Reads until count have come and then a little longer, so that one too many would show.
func consume(group, topic string, count int, with func(*sarama.Config)) ([]Record, error) {
	read := make(chan Record, 1000)
	m := join(group, topic, func(message *sarama.ConsumerMessage) {
		headers := make([]string, len(message.Headers))
		for i, header := range message.Headers {
			headers[i] = fmt.Sprintf("%s=%s", header.Key, header.Value)
		}
		read <- Record{Key: message.Key, Value: message.Value, Headers: strings.Join(headers, " ")}
	}, with)
	err := Until("all are read", func() bool { return len(read) >= count && m.partitions.Load() > 0 || m.failed != nil })
	time.Sleep(500 * time.Millisecond)
	m.leave()
	close(read)
	var records []Record
	for record := range read {
		records = append(records, record)
	}
	return records, errors.Join(err, m.failed)
}

func readCount(group, topic string, count int, with func(*sarama.Config)) (any, error) {
	read, err := consume(group, topic, count, with)
	return fmt.Sprintf("%d read", len(read)), err
}

func shared(members []*member) func() bool {
	return func() bool {
		sum := int32(0)
		for _, m := range members {
			if m.partitions.Load() == 0 {
				return false
			}
			sum += m.partitions.Load()
		}
		return sum == 3
	}
}

func group() {
	topic, counts := Name+"-three", &Counts{}
	var members []*member
	for range 3 {
		members = append(members, join(topic, topic, func(message *sarama.ConsumerMessage) { counts.Add(message.Value) }, plain))
	}
	spread := func(prefix string) (any, error) {
		if err := send(topic, Numbered(prefix, 30), func(config *sarama.Config) { config.Producer.Partitioner = sarama.NewManualPartitioner }); err != nil {
			return nil, err
		}
		return counts.Once(prefix)
	}
	Step("group of three", func() (any, error) {
		if err := Until("each has one partition", shared(members)); err != nil {
			return nil, err
		}
		return spread("first")
	})
	Step("two after one left", func() (any, error) {
		members[2].leave()
		members = members[:2]
		if err := Until("two share three partitions", shared(members)); err != nil {
			return nil, err
		}
		return spread("second")
	})
	for _, m := range members {
		m.leave()
	}
}

// Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)
func staticMember() (any, error) {
	start := func(instance string) *member {
		return join(Name+"-static", Name+"-three", func(*sarama.ConsumerMessage) {}, func(config *sarama.Config) {
			config.Consumer.Group.Session.Timeout = 20 * time.Second
			config.Consumer.Group.InstanceId = instance
		})
	}
	other, first := start(""), start("the-one")
	if err := Until("both have partitions", shared([]*member{other, first})); err != nil {
		return nil, err
	}
	before := other.rebalances.Load()
	first.leave()
	again := start("the-one")
	err := Until("it has partitions again", shared([]*member{other, again}))
	after := other.rebalances.Load()
	again.leave()
	other.leave()
	if before != after {
		return "rebalanced", err
	}
	return "back without a rebalance", err
}

func seekByTime(client sarama.Client) (any, error) {
	topic := Name + "-time"
	offset, err := client.GetOffset(topic, 0, TimeMs)
	if err != nil {
		return nil, err
	}
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return nil, err
	}
	partition, err := consumer.ConsumePartition(topic, 0, offset)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	message := <-partition.Messages()
	return fmt.Sprintf("offset %s", message.Value), nil
}

func transactional(id string) (sarama.SyncProducer, error) {
	config := config()
	config.Producer.Transaction.ID = Name + "-" + id
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Producer.Transaction.Retry.Max = 3
	return sarama.NewSyncProducer(brokers, config)
}

func transactions() error {
	producer, err := transactional("id")
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, prefix := range []string{"yes", "no"} {
		if err := producer.BeginTxn(); err != nil {
			return err
		}
		for _, record := range Numbered(prefix, 5) {
			if _, _, err := producer.SendMessage(message(Name+"-txn", record)); err != nil {
				return err
			}
		}
		end := producer.CommitTxn
		if prefix == "no" {
			end = producer.AbortTxn
		}
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

func transactionSteps(admin sarama.ClusterAdmin) {
	Check(transactions())
	read, err := consume(Name+"-clean", Name+"-txn", 5, func(config *sarama.Config) { config.Consumer.IsolationLevel = sarama.ReadCommitted })
	Step("transaction committed", func() (any, error) { return fmt.Sprintf("%d read", WithPrefix("yes", read)), err })
	Step("transaction aborted", Value(fmt.Sprintf("%d read", WithPrefix("no", read))))
	Step("read uncommitted", func() (any, error) { return readCount(Name+"-dirty", Name+"-txn", 10, plain) })
	Step("transaction offsets", func() (any, error) {
		producer, err := transactional("offsets")
		if err != nil {
			return nil, err
		}
		defer producer.Close()
		group, topic := Name+"-offsets", Name+"-time"
		err = errors.Join(producer.BeginTxn(), producer.AddOffsetsToTxn(map[string][]*sarama.PartitionOffsetMetadata{topic: {{Partition: 0, Offset: 7, LeaderEpoch: -1}}}, group), producer.CommitTxn())
		if err != nil {
			return nil, err
		}
		at := int64(-1)
		err = Until("it is there", func() bool {
			offsets, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}})
			if err == nil {
				at = offsets.GetBlock(topic, 0).Offset
			}
			return at >= 0
		})
		return fmt.Sprintf("committed %d", at), err
	})
	Step("transaction fenced", func() (any, error) {
		old, err := transactional("fenced")
		if err != nil {
			return nil, err
		}
		defer old.Close()
		Check(old.BeginTxn())
		if _, _, err := old.SendMessage(message(Name+"-three", Record{Value: []byte("old")})); err != nil {
			return nil, err
		}
		newer, err := transactional("fenced")
		if err != nil {
			return nil, err
		}
		newer.Close()
		if err := old.CommitTxn(); err == nil {
			return "let through", nil
		}
		if old.TxnStatus()&sarama.ProducerTxnFlagFatalError == 0 {
			return "not fatal", nil
		}
		return "refused", nil
	})
}

func code(err error) (any, error) {
	var topic *sarama.TopicError
	var kerr sarama.KError
	var producer sarama.ProducerErrors
	if errors.As(err, &topic) {
		return int(topic.Err), nil
	}
	if errors.As(err, &producer) {
		return code(producer[0].Err)
	}
	if errors.As(err, &kerr) {
		return int(kerr), nil
	}
	return "no error", err
}

func adminSteps(admin sarama.ClusterAdmin, client sarama.Client) {
	Step("admin partitions", func() (any, error) {
		if err := admin.CreatePartitions(Name, 5, nil, false); err != nil {
			return nil, err
		}
		return 5, Until("there are more", func() bool { topics, _ := admin.ListTopics(); return topics[Name].NumPartitions == 5 })
	})
	Step("admin config", func() (any, error) {
		value := "60000"
		set := map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}}
		if err := admin.IncrementalAlterConfig(sarama.TopicResource, Name, set, false); err != nil {
			return nil, err
		}
		return value, Until("the value has changed", func() bool {
			entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: Name, ConfigNames: []string{"retention.ms"}})
			return err == nil && entries[0].Value == value
		})
	})
	Step("admin group", func() (any, error) {
		groups, err := admin.ListConsumerGroups()
		if _, isListed := groups[Name]; err != nil || !isListed {
			return "not listed", err
		}
		described, err := admin.DescribeConsumerGroups([]string{Name})
		if err != nil {
			return nil, err
		}
		return described[0].State, nil
	})
	Step("admin delete records", func() (any, error) {
		if err := admin.DeleteRecords(Name+"-time", map[int32]int64{0: 5}); err != nil {
			return nil, err
		}
		offset, err := client.GetOffset(Name+"-time", 0, sarama.OffsetOldest)
		return fmt.Sprintf("begins at %d", offset), err
	})
	Step("admin delete group", func() (any, error) { return "deleted", admin.DeleteConsumerGroup(Name) })
	Step("admin delete topic", func() (any, error) {
		topic := Name + "-gone"
		if err := errors.Join(admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false), admin.DeleteTopic(topic)); err != nil {
			return nil, err
		}
		return "deleted", Until("it is not listed", func() bool { topics, err := admin.ListTopics(); _, is := topics[topic]; return err == nil && !is })
	})
	detail := &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}
	Step("error topic exists", func() (any, error) { return code(admin.CreateTopic(Name, detail, false)) })
	Step("error unknown topic", func() (any, error) { return code(admin.DeleteTopic(Name + "-nothing")) })
	Step("error unknown group", func() (any, error) { return code(admin.DeleteConsumerGroup(Name + "-nobody")) })
	Step("error invalid topic", func() (any, error) { return code(admin.CreateTopic("bad name", detail, false)) })
}

func main() {
	Step("each version", func() (any, error) { return "from 2.1 on", eachVersion() })
	client, err := sarama.NewClient(brokers, config())
	Check(err)
	admin, err := sarama.NewClusterAdminFromClient(client)
	Check(err)
	Step("create topic", func() (any, error) {
		if err := admin.CreateTopic(Name, &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1}, false); err != nil {
			return nil, err
		}
		return "3 partitions", Until("it is known", func() bool { topics, _ := admin.ListTopics(); return topics[Name].NumPartitions == 3 })
	})
	for _, name := range names {
		Check(send(Name, Numbered(name, 20), func(config *sarama.Config) { config.Producer.Compression = codecs[name] }))
	}
	Check(send(Name, Special(), plain))
	read, err := consume(Name, Name, 104, plain)
	Check(err)
	ReadBack(names, read)
	Step("resume", func() (any, error) {
		if err := send(Name, Numbered("more", 5), plain); err != nil {
			return nil, err
		}
		return readCount(Name, Name, 5, plain)
	})
	group()
	Step("static member", staticMember)
	Step("seek by time", func() (any, error) { return seekByTime(client) })
	Step("compacted", func() (any, error) {
		read, err := consume(Name+"-compacted", Name+"-compacted", 40, plain)
		if err := errors.Join(err, send(Name+"-compacted", Numbered("behind", 1), plain)); err != nil {
			return nil, err
		}
		behind, err := consume(Name+"-compacted", Name+"-compacted", 1, plain)
		return fmt.Sprintf("%d read, %d behind the gap", len(read), len(behind)), err
	})
	transactionSteps(admin)
	adminSteps(admin, client)
	Step("error too large", func() (any, error) {
		return code(send(Name+"-small", []Record{{Value: []byte(strings.Repeat("x", 2000))}}, plain))
	})
	Step("error out of range", func() (any, error) {
		consumer, err := sarama.NewConsumer(brokers, config())
		if err != nil {
			return nil, err
		}
		_, err = consumer.ConsumePartition(Name+"-time", 0, 1_000_000)
		return code(err)
	})
}
