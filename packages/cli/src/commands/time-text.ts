import { wallMs } from '@odradek/core'
import { isoTime } from '../iso-time.ts'
import { UsageError } from '../usage-error.ts'

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:?\d\d)?$/
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/
const MINUTE_MS = 60_000

/** Milliseconds since 1970, from such a number or from ISO 8601; without a zone it is UTC, as in Kafka's tools. @throws UsageError */
export function timeFrom(text: string, flag: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const [, year = '', month, day, hour, minute, second = '0', fraction = '0', zone = 'Z'] = ISO.exec(text) ?? []
  const minutes = daysSince1970(Number(year), Number(month), Number(day)) * 1440 + Number(hour) * 60 + Number(minute)
  const ms = minutes * MINUTE_MS + Number(second) * 1000 + Number(fraction.padEnd(3, '0'))
  // A day or an hour that there is not would come back as another one.
  const isThere = year !== '' && isoTime(wallMs(ms)).startsWith(text.slice(0, 'yyyy-mm-ddThh:mm'.length))
  if (!isThere) throw new UsageError(`${flag} ${text}: write milliseconds since 1970, or 2026-11-30T12:00:00Z`)
  return ms - zoneMinutes(zone) * MINUTE_MS
}

/** `+0200` or `-03:30` east of Greenwich. */
function zoneMinutes(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** Days from civil: the proleptic Gregorian calendar, which a Date would give only together with the clock. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Milliseconds of an ISO 8601 duration of days and less: `PT1H30M`. @throws UsageError */
export function durationFrom(text: string, flag: string): number {
  const [whole, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = DURATION.exec(text) ?? []
  if (whole === undefined || /^P$|T$/.test(whole))
    throw new UsageError(`${flag} ${text}: write a duration as PT1H30M or P2D`)
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return total * 1000 + Number(fraction.padEnd(3, '0'))
}
