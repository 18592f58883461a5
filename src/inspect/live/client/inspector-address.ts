import { invalid } from '../../../config/code-options.js';

/** Where an inspector is, and what lets one in. */
export interface InspectorAddress {
  /** `http://127.0.0.1:4983` */
  readonly origin: string;
  /** The one-time token of its fragment. */
  readonly token: string;
}

const hosts: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Reads the address that an inspected process has printed. What it says is not repeated in errors: the token is in it.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function readInspectorAddress(url: string): InspectorAddress {
  if (!URL.canParse(url)) throw wrong('it is no URL');
  const { protocol, hostname, origin, hash } = new URL(url);
  if (protocol !== 'http:') throw wrong(`it begins with ${protocol}`);
  if (!hosts.includes(hostname)) throw wrong(`an inspector is on this machine, and not on ${hostname}`);
  const token = /^#t=([\w-]{1,100})$/.exec(hash)?.[1];
  if (token === undefined) throw wrong('there is no token behind #t=');
  return { origin, token };
}

function wrong(what: string): Error {
  const expected = 'expected the address that the process has printed, like http://127.0.0.1:4983/#t=…';
  return invalid(`the address of the inspector cannot be used: ${what}; ${expected}`);
}
