import { emailAddresses } from './email-addresses.js';
import type { BuiltInType, Span } from './finding.js';
import { ipAddresses } from './ip-addresses.js';
import {
  bankAccounts,
  citizenServiceNumbers,
  datesOfBirth,
  driverLicenses,
  medicalRecordNumbers,
  passportNumbers,
  socialSecurityNumbers,
} from './labelled-numbers.js';
import { cardNumbers, phoneNumbers } from './plain-numbers.js';

/** What finds each type. Their time is linear in the text. */
export const detectors: Readonly<Record<BuiltInType, (text: string) => readonly Span[]>> = {
  ssn: socialSecurityNumbers,
  bsn: citizenServiceNumbers,
  credit_card: cardNumbers,
  email: emailAddresses,
  phone: phoneNumbers,
  ip_address: ipAddresses,
  date_of_birth: datesOfBirth,
  passport: passportNumbers,
  driver_license: driverLicenses,
  bank_account: bankAccounts,
  medical_record: medicalRecordNumbers,
};
