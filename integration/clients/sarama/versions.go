package main

import (
	"fmt"

	"github.com/IBM/sarama"
	. "odradek.integration/steps"
)

// sarama speaks what its user says the broker is, whatever the broker lists: with each version from the oldest that Kafka 4.4
// serves on, a topic is made, written to, read and deleted.
func eachVersion() error {
	for _, version := range sarama.SupportedVersions {
		if !version.IsAtLeast(sarama.V2_1_0_0) {
			continue
		}
		if err := throughOneTopic(version); err != nil {
			return fmt.Errorf("as %s: %w", version, err)
		}
	}
	return nil
}

func throughOneTopic(version sarama.KafkaVersion) error {
	topic := fmt.Sprintf("%s-as-%s", Name, version)
	config := config()
	config.Version = version
	admin, err := sarama.NewClusterAdmin(brokers, config)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false); err != nil {
		return err
	}
	if err := Until("it is known", func() bool { topics, err := admin.ListTopics(); return err == nil && topics[topic].NumPartitions == 1 }); err != nil {
		return err
	}
	producer, err := sarama.NewSyncProducer(brokers, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	if _, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("v")}); err != nil {
		return err
	}
	consumer, err := sarama.NewConsumer(brokers, config)
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	defer partition.Close()
	if message := <-partition.Messages(); string(message.Value) != "v" {
		return fmt.Errorf("%q was read", message.Value)
	}
	return admin.DeleteTopic(topic)
}
