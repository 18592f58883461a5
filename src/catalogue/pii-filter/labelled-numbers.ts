import { isIban } from './check-digits.js';
import { boundary, digit, expression, spaces, spansOf } from './expression.js';
import type { Span } from './finding.js';

const s = `[${spaces}]`;
const separators = `[:#${spaces}-]`;
const plainSeparators = `[:#${spaces}]`;

/** What people put between what a number is called and the number. */
const numberWords = `(?:${s}+(?:number|num|no|nr|id)\\.?|${s}*#)?(?:${s}+(?:is|was))?[:=#${spaces}]+`;

/** Letters and digits, of which one at least is a digit: else it would be a word of the sentence. */
function mixed(least: number, most: number): string {
  return `(?=[A-Z]{0,${most}}[0-9])[A-Z0-9]{${least},${most}}${boundary}`;
}

function labelled(...sources: readonly string[]): (text: string) => Span[] {
  const expressions = sources.map((source) => expression(`(?=[A-Z0-9])${boundary}${source}`));
  return (text) => expressions.flatMap((one) => spansOf(one, text));
}

const ssnCandidates = labelled(
  `\\d{3}-\\d{2}-\\d{4}${boundary}`,
  `(?:ssn|social${s}+security(?:${s}+number)?)${separators}*\\d{9}${boundary}`,
  `(?:ssn|social${s}+security)${numberWords}\\d{3} ?\\d{2} ?\\d{4}${boundary}`,
);

/** Social security numbers of the United States, but for those that are never given out. */
export function socialSecurityNumbers(text: string): Span[] {
  return ssnCandidates(text).filter(({ start, end }) => {
    const digits = text.slice(start, end).replaceAll(/\D/g, '');
    return !/^(?:000|666|9|.{3}00|.{5}0000)/.test(digits);
  });
}

/** Citizen service numbers of the Netherlands, where they are called so. */
export const citizenServiceNumbers = labelled(
  `(?:bsn|citizen${s}+id|citizen${s}+service${s}+number|burgerservicenummer)${plainSeparators}*${digit}{9}${boundary}`,
  `(?:my${s}+)?bsn(?:${s}+is)?${s}+${digit}{9}${boundary}`,
  `(?:bsn|citizen${s}+service|burgerservicenummer)${numberWords}${digit}{9}${boundary}`,
);

export const passportNumbers = labelled(
  `passport(?:${s}+(?:number|no))?${separators}+${mixed(6, 9)}`,
  `passport${numberWords}${mixed(6, 9)}`,
);

export const driverLicenses = labelled(
  `(?:dl|(?:driver'?s?${s}+)?license)${plainSeparators}+${mixed(5, 20)}`,
  `(?:dl|driver['’]?s?${s}+licen[sc]e|driving${s}+licen[sc]e|licen[sc]e)${numberWords}${mixed(5, 20)}`,
);

export const medicalRecordNumbers = labelled(
  `(?:mrn|medical${s}+record)${plainSeparators}+${mixed(6, 12)}`,
  `(?:mrn|medical${s}+record)${numberWords}${mixed(6, 12)}`,
);

const accounts = labelled(
  `(?:bank${s}+account|account(?:${s}+number)?|acct)${separators}*${digit}{8,17}${boundary}`,
  `(?:bank${s}+account|account|acct)${numberWords}${digit}{8,17}${boundary}`,
  `[A-Z]{2}${digit}{2}[A-Z0-9]{4}${digit}{7}(?:${digit}{3})?${boundary}`,
);

/** Of which the check digits decide. Groups of four are set apart by one space at most. */
const ibanCandidates = labelled(`[A-Z]{2}\\d\\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?${boundary}`);

/** Accounts that are called so, and international numbers of accounts. */
export function bankAccounts(text: string): Span[] {
  const ibans = ibanCandidates(text).flatMap(({ start, end }) => {
    // A word after the number looks like a group of it.
    let last = end;
    while (last > start && !isIban(text.slice(start, last))) last = text.lastIndexOf(' ', last - 1);
    return last > start ? [{ start, end: last }] : [];
  });
  return [...accounts(text), ...ibans];
}

const month = '(?:0[1-9]|1[0-2])';
const day = String.raw`(?:0[1-9]|[12]\d|3[01])`;

/** Days that are called a birthday, and all others of the twentieth and this century as the United States write them. */
export const datesOfBirth = labelled(
  `${month}[-/]${day}[-/](?:19|20)\\d{2}${boundary}`,
  `(?:dob|date of birth|born|birthday)[:${spaces}]+${digit}{1,2}[-/]${digit}{1,2}[-/]${digit}{2,4}${boundary}`,
  `(?:dob|date${s}+of${s}+birth|born|birth${s}?date|birthday)(?:${s}+(?:is|was|on))?[:=${spaces}]+(?:${digit}{4}[-/.]${digit}{1,2}[-/.]${digit}{1,2}|${digit}{1,2}[-/.]${digit}{1,2}[-/.]${digit}{2,4})${boundary}(?!\\.${digit})`,
);
