import {
  AddRaftVoter,
  AlterClientQuotas,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  AlterUserScramCredentials,
  ApiVersions,
  CreateAcls,
  CreateDelegationToken,
  DeleteAcls,
  DescribeAcls,
  DescribeClientQuotas,
  DescribeCluster,
  DescribeConfigs,
  DescribeDelegationToken,
  DescribeLogDirs,
  DescribeQuorum,
  DescribeUserScramCredentials,
  ElectLeaders,
  ErrorCode,
  ExpireDelegationToken,
  GetTelemetrySubscriptions,
  IncrementalAlterConfigs,
  ListConfigResources,
  ListPartitionReassignments,
  PushTelemetry,
  RemoveRaftVoter,
  RenewDelegationToken,
  SaslAuthenticate,
  SaslHandshake,
  UnregisterBroker,
  UnregisterController,
  UpdateFeatures,
} from '@odradek/protocol'
import { type AccessRow, cluster, GROUP, group, type Right, row, TOPIC, topic } from './access-row.ts'
import { SUPER_USER } from './users.ts'

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const TOPIC_CONFIGS = 2
const BROKER_CONFIGS = 4
const GROUP_CONFIGS = 32
const NODE = '1'

const anyAcl = {
  resourceTypeFilter: 1,
  patternTypeFilter: 1,
  resourceNameFilter: null,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}
const tokenRight = (operation: Right['operation'], resource: Right['resource'], name: string): Right => ({
  ...{ operation, resource, name },
  refusal: ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
})

/** The same question about a topic's, a broker's and a group's configs. */
function configRows(
  make: (resourceType: number, resourceName: string, note: string, right: Right) => AccessRow,
  operation: Right['operation'],
): readonly AccessRow[] {
  return [
    make(TOPIC_CONFIGS, TOPIC, 'of a topic', topic(operation)),
    make(BROKER_CONFIGS, NODE, 'of a broker', cluster(operation)),
    make(GROUP_CONFIGS, GROUP, 'of a group', group(operation)),
  ]
}

/** What everybody may ask. */
const openRows: readonly AccessRow[] = [
  row(ApiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' }, []),
  row(SaslHandshake, 1, { mechanism: 'PLAIN' }, []),
  row(SaslAuthenticate, 2, { authBytes: Buffer.alloc(0) }, []),
  row(DescribeCluster, 1, { includeClusterAuthorizedOperations: true }, []),
  row(GetTelemetrySubscriptions, 0, { clientInstanceId: NO_ID }, []),
  row(
    PushTelemetry,
    0,
    { clientInstanceId: NO_ID, subscriptionId: 1, terminating: false, compressionType: 0, metrics: Buffer.alloc(0) },
    [],
  ),
  row(RenewDelegationToken, 2, { hmac: Buffer.from('none'), renewPeriodMs: -1n }, []),
  row(ExpireDelegationToken, 2, { hmac: Buffer.from('none'), expiryTimePeriodMs: -1n }, []),
  row(DescribeDelegationToken, 3, { owners: [] }, []),
]

export const clusterRows: readonly AccessRow[] = [
  ...openRows,
  row(DescribeAcls, 3, anyAcl, [[cluster('DESCRIBE')], [cluster('ALTER')]]),
  row(
    CreateAcls,
    3,
    {
      creations: [
        { resourceType: 2, resourceName: '', principal: 'User:x', host: '*', operation: 3, permissionType: 3 },
      ],
    },
    [[cluster('ALTER')]],
  ),
  row(DeleteAcls, 3, { filters: [{ ...anyAcl, resourceNameFilter: 'access-none' }] }, [[cluster('ALTER')]]),
  ...configRows(
    (resourceType, resourceName, note, right) =>
      row(DescribeConfigs, 4, { resources: [{ resourceType, resourceName, configurationKeys: null }] }, [[right]], {
        note,
      }),
    'DESCRIBE_CONFIGS',
  ),
  ...configRows(
    (resourceType, resourceName, note, right) =>
      row(
        AlterConfigs,
        2,
        { resources: [{ resourceType, resourceName, configs: [] }], validateOnly: true },
        [[right]],
        {
          note,
        },
      ),
    'ALTER_CONFIGS',
  ),
  ...configRows((resourceType, resourceName, note, right) => {
    const request = { resources: [{ resourceType, resourceName, configs: [] }], validateOnly: true }
    return row(IncrementalAlterConfigs, 1, request, [[right]], { note })
  }, 'ALTER_CONFIGS'),
  row(ListConfigResources, 1, { resourceTypes: [] }, [[cluster('DESCRIBE_CONFIGS')], [cluster('ALTER_CONFIGS')]]),
  row(DescribeLogDirs, 4, { topics: null }, [[cluster('DESCRIBE')]]),
  row(DescribeLogDirs, 1, { topics: null }, [[cluster('DESCRIBE')]], {
    note: 'which cannot tell errors',
    shows: TOPIC,
  }),
  row(AlterReplicaLogDirs, 2, { dirs: [{ path: '/none', topics: [{ name: TOPIC, partitions: [0] }] }] }, [
    [cluster('ALTER')],
  ]),
  row(ElectLeaders, 2, { electionType: 0, topicPartitions: [{ topic: TOPIC, partitions: [0] }], timeoutMs: 5000 }, [
    [cluster('ALTER')],
  ]),
  row(
    AlterPartitionReassignments,
    0,
    { timeoutMs: 5000, topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, replicas: null }] }] },
    [[cluster('ALTER')]],
  ),
  row(ListPartitionReassignments, 0, { timeoutMs: 5000, topics: null }, [[cluster('DESCRIBE')]]),
  row(DescribeClientQuotas, 1, { components: [], strict: false }, [[cluster('DESCRIBE_CONFIGS')]]),
  row(
    AlterClientQuotas,
    1,
    {
      entries: [
        {
          entity: [{ entityType: 'user', entityName: 'x' }],
          ops: [{ key: 'producer_byte_rate', value: 1000, remove: false }],
        },
      ],
      validateOnly: true,
    },
    [[cluster('ALTER_CONFIGS')]],
  ),
  row(DescribeUserScramCredentials, 0, { users: [] }, [[cluster('DESCRIBE')]], { note: 'of all' }),
  row(DescribeUserScramCredentials, 0, { users: [{ name: 'nobody' }, { name: 'x' }] }, [[cluster('DESCRIBE')]]),
  row(AlterUserScramCredentials, 0, { deletions: [{ name: 'nobody', mechanism: 1 }], upsertions: [] }, [
    [cluster('ALTER')],
  ]),
  row(DescribeQuorum, 2, { topics: [] }, [[cluster('DESCRIBE')]]),
  row(
    UpdateFeatures,
    1,
    {
      timeoutMs: 5000,
      featureUpdates: [{ feature: 'no.such.version', maxVersionLevel: 1, upgradeType: 1 }],
      validateOnly: true,
    },
    [[cluster('ALTER')]],
  ),
  row(UnregisterBroker, 0, { brokerId: 99 }, [[cluster('ALTER')]]),
  row(AddRaftVoter, 0, { clusterId: 'another', timeoutMs: 1000, voterId: 9, voterDirectoryId: NO_ID, listeners: [] }, [
    [cluster('ALTER')],
  ]),
  row(RemoveRaftVoter, 0, { clusterId: 'another', voterId: 9, voterDirectoryId: NO_ID }, [[cluster('ALTER')]]),
  row(UnregisterController, 0, { controllerId: 99 }, [[cluster('ALTER')]]),
  row(
    CreateDelegationToken,
    3,
    { ownerPrincipalType: 'User', ownerPrincipalName: 'somebody', renewers: [], maxLifetimeMs: -1n },
    [[tokenRight('CREATE_TOKENS', 'USER', 'User:somebody')]],
    { note: 'for another' },
  ),
  row(
    DescribeDelegationToken,
    3,
    { owners: null },
    [[tokenRight('DESCRIBE_TOKENS', 'USER', `User:${SUPER_USER}`)], [tokenRight('DESCRIBE', 'DELEGATION_TOKEN', '*')]],
    { note: 'of another', shows: SUPER_USER },
  ),
]
