/** Words of a certificate of decommissioning on paper, in both languages. */
import type { LeaveReason, WipeItem } from '../contract/decommission'

export interface CertificateWords {
  readonly text: { readonly [K in keyof typeof TEXT]: string }
  readonly reason: Readonly<Record<LeaveReason, string>>
  readonly item: Readonly<Record<WipeItem, string>>
}

const TEXT = {
  title: 'Certificate of decommissioning',
  lead: 'This device was taken out of the site. Its certificates were revoked, it has wiped what the site put on it, and its word for that was checked.',
  number: 'Certificate no.',
  page: 'Certificate of decommissioning {n}',
  device: 'Device',
  name: 'Name',
  model: 'Model',
  serial: 'Serial number',
  udn: 'UDN',
  place: 'Place',
  order: 'Order',
  site: 'Site',
  controller: 'Controller',
  ordered: 'Ordered',
  by: 'by {name}',
  reason: 'Reason',
  note: 'Note',
  revoked: 'Revoked',
  revokedMore: 'and {n} more, in certificate.json',
  revokedNone: 'no certificate of this site was left to revoke',
  list: 'Revocation list no.',
  wiped: 'Wiped',
  bytes: '{n} bytes',
  nothing: 'nothing was there',
  wipes:
    'Wipe no. {n} in the life of this device. It keeps its factory identity, its setup code and the firmware that it runs.',
  proof: 'Proof',
  proven: 'Proven',
  identity: 'Factory certificate (SHA-256)',
  nonce: 'Order that it answers',
  how: 'How to check it',
  how1: 'These files belong together; manifest.p7s is the signature of the site’s controller over all of them. With this program:',
  how2: 'The device’s own signature alone, with OpenSSL:',
  how3: 'Compare the fingerprint of the site authority with the one you were given, not with this paper:',
  none: 'not given',
} as const

const ENGLISH: CertificateWords = {
  text: TEXT,
  reason: {
    retired: 'taken out of service',
    moved: 'goes to another site',
    defect: 'defective',
    lost: 'lost or stolen',
  },
  item: {
    'site-keys': 'Keys of the site',
    'site-anchor': 'Certificate of the site authority',
    network: 'Network and its credential',
    configuration: 'Configuration',
    log: 'Log',
    health: 'Health records',
    'standby-bank': 'Standby firmware bank',
    subscriptions: 'Subscriptions',
    'update-order': 'Update orders',
    'revocation-list': 'Revocation list',
    'setup-guard': 'Record of setup tries',
  },
}

const GERMAN: CertificateWords = {
  text: {
    title: 'Bescheinigung der Außerbetriebnahme',
    lead: 'Dieses Gerät wurde aus dem Standort genommen. Seine Zertifikate wurden widerrufen, es hat gelöscht, was der Standort darauf abgelegt hatte, und seine Aussage darüber wurde geprüft.',
    number: 'Bescheinigung Nr.',
    page: 'Bescheinigung der Außerbetriebnahme {n}',
    device: 'Gerät',
    name: 'Name',
    model: 'Modell',
    serial: 'Seriennummer',
    udn: 'UDN',
    place: 'Ort',
    order: 'Auftrag',
    site: 'Standort',
    controller: 'Controller',
    ordered: 'Beauftragt',
    by: 'von {name}',
    reason: 'Grund',
    note: 'Bemerkung',
    revoked: 'Widerrufen',
    revokedMore: 'und {n} weitere, in certificate.json',
    revokedNone: 'es gab kein Zertifikat dieses Standorts mehr zu widerrufen',
    list: 'Widerrufsliste Nr.',
    wiped: 'Gelöscht',
    bytes: '{n} Bytes',
    nothing: 'nichts vorhanden',
    wipes:
      'Löschung Nr. {n} im Leben dieses Geräts. Es behält seine Werksidentität, seinen Einrichtungscode und die laufende Firmware.',
    proof: 'Beweis',
    proven: 'Bewiesen',
    identity: 'Werkszertifikat (SHA-256)',
    nonce: 'Auftrag, auf den er antwortet',
    how: 'So wird es geprüft',
    how1: 'Diese Dateien gehören zusammen; manifest.p7s ist die Signatur des Controllers über alle. Mit diesem Programm:',
    how2: 'Die Signatur des Geräts allein, mit OpenSSL:',
    how3: 'Den Fingerabdruck der Standort-CA mit dem vergleichen, der Ihnen gegeben wurde, nicht mit diesem Papier:',
    none: 'nicht angegeben',
  },
  reason: {
    retired: 'ausgedient',
    moved: 'kommt an einen anderen Standort',
    defect: 'defekt',
    lost: 'verloren oder gestohlen',
  },
  item: {
    'site-keys': 'Schlüssel des Standorts',
    'site-anchor': 'Zertifikat der Standort-CA',
    network: 'Netzwerk und Zugangsdaten',
    configuration: 'Konfiguration',
    log: 'Protokoll',
    health: 'Zustandsaufzeichnungen',
    'standby-bank': 'Zweite Firmware-Bank',
    subscriptions: 'Abonnements',
    'update-order': 'Update-Aufträge',
    'revocation-list': 'Widerrufsliste',
    'setup-guard': 'Zähler der Einrichtungsversuche',
  },
}

export const certificateWords = (language: 'en' | 'de'): CertificateWords =>
  language === 'de' ? GERMAN : ENGLISH
