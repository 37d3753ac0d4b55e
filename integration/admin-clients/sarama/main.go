// Each function of sarama's ClusterAdmin once.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
)

const topic, group = "sarama-admin", "sarama-group"

func main() {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = sarama.NewManualPartitioner
	client, err := sarama.NewClient([]string{os.Args[1]}, config)
	if err != nil {
		panic(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		panic(err)
	}
	defer admin.Close()
	say := func(name string, result any, err error) {
		if err != nil {
			result = err
		}
		fmt.Printf("%s: %v\n", name, result)
	}
	done := func(name string, err error) { say(name, "done", err) }

	done("CreateTopic", admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1}, false))
	done("CreatePartitions", admin.CreatePartitions(topic, 3, nil, false))
	// A broker of Apache Kafka answers before it has read what it has just had changed; so below.
	topics, err := admin.ListTopics()
	for tries := 0; topics[topic].NumPartitions < 3 && err == nil && tries < 100; tries++ {
		time.Sleep(50 * time.Millisecond)
		topics, err = admin.ListTopics()
	}
	say("ListTopics", topics[topic].NumPartitions, err)
	metadata, err := admin.DescribeTopics([]string{topic})
	say("DescribeTopics", len(metadata[0].Partitions), err)
	producer, err := sarama.NewSyncProducerFromClient(client)
	done("NewSyncProducer", err)
	_, offset, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("v")})
	say("SendMessage", offset, err)
	done("DeleteRecords", admin.DeleteRecords(topic, map[int32]int64{0: 1}))
	done("AlterPartitionReassignments", admin.AlterPartitionReassignments(topic, [][]int32{{1}, {1}, {1}}))
	moves, err := admin.ListPartitionReassignments(topic, []int32{0})
	say("ListPartitionReassignments", len(moves), err)
	elected, err := admin.ElectLeaders(sarama.PreferredElection, map[string][]int32{topic: {0}})
	say("ElectLeaders", elected[topic][0].ErrorCode, err)

	value := "5"
	done("AlterConfig", admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"retention.ms": &value}, false))
	entries := map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}}
	done("IncrementalAlterConfig", admin.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false))
	described, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}})
	say("DescribeConfig", described[0].Value, err)

	manager, err := sarama.NewOffsetManagerFromClient(group, client)
	done("NewOffsetManager", err)
	partition, err := manager.ManagePartition(topic, 0)
	done("ManagePartition", err)
	partition.MarkOffset(1, "")
	manager.Commit()
	manager.Close()
	groups, err := admin.ListConsumerGroups()
	_, isListed := groups[group]
	say("ListConsumerGroups", isListed, err)
	states, err := admin.DescribeConsumerGroups([]string{group})
	say("DescribeConsumerGroups", states[0].State, err)
	offsets, err := admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}})
	say("ListConsumerGroupOffsets", offsets.GetBlock(topic, 0).Offset, err)
	done("DeleteConsumerGroupOffset", admin.DeleteConsumerGroupOffset(group, topic, 0))
	_, err = admin.RemoveMemberFromConsumerGroup(group, []string{"nobody"})
	done("RemoveMemberFromConsumerGroup", err)
	done("DeleteConsumerGroup", admin.DeleteConsumerGroup(group))

	resource := sarama.Resource{ResourceType: sarama.AclResourceTopic, ResourceName: topic, ResourcePatternType: sarama.AclPatternLiteral}
	acl := sarama.Acl{Principal: "User:ann", Host: "*", Operation: sarama.AclOperationRead, PermissionType: sarama.AclPermissionAllow}
	done("CreateACL", admin.CreateACL(resource, acl))
	done("CreateACLs", admin.CreateACLs([]*sarama.ResourceAcls{{Resource: resource, Acls: []*sarama.Acl{&acl}}}))
	name := topic
	filter := sarama.AclFilter{ResourceType: sarama.AclResourceTopic, ResourceName: &name, ResourcePatternTypeFilter: sarama.AclPatternLiteral, Operation: sarama.AclOperationAny, PermissionType: sarama.AclPermissionAny}
	acls, err := admin.ListAcls(filter)
	say("ListAcls", len(acls), err)
	deleted, err := admin.DeleteACL(filter, false)
	say("DeleteACL", len(deleted), err)

	users(admin, say)

	user := "ann"
	entity := []sarama.QuotaEntityComponent{{EntityType: sarama.QuotaEntityUser, MatchType: sarama.QuotaMatchExact, Name: user}}
	done("AlterClientQuotas", admin.AlterClientQuotas(entity, sarama.ClientQuotasOp{Key: "producer_byte_rate", Value: 1024}, false))
	var quotas []sarama.DescribeClientQuotasEntry
	for tries := 0; len(quotas) == 0 && err == nil && tries < 100; tries++ {
		quotas, err = admin.DescribeClientQuotas([]sarama.QuotaFilterComponent{{EntityType: sarama.QuotaEntityUser, MatchType: sarama.QuotaMatchExact, Match: user}}, true)
		time.Sleep(50 * time.Millisecond)
	}
	say("DescribeClientQuotas", len(quotas), err)
	brokers, _, err := admin.DescribeCluster()
	say("DescribeCluster", len(brokers), err)
	_, err = admin.Controller()
	done("Controller", err)
	_, err = admin.Coordinator(group)
	done("Coordinator", err)
	dirs, err := admin.DescribeLogDirs([]int32{1})
	say("DescribeLogDirs", len(dirs[1]), err)
	done("DeleteTopic", admin.DeleteTopic(topic))
}

func users(admin sarama.ClusterAdmin, say func(name string, result any, err error)) {
	const user, mechanism = "sarama-user", sarama.SCRAM_MECHANISM_SHA_512
	upsert := sarama.AlterUserScramCredentialsUpsert{Name: user, Mechanism: mechanism, Iterations: 4096, Salt: []byte("salt"), Password: []byte("secret")}
	upserted, err := admin.UpsertUserScramCredentials([]sarama.AlterUserScramCredentialsUpsert{upsert})
	say("UpsertUserScramCredentials", upserted[0].ErrorCode, err)
	described, err := admin.DescribeUserScramCredentials([]string{user})
	for tries := 0; err == nil && described[0].ErrorCode != sarama.ErrNoError && tries < 100; tries++ {
		time.Sleep(50 * time.Millisecond)
		described, err = admin.DescribeUserScramCredentials([]string{user})
	}
	say("DescribeUserScramCredentials", described[0].CredentialInfos[0].Iterations, err)
	deleted, err := admin.DeleteUserScramCredentials([]sarama.AlterUserScramCredentialsDelete{{Name: user, Mechanism: mechanism}})
	say("DeleteUserScramCredentials", deleted[0].ErrorCode, err)
}
