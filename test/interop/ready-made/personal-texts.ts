import fc from 'fast-check';

const digits = (least: number, most = least): fc.Arbitrary<string> =>
  fc.array(fc.nat(9), { minLength: least, maxLength: most }).map((each) => each.join(''));

const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((each) => each.join(''));

const of = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const label = of(
  'SSN',
  'Social Security Number',
  'My BSN',
  'Citizen ID',
  'burgerservicenummer',
  'passport',
  'Passport no',
  'DL',
  'license',
  "driver's license",
  'MRN',
  'Medical Record',
  'account',
  'acct',
  'Bank Account',
  'account number',
  'DOB',
  'born',
  'date of birth',
);
const separator = of(' ', ': ', '#', ' - ', '-', '. ', ' = ', '\n');
const gap = of('-', ' ', '.', '');

const part = fc.oneof(
  label,
  separator,
  joined(label, separator, digits(5, 12)),
  joined(label, separator, of('AB123456', 'X1234567', 'D123', 'a1b2c3d4e5f6', '01/15/1990', '1/5/90', '13-13-1313')),
  joined(digits(3), gap, digits(3), gap, digits(4)),
  joined(of('+', '1-', '1 ', '('), digits(10, 15)),
  joined(digits(3), of('-'), digits(2), of('-'), digits(4)),
  of('4111111111111111', '4111 1111 1111 1111', '378282246310005', '5555-5555-5555-4444', '4111111111111112'),
  of('6011111111111117', '30569309025904', '3530111333300000', '6200000000000005', '2223003122003222'),
  of('bob@corp.com', 'a.b+c@x-y.co.uk', 'a@b.c', 'q@w..de', 'z@1.2.3.co', '<m@n.org>', 'bo@x.io', 'é@b.co'),
  fc.tuple(fc.nat(299), fc.nat(255), fc.nat(99), fc.nat(300)).map((octets) => octets.join('.')),
  fc
    .array(fc.nat(0xffff), { minLength: 7, maxLength: 9 })
    .map((groups) => groups.map((each) => each.toString(16)).join(':')),
  joined(
    of('01', '12', '13', '1'),
    of('/', '-'),
    of('01', '31', '32', '5'),
    of('/', '-'),
    of('1990', '2024', '90', '1850'),
  ),
  of('NL91ABNA0417164300', 'NO9386011117947', 'AB12ABCD1234567', 'XX00AAAA1234567890'),
  of('a', 'x_', 'é', '😀', 'order', 'the', ' and ', ', ', '"', '\u00a0', '\u0661\u0662'),
  digits(1, 20),
);

/** Texts with much in them that is personal, or nearly. */
export const personalTexts: fc.Arbitrary<string> = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 6 }), of('', ' ', ', '))
  .map(([parts, between]) => parts.join(between));
