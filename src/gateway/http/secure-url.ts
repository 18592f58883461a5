import { isLoopback } from '../../serving/http/host-guard.js';

/** Whether nobody in between can change what a URL gives: https, or this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || isLoopback(hostname)));
}
