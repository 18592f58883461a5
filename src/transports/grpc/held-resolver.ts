import { type ChannelOptions, experimental } from '@grpc/grpc-js';

const scheme = 'gatechart+dns';

/** The channel option with a function that gives the signal under which a connection is made. */
export const signalOption = 'gatechart.signal';

/**
 * Resolves names as the library does. A channel does not let go of a connection that is on its way, but it hands the
 * addresses that it was given to `net.connect` as they are, which takes a signal.
 */
class HeldResolver implements experimental.Resolver {
  readonly #resolver: experimental.Resolver;

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener, options: ChannelOptions) {
    const signal: () => AbortSignal = options[signalOption];
    const held = ({ addresses }: experimental.Endpoint): experimental.Endpoint => ({
      addresses: addresses.map((address) => ({
        ...address,
        get signal() {
          return signal();
        },
      })),
    });
    this.#resolver = experimental.createResolver(
      { ...target, scheme: 'dns' },
      (endpoints, ...rest) =>
        listener(endpoints.ok ? experimental.statusOrFromValue(endpoints.value.map(held)) : endpoints, ...rest),
      options,
    );
  }

  /** What the library makes of a target without a scheme. */
  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path;
  }

  updateResolution(): void {
    this.#resolver.updateResolution();
  }

  destroy(): void {
    this.#resolver.destroy();
  }
}

experimental.registerResolver(scheme, HeldResolver);

/** The target under which a client is given that signal. Addresses of another kind than host and port stay as they are. */
export function heldTarget(address: string): string {
  const isName = address.startsWith('dns:') || experimental.splitHostPort(address)?.port !== undefined;
  return isName ? address.replace(/^(dns:)?/, `${scheme}:`) : address;
}

/** What the library says of such a client, with the scheme that it would use itself. */
export function withoutScheme(text: string): string {
  return text.replaceAll(`${scheme}:`, 'dns:');
}
