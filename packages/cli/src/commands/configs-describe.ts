import { describeConfigs, RESOURCE_TYPES, resourceFrom, resourceText } from './config-resources.ts'
import { type ClientVerb, repeated } from './verb.ts'

export const CONFIGS_DESCRIBE: ClientVerb = {
  name: 'describe',
  description: 'Configs of one resource: those that differ from the defaults, or all.',
  define(command) {
    command
      .argument('<type>', RESOURCE_TYPES)
      .argument('[name]', 'of a broker its id; without it, what is set for all brokers')
      .option('--all', 'also what nobody has set')
      .option('--key <key>', 'only this one; may be repeated', repeated)
  },
  task(given) {
    const resource = resourceFrom(given.words[0] ?? '', given.words[1])
    const keys = given.texts('key')
    return async (session) => {
      const entries = await describeConfigs(session.client, resource)
      const shown = entries.filter(({ key, source }) =>
        keys.length > 0 ? keys.includes(key) : given.has('all') || source !== 'default',
      )
      session.show(
        shown.map(({ key, value, source, isReadOnly, isSensitive }) => ({
          key,
          value: isSensitive && value === null ? (session.isJson ? null : '(secret)') : value,
          source,
          readOnly: isReadOnly,
        })),
        `${resourceText(resource)}: all at their defaults; --all shows them`,
      )
    }
  },
}
