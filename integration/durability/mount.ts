import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `mount` is told: `-t tmpfs -o size=64m none`, or `-o loop IMAGE`. */
export type MountArguments = readonly string[]

/**
 * A mount in a namespace of its own, held by a process that ends when this one does, however it does: nothing is left to
 * clean up after Ctrl-C or a crash. Everybody on this machine who may look at that process reaches it by `path`.
 */
export class Mount {
  readonly path: string
  private readonly holder: ChildProcess
  private readonly mountPoint: string

  private constructor(holder: ChildProcess, mountPoint: string) {
    this.holder = holder
    this.mountPoint = mountPoint
    this.path = `/proc/${holder.pid}/root${mountPoint}`
  }

  /** @throws Error with what `mount` said. */
  static open(...mountArguments: MountArguments): Promise<Mount> {
    const mountPoint = mkdtempSync(join(tmpdir(), 'odradek-mount-'))
    const script = 'mount "$@" && echo mounted && exec cat >/dev/null'
    const holder = spawn('unshare', [namespaceFlags(), 'sh', '-c', script, 'sh', ...mountArguments, mountPoint], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C is for the test to see: the mount ends with it.
      detached: true,
    })
    return new Promise((opened, failed) => {
      let errors = ''
      holder.stderr.on('data', (chunk) => {
        errors += chunk
      })
      holder.stdout.once('data', () => opened(new Mount(holder, mountPoint)))
      holder.once('error', failed)
      holder.once('exit', (code) => {
        rmSync(mountPoint, { recursive: true, force: true })
        failed(new Error(`mount ${mountArguments.join(' ')} ended with ${code}: ${errors}`))
      })
    })
  }

  /** Resolves when the holder has ended; a file system that others still use goes when they end. */
  close(): Promise<void> {
    return new Promise((ended) => {
      this.holder.once('exit', () => {
        rmSync(this.mountPoint, { recursive: true, force: true })
        ended()
      })
      this.holder.stdin?.end()
    })
  }
}

/** Root has a namespace of mounts alone; anybody else needs one of users around it, in which no image can be mounted. */
const namespaceFlags = (): string => (process.getuid?.() === 0 ? '-m' : '-Urm')

function fails(command: string, ...commandArguments: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(command, commandArguments, { encoding: 'utf8' })
  if (status === 0) return null
  return `${command} fails: ${error?.message ?? stderr.trim()}`
}

/** Why no small file system can be mounted here, or null. */
export const tmpfsFault = (): string | null =>
  fails('unshare', namespaceFlags(), 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt')

/** Makes an ext4 file system in a file. @throws Error with what mkfs said. */
export function makeImage(path: string, megabytes: number): void {
  const fault = fails('truncate', '-s', `${megabytes}M`, path) ?? fails('mkfs.ext4', '-q', path)
  if (fault !== null) throw new Error(fault)
}

/** Why no image can be mounted here, or null. */
export function imageFault(): string | null {
  if (process.platform !== 'linux') return 'only Linux has loop devices'
  if (process.getuid?.() !== 0) return 'only root may mount an image'
  const directory = mkdtempSync(join(tmpdir(), 'odradek-image-'))
  try {
    makeImage(join(directory, 'image'), 1)
    return fails('unshare', '-m', 'mount', '-o', 'loop', join(directory, 'image'), '/mnt')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
