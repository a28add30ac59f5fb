/** URLs inside a description: made absolute, repaired, and kept on the host that the description came from. */

export interface ResolvedUrl {
  /** Absolute; undefined when it can't be used. */
  readonly url: string | undefined
  readonly repairs: readonly string[]
}

const ZONE = /^(https?:\/\/\[[0-9a-f:.]+)%(?:25)?([\w.-]{1,64})\]/i
const HOST_WITHOUT_SCHEME = /^(\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?)(\/|$)/i
const LENGTH_MAX = 2048

/** Resolves `text` against `baseUrl` (absolute, a zone in its host allowed and kept). */
export const resolvePeerUrl = (text: string, baseUrl: string): ResolvedUrl => {
  const repairs: string[] = []
  const zone = ZONE.exec(baseUrl)?.[2]
  let given = text.trim()
  if (given.length > LENGTH_MAX) return { url: undefined, repairs: ['too long'] }
  if (given.includes(' ')) {
    repairs.push('spaces encoded')
    given = given.replace(/ /g, '%20')
  }
  try {
    const base = new URL(baseUrl.replace(ZONE, '$1]'))
    if (HOST_WITHOUT_SCHEME.test(given)) {
      repairs.push('scheme added')
      given = `${base.protocol}//${given}`
    } else if (given.startsWith('//')) {
      // By RFC 3986 the next word would be a host; devices mean a path that was joined with one slash too many.
      given = given.replace(/^\/+/, '/')
      repairs.push('double slash removed')
    }
    const url = new URL(given, base)
    if (/\/\//.test(url.pathname)) {
      url.pathname = url.pathname.replace(/\/{2,}/g, '/')
      repairs.push('double slash removed')
    }
    if (url.hostname !== base.hostname || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return { url: undefined, repairs: [...repairs, 'another host'] }
    }
    if (url.username || url.password) return { url: undefined, repairs: [...repairs, 'credentials in it'] }
    url.hash = ''
    return { url: zone ? url.href.replace(']', `%25${zone}]`) : url.href, repairs }
  } catch {
    return { url: undefined, repairs: [...repairs, 'not a URL'] }
  }
}
