import type { en, Texts } from '../en'

export const missing: Texts<typeof en.missing> = {
  title: 'Warum fehlt eines?',
  again: 'Neu nachsehen',
  intro: 'Was dieser Rechner in jedem Netz gesendet und gehört hat, und jede abgelehnte Meldung.',
  hints: 'Was das bedeutet',
  interfaces: 'Netze',
  column: {
    name: 'Netz',
    address: 'Adresse',
    listening: 'Hört',
    searches: 'Suchen gesendet',
    packets: 'Pakete gehört',
    answers: 'Antworten',
    notifies: 'Meldungen',
    malformed: 'Unlesbar',
    last: 'Zuletzt',
  },
  yes: 'hört',
  no: 'hört nicht',
  never: 'nie',
  unusedText: 'Diese gibt es auf dem Rechner, sie sind in den Einstellungen aber nicht gewählt:',
  refused: 'Abgelehnte Meldungen',
  refusedNone: 'Keine: Alles Gehörte steht in der Liste.',
  refusedColumn: {
    from: 'Von',
    reason: 'Warum es nicht in der Liste steht',
    count: 'Mal',
    last: 'Zuletzt',
    usn: 'Nennt sich',
  },
  refusal: {
    'malformed-packet': 'Sein Paket ist nicht lesbar.',
    'no-location': 'Es sagt nicht, wo seine Beschreibung liegt.',
    'bad-location': 'Die Adresse seiner Beschreibung ist nicht brauchbar.',
    'off-subnet':
      'Seine Beschreibung liegt in einem anderen Netz als dem, in dem es gehört wurde. „Geräte anderer Netze zulassen“ in den Einstellungen lässt es herein.',
    'loopback-location': 'Es nennt sich 127.0.0.1; das gilt nur auf dem Gerät selbst.',
    'redirect-other-host': 'Seine Beschreibung verweist auf einen anderen Rechner.',
    'fetch-failed': 'Seine Beschreibung konnte nicht geholt werden.',
    'too-large': 'Seine Beschreibung ist größer als erlaubt.',
    'not-xml': 'Seine Beschreibung ist kein lesbares XML.',
    'udn-mismatch': 'Meldung und Beschreibung nennen zwei verschiedene Geräte.',
    'list-full': 'Die Liste ist voll.',
  },
  hint: {
    'no-interface': {
      title: 'Kein Netz ist verbunden',
      text: 'Dieser Rechner hat kein Netz mit einer Adresse. Kabel einstecken oder dem WLAN des Standorts beitreten, dann neu nachsehen.',
    },
    'nothing-heard': {
      title: 'Nichts wurde gehört',
      text: 'Suchen gingen hinaus, nichts kam zurück. Prüfen, ob ein Gerät eingeschaltet und im selben Netz ist (nicht hinter einem Router, nicht in einem anderen VLAN), dann neu nachsehen.',
    },
    'only-own-packets': {
      title: 'Nur dieser Rechner wurde gehört',
      text: 'Das Netz bringt nur unsere eigenen Pakete zurück. Gäste-WLAN und „Client-Isolation“ tun das: Kabel oder ein anderes Netz nehmen.',
    },
    'port-1900-shared': {
      title: 'Ein anderes Programm benutzt Port 1900',
      text: 'Port 1900 wird mit einem anderen Programm geteilt (unter Windows oft dem SSDP-Dienst). Meist bekommen beide alle Meldungen; fehlen Geräte, das andere beenden.',
    },
    'buffer-small': {
      title: 'Der Empfangspuffer ist klein',
      text: 'Das Betriebssystem gab weniger Speicher für ankommende Pakete als verlangt. Bei Hunderten von Geräten gehen Meldungen verloren. Mit diesem Befehl mehr erlauben, dann das Programm neu starten:',
    },
    'packets-dropped': {
      title: 'Pakete gingen verloren',
      text: 'Das Betriebssystem verwarf {{drops}} ankommende Pakete, weil sie zu schnell kamen. Neu suchen: Geräte antworten zu verschiedenen Zeiten.',
    },
    'firewall-linux': {
      title: 'Eine Firewall verwirft vielleicht Meldungen',
      text: 'Geräten des eigenen Netzes erlauben, diesen Rechner zu erreichen (Meldungen an UDP-Port 1900 und ihre Anfragen an dieses Programm). Eines von:',
    },
    'firewall-windows': {
      title: 'Die Windows-Firewall verwirft vielleicht Meldungen',
      text: 'Einmal als Administrator erlauben:',
    },
    'firewall-macos': {
      title: 'Die macOS-Firewall verwirft vielleicht Meldungen',
      text: 'Dieses Programm einmal erlauben:',
    },
    'devices-refused': {
      title: 'Einige wurden gehört, aber abgelehnt',
      text: 'Die Tabelle unten sagt, welche und warum.',
    },
    'vpn-active': {
      title: 'Ein VPN ist aktiv',
      text: 'Es nimmt dem Kabel vielleicht die Meldungen weg. Anhalten, oder in den Einstellungen die richtigen Netze wählen.',
    },
    'all-fine': {
      title: 'Alle Netze hören Meldungen',
      text: 'Fehlt trotzdem ein Gerät, prüfen Sie seinen Strom und ob es in einem der Netze unten ist; ein Gerät ohne eigenes Netz ist hier nicht zu hören.',
    },
  },
  openSettings: 'Netze wählen …',
}
