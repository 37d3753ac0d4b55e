import { runProgram } from './program.ts'

const TOPIC = 'talk'

function kcat(bootstrap: string, words: readonly string[], input = ''): Promise<string> {
  const options = ['-b', bootstrap, '-X', 'log_level=3', '-X', 'client.id=talk']
  return runProgram('kcat', [...options, ...words], input)
}

/** kcat has no command that makes a topic: a producer's question for it does, of which Kafka's first answers are none. */
async function createTopic(bootstrap: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if ((await kcat(bootstrap, ['-L', '-t', TOPIC, '-J'])).includes('"partition":0')) return
  }
  throw new Error(`${TOPIC} was not made`)
}

/** librdkafka: a batch of each codec, an idempotent and a transactional one, read alone, from a time on, and in a group. */
export async function talkKcat(bootstrap: string): Promise<void> {
  await createTopic(bootstrap)
  const message = `key:${'value'.repeat(100)}\n`
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    await kcat(bootstrap, ['-P', '-t', TOPIC, '-p', '0', '-K:', '-z', codec, '-H', `codec=${codec}`], message)
  await kcat(bootstrap, ['-P', '-t', TOPIC, '-p', '0', '-K:', '-X', 'enable.idempotence=true'], message)
  await kcat(bootstrap, ['-P', '-t', TOPIC, '-p', '0', '-K:', '-X', 'transactional.id=talker'], message)
  await kcat(bootstrap, ['-C', '-t', TOPIC, '-p', '0', '-o', 'beginning', '-c', '7', '-q'])
  await kcat(bootstrap, ['-C', '-t', TOPIC, '-p', '0', '-o', 's@0', '-c', '1', '-q'])
  await kcat(bootstrap, ['-Q', '-t', `${TOPIC}:0:0`])
  await kcat(bootstrap, ['-G', 'talkers', '-X', 'auto.offset.reset=earliest', '-c', '6', '-q', TOPIC])
}
