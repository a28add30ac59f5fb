/** Sizes, rates, spans and moments of firmware, as people read them. Pure. */

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** "512 B", "8.4 MB", "64 MB": decimal units, one digit after the point below 10. */
export const bytesText = (bytes: number, language: string): string => {
  let value = Math.max(0, bytes)
  let unit = 0
  // 999.6 would be drawn as 1,000.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  const text = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
  return `${text} ${BYTE_UNITS[unit]}`
}

/** "4.1 MB/s". */
export const rateText = (bytesPerS: number, language: string): string => `${bytesText(bytesPerS, language)}/s`

/** "40 s", "6 min", "21 h 12 min", "3 d 4 h". Rounded up, so that it never says nothing is left too early. */
export const spanText = (seconds: number): string => {
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.ceil(whole / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${String(rest).padStart(2, '0')} min`
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Seconds until the rest has come at this rate; undefined while nothing moves. */
export const secondsLeft = (received: number, total: number, bytesPerS: number): number | undefined =>
  bytesPerS > 0 && total > received ? (total - received) / bytesPerS : undefined

const DAY_MS = 86_400_000
const utcDay = (ms: number) => Math.floor(ms / DAY_MS)

export interface UtcMoment {
  /** "18:40". */
  readonly time: string
  /** "2026-11-24". */
  readonly date: string
  readonly day: 'today' | 'tomorrow' | 'other'
}

/** A moment in UTC and how its day is called now. */
export const utcMoment = (atMs: number, nowMs: number): UtcMoment => {
  const text = new Date(atMs).toISOString()
  const days = utcDay(atMs) - utcDay(nowMs)
  return {
    time: text.slice(11, 16),
    date: text.slice(0, 10),
    day: days === 0 ? 'today' : days === 1 ? 'tomorrow' : 'other',
  }
}

const pad2 = (value: number) => String(value).padStart(2, '0')

/** "22:00" UTC as this laptop's clock shows it on the day of `nowMs`. */
export const localTime = (hhmm: string, nowMs: number): string => {
  const [hours = 0, minutes = 0] = hhmm.split(':').map(Number)
  const date = new Date(nowMs)
  date.setUTCHours(hours, minutes, 0, 0)
  return `${pad2(date.getHours())}:${pad2(date.getMinutes())}`
}

/** A moment as this laptop's clock shows it: "2026-11-24 19:40". */
export const localMoment = (atMs: number): string => {
  const date = new Date(atMs)
  return `${date.getFullYear()}-${pad2(date.getMonth() + 1)}-${pad2(date.getDate())} ${pad2(date.getHours())}:${pad2(date.getMinutes())}`
}

/** "2026-11-24 22:00" typed as UTC → milliseconds since 1970; undefined where it is not a moment. */
export const utcInput = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(text.trim())) return undefined
  const atMs = Date.parse(`${text.trim().replace(' ', 'T')}Z`)
  return Number.isNaN(atMs) ? undefined : atMs
}

/** What a field for a moment in UTC shows: "2026-11-24 22:00". */
export const toUtcInput = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
