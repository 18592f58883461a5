// As the URL Standard reads URIs: white space in front is passed over, tabs and line ends are passed over everywhere, and
// the last @ ends the credentials.
const uri = /^([\0- ]*[a-z][a-z\d+.\-\t\n\r]*:)([^?#]*)/i;
const gaps = /[\0- ]/g;

/** In these schemes a backslash is a slash, and slashes before the host are as many as one likes, or none. */
const webScheme = /^(?:https?|wss?|ftp):$/i;
// What comes after credentials without a host must not be read as the next ones.
const webCredentials = /^((?:[\t\n\r]*[/\\])*)(?:[^/\\]*@[/\\\t\n\r]*)+/;
const credentials = /^([\t\n\r]*\/[\t\n\r]*\/)[^/]*@/;

/** A name as it is, a URI without query, fragment and credentials: those are arguments, or secrets. */
export function withoutQuery(subject: string): string {
  const [, scheme, rest = ''] = uri.exec(subject) ?? [];
  if (scheme === undefined) return subject;
  const pattern = webScheme.test(scheme.replaceAll(gaps, '')) ? webCredentials : credentials;
  return scheme + rest.replace(pattern, '$1');
}
