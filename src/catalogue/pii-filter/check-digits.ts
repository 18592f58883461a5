/** Whether the last digit is what ISO/IEC 7812-1 makes of those before. */
export function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const counted = at % 2 === 0 ? digit : 2 * digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}

/** Length of the account numbers of each country of the IBAN registry of ISO 13616. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  [
    'NO15 BE16 BI27 DK18 FI18 FO18 GL18 NL18 SD18 FK18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20',
    'CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 TL23 SO23',
    'AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 DJ27 FR27 GR27 IT27 MC27',
    'MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 KW30 MU30 JO30',
    'YE30 MT31 SC31 LC32 RU33',
  ]
    .join(' ')
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);

/** Whether a number of a bank account has the length of its country and the check digits of ISO 13616. */
export function isIban(text: string): boolean {
  const number = text.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase();
  if (ibanLengths.get(number.slice(0, 2)) !== number.length || !/^[A-Z]{2}\d\d/.test(number)) return false;
  let rest = 0;
  for (const character of number.slice(4) + number.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** The networks whose cards have so many digits, by what their numbers begin with. */
const cardPrefixes: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^3[47]/, [15]],
  [/^(?:30[0-5]|3[689])/, [14]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^(?:222[1-9]|22[3-9]|2[3-6]|27[01]|2720|5[1-5])/, [16]],
  [/^(?:6011|65)/, [16, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^67/, [13, 14, 15, 16, 17, 18, 19]],
];

/** Whether digits are the number of a card of a known network, its check digit included. */
export function isCardNumber(digits: string): boolean {
  const isKnown = cardPrefixes.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
  return isKnown && hasLuhnDigit(digits);
}
