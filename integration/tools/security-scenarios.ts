import { file, type Scenario, tool } from './scenario.ts'
import { loginFile } from './secured.ts'

const USERS = ['admin', 'alice', 'bob', 'carol']
const logins = USERS.map((name) => file(`${name}.properties`, loginFile(name, `${name}-secret`)))
const as = (name: string): string => `--bootstrap-server USERS --command-config DIR/${name}.properties`

const addAcl = (words: string) => tool('acls', `--add ${words}`)
const listAcls = (words: string) => tool('acls', `--list ${words}`.trim())
const removeAcls = (words: string) => tool('acls', `--remove --force ${words}`)

export const ACLS: Scenario = {
  name: 'acls',
  secured: true,
  steps: [
    ...logins,
    listAcls(''),
    addAcl('--allow-principal User:alice --operation Read --operation Write --topic orders'),
    addAcl('--deny-principal User:bob --deny-host 10.0.0.1 --operation Delete --topic orders'),
    addAcl('--allow-principal User:bob --allow-host 10.0.0.2 --allow-host 10.0.0.3 --topic mail --group readers'),
    addAcl('--allow-principal User:* --operation Describe --topic *'),
    addAcl('--allow-principal User:alice --producer --topic orders --transactional-id pay'),
    addAcl('--allow-principal User:carol --producer --idempotent --topic orders'),
    addAcl('--allow-principal User:alice --consumer --topic orders --group readers'),
    addAcl('--allow-principal User:dave --consumer --producer --topic or --group re --resource-pattern-type prefixed'),
    addAcl('--allow-principal User:dave --operation Create --operation IdempotentWrite --cluster'),
    addAcl('--allow-principal User:dave --operation TwoPhaseCommit --transactional-id pay'),
    addAcl('--allow-principal User:dave --operation Describe --delegation-token *'),
    addAcl(
      '--allow-principal User:dave --operation CreateTokens --operation DescribeTokens --user-principal User:alice',
    ),
    listAcls(''),
    listAcls('--topic orders'),
    listAcls('--topic orders --resource-pattern-type match'),
    listAcls('--topic or --resource-pattern-type any'),
    listAcls('--topic or --resource-pattern-type prefixed'),
    listAcls('--principal User:alice --principal User:dave'),
    listAcls('--group readers --topic mail'),
    listAcls('--cluster'),
    listAcls('--transactional-id pay'),
    listAcls('--delegation-token *'),
    listAcls('--user-principal User:alice'),
    listAcls('--topic nothing'),
    addAcl('--allow-principal User:alice --operation Commit --topic orders'),
    addAcl('--allow-principal alice --operation Read --topic orders'),
    addAcl('--allow-principal User:alice --operation Create --group readers'),
    addAcl('--allow-principal User:alice --operation Read --topic orders --resource-pattern-type match'),
    addAcl('--operation Read --topic orders'),
    addAcl('--allow-principal User:alice --operation Read'),
    removeAcls('--allow-principal User:alice --operation Read --topic orders'),
    removeAcls('--deny-principal User:bob --deny-host 10.0.0.1 --operation Delete --topic orders'),
    removeAcls('--allow-principal User:carol --producer --idempotent --topic orders'),
    removeAcls('--topic nothing'),
    listAcls('--topic orders'),
    removeAcls('--topic orders --resource-pattern-type match'),
    removeAcls('--group readers --transactional-id pay'),
    listAcls(''),
    tool('acls', `${as('alice')} --list`),
    tool('acls', `${as('alice')} --add --allow-principal User:alice --operation All --topic orders`),
    tool('acls', `${as('admin')} --add --allow-principal User:alice --operation Describe --cluster`),
    tool('acls', `${as('alice')} --list --cluster`, /principal=User:alice/),
  ],
}

const tokens = (user: string, words: string, until?: RegExp) => tool('delegation-tokens', `${as(user)} ${words}`, until)
const ONE = /Total number of tokens : 1/
const ofAlice = '--describe --owner-principal User:alice'

export const DELEGATION_TOKENS: Scenario = {
  name: 'delegation-tokens',
  secured: true,
  steps: [
    ...logins,
    file('nobody.properties', ''),
    tool(
      'delegation-tokens',
      '--bootstrap-server BROKER --command-config DIR/nobody.properties --create --max-life-time-period -1',
    ),
    tokens('alice', '--describe'),
    tokens('alice', '--create --max-life-time-period -1 --renewer-principal Group:x'),
    tokens('alice', '--create --max-life-time-period -1 --owner-principal User:bob'),
    tokens('alice', '--create --max-life-time-period -1 --renewer-principal User:bob --renewer-principal User:dave'),
    tokens('alice', ofAlice, ONE),
    tokens('alice', '--describe'),
    tokens('bob', '--describe --owner-principal User:alice --owner-principal User:bob'),
    tokens('bob', '--describe --owner-principal User:dave'),
    tokens('carol', ofAlice),
    tokens('admin', ofAlice),
    tokens('admin', '--describe --owner-principal User:carol'),
    tokens('alice', '--renew --renew-time-period -1 --hmac HMAC'),
    tokens('bob', '--renew --renew-time-period 3600000 --hmac HMAC'),
    tokens('carol', '--renew --renew-time-period -1 --hmac HMAC'),
    tokens('admin', '--renew --renew-time-period -1 --hmac HMAC'),
    tokens('alice', '--renew --renew-time-period -1 --hmac bm9uZQ=='),
    file('token.properties', loginFile('TOKEN', 'HMAC', 'SCRAM-SHA-256', ' tokenauth=true')),
    file('token-512.properties', loginFile('TOKEN', 'HMAC', 'SCRAM-SHA-512', ' tokenauth=true')),
    tokens('token', '--describe'),
    tokens('token', '--create --max-life-time-period -1'),
    tool('topics', `${as('token-512')} --create --topic orders`),
    tool('acls', '--add --allow-principal User:alice --operation Create --topic orders'),
    tool('topics', `${as('token-512')} --create --topic orders`, /Created topic/),
    tool('acls', '--add --allow-principal User:carol --operation DescribeTokens --user-principal User:alice'),
    tokens('carol', ofAlice, ONE),
    tool('acls', '--add --allow-principal User:carol --operation CreateTokens --user-principal User:alice'),
    tokens('bob', '--expire --expiry-time-period 3600000 --hmac HMAC'),
    tokens('carol', '--expire --expiry-time-period -1 --hmac HMAC'),
    tokens('alice', '--expire --expiry-time-period -1 --hmac HMAC'),
    tokens('alice', '--expire --expiry-time-period -1 --hmac HMAC', /NotFound/),
    tokens('alice', ofAlice, /tokens : 0/),
    tokens('carol', '--create --max-life-time-period -1 --owner-principal User:alice', /Created/),
    tokens('alice', '--renew --renew-time-period -1 --hmac HMAC', /Completed/),
    tokens('carol', '--renew --renew-time-period -1 --hmac HMAC'),
  ],
}

const users = (words: string) => tool('configs', words)
const annScram = loginFile('ann', 'ann-pw', 'SCRAM-SHA-512')

export const SCRAM_USERS: Scenario = {
  name: 'scram-users',
  secured: true,
  steps: [
    users('--describe --entity-type users'),
    users('--alter --entity-type users --entity-name ann --add-config SCRAM-SHA-256=[iterations=8192,password=ann-pw]'),
    users('--alter --user ann --add-config SCRAM-SHA-512=[password=ann-pw],producer_byte_rate=1024'),
    users('--alter --user ann --add-config SCRAM-SHA-512=[password=ann-pw]'),
    users('--alter --user ann --add-config producer_byte_rate=1024'),
    users('--alter --user bert --add-config SCRAM-SHA-256=[password=b]'),
    users('--describe --user ann'),
    users('--describe --entity-type users'),
    users('--alter --user ann --add-config SCRAM-SHA-256=[iterations=100,password=x]'),
    users('--alter --user ann --add-config SCRAM-SHA-256=[iterations=20000,password=x]'),
    users('--alter --user ann --add-config SCRAM-SHA-256=[password=]'),
    users('--alter --user ann --add-config SCRAM-SHA-1=[password=x]'),
    users('--alter --user-defaults --add-config SCRAM-SHA-256=[password=x]'),
    users('--alter --user ann --client-defaults --add-config SCRAM-SHA-256=[password=x]'),
    file('ann.properties', annScram),
    file('wrong.properties', loginFile('ann', 'wrong', 'SCRAM-SHA-512')),
    tool('acls', '--add --allow-principal User:ann --operation Create --operation Describe --topic mail'),
    tool('topics', `${as('ann')} --create --topic mail`, /Created topic/),
    tool('topics', `${as('ann')} --list`),
    tool('topics', `${as('wrong')} --list`),
    users('--alter --user ann --delete-config SCRAM-SHA-512,producer_byte_rate'),
    users('--alter --user ann --delete-config SCRAM-SHA-512'),
    users('--alter --user nobody --delete-config SCRAM-SHA-256'),
    tool('topics', `${as('ann')} --list`, /Authentication failed/),
    users('--describe --user ann'),
    users('--describe --user nobody'),
    users('--alter --user ann --delete-config SCRAM-SHA-256'),
    users('--alter --user bert --delete-config SCRAM-SHA-256'),
    users('--describe --entity-type users'),
  ],
}
