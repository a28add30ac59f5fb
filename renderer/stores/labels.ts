/** What scanned labels have told about devices that were made to blink. */
import { create } from 'zustand'
import type { LabelFinding } from '../../electron/contract/site-plan'
import { call } from '../bridge'

interface Labels {
  /** By the UDN of the device that blinked. */
  readonly byUdn: ReadonlyMap<string, LabelFinding>
}

export const useLabels = create<Labels>(() => ({ byUdn: new Map() }))

const { setState } = useLabels

/** The findings that are still open. Throws CallError. */
export const loadFindings = async (): Promise<void> => {
  const findings = await call('labels.findings')
  setState({ byUdn: new Map(findings.map((finding) => [finding.udn, finding])) })
}

/** Throws CallError (LABEL_UNREADABLE). */
export const scanLabel = async (udn: string, text: string): Promise<void> => {
  const finding = await call('labels.scan', { udn, text })
  setState(({ byUdn }) => ({ byUdn: new Map(byUdn).set(udn, finding) }))
}

/** What people call a device and where it is; an empty text takes it away. Throws CallError. */
export const describeDevice = async (
  udn: string,
  words: { readonly name?: string; readonly place?: string; readonly note?: string },
): Promise<void> => {
  await call('devices.describe', { udn, ...words })
}
