import { handler, row, type Section, scenario } from './row.ts'

const FIND_ACLS = '29-describe-acls'
const MAKE_ACLS = '30-create-acls'
const DROP_ACLS = '31-delete-acls'
const FIND_QUOTAS = '48-describe-client-quotas'
const SET_QUOTAS = '49-alter-client-quotas'
const FIND_USERS = '50-describe-user-scram-credentials'
const users = scenario('AlterUserScramCredentials: of users, and what describes them')
const TOKEN = '38-create-delegation-token'
const RENEW = '39-renew-delegation-token'
const QUORUM = '55-describe-quorum'
const FEATURES = '57-update-features'
const VOTERS = '80-add-raft-voter'
const badQuotas = scenario('AlterClientQuotas: that cannot be')
const badFilters = scenario('DescribeClientQuotas: asked for in ways that cannot be')
const levels = scenario('UpdateFeatures: levels that cannot be')

export const security: Section = {
  name: 'ACLs, quotas, users, tokens, brokers, features',
  rows: [
    row(
      'ACLs without an authorizer: SECURITY_DISABLED',
      scenario('DescribeAcls: without an authorizer'),
      scenario('CreateAcls: without an authorizer'),
      scenario('DeleteAcls: without an authorizer'),
    ),
    row(
      'CreateAcls: a resource, pattern, host or principal that cannot be: INVALID_REQUEST in its row',
      handler(MAKE_ACLS, '%j is refused with %i'),
      handler(MAKE_ACLS, 'a principal without a type is refused'),
    ),
    row(
      'CreateAcls: any or match where one is meant: UNKNOWN_SERVER_ERROR',
      handler(MAKE_ACLS, 'a bad row does not keep the others; one that says "any" does'),
    ),
    row('CreateAcls: code 0 ends the connection', handler(MAKE_ACLS, 'a code of 0 ends the connection')),
    row(
      'CreateAcls: one that is there: NONE',
      handler(MAKE_ACLS, 'an ACL that is there is created again without a trace, also twice in a request'),
    ),
    row(
      'DescribeAcls: a code that nothing has finds nothing, 0 ends the connection',
      handler(FIND_ACLS, 'a code that nothing has finds nothing, 0 ends the connection'),
    ),
    row(
      'DeleteAcls: a code that nothing has: INVALID_REQUEST in its row, 0 ends the connection',
      handler(
        DROP_ACLS,
        'a %s that nothing has is a bad filter, which does not keep the others; 0 ends the connection',
      ),
    ),
    row(
      'ACLs: no right: CLUSTER_AUTHORIZATION_FAILED',
      handler(FIND_ACLS, 'without the right to describe the cluster nothing is told'),
      handler(MAKE_ACLS, 'without the right to alter the cluster no row is obeyed'),
      handler(DROP_ACLS, 'without the right to alter the cluster nothing is deleted'),
    ),
    row(
      'DescribeClientQuotas: a type twice, or an empty one: INVALID_REQUEST',
      badFilters,
      handler(FIND_QUOTAS, '%s is refused', 'no type'),
    ),
    row(
      'DescribeClientQuotas: an unknown type: UNSUPPORTED_VERSION',
      badFilters,
      handler(FIND_QUOTAS, '%s is refused', 'an unknown type'),
    ),
    row(
      'DescribeClientQuotas: a match that is none, or does not go with its name: INVALID_REQUEST',
      badFilters,
      handler(FIND_QUOTAS, '%s is refused', 'a match that is none'),
      handler(FIND_QUOTAS, '%s is refused', 'exactly nothing'),
      handler(FIND_QUOTAS, '%s is refused', 'a default with a name'),
      handler(FIND_QUOTAS, '%s is refused', 'any with a name'),
    ),
    row(
      'AlterClientQuotas: a value that cannot be: INVALID_REQUEST',
      badQuotas,
      handler(SET_QUOTAS, '%s', 'nothing'),
      handler(SET_QUOTAS, '%s', 'no finite number'),
      handler(SET_QUOTAS, '%s', 'part of a byte'),
      handler(SET_QUOTAS, '%s', 'more than a long'),
    ),
    row(
      'AlterClientQuotas: a key for another kind of entity, or unknown: INVALID_REQUEST',
      badQuotas,
      handler(SET_QUOTAS, '%s', 'bytes of an ip'),
      handler(SET_QUOTAS, '%s', 'connections of a user'),
      handler(SET_QUOTAS, '%s', 'an unknown key'),
    ),
    row(
      'AlterClientQuotas: an entity that cannot be: INVALID_REQUEST',
      badQuotas,
      handler(SET_QUOTAS, '%s', 'an unknown entity'),
      handler(SET_QUOTAS, '%s', 'no entity'),
      handler(SET_QUOTAS, '%s', 'a user without a name'),
      handler(SET_QUOTAS, '%s', 'a host that is not known'),
      handler(SET_QUOTAS, '%s', 'an ip with a user'),
    ),
    row(
      'AlterClientQuotas: a key twice, or an entity twice: INVALID_REQUEST, one row',
      handler(SET_QUOTAS, '%s', 'a key twice'),
      handler(SET_QUOTAS, 'an entity that is there twice has one row and is left alone; others are changed'),
    ),
    row(
      'AlterClientQuotas: what was never set is taken away, and nothing asked for: NONE',
      handler(SET_QUOTAS, '%s', 'taking away what was never set'),
      handler(SET_QUOTAS, '%s', 'no operations'),
    ),
    row(
      'quotas: no right: CLUSTER_AUTHORIZATION_FAILED',
      handler(FIND_QUOTAS, 'the right to describe configs of the cluster is asked for'),
      handler(SET_QUOTAS, 'the right to alter configs of the cluster is asked for'),
    ),
    row('DescribeUserScramCredentials: an unknown user: RESOURCE_NOT_FOUND, one twice: DUPLICATE_RESOURCE', users),
    row(
      'DescribeUserScramCredentials: no right: CLUSTER_AUTHORIZATION_FAILED',
      handler(FIND_USERS, 'without the right to describe the cluster, who asks for %s hears nothing but errors'),
    ),
    row(
      'AlterUserScramCredentials: iterations out of bounds, no user, an unknown mechanism, one twice, one deleted that is not there',
      users,
    ),
    row(
      'delegation tokens on a channel without a login: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
      scenario('CreateDelegationToken: by nobody in particular'),
      scenario('RenewDelegationToken: by nobody in particular'),
      scenario('ExpireDelegationToken: by nobody in particular'),
      scenario('DescribeDelegationToken: by nobody in particular'),
    ),
    row(
      'delegation tokens without a secret: DELEGATION_TOKEN_AUTH_DISABLED',
      handler(TOKEN, '%j: tokens are not enabled'),
    ),
    row('renewing, expiring: unknown: DELEGATION_TOKEN_NOT_FOUND', handler(RENEW, 'a token that nobody has made')),
    row(
      'renewing, expiring: by others: DELEGATION_TOKEN_OWNER_MISMATCH',
      scenario('RenewDelegationToken: by all kinds of users, for all kinds of periods'),
      scenario('ExpireDelegationToken: by all kinds of users, for all kinds of periods'),
    ),
    row(
      'renewing: over: DELEGATION_TOKEN_EXPIRED',
      handler(RENEW, 'never past its longest life, and not when it has expired'),
    ),
    row(
      'a token for another without the right: DELEGATION_TOKEN_AUTHORIZATION_FAILED',
      handler(TOKEN, 'for another by who may create tokens of his, and for oneself by an empty name'),
    ),
    row(
      'renewers that are no users: INVALID_PRINCIPAL_TYPE',
      scenario('CreateDelegationToken: with renewers that are no users'),
    ),
    row(
      'UnregisterBroker: unknown: BROKER_ID_NOT_REGISTERED',
      scenario('UnregisterBroker: one that is not there'),
      handler('64-unregister-broker', 'broker %i is not registered'),
    ),
    row(
      'UpdateFeatures: a level that does not work, an unknown feature, a downgrade as an upgrade, a type that is none: INVALID_UPDATE_VERSION',
      levels,
      handler(FEATURES, '%s fails all, and nothing is changed', 'too high'),
      handler(FEATURES, '%s fails all, and nothing is changed', 'unknown'),
      handler(FEATURES, '%s fails all, and nothing is changed', 'lower as an upgrade'),
      handler(FEATURES, 'upgrade type %i is none, even for the same level'),
    ),
    row(
      'UpdateFeatures: one bad row fails all, good ones have one row each',
      levels,
      handler(FEATURES, 'the same level, several rows, none at all'),
    ),
    row(
      'Add- and RemoveRaftVoter: another cluster, no voter: INCONSISTENT_CLUSTER_ID, INVALID_REQUEST',
      scenario('AddRaftVoter: where voters were configured'),
      scenario('RemoveRaftVoter: where voters were configured'),
      handler(VOTERS, 'all need ALTER of the cluster'),
    ),
    row(
      'DescribeQuorum: what is not the metadata log: UNKNOWN_TOPIC_OR_PARTITION in each row; nothing: nothing',
      scenario('DescribeQuorum: what is not the metadata log'),
      handler(QUORUM, '%s fails every row'),
      handler(QUORUM, 'no topics are no error; the right to DESCRIBE the cluster is needed'),
    ),
  ],
}
