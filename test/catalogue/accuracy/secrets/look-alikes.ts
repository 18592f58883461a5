/* oxlint-disable typescript/no-unnecessary-template-expression -- the pieces keep scanners from taking it for a leak */
import type { Made } from './made-up.js';

/** Texts in which nothing is secret, but much looks like it. */
export function negatives(made: Made): readonly string[] {
  return Array.from({ length: 6 }, () => [
    `commit ${made.hex(40)}\nAuthor: someone`,
    `sha256:${made.hex(64)}`,
    `${made.hex(64)}  release.tar.gz`,
    `"etag": "${made.hex(32)}"`,
    `${made.hex(8)}-${made.hex(4)}-4${made.hex(3)}-a${made.hex(3)}-${made.hex(12)}`,
    `"integrity": "sha512-${made.base64(86)}=="`,
    `golang.org/x/text v0.3.0 h1:${made.base64(43)}=`,
    `<img src="data:image/png;base64,${made.base64(200)}">`,
    `{"type": "image", "data": "${made.base64(120)}", "mimeType": "image/png"}`,
    `-----BEGIN CERTIFICATE-----\n${made.base64(64)}\n-----END CERTIFICATE-----`,
    `-----BEGIN PUBLIC KEY-----\n${made.base64(64)}\n-----END PUBLIC KEY-----`,
    `ssh-rsa ${made.base64(120)} me@example.com`,
    `pk_${made.oneOf('live', 'test')}_${made.alphanumeric(24)}`,
    `arn:aws:iam::${made.digits(12)}:role/reader AROA${made.base32(17)}`,
    `AKIA${'IOSFODNN7'}EXAMPLE`,
    `aws s3 ls s3://bucket/${made.hex(40)}`,
    `api_key: <your key here>`,
    `API_KEY=\${ACME_KEY_FROM_THE_VAULT}`,
    `https://example.com/${made.word(30)}/view`,
    `traceparent: 00-${made.hex(32)}-${made.hex(16)}-01`,
    `The quick brown fox jumps over ${made.digits(20)} dogs.`,
    `/usr/local/lib/node_modules/package/dist/index`,
    `Xoxb is the prefix, ghp_ the other, and AIza a third.`,
    `AIza${made.alphanumeric(12)}`,
  ]).flat();
}
