import { ManualClock, type WallMs } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ShardRunner } from './runner.ts'
import type { CoordinatorRecord, Now, Shard, Step } from './shard.ts'

/** `read`: answers the number of records; `write`: one record more; `park` and `wake`; `ask` and `write and ask`; `bug`. */
type Command = 'read' | 'write' | 'park' | 'wake' | 'timer' | 'ask' | 'write and ask' | 'bug'

class CountingShard implements Shard<Command, string, string> {
  private count = 0
  private parked: number[] = []

  decide(requestId: number, command: Command): Step<string, string> {
    const nothing = { records: [], timers: [], replies: [] }
    const reply = [{ requestId, response: `${command} ${this.count}` }]
    switch (command) {
      case 'read':
        return { ...nothing, replies: reply }
      case 'write':
        return { ...nothing, records: [{ key: new Uint8Array(1), value: null }], replies: reply }
      case 'park':
        this.parked.push(requestId)
        return nothing
      case 'wake':
        return {
          ...nothing,
          replies: [...this.parked.splice(0).map((parked) => ({ requestId: parked, response: 'woken' })), ...reply],
        }
      case 'timer':
        return {
          ...nothing,
          timers: [
            { key: 'a', delayMs: 10 },
            { key: 'b', delayMs: 20 },
            { key: 'b', delayMs: null },
          ],
          replies: reply,
        }
      case 'ask':
        return { ...nothing, replies: reply, effects: [`effect ${this.count}`, 'another effect'] }
      case 'write and ask':
        return {
          ...nothing,
          records: [{ key: new Uint8Array(1), value: null }],
          replies: reply,
          effects: [`effect ${this.count}`, 'another effect'],
        }
      case 'bug':
        throw new Error('a bug')
    }
  }

  expire(timerKey: string, now: Now): Step<string> {
    const replies = this.parked
      .splice(0)
      .map((requestId) => ({ requestId, response: `${timerKey} at ${now.monotonicMs}` }))
    return { records: [], timers: [], replies }
  }

  replay(_record: CoordinatorRecord, _recordWallMs: WallMs): void {
    this.count++
  }

  loaded(): Step<string> {
    return { records: [], timers: [], replies: [] }
  }
}

function setUp(onEffect?: (effect: string, runner: ShardRunner<Command, string, string>) => void) {
  const clock = new ManualClock()
  const appends: ((errorCode: ErrorCode) => void)[] = []
  const seen: string[] = []
  const runner = new ShardRunner<Command, string, string>({
    clock,
    createShard: () => new CountingShard(),
    append: (_records, done) => appends.push(done),
    errorResponse: (command, errorCode) => `${command} failed ${errorCode}`,
    appendErrorCode: (errorCode) =>
      errorCode === ErrorCode.KAFKA_STORAGE_ERROR ? ErrorCode.NOT_COORDINATOR : errorCode,
    onFailed: (errorCode, error) =>
      seen.push(`machine failed ${errorCode} ${error instanceof Error ? error.message : ''}`.trim()),
    onEffect: (effect) => {
      seen.push(effect)
      onEffect?.(effect, runner)
    },
  })
  runner.loaded()
  const submit = (command: Command): void => runner.submit(command, (response) => seen.push(response))
  return { clock, appends, seen, runner, submit }
}

describe('ShardRunner', () => {
  test('a reply leaves when its records are durable, a read when what it read is', () => {
    const { appends, seen, submit } = setUp()
    submit('read')
    submit('write')
    submit('read')
    submit('write')
    submit('read')
    expect(seen).toEqual(['read 0'])
    appends[0]!(ErrorCode.NONE)
    expect(seen).toEqual(['read 0', 'write 0', 'read 1'])
    appends[1]!(ErrorCode.NONE)
    expect(seen.slice(3)).toEqual(['write 1', 'read 2'])
  })

  test('a parked request is answered by a later step, behind what is not yet durable', () => {
    const { appends, seen, submit } = setUp()
    submit('park')
    submit('write')
    submit('wake')
    expect(seen).toEqual([])
    appends[0]!(ErrorCode.NONE)
    expect(seen).toEqual(['write 0', 'woken', 'wake 1'])
  })

  test('a failed append answers everybody, and is reported once nothing is under way', () => {
    const { appends, seen, runner, submit } = setUp()
    submit('park')
    submit('write')
    submit('write')
    submit('write')
    appends[0]!(ErrorCode.NONE)
    appends[1]!(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(seen).toEqual(['write 0', 'park failed 16', 'write failed 16', 'write failed 16'])
    submit('read')
    expect(seen.at(-1)).toBe('read failed 16')
    expect(() => runner.reload()).toThrow('reloaded only after onFailed')
    appends[2]!(ErrorCode.NONE)
    expect(seen.at(-1)).toBe('machine failed 56')
    expect(runner.pendingRequests).toBe(0)
  })

  test('a reloaded machine knows what it is handed', () => {
    const { appends, seen, runner, submit } = setUp()
    submit('write')
    appends[0]!(ErrorCode.NOT_ENOUGH_REPLICAS)
    runner.reload()
    submit('read')
    runner.replay({ key: new Uint8Array(1), value: null }, 0 as WallMs)
    runner.loaded()
    submit('read')
    expect(seen.slice(1)).toEqual(['machine failed 19', 'read failed 14', 'read 1'])
  })

  test('a bug in a decision ends the machine, not the process', () => {
    const { appends, seen, runner, submit } = setUp()
    submit('park')
    submit('write')
    submit('bug')
    expect(seen).toEqual(['park failed -1', 'write failed -1', 'bug failed -1'])
    appends[0]!(ErrorCode.NONE)
    expect(seen.at(-1)).toBe('machine failed -1 a bug')
    expect(runner.state).toBe('failed')
  })

  test('timers run on the monotonic clock, and stop with the machine', () => {
    const { clock, seen, runner, submit } = setUp()
    submit('timer')
    submit('park')
    clock.jumpWall(86_400_000)
    clock.advance(9)
    expect(seen).toEqual(['timer 0'])
    clock.advance(1)
    expect(seen).toEqual(['timer 0', 'a at 10'])
    submit('timer')
    submit('park')
    runner.stop()
    clock.advance(100)
    expect(seen.slice(2)).toEqual(['timer 0', 'park failed 16'])
  })

  test('a stopped machine answers who waits, and hears no more of its appends', () => {
    const { appends, seen, runner, submit } = setUp()
    submit('write')
    runner.stop(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    runner.stop()
    appends[0]!(ErrorCode.NONE)
    submit('read')
    expect(seen).toEqual(['write failed 15', 'read failed 16'])
  })

  test('an answer may set off the next request', () => {
    const { appends, seen, runner } = setUp()
    runner.submit('write', (response) => {
      seen.push(response)
      runner.submit('read', (next) => seen.push(next))
    })
    appends[0]!(ErrorCode.NONE)
    expect(seen).toEqual(['write 0', 'read 1'])
  })

  test('an effect begins when its records, and all before them, are durable, behind the replies', () => {
    const { appends, seen, submit } = setUp()
    submit('ask')
    expect(seen.splice(0)).toEqual(['ask 0', 'effect 0', 'another effect'])
    submit('write')
    submit('write and ask')
    submit('ask')
    expect(seen).toEqual([])
    appends[0]!(ErrorCode.NONE)
    expect(seen.splice(0)).toEqual(['write 0'])
    appends[1]!(ErrorCode.NONE)
    expect(seen).toEqual(['write and ask 1', 'ask 2', 'effect 1', 'another effect', 'effect 2', 'another effect'])
  })

  test('an effect is lost with the machine: of a failed append, and of one that is stopped meanwhile', () => {
    const { appends, seen, submit } = setUp()
    submit('write and ask')
    appends[0]!(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(seen).toEqual(['write and ask failed 16', 'machine failed 56'])

    const stopped = setUp((_effect, runner) => runner.stop())
    stopped.submit('ask')
    expect(stopped.seen).toEqual(['ask 0', 'effect 0'])
    const stoppedByReply = setUp()
    stoppedByReply.runner.submit('ask', () => stoppedByReply.runner.stop())
    expect(stoppedByReply.seen).toEqual([])
  })

  test('an effect may submit its outcome at once', () => {
    const { appends, seen, submit } = setUp((effect, runner) => {
      if (effect === 'effect 0') runner.submit('read', (response) => seen.push(response))
    })
    submit('write and ask')
    appends[0]!(ErrorCode.NONE)
    expect(seen).toEqual(['write and ask 0', 'effect 0', 'read 1', 'another effect'])
  })
})
