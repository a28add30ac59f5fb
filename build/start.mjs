import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { electronEnv, ensureElectron } from './electron-runtime.mjs'
import { isEntry, ROOT, run, say, stop } from './proc.mjs'

/** The flags Electron needs here, or a reason why it cannot start. */
export function sandboxFlags({ platform, uid, env }) {
  if (platform !== 'linux' || uid !== 0) return { flags: [] }
  if (env.IOTMC_ALLOW_NO_SANDBOX === '1') return { flags: ['--no-sandbox'] }
  return {
    flags: [],
    refusal:
      'Electron refuses to run as root. Use another user, or set IOTMC_ALLOW_NO_SANDBOX=1 to run without its sandbox.',
  }
}

/** A hint when there is no screen to open a window on. */
export function displayHint({ platform, env }) {
  if (platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined
  return 'There is no display. On a machine without a screen: xvfb-run -a npm start'
}

async function main(args) {
  await bootstrap('start')
  const { platform, env } = process
  const { flags, refusal } = sandboxFlags({ platform, uid: process.getuid?.(), env })
  const hint = displayHint({ platform, env })
  for (const line of [refusal, hint]) if (line !== undefined) say(line)
  if (refusal !== undefined || hint !== undefined) return 1
  await build()
  const electron = await ensureElectron().catch((error) => stop(error.message))
  return run(electron.executable, [...flags, ROOT, ...args], { env: electronEnv(electron) })
}

if (isEntry(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
