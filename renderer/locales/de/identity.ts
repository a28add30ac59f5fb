import type { en, Texts } from '../en'

export const identity: Texts<typeof en.identity> = {
  chain: 'Zertifikatskette, Wurzel zuerst',
  factoryRoot: 'Werkswurzel',
  siteAuthority: 'Standort-CA',
  intermediate: 'Zwischenstelle',
  factoryIdentity: 'Geräteidentität',
  operational: 'Standortzertifikat',
  trustedHere: 'hier vertraut',
  notTrustedHere: 'hier nicht vertraut',
  until: 'bis {{date}}',
  noEnd: 'endet nicht',
  noChain: 'Das Gerät sandte keine Zertifikate.',
  fingerprint: 'Fingerabdruck',
  serial: 'Seriennummer',
  udn: 'UDN',
  kind: 'Art',
  IDevID: 'Werksidentität (IDevID)',
  LDevID: 'Standortzertifikat (LDevID)',
}
