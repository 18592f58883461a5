import type * as Jose from 'jose';
import type { CryptoKey, FlattenedJWSInput, JWTHeaderParameters } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../time/clock.js';
import { shownUrl } from '../../transports/http/address-guard.js';
import { findKeysUrl } from './issuer-metadata.js';
import { type JsonSource, SourceError } from './json-source.js';

type KeyOf = (header: JWTHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** Milliseconds for which keys are used: a key that was withdrawn is refused after that. */
const longestUseMs = 10 * 60_000;
/** Milliseconds between two reads for the sake of keys that are not among those known: anybody can name such a key. */
const renewalPauseMs = 30_000;
/** Milliseconds after a read that failed, before the next one. */
const failurePauseMs = 5_000;

const documentSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

export interface IssuerKeysDependencies {
  readonly issuer: string;
  /** Default: as the metadata of the issuer say. */
  readonly jwksUrl: string | undefined;
  readonly source: JsonSource;
  readonly clock: Pick<Clock, 'now'>;
  readonly jose: typeof Jose;
}

/**
 * The public keys of an authorization server. They are read when a token comes and there are none, or too old ones, or
 * when a token names a key that is not among them; by one read at a time, and not again at once.
 */
export class IssuerKeys {
  readonly #dependencies: IssuerKeysDependencies;
  #last: { readonly keyOf: KeyOf; readonly at: number } | undefined;
  /** The last read, if it failed. */
  #failure: { readonly error: unknown; readonly at: number } | undefined;
  #reading: Promise<KeyOf> | undefined;

  constructor(dependencies: IssuerKeysDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * The key that a token says it is signed with.
   *
   * @throws SourceError if the keys cannot be read
   * @throws JOSEError if there is no such key
   */
  readonly keyOf: KeyOf = async (header, token) => {
    const { jose } = this.#dependencies;
    const keyOf = this.#fresh(longestUseMs) ?? (await this.#renew());
    try {
      return await keyOf(header, token);
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error;
      if (this.#fresh(renewalPauseMs) !== undefined) throw error;
      const renewed = await this.#renew();
      return renewed(header, token);
    }
  };

  #fresh(maxAgeMs: number): KeyOf | undefined {
    const last = this.#last;
    return last !== undefined && this.#dependencies.clock.now() - last.at < maxAgeMs ? last.keyOf : undefined;
  }

  async #renew(): Promise<KeyOf> {
    const failure = this.#failure;
    if (failure !== undefined && this.#dependencies.clock.now() - failure.at < failurePauseMs) throw failure.error;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<KeyOf> {
    const { issuer, source, clock, jose, jwksUrl } = this.#dependencies;
    try {
      const url = jwksUrl ?? (await findKeysUrl(issuer, source));
      const document = documentSchema.safeParse(await source.read(url));
      if (!document.success) throw new SourceError(`${shownUrl(new URL(url))} holds no JSON Web Key Set`);
      const keyOf = jose.createLocalJWKSet(document.data);
      this.#last = { keyOf, at: clock.now() };
      this.#failure = undefined;
      return keyOf;
    } catch (error) {
      this.#failure = { error, at: clock.now() };
      throw error;
    }
  }
}
