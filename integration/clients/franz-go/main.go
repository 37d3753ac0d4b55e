// franz-go with its defaults: idempotent producer, newest versions, topic ids.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	. "odradek.integration/steps"
)

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
var names = []string{"none", "gzip", "snappy", "lz4", "zstd"}
var background = context.Background()

func newClient(options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(Bootstrap)}, options...)...)
	Check(err)
	return client
}

func record(topic string, from Record) *kgo.Record {
	to := &kgo.Record{Topic: topic, Key: from.Key, Value: from.Value}
	if string(from.Key) == "headers" {
		to.Headers = []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "b", Value: []byte("2")}}
	}
	return to
}

func send(topic string, records []Record, options ...kgo.Opt) error {
	client := newClient(options...)
	defer client.Close()
	var all []*kgo.Record
	for i, each := range records {
		all = append(all, record(topic, each))
		all[i].Partition = int32(i % 3)
	}
	return client.ProduceSync(background, all...).FirstErr()
}

// A member of a group; what it has read it has committed.
type member struct {
	client     *kgo.Client
	partitions atomic.Int32
	rebalances atomic.Int32
	cancel     context.CancelFunc
	ended      chan error
}

func join(group, topic string, each func(*kgo.Record), options ...kgo.Opt) *member {
	m := &member{ended: make(chan error, 1)}
	count := func(sign int32) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
			m.partitions.Add(sign * int32(len(changed[topic])))
			if sign > 0 {
				m.rebalances.Add(1)
			}
		}
	}
	m.client = newClient(append(options, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(), kgo.Balancers(kgo.RangeBalancer()), kgo.OnPartitionsAssigned(count(1)), kgo.OnPartitionsRevoked(count(-1)), kgo.OnPartitionsLost(count(-1)))...)
	ctx, cancel := context.WithCancel(background)
	m.cancel = cancel
	go func() {
		for {
			fetches := m.client.PollFetches(ctx)
			if ctx.Err() != nil {
				m.ended <- nil
				return
			}
			if err := errors.Join(fetches.Err(), m.client.CommitUncommittedOffsets(background)); err != nil {
				m.ended <- err
				return
			}
			fetches.EachRecord(each)
		}
	}()
	return m
}

func (m *member) leave() error {
	m.cancel()
	err := <-m.ended
	m.client.Close()
	return err
}

// Reads until count have come and then a little longer, so that one too many would show.
func consume(group, topic string, count int, options ...kgo.Opt) ([]Record, error) {
	read := make(chan Record, 1000)
	m := join(group, topic, func(record *kgo.Record) {
		var headers []string
		for _, header := range record.Headers {
			headers = append(headers, fmt.Sprintf("%s=%s", header.Key, header.Value))
		}
		read <- Record{Key: record.Key, Value: record.Value, Headers: strings.Join(headers, " ")}
	}, options...)
	err := Until("all are read", func() bool { return len(read) >= count && m.partitions.Load() > 0 })
	time.Sleep(500 * time.Millisecond)
	err = errors.Join(err, m.leave())
	close(read)
	var records []Record
	for record := range read {
		records = append(records, record)
	}
	return records, err
}

func readCount(group, topic string, count int, options ...kgo.Opt) (any, error) {
	read, err := consume(group, topic, count, options...)
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
		members = append(members, join(topic, topic, func(record *kgo.Record) { counts.Add(record.Value) }))
	}
	spread := func(prefix string) (any, error) {
		if err := send(topic, Numbered(prefix, 30), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
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
		err := members[2].leave()
		members = members[:2]
		if err := errors.Join(err, Until("two share three partitions", shared(members))); err != nil {
			return nil, err
		}
		return spread("second")
	})
	for _, m := range members {
		Check(m.leave())
	}
}

// Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)
func staticMember() (any, error) {
	start := func(options ...kgo.Opt) *member {
		return join(Name+"-static", Name+"-three", func(*kgo.Record) {}, append(options, kgo.SessionTimeout(20*time.Second))...)
	}
	other, first := start(), start(kgo.InstanceID("the-one"))
	if err := Until("both have partitions", shared([]*member{other, first})); err != nil {
		return nil, err
	}
	before := other.rebalances.Load()
	Check(first.leave())
	again := start(kgo.InstanceID("the-one"))
	err := Until("it has partitions again", shared([]*member{other, again}))
	after := other.rebalances.Load()
	Check(errors.Join(again.leave(), other.leave()))
	if before != after {
		return "rebalanced", err
	}
	return "back without a rebalance", err
}

// Reads NAME-time from where it is told to.
func readTime(offset kgo.Offset, options ...kgo.Opt) (*kgo.Record, error) {
	topic := Name + "-time"
	client := newClient(append(options, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: offset}}))...)
	defer client.Close()
	fetches := client.PollFetches(background)
	if err := fetches.Err(); err != nil {
		return nil, err
	}
	return fetches.Records()[0], nil
}

func transactional(id string) *kgo.Client {
	return newClient(kgo.TransactionalID(Name + "-" + id))
}

func transactions() error {
	client := transactional("id")
	defer client.Close()
	for _, prefix := range []string{"yes", "no"} {
		Check(client.BeginTransaction())
		for _, each := range Numbered(prefix, 5) {
			if err := client.ProduceSync(background, record(Name+"-txn", each)).FirstErr(); err != nil {
				return err
			}
		}
		if err := client.EndTransaction(background, kgo.TransactionEndTry(prefix == "yes")); err != nil {
			return err
		}
	}
	return nil
}

// Reads NAME-three in a group and commits to it in a transaction.
func transactionOffsets(admin *kadm.Client) (any, error) {
	group, topic := Name+"-offsets", Name+"-time"
	session, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(Bootstrap), kgo.TransactionalID(group), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequireStableFetchOffsets())
	if err != nil {
		return nil, err
	}
	defer session.Close()
	for read := 0; read < 7; {
		fetches := session.PollRecords(background, 7-read)
		if err := errors.Join(fetches.Err(), session.Begin()); err != nil {
			return nil, err
		}
		read += fetches.NumRecords()
		if _, err := session.End(background, kgo.TryCommit); err != nil {
			return nil, err
		}
	}
	offsets, err := admin.FetchOffsets(background, group)
	at, _ := offsets.Lookup(topic, 0)
	return fmt.Sprintf("committed %d", at.At), err
}

func transactionSteps(admin *kadm.Client) {
	Check(transactions())
	read, err := consume(Name+"-clean", Name+"-txn", 5, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	Step("transaction committed", func() (any, error) { return fmt.Sprintf("%d read", WithPrefix("yes", read)), err })
	Step("transaction aborted", Value(fmt.Sprintf("%d read", WithPrefix("no", read))))
	Step("read uncommitted", func() (any, error) { return readCount(Name+"-dirty", Name+"-txn", 10) })
	Step("transaction offsets", func() (any, error) { return transactionOffsets(admin) })
	Step("transaction fenced", func() (any, error) {
		old, newer := transactional("fenced"), transactional("fenced")
		defer old.Close()
		defer newer.Close()
		Check(old.BeginTransaction())
		if err := old.ProduceSync(background, &kgo.Record{Topic: Name + "-three", Value: []byte("old")}).FirstErr(); err != nil {
			return nil, err
		}
		Check(newer.BeginTransaction())
		if err := newer.ProduceSync(background, &kgo.Record{Topic: Name + "-three", Value: []byte("new")}).FirstErr(); err != nil {
			return nil, err
		}
		Check(newer.EndTransaction(background, kgo.TryAbort))
		err := old.EndTransaction(background, kgo.TryCommit)
		if errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.ProducerFenced) {
			return "refused", nil
		}
		return "let through", err
	})
}

func code(err error) (any, error) {
	var kerr *kerr.Error
	if errors.As(err, &kerr) {
		return kerr.Code, nil
	}
	return "no error", err
}

func adminSteps(admin *kadm.Client) {
	Step("admin partitions", func() (any, error) {
		made, err := admin.UpdatePartitions(background, 5, Name)
		if err := errors.Join(err, made.Error()); err != nil {
			return nil, err
		}
		return 5, Until("there are more", func() bool {
			topics, err := admin.ListTopics(background, Name)
			return err == nil && len(topics[Name].Partitions) == 5
		})
	})
	Step("admin config", func() (any, error) {
		value := "60000"
		if _, err := admin.AlterTopicConfigs(background, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, Name); err != nil {
			return nil, err
		}
		return value, Until("the value has changed", func() bool {
			configs, err := admin.DescribeTopicConfigs(background, Name)
			if err != nil {
				return false
			}
			for _, config := range configs[0].Configs {
				if config.Key == "retention.ms" && config.MaybeValue() == value {
					return true
				}
			}
			return false
		})
	})
	Step("admin group", func() (any, error) {
		groups, err := admin.ListGroups(background)
		if _, isListed := groups[Name]; err != nil || !isListed {
			return "not listed", err
		}
		described, err := admin.DescribeGroups(background, Name)
		return described[Name].State, err
	})
	Step("admin delete records", func() (any, error) {
		offsets := kadm.Offsets{}
		offsets.AddOffset(Name+"-time", 0, 5, -1)
		deleted, err := admin.DeleteRecords(background, offsets)
		at, _ := deleted.Lookup(Name+"-time", 0)
		return fmt.Sprintf("begins at %d", at.LowWatermark), errors.Join(err, deleted.Error())
	})
	Step("admin delete group", func() (any, error) {
		deleted, err := admin.DeleteGroup(background, Name)
		return "deleted", errors.Join(err, deleted.Err)
	})
	Step("admin delete topic", func() (any, error) {
		topic := Name + "-gone"
		_, createError := admin.CreateTopic(background, 1, 1, nil, topic)
		_, deleteError := admin.DeleteTopic(background, topic)
		if err := errors.Join(createError, deleteError); err != nil {
			return nil, err
		}
		return "deleted", Until("it is not listed", func() bool {
			topics, err := admin.ListTopics(background)
			return err == nil && !topics.Has(topic)
		})
	})
	Step("error topic exists", func() (any, error) { _, err := admin.CreateTopic(background, 1, 1, nil, Name); return code(err) })
	Step("error unknown topic", func() (any, error) { _, err := admin.DeleteTopic(background, Name+"-nothing"); return code(err) })
	Step("error unknown group", func() (any, error) {
		deleted, err := admin.DeleteGroup(background, Name+"-nobody")
		return code(errors.Join(err, deleted.Err))
	})
	Step("error invalid topic", func() (any, error) { _, err := admin.CreateTopic(background, 1, 1, nil, "bad name"); return code(err) })
}

func main() {
	client := newClient()
	defer client.Close()
	admin := kadm.NewClient(client)
	Step("create topic", func() (any, error) {
		if _, err := admin.CreateTopic(background, 3, 1, nil, Name); err != nil {
			return nil, err
		}
		return "3 partitions", Until("it is known", func() bool {
			topics, err := admin.ListTopics(background, Name)
			return err == nil && len(topics[Name].Partitions) == 3
		})
	})
	for _, name := range names {
		Check(send(Name, Numbered(name, 20), kgo.ProducerBatchCompression(codecs[name])))
	}
	Check(send(Name, Special(), kgo.ProducerBatchCompression(kgo.NoCompression())))
	read, err := consume(Name, Name, 104)
	Check(err)
	ReadBack(names, read)
	Step("resume", func() (any, error) {
		if err := send(Name, Numbered("more", 5)); err != nil {
			return nil, err
		}
		return readCount(Name, Name, 5)
	})
	group()
	Step("static member", staticMember)
	Step("seek by time", func() (any, error) {
		record, err := readTime(kgo.NewOffset().AfterMilli(TimeMs))
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("offset %s", record.Value), nil
	})
	Step("compacted", func() (any, error) {
		read, err := consume(Name+"-compacted", Name+"-compacted", 40)
		if err := errors.Join(err, send(Name+"-compacted", Numbered("behind", 1))); err != nil {
			return nil, err
		}
		behind, err := consume(Name+"-compacted", Name+"-compacted", 1)
		return fmt.Sprintf("%d read, %d behind the gap", len(read), len(behind)), err
	})
	transactionSteps(admin)
	adminSteps(admin)
	Step("error too large", func() (any, error) {
		return code(send(Name+"-small", []Record{{Value: []byte(strings.Repeat("x", 2000))}}, kgo.ProducerBatchCompression(kgo.NoCompression())))
	})
	Step("error out of range", func() (any, error) {
		_, err := readTime(kgo.NewOffset().At(1_000_000), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
		return code(err)
	})
}
