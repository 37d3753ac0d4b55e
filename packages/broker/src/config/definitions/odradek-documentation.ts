import type { Documentation } from '../definition.ts'

/** What each key that only odradek has does. */
export const odradekDocumentation: Documentation = {
  'odradek.acls': "Whether rights are asked for: `on` is short for Kafka's authorizer class.",
  'odradek.brokers': 'How many nodes this process has; ids and ports count upwards from the first.',
  'odradek.ephemeral': 'Whether everything is kept in memory only.',
  'odradek.features': 'Levels of features that are wanted, as NAME=LEVEL.',
  'odradek.flush': 'Where acks=all waits: `device` for the disk, `os` for the operating system.',
  'odradek.insecure': 'Whether listeners beyond this machine may be open although nobody logs in.',
  'odradek.log.level': 'The least important lines that are written: debug, info, warn or error.',
  'odradek.max.decompressed.message.bytes':
    'The most that any batch may become when it has to be opened, whatever its topic allows.',
  'odradek.max.partitions': 'How many partitions there may be in all.',
  'odradek.http.listener': 'Where metrics and health are served over HTTP, as HOST:PORT; nowhere while it is empty.',
  'odradek.metrics.client.series.max': 'How many values pushed by clients are kept for `/metrics`.',
  'odradek.metrics.group.partitions.max': 'How many committed offsets of groups have metrics of their own.',
  'odradek.metrics.partitions.max': 'How many partitions have metrics of their own.',
  'odradek.metrics.topics.max': 'How many topics have metrics of their own.',
  'odradek.max.topics': 'How many topics there may be.',
  'odradek.memory.log.bytes': 'How much memory the logs of `--ephemeral` may take.',
  'odradek.memory.log.full': 'What happens when that memory is full: `refuse` new records or `drop-oldest` segments.',
  'odradek.oauthbearer.required.scope': 'Scopes that a token must have, all of them, to let in by OAUTHBEARER.',
  'odradek.oauthbearer.unsecured':
    'Whether OAUTHBEARER takes tokens that nobody has signed, so that everybody may call himself anybody: for development alone.',
  'odradek.plain.users.file': 'A file with a line NAME=PASSWORD for each user who may log in by PLAIN.',
  'odradek.racks': 'The rack of each node of this process, in their order.',
  'odradek.record.validation':
    'Whether every batch is opened and its records checked (`full`), or its header and checksum (`batch`).',
  'odradek.replication.factor.clamp':
    'Whether a replication factor above the number of nodes is lowered instead of refused.',
  'odradek.scram.users':
    'Users who get SCRAM credentials at the start where they have none, as NAME:PASSWORD,… in one line.',
  'odradek.scram.users.file': 'The same from a file, with a line NAME=PASSWORD for each.',
  'odradek.topics': 'Topics that are made at the start where they are missing, as NAME:PARTITIONS.',
  'odradek.file.permissions':
    'What comes of a file with secrets that its group or others can read, and of a data directory that others can: `warn` in the log, `refuse` to start, or `ignore`.',
  'odradek.frame.timeout.ms': 'How long a request may take to arrive from its first byte to its last.',
  'odradek.login.timeout.ms': 'How long a login may take from the begin of its connection.',
  'odradek.max.acls': 'How many ACLs there may be.',
  'odradek.max.client.metrics.subscriptions': 'How many client metrics subscriptions there may be.',
  'odradek.max.client.quotas': 'How many users, client ids, pairs of them and addresses may have quotas of their own.',
  'odradek.max.configured.groups': 'How many groups may have configs of their own.',
  'odradek.max.connection.request.bytes':
    'Bytes of requests of one connection that may be under way together; one alone may have more.',
  'odradek.max.connection.unsent.bytes':
    'Bytes of answers that a connection may leave unread before no more of its requests are served.',
  'odradek.max.committed.offsets':
    'How many committed offsets, and offsets of open transactions, all consumer groups may have together.',
  'odradek.max.delegation.token.bytes': 'Bytes of the names in all delegation tokens: owners, requesters and renewers.',
  'odradek.max.delegation.tokens': 'How many delegation tokens there may be.',
  'odradek.max.delegation.tokens.per.requester': 'How many of them one may have asked for.',
  'odradek.max.fetch.session.partitions':
    'How many partitions all fetch sessions of a node may have together; past it there are fetches without a session.',
  'odradek.max.group.bytes':
    'Bytes that all consumer groups may keep of what clients sent: their ids, ids, metadata and assignments of their members, and metadata of their offsets.',
  'odradek.max.groups': 'How many consumer groups there may be.',
  'odradek.max.logins': 'How many connections may be in the middle of their login.',
  'odradek.max.logins.per.ip': 'The same from one address.',
  'odradek.max.metadata.text.bytes':
    'Bytes of all configs of topics, groups, brokers and client metrics, and of the names in ACLs, quotas and SCRAM credentials.',
  'odradek.max.pending.members': 'How many member ids of one group may be given out and not have come back.',
  'odradek.max.producer.ids':
    'How many producers a partition remembers; past it the one silent for longest is forgotten.',
  'odradek.max.producer.ids.in.all':
    'How many producers all partitions remember together; past it a partition that gets one more forgets the one silent for longest, but keeps five.',
  'odradek.max.request.elements': 'How many elements all arrays of a request may have together.',
  'odradek.max.response.bytes':
    'Bytes that an answer may have, records apart; in place of a larger one its connection ends.',
  'odradek.max.transactional.ids': 'How many transactional ids there may be.',
  'odradek.max.unsent.bytes': 'Bytes of answers that all connections may leave unread before slow readers are closed.',
  'odradek.slow.reader.timeout.ms':
    'After how long without reading a connection is closed when memory for answers is short.',
  'odradek.tls.handshake.timeout.ms': 'How long the handshake of TLS may take from the begin of its connection.',
}
