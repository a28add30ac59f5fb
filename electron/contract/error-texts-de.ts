import { FIRMWARE_GERMAN } from './error-texts-firmware-de'
import { OPERATION_GERMAN } from './error-texts-operation-de'
import { SITE_GERMAN } from './error-texts-site-de'
import type { ErrorCode } from './errors'

/**
 * Was geschah · wie es jetzt steht · was zu tun ist. `{subject}` stands only where nominative or accusative is due:
 * the neutral nouns are the same in both.
 */
export const GERMAN: Readonly<Record<ErrorCode, readonly [what: string, state: string, next: string]>> = {
  INVALID_ACTION: [
    '{subject} kennt diese Aktion nicht.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie, ob die Firmware des Geräts und dieses Programm aktuell sind.',
  ],
  INVALID_ARGS: [
    '{subject} hat die Anfrage nicht verstanden.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie, ob Firmware und Programm aktuell sind, und versuchen Sie es noch einmal.',
  ],
  ACTION_FAILED: [
    '{subject} konnte die Aktion nicht ausführen.',
    'Das Gerät ist noch da, das Verlangte wurde aber nicht erledigt.',
    'Bitte versuchen Sie es noch einmal; gelingt es wieder nicht, starten Sie das Gerät neu.',
  ],
  VALUE_INVALID: [
    'Ein Wert hat nicht die richtige Form.',
    'Es wurde nichts geändert.',
    'Bitte berichtigen Sie den Wert und versuchen Sie es noch einmal.',
  ],
  VALUE_OUT_OF_RANGE: [
    'Ein Wert liegt außerhalb des erlaubten Bereichs.',
    'Es wurde nichts geändert.',
    'Bitte geben Sie einen Wert innerhalb der Grenzen ein.',
  ],
  STRING_TOO_LONG: ['Ein Text ist zu lang.', 'Es wurde nichts geändert.', 'Bitte kürzen Sie den Text.'],
  NOT_AUTHORIZED: [
    '{subject} erlaubt das diesem Rechner nicht.',
    'Es wurde nichts geändert.',
    'Bitte verwenden Sie den Rechner des Standorts, der das Gerät aufgenommen hat.',
  ],
  AUTHENTICATION_FAILED: [
    '{subject} hat unseren Ausweis nicht anerkannt.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie, ob das Gerät zu diesem Standort gehört, und versuchen Sie es noch einmal.',
  ],
  SETUP_CODE_WRONG: [
    'Der Einrichtungscode ist falsch.',
    'Das Gerät ist unverändert; nach fünf falschen Codes sperrt es sich eine Zeit lang.',
    'Bitte lesen Sie den Code noch einmal vom Etikett ab oder scannen Sie ihn.',
  ],
  LOCKED_OUT: [
    'Es gab zu viele falsche Versuche.',
    'Weitere Versuche werden eine Zeit lang abgewiesen; verloren ist nichts.',
    'Bitte warten Sie die angezeigte Zeit ab und geben Sie Code oder Kennwort dann neu ein.',
  ],
  IDENTITY_NOT_TRUSTED: [
    '{subject} hat kein Zertifikat eines Herstellers oder Standorts, dem hier vertraut wird.',
    'Es wurde nichts an das Gerät gesendet und nichts geändert.',
    'Bitte prüfen Sie das Etikett; ist das Gerät echt, fügen Sie unter „Einstellungen“ das Stammzertifikat des Herstellers hinzu.',
  ],
  IDENTITY_REVOKED: [
    '{subject} hat ein widerrufenes Zertifikat.',
    'Es wurde nichts an das Gerät gesendet und nichts geändert.',
    'Bitte verwenden Sie dieses Gerät nicht und fragen Sie die Standortleitung oder den Hersteller nach dem Grund.',
  ],
  PENDING: [
    '{subject} wartet auf die Freigabe.',
    'Das Gerät ist unverändert und fragt von selbst weiter.',
    'Bitte öffnen Sie „Aufnehmen“, vergleichen Sie die Identität und geben Sie das Gerät frei oder weisen Sie es ab.',
  ],
  WRONG_PHASE: [
    '{subject} lässt das in der jetzigen Phase nicht zu.',
    'Es wurde nichts geändert.',
    'Bitte sehen Sie nach der Phase des Geräts und schließen Sie erst den Schritt davor ab.',
  ],
  BUSY: [
    '{subject} ist gerade mit etwas anderem beschäftigt.',
    'Es wurde nichts geändert; die laufende Arbeit geht weiter.',
    'Bitte warten Sie eine Minute und versuchen Sie es noch einmal.',
  ],
  UNKNOWN_PARAMETER: [
    '{subject} kennt eine dieser Einstellungen nicht.',
    'Keiner der neuen Werte wurde übernommen; die alten gelten weiter.',
    'Bitte nehmen Sie die Einstellung aus der Gruppe oder wählen Sie eine Gruppe, die zum Modell passt.',
  ],
  READ_ONLY_PARAMETER: [
    '{subject} erlaubt bei einer dieser Einstellungen nur das Lesen.',
    'Keiner der neuen Werte wurde übernommen; die alten gelten weiter.',
    'Bitte nehmen Sie die Einstellung aus der Gruppe und versuchen Sie es noch einmal.',
  ],
  IDENTITY_EXPIRED: [
    '{subject} hat ein Zertifikat, das heute nicht gültig ist.',
    'Es wurde nichts an das Gerät gesendet und nichts geändert.',
    'Bitte prüfen Sie zuerst Datum und Uhrzeit dieses Rechners; stimmen sie, nehmen Sie das Gerät neu auf.',
  ],
  UDN_MISMATCH: [
    '{subject} hat mit dem Zertifikat eines anderen Geräts geantwortet.',
    'Es wurde nichts dorthin gesendet und nichts geändert.',
    'Bitte prüfen Sie Adressen und Kabel, vergleichen Sie das Etikett und suchen Sie neu.',
  ],
  REQUEST_INVALID: [
    '{subject} hat einen fehlerhaften Zertifikatsantrag gestellt.',
    'Es wurde kein Zertifikat ausgestellt; das Gerät ist unverändert.',
    'Bitte starten Sie das Gerät neu; geschieht es wieder, schicken Sie es an den Hersteller.',
  ],
  KEY_REUSED: [
    '{subject} benutzt einen Schlüssel, den schon ein anderes Gerät benutzt.',
    'Es wurde kein Zertifikat ausgestellt; das Gerät ist unverändert.',
    'Bitte verwenden Sie dieses Gerät nicht: Es kann eine Kopie sein. Melden Sie dem Hersteller die Seriennummer.',
  ],
  REJECTED: [
    '{subject} wurde abgewiesen.',
    'Das Gerät hat kein Zertifikat bekommen und ist unverändert.',
    'War das ein Versehen, nehmen Sie das Gerät bitte neu auf und geben Sie es frei.',
  ],
  DEVICE_UNKNOWN: [
    '{subject} steht nicht in der Geräteliste.',
    'Es wurde nichts geändert.',
    'Bitte suchen Sie neu und prüfen Sie, ob das Gerät eingeschaltet und in diesem Netz ist.',
  ],
  DEVICE_OFFLINE: [
    '{subject} war eine Weile nicht zu hören.',
    'Der letzte bekannte Stand bleibt; wartende Arbeit geht weiter, sobald das Gerät zurück ist.',
    'Bitte prüfen Sie Strom und Netz des Geräts.',
  ],
  DEVICE_UNREACHABLE: [
    '{subject} ist unter der angegebenen Adresse nicht erreichbar.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie Strom, Netz und Firewall und versuchen Sie es noch einmal.',
  ],
  TLS_REFUSED: [
    '{subject} und dieser Rechner haben keine sichere Verbindung zustande gebracht.',
    'Es wurde nichts unsicher übertragen und nichts geändert.',
    'Bitte prüfen Sie, ob das Gerät zu diesem Standort gehört, starten Sie es neu und versuchen Sie es noch einmal.',
  ],
  TIMED_OUT: [
    '{subject} hat nicht rechtzeitig geantwortet.',
    'Es ist nicht bekannt, ob das Gerät die Anfrage ausgeführt hat.',
    'Bitte versuchen Sie es noch einmal: Zuerst wird das Gerät nach seinem Stand gefragt, nichts geschieht doppelt.',
  ],
  BAD_ANSWER: [
    '{subject} hat eine unverständliche Antwort gegeben.',
    'Die Antwort wurde nicht verwendet; das Verlangte ist vielleicht nicht erledigt.',
    'Bitte versuchen Sie es noch einmal; geschieht es wieder, aktualisieren Sie die Firmware des Geräts.',
  ],
  READ_BACK_DIFFERS: [
    '{subject} meldet etwas anderes, als geschrieben wurde.',
    'Das Gerät arbeitet mit den Werten, die es meldet.',
    'Bitte starten Sie den Auftrag noch einmal; bleibt der Unterschied, sehen Sie die Konfiguration des Geräts an.',
  ],
  NOT_CONFIRMED: [
    '{subject} hat die Aufnahme noch nicht bestätigt.',
    'Das Gerät hat sein Zertifikat, ist aber noch nicht in Betrieb.',
    'Bitte lassen Sie das Gerät eingeschaltet und im Netz und starten Sie den Auftrag noch einmal.',
  ],
  DEVICE_NOT_MANAGED: [
    '{subject} lässt sich mit diesem Programm nicht verwalten.',
    'Das Gerät steht in der Liste, bleibt aber unberührt.',
    'Bitte wählen Sie ein Gerät, das als verwaltbar gekennzeichnet ist.',
  ],
  USAGE: [
    'Der Befehl oder die Eingabe ist nicht vollständig.',
    'Es wurde nichts getan.',
    'Bitte sehen Sie in der Hilfe des Befehls nach oder ergänzen Sie, was fehlt.',
  ],
  CANCELLED: [
    'Der Vorgang wurde abgebrochen.',
    'Was bis dahin erledigt war, bleibt erledigt.',
    'Bitte starten Sie ihn neu, wenn es weitergehen soll.',
  ],
  INTERRUPTED: [
    'Das Programm wurde währenddessen geschlossen.',
    'Fertiges bleibt fertig; der offene Schritt ist bekannt.',
    'Bitte starten Sie den Auftrag noch einmal: Er fragt zuerst das Gerät und geht von dort weiter.',
  ],
  INTERFACE_UNKNOWN: [
    'Dieser Rechner kennt das gewählte Netz nicht: {subject}.',
    'Das Programm hört dort nicht.',
    'Bitte stecken Sie den Adapter ein oder wählen Sie unter „Einstellungen“ ein anderes Netz.',
  ],
  NETWORK_UNAVAILABLE: [
    'Das Netz ist zurzeit nicht benutzbar.',
    'Geräte sind weder zu hören noch zu erreichen; Aufträge warten.',
    'Bitte prüfen Sie Kabel, WLAN und die gewählten Netze unter „Einstellungen“.',
  ],
  VAULT_LOCKED: [
    'Die Schlüssel dieses Standorts sind verschlossen.',
    'Geräte sind zu sehen, lassen sich aber nicht aufnehmen oder ändern.',
    'Bitte geben Sie das Kennwort des Standorts ein.',
  ],
  PASSPHRASE_WRONG: [
    'Das Kennwort ist falsch.',
    'Es wurde nichts geöffnet und nichts geändert.',
    'Bitte prüfen Sie Feststelltaste und Tastatursprache und geben Sie es noch einmal ein.',
  ],
  DATA_IN_USE: [
    'Dieser Standort ist schon in einem anderen Fenster oder Programm offen.',
    'Es wurde nichts geändert.',
    'Bitte schließen Sie das andere oder arbeiten Sie dort weiter.',
  ],
  DATA_DAMAGED: [
    'Eine Datei dieses Standorts ist beschädigt: {subject}.',
    'Sie wurde weder verwendet noch überschrieben; die Geräte arbeiten weiter.',
    'Bitte stellen Sie den Datenordner aus einer Sicherung wieder her oder fragen Sie die Standortleitung.',
  ],
  FILE_INVALID: [
    '{subject} ist für diesen Zweck nicht lesbar.',
    'Es wurde nichts daraus übernommen.',
    'Bitte wählen Sie eine andere Datei oder lassen Sie sie neu erstellen.',
  ],
  CERTIFICATE_INVALID: [
    'Ein Zertifikat passt nicht zu seinem Zweck: {subject}.',
    'Es wurde nicht übernommen; geändert wurde nichts.',
    'Bitte wählen Sie ein passendes; eine Zertifizierungsstelle braucht einen P-256- oder P-384-Schlüssel und darf Zertifikate ausstellen.',
  ],
  JOB_UNKNOWN: [
    'Diesen Auftrag gibt es nicht mehr.',
    'Es wurde nichts geändert.',
    'Bitte sehen Sie in der Auftragsliste nach und starten Sie ihn bei Bedarf neu.',
  ],
  GROUP_UNKNOWN: [
    'Diese Gruppe gibt es nicht: {subject}.',
    'Es wurde nichts geändert.',
    'Bitte wählen Sie eine Gruppe aus der Liste oder legen Sie sie unter „Standort“ an.',
  ],
  SETUP_NEEDED: [
    'Dieses Programm ist noch nicht eingerichtet.',
    'Es wurde nichts geändert.',
    'Bitte beantworten Sie die Fragen des ersten Starts.',
  ],
  REQUEST_REFUSED: [
    'Das Programm hat diese Anfrage abgewiesen.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie die Eingabe und versuchen Sie es noch einmal.',
  ],
  SECRET_NEEDED: [
    'Ein Einrichtungscode oder Netzwerkkennwort wird noch einmal gebraucht: {subject}.',
    'Es wird nie gespeichert, darum ist es nach einem Neustart vergessen; das Gerät ist wie zuvor.',
    'Bitte öffnen Sie den Assistenten und geben Sie es noch einmal ein.',
  ],
  PRINTER_UNAVAILABLE: [
    'Der Drucker ist nicht benutzbar: {subject}.',
    'Es wurde nichts gedruckt; das Gerät selbst ist fertig.',
    'Bitte prüfen Sie den Drucker, oder sichern Sie das Etikett als PDF.',
  ],
  SERIAL_PORT_MISSING: [
    'Die serielle Schnittstelle ist nicht da: {subject}.',
    'Es wurde nichts gesendet.',
    'Bitte stecken Sie das Kabel ein, prüfen Sie, ob es auch Daten führt, und wählen Sie die Schnittstelle noch einmal.',
  ],
  SERIAL_PORT_DENIED: [
    'Dieser Benutzer darf die serielle Schnittstelle nicht öffnen: {subject}.',
    'Es wurde nichts gesendet.',
    'Nehmen Sie den Benutzer unter Linux in die Gruppe „dialout“ auf (sudo usermod -aG dialout $USER) und melden Sie sich neu an; sonst fehlt der Treiber des Kabels.',
  ],
  SERIAL_PORT_BUSY: [
    'Ein anderes Programm benutzt die serielle Schnittstelle: {subject}.',
    'Es wurde nichts gesendet.',
    'Bitte schließen Sie das andere Programm und versuchen Sie es noch einmal.',
  ],
  SERIAL_UNPLUGGED: [
    'Das Gerät wurde mitten in der Arbeit abgezogen.',
    'Was vorher fertig war, ist festgehalten; der laufende Schritt ist offen.',
    'Bitte stecken Sie dasselbe Gerät wieder ein: Es geht weiter, wo es stand.',
  ],
  SERIAL_SILENT: [
    'An der seriellen Schnittstelle antwortet niemand: {subject}.',
    'Es wurde nichts geändert.',
    'Bitte prüfen Sie Strom und Kabel, drücken Sie die Reset-Taste des Geräts und versuchen Sie es noch einmal.',
  ],
  NOT_SMP: [
    'Was an dieser Schnittstelle spricht, kennt das Verwaltungsprotokoll nicht: {subject}.',
    'Es wurde nichts geändert; gesendet wurden nur Fragen.',
    'Bitte prüfen Sie, ob das richtige Gerät eingelegt ist und ob seine Firmware die serielle Verwaltung enthält.',
  ],
  DEVICE_REFUSED: [
    '{subject} hat einen Befehl über die serielle Leitung abgelehnt.',
    'Der Schritt ist nicht erledigt; die Schritte davor gelten.',
    'Bitte nehmen Sie das Gerät heraus und legen Sie es wieder ein; lehnt es wieder ab, legen Sie es für die Aufsicht zur Seite.',
  ],
  WRONG_MODEL: [
    'Das Gerät ist von einem anderen Modell: {subject}.',
    'Es wurde nichts geändert.',
    'Bitte legen Sie ein Gerät des richtigen Modells ein, oder wählen Sie das andere Modell.',
  ],
  ALREADY_LOCKED: [
    'Dieses Gerät hat schon seine Identität: {subject}.',
    'Es ist verriegelt; geändert wurde nichts.',
    'Bitte nehmen Sie es heraus. Sollte es neu sein, vergleichen Sie sein Etikett mit dem Register.',
  ],
  SERIAL_NUMBER_USED: [
    'Diese Seriennummer wurde schon benutzt: {subject}.',
    'Es wurde nichts geändert; das Gerät in der Bahn ist wie zuvor.',
    'Bitte scannen Sie eine andere; das Register zeigt, wo diese benutzt wurde.',
  ],
  SERIAL_NUMBER_INVALID: [
    'Das ist keine Seriennummer dieser Linie: {subject}.',
    'Es wurde nichts geändert.',
    'Bitte scannen Sie das Etikett noch einmal; gültig sind Buchstaben, Ziffern, Punkte und Striche innerhalb der freigegebenen Bereiche.',
  ],
  RANGE_EXHAUSTED: [
    'Alle freigegebenen Seriennummern sind verbraucht.',
    'Es wurde nichts geändert.',
    'Die Aufsicht muss einen weiteren Nummernbereich freigeben.',
  ],
  AUTHORITY_MISSING: [
    'Diese Station darf noch keine Zertifikate ausstellen.',
    'Es wurde nichts geändert.',
    'Bitte erstellen Sie unter „Fertigung“ den Antrag der Station, lassen Sie ihn von der Wurzel unterschreiben und übernehmen Sie die Antwort.',
  ],
  AUTHORITY_EXPIRED: [
    'Die Zeit der Stations-Zertifizierungsstelle ist abgelaufen: {subject}.',
    'Es wurde kein Zertifikat ausgestellt; fertige Geräte bleiben gültig.',
    'Bitte lassen Sie einen neuen Antrag der Station von der Wurzel unterschreiben.',
  ],
  QUOTA_EXHAUSTED: [
    'Die Station hat so viele Zertifikate ausgestellt, wie ihre Wurzel erlaubt.',
    'Es wurde kein Zertifikat ausgestellt.',
    'Bitte lassen Sie einen neuen Antrag der Station mit neuer Menge von der Wurzel unterschreiben.',
  ],
  AUTHORITY_UNTRUSTED: [
    'Die Zertifikatskette der Station endet nicht an einer vertrauten Wurzel: {subject}.',
    'Sie wurde nicht übernommen; geändert wurde nichts.',
    'Bitte prüfen Sie, ob die richtige Wurzel unterschrieben hat, und übernehmen Sie deren Antwort.',
  ],
  LEDGER_INVALID: [
    'Das Register besteht die Prüfung nicht: {subject}.',
    'Es wird nichts mehr hineingeschrieben und kein Gerät gestartet.',
    'Lassen Sie die Datei, wie sie ist, rufen Sie die Aufsicht und vergleichen Sie mit dem letzten Export.',
  ],
  SOFTWARE_KEY_REFUSED: [
    'Das Gerät hält seinen Schlüssel im gewöhnlichen Speicher; diese Linie nimmt nur Schlüssel in Hardware an.',
    'Es wurde nichts geändert.',
    'Bitte legen Sie das Gerät zur Seite, oder lassen Sie die Aufsicht Software-Schlüssel erlauben.',
  ],
  PIN_WRONG: [
    'Die PIN ist falsch.',
    'Die Station bleibt gesperrt; nach fünf falschen PINs wartet sie.',
    'Bitte geben Sie die PIN noch einmal ein.',
  ],
  LANE_LOCKED: [
    'Diese Bahn hat sich nach Fehlern in Folge selbst gesperrt: {subject}.',
    'Ihre Geräte werden nicht gestartet; die anderen Bahnen arbeiten weiter.',
    'Bitte rufen Sie die Aufsicht; sie sucht die Ursache und gibt die Bahn frei.',
  ],
  OTHER_DEVICE: [
    'In der Bahn liegt ein anderes Gerät als das begonnene.',
    'Es wurde nichts dorthin gesendet.',
    'Bitte legen Sie das begonnene Gerät wieder ein, oder lassen Sie die Aufsicht seine Seriennummer verwerfen.',
  ],
  SELF_TEST_FAILED: [
    'Das Gerät konnte nicht beweisen, dass es seinen Schlüssel hat.',
    'Das Zertifikat ist eingetragen, aber das Gerät ist nicht verriegelt und nicht fertig.',
    'Bitte nehmen Sie es heraus und legen Sie es wieder ein; schlägt es wieder fehl, legen Sie es für die Aufsicht zur Seite.',
  ],
  NETWORK_NOT_JOINED: [
    '{subject} ist im neuen Netzwerk nicht erschienen.',
    'Möglicherweise ist das Gerät noch im Einrichtungsnetz, in seinem alten Zustand.',
    'Bitte prüfen Sie Name und Kennwort des Netzwerks, warten Sie eine Minute und richten Sie es noch einmal ein.',
  ],
  ...FIRMWARE_GERMAN,
  ...OPERATION_GERMAN,
  ...SITE_GERMAN,
  DEFECT: [
    'Im Programm selbst ist etwas schiefgegangen.',
    'Fertiges ist gesichert; der fehlgeschlagene Schritt gilt nicht als erledigt.',
    'Bitte versuchen Sie es noch einmal; geschieht es wieder, starten Sie das Programm neu und melden Sie es.',
  ],
}
