/** Bundles: what is in them, what is not for all the world, and that there is all of one or none. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { BundleScope } from '../../electron/contract/report'
import { type BundleHead, writeBundle } from '../../electron/reports/bundle'
import { Redactor } from '../../electron/reports/redact'
import { BundleDesk, type BundleDeskOptions, type SiteSources } from '../../electron/site/bundle-desk'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { device as certified, NOW, root } from '../identity/make'
import { check, device, job, udnOf } from './make'
import { unzip } from './unzip'

let folder: ReturnType<typeof makeTempDir>
beforeEach(() => {
  folder = makeTempDir('iotmc-bundle-')
  mkdirSync(join(folder.path, 'logs'))
})
afterEach(() => folder.remove())

const record = (sequence: number, message: string, more: object = {}) => ({
  udn: udnOf(1),
  sequence,
  severity: 4,
  component: 'wifi',
  code: 'link.lost',
  message,
  ...more,
})

async function* lines(...records: readonly object[]): AsyncGenerator<string> {
  for (const one of records) yield `${JSON.stringify(one)}\n`
}

const site = (more: Partial<SiteSources> = {}): SiteSources => ({
  devices: () => [device(1), device(2, { online: false, state: 'offline' })],
  configuration: async () => ({ version: 3, values: { 'Sensor.Interval': '10' } }),
  banks: async () => ({ activeBank: 'A' }),
  auditLines: () => [{ id: 1, atMs: NOW, actor: 'Technician 17', action: 'commission', subject: udnOf(1) }],
  records: () => ({ groups: [{ name: 'Hall 1', values: {}, version: 1 }] }),
  log: () => lines(record(1, 'link lost'), record(2, 'link up again')),
  series: async ({ udns, metric }) => ({
    from: 'minutes',
    series: udns.map((udn) => ({
      udn,
      atMs: [NOW],
      min: [1],
      max: [3],
      mean: [metric === 'supply' ? 2 : 1],
    })),
    gaps: [],
  }),
  checks: (udn) => [check(1, { udn })],
  jobs: () => [job(udnOf(1), { steps: [] }), job(udnOf(2))],
  audit: () => [{ id: 1, atMs: NOW - 1000, actor: 'Technician 17', action: 'commission', subject: udnOf(1) }],
  certificates: () => [],
  ...more,
})

const desk = (more: Partial<BundleDeskOptions> = {}): BundleDesk =>
  new BundleDesk({
    clock: new VirtualClock(NOW),
    folder: join(folder.path, 'bundles'),
    app: {
      program: 'IoTMC Technician 0.1.0',
      settings: () => ({ siteName: 'Example site', jobConcurrency: 8 }),
      interfaces: () => [{ name: 'eth0' }],
      listening: () => ['192.0.2.1:8443'],
      databases: [join(folder.path, 'records.sqlite')],
      logsFolder: join(folder.path, 'logs'),
      jobs: () => [job(udnOf(1))],
    },
    site: site(),
    ...more,
  })

const jsonOf = (files: Map<string, Buffer>, name: string): unknown => {
  expect([...files.keys()]).toContain(name)
  return JSON.parse(files.get(name)?.toString('utf8') ?? '')
}
const of = (n: number): string => `devices/${udnOf(n).replace('uuid:', '')}`

describe('a bundle', () => {
  it('of a device has its log, health, configuration, banks, certificates, timeline, checks, and the program', async () => {
    writeFileSync(join(folder.path, 'records.sqlite'), 'x'.repeat(4096))
    writeFileSync(join(folder.path, 'logs', 'technician.log'), '{"level":"info","msg":"newer"}\n')
    writeFileSync(join(folder.path, 'logs', 'technician.1.log'), '{"level":"info","msg":"older"}\n')
    const authority = await root('Example site CA')
    const certificate = await certified(authority, udnOf(1))
    const with_ = site({ certificates: () => [`${certificate.keyPem}${certificate.pem}`, certificate.pem] })
    const made = await desk({ site: with_ }).make({ kind: 'devices', udns: [udnOf(1)] })
    expect(made.name).toBe('diagnostics-devices-20270115-120000.zip')
    const files = await unzip(made.path)
    expect([...files.keys()]).toEqual([
      ...['device.json', 'configuration.json', 'banks.json', 'certificates.pem', 'timeline.json'].map(
        (name) => `${of(1)}/${name}`,
      ),
      ...['checks.json', 'health.csv', 'log.jsonl'].map((name) => `${of(1)}/${name}`),
      ...['about.json', 'settings.json', 'network.json', 'storage.json', 'jobs.json'].map(
        (name) => `app/${name}`,
      ),
      'app/log/technician.1.log',
      'app/log/technician.log',
      'index.json',
    ])
    expect(files.get(`${of(1)}/certificates.pem`)?.toString()).toBe(certificate.pem)
    expect(
      files
        .get(`${of(1)}/log.jsonl`)
        ?.toString()
        .split('\n'),
    ).toHaveLength(3)
    const health =
      files
        .get(`${of(1)}/health.csv`)
        ?.toString()
        .split('\n') ?? []
    expect(health.slice(0, 3)).toEqual([
      'metric,unit,at,min,mean,max',
      'temperature,°C,2027-01-15T12:00:00Z,1,1,3',
      'supply,V,2027-01-15T12:00:00Z,1,2,3',
    ])
    expect(jsonOf(files, `${of(1)}/timeline.json`)).toMatchObject([{ what: 'job' }, { what: 'audit' }])
    expect(jsonOf(files, 'app/storage.json')).toEqual([{ file: 'records.sqlite', bytes: 4096 }])
    const index = jsonOf(files, 'index.json') as { files: { name: string }[] }
    expect(index).toMatchObject({
      kind: 'diagnostics-bundle',
      scope: { kind: 'devices' },
      missing: [],
      cut: [],
    })
    expect(index.files.map(({ name }) => name)).toEqual(
      [...files.keys()].filter((name) => name !== 'index.json'),
    )
  })

  it('of the site has every device, and the index says what could not be had of which', async () => {
    const banks = () => Promise.reject(new IotmcError('DEVICE_UNREACHABLE'))
    const log = async function* () {
      yield `${JSON.stringify(record(1, 'one'))}\n`
      throw new IotmcError('DATA_DAMAGED')
    }
    const made = await desk({ site: site({ banks, log }) }).make({ kind: 'site' })
    const files = await unzip(made.path)
    expect([...files.keys()].filter((name) => name.endsWith('device.json'))).toHaveLength(2)
    expect(jsonOf(files, 'site/groups.json')).toHaveLength(1)
    expect(files.get(`${of(1)}/log.jsonl`)?.toString()).toContain('"one"')
    const { missing, cut } = jsonOf(files, 'index.json') as { missing: object[]; cut: object[] }
    expect(missing).toEqual(
      expect.arrayContaining([
        { udn: udnOf(1), what: 'banks', reason: 'DEVICE_UNREACHABLE' },
        { udn: udnOf(2), what: 'configuration', reason: 'DEVICE_OFFLINE' },
        { udn: udnOf(2), what: 'banks', reason: 'DEVICE_OFFLINE' },
      ]),
    )
    expect(missing).toHaveLength(3)
    expect(cut).toHaveLength(2)
  })

  it('of the program alone needs no site', async () => {
    const { site: _, ...alone } = { site: undefined }
    const made = await new BundleDesk({ ...optionsOf(desk()), ...alone }).make({ kind: 'app' })
    const files = await unzip(made.path)
    expect([...files.keys()].every((name) => name.startsWith('app/') || name === 'index.json')).toBe(true)
    await expect(new BundleDesk(optionsOf(desk())).make({ kind: 'site' })).rejects.toMatchObject({
      code: 'SETUP_NEEDED',
    })
  })

  it('of a device that is not known is refused', async () => {
    await expect(desk().make({ kind: 'devices', udns: [udnOf(9)] })).rejects.toMatchObject({
      code: 'DEVICE_UNKNOWN',
      subject: udnOf(9),
    })
  })

  it('that is cancelled at any point leaves nothing, and what a crash left is removed', async () => {
    for (const stopAt of ['configuration', 'log'] as const) {
      const stop = new AbortController()
      const stopping = {
        configuration: async () => {
          if (stopAt === 'configuration') stop.abort()
          return {}
        },
        log: async function* () {
          if (stopAt === 'log') stop.abort()
          yield '{}\n'
        },
      }
      const made = desk({ site: site(stopping) }).make({ kind: 'site' }, stop.signal)
      await expect(made).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(filesIn('bundles')).toEqual([])
    }
    mkdirSync(join(folder.path, 'bundles'), { recursive: true })
    writeFileSync(join(folder.path, 'bundles', 'left.zip'), 'half')
    desk()
    expect(filesIn('bundles')).toEqual([])
  })

  it('stays within its size: the newest lines are kept, and the index tells', async () => {
    const out = join(folder.path, 'small.zip')
    const many = async function* () {
      for (let i = 0; i < 30_000; i += 1) yield `${JSON.stringify({ i })}\n`
    }
    const head: BundleHead = { scope: {}, madeAt: '', program: '', missing: [] }
    await writeBundle(
      out,
      head,
      [
        { name: 'log.jsonl', jsonLines: many },
        { name: 'second.jsonl', jsonLines: many },
      ],
      {
        redactor: new Redactor(),
        signal: new AbortController().signal,
        limits: { partChars: 1000, allChars: 1500 },
      },
    )
    const files = await unzip(out)
    const kept = files.get('log.jsonl')?.toString().trim().split('\n') ?? []
    expect(kept.at(-1)).toBe('{"i":29999}')
    expect(files.get('log.jsonl')?.length).toBeLessThanOrEqual(1000)
    expect(files.get('second.jsonl')?.length).toBeLessThan(510)
    expect(jsonOf(files, 'index.json')).toMatchObject({
      cut: [
        { name: 'log.jsonl', reason: 'too-large' },
        { name: 'second.jsonl', reason: 'too-large' },
      ],
    })
  })
})

const filesIn = (name: string): string[] => {
  try {
    return readdirSync(join(folder.path, name))
  } catch {
    return []
  }
}
const optionsOf = (one: BundleDesk): BundleDeskOptions => {
  const { site: _, ...rest } = (one as unknown as { o: BundleDeskOptions }).o
  return rest
}

/** Secrets of every kind, as they stand in fields and sentences. */
const SECRETS = {
  setupCode: 'HVSH2345',
  credential: 'Kühle Brise, 7"',
  passphrase: 'correct horse battery staple',
  pin: '482913',
  bearer: 'hush.hush-hush.token',
  urlPassword: 'hushInUrl',
  keyBody: 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHUSH',
} as const
const KEY = `-----BEGIN PRIVATE KEY-----\n${SECRETS.keyBody}\n-----END PRIVATE KEY-----`
const LABEL = `IOTMC1:${udnOf(1).replace('uuid:', '')}:SN-1001:${SECRETS.setupCode}`

/** Every secret the way that a careless part of some program might write it. */
const SENTENCES: readonly string[] = [
  `setup code ${SECRETS.setupCode}`,
  `passphrase=${SECRETS.passphrase}`,
  `credential: "${SECRETS.credential.replaceAll('"', '\\"')}"`,
  `PIN ${SECRETS.pin} refused`,
  `Authorization: Bearer ${SECRETS.bearer}`,
  `https://user:${SECRETS.urlPassword}@host/`,
  KEY,
  LABEL,
]
const allIn = (before: string): string => `${before} ${SENTENCES.join('\n')} ordinary words`

/** Fields of which the name says that they are secret, with values that do not say it themselves. */
const FIELDS = {
  setupCode: SECRETS.setupCode,
  'Wifi.Passphrase': SECRETS.passphrase,
  credential: SECRETS.credential,
  pin: SECRETS.pin,
  authorization: `Bearer ${SECRETS.bearer}`,
  keyPem: KEY,
}

describe('what is known to be secret', () => {
  it('and is only held by the program is taken out by its value', async () => {
    writeFileSync(join(folder.path, 'logs', 'technician.log'), 'joined with Kuehle Brise 7 at last\n')
    const made = await desk({ secrets: () => ['Kuehle Brise 7'] }).make({ kind: 'app' })
    const log = (await unzip(made.path)).get('app/log/technician.log')?.toString()
    expect(log).toBe('joined with [redacted] at last\n')
  })

  it('is found by its value among two thousand; where there are more, the index says so', async () => {
    const settings = (count: number) => ({
      list: Array.from({ length: count }, (_, n) => ({ password: `hush-${n}-hush` })),
    })
    const bundleOf = async (count: number) => {
      const app = { ...optionsOf(desk()).app, settings: () => settings(count) }
      writeFileSync(join(folder.path, 'logs', 'technician.log'), `heard hush-${count - 1}-hush\n`)
      const files = await unzip((await desk({ app }).make({ kind: 'app' })).path)
      return { log: files.get('app/log/technician.log')?.toString(), index: jsonOf(files, 'index.json') }
    }
    const most = await bundleOf(2_000)
    expect(most.log).toBe('heard [redacted]\n')
    expect(most.index).not.toHaveProperty('secretsBeyondLimit')
    expect((await bundleOf(2_001)).index).toHaveProperty('secretsBeyondLimit')
  })

  it('as a key over many lines goes whole, and one that is cut takes no record with it', async () => {
    const cut = KEY.split('\n').slice(0, 2)
    const body = [KEY.replaceAll('\n', '\r\n'), 'between', ...cut, JSON.stringify({ msg: 'record' }), 'after']
    writeFileSync(join(folder.path, 'logs', 'technician.log'), body.join('\n'))
    const made = await desk().make({ kind: 'app' })
    const log = (await unzip(made.path)).get('app/log/technician.log')?.toString()
    expect(log).not.toContain(SECRETS.keyBody)
    for (const word of ['between', 'record', 'after']) expect(log).toContain(word)
  })
})

describe('planted secrets', () => {
  const planted = (): Partial<BundleDeskOptions> => {
    // Bare values too: they stand under a secret name somewhere in the same bundle, and are known by that.
    const bare = `heard ${SECRETS.passphrase} and ${SECRETS.credential} and ${SECRETS.setupCode} on the air`
    const wholeJob = job(udnOf(1), {
      params: { ...FIELDS, note: allIn('param') },
      steps: [{ name: 'find', state: 'failed', cancellable: true, note: allIn('note') }],
      error: { code: 'DEVICE_REFUSED', subject: allIn('subject'), detail: allIn('detail') },
    })
    const audit = [
      {
        id: 1,
        atMs: NOW,
        actor: allIn('actor'),
        action: allIn('action'),
        subject: allIn('subject'),
        detail: `${allIn('detail')} ${bare}`,
      },
    ]
    const app = optionsOf(desk()).app
    return {
      app: {
        ...app,
        settings: () => ({ siteName: allIn('site'), technician: allIn('person'), ...FIELDS, list: [FIELDS] }),
        interfaces: () => [{ name: allIn('eth0') }],
        listening: () => [allIn('listening')],
        jobs: () => [wholeJob],
      },
      site: site({
        devices: () => [
          device(1, {
            name: allIn('name'),
            model: allIn('model'),
            group: allIn('group'),
            warnings: [allIn('w'), bare],
          }),
        ],
        configuration: async () => ({
          version: 1,
          values: { ...FIELDS, 'Device.Note': `${allIn('value')} ${bare}`, [`Name.${LABEL}`]: 'x' },
          parameters: [
            { name: 'Wifi.Passphrase', type: 'string', access: 'readWrite', default: SECRETS.passphrase },
          ],
        }),
        banks: async () => ({ activeBank: 'A', note: allIn('bank'), ...FIELDS }),
        auditLines: () => audit,
        audit: () => audit,
        records: () => ({ groups: [{ name: allIn('group'), values: FIELDS }], expected: [{ name: bare }] }),
        jobs: () => [wholeJob],
        checks: () => [
          check(1, { entries: [{ test: 'ping', state: 'done', detail: allIn('x'), measures: [] }] }),
        ],
        certificates: () => [KEY, allIn('pem')],
        log: () =>
          lines(
            record(1, allIn('message'), { code: allIn('code'), component: allIn('component') }),
            record(2, bare, { data: { ...FIELDS, more: allIn('data'), [allIn('key')]: 'x' } }),
          ),
      }),
    }
  }

  it.each<BundleScope>([{ kind: 'devices', udns: [udnOf(1)] }, { kind: 'site' }, { kind: 'app' }])(
    'are in no file of the bundle, in no form: $kind',
    async (scope) => {
      const logs = join(folder.path, 'logs', 'technician.log')
      writeFileSync(
        logs,
        [
          JSON.stringify({
            level: 'info',
            msg: allIn('message'),
            ...FIELDS,
            deep: { list: [FIELDS, allIn('x')] },
          }),
          `not JSON: ${SENTENCES.join(' ')} ordinary end`,
          JSON.stringify({ level: 'info', msg: 'ordinary words stay' }),
        ].join('\n'),
      )
      const made = await desk(planted()).make(scope)
      const files = await unzip(made.path)
      const everything = [...files].map(([name, bytes]) => ({ name, text: bytes.toString('utf8') }))
      for (const secret of Object.values(SECRETS)) {
        const bytes = Buffer.from(secret)
        const forms = [
          secret,
          JSON.stringify(secret).slice(1, -1),
          encodeURIComponent(secret),
          bytes.toString('base64').replace(/=+$/, ''),
          bytes.toString('hex'),
          bytes.toString('hex').toUpperCase(),
        ]
        for (const { name, text } of everything)
          for (const form of forms) expect(text.includes(form), `${secret} as ${form} in ${name}`).toBe(false)
        // Names of files and what stands between them.
        expect(readFileSync(made.path).includes(secret)).toBe(false)
      }
      const all = everything.map(({ text }) => text).join('\n')
      expect(all).toContain('ordinary words')
      expect(all).toContain('ordinary words stay')
      expect(all).toContain('ordinary end')
      expect(all).toContain('[redacted]')
    },
  )
})
