// confluent-kafka-go, with the librdkafka that it brings along.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	. "odradek.integration/steps"
)

var names = []string{"none", "gzip", "snappy", "lz4", "zstd"}
var background = context.Background()

const waitMs = 30_000

func config(more kafka.ConfigMap) *kafka.ConfigMap {
	config := kafka.ConfigMap{"bootstrap.servers": Bootstrap, "log_level": 0}
	for key, value := range more {
		config[key] = value
	}
	return &config
}

func newProducer(more kafka.ConfigMap) *kafka.Producer {
	producer, err := kafka.NewProducer(config(more))
	Check(err)
	return producer
}

// Resolves with the first error of a delivery.
func deliver(producer *kafka.Producer, topic string, records []Record, byHand bool) error {
	reports := make(chan kafka.Event, len(records))
	for i, record := range records {
		at := kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}
		if byHand {
			at.Partition = int32(i % 3)
		}
		message := &kafka.Message{TopicPartition: at, Key: record.Key, Value: record.Value}
		if string(record.Key) == "headers" {
			message.Headers = []kafka.Header{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("2")}}
		}
		if err := producer.Produce(message, reports); err != nil {
			return err
		}
	}
	var first error
	for range records {
		if message, is := (<-reports).(*kafka.Message); is && first == nil {
			first = message.TopicPartition.Error
		}
	}
	return first
}

func send(topic string, records []Record, more kafka.ConfigMap, byHand bool) error {
	producer := newProducer(more)
	defer producer.Close()
	return deliver(producer, topic, records, byHand)
}

// A member of a group; what it has read it has committed.
type member struct {
	consumer   *kafka.Consumer
	partitions int
	rebalances int
}

func join(group, topic string, more kafka.ConfigMap) *member {
	settings := config(kafka.ConfigMap{"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": false})
	for key, value := range more {
		(*settings)[key] = value
	}
	consumer, err := kafka.NewConsumer(settings)
	Check(err)
	m := &member{consumer: consumer}
	Check(consumer.Subscribe(topic, func(_ *kafka.Consumer, event kafka.Event) error {
		switch now := event.(type) {
		case kafka.AssignedPartitions:
			m.partitions = len(now.Partitions)
			m.rebalances++
		case kafka.RevokedPartitions:
			m.partitions = 0
		}
		return nil
	}))
	return m
}

func (m *member) poll() (*kafka.Message, error) {
	switch event := m.consumer.Poll(50).(type) {
	case *kafka.Message:
		_, err := m.consumer.CommitMessage(event)
		return event, err
	case kafka.Error:
		return nil, event
	}
	return nil, nil
}

// Reads until count have come and then a little longer, so that one too many would show.
func consume(group, topic string, count int, more kafka.ConfigMap) ([]Record, error) {
	m := join(group, topic, more)
	defer m.consumer.Close()
	var records []Record
	for end, quiet := time.Now().Add(time.Minute), 0; time.Now().Before(end) && quiet < 10; {
		message, err := m.poll()
		if err != nil {
			return records, err
		}
		if message == nil {
			if len(records) >= count && m.partitions > 0 {
				quiet++
			}
			continue
		}
		var headers []string
		for _, header := range message.Headers {
			headers = append(headers, fmt.Sprintf("%s=%s", header.Key, header.Value))
		}
		records = append(records, Record{Key: message.Key, Value: message.Value, Headers: strings.Join(headers, " ")})
	}
	return records, nil
}

func readCount(group, topic string, count int, more kafka.ConfigMap) (any, error) {
	read, err := consume(group, topic, count, more)
	return fmt.Sprintf("%d read", len(read)), err
}

func shared(members []*member, each func(*kafka.Message)) func() bool {
	return func() bool {
		sum, least := 0, 3
		for _, m := range members {
			if message, err := m.poll(); err == nil && message != nil && each != nil {
				each(message)
			}
			sum += m.partitions
			least = min(least, m.partitions)
		}
		return sum == 3 && least > 0
	}
}

func group() {
	topic, counts := Name+"-three", &Counts{}
	var members []*member
	for range 3 {
		members = append(members, join(topic, topic, nil))
	}
	count := func(message *kafka.Message) { counts.Add(message.Value) }
	spread := func(prefix string) (any, error) {
		if err := send(topic, Numbered(prefix, 30), nil, true); err != nil {
			return nil, err
		}
		read := 0
		err := Until("all are read", func() bool {
			shared(members, func(message *kafka.Message) { count(message); read++ })()
			return read >= 30
		})
		if err != nil {
			return nil, err
		}
		return counts.Once(prefix)
	}
	Step("group of three", func() (any, error) {
		if err := Until("each has one partition", shared(members, count)); err != nil {
			return nil, err
		}
		return spread("first")
	})
	Step("two after one left", func() (any, error) {
		err := members[2].consumer.Close()
		members = members[:2]
		if err := errors.Join(err, Until("two share three partitions", shared(members, count))); err != nil {
			return nil, err
		}
		return spread("second")
	})
	for _, m := range members {
		Check(m.consumer.Close())
	}
}

// Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)
func staticMember() (any, error) {
	one := kafka.ConfigMap{"group.instance.id": "the-one"}
	other, first := join(Name+"-static", Name+"-three", nil), join(Name+"-static", Name+"-three", one)
	if err := Until("both have partitions", shared([]*member{other, first}, nil)); err != nil {
		return nil, err
	}
	before := other.rebalances
	Check(first.consumer.Close())
	again := join(Name+"-static", Name+"-three", one)
	err := Until("it has partitions again", shared([]*member{other, again}, nil))
	Check(errors.Join(again.consumer.Close(), other.consumer.Close()))
	if before != other.rebalances {
		return "rebalanced", err
	}
	return "back without a rebalance", err
}

func timePartition(offset kafka.Offset) []kafka.TopicPartition {
	topic := Name + "-time"
	return []kafka.TopicPartition{{Topic: &topic, Partition: 0, Offset: offset}}
}

// The first record from where it is told to begin.
func readTime(from func(*kafka.Consumer) ([]kafka.TopicPartition, error), reset string) (*kafka.Message, error) {
	consumer, err := kafka.NewConsumer(config(kafka.ConfigMap{"group.id": Name + "-time", "auto.offset.reset": reset}))
	Check(err)
	defer consumer.Close()
	found, err := from(consumer)
	if err != nil {
		return nil, err
	}
	Check(consumer.Assign(found))
	return consumer.ReadMessage(waitMs * time.Millisecond)
}

func transactional(id string) (*kafka.Producer, error) {
	producer := newProducer(kafka.ConfigMap{"transactional.id": Name + "-" + id})
	return producer, producer.InitTransactions(background)
}

func transactions() error {
	producer, err := transactional("id")
	if err != nil {
		return err
	}
	defer producer.Close()
	for _, prefix := range []string{"yes", "no"} {
		end := producer.CommitTransaction
		if prefix == "no" {
			end = producer.AbortTransaction
		}
		if err := errors.Join(producer.BeginTransaction(), deliver(producer, Name+"-txn", Numbered(prefix, 5), false), end(background)); err != nil {
			return err
		}
	}
	return nil
}

func transactionSteps() {
	Check(transactions())
	read, err := consume(Name+"-clean", Name+"-txn", 5, nil)
	Step("transaction committed", func() (any, error) { return fmt.Sprintf("%d read", WithPrefix("yes", read)), err })
	Step("transaction aborted", Value(fmt.Sprintf("%d read", WithPrefix("no", read))))
	Step("read uncommitted", func() (any, error) {
		return readCount(Name+"-dirty", Name+"-txn", 10, kafka.ConfigMap{"isolation.level": "read_uncommitted"})
	})
	Step("transaction offsets", func() (any, error) {
		producer, err := transactional("offsets")
		if err != nil {
			return nil, err
		}
		defer producer.Close()
		consumer, err := kafka.NewConsumer(config(kafka.ConfigMap{"group.id": Name + "-offsets"}))
		Check(err)
		defer consumer.Close()
		metadata, err := consumer.GetConsumerGroupMetadata()
		Check(err)
		err = errors.Join(producer.BeginTransaction(), producer.SendOffsetsToTransaction(background, timePartition(7), metadata), producer.CommitTransaction(background))
		if err != nil {
			return nil, err
		}
		committed, err := consumer.Committed(timePartition(0), waitMs)
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("committed %d", committed[0].Offset), nil
	})
	Step("transaction fenced", func() (any, error) {
		old, err := transactional("fenced")
		if err != nil {
			return nil, err
		}
		defer old.Close()
		if err := errors.Join(old.BeginTransaction(), deliver(old, Name+"-three", []Record{{Value: []byte("old")}}, false)); err != nil {
			return nil, err
		}
		newer, err := transactional("fenced")
		if err != nil {
			return nil, err
		}
		newer.Close()
		var kerr kafka.Error
		if errors.As(old.CommitTransaction(background), &kerr) && kerr.IsFatal() {
			return "refused", nil
		}
		return "let through", nil
	})
}

func code(err error) (any, error) {
	var kerr kafka.Error
	if errors.As(err, &kerr) && kerr.Code() != kafka.ErrNoError {
		return int(kerr.Code()), nil
	}
	return "no error", err
}

func first(results []kafka.TopicResult, err error) error {
	if err != nil {
		return err
	}
	if results[0].Error.Code() == kafka.ErrNoError {
		return nil
	}
	return results[0].Error
}

func create(admin *kafka.AdminClient, topic string, partitions int) error {
	return first(admin.CreateTopics(background, []kafka.TopicSpecification{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}}))
}

func removeGroup(admin *kafka.AdminClient, group string) error {
	result, err := admin.DeleteConsumerGroups(background, []string{group})
	if err != nil || result.ConsumerGroupResults[0].Error.Code() == kafka.ErrNoError {
		return err
	}
	return result.ConsumerGroupResults[0].Error
}

func partitions(admin *kafka.AdminClient, topic string) int {
	metadata, err := admin.GetMetadata(nil, true, waitMs)
	Check(err)
	return len(metadata.Topics[topic].Partitions)
}

func adminSteps(admin *kafka.AdminClient) {
	Step("admin partitions", func() (any, error) {
		if err := first(admin.CreatePartitions(background, []kafka.PartitionsSpecification{{Topic: Name, IncreaseTo: 5}})); err != nil {
			return nil, err
		}
		return 5, Until("there are more", func() bool { return partitions(admin, Name) == 5 })
	})
	Step("admin config", func() (any, error) {
		set := kafka.ConfigEntry{Name: "retention.ms", Value: "60000", IncrementalOperation: kafka.AlterConfigOpTypeSet}
		topic := kafka.ConfigResource{Type: kafka.ResourceTopic, Name: Name, Config: []kafka.ConfigEntry{set}}
		if _, err := admin.IncrementalAlterConfigs(background, []kafka.ConfigResource{topic}); err != nil {
			return nil, err
		}
		return 60000, Until("the value has changed", func() bool {
			described, err := admin.DescribeConfigs(background, []kafka.ConfigResource{{Type: kafka.ResourceTopic, Name: Name}})
			return err == nil && described[0].Config["retention.ms"].Value == "60000"
		})
	})
	Step("admin group", func() (any, error) {
		described, err := admin.DescribeConsumerGroups(background, []string{Name})
		if err != nil {
			return nil, err
		}
		return described.ConsumerGroupDescriptions[0].State.String(), nil
	})
	Step("admin delete records", func() (any, error) {
		deleted, err := admin.DeleteRecords(background, timePartition(5))
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("begins at %d", deleted.DeleteRecordsResults[0].DeletedRecords.LowWatermark), nil
	})
	Step("admin delete group", func() (any, error) { return "deleted", removeGroup(admin, Name) })
	Step("admin delete topic", func() (any, error) {
		topic := Name + "-gone"
		if err := errors.Join(create(admin, topic, 1), first(admin.DeleteTopics(background, []string{topic}))); err != nil {
			return nil, err
		}
		return "deleted", Until("it is not listed", func() bool { return partitions(admin, topic) == 0 })
	})
	Step("error topic exists", func() (any, error) { return code(create(admin, Name, 1)) })
	Step("error unknown topic", func() (any, error) {
		return code(first(admin.DeleteTopics(background, []string{Name + "-nothing"})))
	})
	Step("error unknown group", func() (any, error) { return code(removeGroup(admin, Name+"-nobody")) })
	Step("error invalid topic", func() (any, error) { return code(create(admin, "bad name", 1)) })
}

func main() {
	admin, err := kafka.NewAdminClient(config(nil))
	Check(err)
	Step("create topic", func() (any, error) {
		if err := create(admin, Name, 3); err != nil {
			return nil, err
		}
		return "3 partitions", Until("it is known", func() bool { return partitions(admin, Name) == 3 })
	})
	for _, name := range names {
		Check(send(Name, Numbered(name, 20), kafka.ConfigMap{"compression.type": name, "linger.ms": 20}, false))
	}
	Check(send(Name, Special(), nil, false))
	read, err := consume(Name, Name, 104, nil)
	Check(err)
	ReadBack(names, read)
	Step("resume", func() (any, error) {
		if err := send(Name, Numbered("more", 5), nil, false); err != nil {
			return nil, err
		}
		return readCount(Name, Name, 5, nil)
	})
	group()
	Step("static member", staticMember)
	Step("seek by time", func() (any, error) {
		message, err := readTime(func(consumer *kafka.Consumer) ([]kafka.TopicPartition, error) {
			return consumer.OffsetsForTimes(timePartition(TimeMs), waitMs)
		}, "earliest")
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("offset %s", message.Value), nil
	})
	Step("compacted", func() (any, error) {
		read, err := consume(Name+"-compacted", Name+"-compacted", 40, nil)
		if err := errors.Join(err, send(Name+"-compacted", Numbered("behind", 1), nil, false)); err != nil {
			return nil, err
		}
		behind, err := consume(Name+"-compacted", Name+"-compacted", 1, nil)
		return fmt.Sprintf("%d read, %d behind the gap", len(read), len(behind)), err
	})
	transactionSteps()
	adminSteps(admin)
	Step("error too large", func() (any, error) {
		return code(send(Name+"-small", []Record{{Value: []byte(strings.Repeat("x", 2000))}}, nil, false))
	})
	Step("error out of range", func() (any, error) {
		_, err := readTime(func(*kafka.Consumer) ([]kafka.TopicPartition, error) { return timePartition(1_000_000), nil }, "error")
		var kerr kafka.Error
		// It has a code of its own for this.
		if errors.As(err, &kerr) && kerr.Code() == kafka.ErrAutoOffsetReset {
			return 1, nil
		}
		return "no error", err
	})
}
