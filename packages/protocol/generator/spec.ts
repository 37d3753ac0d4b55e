/** The form of protocol-specs, as schema.json describes it: what is not said holds for all versions and is not null. */
export interface FieldSpec {
  readonly name: string
  readonly type: string
  readonly versions?: string
  readonly nullable?: true | string
  readonly tag?: number
  readonly default?: string | number | boolean | null
  readonly ignorable?: true
  readonly flexible?: 'none'
  readonly fields?: readonly FieldSpec[]
}

export interface StructSpec {
  readonly name: string
  readonly fields: readonly FieldSpec[]
}

/** `flexible` is absent where no version is. */
export interface ApiSpec {
  readonly fileName: string
  readonly key: number
  readonly name: string
  readonly versions: string
  readonly flexible?: string
  readonly unstable?: string
  /** What Kafka 4.4 lists, where that is not `versions`. */
  readonly kafka44?: string
  readonly request: readonly FieldSpec[]
  readonly requestStructs?: readonly StructSpec[]
  readonly response: readonly FieldSpec[]
  readonly responseStructs?: readonly StructSpec[]
}

export interface MessageSpec {
  readonly name: string
  readonly kind?: 'key' | 'value' | 'embedded' | 'control-key' | 'control-value'
  readonly type?: number
  readonly versions: string
  readonly flexible?: string
  readonly fields: readonly FieldSpec[]
  readonly structs?: readonly StructSpec[]
}

export interface MessagesSpec {
  readonly fileName: string
  readonly topic?: string
  readonly messages: readonly MessageSpec[]
}

export interface ErrorSpec {
  readonly code: number
  readonly name: string
  readonly retriable?: true
  readonly refreshMetadata?: true
}
