import type { en, Texts } from '../en'

export const setup: Texts<typeof en.setup> = {
  title: 'Willkommen',
  intro: 'Drei Fragen, dann erscheinen Geräte. Nichts verlässt diesen Rechner.',
  who: {
    title: 'Wer sind Sie?',
    label: 'Ihr Name',
    hint: 'Steht im Prüfbuch bei allem, was Sie freigeben.',
    placeholder: 'Vor- und Nachname',
  },
  networks: {
    title: 'Welche Netze?',
    hint: 'Dort wird nach Geräten gesucht und gehört.',
    none: 'Jetzt ist kein Netz verbunden. Sie können weitermachen: Gehört wird, sobald eines da ist.',
    all: 'Alle Netze, auch später hinzukommende',
  },
  site: {
    title: 'Welcher Standort?',
    new: 'Neuer Standort',
    newHint: 'Legt eine eigene Zertifizierungsstelle für den Standort an, versiegelt auf diesem Rechner.',
    open: 'Standort-CA mitbringen (PKCS#12)',
    openHint:
      'Holt die Zertifizierungsstelle des Standorts aus einer .p12- oder .pfx-Datei. Weitere Geräte stellt dann sie aus.',
    name: 'Name des Standorts',
    placeholder: 'Gebäude, Anlage oder Adresse',
    file: 'Datei wählen …',
    noFile: 'Keine Datei gewählt',
    filePassphrase: 'Passwort der Datei',
    tooLarge: 'Diese Datei ist zu groß für eine PKCS#12-Datei.',
  },
  passphrase: {
    title: 'Passwort für diesen Rechner',
    hint: 'Dieser Rechner hat keinen Schlüsselspeicher für die Schlüssel des Standorts; ein Passwort versiegelt sie. Es wird bei jedem Start verlangt und kann nicht wiederhergestellt werden.',
    label: 'Passwort (mindestens 8 Zeichen)',
    again: 'Noch einmal',
    different: 'Die beiden sind nicht gleich.',
  },
  keyStore:
    'Der Schlüsselspeicher dieses Rechners versiegelt die Schlüssel des Standorts; kein Passwort nötig.',
  start: 'Beginnen',
  missing: {
    technician: 'Ihren Namen',
    siteName: 'den Namen des Standorts',
    passphrase: 'ein Passwort',
    file: 'die Datei',
    interfaces: 'ein Netz',
  },
  stillNeeded: 'braucht {{what}}',
  practice: {
    title: 'Nur umsehen?',
    text: 'Der Übungsstandort startet echte Referenzgeräte auf diesem Rechner, sodass sich alles ohne Geräte ausprobieren lässt. Er braucht keine Antworten.',
    button: 'Übungsstandort ausprobieren',
  },
  unlock: {
    title: '{{site}} entsperren',
    text: 'Die Schlüssel dieses Standorts sind mit Ihrem Passwort versiegelt.',
    label: 'Passwort',
    button: 'Entsperren',
    bundle:
      'Lässt sich der Standort nicht öffnen, kann ein Diagnosepaket zeigen, warum. Es enthält nichts über den Standort.',
  },
}
