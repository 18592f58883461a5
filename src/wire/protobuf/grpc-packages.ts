import { grpcPackages } from '../../config/sections/grpc-client.js';
import { Metadata, status } from '@grpc/grpc-js';
import type { PluginMethod } from './plugin-messages.js';

/** The packages that hold the plugin service, one per generation. The messages are the same. */
export const packageNames = grpcPackages;

export type PackageName = (typeof packageNames)[number];

export function methodPath(packageName: PackageName, method: PluginMethod): string {
  return `/${packageName}.PluginService/${method}`;
}

/** Which package a server has: the one it answered under last, until it says that it does not know it any more. */
export class PackageMemory {
  #known: PackageName | undefined;

  constructor(private readonly preferred: PackageName = packageNames[0]) {}

  get current(): PackageName {
    return this.#known ?? this.preferred;
  }

  /** The package to try after one that the server does not know. What was known of it is forgotten. */
  next(refused: PackageName): PackageName {
    if (this.#known === refused) this.#known = undefined;
    return this.#known ?? otherThan(refused);
  }

  /** A server answered under this name. */
  settle(name: PackageName): void {
    this.#known = name;
  }
}

function otherThan(name: PackageName): PackageName {
  return name === packageNames[0] ? packageNames[1] : packageNames[0];
}

/** Bytes are passed through; the messages are read and written elsewhere. */
export const asBytes = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const noMetadata = new Metadata();

/** `UNAVAILABLE` for 14. */
export function statusName(code: status): string {
  return status[code] ?? String(code);
}
