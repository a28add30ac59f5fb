/** Names of the page's own scheme, and which file a URL of it stands for. */
import { extname, join, sep } from 'node:path'

export const PAGE_SCHEME = 'iotmc'
export const PAGE_HOST = 'app'
export const PAGE_URL = `${PAGE_SCHEME}://${PAGE_HOST}/index.html`

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
}

/** Whether a URL is a page of ours: the built page, or the development server's where there is one. */
export const isOwnUrl = (url: string, devServer?: string): boolean => {
  if (!URL.canParse(url)) return false
  const parsed = new URL(url)
  // Node's URL gives origin "null" for a scheme of our own, hence protocol and host.
  if (parsed.protocol === `${PAGE_SCHEME}:`) return parsed.host === PAGE_HOST
  return devServer !== undefined && parsed.origin === new URL(devServer).origin
}

/** File and content type for a URL of the page's scheme; undefined = not ours, outside the folder or unknown type. */
export const fileForUrl = (url: string, folder: string): { file: string; type: string } | undefined => {
  if (!isOwnUrl(url)) return undefined
  const path = decode(new URL(url).pathname)
  if (path === undefined || path.includes('\0') || path.includes('\\')) return undefined
  const file = join(folder, path)
  const type = TYPES[extname(file)]
  return type !== undefined && file.startsWith(folder + sep) ? { file, type } : undefined
}

const decode = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
