import { cString, uint8 } from './octets.ts';

/** Octets without the NUL (SMPP 3.4, section 4.1.5). */
export const BIND_LIMITS = { systemId: 15, password: 8, systemType: 12 };
const VERSION_3_4 = 0x34;

export interface Credentials {
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
}

/** The body of bind_transceiver: any address, as the SMSC knows which are ours. */
export const bindBody = ({ systemId, password, systemType }: Credentials): Buffer =>
  Buffer.concat([
    cString(systemId, BIND_LIMITS.systemId + 1, 'system_id'),
    cString(password, BIND_LIMITS.password + 1, 'password'),
    cString(systemType, BIND_LIMITS.systemType + 1, 'system_type'),
    uint8(VERSION_3_4),
    Buffer.from([0, 0]), // addr_ton, addr_npi
    cString('', 41, 'address_range'),
  ]);
