import { type Text, written } from "./auth-mail.view";

/** To the address that is to be: proves that it is the user's. */
export const showChangeLink = (username: string, link: string): Text => ({
  subject: "Confirm your new e-mail address",
  text: written(
    username,
    "You have asked to change the e-mail address of your account at Warble to this one. Open this link and press the button, and it is changed:",
    link,
    "It works once, within 24 hours, and until you ask for another.",
    "If it was not you, ignore this mail: nothing further happens.",
  ),
});

/** To the address that is, when a change of it is asked for. */
export const showChangeAsked = (username: string, email: string): Text => ({
  subject: "A change of your e-mail address was asked for",
  text: written(
    username,
    `Somebody who knows your password, probably you, has asked to change the e-mail address of your account at Warble to ${email}. It is changed as soon as a link that we have mailed there is used.`,
    "If it was not you, change or reset your password now: the link is dead from then on.",
  ),
});

/** To the owner of an address that another account is to have. */
export const showAddressTaken = (username: string): Text => ({
  subject: "You already have an account",
  text: written(
    username,
    "Somebody, probably you, has asked to use this e-mail address for another account at Warble. It belongs to your account already, so nothing was changed.",
    `Sign in with this address or as ${username}. If you have forgotten the password, ask for a reset.`,
    "If it was not you, there is nothing to do.",
  ),
});

interface Changed {
  username: string;
  email: string;
  /** Puts the old address back. */
  link: string;
}

/** To the address that was, with what puts it back. */
export const showAddressChanged = ({ username, email, link }: Changed): Text => ({
  subject: "Your e-mail address was changed",
  text: written(
    username,
    `The e-mail address of your account at Warble is ${email} from now on, and every device but the one that asked for it was signed out.`,
    "If it was not you, somebody has your password. Open this link and press the button, and this address is back:",
    link,
    "It works once, within seven days, whatever else is changed meanwhile. It signs out every device and makes the password worthless; choose a new one then, by a reset with this address.",
  ),
});

/** To the address that is back. */
export const showAddressRestored = (username: string): Text => ({
  subject: "Your e-mail address is back",
  text: written(
    username,
    "This is the e-mail address of your account at Warble again. Every device was signed out, and the password that was works no more.",
    "Choose a new one: ask for a reset with this address, and sign in with it.",
  ),
});

/** To the address that was taken away again. */
export const showAddressLeft = (username: string): Text => ({
  subject: "The change of your e-mail address was undone",
  text: written(
    username,
    "From the e-mail address before this one the change was undone, so this is the address of your account at Warble no more. Every device was signed out.",
  ),
});
