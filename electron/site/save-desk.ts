/** Files that leave the site by way of a dialog: where they go a person says, what is in them the desks. */
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { ConfigurationFormat } from '../contract/configuration'
import type { CertificatePart } from '../contract/decommission'
import { LOG_FORMAT_ENDINGS, type LogFilter, type LogFormat } from '../contract/device-log'
import { IotmcError } from '../contract/errors'
import type { Saved } from '../contract/ipc-operation'
import type { BundleScope, ReportPart, ReportVerdict } from '../contract/report'
import type { AccountDesk } from './account-desk'
import type { BundleDesk } from './bundle-desk'
import type { Desk, FileContent } from './desk'
import type { SiteLife } from './site-life'
import type { SiteOperation } from './site-operation'

/** What is open, and who is signed in there. */
export interface SaveHost {
  operation(): SiteOperation
  bundles(): BundleDesk
  life(): SiteLife
  accountsIfOpen(): Pick<AccountDesk, 'current'> | undefined
}

export class SaveDesk {
  constructor(
    private readonly desk: Desk | undefined,
    private readonly host: SaveHost,
  ) {}

  /** Errors: REQUEST_REFUSED without a window, FILE_INVALID, SIGN_IN_NEEDED, those of what is to be saved. */
  async save(name: string, data: FileContent): Promise<Saved> {
    const path = await this.dialog().saveFile(name, this.stillFor(this.signedIn(), data))
    return path === undefined ? { saved: false } : { saved: true, path }
  }

  /** Stored log records. */
  log(filter: LogFilter, format: LogFormat): Promise<Saved> {
    return this.save(
      `device-log.${LOG_FORMAT_ENDINGS[format]}`,
      this.host.operation().logs.export(filter, format),
    )
  }

  async configurations(udns: readonly string[], format: ConfigurationFormat): Promise<Saved> {
    return this.save(
      `configuration.${format}`,
      await this.host.operation().configurations.exportText(udns, format),
    )
  }

  async report(sequence: number, part: ReportPart): Promise<Saved> {
    const { name, data } = await this.host.operation().reports.file(sequence, part)
    return this.save(name, data)
  }

  /** The plan as a file, or the site as it is in the same form. */
  plan(from: 'plan' | 'site'): Promise<Saved> {
    return this.save(from === 'plan' ? 'site-plan.csv' : 'site.csv', this.host.life().plan.exportText(from))
  }

  /** A certificate of decommissioning. */
  async certificate(id: string, part: CertificatePart): Promise<Saved> {
    const { name, data } = await this.host.life().decommissions.file(id, part)
    return this.save(name, data)
  }

  /** The site's list; after it that of this laptop's factory authority, where one is needed. */
  async revocationList(format: 'pem' | 'der'): Promise<Saved> {
    const { revocations } = this.host.life()
    const { name, data } = revocations.text(format)
    const saved = await this.save(name, data)
    const factory = saved.saved ? await revocations.factoryText(format) : undefined
    if (factory) await this.save(factory.name, factory.data)
    return saved
  }

  audit(): Promise<Saved> {
    return this.save('audit.jsonl', this.host.operation().auditLog.exportLines())
  }

  /** A diagnostics bundle; it is made once the person has said where to. */
  bundle(scope: BundleScope): Promise<Saved> {
    return this.save(`diagnostics-${scope.kind}.zip`, this.bundleBytes(scope))
  }

  /** Judges a report that a dialog asks for by this site's own authority; undefined when it was closed. */
  async verifyReport(): Promise<ReportVerdict | undefined> {
    const path = await this.dialog().openFile({ name: 'IoTMC report', extensions: ['zip'] })
    return path === undefined ? undefined : this.host.operation().verifyReport(path)
  }

  private async *bundleBytes(scope: BundleScope): AsyncGenerator<Uint8Array> {
    const { path } = await this.host.bundles().make(scope)
    try {
      yield* createReadStream(path) as AsyncIterable<Uint8Array>
    } finally {
      await rm(path, { force: true })
    }
  }

  /** The dialog may stand open longer than a person is signed in: nothing is written for whoever comes after. */
  private async *stillFor(who: string | undefined, data: FileContent): AsyncGenerator<string | Uint8Array> {
    if (this.signedIn() !== who) throw new IotmcError('SIGN_IN_NEEDED')
    if (typeof data === 'string' || data instanceof Uint8Array) yield data
    else yield* data
  }

  private signedIn(): string | undefined {
    return this.host.accountsIfOpen()?.current()?.name
  }

  private dialog(): Desk {
    if (this.desk) return this.desk
    throw new IotmcError('REQUEST_REFUSED', { detail: 'there is no dialog here' })
  }
}
