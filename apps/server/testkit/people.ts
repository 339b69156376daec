import { Role, type Tokens, Username } from "@warble/contracts";
import { z } from "zod";
import { contextOf } from "../seed/caller";
import { DEMO_PASSWORD } from "../seed/people";
import { createAccount, findAccount, proveAddress } from "../src/features/auth/account.service";
import { openSession } from "../src/features/auth/session.service";
import { changeUser, createUser, findUser } from "../src/features/users/user.service";
import type { App } from "../src/platform/context";
import { transaction } from "../src/platform/mongo";
import type { MadePerson, PersonInput } from "./protocol";

const Person = z.strictObject({
  name: Username,
  role: Role.optional(),
  verified: z.boolean().optional(),
});

/** What was asked for cannot be done: the message says why. */
export class Refusal extends Error {}

/** Makes somebody, verified unless they are not to be; or changes who is there. */
export async function makePerson(app: App, input: PersonInput): Promise<MadePerson> {
  const { name, verified, role } = checked(input);
  const passwordHash = await app.passwords.hash(DEMO_PASSWORD);
  return transaction(async () => {
    const found = await findUser({ username: name });
    if (found?.emailVerified && verified === false)
      throw new Refusal(
        `${name} has a verified address, and that cannot be undone: ask for it at the first use`,
      );
    const user = found ?? (await createUser(name, name));
    if (!found) await createAccount(user._id, { email: `${name.toLowerCase()}@example.com`, passwordHash });
    if (verified ?? !found) await proveAddress(user._id);
    if (role) await changeUser(String(user._id), { role });
    const account = await findAccount(user._id);
    return {
      id: String(user._id),
      username: user.username,
      email: account?.email ?? "",
      password: DEMO_PASSWORD,
    };
  });
}

/** Signs somebody in without asking for anything. */
export async function signIn(app: App, name: string): Promise<Tokens> {
  const user = await findUser({ username: name });
  if (!user) throw new Refusal(`Nobody is called ${name}: person("${name}") makes them`);
  const anonymous = { ...contextOf(app, null), userAgent: `testkit ${name}` };
  return transaction(() => openSession(anonymous, user));
}

function checked(input: PersonInput) {
  const parsed = Person.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = issue?.path.join(".");
  throw new Refusal(
    `person("${input.name}"): ${option && option !== "name" ? `${option}: ` : ""}${issue?.message}`,
  );
}
