import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { writeOut, writeParts } from '../../electron/terminal/write-out'
import { makeTempDir } from '../helpers/temp-dir'

let temp: ReturnType<typeof makeTempDir>
beforeEach(() => {
  temp = makeTempDir()
})
afterEach(() => temp.remove())

const at = (name: string): string => join(temp.path, name)
function* broken(): Generator<string> {
  yield 'first'
  throw new IotmcError('DATA_DAMAGED', { subject: 'audit' })
}

describe('a file of the terminal', () => {
  it('leaves nothing aside when it can not be put into its place', async () => {
    mkdirSync(at('taken'))
    expect(() => writeOut(at('taken'), 'key')).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
    await expect(writeParts(at('taken'), parts())).rejects.toMatchObject({ code: 'FILE_INVALID' })
    expect(existsSync(at('taken.part'))).toBe(false)
  })

  it('fails with the cause of what it is made of', () => {
    expect(() => writeOut(at('a'), broken())).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
    expect(existsSync(at('a.part')) || existsSync(at('a'))).toBe(false)
  })

  it('is for this user alone, whatever lay aside before', async () => {
    writeFileSync(at('elsewhere'), 'mine')
    for (const [name, write] of [
      ['key.pem', async () => writeOut(at('key.pem'), 'key')],
      ['log.jsonl', () => writeParts(at('log.jsonl'), parts())],
    ] as const) {
      symlinkSync(at('elsewhere'), at(`${name}.part`))
      await write()
      expect(statSync(at(name)).mode & 0o777).toBe(0o600)
    }
    expect(readFileSync(at('elsewhere'), 'utf8')).toBe('mine')
  })
})

async function* parts(): AsyncGenerator<string> {
  yield 'one'
  yield 'two'
}
