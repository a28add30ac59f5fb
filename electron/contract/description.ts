/** A UPnP device description after tolerant reading; all URLs absolute. */
export interface ServiceDescription {
  readonly serviceType: string
  readonly serviceId: string
  readonly scpdUrl: string
  readonly controlUrl: string
  readonly eventSubUrl: string
}

export interface DeviceDescription {
  /** `uuid:…`, lower case, repaired where needed. */
  readonly udn: string
  readonly deviceType: string
  readonly friendlyName: string
  readonly manufacturer: string
  readonly modelName: string
  readonly modelNumber?: string
  readonly serialNumber?: string
  readonly configId?: number
  readonly services: readonly ServiceDescription[]
  /** UDNs of embedded devices. */
  readonly embedded: readonly string[]
  /** Each repair that tolerant reading made, for a visible warning. */
  readonly repairs: readonly string[]
}
