import type { en, Texts } from '../en'

export const settings: Texts<typeof en.settings> = {
  title: 'Einstellungen',
  version: 'Version {{version}}',
  site: {
    title: 'Sie und der Standort',
    hint: 'Ihr Name steht im Prüfbuch bei allem, was Sie freigeben.',
    technician: 'Ihr Name',
    siteName: 'Name des Standorts',
    udn: 'Diese Zentrale',
  },
  networks: {
    title: 'Netze',
    hint: 'In den angekreuzten Netzen wird gesucht und gehört.',
    all: 'Alle Netze dieses Rechners',
    allHint: 'Auch solche, die später dazukommen.',
    some: 'Nur diese:',
    loopback: 'nur dieser Rechner',
    noAddress: 'jetzt ohne Adresse',
    gone: 'jetzt nicht vorhanden',
    offSubnet: 'Geräte anderer Netze zulassen',
    offSubnetHint:
      'Nimmt ein Gerät an, dessen Beschreibung in einem anderen Netz liegt als dem, in dem es gehört wurde. Nur einschalten, wenn der Standort es braucht: Ein Fremder kann diesen Rechner damit auf jede Maschine verweisen.',
    needOne: 'mindestens ein Netz ankreuzen',
  },
  trust: {
    title: 'Vertraute Wurzeln',
    hint: 'Geräte sind echt, wenn ihre Identität bei einer dieser Wurzeln von Herstellern endet.',
    list: 'Vertraute Wurzeln',
    fingerprint: 'Fingerabdruck (SHA-256)',
    practice: 'Übung',
    add: 'Wurzel hinzufügen …',
    addTitle: 'Vertraute Wurzel hinzufügen',
    addHint:
      'Wurzelzertifikat des Herstellers (PEM) einfügen oder als Datei laden. Vorher den Fingerabdruck mit dem vergleichen, den der Hersteller veröffentlicht.',
    paste: 'Zertifikat (PEM)',
    file: 'Datei laden …',
    notPem: 'noch kein Zertifikat darin',
    addYes: 'Wurzel hinzufügen',
    remove: 'Entfernen …',
    removeTitle: '{{name}} entfernen?',
    removeText:
      'Geräten dieses Herstellers wird bei der Aufnahme nicht mehr vertraut. Schon aufgenommene arbeiten weiter.',
    removeYes: 'Wurzel entfernen',
    empty:
      'Noch wird keiner Wurzel vertraut, also kann kein Gerät aufgenommen werden. Fügen Sie das Wurzelzertifikat Ihres Geräteherstellers hinzu.',
  },
  look: {
    title: 'Sprache und Aussehen',
    language: 'Sprache',
    theme: 'Farben',
    system: 'Wie das System',
    light: 'Hell',
    dark: 'Dunkel',
    english: 'English',
    german: 'Deutsch',
  },
  work: {
    title: 'Suche und Aufträge',
    mx: 'Geräte antworten auf eine Suche innerhalb von',
    mxHint: 'Länger verteilt die Antworten vieler Geräte.',
    seconds: '{{count}} s',
    concurrency: 'Geräte, an denen zugleich gearbeitet wird',
    concurrencyHint: 'Die anderen warten, bis sie an der Reihe sind.',
  },
}
