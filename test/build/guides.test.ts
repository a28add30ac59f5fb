import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const GUIDES = [
  'README.md',
  'docs/technicians.md',
  'docs/factory.md',
  'docs/device-makers.md',
  'docs/site-plan.md',
  'docs/reports.md',
]

test.each(GUIDES)('%s points at nothing that is not there', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target)
  for (const target of targets)
    expect(existsSync(resolve(ROOT, dirname(file), target)), `${file}: ${target}`).toBe(true)
})

test('every picture of the guides is made by the command', () => {
  const made = readFileSync(join(ROOT, 'test/e2e/guide.pictures.ts'), 'utf8')
  for (const file of GUIDES)
    for (const [, name = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(/images\/([a-z-]+)\.png/g))
      expect(made, `${file}: ${name}`).toContain(`picture(app, '${name}')`)
})
