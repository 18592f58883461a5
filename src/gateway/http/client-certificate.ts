import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** A certificate that the client of a connection has shown, and that is valid. */
export interface ClientCertificate {
  /** The common name of its subject, else the first of its other names; undefined where it has neither. */
  readonly user: string | undefined;
  /** SHA-256. */
  readonly fingerprint: string;
}

/** Reads the certificates of clients, each once for its connection. */
export class ClientCertificates {
  readonly #known = new WeakMap<Socket, ClientCertificate>();

  /** Undefined where none was shown that is valid. */
  of(socket: Socket): ClientCertificate | undefined {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const certificate = socket.getPeerCertificate();
    const { fingerprint256: fingerprint } = certificate;
    // Without a certificate this is an empty object, whatever its type says.
    if (typeof fingerprint !== 'string' || fingerprint === '') return undefined;
    const read = { user: userOf(certificate), fingerprint };
    this.#known.set(socket, read);
    return read;
  }
}

function userOf({ subject, subjectaltname = '' }: PeerCertificate): string | undefined {
  // There may be several common names, which no type says.
  const names: unknown = subject?.CN;
  const [name = otherName(subjectaltname)] = [names].flat();
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** The first of `DNS:a.example, URI:"spiffe://a, b"`, without its kind. */
function otherName(names: string): string | undefined {
  const quoted = /^[^:,]+:("(?:[^"\\]|\\.)*")/.exec(names)?.[1];
  if (quoted !== undefined) return String(JSON.parse(quoted));
  return /^[^:,]+:([^,]+)/.exec(names)?.[1];
}
