import { expiryTimerKey, joinTimerKey, parseTimerKey, sessionTimerKey, syncTimerKey } from './timer-keys.ts'

describe('timer keys', () => {
  test.each(['g', '', ':', '7:7', 'session:1:', 'a\u0000b', '😀'])('of a group named %j are read back', (groupId) => {
    expect(parseTimerKey(joinTimerKey(groupId))).toEqual({ kind: 'join', groupId })
    expect(parseTimerKey(syncTimerKey(groupId))).toEqual({ kind: 'sync', groupId })
    for (const memberId of ['', 'm', ':', '3:x']) {
      expect(parseTimerKey(sessionTimerKey(groupId, memberId))).toEqual({ kind: 'session', groupId, memberId })
    }
    expect(parseTimerKey(expiryTimerKey)).toEqual({ kind: 'expiry' })
  })
})
