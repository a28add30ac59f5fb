/** Versions of firmware: semantic versions 2.0.0 in the narrow form of the manifest. */
import semver from 'semver'
import { firmwareVersionSchema } from '../contract/firmware'

/** Whether a text is a version that can be compared; what devices say of themselves need not be one. */
export const isVersion = (text: string): boolean =>
  firmwareVersionSchema.safeParse(text).success && semver.valid(text) === text.replace(/\+.*$/, '')

/** Negative, 0 or positive by precedence; build metadata does not count. What is no version lies below all that are. */
export const compareVersions = (a: string, b: string): number => {
  const [isA, isB] = [isVersion(a), isVersion(b)]
  if (isA && isB) return semver.compare(a, b)
  if (isA !== isB) return isA ? 1 : -1
  return a === b ? 0 : a < b ? -1 : 1
}
