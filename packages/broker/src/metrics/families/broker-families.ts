import type { Later, NodeId } from '@odradek/core'
import { eachNode, NODE } from '../by-node.ts'
import type { Family } from '../family.ts'
import type { Scrape } from '../scrape.ts'
import type { MetricSources } from '../sources.ts'

/** KafkaServer's BrokerState while it serves, and where it does not. */
const RUNNING = 3
const NOT_RUNNING = 0

const SOCKET_SERVER = 'kafka_server_socket_server_metrics_'

/** The process as a whole: what it is, its connections, its disk. */
export function brokerFamilies(): readonly Family[] {
  return [
    {
      name: 'odradek_build_info',
      help: 'Always 1: what runs here, and where acks=all waits (odradek.flush; memory: nothing is kept).',
      type: 'gauge',
      labels: ['version', 'cluster_id', 'durability'],
      collect: (samples, { sources: { softwareVersion: version, services, durability } }) =>
        samples.add({ version, cluster_id: services.cluster.clusterId, durability }, 1),
    },
    ofNode('gauge', 'kafka_server_kafkaserver_brokerstate', '3: running; 0: stopped.', ({ services }, node) =>
      services.cluster.nodes().some(({ id }) => id === node) ? RUNNING : NOT_RUNNING,
    ),
    ...connectionFamilies(),
    ofNode(
      'gauge',
      'kafka_server_fetchsessioncache_numincrementalfetchsessions',
      'Fetch sessions.',
      ({ services }, node) => services.fetchSessions(node).size,
    ),
    {
      name: 'kafka_log_logflushstats_logflushrateandtimems',
      help: 'Milliseconds of flushes of logs to the device.',
      type: 'histogram',
      labels: [],
      collect: (samples, { sources }) => samples.addHistogram({}, sources.services.metrics.flushTimesMs),
    },
    {
      name: 'kafka_log_logmanager_logdirectoryoffline',
      help: '1 where a data directory has failed.',
      type: 'gauge',
      labels: ['logdirectory'],
      collect: (samples, { sources }) => {
        for (const { path, failure } of sources.services.logDirectories.directories())
          samples.add({ logdirectory: path }, failure === null ? 0 : 1)
      },
    },
    single(
      'gauge',
      'kafka_log_logmanager_offlinelogdirectorycount',
      'Data directories that have failed.',
      ({ services }) => services.logDirectories.directories().filter(({ failure }) => failure !== null).length,
    ),
  ]
}

function connectionFamilies(): readonly Family[] {
  return [
    {
      name: `${SOCKET_SERVER}connection_count`,
      help: 'Open connections of clients.',
      type: 'gauge',
      labels: ['listener', NODE],
      collect: (samples, scrape) => {
        const { connections } = scrape.sources
        for (const { node, labels } of eachNode(scrape))
          for (const [listener, count] of connections.countByListener(node)) samples.add({ listener, ...labels }, count)
      },
    },
    ofNode(
      'counter',
      `${SOCKET_SERVER}connection_creation_total`,
      'Connections of clients taken.',
      ({ connections }, node) => connections.acceptedCount(node),
    ),
    single(
      'counter',
      'odradek_connections_refused_total',
      'Connections closed at once because of max.connections or max.connections.per.ip.',
      ({ connections }) => connections.refusedCount,
    ),
    single(
      'gauge',
      'kafka_network_socketserver_memorypoolused',
      'Bytes of requests in memory: begun, waiting or under way.',
      ({ connections }) => connections.heldBytes,
    ),
  ]
}

function single(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  figureOf: (sources: MetricSources) => number,
): Family {
  return { name, help, type, labels: [], collect: (samples, { sources }) => samples.add({}, figureOf(sources)) }
}

function ofNode(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  figureOf: (sources: MetricSources, node: NodeId) => number,
): Family {
  return {
    ...{ name, help, type, labels: [NODE] },
    collect: (samples, scrape) => {
      for (const { node, labels } of eachNode(scrape)) samples.add(labels, figureOf(scrape.sources, node))
    },
  }
}

/** Says by how much a limit on label values was exceeded: their sum is under `<other>`. */
export function leftOutFamily(counts: Readonly<Record<string, (scrape: Scrape) => Later<number>>>): Family {
  return {
    name: 'odradek_metrics_left_out',
    help: 'Topics, partitions and offsets of groups that have no row of their own because of a limit; one row sums them up.',
    type: 'gauge',
    labels: ['of'],
    collect: async (samples, scrape) => {
      for (const [of, count] of Object.entries(counts)) samples.add({ of }, await count(scrape))
    },
  }
}
