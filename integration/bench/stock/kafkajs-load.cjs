'use strict'
// kafkajs-load.cjs HOST:PORT TOPIC MESSAGES: sends them in batches, reads them all, and prints what that took of this process.
const { Kafka, logLevel } = require('kafkajs')

const BATCH_MESSAGES = 100
const MESSAGE_BYTES = 1000
const IN_FLIGHT = 5

const [, , bootstrap, topic, text] = process.argv
const count = Number(text)
const kafka = new Kafka({ clientId: 'bench', brokers: [bootstrap], logLevel: logLevel.ERROR })

async function produce() {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: BATCH_MESSAGES }, () => ({ value: Buffer.alloc(MESSAGE_BYTES, 'x') }))
  const begun = performance.now()
  let left = count / BATCH_MESSAGES
  const worker = async () => {
    while (left-- > 0) await producer.send({ topic, messages })
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  const seconds = (performance.now() - begun) / 1000
  await producer.disconnect()
  return seconds
}

async function consume() {
  const consumer = kafka.consumer({ groupId: `${topic}-group` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let [begun, seen] = [0, 0]
  await new Promise((done) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        if (begun === 0) begun = performance.now()
        seen += batch.messages.length
        if (seen >= count) done()
      },
    })
  })
  const seconds = (performance.now() - begun) / 1000
  await consumer.disconnect()
  return seconds
}

async function main() {
  const producedSeconds = await produce()
  const consumedSeconds = await consume()
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ producedSeconds, consumedSeconds, cpuMs: (user + system) / 1000 }))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
