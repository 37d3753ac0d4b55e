/** One package in a lock file, as far as it matters here. */
export interface LockEntry {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** A package that exists for one platform carries it at the end of its name. */
const PLATFORM_NAME =
  /-(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/

interface Missing {
  readonly path: string
  readonly entry: LockEntry
}

/**
 * Binary packages of other platforms that a lock file names but does not hold. npm writes no entry for those it could
 * not reach, and then `npm ci` refuses the file and other platforms go without. Exact versions and the platform in the
 * name are enough for an entry; without a hash it stands only where its platform matches.
 */
export function missingPlatformPackages(lock: LockFile): readonly Missing[] {
  const missing = new Map<string, LockEntry>()
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const top = `node_modules/${name}`
      if (top in lock.packages || `${path}/${top}` in lock.packages) continue
      missing.set(top, platformEntry(name, version, entry))
    }
  }
  return [...missing].map(([path, entry]) => ({ path, entry }))
}

function platformEntry(name: string, version: string, owner: LockEntry): LockEntry {
  const match = PLATFORM_NAME.exec(name)
  if (match === null || !/^\d/.test(version)) throw new Error(`no platform in the name of ${name}@${version}`)
  const [, os = '', cpu = '', abi = ''] = match
  const libc = abi.startsWith('gnu') || abi === 'glibc' ? 'glibc' : abi.startsWith('musl') ? 'musl' : null
  return {
    version,
    cpu: [cpu],
    ...(owner.dev ? { dev: true } : {}),
    ...(os === 'linux' && libc !== null ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
    ...(owner.engines ? { engines: owner.engines } : {}),
  }
}

/** The lock file with an entry for every platform, in npm's order. */
export function completeLock<T extends LockFile>(lock: T): T {
  const added = missingPlatformPackages(lock).map(({ path, entry }): [string, LockEntry] => [path, entry])
  const entries = [...Object.entries(lock.packages), ...added]
  entries.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(entries) }
}

/** Entries that bind the lock file to a registry; it should name none. */
export function registryHosts(lock: LockFile): readonly string[] {
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.link !== true && entry.resolved !== undefined)
    .map(([path, entry]) => `${path}: ${entry.resolved}`)
}
