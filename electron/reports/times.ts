/** ISO text in UTC, to the second: as exact as a person needs, and the same everywhere. */
export const isoTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** `20270115-120000`, for names of files. */
export const stampOf = (ms: number): string => isoTime(ms).replace(/[-:Z]/g, '').replace('T', '-')
