import type { Role } from "@warble/contracts";
import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { appRouter } from "../src/app";
import { AuditModel } from "../src/features/moderation/audit.model";
import { LOWEST_ROLE, type Permission } from "../src/features/moderation/permission.service";
import { newId, oid } from "../src/platform/id";
import { DEFAULT_POLICY } from "../src/platform/policy";
import { type Caller, startTestApp } from "./harness";

const app = startTestApp();
const nothing = String(newId());

/** An input of each, about something that is not there. */
const INPUTS: Record<Permission, object> = {
  report: { targetType: "tweet", targetId: nothing, reason: "spam" },
  reports: {},
  getReport: { reportId: nothing },
  assign: { reportId: nothing },
  note: { reportId: nothing, text: "Look" },
  resolve: { reportId: nothing, action: "dismiss" },
  reopen: { reportId: nothing },
  suspend: { userId: nothing, reason: "spam" },
  unsuspend: { userId: nothing },
  removeTweet: { id: nothing },
  removeComment: { id: nothing },
  restoreTweet: { id: nothing },
  restoreComment: { id: nothing },
  strikesOf: { userId: nothing },
  revokeStrike: { strikeId: nothing },
  appeals: {},
  decideAppeal: { id: nothing, uphold: true },
  users: { query: "alice" },
  setRole: { userId: nothing, role: "admin" },
  endSessions: { userId: nothing },
  audit: {},
  filters: {},
  addFilter: { kind: "word", value: "nothing", action: "flag" },
  removeFilter: { id: nothing },
};

const ROLES: Role[] = ["user", "moderator", "admin"];
const rows = Object.entries(LOWEST_ROLE) as [Permission, Role][];
interface Procedure {
  _def: { type: string; meta?: { limit?: string } };
}
const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;
const changes = ([name]: [Permission, Role]) => procedures[`moderation.${name}`]?._def.type === "mutation";

/** What a call is refused with. */
async function reasonOf(caller: Caller, name: Permission): Promise<string> {
  const call = caller.moderation[name] as (input: object) => Promise<unknown>;
  return call(INPUTS[name]).then(
    () => "ok",
    (error: { reason: string }) => error.reason,
  );
}

beforeAll(async () => {
  for (const role of ROLES) {
    await app.id(role);
    await app.setRole(role, role);
  }
  await app.change("newcomer", { emailVerified: false, role: "admin" });
});

describe("the table of permissions", () => {
  it("has a row for every procedure of moderation but for one's own strikes", () => {
    const all = Object.keys(procedures).filter((path) => path.startsWith("moderation."));
    const named = rows.map(([name]) => `moderation.${name}`);
    expect([...named, "moderation.strikes", "moderation.appeal"].sort()).toEqual(all.sort());
  });

  it("keeps roles, sessions, the log and filters for administrators, and all but reporting for moderators", () => {
    const admins = ["setRole", "endSessions", "audit", "filters", "addFilter", "removeFilter"];
    const named = (role: Role) => rows.flatMap(([name, lowest]) => (lowest === role ? [name] : []));
    expect([named("admin"), named("user")]).toEqual([admins, ["report"]]);
  });

  it.each(rows)("%s takes %s and above, and nobody else", async (name, lowest) => {
    expect(await reasonOf(app.anonymous, name)).toBe("NOT_SIGNED_IN");
    expect(await reasonOf(await app.as("newcomer"), name)).toBe("EMAIL_NOT_VERIFIED");
    for (const role of ROLES) {
      const may = ROLES.indexOf(role) >= ROLES.indexOf(lowest);
      const reason = await reasonOf(await app.as(role), name);
      expect([role, reason === "FORBIDDEN"]).toEqual([role, !may]);
      if (may) expect(reason).toMatch(/^(ok|\w+_NOT_FOUND)$/);
    }
  });

  it("has every change but a report wait for a password, and refusals leave no row", async () => {
    const before = await AuditModel.countDocuments();
    const { freshFor } = DEFAULT_POLICY;
    const userId = oid(await app.id("admin"));
    const authenticatedAt = new Date(Date.now() - freshFor * 1000 - 60_000);
    await mongoose.connection.collection("sessions").updateMany({ userId }, { $set: { authenticatedAt } });
    for (const row of rows) {
      const reason = await reasonOf(await app.as("admin"), row[0]);
      const waits = changes(row) && row[0] !== "report";
      expect([row[0], reason === "REAUTH_REQUIRED"]).toEqual([row[0], waits]);
    }
    expect(await AuditModel.countDocuments()).toBe(before);
  });

  it("leaves reports and appeals a window of their own", () => {
    const windows = ["report", "appeal"].map((name) => procedures[`moderation.${name}`]?._def.meta?.limit);
    expect(windows).toEqual(["report", "appeal"]);
    for (const name of ["report", "appeal"] as const)
      expect(DEFAULT_POLICY.limits[name].length).toBeGreaterThan(0);
  });
});
