/** Why a change of configs is refused: Kafka's error by name and a sentence that names key, value and what is allowed. */
export interface ConfigProblem {
  readonly error: 'INVALID_CONFIG' | 'INVALID_REQUEST'
  readonly message: string
}

export function invalidConfig(message: string): ConfigProblem {
  return { error: 'INVALID_CONFIG', message }
}

export function invalidRequest(message: string): ConfigProblem {
  return { error: 'INVALID_REQUEST', message }
}
