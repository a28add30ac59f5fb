import { existsSync } from 'node:fs'
import { capture, run, say, stop } from './proc.mjs'

const forElectron = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libatk-bridge2.0-0']
const forTests = [
  ...['xvfb', 'udev', 'socat', 'iproute2', 'iputils-ping', 'openssl', 'curl', 'unzip'],
  ...['gssdp-tools', 'gupnp-tools', 'gir1.2-gupnp-1.6', 'python3-gi', 'poppler-utils'],
]

/** What each mode needs from the system. `run` is for the programs that only need Node. */
export const systemPackages = { run: [], start: forElectron, test: [...forElectron, ...forTests] }

// Debian 13 and Ubuntu 24.04 renamed libraries when time_t grew to 64 bits.
const spellings = (name) => (name.startsWith('lib') ? [name, `${name}t64`] : [name])

/** Parses `dpkg-query` lines "name status" into the names that are fully installed. */
export function installedNames(listing) {
  const lines = listing.split('\n').filter((line) => line.endsWith(' installed'))
  return new Set(lines.map((line) => line.split(' ')[0]?.split(':')[0]))
}

/** The wanted packages of which no spelling is installed. */
export function missingPackages(wanted, installed) {
  return wanted.filter((name) => !spellings(name).some((spelling) => installed.has(spelling)))
}

async function query(wanted) {
  const { output } = await capture('dpkg-query', [
    '-W',
    '-f',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the placeholders of dpkg-query
    '${Package} ${Status}\n',
    ...wanted.flatMap(spellings),
  ])
  return missingPackages(wanted, installedNames(output))
}

async function installable(name) {
  const known = await Promise.all(
    spellings(name).map(async (spelling) => {
      const { output } = await capture('apt-cache', ['policy', spelling])
      return /Candidate: (?!\(none\))/.test(output) ? spelling : undefined
    }),
  )
  return known.find((spelling) => spelling !== undefined)
}

/** Installs what a mode needs on Debian and its relatives, or says in one line what to run. Elsewhere does nothing. */
export async function ensureSystemPackages(mode) {
  const wanted = systemPackages[mode]
  if (process.platform !== 'linux' || wanted.length === 0 || !existsSync('/usr/bin/dpkg-query')) return
  const missing = await query(wanted)
  if (missing.length === 0) return
  const install = 'apt-get install -y --no-install-recommends'
  if (process.getuid?.() !== 0) {
    stop(`System packages are missing. Run: sudo apt-get update && sudo ${install} ${missing.join(' ')}`)
  }
  say(`Installing system packages: ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env, stdout: 'stderr', stdin: 'ignore' })
  const found = (await Promise.all(missing.map(installable))).filter((name) => name !== undefined)
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...found]
  const code = found.length > 0 ? await run('apt-get', args, { env, stdout: 'stderr', stdin: 'ignore' }) : 0
  const left = await query(wanted)
  if (code !== 0 || left.length > 0)
    stop(`Could not install: ${left.join(' ')}. Run: ${install} ${left.join(' ')}`)
}
