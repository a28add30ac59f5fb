/** Mirror of the revocation list as it is published now, and the commands about issued certificates. */
import { create } from 'zustand'
import type {
  IssuedCertificateView,
  RevocationListView,
  RevocationReason,
} from '../../electron/contract/decommission'
import { call, listen } from '../bridge'

/** As many as are asked for at once; a search finds the others. */
export const MOST_CERTIFICATES = 500

interface Revocation {
  readonly list: RevocationListView | undefined
}

export const useRevocation = create<Revocation>(() => ({ list: undefined }))

const { setState } = useRevocation

/** Follows the list for as long as somebody looks at it. Returns how to stop. Throws CallError. */
export const openRevocation = async (): Promise<() => void> => {
  const stop = listen('revocation.changed', (list) => setState({ list }))
  try {
    setState({ list: await call('revocation.list') })
  } catch (thrown) {
    stop()
    throw thrown
  }
  return stop
}

/** Newest first. Throws CallError. */
export const issuedCertificates = (search: string): Promise<readonly IssuedCertificateView[]> =>
  call('revocation.certificates', { search: search.trim(), limit: MOST_CERTIFICATES })

/** Throws CallError, PHRASE_WRONG where the words are not those asked for. */
export const revokeCertificate = async (
  serialNumber: string,
  reason: RevocationReason,
  phrase: string,
): Promise<void> => setState({ list: await call('revocation.revoke', { serialNumber, reason, phrase }) })

/** Where it was saved; undefined when the person closed the dialog. Throws CallError. */
export const saveRevocationList = async (format: 'pem' | 'der'): Promise<string | undefined> => {
  const { saved, path } = await call('revocation.save', { format })
  return saved ? (path ?? '') : undefined
}
