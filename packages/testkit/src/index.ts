export type { Clock, Duration } from "./clock";
export type { Mail, Mails, MailWanted } from "./mails";
export type { Person, PersonOptions, StorageState } from "./people";
export { startWarble, type TestWarble, type TestWarbleOptions } from "./warble";
