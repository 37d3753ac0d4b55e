module odradek.integration/confluent-kafka-go

go 1.26.0

require (
	github.com/confluentinc/confluent-kafka-go/v2 v2.11.1
	odradek.integration/steps v0.0.0
)

replace odradek.integration/steps => ../go-steps
