/**
 * What Electron's own default app does and the registry build lacks: it takes the app folder from the command
 * line and runs its main file. Top-level await holds back 'ready' until that file is loaded.
 */
const mainSource = `import { app } from 'electron'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const args = process.argv.slice(1)
const takesValue = new Set(['-r', '--require'])
const require = createRequire(import.meta.url)
let folder
for (let i = 0; i < args.length && folder === undefined; i += 1) {
  if (takesValue.has(args[i])) require(resolve(args[(i += 1)]))
  else if (!args[i].startsWith('-')) folder = resolve(args[i])
}
if (folder === undefined) {
  console.error('Usage: electron <folder of the app>')
  process.exit(1)
}
const info = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
process.defaultApp = true
app.setVersion(info.version)
app.setName(info.productName ?? info.name)
app.setDesktopName(\`\${info.name}.desktop\`)
app.setPath('userData', join(app.getPath('appData'), app.getName()))
app.setAppPath(folder)
await import(pathToFileURL(join(folder, info.main)).href)
`

const files = {
  'package.json': `${JSON.stringify({ name: 'launcher', version: '1.0.0', type: 'module', main: 'main.js' })}\n`,
  'main.js': mainSource,
}

const u32 = (value) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

/** Packs small text files into an asar archive: a header in Chromium's pickle format, then the contents. */
export function packAsar(contents) {
  let offset = 0
  const entries = Object.entries(contents).map(([name, text]) => {
    const entry = { size: Buffer.byteLength(text), offset: String(offset) }
    offset += entry.size
    return [name, entry]
  })
  const header = Buffer.from(JSON.stringify({ files: Object.fromEntries(entries) }))
  const padding = Buffer.alloc((4 - (header.length % 4)) % 4)
  const payload = Buffer.concat([u32(header.length), header, padding])
  const pickle = Buffer.concat([u32(payload.length), payload])
  return Buffer.concat([
    u32(4),
    u32(pickle.length),
    pickle,
    ...Object.values(contents).map((text) => Buffer.from(text)),
  ])
}

/** The launcher as the default_app.asar that Electron looks for when no app is built in. */
export function launcherArchive() {
  return packAsar(files)
}
