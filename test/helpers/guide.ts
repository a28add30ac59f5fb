/** The commands in a guide: its blocks of `sh`, played in their order in one shell, as a reader would type them. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Block {
  /** Line of the file in which its commands begin. */
  readonly line: number
  /** It goes on: `stays` to the end of the guide, the next commands are for another terminal; `briefly` until Ctrl+C. */
  readonly goesOn: 'stays' | 'briefly' | undefined
  readonly text: string
}

export const guideText = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** The blocks that are marked ```sh, ```sh stays or ```sh briefly. */
export const blocksOf = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^```sh(?: (stays|briefly))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length + 1,
    goesOn: match[1] === 'stays' || match[1] === 'briefly' ? match[1] : undefined,
    text: match[2] ?? '',
  }))

/** Commands in the running text: `npm run cli -- jobs list` or `jobs list`, as far as they are words. */
export const inlineCommands = (markdown: string, known: ReadonlySet<string>): readonly string[] => {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => {
    const words = span.replace(/^npm run cli -- /, '').split(/\s+/)
    const plain = words.slice(0, words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)) >>> 0)
    return known.has(plain[0] ?? '') && words.length > 1 ? [plain.join(' ')] : []
  })
}

/** Commands of npm in the running text, but for those of the terminal. */
export const npmCommands = (markdown: string): readonly string[] =>
  [...markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`(npm (?!run cli -- [a-z])[^`]+)`/g)].map(
    ([, span = '']) => span.replace(/\s+/g, ' '),
  )

// The reader's npm: the built programs themselves, on the loopback of the test's network.
const PRELUDE = `
set -euo pipefail
npm() {
  if [ "\${1-}" != run ]; then echo "not played here: npm $*" >&2; return 99; fi
  local name="$2"; shift 2
  if [ "\${1-}" = -- ]; then shift; fi
  case "$name $*" in
    "cli discover"*|"cli why-missing"*|"cli serve"*|"cli firmware offer"*) node "$GUIDE_OUT/cli.js" "$@" --interface lo ;;
    cli*|device*) node "$GUIDE_OUT/$name.js" "$@" ;;
    *) echo "not played here: npm run $name" >&2; return 99 ;;
  esac
}
`

/** Waits for the first thing that a program says, or for the file that it makes, before the next terminal is used. */
const stay = (block: Block, index: number): string => `
{ ${block.text.trim()} ; } > "$GUIDE_LOG/${index}.out" 2> "$GUIDE_LOG/${index}.err" &
GUIDE_PIDS="$GUIDE_PIDS $!"
for _ in $(seq 300); do
  if [ -s "$GUIDE_LOG/${index}.out" ] || { [ -e "$HOME/station" ] && grep -q socat <<< '${block.text.split(' ')[0]}'; }; then break; fi
  sleep 0.1
done
`

const END_LAST = 'pkill -TERM -P "$!" || true; wait "$!" || true'

/** One script of all blocks; what stays is ended with it. */
const scriptOf = (blocks: readonly Block[]): string =>
  [
    PRELUDE,
    'GUIDE_PIDS=""',
    // Its own children only: each has its children in turn.
    'trap \'for p in $GUIDE_PIDS; do pkill -TERM -P "$p" || true; kill "$p" 2>/dev/null || true; done\' EXIT',
    ...blocks.flatMap((block, index) => [
      `echo "## line ${block.line}"`,
      block.goesOn ? stay(block, index) : block.text,
      ...(block.goesOn === 'briefly' ? [END_LAST] : []),
    ]),
  ].join('\n')

export interface Played {
  readonly code: number | string
  readonly out: string
  readonly err: string
}

/** One command in a shell; a test that ends too late ends whatever it has begun. */
const runScript = (
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Played> =>
  new Promise((done, fail) => {
    const child = spawn('bash', args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be ended as a whole.
      detached: true,
    })
    signal.addEventListener('abort', () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    })
    const [out, err]: [string[], string[]] = [[], []]
    child.stdout.on('data', (chunk) => out.push(String(chunk)))
    child.stderr.on('data', (chunk) => err.push(String(chunk)))
    child.on('error', fail)
    child.on('close', (code, signal) =>
      done({ code: code ?? signal ?? '', out: out.join(''), err: err.join('') }),
    )
  })

/** Runs a line as it stands, with the real npm, in the folder of the program. */
export const runLine = (line: string, signal: AbortSignal): Promise<Played> =>
  runScript(['-c', line], ROOT, {}, signal)

/** Plays a guide in a folder, which is the reader's home too. */
export const playGuide = (
  blocks: readonly Block[],
  folder: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Played> => {
  const script = join(folder, 'guide.sh')
  writeFileSync(script, scriptOf(blocks))
  const guide = { HOME: folder, GUIDE_OUT: join(ROOT, 'out/main'), GUIDE_LOG: folder }
  return runScript([script], folder, { ...guide, ...env }, signal)
}
