import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { run } from '../../build/proc.mjs'

test('the exit code of a program is passed on', async () => {
  expect(await run(process.execPath, ['-e', 'process.exit(7)'])).toBe(7)
})

test('an unknown program is refused on standard error and leaves standard output clean', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/run.mjs', 'nothing'], {
    encoding: 'utf8',
  })
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('Usage')
})

test('a signal reaches the program before its wrapper ends', () => {
  const script = `
    import { run } from './build/proc.mjs'
    const child = "process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); process.kill(process.ppid, 'SIGTERM')"
    process.exitCode = await run(process.execPath, ['-e', child])`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  expect(status).toBe(5)
})
