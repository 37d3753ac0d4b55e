import type { WallMs } from '@odradek/core'

const DAY_MS = 86_400_000
/** Days from 0000-03-01 to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468
const DAYS_IN_400_YEARS = 146_097

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** `2026-11-22T19:50:00.123Z`: the text of a moment, without asking what time it is now. */
export function isoTime(wallMs: WallMs): string {
  const days = Math.floor(wallMs / DAY_MS)
  const ms = wallMs - days * DAY_MS
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ]
  const time = `${padded(hours, 2)}:${padded(minutes, 2)}:${padded(seconds, 2)}.${padded(Math.floor(ms) % 1000, 3)}`
  return `${isoDate(days)}T${time}Z`
}

/** Years are counted from March, so that a leap day is the last day of one. */
function isoDate(daysSinceEpoch: number): string {
  const days = daysSinceEpoch + DAYS_TO_EPOCH
  const era = Math.floor(days / DAYS_IN_400_YEARS)
  const dayOfEra = days - era * DAYS_IN_400_YEARS
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`
}
