import {
  CreateAcls,
  type CreateAclsRequestCreationInput,
  DeleteAcls,
  DescribeAcls,
  type DescribeAclsRequestInput,
  ErrorCode,
} from '@odradek/protocol'
import { MetadataFixture, type SendOptions } from '../metadata/metadata-fixture.ts'

/** User:a may read topic t, from anywhere. */
const CREATION = {
  resourceType: 2,
  resourceName: 't',
  resourcePatternType: 3,
  principal: 'User:a',
  host: '*',
  operation: 3,
  permissionType: 3,
}

const ANYTHING = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}

export type Creation = Partial<CreateAclsRequestCreationInput>
export type Filter = Partial<DescribeAclsRequestInput>

/** Prefixes of one another, wildcards, another type, host and permission: something for every filter to tell apart. */
export const OF_EVERY_KIND: readonly Creation[] = [
  { resourceName: 'ab', resourcePatternType: 4 },
  { resourceName: 'abc', resourcePatternType: 4, principal: 'User:b' },
  { resourceName: 'abcd', principal: 'User:c' },
  { resourceName: '*' },
  { resourceName: '*', resourcePatternType: 4, operation: 2 },
  { resourceType: 3, resourceName: 'g', host: '10.0.0.1', permissionType: 2 },
]

/** What CreateAcls says of a row that is as it should be. */
export const CREATED = [ErrorCode.NONE, '']

/** The ACL APIs over a real metadata log; what a test does not say is as in `CREATION`, or any. */
export class AclFixture {
  readonly metadata: MetadataFixture

  private constructor(metadata: MetadataFixture) {
    this.metadata = metadata
  }

  static async start(hasAuthorizer = true): Promise<AclFixture> {
    return new AclFixture(await MetadataFixture.start({ entries: { 'odradek.acls': String(hasAuthorizer) } }))
  }

  /** Error code and message of each row. */
  async create(rows: readonly Creation[], version = 3, options: SendOptions = {}) {
    const creations = rows.map((row) => ({ ...CREATION, ...row }))
    const { results } = await this.metadata.send(CreateAcls, version, { creations }, options)
    return results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])
  }

  describe(filter: Filter = {}, version = 3, options: SendOptions = {}) {
    return this.metadata.send(DescribeAcls, version, { ...ANYTHING, ...filter }, options)
  }

  async remove(filters: readonly Filter[], version = 3, options: SendOptions = {}) {
    const all = filters.map((filter) => ({ ...ANYTHING, ...filter }))
    return (await this.metadata.send(DeleteAcls, version, { filters: all }, options)).filterResults
  }

  /** Names of the resources that ACLs are there for, one for each pattern. */
  async names(filter: Filter = {}): Promise<readonly string[]> {
    return (await this.describe(filter)).resources.map(({ resourceName }) => resourceName).sort()
  }
}

/** May do this one thing with everything. */
export function rightTo(operation: string): SendOptions {
  return { authorizer: { authorize: (_principal, _host, asked) => asked === operation } }
}
