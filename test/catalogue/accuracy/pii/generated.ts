import { card, Choices, citizenService, grouped, iban, socialSecurity } from './numbers.js';

/** How many samples of each kind. */
const times = 12;

type Maker = (choices: Choices) => string;

const two = (choices: Choices, least: number, most: number): string =>
  String(choices.between(least, most)).padStart(2, '0');
const month: Maker = (choices) => two(choices, 1, 12);
const day: Maker = (choices) => two(choices, 1, 28);
const year: Maker = (choices) => String(choices.between(1940, 2010));
const hexGroup: Maker = (choices) => choices.below(0x10000).toString(16);
const names = ['ann', 'bo', 'carlos', 'd.lee', 'eve_j', 'f-x', 'gita', 'h.o.m', 'ines', 'j2'];
const hosts = ['example.com', 'mail.example.org', 'example.co.uk', 'a-b.example.net', 'x.example'];
const local: Maker = (choices) => `${choices.of(names)}${choices.of(['', '+news', '.99', ''])}`;

/** Numbers by the documents that say what a valid one is, with what people write around them. */
const positives: readonly Maker[] = [
  // Social Security Administration, "Social Security Number Randomization": areas 001 to 899 without 666.
  (c) => `My social security number is [[ssn|${socialSecurity(c).join('-')}]], thanks.`,
  (c) => `SSN: [[ssn|${socialSecurity(c).join('')}]]`,
  (c) => `Social Security Number [[ssn|${socialSecurity(c).join(' ')}]]`,
  (c) => `employee,[[ssn|${socialSecurity(c).join('-')}]],active`,
  // Wet algemene bepalingen burgerservicenummer: nine digits with the test of eleven.
  (c) => `BSN: [[bsn|${citizenService(c)}]]`,
  (c) => `Mijn burgerservicenummer is [[bsn|${citizenService(c)}]].`,
  (c) => `My BSN is [[bsn|${citizenService(c)}]]`,
  (c) => `BSN nr. [[bsn|${citizenService(c)}]]`,
  // ISO/IEC 7812-1, and the ranges that the networks publish.
  (c) => `Charge [[credit_card|${card(c, '4', 16)}]] today`,
  (c) => `card=[[credit_card|${grouped(card(c, `5${c.between(1, 5)}`, 16), [4, 4, 4], ' ')}]]&cvv=123`,
  (c) => `Amex [[credit_card|${grouped(card(c, '37', 15), [4, 6], ' ')}]]`,
  (c) => `[[credit_card|${grouped(card(c, '6011', 16), [4, 4, 4], '-')}]] expires 12/27`,
  (c) => `JCB [[credit_card|${card(c, '3540', 16)}]], Diners [[credit_card|${card(c, '36', 14)}]]`,
  // RFC 5322 addr-spec, in the forms that providers give out.
  (c) => `Write to [[email|${local(c)}@${c.of(hosts)}]].`,
  (c) => `From: Someone <[[email|${local(c)}@${c.of(hosts)}]]>, cc [[email|${local(c)}@${c.of(hosts)}]]`,
  (c) => `{"user":"[[email|${local(c)}@${c.of(hosts)}]]"}`,
  // North American Numbering Plan, and ITU-T E.164 with the spaces of E.123.
  (c) => `Call ([[phone|${c.between(201, 989)}) 555-0${c.digits(3)}]] after six`,
  (c) => `phone: [[phone|${c.between(201, 989)}-555-0${c.digits(3)}]]`,
  (c) => `Ring me at [[phone|+44 20 7946 0${c.digits(3)}]] please`,
  (c) => `Tel. [[phone|+49 30 ${c.digits(4)} ${c.digits(4)}]]`,
  (c) => `tel:[[phone|+31${c.digits(9)}]]`,
  (c) => `WhatsApp [[phone|+91-${c.between(60000, 99999)}-${c.digits(5)}]]`,
  // RFC 5737 and RFC 3849: addresses for documentation.
  (c) => `Login from [[ip_address|${c.of(['192.0.2', '198.51.100', '203.0.113'])}.${c.below(256)}]] failed`,
  (c) => `curl http://[[ip_address|${c.of(['192.0.2', '198.51.100'])}.${c.below(256)}]]:8080/x`,
  (c) =>
    `peer [[ip_address|2001:db8:${[hexGroup, hexGroup, hexGroup, hexGroup, hexGroup, hexGroup].map((g) => g(c)).join(':')}]] up`,
  (c) => `via [[ip_address|2001:db8:${c.between(1, 9)}::${c.between(1, 99)}]]`,
  // Dates as forms ask for them: the United States, ISO 8601, and with points.
  (c) => `Date of birth: [[date_of_birth|${month(c)}/${day(c)}/${year(c)}]]`,
  (c) => `DOB [[date_of_birth|${month(c)}-${day(c)}-${year(c)}]], female`,
  (c) => `date of birth: [[date_of_birth|${year(c)}-${month(c)}-${day(c)}]]`,
  (c) => `born on [[date_of_birth|${day(c)}.${month(c)}.${year(c)}]] in Graz`,
  // ICAO Doc 9303: nine letters and digits at most.
  (c) => `Passport: [[passport|${c.letters(2)}${c.digits(6)}]]`,
  (c) => `passport number is [[passport|${c.letters(1)}${c.digits(8)}]]`,
  (c) => `Passport No. [[passport|${c.digits(9)}]]`,
  // AAMVA card design standard, annex of number formats; DVLA driver number.
  (c) => `DL: [[driver_license|${c.letters(1)}${c.digits(7)}]]`,
  (c) => `driver's license number [[driver_license|${c.letters(1)}${c.digits(12)}]]`,
  (c) => `Driver's License [[driver_license|${c.digits(9)}]]`,
  (c) =>
    `driving licence: [[driver_license|${c.letters(5)}${c.digits(6)}${c.letters(2)}${c.digits(1)}${c.letters(2)}]]`,
  // ISO 13616, with account numbers of the length of each country; account numbers of ABA banks.
  (c) => `IBAN [[bank_account|${iban('DE', c.digits(18))}]]`,
  (c) => `Pay to [[bank_account|${grouped(iban('GB', `${c.letters(4)}${c.digits(14)}`), [4, 4, 4, 4, 4], ' ')}]] now`,
  (c) => `iban: [[bank_account|${iban('NL', `${c.letters(4)}${c.digits(10)}`)}]]`,
  (c) => `IBAN [[bank_account|${iban('FR', c.digits(23))}]]`,
  (c) => `account number: [[bank_account|${c.digits(c.between(8, 12))}]]`,
  (c) => `Bank account no. [[bank_account|${c.digits(10)}]], routing 021000021`,
  // No standard: what hospitals print.
  (c) => `MRN: [[medical_record|${c.digits(8)}]]`,
  (c) => `Medical record number [[medical_record|${c.digits(7)}]]`,
  (c) => `medical record #[[medical_record|${c.letters(1)}${c.digits(6)}]]`,
];

/** Numbers that look like them and are none. */
const negatives: readonly Maker[] = [
  (c) => `Order ${c.digits(9)} has shipped`,
  (c) => `order #${c.digits(10)} is late`,
  (c) => `Tracking 1Z${c.digits(8)}${c.digits(8)}`,
  (c) => `timestamp=${c.between(1_600_000_000, 1_800_000_000)}`,
  (c) => `at ${c.between(1_600_000_000, 1_800_000_000)}${c.digits(3)} ms`,
  (c) => `2024-${month(c)}-${day(c)}T${two(c, 0, 23)}:${two(c, 0, 59)}:${two(c, 0, 59)}Z`,
  (c) => `The meeting is on ${month(c)}/${day(c)}/2024`,
  (c) => `released ${month(c)}-${day(c)}-2019`,
  (c) => `version ${c.between(1, 30)}.${c.below(20)}.${c.below(20000)}`,
  (c) => `Windows 10.0.${c.between(10000, 22000)}.${c.below(500)}`,
  (c) => `build 1.${c.below(9)}.${c.below(9)}.${c.below(200)}`,
  (c) => `${[hexGroup(c), hexGroup(c)].join('').padStart(8, '0')}-1b4d-4c5f-8e2a-${c.digits(12)}`,
  (c) => `ISBN 978-0-${c.digits(6)}-${c.digits(2)}-${c.digits(1)}`,
  (c) => `ISBN 978${c.digits(10)}`,
  (c) => `EAN ${card(c, '73', 13, false)}`,
  (c) => `reference ${card(c, '4', 16, false)}`,
  (c) => `part 000-${c.digits(2)}-${c.digits(4)}`,
  (c) => `ticket ${c.digits(2)}-${c.digits(3)}-${c.digits(4)}`,
  (c) => `MAC ${Array.from({ length: 6 }, () => two(c, 10, 99)).join(':')}`,
  (c) => `commit ${c.digits(7)}abcdef${c.digits(7)}`,
  (c) => `lat ${c.between(10, 80)}.${c.digits(7)}, lon ${c.between(10, 80)}.${c.digits(7)}`,
  (c) => `invoice INV-${c.digits(4)}-${c.digits(6)}`,
  (c) =>
    `${iban('DE', c.digits(18)).replace(/^DE(\d)/, (_, digit: string) => `DE${(Number(digit) + 1) % 10}`)} fails its check`,
  (c) => `${c.between(1, 99)},${c.digits(3)},${c.digits(3)} dollars`,
];

/** Marked samples, the same each time. */
export function generatedSamples(): string[] {
  const choices = new Choices(1951);
  return [...positives, ...negatives].flatMap((make) => Array.from({ length: times }, () => make(choices)));
}
