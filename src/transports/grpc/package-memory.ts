import { type PackageName, packageNames } from '../../wire/protobuf/grpc-packages.js';

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
