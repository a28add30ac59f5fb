/** Calls about the factory: the station, its ledger, its authority; and provisioning over cable or network. */
import { listSerialPorts } from '../serial/ports'
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

type FactoryCalls = Extract<
  keyof Handlers,
  | `station.${string}`
  | `ledger.${string}`
  | `authority.${string}`
  | `provision.${string}`
  | 'serial.ports'
  | 'file.save'
>

export const factoryHandlers = (controller: ControllerApi): Pick<Handlers, FactoryCalls> => {
  const floor = () => controller.factory()
  return {
    'serial.ports': () => listSerialPorts(),
    'station.open': () => floor().view(),
    'station.configure': (change) => floor().configure(change),
    'station.enter': () => floor().enter(),
    'station.leave': ({ pin }) => floor().leave(pin),
    'station.signIn': ({ pin }) => floor().signIn(pin),
    'station.signOut': () => floor().signOut(),
    'station.addPerson': (person) => floor().addPerson(person),
    'station.removePerson': ({ name }) => floor().removePerson(name),
    'station.scan': ({ text }) => floor().scan(text),
    'station.chooseLane': ({ lane }) => floor().chooseLane(lane),
    'station.start': ({ lane }) => floor().startLane(lane),
    'station.unlockLane': ({ lane }) => floor().unlockLane(lane),
    'station.log': ({ lane }) => [...floor().laneLog(lane)],
    'station.label': (request) => floor().label(request),
    'station.printers': () => floor().printers(),
    'ledger.summary': () => floor().summary(),
    'ledger.units': (request) => floor().units(request),
    'ledger.addRange': (range) => floor().addRange(range),
    'ledger.burn': ({ serialNumber, reason }) => floor().burn(serialNumber, reason),
    'ledger.scrap': ({ serialNumber, reason }) => floor().scrap(serialNumber, reason),
    'ledger.verify': () => floor().verifyLedger(),
    'ledger.export': ({ format }) => floor().saveLedger(format),
    'authority.get': () => floor().authority.view(),
    'authority.createRoot': (request) => floor().authority.createRoot(request),
    'authority.request': ({ commonName }) => floor().authority.request(commonName),
    'authority.sign': (request) => floor().authority.sign(request),
    'authority.install': ({ chainPem }) => floor().authority.install(chainPem),
    'provision.look': ({ path }) => controller.lookSerial(path),
    'provision.start': (request) => controller.provision(request),
    'file.save': ({ name, text }) => controller.files().save(name, text),
  }
}
