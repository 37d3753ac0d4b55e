import type { Fs, Logger } from '@odradek/core'
import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import { ListenerConfigError } from '../listener-config.ts'

/** odradek.file.permissions */
type FilePermissions = 'warn' | 'refuse' | 'ignore'

const FILE_PERMISSIONS = 'odradek.file.permissions'

/** Bits of a file's mode that let others than its owner do anything with it. */
const GROUP_AND_OTHERS = 0o077
/** Bits that let others than its owner change it. */
const WRITERS = 0o022
/** A volume's group is most often the platform's doing, so that the broker can write there at all. */
const OTHERS = 0o007

export function secretFilesOf(config: Pick<ResolvedBrokerConfig, 'text'>, fs: Fs, logger: Logger): SecretFiles {
  const text = config.text(FILE_PERMISSIONS)
  return new SecretFiles(fs, logger, text === 'refuse' || text === 'ignore' ? text : 'warn')
}

/** Looks at files with secrets, and at what holds data, as a setting says; where the system knows no modes, at none. */
export class SecretFiles {
  private readonly fs: Fs
  private readonly logger: Logger
  private readonly rule: FilePermissions

  constructor(fs: Fs, logger: Logger, rule: FilePermissions) {
    this.fs = fs
    this.logger = logger
    this.rule = rule
  }

  /** Of a file that holds secrets. @throws ListenerConfigError where it is to be refused */
  check(path: string): void {
    this.look(path, GROUP_AND_OTHERS, 'a file with secrets', 'chmod go-rwx')
  }

  /** Of a file whose content is no secret, but lets in whoever may change it. @throws ListenerConfigError where it is to be refused */
  checkTrusted(path: string): void {
    this.look(path, WRITERS, 'a file that says whose tokens let in', 'chmod go-w')
  }

  /** Of a data directory: the keys of SCRAM users are in it. @throws ListenerConfigError where it is to be refused */
  checkDirectory(path: string): void {
    this.look(path, OTHERS, 'a data directory', 'chmod o-rwx')
  }

  private look(path: string, bits: number, what: string, remedy: string): void {
    const mode = this.modeOf(path)
    if (this.rule === 'ignore' || mode === undefined || (mode & bits) === 0) return
    const who = (mode & bits & OTHERS) === 0 ? 'the group of its owner' : 'everybody on this machine'
    const sentence = `${what} is open to ${who}`
    if (this.rule === 'refuse') {
      throw new ListenerConfigError(`${path}: ${sentence}: ${remedy} ${path}, or set ${FILE_PERMISSIONS}=warn`)
    }
    this.logger.warn(`${sentence}: ${remedy} it`, { path })
  }

  /** Undefined also for what cannot be looked at: whoever opens it says so, and for a data directory it is no reason not to start. */
  private modeOf(path: string): number | undefined {
    try {
      return this.fs.statSync(path)?.mode
    } catch {
      return undefined
    }
  }
}
