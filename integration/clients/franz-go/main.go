// franz-go with its defaults: idempotent producer, newest versions, topic ids.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func produce(bootstrap, topic string, codec kgo.CompressionCodec, prefix string, count int) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ProducerBatchCompression(codec))
	check(err)
	defer client.Close()
	records := make([]*kgo.Record, count)
	for i := range records {
		text := []byte(fmt.Sprintf("%s-%d", prefix, i))
		records[i] = &kgo.Record{Topic: topic, Key: text, Value: text}
	}
	check(client.ProduceSync(context.Background(), records...).FirstErr())
}

// Reads until count have come and then a little longer, so that one too many would show.
func consume(bootstrap, topic, group string, count int) int {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.FetchMaxWait(200*time.Millisecond))
	check(err)
	defer client.Close()
	seen := map[string]bool{}
	read, quiet := 0, 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && quiet < 3; {
		poll, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		fetches := client.PollFetches(poll)
		cancel()
		fetches.EachRecord(func(record *kgo.Record) {
			read++
			seen[string(record.Key)] = true
			if string(record.Key) != string(record.Value) {
				check(fmt.Errorf("value %s under key %s", record.Value, record.Key))
			}
		})
		if read >= count && fetches.NumRecords() == 0 {
			quiet++
		}
	}
	check(client.CommitUncommittedOffsets(context.Background()))
	if read != len(seen) {
		return -read
	}
	return read
}

// A static member leaves nothing when it closes: back in time, it finds the generation as it was. (KIP-345)
func generationOfStaticMember(bootstrap, topic, group string) int32 {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumerGroup(group), kgo.InstanceID("the-one"), kgo.ConsumeTopics(topic))
	check(err)
	defer client.Close()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, generation := client.GroupMetadata(); generation > 0 {
			return generation
		}
	}
	return -1
}

func main() {
	bootstrap, topic, group := os.Args[1], os.Args[2], os.Args[3]
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	check(err)
	admin := kadm.NewClient(client)
	_, err = admin.CreateTopic(context.Background(), 3, 1, nil, topic)
	check(err)
	topics, err := admin.ListTopics(context.Background(), topic)
	check(err)
	if len(topics[topic].Partitions) == 3 {
		fmt.Println("created")
	}
	client.Close()
	codecs := []struct {
		name  string
		codec kgo.CompressionCodec
	}{{"none", kgo.NoCompression()}, {"gzip", kgo.GzipCompression()}, {"snappy", kgo.SnappyCompression()}, {"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}}
	for _, codec := range codecs {
		produce(bootstrap, topic, codec.codec, codec.name, 20)
		fmt.Println("produced", codec.name)
	}
	fmt.Println("consumed", consume(bootstrap, topic, group, 100))
	if consume(bootstrap, topic, group, 0) == 0 {
		fmt.Println("committed")
	}
	produce(bootstrap, topic, kgo.NoCompression(), "more", 5)
	fmt.Println("resumed", consume(bootstrap, topic, group, 5))
	first := generationOfStaticMember(bootstrap, topic, group+"-static")
	if first > 0 && first == generationOfStaticMember(bootstrap, topic, group+"-static") {
		fmt.Println("static member back without a rebalance")
	}
}
