import { LIMITS } from "@warble/contracts";
import type { Router } from "express";
import { linkPage } from "../../platform/link-page";

/** The page behind the link in the mail of a strike. */
export const appealPage = (): Router =>
  linkPage({
    procedure: "moderation.appeal",
    title: "Appeal",
    lead: "Say what the moderators have got wrong. You can say it once; somebody else looks at it.",
    asks: { label: "What is wrong?", max: LIMITS.appeal },
    button: "Send it",
    done: "Somebody else will look at it. You will have a mail.",
  });
