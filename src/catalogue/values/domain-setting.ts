import { domainToASCII } from 'node:url';
import { z } from 'zod';

const domain = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

/**
 * A domain in a list, in the form that hosts of URLs have: small letters, Punycode, no dot at its ends. What no host could
 * ever be, such as `*.evil.com` or a URL, would block nothing, and is refused.
 */
export const domainSetting = z.string().transform((name, context) => {
  const read = domainToASCII(name.replaceAll(/^\.|\.$/g, ''));
  // What is behind a host would be left out, and more be listed than is meant.
  if (domain.test(read) && !/[/\\?#]/.test(name)) return read;
  context.addIssue({ code: 'custom', message: `"${name}" is no domain, expected one without scheme, port or star` });
  return z.NEVER;
});
