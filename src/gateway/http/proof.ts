import type { IncomingMessage } from 'node:http';
import type { Authenticate } from '../../serving/http/authentication.js';
import { isRefusal } from '../../serving/http/authentication.js';
import type { Refusal } from '../../serving/http/http-answers.js';
import type { McpIdentity } from '../../serving/mcp/mcp-service.js';
import type { AccessTokens } from './access-tokens.js';
import { authorizationOf, bearerTokenOf } from './authorization-header.js';
import type { Challenge } from './challenge.js';
import { type ClientCertificate, ClientCertificates } from './client-certificate.js';
import type { CredentialDigest } from './credential-digest.js';

/** What clients have to show. A certificate, and a token of either kind, if both are asked for. */
export interface ProofSettings {
  /** The one token that everybody has. */
  readonly token: string | undefined;
  readonly accessTokens: AccessTokens | undefined;
  /** Whether TLS has asked for a certificate, and lets nobody in without one. */
  readonly needsCertificate: boolean;
  readonly challenge: Challenge;
  readonly digest: CredentialDigest;
}

/** Undefined where nobody has to prove who they are. */
export function createProof(settings: ProofSettings): Authenticate | undefined {
  const { token, accessTokens, needsCertificate } = settings;
  if (token === undefined && accessTokens === undefined && !needsCertificate) return undefined;
  const certificates = new ClientCertificates();
  return async (request) => {
    const certificate = needsCertificate ? certificates.of(request.socket) : undefined;
    if (needsCertificate && certificate === undefined) return noCertificate;
    if (token !== undefined || accessTokens !== undefined) return byToken(request, certificate, settings);
    const credentials = settings.digest.of('certificate', certificate?.fingerprint);
    return { user: certificate?.user, credentials, claims: {}, scopes: [] };
  };
}

const noCertificate: Refusal = { status: 403, message: 'Forbidden: a client certificate is needed', rpcCode: -32_001 };

async function byToken(
  request: IncomingMessage,
  certificate: ClientCertificate | undefined,
  { token, accessTokens, challenge, digest }: ProofSettings,
): Promise<McpIdentity | Refusal> {
  const authorization = authorizationOf(request);
  if (authorization.kind === 'several') return challenge.malformed('there is more than one Authorization header');
  const said = bearerTokenOf(authorization);
  if (said === undefined) return challenge.missing();
  const { user, fingerprint } = certificate ?? {};
  if (token !== undefined && digest.isSame(token, said)) {
    return { user, credentials: digest.of('token', said, fingerprint), claims: {}, scopes: [] };
  }
  const checked =
    accessTokens === undefined ? challenge.invalid('the token is not known') : await accessTokens.check(said);
  if (isRefusal(checked)) return checked;
  const { claims, scopes, holder } = checked;
  // Of who holds the token and not of the token: a session must outlive the renewal of a token.
  const credentials = digest.of('holder', fingerprint, ...holder);
  return { user: checked.user, credentials, claims, scopes };
}
