import { expect, it } from 'vitest'
import { readFlags, takePassphrase } from '../../electron/host/flags'

it.each([
  [['--data', '/d'], {}, '/d'],
  [['--data=/d'], { IOTMC_DATA: '/e' }, '/d'],
  [[], { IOTMC_DATA: '/e' }, '/e'],
  [['--data', '--practice'], {}, undefined],
  [['--data='], {}, undefined],
  [['--data'], {}, undefined],
  [['--no-sandbox', '.', '--data', 'x y'], {}, 'x y'],
])('%j with %j means the data folder %s', (argv, env, dataDir) => {
  expect(readFlags(argv, env).dataDir).toBe(dataDir)
})

it('knows practice and marks', () => {
  expect(readFlags(['.', '--practice'], { IOTMC_MARKS: '1' })).toMatchObject({ practice: true, marks: true })
  expect(readFlags(['.'], {})).toMatchObject({ practice: false, marks: false })
})

it('takes the passphrase out of the environment', () => {
  const env: Record<string, string | undefined> = { IOTMC_PASSPHRASE: 'correct horse', PATH: '/bin' }
  expect(takePassphrase(env)).toBe('correct horse')
  expect(env).toEqual({ PATH: '/bin' })
  expect(takePassphrase(env)).toBeUndefined()
})
