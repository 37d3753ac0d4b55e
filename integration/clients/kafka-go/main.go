// segmentio/kafka-go: its Writer and Reader, and its Client for what these two have not.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	. "odradek.integration/steps"
)

var codecs = map[string]kafka.Compression{"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
var names = []string{"none", "gzip", "snappy", "lz4", "zstd"}
var background = context.Background()
var client = &kafka.Client{Addr: kafka.TCP(Bootstrap), Timeout: 30 * time.Second}

func send(topic string, records []Record, codec kafka.Compression) error {
	sent := 0
	balancer := kafka.BalancerFunc(func(_ kafka.Message, partitions ...int) int { sent++; return partitions[sent%len(partitions)] })
	writer := &kafka.Writer{Addr: client.Addr, Topic: topic, Balancer: balancer, Compression: codec, RequiredAcks: kafka.RequireAll, BatchTimeout: 20 * time.Millisecond, BatchBytes: 2_000_000}
	defer writer.Close()
	var messages []kafka.Message
	for _, record := range records {
		message := kafka.Message{Key: record.Key, Value: record.Value}
		if string(record.Key) == "headers" {
			message.Headers = []kafka.Header{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("2")}}
		}
		messages = append(messages, message)
	}
	return writer.WriteMessages(background, messages...)
}

// A member of a group; what it has read it has committed.
type member struct {
	reader *kafka.Reader
	cancel context.CancelFunc
	ended  chan error
}

func join(group, topic string, isolation kafka.IsolationLevel, each func(kafka.Message)) *member {
	m := &member{ended: make(chan error, 1)}
	m.reader = kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, GroupID: group, Topic: topic, StartOffset: kafka.FirstOffset, MaxWait: 100 * time.Millisecond,
		HeartbeatInterval: 200 * time.Millisecond, RebalanceTimeout: 10 * time.Second, JoinGroupBackoff: 200 * time.Millisecond, IsolationLevel: isolation})
	ctx, cancel := context.WithCancel(background)
	m.cancel = cancel
	go func() {
		for {
			message, err := m.reader.FetchMessage(ctx)
			if ctx.Err() != nil {
				m.ended <- nil
				return
			}
			if err := errors.Join(err, m.reader.CommitMessages(background, message)); err != nil {
				m.ended <- err
				return
			}
			each(message)
		}
	}()
	return m
}

func (m *member) leave() error {
	m.cancel()
	return errors.Join(<-m.ended, m.reader.Close())
}

// Reads until count have come and then a little longer, so that one too many would show.
func consume(group, topic string, count int, isolation kafka.IsolationLevel) ([]Record, error) {
	read := make(chan Record, 1000)
	m := join(group, topic, isolation, func(message kafka.Message) {
		var headers []string
		for _, header := range message.Headers {
			headers = append(headers, fmt.Sprintf("%s=%s", header.Key, header.Value))
		}
		read <- Record{Key: message.Key, Value: message.Value, Headers: strings.Join(headers, " ")}
	})
	err := Until("all are read", func() bool { return len(read) >= count })
	time.Sleep(500 * time.Millisecond)
	err = errors.Join(err, m.leave())
	close(read)
	var records []Record
	for record := range read {
		records = append(records, record)
	}
	return records, err
}

func described(group string) kafka.DescribeGroupsResponseGroup {
	response, err := client.DescribeGroups(background, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	Check(err)
	return response.Groups[0]
}

// What a Reader has is nowhere to be seen, but the group can be asked.
func shared(group string, members int) func() bool {
	return func() bool {
		now := described(group)
		sum := 0
		for _, member := range now.Members {
			for _, topic := range member.MemberAssignments.Topics {
				sum += len(topic.Partitions)
			}
		}
		return len(now.Members) == members && sum == 3
	}
}

func group() {
	topic, counts := Name+"-three", &Counts{}
	var members []*member
	for range 3 {
		members = append(members, join(topic, topic, kafka.ReadUncommitted, func(message kafka.Message) { counts.Add(message.Value) }))
	}
	spread := func(prefix string) (any, error) {
		if err := send(topic, Numbered(prefix, 30), 0); err != nil {
			return nil, err
		}
		return counts.Once(prefix)
	}
	Step("group of three", func() (any, error) {
		if err := Until("each has one partition", shared(topic, 3)); err != nil {
			return nil, err
		}
		return spread("first")
	})
	Step("two after one left", func() (any, error) {
		err := members[2].leave()
		members = members[:2]
		if err := errors.Join(err, Until("two share three partitions", shared(topic, 2))); err != nil {
			return nil, err
		}
		return spread("second")
	})
	for _, m := range members {
		Check(m.leave())
	}
}

func readTime(with func(*kafka.Reader) error) (kafka.Message, error) {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{Bootstrap}, Topic: Name + "-time", MaxWait: 100 * time.Millisecond, OffsetOutOfRangeError: true})
	defer reader.Close()
	if err := with(reader); err != nil {
		return kafka.Message{}, err
	}
	return reader.ReadMessage(background)
}

func coordinator(id string) (*kafka.ProducerSession, error) {
	var session *kafka.ProducerSession
	err := Until("there is a producer id", func() bool {
		response, err := client.InitProducerID(background, &kafka.InitProducerIDRequest{TransactionalID: Name + "-" + id, TransactionTimeoutMs: 60_000, ProducerID: -1, ProducerEpoch: -1})
		if err != nil || response.Error != nil {
			return false
		}
		session = response.Producer
		return true
	})
	return session, err
}

func addOffsets(id string, session *kafka.ProducerSession) error {
	added, err := client.AddOffsetsToTxn(background, &kafka.AddOffsetsToTxnRequest{TransactionalID: Name + "-" + id, ProducerID: session.ProducerID, ProducerEpoch: session.ProducerEpoch, GroupID: Name + "-offsets"})
	if err != nil {
		return err
	}
	return added.Error
}

func endTxn(id string, session *kafka.ProducerSession) error {
	ended, err := client.EndTxn(background, &kafka.EndTxnRequest{TransactionalID: Name + "-" + id, ProducerID: session.ProducerID, ProducerEpoch: session.ProducerEpoch, Committed: true})
	if err != nil {
		return err
	}
	return ended.Error
}

func transactionSteps() {
	topic, group := Name+"-time", Name+"-offsets"
	Step("transaction offsets", func() (any, error) {
		session, err := coordinator("offsets")
		if err != nil {
			return nil, err
		}
		if err := addOffsets("offsets", session); err != nil {
			return nil, err
		}
		committed, err := client.TxnOffsetCommit(background, &kafka.TxnOffsetCommitRequest{TransactionalID: Name + "-offsets", GroupID: group, ProducerID: session.ProducerID, ProducerEpoch: session.ProducerEpoch, GenerationID: -1, Topics: map[string][]kafka.TxnOffsetCommit{topic: {{Partition: 0, Offset: 7}}}})
		if err != nil {
			return nil, err
		}
		if err := errors.Join(committed.Topics[topic][0].Error, endTxn("offsets", session)); err != nil {
			return nil, err
		}
		at := int64(-1)
		err = Until("it is there", func() bool {
			fetched, err := client.OffsetFetch(background, &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: {0}}})
			if err == nil {
				at = fetched.Topics[topic][0].CommittedOffset
			}
			return at >= 0
		})
		return fmt.Sprintf("committed %d", at), err
	})
	Step("transaction fenced", func() (any, error) {
		old, err := coordinator("fenced")
		if err != nil {
			return nil, err
		}
		if err := addOffsets("fenced", old); err != nil {
			return nil, err
		}
		if _, err := coordinator("fenced"); err != nil {
			return nil, err
		}
		err = endTxn("fenced", old)
		if errors.Is(err, kafka.InvalidProducerEpoch) || errors.Is(err, kafka.ProducerFenced) {
			return "refused", nil
		}
		return "let through", err
	})
}

func different(prefix string, read []Record) int {
	keys := map[string]bool{}
	for _, record := range read {
		if key := string(record.Key); strings.HasPrefix(key, prefix) {
			keys[key] = true
		}
	}
	return len(keys)
}

func code(err error) (any, error) {
	var kerr kafka.Error
	if errors.As(err, &kerr) {
		return int(kerr), nil
	}
	var all kafka.WriteErrors
	if errors.As(err, &all) {
		return code(all[0])
	}
	var tooLarge kafka.MessageTooLargeError
	if errors.As(err, &tooLarge) {
		return "its own limit", nil
	}
	return "no error", err
}

func create(topic string, partitions int) error {
	created, err := client.CreateTopics(background, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}}})
	if err != nil {
		return err
	}
	return created.Errors[topic]
}

func remove(topic string) error {
	deleted, err := client.DeleteTopics(background, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	return deleted.Errors[topic]
}

func removeGroup(group string) error {
	deleted, err := client.DeleteGroups(background, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return err
	}
	return deleted.Errors[group]
}

// Zero where there is no such topic.
func partitions(topic string) int {
	metadata, err := client.Metadata(background, &kafka.MetadataRequest{})
	Check(err)
	for _, each := range metadata.Topics {
		if each.Name == topic {
			return len(each.Partitions)
		}
	}
	return 0
}

func adminSteps() {
	Step("admin partitions", func() (any, error) {
		made, err := client.CreatePartitions(background, &kafka.CreatePartitionsRequest{Topics: []kafka.TopicPartitionsConfig{{Name: Name, Count: 5}}})
		if err == nil {
			err = made.Errors[Name]
		}
		return 5, errors.Join(err, Until("there are more", func() bool { return partitions(Name) == 5 }))
	})
	Step("admin config", func() (any, error) {
		change := kafka.IncrementalAlterConfigsRequestConfig{Name: "retention.ms", Value: "60000", ConfigOperation: kafka.ConfigOperationSet}
		resource := kafka.IncrementalAlterConfigsRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: Name, Configs: []kafka.IncrementalAlterConfigsRequestConfig{change}}
		if _, err := client.IncrementalAlterConfigs(background, &kafka.IncrementalAlterConfigsRequest{Resources: []kafka.IncrementalAlterConfigsRequestResource{resource}}); err != nil {
			return nil, err
		}
		asked := kafka.DescribeConfigRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: Name, ConfigNames: []string{"retention.ms"}}
		return 60000, Until("the value has changed", func() bool {
			answer, err := client.DescribeConfigs(background, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{asked}})
			return err == nil && answer.Resources[0].ConfigEntries[0].ConfigValue == "60000"
		})
	})
	Step("admin group", func() (any, error) {
		groups, err := client.ListGroups(background, &kafka.ListGroupsRequest{})
		if err != nil {
			return nil, err
		}
		for _, group := range groups.Groups {
			if group.GroupID == Name {
				return described(Name).GroupState, nil
			}
		}
		return "not listed", nil
	})
	Step("admin delete group", func() (any, error) { return "deleted", removeGroup(Name) })
	Step("admin delete topic", func() (any, error) {
		topic := Name + "-gone"
		if err := errors.Join(create(topic, 1), remove(topic)); err != nil {
			return nil, err
		}
		return "deleted", Until("it is not listed", func() bool { return partitions(topic) == 0 })
	})
	Step("error topic exists", func() (any, error) { return code(create(Name, 1)) })
	Step("error unknown topic", func() (any, error) { return code(remove(Name + "-nothing")) })
	Step("error unknown group", func() (any, error) { return code(removeGroup(Name + "-nobody")) })
	Step("error invalid topic", func() (any, error) { return code(create("bad name", 1)) })
}

func main() {
	Step("create topic", func() (any, error) {
		if err := create(Name, 3); err != nil {
			return nil, err
		}
		return "3 partitions", Until("it is known", func() bool { return partitions(Name) == 3 })
	})
	for _, name := range names {
		Check(send(Name, Numbered(name, 20), codecs[name]))
	}
	Check(send(Name, Special(), 0))
	read, err := consume(Name, Name, 104, kafka.ReadUncommitted)
	Check(err)
	ReadBack(names, read)
	Step("resume", func() (any, error) {
		if err := send(Name, Numbered("more", 5), 0); err != nil {
			return nil, err
		}
		read, err := consume(Name, Name, 5, kafka.ReadUncommitted)
		return fmt.Sprintf("%d read", len(read)), err
	})
	group()
	Step("seek by time", func() (any, error) {
		message, err := readTime(func(reader *kafka.Reader) error { return reader.SetOffsetAt(background, time.UnixMilli(TimeMs)) })
		return fmt.Sprintf("offset %s", message.Value), err
	})
	// Behind a batch without records it reads some again, and takes a marker for a record: on Kafka too.
	Step("compacted", func() (any, error) {
		read, err := consume(Name+"-compacted", Name+"-compacted", 40, kafka.ReadUncommitted)
		if err := errors.Join(err, send(Name+"-compacted", Numbered("behind", 1), 0)); err != nil {
			return nil, err
		}
		behind, err := consume(Name+"-compacted", Name+"-compacted", 1, kafka.ReadUncommitted)
		return fmt.Sprintf("%d read, %d behind the gap", different("k", read), WithPrefix("behind", behind)), err
	})
	transactionSteps()
	adminSteps()
	Step("error too large", func() (any, error) {
		return code(send(Name+"-small", []Record{{Value: []byte(strings.Repeat("x", 2000))}}, 0))
	})
	Step("error out of range", func() (any, error) {
		_, err := readTime(func(reader *kafka.Reader) error { return reader.SetOffset(1_000_000) })
		return code(err)
	})
}
