/** The house from the ground up: a room may use its own files and every floor below, never a room beside it. */
const floors = [
  ['contract'],
  ['log'],
  ['net', 'store'],
  ['identity'],
  ['discovery', 'upnp', 'serial'],
  ['enrollment', 'configuration', 'firmware', 'diagnostics', 'reports', 'factory'],
  ['jobs'],
  ['station', 'operation'],
  ['site'],
  ['practice'],
  ['controller'],
  ['ipc', 'terminal'],
  ['host'],
  ['main'],
]

/** A room is a folder or a single file of that name. */
const rooms = (names) => `^electron/(${names.join('|')})(/|\\.ts$)`

const below = (index) => floors.slice(0, index).flat()

const belowHosts = below(floors.findIndex((floor) => floor.includes('ipc')))

const floorRules = floors.flatMap((floor, index) =>
  floor.map((room) => ({
    name: `floor-of-${room}`,
    comment: `${room} imports itself and what lies below it`,
    severity: 'error',
    from: { path: rooms([room]) },
    to: { path: '^electron/', pathNot: rooms([room, ...below(index)]) },
  })),
)

const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    only('no-cycles', 'imports form no circle', {}, { circular: true }),
    only('resolvable', 'every import can be found', {}, { couldNotResolve: true, pathNot: '^electron$' }),
    ...floorRules,
    only(
      'contract-knows-zod-only',
      'the shared vocabulary runs everywhere',
      { path: '^electron/contract/' },
      { pathNot: ['^electron/contract/', '^node_modules/zod/'] },
    ),
    only(
      'cli-is-a-host-without-a-window',
      'the terminal host uses the controller, never Electron',
      { path: rooms(['cli', 'terminal']) },
      {
        path: ['^electron/', '(^|/)node_modules/electron(-store)?/', '^electron$'],
        pathNot: rooms(['cli', 'terminal', ...belowHosts]),
      },
    ),
    only(
      'preload-is-thin',
      'the preload knows the contract and the names of the channels only',
      { path: '^electron/preload\\.ts$' },
      { path: '^electron/', pathNot: '^electron/(contract/|ipc/wire\\.ts$|preload\\.ts$)' },
    ),
    only(
      'device-is-its-own-program',
      'the reference device shares protocol rooms and pure rules with the app, nothing else',
      { path: '^electron/device/' },
      {
        path: '^electron/',
        pathNot: rooms([
          'device',
          'contract',
          'net',
          'store',
          'identity',
          'discovery',
          'upnp',
          'serial',
          'firmware',
        ]),
      },
    ),
    only(
      'nothing-imports-the-device',
      'it is started as a process',
      { path: '^(electron|renderer)/', pathNot: '^electron/device/' },
      { path: '^electron/device/' },
    ),
    only('nothing-imports-tests', 'tests are leaves', { pathNot: '^test/' }, { path: '^test/' }),
    only(
      'renderer-knows-the-contract',
      'the window imports itself and the contract',
      { path: '^renderer/' },
      { path: '^(electron|build|resources)/', pathNot: '^electron/contract/' },
    ),
    only(
      'no-node-in-the-window',
      'the window is sandboxed',
      { path: '^(renderer|electron/contract)/' },
      { dependencyTypes: ['core'] },
    ),
    only(
      'electron-only-in-its-host',
      'the rest also runs in a terminal',
      { path: '^(electron|renderer)/', pathNot: '^electron/(main\\.ts$|preload\\.ts$|host/|ipc/)' },
      { path: ['(^|/)node_modules/electron(-store)?/', '^electron$'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
}
