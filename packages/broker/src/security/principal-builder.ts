import type { ConfigMap } from '../config/layers.ts'

const KEY = 'principal.builder.class'
const DEFAULT_BUILDER = 'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder'

/** Of every listener's builder, or of all listeners', that is not Kafka's own: its principals would be others than those that ACLs name. */
export function principalBuilderProblems(entries: ConfigMap): readonly string[] {
  const given = Array.from(entries).filter(([key]) => key === KEY || /^listener\.name\.[^.]+\./.test(key))
  return given
    .filter(([key, name]) => key.endsWith(KEY) && !['', DEFAULT_BUILDER].includes(name.trim()))
    .map(
      ([key, name]) =>
        `${key}=${name}: classes cannot be loaded into this broker; leave the key out, and map names of certificates by ssl.principal.mapping.rules`,
    )
}
