/** German texts of the causes about operation: logs, tests, configuration plans, reports, accounts. */
import type { ErrorCode } from './errors'

export const OPERATION_GERMAN = {
  LOG_RANGE_GONE: [
    'Seit der letzten Abfrage wurde ein neues Protokoll begonnen: {subject}.',
    'Was hier schon gespeichert war, bleibt; der Rest des alten Protokolls ist weg.',
    'Bitte rufen Sie das Protokoll noch einmal ab; es beginnt mit dem neuen.',
  ],
  NOT_RETRIEVED: [
    'Einträge im Protokoll wurden noch von niemandem abgerufen: {subject}.',
    'Nichts wurde gelöscht.',
    'Bitte rufen Sie erst das ganze Protokoll ab und löschen Sie dann.',
  ],
  NO_EXTERNAL_STORAGE: [
    'Kein externer Speicher, auf den geschrieben werden könnte: {subject}.',
    'Das Protokoll ist unverändert.',
    'Bitte stecken Sie am Gerät einen Speicher an oder rufen Sie das Protokoll über das Netz ab.',
  ],
  TEST_UNKNOWN: [
    'Diese Prüfung kennt {subject} nicht.',
    'Dazu gibt es kein Ergebnis.',
    'Bitte starten Sie die Prüfung noch einmal.',
  ],
  PLAN_UNKNOWN: [
    'Diese Änderung der Konfiguration ist nicht verzeichnet.',
    'Nichts wurde geändert.',
    'Bitte lassen Sie sich eine neue Vorschau zeigen.',
  ],
  PLAN_STALE: [
    'Nicht mehr so, wie die Vorschau es zeigt: {subject}.',
    'Konfiguration, Gruppe oder Standortplan haben sich seither geändert; dorthin wurde nichts gesendet.',
    'Bitte sehen Sie sich eine neue Vorschau an und wenden Sie dann diese an.',
  ],
  REPORT_INVALID: [
    'Diesem Bericht ist nicht zu trauen: {subject}.',
    'Etwas darin ist nicht so, wie es unterschrieben wurde.',
    'Bitte verlangen Sie das Original von dem, der ihn übergeben hat.',
  ],
  SIGN_IN_WRONG: [
    'Name und PIN oder Passwort gehören nicht zusammen.',
    'Niemand ist angemeldet.',
    'Bitte versuchen Sie es noch einmal; nach mehreren falschen Versuchen müssen Sie warten.',
  ],
  SIGN_IN_NEEDED: [
    'Niemand ist angemeldet.',
    'Nichts wurde geändert.',
    'Bitte melden Sie sich erst mit Ihrem Konto an.',
  ],
  ROLE_TOO_LOW: [
    'Ihr Konto darf das nicht.',
    'Nichts wurde geändert.',
    'Bitte fragen Sie jemanden, dessen Konto es darf: {subject}.',
  ],
  AUDIT_DAMAGED: [
    'Das Verzeichnis, wer was getan hat, wurde von außen geändert.',
    'Neue Einträge kommen weiter dazu; auf die alten ist kein Verlass.',
    'Bitte heben Sie eine Kopie des Datenordners auf und klären Sie, wer Zugang hatte.',
  ],
  CHECK_FAILED: [
    'Die Prüfung hat einen Fehler gefunden: {subject}.',
    'Am Gerät wurde nichts geändert.',
    'Bitte lesen Sie den Befund und tun Sie, was er sagt.',
  ],
  CONFIGURATION_DIFFERS: [
    'Es läuft nicht die Konfiguration, die laufen soll: {subject}.',
    'Nichts wurde geändert.',
    'Bitte sehen Sie sich die Unterschiede an und wenden Sie die Vorlage an oder ändern Sie sie.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [what: string, state: string, next: string]>>
