/** Which lanes the boards of the practice site get. Pure. */

/** How a board on this machine is reached; each run of the practice site has other numbers. */
const LOCAL = /^tcp:127\.0\.0\.1:\d+$/

/**
 * The lanes with these paths in the places of those of an earlier run; all of them where there is no lane at all.
 * Undefined where nothing is to change: lanes that a person has set are left alone.
 */
export const offeredLanes = (lanes: readonly string[], paths: readonly string[]): string[] | undefined => {
  if (lanes.length === 0) return [...paths]
  const places = lanes.filter((lane) => LOCAL.test(lane)).length
  if (places === 0 || lanes.every((lane) => !LOCAL.test(lane) || paths.includes(lane))) return undefined
  // The last are the newest, and among them is one that is blank.
  const next = paths.slice(-places)
  return lanes.flatMap((lane) => (LOCAL.test(lane) ? (next.shift() ?? []) : lane))
}
