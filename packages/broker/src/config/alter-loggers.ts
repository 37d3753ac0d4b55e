import type { ConfigChange, Outcome } from '../metadata/controller.ts'
import { DONE, failed } from '../metadata/decision.ts'
import type { RequestContext } from '../request-context.ts'
import { type BrokerLoggers, isLoggerName, LOGGER_LEVELS, loggerLevelOf, ROOT_LOGGER } from './broker-loggers.ts'
import { operationsProblem } from './operations-problem.ts'

type Operation = ConfigChange['operations'][number]
type Step = () => void

/** Sets and resets levels of the node's loggers: everything that `change` says, or nothing. They are kept nowhere. */
export function alterLoggers(change: ConfigChange, validateOnly: boolean, context: RequestContext): Outcome {
  const { name, replaceAll, operations } = change
  if (replaceAll) return failed('INVALID_REQUEST', 'Levels of loggers are changed by IncrementalAlterConfigs only')
  const problem = operationsProblem(change)
  if (problem !== null) return problem
  if (name !== String(context.node)) {
    return failed('INVALID_REQUEST', `Unexpected broker id '${name}': expected ${context.node}`)
  }
  const steps: Step[] = []
  for (const operation of operations) {
    const step = stepOf(context.services.loggers, operation)
    if (typeof step !== 'function') return step
    steps.push(step)
  }
  if (!validateOnly) for (const step of steps) step()
  return DONE
}

function stepOf(loggers: BrokerLoggers, { name, operation, value }: Operation): Step | Outcome {
  if (operation !== 'SET' && operation !== 'DELETE') {
    return failed('INVALID_REQUEST', `${operation} cannot be done to a broker logger: only SET and DELETE can`)
  }
  if (!isLoggerName(name)) {
    return failed('INVALID_CONFIG', `The logger ${name} does not exist; there are ${loggers.names().join(', ')}`)
  }
  if (operation === 'DELETE') {
    if (name !== ROOT_LOGGER) return () => loggers.reset(name)
    return failed('INVALID_REQUEST', 'The level of the root logger cannot be removed, only set')
  }
  const level = loggerLevelOf(value ?? '')
  if (level !== undefined) return () => loggers.set(name, level)
  const allowed = LOGGER_LEVELS.join(', ')
  return failed('INVALID_CONFIG', `Invalid value ${value} for the logger ${name}: must be one of ${allowed}`)
}
