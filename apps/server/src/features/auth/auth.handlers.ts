import type { Router } from "express";
import { linkPage } from "../../platform/link-page";

/** The pages behind the links in mails about addresses, by path. */
export const addressPages = (): Record<string, Router> => ({
  "/verify-email": linkPage({
    procedure: "auth.verifyEmail",
    title: "Verify your e-mail address",
    lead: "One press, and you can post, follow and write to people.",
    button: "Verify my address",
    done: "Your address is verified. You can go back to Warble.",
  }),
  "/confirm-email-change": linkPage({
    procedure: "auth.confirmEmailChange",
    title: "Change your e-mail address",
    lead: "One press, and this is the address of your account. Other devices are signed out.",
    button: "Change my address",
    done: "Your address is changed. You can go back to Warble.",
  }),
  "/undo-email-change": linkPage({
    procedure: "auth.undoEmailChange",
    title: "Put your e-mail address back",
    lead: "One press, and the address that this link was mailed to is yours again. Every device is signed out; password, passkeys and authenticator app work no more.",
    button: "Put my address back",
    done: "Your address is back. Now choose a new password: ask for a reset with this address.",
  }),
});
