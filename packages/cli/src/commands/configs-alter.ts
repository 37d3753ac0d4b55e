import { IncrementalAlterConfigs } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { UsageError } from '../usage-error.ts'
import { connectionFor, RESOURCE_TYPES, resourceFrom, resourceText, resourceTypeCode } from './config-resources.ts'
import { type ClientVerb, repeated } from './verb.ts'

const OPERATIONS = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export const CONFIGS_ALTER: ClientVerb = {
  name: 'alter',
  description: 'Change configs of one resource; what is not named stays.',
  define(command) {
    command
      .argument('<type>', RESOURCE_TYPES)
      .argument('[name]', 'of a broker its id; without it, all brokers')
      .option('--set <key=value>', 'may be repeated', repeated)
      .option('--delete <key>', 'back to the default; may be repeated', repeated)
      .option('--append <key=value>', 'add to a list; may be repeated', repeated)
      .option('--subtract <key=value>', 'take out of a list; may be repeated', repeated)
      .option('--validate-only', 'only tell whether it could be done')
  },
  task(given) {
    const resource = resourceFrom(given.words[0] ?? '', given.words[1])
    const configs = [
      ...(['set', 'append', 'subtract'] as const).flatMap((operation) =>
        given.pairs(operation).map(([name, value]) => ({ name, configOperation: OPERATIONS[operation], value })),
      ),
      ...given.texts('delete').map((name) => ({ name, configOperation: OPERATIONS.delete, value: null })),
    ]
    if (configs.length === 0) throw new UsageError('configs alter needs --set, --delete, --append or --subtract')
    const validateOnly = given.has('validateOnly')
    return async (session) => {
      await session.client.retrying(async () => {
        const connection = await connectionFor(session.client, resource)
        const { responses } = await connection.call(IncrementalAlterConfigs, {
          resources: [{ resourceType: resourceTypeCode(resource.type), resourceName: resource.name, configs }],
          validateOnly,
        })
        const result = responses[0]
        expectOk(resourceText(resource), result?.errorCode ?? -1, result?.errorMessage ?? null)
      })
      session.did(`${validateOnly ? 'could alter' : 'altered'} ${resourceText(resource)}`, {
        type: resource.type,
        name: resource.name,
        altered: !validateOnly,
      })
    }
  },
}
