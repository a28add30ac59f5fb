import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { electronEnv, ensureElectron } from './electron-runtime.mjs'
import { runInNamespace } from './netns.mjs'
import { ROOT, run, stop, tools } from './proc.mjs'
import { withDisplay } from './with-display.mjs'

/** What can be run: the mode it is bootstrapped in and how it is started. */
const programs = {
  cli: { mode: 'run', start: (argv) => run(argv[0], argv.slice(1)) },
  device: { mode: 'run', start: (argv) => run(argv[0], argv.slice(1)) },
  demo: { mode: 'run', start: (argv) => runInNamespace(argv) },
  bench: { mode: 'test', start: startBench },
  shots: { mode: 'test', start: (_argv, args) => startPictures('shots', args) },
  pictures: { mode: 'test', start: (_argv, args) => startPictures('pictures', args) },
}

/** What the window shows, by Playwright. */
const pictures = new Set(['shots', 'pictures'])

async function startBench(argv) {
  const env = electronEnv(await ensureElectron())
  return runInNamespace(withDisplay(argv), { env })
}

async function startPictures(project, args) {
  const env = electronEnv(await ensureElectron())
  const playwright = [process.execPath, tools.playwright, 'test', '--project', project, ...args]
  return runInNamespace(withDisplay(playwright), { env })
}

async function main([what, ...args]) {
  const program = Object.hasOwn(programs, what ?? '') ? programs[what] : undefined
  if (program === undefined)
    stop(`Usage: node build/run.mjs ${Object.keys(programs).join('|')} [arguments]`, 2)
  await bootstrap(program.mode)
  await build()
  const script = join(ROOT, 'out/main', `${what}.js`)
  if (!pictures.has(what) && !existsSync(script)) stop(`The build has no ${what} program.`)
  return program.start([process.execPath, script, ...args], args)
}

process.exitCode = await main(process.argv.slice(2))
