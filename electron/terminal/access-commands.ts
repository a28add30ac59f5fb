/** `access …` and `audit …`: accounts of the site, certificates for other programs, and the record of who did what. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditLine, accountNameSchema, accountSchema, accountSecretSchema } from '../contract/access'
import { IotmcError } from '../contract/errors'
import type { Controller } from '../controller'
import { printJson, printLine } from './output'
import { takeSecret } from './secrets'
import { type SiteOptions, withController } from './with-controller'
import { writeOut } from './write-out'

const NEW_SECRET = 'IOTMC_NEW_PIN'
const DAYS_MAX = 3650

const printAccounts = (controller: Controller, options: SiteOptions): void => {
  const { accounts } = controller.accounts().view()
  for (const account of accounts)
    if (options.json) printJson(account)
    else printLine(`${account.role.padEnd(10)}  ${account.name}`)
}

export const accessList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => printAccounts(controller, options))

/** A new account; its PIN or passphrase comes from IOTMC_NEW_PIN, or is typed. */
export const accessAdd = async (
  name: string,
  options: SiteOptions & { readonly role: string },
): Promise<void> => {
  const secret = await takeSecret(NEW_SECRET, undefined, `New PIN or passphrase of ${name}: `)
  const account = accountSchema.extend({ secret: accountSecretSchema }).safeParse({
    name,
    role: options.role,
    secret,
  })
  if (!account.success)
    throw new IotmcError('USAGE', {
      subject: name,
      detail: `a name has 1 to 40 characters; ${NEW_SECRET} is a PIN of 6 to 12 digits or a passphrase of 8 characters or more`,
    })
  await withController(options, async (controller) => {
    await controller.accounts().add(account.data)
    printAccounts(controller, options)
  })
}

export const accessRemove = (name: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    await controller.accounts().remove(name)
    if (controller.accounts().current()) printAccounts(controller, options)
  })

export interface IssueOptions extends SiteOptions {
  readonly role: string
  readonly name: string
  readonly days: string
  readonly out: string
}

/** A client certificate for another program of this site: `key.pem` and `chain.pem` in a folder that is made. */
export const accessIssue = async (options: IssueOptions): Promise<void> => {
  const { role, out } = options
  const days = Number(options.days)
  const name = accountNameSchema.safeParse(options.name)
  if (role !== 'Basic' && role !== 'Admin')
    throw new IotmcError('USAGE', { detail: '--role must be Basic or Admin' })
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
    throw new IotmcError('USAGE', { detail: `--days must be 1 to ${DAYS_MAX}` })
  if (!name.success) throw new IotmcError('USAGE', { detail: '--name has 1 to 40 characters' })
  await withController(options, async (controller) => {
    const { keyPem, chainPem, ...about } = await controller
      .operation()
      .issueClient({ role, name: name.data, days })
    mkdirSync(out, { recursive: true, mode: 0o700 })
    const key = join(out, 'key.pem')
    const chain = join(out, 'chain.pem')
    writeOut(key, keyPem)
    writeOut(chain, chainPem)
    chmodSync(key, 0o600)
    if (options.json) printJson({ ...about, role, key, chain })
    else printLine(`${about.udn}  ${role}  until ${about.notAfter}\n${key}\n${chain}`)
  })
}

const LIST_PAGE = 500

const newest = (controller: Controller, limit: number): AuditLine[] => {
  const lines: AuditLine[] = []
  for (;;) {
    const beforeId = lines.at(-1)?.id
    const page = controller.operation().auditLog.list({
      limit: Math.min(limit - lines.length, LIST_PAGE),
      ...(beforeId === undefined ? {} : { beforeId }),
    })
    lines.push(...page.lines)
    if (!page.more || lines.length >= limit) return lines
  }
}

/** Newest last, as in a log. */
export const auditList = (options: SiteOptions & { readonly limit?: string }): Promise<void> =>
  withController(options, async (controller) => {
    const limit = Number(options.limit ?? '100')
    if (!Number.isInteger(limit) || limit < 1)
      throw new IotmcError('USAGE', { detail: '--limit must be 1 or more' })
    for (const line of newest(controller, limit).toReversed()) {
      const { id, atMs, actor, role, action, subject, detail } = line
      if (options.json) printJson(line)
      else
        printLine(
          [id, new Date(atMs).toISOString(), role ? `${actor} (${role})` : actor, action, subject, detail]
            .filter((part) => part !== undefined)
            .join('  '),
        )
    }
  })

/** Errors: AUDIT_DAMAGED, with the first line that does not fit. */
export const auditVerify = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const check = await controller.operation().auditLog.verify()
    if (options.json) printJson(check)
    else if (check.ok) printLine(`unchanged: ${check.lines} lines${check.head ? `, head ${check.head}` : ''}`)
    if (!check.ok)
      throw new IotmcError('AUDIT_DAMAGED', {
        ...(check.firstWrong === undefined ? {} : { subject: String(check.firstWrong) }),
        detail:
          check.firstWrong === undefined ? (check.reason ?? '') : `${check.reason}, line ${check.firstWrong}`,
      })
  })

/** JSON Lines, oldest first; to stdout without a file. */
export const auditExport = (options: SiteOptions & { readonly out?: string }): Promise<void> =>
  withController(options, async (controller) => {
    const lines = controller.operation().auditLog.exportLines()
    if (options.out) writeOut(options.out, lines)
    else for (const part of lines) process.stdout.write(part)
  })
