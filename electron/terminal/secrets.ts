/** Secrets for one command: from a file, from the environment, or typed unseen; never from the command line. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { IotmcError } from '../contract/errors'

/** From a file, from the environment (gone from there then), or typed unseen. Errors: FILE_INVALID, USAGE. */
export const takeSecret = async (
  name: string,
  file: string | undefined,
  question: string,
): Promise<string> => {
  const fromEnvironment = process.env[name]
  delete process.env[name]
  if (file !== undefined) return readSecret(file)
  if (fromEnvironment !== undefined) return fromEnvironment
  if (!process.stdin.isTTY) throw new IotmcError('USAGE', { detail: `set ${name} or name a file with it` })
  process.stderr.write(question)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createInterface({ input: process.stdin, output: unseen, terminal: true })
  try {
    return await prompt.question('')
  } finally {
    prompt.close()
    process.stderr.write('\n')
  }
}

const readSecret = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: file, detail: 'cannot be read', cause })
  }
}
